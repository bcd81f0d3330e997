"""The demo corpus's thumbnails: a drawing of a few discrete attributes, everything else at random."""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageEnhance

from ytcat.corpus.demo.canvas import PALETTES, Canvas, Palette
from ytcat.corpus.demo.scenes import SCENES
from ytcat.corpus.thumbnails import HEIGHT, WIDTH

SCALE = 2  # drawn this much larger, then averaged down: smooth edges
BAR = 11  # height in pixels of a letterbox bar: 16:9 within 4:3

WORDS = (
    *("WOW", "LIVE", "NEW", "TOP 10", "EPIC", "FAIL", "BEST", "WHY?", "OMG", "FREE"),
    *("WIN", "HOT", "#1", "NO!", "VS", "REAL?", "DAY 1", "PART 2", "FULL", "100%"),
)


class Attributes(NamedTuple):
    """What a thumbnail shows: all that depends on the category."""

    scene: str  # one of SCENES
    palette: str  # one of PALETTES
    people: int  # 0..3 people in the picture
    lower_third: bool  # a caption band at the bottom, as on television
    overlay: bool  # a short word in large letters
    bars: bool  # letterbox bars


def _caption(c: Canvas) -> None:
    """A lower third: a band with lines that stand for text."""
    top, fill = c.between(0.76, 0.82), c.color(0.85, 0.6)
    c.box(0, top, c.between(0.7, 1), top + 0.13, fill)
    c.box(0, top, 0.16, top + 0.13, (200, 20, 30))
    c.text(0.08, top + 0.065, "LIVE" if c.chance(0.5) else "NEW", 0.09, (255, 255, 255))
    x = 0.2
    while x < 0.62:
        w = c.between(0.03, 0.1)
        c.box(x, top + 0.04, x + w, top + 0.09, (240, 240, 240))
        x += w + 0.02


def _shout(c: Canvas) -> None:
    """A short word in large letters, with an outline or on a box, in a corner."""
    word = c.pick(WORDS)
    size = min(c.between(0.22, 0.34), 1.1 / len(word))  # no wider than half the picture
    x, y = c.pick([0.27, 0.73]), c.pick([0.17, 0.62])
    fill = c.pick([(255, 235, 40), (255, 255, 255), (255, 60, 50), (80, 255, 120)])
    if c.chance(0.3):
        w = 0.27 * size * len(word)
        c.box(x - w, y - 0.6 * size, x + w, y + 0.6 * size, (15, 15, 15))
    c.text(x, y, word, size, fill, stroke=(0, 0, 0))


def _framed(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The picture in its final size, as some camera frames it: nearer, off its center."""
    width, height = picture.size
    zoom = rng.uniform(0.74, 1)
    left, top = rng.random(2) * (1 - zoom) * (width, height)
    box = (left, top, left + zoom * width, top + zoom * height)
    return picture.resize((width // SCALE, height // SCALE), Image.Resampling.HAMMING, box)


def _graded(picture: Image.Image, palette: Palette, rng: np.random.Generator) -> Image.Image:
    picture = ImageEnhance.Color(picture).enhance(palette.saturation * rng.uniform(0.85, 1.15))
    picture = ImageEnhance.Brightness(picture).enhance(palette.brightness * rng.uniform(0.9, 1.1))
    return Image.blend(picture, Image.new("RGB", picture.size, palette.tint), palette.strength)


def draw(attributes: Attributes, rng: np.random.Generator) -> Image.Image:
    """A 120 x 90 RGB picture of the attributes. Everything that they leave open depends on rng only."""
    palette = PALETTES[attributes.palette]
    height = HEIGHT - 2 * BAR * attributes.bars
    blank = Image.new("RGB", (SCALE * WIDTH, SCALE * height))
    scene = Canvas(blank, palette, rng, mirrored=rng.random() < 0.5)
    SCENES[attributes.scene](scene, attributes.people)
    front = Canvas(_graded(_framed(scene.image, rng), palette, rng), palette, rng)
    if attributes.lower_third:
        _caption(front)
    if attributes.overlay:
        _shout(front)
    pixels = np.zeros((HEIGHT, WIDTH, 3))
    top = BAR * attributes.bars
    pixels[top : top + height] = front.image
    pixels += rng.normal(0, rng.uniform(1, 5), pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).round().astype(np.uint8))
