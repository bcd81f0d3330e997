"""Decoding thumbnails; recognizing damaged files and YouTube's placeholder for deleted videos."""

import io
import warnings

import numpy as np
from PIL import Image, ImageOps

WIDTH, HEIGHT = 120, 90  # YouTube's default.jpg
MAX_BYTES = 20_000_000  # of a file
MAX_PIXELS = 50_000_000  # according to the header; a larger picture is not decoded (decompression bomb)

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def image_from_bytes(data: bytes) -> np.ndarray:
    """Decode a thumbnail into uint8 RGB, shape (90, 120, 3).

    Every color mode is converted to RGB. A picture of another size is scaled with its proportions and
    letterboxed in black, as on YouTube. Raises ValueError if the data cannot be decoded to the end or the
    picture has more than MAX_PIXELS pixels.
    """
    image = _decode(data)
    if image.size != (WIDTH, HEIGHT):
        image = ImageOps.pad(image, (WIDTH, HEIGHT))
    return np.array(image)


def status(data: bytes) -> str:
    """The state of a thumbnail file, decoded to the end: "ok", "placeholder", "too large" or "unreadable"."""
    try:
        image = _decode(data)
    except _TooLargeError:
        return "too large"
    except ValueError:
        return "unreadable"
    return "placeholder" if _is_placeholder(image) else "ok"


class _TooLargeError(ValueError):
    """More pixels than MAX_PIXELS."""


def _decode(data: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of unusual files; only the outcome matters
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise _TooLargeError(f"{image.width} x {image.height} pixels, more than {MAX_PIXELS:,}")
                return image.convert("RGB")  # decodes to the end, so a truncated file raises
        except (_TooLargeError, Image.DecompressionBombError) as error:
            raise _TooLargeError(str(error)) from None
        except Exception as error:  # on damaged data Pillow raises anything from OSError to SyntaxError
            raise ValueError(f"not a readable picture: {error}") from error


def _is_placeholder(image: Image.Image) -> bool:
    """Whether this is the grey 120 x 90 picture that YouTube serves for a deleted video.

    It is a plain grey ground with a small grey sign in the middle: no color anywhere, and at least three
    quarters of one light or medium grey. A black or white picture does not count: creators upload those.
    """
    if image.size != (WIDTH, HEIGHT):
        return False
    red, grey, blue = np.asarray(image, dtype=np.int16).transpose(2, 0, 1)
    if max(np.abs(red - grey).max(), np.abs(blue - grey).max()) > 8:
        return False
    ground = np.median(grey)
    return bool(64 <= ground <= 240 and np.mean(np.abs(grey - ground) <= 4) >= 0.75)
