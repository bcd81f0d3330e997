"""The style of all figures: light and dark theme, colour and marker of each series, SVG output."""

import base64
import io
import re
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import matplotlib.patheffects as effects
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ytcat.views import VIEWS

WIDTH = 7.7  # inches; at the SVG's 96 dpi the 740 px of the book's text column
UPRIGHT = 3.7  # the 355 px of a phone's
LABEL = 24  # characters of a row's label on an upright figure
NARROW = 600  # px; a window below this width gets the upright drawing
SMALL = 9  # points; the smallest text of a figure


@dataclass(frozen=True)
class Theme:
    """What depends on the page around the figure: colours, and the width."""

    background: str
    foreground: str
    muted: str  # secondary text
    grid: str
    quiet: str  # fills for "the rest"
    deep: str  # the far end of a matrix's colour scale
    middle: str  # its middle
    width: float = WIDTH  # inches

    @property
    def upright(self) -> bool:
        """Whether panels stand below each other, as on a phone."""
        return self.width < WIDTH

    @property
    def scale(self) -> LinearSegmentedColormap:
        """Single-hue scale from the background (0) to a strong blue (1), for matrices."""
        return LinearSegmentedColormap.from_list("ytcat", [self.background, self.middle, self.deep], N=32)

    @property
    def two_sided(self) -> LinearSegmentedColormap:
        """From vermilion (least) over the background to blue (most), for differences (Okabe & Ito)."""
        colors = [SERIES["slides"].color, self.background, SERIES["this"].color]
        return LinearSegmentedColormap.from_list("ytcat-two-sided", colors, N=33)

    def text_on(self, color: tuple[float, ...] | str) -> str:
        """Black or white, whichever has more contrast on `color` (WCAG 2.1 relative luminance)."""
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        return "#000000" if luminance > 0.179 else "#ffffff"


# Backgrounds of sphinx-book-theme 1.3, which draws the book.
LIGHT = Theme("#ffffff", "#1a1a1a", "#595959", "#e3e3e3", "#d4d4d4", "#08306b", "#5aa2d6")
DARK = Theme("#121212", "#e8e8e8", "#a8a8a8", "#333333", "#454545", "#c6e2f7", "#1f6ea8")


class Style(NamedTuple):
    """Colour and marker of a series."""

    color: str | None  # None: the theme's foreground
    marker: str

    def paint(self, theme: Theme) -> str:
        """The colour on that theme."""
        return self.color or theme.foreground


# One meaning per colour and marker, in every figure. Colours: Okabe & Ito 2008, "Color Universal Design"; its
# black is the theme's foreground. A name has the style of the longest key it begins with ("slides' test set":
# slides). The views are by key of `ytcat.views.VIEWS`.
SERIES = {
    "slides": Style("#D55E00", "s"),
    "people": Style("#009E73", "^"),
    "real videos": Style("#CC79A7", "D"),
    "this": Style("#0072B2", "o"),  # this run, this corpus
    "baseline": Style("#808080", "X"),
    "best possible": Style(None, "*"),
    "thumbnail": Style("#E69F00", "v"),
    "title": Style("#56B4E9", ">"),
    "both": Style("#F0E442", "P"),
}
ALIASES = {"majority": "baseline", "chance": "baseline"}
ALIASES |= {name.lower(): view.key for view in VIEWS.values() for name in (view.label, view.slides_model)}
SOURCES = ("slides", "people", "real videos", "this run", "baseline", "best possible")  # of `intervals`
THIS = SERIES["this"]


def style_of(name: str) -> Style | None:
    """The fixed style of a series whose name begins with one of `SERIES` or `ALIASES`, if any."""
    starts = [start for start in (*SERIES, *ALIASES) if name.lower().startswith(start)]
    longest = max(starts, key=len, default=None)
    return SERIES.get(ALIASES.get(longest, longest))


