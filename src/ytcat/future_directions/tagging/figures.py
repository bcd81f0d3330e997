"""Figures of tagging: scores by model, and recall by how many training videos have the tag."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ytcat.figures.results import intervals
from ytcat.figures.style import (
    SMALL,
    THIS,
    Theme,
    ThemedFigure,
    legend_above,
    panels,
    percent_axis,
    rows,
    style_of,
    themed,
)
from ytcat.future_directions.tagging.metrics import MEASURES


def tag_scores(table: pd.DataFrame) -> ThemedFigure:
    """The measures of `metrics` side by side, one row per model, with 95 % intervals.

    `table`: columns `model` and, for each measure, `<measure>`, `<measure>_low`, `<measure>_high` (0..1).
    """

    def draw(theme: Theme) -> Figure:
        height = 1.1 + 0.42 * len(table)
        figure = Figure(figsize=(theme.width, len(MEASURES) * height if theme.upright else height))
        axes = panels(figure, theme, len(MEASURES), sharey=True)
        for ax, (measure, name) in zip(axes, MEASURES.items(), strict=True):
            rows(ax, table["model"])
            for row, line in enumerate(table.to_dict("records")):
                color, marker = _style(line["model"], theme)
                low, value, high = (line[f"{measure}{end}"] for end in ("_low", "", "_high"))
                ax.hlines(row, low, high, color=color, linewidth=2.2)
                ax.scatter(
                    value, row, s=62, marker=marker, color=color, edgecolor=theme.background,
                    linewidth=0.6, zorder=3,
                )  # fmt: skip
                ax.annotate(
                    f"{100 * value:.1f}", (value, row), xytext=(0, 6), textcoords="offset points",
                    ha="center", fontsize=SMALL,
                )  # fmt: skip
            ax.set_xlim(left=0)
            ax.margins(x=0.12)
            ax.set_title(name)
            percent_axis(ax.xaxis, "%, with 95% interval")
        return figure

    listed = "; ".join(
        f"{line['model']}: " + ", ".join(f"{MEASURES[m].lower()} {line[m]:.1%}" for m in MEASURES)
        for line in table.to_dict("records")
    )
    return themed(draw, f"How well tags are suggested, by model, with 95% intervals. {listed}.")


def tag_recall(table: pd.DataFrame) -> ThemedFigure:
    """Recall@10 by how many training videos have the tag, one line per model, with 95 % intervals.

    `table`: columns `model`, `band`, `recall`, `recall_low`, `recall_high` (0..1 or nan), the bands of each
    model in the same order.
    """
    bands = list(dict.fromkeys(table["band"]))
    models = list(dict.fromkeys(table["model"]))

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 3.6))
        ax = figure.subplots()
        for number, model in enumerate(models):
            lines = table[table["model"] == model]
            # Side by side, so that the intervals do not cover each other.
            x = np.arange(len(lines)) + 0.09 * (number - (len(models) - 1) / 2)
            color, marker = _style(model, theme)
            ax.vlines(x, lines["recall_low"], lines["recall_high"], color=color, linewidth=2)
            ax.plot(
                x, lines["recall"], color=color, marker=marker, markersize=7, linewidth=1,
                markeredgecolor=theme.background, markeredgewidth=0.6, label=model,
                clip_on=False,  # markers at 0 are whole
            )  # fmt: skip
        ax.set_xticks(range(len(bands)), bands)
        ax.grid(axis="x", visible=False)
        ax.set_ylim(bottom=0)
        ax.set_xlabel("Training videos that have the tag")
        percent_axis(ax.yaxis, "Recall@10 (%), with 95% interval")
        legend_above(figure, ax)
        return figure

    listed = "; ".join(
        f"{model}: "
        + ", ".join(f"{line.band} {line.recall:.1%}" for line in lines.dropna(subset="recall").itertuples())
        for model, lines in table.groupby("model", sort=False)
    )
    return themed(draw, f"Recall@10 in percent by the number of training videos with the tag. {listed}.")


def category_accuracies(table: pd.DataFrame) -> ThemedFigure:
    """Top-1 and top-5 of the category by what the model reads, with 95 % intervals.

    `table`: as from `metrics.category_table`.
    """
    rows_of = [
        table[[key, f"{key}_low", f"{key}_high"]]
        .set_axis(["value", "low", "high"], axis="columns")
        .assign(label=table["inputs"] + f", {name}", source="this run")
        for key, name in (("top1", "top-1"), ("top5", "top-5"))
    ]
    return intervals(pd.concat(rows_of))


def example_lines(tags: Sequence[str], suggested: Sequence[str], shown: int = 8) -> list[str]:
    """The lines below a video in a gallery: the first `shown` of its tags, and the suggested ones.

    A suggested tag that the video has is marked with a tick.
    """
    more = f" and {len(tags) - shown} more" if len(tags) > shown else ""
    marked = [f"✓ {tag}" if tag in tags else tag for tag in suggested]
    return [f"Given: {', '.join(tags[:shown])}{more}", f"Suggested: {', '.join(marked)}"]


def _style(model: str, theme: Theme) -> tuple[str, str]:
    """Colour and marker."""
    style = style_of(model) or THIS
    return style.paint(theme), style.marker
