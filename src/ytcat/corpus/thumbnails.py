"""Thumbnails: their files, how they are decoded, damaged ones, YouTube's placeholder for deleted videos."""

import hashlib
import io
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from PIL import Image, ImageCms, ImageOps

from ytcat.exceptions import YtcatError

WIDTH, HEIGHT = 120, 90  # YouTube's default.jpg
MAX_BYTES = 20_000_000  # of a file
MAX_PIXELS = 50_000_000  # according to the header; a larger picture is not decoded (decompression bomb)
EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp")  # in upper case, too; the content decides how to decode
SHARE = 32  # files that a thread takes at a time

Result = TypeVar("Result")
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_PLACES = [
    (x, y) for x in range(15, WIDTH, 30) for y in (30, 45, 60)
]  # x and y of some pixels of a thumbnail


class Thumbnail(NamedTuple):
    """The thumbnail file of a video."""

    content: bytes | None  # None unless usable
    state: str  # "ok", "missing", "placeholder", "too large", "unreadable" or "link out of the folder"
    sha256: str | None = None  # of the content


class ThumbnailFolder:
    """The thumbnails of a corpus folder: `thumbnails/<video_id>.jpg`, or another of the `EXTENSIONS`.

    `thumbnails` may be a link to a folder elsewhere. A link in it is followed to files in the corpus folder
    and in the folder of thumbnails, and nowhere else. Hidden files are passed over.
    """

    def __init__(self, source: Path) -> None:
        """List the files, once: an id matches only the names that exist, in the same upper and lower case.

        Raises YtcatError if `thumbnails` is not a folder.
        """
        folder = source / "thumbnails"
        if not folder.is_dir() and (folder.exists() or folder.is_symlink()):
            target = " but a link to something that is not a folder" if folder.is_symlink() else ""
            raise YtcatError(f"{folder} is not a folder{target}. Put the thumbnails there, or remove it.")
        self._inside = source.resolve(), folder.resolve()
        entries = os.scandir(folder) if folder.is_dir() else ()
        self._entries = {entry.name: entry for entry in entries if not entry.name.startswith(".")}
        self._sha256: dict[str, str] = {}  # of the thumbnails that have been read, by file name
        self._names: dict[str, list[str]] = {}
        for name in sorted(self._entries, key=_precedence):
            video_id, extension = _parts(name)
            if extension.lower() in EXTENSIONS:
                self._names.setdefault(video_id, []).append(name)

    def __len__(self) -> int:
        """How many entries the folder has, hidden files apart."""
        return len(self._entries)

    def read(self, video_ids: Iterable[str]) -> list[Thumbnail]:
        """The thumbnails of videos, read and decoded on all cores.

        Of several files of a video the first usable one counts, in the order of `EXTENSIONS`.
        """
        return self._on_all_cores(self._read, video_ids)

    def sha256(self) -> str:
        """The SHA-256 of the names and contents of the files, in whatever order they are listed.

        As `atomic_files.sha256_folder` has it: of a link that is not followed only the name and target count.
        """
        names = sorted(self._entries)
        digest = hashlib.sha256()
        for name, content in zip(names, self._on_all_cores(self._sha256_of, names), strict=True):
            if content:
                digest.update(os.fsencode(f"thumbnails/{name}\0{content}\0"))
        return digest.hexdigest()

    def _sha256_of(self, name: str) -> str:
        if name in self._sha256:
            return self._sha256[name]
        entry = self._entries[name]
        if self._leaves(entry):
            return f"link out of the folder: {Path(entry.path).resolve()}"
        try:
            if not entry.is_file():  # a folder, a pipe
                return ""
            with open(entry.path, "rb") as stream:  # noqa: PTH123 - of an os.DirEntry
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            return "unreadable"

    def _read(self, video_id: str) -> Thumbnail:
        failure = "missing"
        for name in self._names.get(video_id, ()):
            content, state = self._content(name)
            state = state or _status(content)
            if state == "ok":
                self._sha256[name] = hashlib.sha256(content).hexdigest()
                return Thumbnail(content, state, self._sha256[name])
            failure = state if failure == "missing" else failure
        return Thumbnail(None, failure)

    def _content(self, name: str) -> tuple[bytes | None, str]:
        """The bytes of a file, or None and the reason."""
        entry = self._entries[name]
        if self._leaves(entry):
            return None, "link out of the folder"
        try:
            if not entry.is_file():  # a folder, a pipe
                return None, "unreadable"
            if entry.stat().st_size > MAX_BYTES:
                return None, "too large"
            with open(entry.path, "rb") as stream:  # noqa: PTH123 - of an os.DirEntry
                return stream.read(), ""
        except OSError:
            return None, "unreadable"

    def _leaves(self, entry: os.DirEntry) -> bool:
        if not entry.is_symlink():
            return False
        target = Path(entry.path).resolve()
        return not any(target.is_relative_to(folder) for folder in self._inside)

    @staticmethod
    def _on_all_cores(function: Callable[[str], Result], values: Iterable[str]) -> list[Result]:
        values = list(values)
        shares = [values[start : start + SHARE] for start in range(0, len(values), SHARE)]
        # Warnings are silenced out here because `catch_warnings` is not thread-safe.
        with _pillow_silenced(), ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda share: [function(value) for value in share], shares)
            return [result for share in results for result in share]


def image_from_bytes(data: bytes) -> np.ndarray:
    """Decode a thumbnail into uint8 RGB, shape (90, 120, 3), as a browser shows it on a white page.

    A picture of another size is scaled with its proportions and letterboxed in black, as on YouTube. Raises
    ValueError if the data cannot be decoded to the end or the picture has more than MAX_PIXELS pixels.
    """
    with _pillow_silenced():
        return np.array(_letterboxed(_decode(data)))