def styles_of(names: Iterable[str]) -> dict[str, Style]:
    """A style for each series of one figure, all different.

    A name without a fixed style, or the second name with the same one, gets a style that no other name has.
    Raises ValueError if there are more series than styles.
    """
    styles: dict[str, Style | None] = {}
    for name in names:
        style = style_of(name)
        styles[name] = None if style in styles.values() else style
    free = [style for style in reversed(SERIES.values()) if style not in styles.values()]
    missing = [name for name, style in styles.items() if style is None]
    if len(missing) > len(free):
        raise ValueError(f"{len(styles)} series in one figure; at most {len(SERIES)} can be told apart")
    return {**styles, **dict(zip(missing, free, strict=False))}


@dataclass(frozen=True)
class ThemedFigure:
    """One figure drawn for a light and for a dark page, wide and upright; Jupyter shows it as HTML."""

    light_svg: bytes = field(repr=False)  # notebooks store the repr too: keep the drawings out of it
    dark_svg: bytes = field(repr=False)
    alt: str
    light_upright: bytes = field(repr=False)
    dark_upright: bytes = field(repr=False)

    def _repr_html_(self) -> str:
        alt = escape(self.alt)

        def picture(upright: bytes, image: str) -> str:
            narrow = f'<source media="(max-width: {NARROW}px)" srcset="{_data_uri(upright)}">'
            return f'<picture>{narrow}<img alt="{alt}" {image}></picture>'

        # The dark one is `hidden` until book/_static/ytcat.css, which JupyterLab does not load, swaps them.
        light = picture(self.light_upright, f'class="ytcat-light" src="{_data_uri(self.light_svg)}"')
        dark = picture(self.dark_upright, f'class="ytcat-dark" hidden src="{_data_uri(self.dark_svg)}"')
        return f'<figure class="ytcat-figure">{light}{dark}</figure>'

    def save(self, folder: str | Path, name: str) -> None:
        """Write `<name>-light.svg` and `<name>-dark.svg` into an existing folder."""
        for theme, svg in (("light", self.light_svg), ("dark", self.dark_svg)):
            (Path(folder) / f"{name}-{theme}.svg").write_bytes(svg)


def themed(draw: Callable[[Theme], Figure], alt: str) -> ThemedFigure:
    """Draw a figure on both themes, wide and upright; the same input gives the same bytes."""
    wide, upright = (
        [_svg(draw, replace(theme, width=width)) for theme in (LIGHT, DARK)] for width in (WIDTH, UPRIGHT)
    )
    return ThemedFigure(*wide, alt, *upright)


def panels(figure: Figure, theme: Theme, n: int, **options: Any) -> np.ndarray:
    """Axes (n,) beside each other, on an upright figure below; `options` are those of `Figure.subplots`."""
    shape = (n, 1) if theme.upright else (1, n)
    return np.ravel(figure.subplots(*shape, squeeze=False, **options))


