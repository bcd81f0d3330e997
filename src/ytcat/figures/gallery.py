"""Thumbnails with their titles as HTML: titles hold emoji and right-to-left text, which plots cannot set."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

GAP = 14  # px


class GalleryItem(NamedTuple):
    """One video: its thumbnail as JPEG bytes (None: no image), its title, and lines of text below."""

    jpeg: bytes | None
    title: str
    lines: list[str]


@dataclass(frozen=True)
class Gallery:
    """A grid of videos; Jupyter shows it as HTML."""

    items: Sequence[GalleryItem]
    columns: int

    def __repr__(self) -> str:
        return f"Gallery of {len(self.items)} videos"  # never the images: notebooks store the repr too

    def _repr_html_(self) -> str:
        # At most `columns` across, fewer where a column would be narrower than 150 px. Styles are
        # inline because JupyterLab does not load the book's stylesheet.
        widest = f"(100% - {GAP * (self.columns - 1)}px) / {self.columns}"
        grid = f"display: grid; gap: {GAP}px; grid-template-columns: "
        grid += f"repeat(auto-fill, minmax(max(min(150px, 45%), {widest}), 1fr));"
        cells = "".join(map(_cell, self.items))
        # The classes keep MathJax from reading "$...$" in a title as a formula.
        return f'<div class="ytcat-gallery tex2jax_ignore mathjax_ignore" style="{grid}">{cells}</div>'


def gallery(items: Sequence[GalleryItem], columns: int = 4) -> Gallery:
    """The videos in a responsive grid, at most `columns` in a line.

    Raises ValueError if `columns` is not positive.
    """
    if columns < 1:
        raise ValueError(f"a gallery needs at least one column, got {columns}")
    return Gallery(tuple(items), columns)


def _cell(item: GalleryItem) -> str:
    size = "display: block; width: 100%; max-width: 200px; aspect-ratio: 4 / 3; margin: 0 0 6px;"
    if item.jpeg is None:
        image = (
            f'<div class="ytcat-no-image" style="{size} border: 1px dashed currentColor; opacity: 0.6; '
            'box-sizing: border-box; display: grid; place-items: center;">no thumbnail</div>'
        )
    else:
        data = base64.b64encode(item.jpeg).decode()
        image = (
            f'<img alt="{escape(item.title)}" width="120" height="90" '
            f'style="{size} height: auto; object-fit: cover;" src="data:image/jpeg;base64,{data}">'
        )
    title = (
        '<div dir="auto" style="font-weight: 600; line-height: 1.3; overflow-wrap: anywhere;">'
        f"{escape(item.title)}</div>"
    )
    lines = "".join(
        '<div dir="auto" style="opacity: 0.8; line-height: 1.35; overflow-wrap: anywhere;">'
        f"{escape(line)}</div>"
        for line in item.lines
    )
    return f'<div style="min-width: 0; font-size: 0.85rem; text-align: start;">{image}{title}{lines}</div>'
