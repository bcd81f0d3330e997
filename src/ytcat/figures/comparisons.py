"""Figures of the reference runs: blocks of labelled rows, models on several splits, differences of models."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ytcat.figures.style import (
    SERIES,
    Style,
    Theme,
    ThemedFigure,
    legend_above,
    percent_axis,
    rows,
    striped_rows,
    style_of,
    themed,
)
from ytcat.views import SPLITS, label

# Of the splits, all of real videos: filled where the channels are known, hollow where they are new.
_SPLIT_STYLES = {
    "random": SERIES["real videos"],
    "channel": SERIES["real videos"],
    "time": Style(None, "d"),
}


def blocks(table: pd.DataFrame, reference: tuple[str, float] | None = None) -> ThemedFigure:
    """Accuracies with 95 % intervals in blocks of labelled rows, in the order of the table.

    table: columns `block` (the heading of the rows that follow each other), `label`, `source` (a name with a
    style of `ytcat.figures.style`), `value`, `low`, `high` (shares 0..1), `outer_low`, `outer_high` (of a
    second, wider interval, drawn thin; NaN where there is none), `hollow` (bool, the mark is not filled).
    reference: a name and an accuracy, marked by a vertical line.
    """
    heads = table["block"].ne(table["block"].shift()).to_numpy()
    places = np.arange(len(table)) + np.cumsum(heads)  # a row for each heading
    names = pd.Series(table["label"].to_numpy(), index=places)
    names = pd.concat([names, pd.Series(table["block"].to_numpy()[heads], index=places[heads] - 1)])
    names = names.sort_index()

    def draw(theme: Theme) -> Figure:
        wide = 0.27 if len(names) <= 20 else 0.25  # inches; many rows stand closer
        figure = Figure(figsize=(theme.width, 0.9 + (0.36 if theme.upright else wide) * len(names)))
        ax = figure.subplots()
        rows(ax, names)
        for tick, place in zip(ax.get_yticklabels(), names.index, strict=True):
            tick.set_fontweight("bold" if place not in places else "normal")
        if reference:
            name, value = reference
            ax.axvline(value, color=theme.muted, linewidth=1.2, linestyle=":", zorder=1)
            ax.annotate(
                name, (value, 1), xycoords=ax.get_xaxis_transform(), xytext=(0, 3),
                textcoords="offset points", ha="center", color=theme.muted,
            )  # fmt: skip
        for place, line in zip(places, table.itertuples(), strict=True):
            style = style_of(line.source)
            color = style.paint(theme)
            ax.hlines(place, line.outer_low, line.outer_high, color=color, linewidth=1)
            ax.hlines(place, line.low, line.high, color=color, linewidth=2.6)
            _mark(ax, line.value, place, style, theme, hollow=line.hollow)
            end = np.nanmax([line.high, line.outer_high])
            ax.annotate(
                f"{100 * line.value:.0f} %", (end, place), xytext=(7, 0), textcoords="offset points",
                va="center", fontweight="bold",
            )  # fmt: skip
        percent_axis(
            ax.xaxis, _axis("Videos put into the right one of 14 categories (%), with 95% interval", theme)
        )
        ax.xaxis.set_major_locator(MaxNLocator(4 if theme.upright else 8, steps=[1, 2, 5, 10]))
        return figure

    described = "; ".join(
        f"{line.block}, {line.label}: {_interval(line.value, line.low, line.high)}"
        for line in table.itertuples()
    )
    mark = f" The line '{reference[0]}' is at {reference[1]:.1%}." if reference else ""
    return themed(draw, f"Accuracy in percent with 95% intervals. {described}.{mark}")


def splits(table: pd.DataFrame) -> ThemedFigure:
    """Accuracies of models, one row each in the order of the table, with a mark and an interval per split.

    table: columns `model` (key or name), `split` (a key of `ytcat.views.SPLITS`), `value`, `low`, `high`
    (shares 0..1); a model need not have all splits.
    """
    models = list(dict.fromkeys(table["model"]))
    by_split = {split: table[table["split"] == split] for split in SPLITS if (table["split"] == split).any()}
    offsets = np.linspace(-0.24, 0.24, len(by_split)) if len(by_split) > 1 else [0.0]

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 1.1 + (0.4 if theme.upright else 0.34) * len(models)))
        ax = figure.subplots()
        striped_rows(ax, theme, [label(model) for model in models])
        for offset, (split, lines) in zip(offsets, by_split.items(), strict=True):
            style = _SPLIT_STYLES[split]
            for number, line in enumerate(lines.itertuples()):
                place = models.index(line.model) + offset
                ax.hlines(place, line.low, line.high, color=style.paint(theme), linewidth=1.6)
                name = SPLITS[split].label if number == 0 else None
                _mark(ax, line.value, place, style, theme, hollow=split == "channel", name=name, size=38)
        percent_axis(ax.xaxis, _axis("Top-1 accuracy (%), with 95% interval over channels", theme))
        ax.xaxis.set_major_locator(MaxNLocator(4 if theme.upright else 8, steps=[1, 2, 5, 10]))
        legend_above(figure, ax)
        return figure

    described = "; ".join(
        f"{label(line.model)}, {SPLITS[line.split].label}: {_interval(line.value, line.low, line.high)}"
        for line in table.itertuples()
    )
    return themed(draw, f"Top-1 accuracy in percent with 95% intervals. {described}.")


def forest(table: pd.DataFrame) -> ThemedFigure:
    """Differences of two models in points, one row each in the order of the table, with 95 % intervals.

    table: columns `label`, `value`, `low`, `high` (-1..1), `shown` (bool; a hollow mark where it is false),
    `note` (text right of the row).
    """

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 0.9 + (1.0 if theme.upright else 0.48) * len(table)))
        ax = figure.subplots()
        rows(ax, [textwrap.fill(text, 44) for text in table["label"]])
        ax.axvline(0, color=theme.foreground, linewidth=1.2, zorder=1)
        style = SERIES["real videos"]
        for place, line in enumerate(table.itertuples()):
            ax.hlines(place, line.low, line.high, color=style.paint(theme), linewidth=2.6)
            _mark(ax, line.value, place, style, theme, hollow=not line.shown)
            note = line.note.replace(", ", "\n") if theme.upright else line.note
            ax.text(1.01, place, note, transform=ax.get_yaxis_transform(), va="center")
        percent_axis(ax.xaxis, _axis("Difference in top-1 (points), with 95% interval over channels", theme))
        ax.xaxis.set_major_locator(MaxNLocator(3 if theme.upright else 7, steps=[1, 2, 5, 10]))
        return figure

    described = "; ".join(
        f"{line.label}: {100 * line.value:+.1f} [{100 * line.low:+.1f}, {100 * line.high:+.1f}], {line.note}"
        for line in table.itertuples()
    )
    return themed(draw, f"Differences in top-1 accuracy in points with 95% intervals. {described}.")


def _mark(
    ax: Axes,
    value: float,
    place: float,
    style: Style,
    theme: Theme,
    *,
    hollow: bool,
    name: str | None = None,
    size: int = 62,
) -> None:
    color = style.paint(theme)
    ax.scatter(
        value, place, s=size, marker=style.marker, zorder=3, label=name,
        color=theme.background if hollow else color,
        edgecolor=color if hollow else theme.background, linewidth=1.8 if hollow else 0.6,
    )  # fmt: skip


def _axis(text: str, theme: Theme) -> str:
    return textwrap.fill(text, 36) if theme.upright else text


def _interval(value: float, low: float, high: float) -> str:
    return f"{100 * value:.1f} [{100 * low:.1f}, {100 * high:.1f}]"
