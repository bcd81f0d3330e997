"""The canvas on which the demo corpus's thumbnails are painted: palettes, shapes, people."""

import colorsys
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Color = tuple[int, int, int]
Point = tuple[float, float]
T = TypeVar("T")


class Palette(NamedTuple):
    """The range of hues of what is painted, and the grading of the finished picture."""

    hue: float  # center of the hues, 0..1
    spread: float  # their half-width
    saturation: float  # 1 = as drawn
    brightness: float  # 1 = as drawn
    tint: Color  # a color laid over everything
    strength: float  # of the tint, 0..1


PALETTES = {
    "warm": Palette(0.06, 0.08, 1.15, 1.0, (255, 150, 60), 0.20),
    "cool": Palette(0.58, 0.10, 1.0, 0.95, (40, 120, 220), 0.22),
    "dark": Palette(0.68, 0.20, 0.9, 0.62, (10, 10, 40), 0.12),
    "vivid": Palette(0.50, 0.50, 1.6, 1.1, (255, 255, 255), 0.0),
    "pastel": Palette(0.92, 0.25, 0.7, 1.1, (255, 225, 235), 0.28),
    "gray": Palette(0.60, 0.50, 0.35, 1.0, (150, 150, 150), 0.10),
}


def shaded(color: Color, factor: float) -> Color:
    """The color darkened (a factor below 1) or lightened."""
    return tuple(min(255, int(part * factor)) for part in color)


