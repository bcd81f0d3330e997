"""Attributions of answers as HTML: heat maps over thumbnails, and shaded words of titles."""

import io
from collections.abc import Sequence
from html import escape

import numpy as np
from IPython.display import HTML
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from PIL import Image

from ytcat.corpus import image_from_bytes
from ytcat.figures.gallery import GalleryItem, captioned, grid, picture, text_lines
from ytcat.figures.style import SERIES

HEAT_COLUMNS = 2  # at most
OVERLAY_SIZE = (240, 180)  # px, twice a thumbnail's
HEAT_SHARE = 0.55  # of the colour; the rest is the grey thumbnail
FOR, AGAINST = SERIES["this"].color, SERIES["slides"].color  # the blue and the orange of `style.SERIES`
STRONGEST = 0.45  # opacity; text keeps a contrast of 4.5 on it in both themes


def heat(items: Sequence[GalleryItem], maps: np.ndarray) -> HTML:
    """Each thumbnail beside a copy with its map, of `maps` (n, h, w) in 0..1, laid over it.

    Every item needs a thumbnail. The map is enlarged smoothly to the whole picture. Raises ValueError unless
    there is one map per item, and for a thumbnail that is missing or cannot be read.
    """
    missing = [item.title for item in items if item.thumbnail is None]
    if missing:
        raise ValueError(f"a heat map needs a thumbnail below it; missing for {missing}")
    cells = [_heat_cell(item, weights) for item, weights in zip(items, maps, strict=True)]
    return HTML(grid(cells, HEAT_COLUMNS) + _HEAT_LEGEND)


def token_weights(
    titles: Sequence[Sequence[str]], weights: Sequence[Sequence[float]], lines: Sequence[Sequence[str]]
) -> HTML:
    """The words of each title, blue if they speak for the answer, orange if against it.

    `weights`: for each title one number per word, the fall of the probability of the answer (-1..1) if the
    word is left out; nan for a word that the model does not read. `lines`: the text below each title.
    Raises ValueError if the lengths differ.
    """
    weights = [list(map(float, row)) for row in weights]
    strongest = max((abs(w) for row in weights for w in row if not np.isnan(w)), default=0.0)
    shown = (
        '<div style="margin: 0 0 0.9rem;">'
        '<div dir="auto" style="line-height: 2; overflow-wrap: anywhere;">'
        + " ".join(_word(word, weight, strongest) for word, weight in zip(words, row, strict=True))
        + f'</div><div style="font-size: 0.85rem;">{text_lines(below)}</div></div>'
        for words, row, below in zip(titles, weights, lines, strict=True)
    )
    return HTML(
        '<div class="ytcat-gallery tex2jax_ignore mathjax_ignore">'
        f"{''.join(shown)}{_word_legend(strongest)}</div>"
    )


# ---- heat


def _overlay(thumbnail: bytes, weights: np.ndarray) -> bytes:
    """The map in colour over the grey thumbnail as the model reads it (letterboxed to 4:3)."""
    grey = (
        Image.fromarray(image_from_bytes(thumbnail))
        .convert("L")
        .resize(OVERLAY_SIZE, Image.Resampling.BICUBIC)
    )
    smooth = Image.fromarray(np.asarray(weights, dtype=np.float32)).resize(
        OVERLAY_SIZE, Image.Resampling.BICUBIC
    )
    colour = colormaps["inferno"](np.clip(np.asarray(smooth), 0, 1))[..., :3] * 255
    mixed = HEAT_SHARE * colour + (1 - HEAT_SHARE) * np.asarray(grey, dtype=float)[..., np.newaxis]
    buffer = io.BytesIO()
    Image.fromarray(mixed.round().astype(np.uint8)).save(buffer, format="JPEG", quality=85)
    return buffer.getvalue()


def where(weights: np.ndarray) -> str:
    """The place of the largest weight of a map (h, w), in thirds of the picture: "top left", or "nowhere"."""
    if not np.any(weights > 0):
        return "nowhere"
    row, column = np.unravel_index(np.argmax(weights), weights.shape)
    vertical = ("top", "middle", "bottom")[int(3 * (row + 0.5) / weights.shape[0])]
    horizontal = ("left", "centre", "right")[int(3 * (column + 0.5) / weights.shape[1])]
    return f"{vertical} {horizontal}"


def _heat_cell(item: GalleryItem, weights: np.ndarray) -> str:
    overlay, described = _overlay(item.thumbnail, weights), f"Heat map, most weight: {where(weights)}"
    pair = (
        '<div style="display: grid; gap: 4px; max-width: 404px; '
        'grid-template-columns: repeat(auto-fit, minmax(min(110px, 100%), 1fr));">'
        f"{picture(item.thumbnail, item.title)}{picture(overlay, described)}</div>"
    )
    return captioned(pair, item.title, item.lines)


def _scale() -> str:
    """The colours of the heat over a middle grey, as a CSS gradient."""
    colours = colormaps["inferno"](np.linspace(0, 1, 6))[:, :3] * 255 * HEAT_SHARE + 128 * (1 - HEAT_SHARE)
    return ", ".join(f"rgb({r:.0f}, {g:.0f}, {b:.0f})" for r, g, b in colours)


_HEAT_LEGEND = (
    '<div style="font-size: 0.85rem; margin: 0.5rem 0;">no weight '
    '<span aria-hidden="true" style="display: inline-block; width: 90px; height: 0.7em; '
    f'background: linear-gradient(to right, {_scale()});"></span> most weight of this picture</div>'
)


# ---- words


def _word(word: str, weight: float, strongest: float) -> str:
    if np.isnan(weight):
        return f'<span style="opacity: 0.65;" title="not read by the model">{escape(word)}</span>'
    colour, line = (FOR, "solid") if weight > 0 else (AGAINST, "dotted")
    points = round(100 * weight)
    style, number = "", ""
    if strongest:
        style = f"background: {_faint(colour, STRONGEST * abs(weight) / strongest)}; "
    if points:
        style += f"border-bottom: 2px {line} {colour}; "
        # In its own direction, so that the sign stays before the number in right-to-left titles.
        number = f'<small dir="ltr" style="font-size: 0.7em; margin: 0 0.2em;">{_signed(points)}</small>'
    described = f"{_signed(round(100 * weight, 1))} points"
    return f'<span style="{style}padding: 0.1em 0.2em;" title="{described}">{escape(word)}{number}</span>'


def _faint(colour: str, opacity: float) -> str:
    red, green, blue = (round(255 * share) for share in to_rgb(colour))
    return f"rgba({red}, {green}, {blue}, {opacity:.3f})"


def _signed(points: float) -> str:
    return f"{points:+g}".replace("-", "−")


def _word_legend(strongest: float) -> str:
    examples = " ".join(
        f'<span style="background: {_faint(colour, STRONGEST)}; border-bottom: 2px {line} {colour}; '
        f'padding: 0.1em 0.2em;">{text}</span>'
        for text, line, colour in (("for the answer", "solid", FOR), ("against it", "dotted", AGAINST))
    )
    return (
        f'<div style="font-size: 0.85rem; line-height: 1.8;">{examples} &ensp;The number says by how many '
        "percentage points the answer's probability falls if the word is left out (full colour: "
        f'{100 * strongest:.3g}). <span style="opacity: 0.65;">Faded</span>: not read by the model.</div>'
    )