def _data_uri(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"


def _svg(draw: Callable[[Theme], Figure], theme: Theme) -> bytes:
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # settings of a notebook or a matplotlibrc must not change the report
        matplotlib.rcParams.update(_rc(theme))
        buffer = io.BytesIO()
        # As `savefig` writes it, which draws a figure twice, once unseen to lay it out.
        FigureCanvasSVG(draw(theme)).print_svg(buffer, metadata={"Date": None, "Creator": None})
    return _compact(buffer.getvalue())


def _compact(svg: bytes) -> bytes:
    """The same picture, smaller: no comments, line breaks, group ids or digits below 1/1000 point."""
    svg = re.sub(rb"<!--.*?-->", b"", svg, flags=re.DOTALL)
    svg = re.sub(rb">\s+<", b"><", svg)
    svg = re.sub(rb"\s*\n\s*", b" ", svg)
    svg = re.sub(rb'<g id="\w+">', b"<g>", svg)
    svg = svg.replace(b"DejaVuSans-", b"d")  # the glyphs' ids, the most frequent word of the file
    svg = svg.replace(b"xlink:href", b"href")
    svg = re.sub(rb'(<use [^>]*) transform="translate\(([-\d.]+) 0\)"', rb'\1 x="\2"', svg)
    return re.sub(rb"(\d\d\.\d{3})\d+", rb"\1", svg)  # not in 0.015625, the scale of all glyphs


def _rc(theme: Theme) -> dict[str, object]:
    return {
        **sns.axes_style("whitegrid"),
        "font.family": "DejaVu Sans",  # comes with matplotlib
        "font.size": SMALL + 0.5,
        **dict.fromkeys(["axes.labelsize", "axes.titlesize", "legend.fontsize"], SMALL + 0.5),
        **dict.fromkeys(["xtick.labelsize", "ytick.labelsize"], SMALL + 0.5),
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "text.parse_math": False,  # "$" is data
        "svg.fonttype": "path",  # the same everywhere, whatever fonts the reader has
        "svg.hashsalt": "ytcat",
        "figure.constrained_layout.use": True,
        "legend.frameon": False,
        **dict.fromkeys(["figure.facecolor", "axes.facecolor", "savefig.facecolor"], theme.background),
        **dict.fromkeys(["text.color", "axes.titlecolor", "xtick.labelcolor"], theme.foreground),
        **dict.fromkeys(["ytick.labelcolor", "axes.labelcolor"], theme.foreground),
        **dict.fromkeys(["grid.color", "axes.edgecolor", "xtick.color", "ytick.color"], theme.grid),
        "patch.edgecolor": theme.background,
    }


def marked_line(ax: Axes, x: ArrayLike, y: ArrayLike, *, style: Style, theme: Theme, label: str) -> None:
    """A line with markers in the style of a series, outlined so that pale colours stay visible."""
    color = style.paint(theme)
    outline = [effects.withStroke(linewidth=3.2, foreground=theme.muted)]
    ax.plot(x, y, color=color, linewidth=2, path_effects=outline)
    ax.plot(
        x, y, color=color, linestyle="", marker=style.marker, markersize=8, label=label,
        markeredgecolor=theme.foreground, markeredgewidth=0.6,
    )  # fmt: skip


def percent_axis(axis: matplotlib.axis.Axis, label: str) -> None:
    """Tick labels in percent for an axis of shares 0..1."""
    axis.set_major_formatter(lambda share, _: f"{100 * share:g}")
    axis.set_label_text(label)


def rows(ax: Axes, labels: Iterable[str]) -> None:
    """One row of the chart per label, the first on top, and no frame; on an upright figure labels wrap."""
    upright = ax.get_figure().get_figwidth() < WIDTH
    labels = [textwrap.fill(label, LABEL) if upright else label for label in labels]
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(max(len(labels), 1) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="y", visible=False)
    sns.despine(ax=ax, left=True, bottom=True)


def striped_rows(ax: Axes, theme: Theme, labels: Iterable[str]) -> None:
    """`rows`, every other one on a grey stripe, for charts with many marks per row."""
    labels = list(labels)
    rows(ax, labels)
    for row in range(0, len(labels), 2):
        ax.axhspan(row - 0.5, row + 0.5, color=theme.grid, alpha=0.4, linewidth=0, zorder=0)


def legend_above(figure: Figure, ax: Axes, **options: object) -> None:
    """A legend of the series of `ax` above the figure, in as few lines as fit into the width."""
    handles, labels = ax.get_legend_handles_labels()
    if figure.get_figwidth() < WIDTH:
        labels = [textwrap.fill(label, 2 * LABEL - 8) for label in labels]
    for lines in range(1, len(labels) + 1):
        legend = figure.legend(
            handles, labels, loc="outside upper center", ncols=-(-len(labels) // lines), handletextpad=0.4,
            **options,
        )  # fmt: skip
        if lines == len(labels) or legend.get_window_extent().width <= figure.bbox.width:
            break
        legend.remove()