class Canvas:
    """A picture in the making. Places are fractions of its width and height, radii of its height.

    On a mirrored canvas left is right, except within a text, which stays readable.
    """

    def __init__(
        self, image: Image.Image, palette: Palette, rng: np.random.Generator, mirrored: bool = False
    ) -> None:
        self.image = image
        self.width, self.height = image.size
        self.mirrored = mirrored
        self.palette, self.rng = palette, rng
        self.pen = ImageDraw.Draw(self.image)

    def color(self, saturation: float = 0.7, value: float = 0.8, hue: float | None = None) -> Color:
        """A color of the palette, or near the given hue, jittered."""
        center, spread = (self.palette.hue, self.palette.spread) if hue is None else (hue, 0.03)
        hue = (center + self.rng.uniform(-spread, spread)) % 1
        saturation, value = (min(max(x + self.rng.normal(0, 0.07), 0), 1) for x in (saturation, value))
        return tuple(int(255 * part) for part in colorsys.hsv_to_rgb(hue, saturation, value))

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, each as probable as the others."""
        return options[self.rng.integers(len(options))]

    def between(self, low: float, high: float) -> float:
        """A number drawn uniformly."""
        return float(self.rng.uniform(low, high))

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return bool(self.rng.random() < probability)

    def _xy(self, points: Iterable[Point]) -> list[Point]:
        return [((1 - x if self.mirrored else x) * self.width, y * self.height) for x, y in points]

    def _corners(self, x0: float, y0: float, x1: float, y1: float) -> list[Point]:
        """The upper left and the lower right corner of a box, in pixels."""
        (left, top), (right, bottom) = self._xy([(x0, y0), (x1, y1)])
        return [(min(left, right), min(top, bottom)), (max(left, right), max(top, bottom))]

    def gradient(self, top: Color, bottom: Color, y0: float = 0, y1: float = 1) -> None:
        """Fill the rows from y0 to y1 with colors between top and bottom."""
        first, last = round(y0 * self.height), round(y1 * self.height)
        mix = np.linspace(0, 1, max(last - first, 1))[:, None, None]
        rows = np.array(top) * (1 - mix) + np.array(bottom) * mix
        strip = Image.fromarray(rows.astype(np.uint8)).resize(
            (self.width, len(rows)), Image.Resampling.NEAREST
        )
        self.image.paste(strip, (0, first))

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: Color, radius: float = 0) -> None:
        """A rectangle with rounded corners."""
        self.pen.rounded_rectangle(self._corners(x0, y0, x1, y1), radius * self.height, fill)

    def disk(
        self,
        x: float,
        y: float,
        rx: float,
        fill: Color,
        ry: float | None = None,
        outline: Color | None = None,
    ) -> None:
        """An ellipse about (x, y) with half-axes rx, ry in fractions of the height."""
        rx, ry = rx * self.height, (rx if ry is None else ry) * self.height
        [(x, y)] = self._xy([(x, y)])
        self.pen.ellipse((x - rx, y - ry, x + rx, y + ry), fill, outline, width=2)

    def chord(self, x0: float, y0: float, x1: float, y1: float, fill: Color, outline: Color) -> None:
        """The lower half of the ellipse in a box: a laughing mouth."""
        self.pen.chord(self._corners(x0, y0, x1, y1), 10, 170, fill, outline, width=2)

    def polygon(self, points: Iterable[Point], fill: Color) -> None:
        """A filled polygon."""
        self.pen.polygon(self._xy(points), fill)

    def line(self, points: Iterable[Point], fill: Color, width: float = 0.01) -> None:
        """A line through the points; its width is a fraction of the height."""
        self.pen.line(self._xy(points), fill, max(1, round(width * self.height)), joint="curve")

    def text(
        self, x: float, y: float, text: str, size: float, fill: Color, stroke: Color | None = None
    ) -> None:
        """Text centered on (x, y), its size a fraction of the height."""
        font = ImageFont.load_default(max(8, round(size * self.height)))
        self.pen.text(
            self._xy([(x, y)])[0],
            text,
            fill,
            font,
            anchor="mm",
            stroke_width=0 if stroke is None else max(1, round(0.02 * self.height)),
            stroke_fill=stroke,
        )

    def glow(self, points: Iterable[Point], color: Color, opacity: float) -> None:
        """A translucent polygon: beams of light, shadows."""
        mask = Image.new("L", self.image.size)
        ImageDraw.Draw(mask).polygon(self._xy(points), fill=round(255 * opacity))
        self.image.paste(color, mask=mask)

    def ridge(self, y: float, rough: float, fill: Color, peaks: int = 8) -> None:
        """Hills: everything below a jagged line about height y."""
        heights = y - np.abs(self.rng.normal(0, rough, peaks + 1))
        self.polygon([(0, 1), *zip(np.linspace(0, 1, peaks + 1), heights, strict=True), (1, 1)], fill)

    def people(self, n: int, floor: float, size: float, full: bool = False) -> None:
        """n people, side by side at random places; size is the head's radius."""
        for place in range(n):
            x = (place + 0.5) / n * 0.8 + 0.1 + self.between(-0.12, 0.12) / n
            self.person(x, floor, size * self.between(0.9, 1.15), full)

    def person(self, x: float, floor: float, head: float, full: bool = False) -> None:
        """A person whose feet (full) or lower edge (a bust) are at height floor."""
        skin = self.color(self.between(0.3, 0.6), self.between(0.4, 0.98), 0.06)
        hair = self.color(self.between(0.2, 0.7), self.between(0.05, 0.6), 0.07)
        shirt = self.color(self.between(0.4, 0.95), self.between(0.35, 0.95))
        unit = head * self.height / self.width  # the head's radius across
        top = floor - head * (7.4 if full else 3.6)  # the middle of the head
        long_hair = self.chance(0.45)
        if long_hair:
            self.box(x - 1.15 * unit, top - 0.5 * head, x + 1.15 * unit, top + 1.8 * head, hair, 0.9 * head)
        shoulders = top + 1.5 * head
        hips = top + (4.4 if full else 8) * head
        self.box(x - 0.35 * unit, top, x + 0.35 * unit, shoulders + 0.4 * head, skin)
        if full:
            trousers = self.color(0.4, 0.3)
            stride = self.between(0.3, 1.3) * unit
            for foot in (x - stride, x + stride):
                self.line([(x, hips - 0.4 * head), (foot, floor)], trousers, 0.8 * head)
        # Arms: from the shoulder to somewhere.
        for side in (-1, 1):
            hand = (x + side * self.between(1.6, 3.2) * unit, shoulders + self.between(-1.8, 2.8) * head)
            self.line([(x + side * 1.3 * unit, shoulders + 0.5 * head), hand], shirt, 0.7 * head)
            self.disk(*hand, 0.38 * head, skin)
        self.box(x - 1.7 * unit, shoulders, x + 1.7 * unit, min(hips, 1.2), shirt, 0.8 * head)
        self.disk(x, top - 0.25 * head, 1.08 * head, hair)
        self.disk(x, top + 0.12 * head, 0.88 * head, skin, 0.98 * head)
        if head > 0.06:  # a face, where there is room for one
            for side in (-1, 1):
                self.disk(x + side * 0.36 * unit, top, 0.13 * head, (250, 250, 250), 0.13 * head)
                self.disk(x + side * 0.36 * unit, top, 0.09 * head, (20, 20, 20))
            mouth = (150, 40, 40)
            self.disk(x, top + 0.55 * head, 0.3 * head, mouth, self.between(0.05, 0.22) * head)
