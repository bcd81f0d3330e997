"""A picture of the experiment, for pages without a kernel."""

import base64

from ytcat import paths

# A screenshot on the demo corpus, made by tests/human/test_jupyterlab.py as described there.
PICTURE = paths.BOOK / "_static" / "labelling.png"


def picture() -> str:
    """The screenshot as HTML."""
    data = base64.b64encode(PICTURE.read_bytes()).decode()
    alt = "A video's thumbnail and title; beside them fourteen buttons, one per category, each with its key."
    return (
        f'<img alt="{alt}" width="740" style="max-width: 100%; height: auto;" '
        f'src="data:image/png;base64,{data}">'
    )
