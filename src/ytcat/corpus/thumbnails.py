"""Decoding thumbnails, and telling real ones from broken ones and from YouTube's placeholder."""

import io
import warnings

import numpy as np
from PIL import Image, ImageOps

WIDTH, HEIGHT = 120, 90  # YouTube's default.jpg
MAX_BYTES = 20_000_000  # of a file
MAX_PIXELS = 50_000_000  # of a picture, by its header: more is not decoded (decompression bomb)

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def image_from_bytes(data: bytes) -> np.ndarray:
    """Decode a thumbnail into uint8 RGB, shape (90, 120, 3).

    Any color mode becomes RGB. Another size is scaled, keeping its proportions, and letterboxed in black as
    YouTube does. Raises ValueError if it cannot be decoded to its end or has more than MAX_PIXELS pixels.
    """
    image = _decode(data)
    if image.size != (WIDTH, HEIGHT):
        image = ImageOps.pad(image, (WIDTH, HEIGHT))
    return np.array(image)


def status(data: bytes) -> str:
    """What a thumbnail file is: "ok", "placeholder", "too large" or "unreadable"; decodes it to the end."""
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
        warnings.simplefilter("ignore")  # Pillow's, on odd pictures; the outcome says what matters
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise _TooLargeError(f"{image.width} x {image.height} pixels, more than {MAX_PIXELS:,}")
                return image.convert("RGB")  # reads to the end, so a truncated file raises
        except (_TooLargeError, Image.DecompressionBombError) as error:
            raise _TooLargeError(str(error)) from None
        except Exception as error:  # on broken data Pillow raises anything from OSError to SyntaxError
            raise ValueError(f"not a readable picture: {error}") from error


def _is_placeholder(image: Image.Image) -> bool:
    """Whether this is the grey 120 x 90 picture that YouTube serves for a deleted video.

    A plain grey ground with a small grey sign in its middle: no color anywhere, and most of it one light or
    middle grey. A black or a white picture is not one: creators do upload those.
    """
    if image.size != (WIDTH, HEIGHT):
        return False
    red, grey, blue = np.asarray(image, dtype=np.int16).transpose(2, 0, 1)
    if max(np.abs(red - grey).max(), np.abs(blue - grey).max()) > 8:
        return False
    ground = np.median(grey)
    return bool(64 <= ground <= 240 and np.mean(np.abs(grey - ground) <= 4) >= 0.75)
