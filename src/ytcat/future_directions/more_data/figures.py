"""Figures of learning curves and of the sizes of experiments."""

from collections.abc import Mapping, Sequence
from functools import partial

import matplotlib.patheffects as effects
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ytcat.evaluation.sample_size import interval_width, trials_needed
from ytcat.figures.style import (
    SMALL,
    Theme,
    ThemedFigure,
    legend_above,
    marked_line,
    percent_axis,
    style_of,
    styles_of,
    themed,
)
from ytcat.views import label


def accuracy_by_size(
    curve: pd.DataFrame, forecasts: Mapping[str, pd.DataFrame] | None = None
) -> ThemedFigure:
    """Accuracy against the number of training videos, and forecasts of it.

    curve: one row per view (a key of `ytcat.views.VIEWS`) and size: `view`, `n_train`, `value`, `low`, `high`
    (shares 0..1). forecasts: by view the columns `n_train`, `value`, `low`, `high`, drawn as a dashed line in
    a band.
    """
    forecasts = forecasts or {}
    styles = styles_of(curve["view"].unique())
    shift = dict(zip(styles, 1.0 + 0.03 * (np.arange(len(styles)) - (len(styles) - 1) / 2), strict=True))

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 4.2))
        ax = figure.subplots()
        outline = [effects.withStroke(linewidth=3.2, foreground=theme.muted)]
        for view, points in curve.groupby("view", sort=False):
            color = styles[view].paint(theme)
            n = points["n_train"] * shift[view]
            ax.vlines(n, points["low"], points["high"], color=theme.muted, linewidth=1.4)
            marked_line(ax, n, points["value"], style=styles[view], theme=theme, label=label(view))
            if view in forecasts:
                further = forecasts[view]
                limits = further["low"], further["high"]
                ax.fill_between(further["n_train"], *limits, color=color, alpha=0.15, linewidth=0)
                for limit in limits:
                    ax.plot(further["n_train"], limit, color=color, linewidth=1)
                ax.plot(
                    further["n_train"], further["value"], color=color, linewidth=2, linestyle=(0, (3, 2)),
                    path_effects=outline,
                )  # fmt: skip
        ticks = sorted({*curve["n_train"], *(n for f in forecasts.values() for n in f["n_train"][1:])})
        ax.set_xscale("log")
        if theme.upright:
            ticks = ticks[::-2]  # the largest and every second: their names do not touch
        ax.set_xticks(ticks, [f"{n:,}" for n in ticks])
        ax.minorticks_off()
        ax.set_xlabel("Training videos (logarithmic)")
        percent_axis(ax.yaxis, "Top-1 accuracy (%)")
        if forecasts:
            ax.plot([], [], color=theme.muted, linestyle=(0, (3, 2)), linewidth=2, label="extrapolated")
        sns.despine(ax=ax)
        legend_above(figure, ax)
        return figure

    courses = [f"{label(view)}: {_course(points)}." for view, points in curve.groupby("view", sort=False)]
    if forecasts:
        extrapolated = [f"{label(view)}: {_course(further)}" for view, further in forecasts.items()]
        courses.append(f"Extrapolated: {'; '.join(extrapolated)}.")
    return themed(draw, f"Top-1 accuracy against the number of training videos. {' '.join(courses)}")


def interval_widths(share: float, marks: Mapping[str, int]) -> ThemedFigure:
    """Width of the 95 % interval of an accuracy, `share` (0..1), against the number of videos tested.

    marks: numbers of videos that get a marker, by name (see `styles_of`).
    """
    width = partial(interval_width, share)
    styles = styles_of(marks)
    numbers = np.unique(np.geomspace(20, max(20_000, *marks.values()), 120).round().astype(int))
    widths = np.array([width(int(n)) for n in numbers])

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 3.5))
        ax = figure.subplots()
        ax.plot(numbers, widths, color=theme.muted, linewidth=2)
        for place, (name, n) in enumerate(marks.items()):  # smaller and smaller, as some may coincide
            ax.plot(
                n, width(n), linestyle="", marker=styles[name].marker, markersize=12 - 2 * place,
                label=f"{name}: {n:,}", color=styles[name].paint(theme),
                markeredgecolor=theme.foreground, markeredgewidth=0.6,
            )  # fmt: skip
        ax.set_xscale("log")
        ax.set_ylim(0, None)
        ax.xaxis.set_major_formatter(lambda n, _: f"{n:,.0f}")
        ax.set_xlabel("Videos tested, or trials of people (logarithmic)")
        percent_axis(ax.yaxis, "Width of the 95% interval (points)")
        sns.despine(ax=ax)
        legend_above(figure, ax)
        return figure

    points = "; ".join(f"{name}: {n:,} give {100 * width(n):.1f} points" for name, n in marks.items())
    return themed(draw, f"Width of the 95% interval against the number of videos tested. {points}.")