def as_shown(data: bytes) -> bytes:
    """A thumbnail file for a page, the same picture as `image_from_bytes`: a plain 120 x 90 JPEG as it is,
    anything else as PNG.
    """
    with _pillow_silenced():
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.format == "JPEG" and image.size == (WIDTH, HEIGHT) and _is_plain(image):
                return data
        stream = io.BytesIO()
        _letterboxed(_decode(data)).save(stream, "PNG")
        return stream.getvalue()


def status(data: bytes) -> str:
    """The state of a thumbnail file, decoded to the end: "ok", "placeholder", "too large" or "unreadable"."""
    with _pillow_silenced():
        return _status(data)


class _TooLargeError(ValueError):
    """More pixels than MAX_PIXELS."""


@contextmanager
def _pillow_silenced() -> Iterator[None]:
    """Pillow warns of unusual files; only the outcome matters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _parts(name: str) -> tuple[str, str]:
    """A file name without its extension, and the extension with its dot. (A `Path` is slow to make.)"""
    stem, dot, extension = name.rpartition(".")
    return stem, dot + extension


def _precedence(name: str) -> tuple[int, bool, str]:
    extension = _parts(name)[1]
    rank = EXTENSIONS.index(extension.lower()) if extension.lower() in EXTENSIONS else len(EXTENSIONS)
    return rank, not extension.islower(), name


def _status(data: bytes) -> str:
    try:
        image = _decode(data)
    except _TooLargeError:
        return "too large"
    except ValueError:
        return "unreadable"
    return "placeholder" if _is_placeholder(image) else "ok"


def _decode(data: bytes) -> Image.Image:
    """The picture as RGB, in its own size, as a browser shows it on a white page."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _TooLargeError(f"{image.width} x {image.height} pixels, more than {MAX_PIXELS:,}")
            if image.info.get("default_image"):
                image.seek(1)  # an animated PNG with a picture for those who cannot show the animation
            box = image.tile[0].extents if image.format == "GIF" else None
            image.load()  # decodes to the end, so a truncated file raises
            if not _is_plain(image):
                shown = _as_in_a_browser(image)
            else:  # converting RGB to RGB would copy it, which takes a fifth of the time
                shown = image if image.mode == "RGB" else image.convert("RGB")
        return _outside_white(shown, box) if box else shown
    except (_TooLargeError, Image.DecompressionBombError) as error:
        raise _TooLargeError(str(error)) from None
    except Exception as error:  # on damaged data Pillow raises anything from OSError to SyntaxError
        raise ValueError(f"not a readable picture: {error}") from error


def _outside_white(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """The first picture of a GIF need not fill it: what lies outside its box is transparent."""
    shown = Image.new("RGB", image.size, "white")
    shown.paste(image.crop(box), box[:2])
    return shown


def _is_plain(image: Image.Image) -> bool:
    """Whether a picture has nothing but its colors: 8 bits, no transparency, orientation, color profile."""
    extras = {"transparency", "exif", "icc_profile"} & set(image.info)
    return image.mode in ("RGB", "L", "1", "P") and not extras


def _as_in_a_browser(image: Image.Image) -> Image.Image:
    """RGB: turned as EXIF says, 16 bits scaled to 8, blended with white, the color profile applied."""
    profile = image.info.get("icc_profile")
    with suppress(Exception):  # damaged EXIF, which a browser passes over
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        image = _from_16_bits(image)
    if image.mode == "CMYK":
        return _in_srgb(image, profile)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return _in_srgb(image.convert("RGB"), profile)


def _from_16_bits(image: Image.Image) -> Image.Image:
    """A picture of grey levels 0..65535 as one of 0..255, with transparency if one level is transparent."""
    levels = np.asarray(image).astype(np.int64).clip(0, 65535)
    grey = Image.fromarray((levels >> 8).astype(np.uint8))
    transparent = image.info.get("transparency")
    if transparent is None:
        return grey
    opacity = np.where(levels == transparent, 0, 255).astype(np.uint8)
    return Image.merge("LA", (grey, Image.fromarray(opacity)))


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colors of an ICC profile in sRGB; without one, or with one that does not fit, as they are."""
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return image.convert("RGB")


def _letterboxed(image: Image.Image) -> Image.Image:
    """The whole picture, centred between black bars, 120 x 90: `ImageOps.pad`, but for any proportions."""
    if image.size == (WIDTH, HEIGHT):
        return image
    width, height = WIDTH, max(1, round(image.height / image.width * WIDTH))
    if height > HEIGHT:
        width, height = max(1, round(image.width / image.height * HEIGHT)), HEIGHT
    frame = Image.new("RGB", (WIDTH, HEIGHT))
    place = round((WIDTH - width) / 2), round((HEIGHT - height) / 2)
    frame.paste(image.resize((width, height), Image.Resampling.BICUBIC), place)
    return frame


def _is_placeholder(image: Image.Image) -> bool:
    """Whether this is the grey 120 x 90 picture that YouTube serves for a deleted video.

    It is a plain grey ground with a small grey sign in the middle: no color anywhere, and at least three
    quarters of one light or medium grey. A black or white picture does not count: creators upload those.
    """
    if image.size != (WIDTH, HEIGHT):
        return False
    if any(max(color) - min(color) > 16 for color in map(image.getpixel, _PLACES)):
        return False  # most pictures have a color in one of these places: no need to look at the others
    red, grey, blue = np.asarray(image, dtype=np.int16).transpose(2, 0, 1)
    if max(np.abs(red - grey).max(), np.abs(blue - grey).max()) > 8:
        return False
    ground = np.median(grey)
    return bool(64 <= ground <= 240 and np.mean(np.abs(grey - ground) <= 4) >= 0.75)
