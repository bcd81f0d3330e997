"""The pictures of README and chapters in `book/_static`, which are screenshots by tests."""

import io
import os

from PIL import Image

from ytcat import paths

FOLDER = paths.BOOK / "_static"
LARGEST = 100_000  # bytes


def keep(screenshot, name, colors=256, tallest=None):
    """Make the picture of that name from a screenshot (PNG as bytes), if `YTCAT_SCREENSHOT` is set."""
    path = FOLDER / name
    if os.environ.get("YTCAT_SCREENSHOT"):
        with Image.open(io.BytesIO(screenshot)) as image:
            part = image.crop((0, 0, image.width, min(image.height, tallest or image.height)))
            part.convert("RGB").quantize(colors, kmeans=8).save(path, optimize=True)
    assert path.stat().st_size < LARGEST