def trials_by_accuracy(people: float, tested: Sequence[int], marks: pd.DataFrame) -> ThemedFigure:
    """How many trials of people distinguish them from a model, against the accuracy of the model.

    people: the accuracy of people (0..1). tested: the model's numbers of test videos, one line each. marks:
    models that get a marker: `name`, `source` (see `style_of`), `accuracy`, `trials`; a model with trials of
    inf gets none.
    """
    accuracies = np.arange(max(people - 0.25, 0.02), min(people + 0.25, 0.98), 0.0025)
    lines = {n: trials_needed(people, accuracies, n) for n in tested}
    drawn = marks[np.isfinite(marks["trials"].astype(float))]
    top = 20_000

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 4.2))
        ax = figure.subplots()
        for n, dashes in zip(tested, ("-", "--", ":"), strict=False):
            trials = np.where(np.isfinite(lines[n]) & (lines[n] <= top), lines[n], np.nan)
            ax.plot(
                accuracies, trials, color=theme.muted, linewidth=1.8, linestyle=dashes,
                label=f"model on {n:,} videos",
            )  # fmt: skip
        ax.axvline(people, color=theme.foreground, linewidth=1.2, linestyle=":")
        ax.annotate(
            f"people {people:.0%}", (people, 1), xycoords=ax.get_xaxis_transform(), xytext=(0, 3),
            textcoords="offset points", ha="center", color=theme.muted,
        )  # fmt: skip
        _mark(ax, drawn, people, theme)
        ax.set_yscale("log")
        ax.set_ylim(10, top)
        ax.yaxis.set_major_formatter(lambda n, _: f"{n:,.0f}")
        ax.set_ylabel("Trials of people (logarithmic)")
        percent_axis(ax.xaxis, "Accuracy of the model (%)")
        sns.despine(ax=ax)
        legend_above(figure, ax)
        return figure

    numbers = "; ".join(
        f"{m.name} at {m.accuracy:.1%}: "
        + (f"{m.trials:,.0f}" if np.isfinite(m.trials) else "no number is enough")
        for m in marks.itertuples(index=False)
    )
    return themed(
        draw,
        f"Trials of people needed to distinguish their {people:.0%} from a model's accuracy, with a power of "
        f"80%. {numbers}.",
    )


def _mark(ax: Axes, marks: pd.DataFrame, people: float, theme: Theme) -> None:
    """A marker per model: the source in the legend, the name beside the marker, away from the steep lines."""
    in_legend = set()
    for mark in marks.itertuples(index=False):
        style = style_of(mark.source)
        ax.plot(
            mark.accuracy, mark.trials, linestyle="", marker=style.marker, markersize=9,
            color=style.paint(theme), markeredgecolor=theme.foreground, markeredgewidth=0.6, zorder=3,
            label=None if mark.source in in_legend else mark.source,
        )  # fmt: skip
        in_legend.add(mark.source)
        side = 1 if mark.accuracy > people else -1
        ax.annotate(
            mark.name, (mark.accuracy, mark.trials), xytext=(8 * side, 0), textcoords="offset points",
            ha="left" if side > 0 else "right", va="center", fontsize=SMALL,
        )  # fmt: skip


def _course(points: pd.DataFrame) -> str:
    """First and last point of a line, for the alternative text."""
    first, last = points.iloc[0], points.iloc[-1]
    return (
        f"{first['value']:.1%} with {first['n_train']:,.0f}, {last['value']:.1%} with {last['n_train']:,.0f}"
    )
