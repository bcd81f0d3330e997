"""Pictures of explorers, for pages without a kernel.

`live` and `trade_off` have none: the pages that use them show the same as a table or a figure.
"""

import base64
from html import escape

from IPython.display import HTML

from ytcat import paths

# What each picture shows: screenshots on the demo corpus, made by tests/explore/test_in_jupyterlab.py.
PICTURES = {
    "browser": "A search field and filters; below them thumbnails with title, channel and category.",
    "confusion": "A confusion matrix; below it the videos of the cell that was clicked.",
}
FOLDER = paths.BOOK / "_static"


def picture(name: str) -> HTML:
    """A picture of an explorer, one of `PICTURES`, with a line that says where it can be used."""
    data = base64.b64encode((FOLDER / f"explore_{name}.png").read_bytes()).decode()
    return HTML(
        f'<img alt="{escape(PICTURES[name])}" style="max-width: 100%; height: auto;" '
        f'src="data:image/png;base64,{data}">'
        "<p>A picture, taken on the demo corpus. In JupyterLab (<code>make lab</code>) it can be used.</p>"
    )
