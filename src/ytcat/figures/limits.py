"""Figures of what limits the chosen model: known against new channels, by category and by confidence."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ytcat.categories import NAMES
from ytcat.figures.style import (
    SERIES,
    Theme,
    ThemedFigure,
    legend_above,
    panels,
    percent_axis,
    striped_rows,
    themed,
)
from ytcat.views import SPLITS

STYLE = SERIES["real videos"]
FILLED = {"random": True, "channel": False}  # the marker of a split: known channels, new channels


def recall_by_split(table: pd.DataFrame) -> ThemedFigure:
    """Recall of each category with intervals, on known and on new channels: one panel per corpus.

    table: columns `corpus`, `split` (a key of `FILLED`), `category`, `value`, `low`, `high` (0..1; NaN: no
    mark).
    """
    corpora = list(table["corpus"].unique())

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 5 * len(corpora) if theme.upright else 5.4))
        axes = panels(figure, theme, len(corpora))
        for ax, corpus in zip(axes, corpora, strict=True):
            striped_rows(ax, theme, NAMES if theme.upright or ax is axes[0] else [""] * len(NAMES))
            of_corpus = table[table["corpus"] == corpus]
            for offset, (split, filled) in zip((-0.18, 0.18), FILLED.items(), strict=True):
                points = of_corpus[of_corpus["split"] == split].set_index("category").reindex(NAMES)
                places = np.arange(len(NAMES)) + offset
                ax.hlines(places, points["low"], points["high"], color=STYLE.paint(theme), linewidth=1.6)
                _marks(ax, points["value"], places, filled, theme, SPLITS[split].label)
            ax.set_title(corpus)
            ax.set_xlim(-0.03, 1.03)
            percent_axis(ax.xaxis, "Recall (%), with 95% interval")
        legend_above(figure, axes[0])
        return figure

    means = "; ".join(
        f"{corpus}, {SPLITS[split].label}: {values.mean():.1%}"
        for (corpus, split), values in table.groupby(["corpus", "split"], sort=False)["value"]
    )
    return themed(
        draw, f"Recall of each category on known and on new channels. Mean over categories: {means}."
    )


def coverage(table: pd.DataFrame) -> ThemedFigure:
    """Accuracy against the share of videos that a model answers, the surest first: one panel per corpus.

    table: columns `corpus`, `split` (a key of `FILLED`), `coverage`, `value`, `low`, `high` (0..1).
    """
    corpora = list(table["corpus"].unique())

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 3.2 * len(corpora) if theme.upright else 3.6))
        axes = panels(figure, theme, len(corpora), sharey=True)
        for ax, corpus in zip(axes, corpora, strict=True):
            of_corpus = table[table["corpus"] == corpus]
            for split, filled in FILLED.items():
                curve = of_corpus[of_corpus["split"] == split]
                color = STYLE.paint(theme)
                ax.fill_between(
                    curve["coverage"], curve["low"], curve["high"], color=color, alpha=0.18, linewidth=0
                )
                ax.plot(curve["coverage"], curve["value"], color=color, linestyle="-" if filled else "--")
                _marks(ax, curve["coverage"], curve["value"], filled, theme, SPLITS[split].label)
            ax.set_title(corpus)
            ax.set_xlim(0, 1.04)
            percent_axis(ax.xaxis, "Videos answered, surest first (%)")
            percent_axis(ax.yaxis, "Accuracy on them (%)" if theme.upright or ax is axes[0] else "")
            sns.despine(ax=ax)
        legend_above(figure, axes[0])
        return figure

    half = table[np.isclose(table["coverage"], 0.5)]
    numbers = "; ".join(
        f"{row.corpus}, {SPLITS[row.split].label}: {row.value:.1%}" for row in half.itertuples()
    )
    return themed(
        draw,
        f"Accuracy against the share of videos answered, the surest first. Of the surest half: {numbers}.",
    )


def _marks(ax: Axes, x: pd.Series, y: pd.Series, filled: bool, theme: Theme, label: str) -> None:
    color = STYLE.paint(theme)
    ax.scatter(
        x, y, s=34, marker=STYLE.marker, label=label, color=color if filled else theme.background,
        edgecolor=color, linewidth=1.3, zorder=3,
    )  # fmt: skip
