"""Pictures of every kind, as a browser shows them on a white page."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from ytcat.corpus.thumbnails import ThumbnailFolder, as_shown, image_from_bytes, status
from ytcat.exceptions import YtcatError

SIZE = (120, 90)
RAMP = np.tile(np.linspace(0, 255, 120).round().astype(np.uint8), (90, 1))


def file_of(image, image_format="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, image_format, **options)
    return stream.getvalue()


def test_sixteen_bits_are_scaled_to_eight():
    levels = RAMP.astype(np.uint16) * 257
    image = image_from_bytes(file_of(Image.fromarray(levels)))
    np.testing.assert_array_equal(image, np.stack([RAMP] * 3, axis=-1))


def test_a_transparent_level_of_sixteen_bits_is_white():
    levels = RAMP.astype(np.uint16) * 257
    image = image_from_bytes(file_of(Image.fromarray(levels), transparency=0))
    assert (image[:, 0] == 255).all()
    np.testing.assert_array_equal(image[:, 1:], np.stack([RAMP[:, 1:]] * 3, axis=-1))


def transparent(mode):
    """A black bar on a ground that is transparent and black below."""
    image = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 30, 120, 60))
    if mode == "P":
        image = image.quantize(4)
    elif mode != "RGBA":
        image = image.convert(mode)
    return image


@pytest.mark.parametrize(
    ("mode", "image_format"),
    [("RGBA", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGBA", "WEBP"), ("RGBA", "GIF")],
)
def test_what_is_transparent_is_white(mode, image_format):
    options = {"lossless": True} if image_format == "WEBP" else {}
    image = image_from_bytes(file_of(transparent(mode), image_format, **options))
    assert (image[:30] == 255).all() and (image[60:] == 255).all()
    assert (image[30:60] == 0).all()


def test_a_transparent_color_is_white():
    image = Image.new("RGB", SIZE, (10, 20, 30))
    image.paste((200, 0, 0), (0, 0, 60, 90))
    shown = image_from_bytes(file_of(image, transparency=(10, 20, 30)))
    assert (shown[:, 60:] == 255).all()
    assert (shown[:, :60] == (200, 0, 0)).all()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_plain_modes_are_what_pillow_makes_of_them(mode):
    source = Image.fromarray(RAMP).convert(mode)
    np.testing.assert_array_equal(image_from_bytes(file_of(source)), np.asarray(source.convert("RGB")))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_as_its_exif_says(orientation, image_format):
    pixels = np.zeros((90, 120, 3), np.uint8)
    pixels[:45, :60] = 255  # white at the top left
    source, exif = Image.fromarray(pixels), Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if image_format == "WEBP" else {}
    shown = image_from_bytes(file_of(source, image_format, exif=exif, **options))
    turned = {2: "mtr", 3: "br", 4: "bl", 5: "tl", 6: "tr", 7: "br", 8: "bl"}.get(orientation, "tl")
    turned = {"mtr": "tr"}.get(turned, turned)
    light = Image.fromarray(shown).convert("L")
    width = 60 if orientation < 5 else 34  # upright pictures have bars at the sides
    corners = {
        "tl": light.getpixel((60 - width // 2, 10)),
        "tr": light.getpixel((59 + width // 2, 10)),
        "bl": light.getpixel((60 - width // 2, 80)),
        "br": light.getpixel((59 + width // 2, 80)),
    }
    assert max(corners, key=corners.get) == turned
    assert sorted(corners.values())[-1] > 200 > 50 > sorted(corners.values())[-2]


def test_damaged_exif_is_passed_over():
    source = Image.fromarray(np.stack([RAMP] * 3, axis=-1))
    for exif in (b"Exif\0\0MM\0*", b"Exif\0\0nonsense", b"x"):
        data = file_of(source, "JPEG", exif=exif)
        assert status(data) == "ok"
        np.testing.assert_array_equal(image_from_bytes(data), image_from_bytes(file_of(source, "JPEG")))


@pytest.mark.parametrize("image_format", ["GIF", "PNG", "WEBP"])
def test_of_an_animation_the_first_picture_counts(image_format):
    first, *others = [Image.new("RGB", SIZE, color) for color in ("red", "green", "blue")]
    data = file_of(first, image_format, save_all=True, append_images=others, duration=100)
    image = image_from_bytes(data).astype(int)
    assert (np.abs(image - (255, 0, 0)) < 12).all()


def test_what_the_first_picture_of_a_gif_leaves_free_is_white():
    data = bytearray(file_of(Image.new("L", (60, 45), 0), "GIF"))
    data[6:10] = struct.pack("<HH", *SIZE)  # of the screen
    descriptor = data.index(b",\0\0\0\0")
    data[descriptor + 1 : descriptor + 5] = struct.pack("<HH", 30, 20)  # where the picture begins
    image = image_from_bytes(bytes(data))
    assert (image[20:65, 30:90] == 0).all()
    assert (image.astype(int).sum() == 255 * 3 * (120 * 90 - 60 * 45)).all()


def test_the_still_picture_of_an_animated_png_is_not_the_animation():
    still, *others = [Image.new("RGB", SIZE, color) for color in ("black", "red", "blue")]
    data = file_of(still, "PNG", save_all=True, append_images=others, default_image=True, duration=100)
    assert (image_from_bytes(data) == (255, 0, 0)).all()


def test_a_color_profile_is_applied_as_a_browser_does():
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    source = Image.fromarray(np.stack([RAMP, RAMP[:, ::-1], RAMP], axis=-1))
    plain = image_from_bytes(file_of(source)).astype(int)
    same = image_from_bytes(file_of(source, icc_profile=swapped.tobytes())).astype(int)
    assert np.abs(same - plain).max() <= 2
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for unfit in (lab, b"nonsense"):
        np.testing.assert_array_equal(image_from_bytes(file_of(source, icc_profile=unfit)), plain)


@pytest.mark.parametrize(
    "size",
    [(1, 1), (1, 5000), (5000, 1), (121, 90), (119, 91), (90, 120), (1280, 720), (480, 360), (720, 1280)],
)
def test_any_size_is_letterboxed(size):
    data = file_of(Image.new("RGB", size, "white"))
    image = image_from_bytes(data)
    assert status(data) == "ok"
    assert image.shape == (90, 120, 3)
    assert image.max() == 255
    if min(size) > 1:
        np.testing.assert_array_equal(image, np.asarray(ImageOps.pad(Image.new("RGB", size, "white"), SIZE)))


def test_a_wide_picture_has_the_bars_that_youtube_gives_it():
    image = image_from_bytes(file_of(Image.new("RGB", (1280, 720), "white"), "JPEG"))
    assert np.flatnonzero(image.any(axis=(1, 2))).tolist() == list(range(11, 79))


@pytest.mark.parametrize(
    ("image", "image_format", "options"),
    [
        (Image.fromarray(RAMP.astype(np.uint16) * 257), "PNG", {}),
        (transparent("RGBA"), "PNG", {}),
        (Image.new("RGB", (64, 200), "red"), "JPEG", {}),
        (Image.new("CMYK", SIZE, (10, 200, 30, 40)), "JPEG", {}),
        (Image.fromarray(np.stack([RAMP] * 3, axis=-1)), "JPEG", {}),
        (Image.fromarray(RAMP), "JPEG", {}),
    ],
)
def test_the_picture_shown_is_the_picture_predicted(image, image_format, options):
    data = file_of(image, image_format, **options)
    shown = as_shown(data)
    with Image.open(io.BytesIO(shown)) as opened:
        assert opened.size == SIZE
        np.testing.assert_array_equal(np.asarray(opened.convert("RGB")), image_from_bytes(data))


def test_a_plain_thumbnail_is_shown_byte_for_byte():
    data = file_of(Image.fromarray(RAMP), "JPEG")
    assert as_shown(data) == data


def test_what_cannot_be_read_to_its_end_is_named(tmp_path):
    whole = file_of(Image.effect_noise(SIZE, 80), "JPEG")
    (tmp_path / "thumbnails").mkdir()
    (tmp_path / "thumbnails" / "a.jpg").write_bytes(whole[:-300])
    (tmp_path / "thumbnails" / "b.jpg").write_bytes(whole)
    states = [thumbnail.state for thumbnail in ThumbnailFolder(tmp_path).read(["a", "b", "c"])]
    assert states == ["unreadable", "ok", "missing"]


def test_thumbnails_that_are_no_folder_are_refused(tmp_path):
    (tmp_path / "thumbnails").symlink_to(tmp_path / "nowhere")
    with pytest.raises(YtcatError, match="not a folder but a link to something that is not a folder"):
        ThumbnailFolder(tmp_path)
    (tmp_path / "nowhere").write_text("a file", encoding="utf-8")
    with pytest.raises(YtcatError, match="thumbnails is not a folder"):
        ThumbnailFolder(tmp_path)
