"""A drawing of three ways to join title and thumbnail."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ytcat.figures.style import SERIES, SMALL, Theme, ThemedFigure, panels, themed

LEFT, MIDDLE, RIGHT = 0.25, 0.5, 0.75  # the columns of a panel
TOP, UPPER, LOWER, BOTTOM = 0.9, 0.63, 0.36, 0.09  # the rows of boxes


def ways_to_join() -> ThemedFigure:
    """Late fusion, a gate and cross-attention side by side, on an upright figure below each other."""

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 9.6 if theme.upright else 3.4))
        axes = panels(figure, theme, 3)
        for ax, (title, panel) in zip(axes, _PANELS.items(), strict=True):
            ax.set_axis_off()
            ax.set(xlim=(0, 1), ylim=(0, 1), title=title)
            panel(ax, theme)
        return figure

    return themed(
        draw,
        "Three ways to join title and thumbnail. Late fusion: models of the title and of the thumbnail give "
        "probabilities, which are weighted and multiplied. Gate: for each feature a gate, which sees both "
        "views, decides the share of the title and of the thumbnail. Cross-attention: words look at "
        "places of the thumbnail and places at words; both are averaged. Each ends in 14 probabilities.",
    )


def _late_fusion(ax: Axes, theme: Theme) -> None:
    _inputs(ax, theme, "title", "thumbnail")
    for x in (LEFT, RIGHT):
        _box(ax, theme, (x, UPPER), "14 probabilities")
        _arrow(ax, theme, (x, TOP), (x, UPPER))
        _arrow(ax, theme, (x, UPPER), (MIDDLE, LOWER))
    _box(ax, theme, (MIDDLE, LOWER), "weigh and multiply")
    _answer(ax, theme)


def _gate(ax: Axes, theme: Theme) -> None:
    _inputs(ax, theme, "title's\nfeatures", "thumbnail's\nfeatures")
    _box(ax, theme, (MIDDLE, UPPER), "gate: share of each")
    for x in (LEFT, RIGHT):
        _arrow(ax, theme, (x, TOP), (MIDDLE, UPPER))
        _arrow(ax, theme, (x, TOP), (MIDDLE + 0.9 * (x - MIDDLE), LOWER))
    _arrow(ax, theme, (MIDDLE, UPPER), (MIDDLE, LOWER))
    _box(ax, theme, (MIDDLE, LOWER), "mix, feature by feature")
    _answer(ax, theme)


def _cross_attention(ax: Axes, theme: Theme) -> None:
    _inputs(ax, theme, "32 words", "8 places")
    _box(ax, theme, (LEFT, UPPER), "words +\nwhat they see")
    _box(ax, theme, (RIGHT, UPPER), "places +\nwhat is said")
    for x in (LEFT, RIGHT):
        _arrow(ax, theme, (x, TOP), (x, UPPER))
        _arrow(ax, theme, (x, TOP), (1 - x, UPPER))
        _arrow(ax, theme, (x, UPPER), (MIDDLE, LOWER))
    _box(ax, theme, (MIDDLE, LOWER), "average and join")
    _answer(ax, theme)


_PANELS = {"Late fusion": _late_fusion, "Gate": _gate, "Cross-attention": _cross_attention}


def _inputs(ax: Axes, theme: Theme, title: str, thumbnail: str) -> None:
    for x, text, view in ((LEFT, title, "title"), (RIGHT, thumbnail, "thumbnail")):
        _box(ax, theme, (x, TOP), text, color=SERIES[view].paint(theme))


def _answer(ax: Axes, theme: Theme) -> None:
    _arrow(ax, theme, (MIDDLE, LOWER), (MIDDLE, BOTTOM))
    _box(ax, theme, (MIDDLE, BOTTOM), "category")


def _box(
    ax: Axes,
    theme: Theme,
    place: tuple[float, float],
    text: str,
    color: str | None = None,
) -> None:
    fill = color or theme.quiet
    frame = {"boxstyle": "round,pad=0.45", "facecolor": fill, "edgecolor": theme.muted, "linewidth": 0.8}
    ax.text(
        *place, text, ha="center", va="center", fontsize=SMALL,
        color=theme.text_on(fill), bbox=frame, zorder=3,
    )  # fmt: skip


def _arrow(ax: Axes, theme: Theme, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From the lower edge of the box at `start` to the upper edge of that at `end`."""
    above, below = (start[0], start[1] - 0.075), (end[0], end[1] + 0.08)
    line = {"arrowstyle": "-|>", "color": theme.muted, "linewidth": 1.1, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", below, above, arrowprops=line, zorder=2)
