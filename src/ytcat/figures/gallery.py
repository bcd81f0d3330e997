"""Thumbnails with their titles as HTML: titles hold emoji and right-to-left text, which plots cannot set."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

import pandas as pd
from IPython.display import HTML
from numpy.typing import ArrayLike

from ytcat.categories import NAMES
from ytcat.corpus import Corpus
from ytcat.corpus.thumbnails import as_shown

GAP = 14  # px
_SIZE = "display: block; width: 100%; max-width: 200px; aspect-ratio: 4 / 3; margin: 0 0 6px;"


class GalleryItem(NamedTuple):
    """One video: its thumbnail as a JPEG or PNG file (None: no image), its title, and lines of text below."""

    thumbnail: bytes | None
    title: str
    lines: list[str]


def gallery(items: Sequence[GalleryItem], columns: int = 4) -> HTML:
    """The videos in a responsive grid of at most `columns` columns.

    Raises ValueError if `columns` is not positive.
    """
    if columns < 1:
        raise ValueError(f"a gallery needs at least one column, got {columns}")
    return HTML(grid(map(_cell, items), columns))


def gallery_items(corpus: Corpus, rows: ArrayLike, lines: Iterable[list[str]]) -> list[GalleryItem]:
    """The videos of some rows of a corpus, with the lines of text below each."""
    titles = corpus.videos["title"].loc[rows]
    pictures = (file and as_shown(file) for file in corpus.thumbnail_bytes(rows))
    return list(map(GalleryItem, pictures, titles, lines))


def answer_lines(answers: pd.DataFrame) -> list[list[str]]:
    """The lines below each video of a table from `ytcat.runs.answers`: answer with confidence, and truth."""
    return [
        [f"answered {NAMES[row.answer]}, {row.confidence:.0%} sure", f"is {NAMES[row.truth]}"]
        for row in answers.itertuples()
    ]


def grid(cells: Iterable[str], columns: int) -> str:
    """Cells of HTML in a responsive grid, at most `columns` across."""
    # Fewer columns if one would be narrower than 150 px. Styles are inline because JupyterLab does not load
    # the book's stylesheet.
    widest = f"(100% - {GAP * (columns - 1)}px) / {columns}"
    style = f"display: grid; gap: {GAP}px; grid-template-columns: "
    style += f"repeat(auto-fill, minmax(max(min(150px, 45%), {widest}), 1fr));"
    # The classes keep MathJax from reading "$...$" in a title as a formula.
    return f'<div class="ytcat-gallery tex2jax_ignore mathjax_ignore" style="{style}">{"".join(cells)}</div>'


def picture(file: bytes, alt: str) -> str:
    """A JPEG or PNG file as HTML."""
    kind, data = "png" if file.startswith(b"\x89PNG") else "jpeg", base64.b64encode(file).decode()
    return (
        f'<img alt="{escape(alt)}" width="120" height="90" '
        f'style="{_SIZE} height: auto; object-fit: cover;" src="data:image/{kind};base64,{data}">'
    )


def captioned(image: str, title: str, lines: Sequence[str]) -> str:
    """A cell of the grid: HTML of a picture, below it a title and lines of plain text."""
    return (
        f'<div style="min-width: 0; font-size: 0.85rem; text-align: start;">{image}'
        '<div dir="auto" style="font-weight: 600; line-height: 1.3; overflow-wrap: anywhere;">'
        f"{escape(title)}</div>{text_lines(lines)}</div>"
    )


def text_lines(lines: Sequence[str]) -> str:
    """Lines of plain text as HTML."""
    return "".join(
        '<div dir="auto" style="opacity: 0.8; line-height: 1.35; overflow-wrap: anywhere;">'
        f"{escape(line)}</div>"
        for line in lines
    )


def _cell(item: GalleryItem) -> str:
    if item.thumbnail is None:
        image = (
            f'<div class="ytcat-no-image" style="{_SIZE} border: 1px dashed currentColor; opacity: 0.6; '
            'box-sizing: border-box; display: grid; place-items: center;">no thumbnail</div>'
        )
    else:
        image = picture(item.thumbnail, item.title)
    return captioned(image, item.title, item.lines)
