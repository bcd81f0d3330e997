"""Accuracies with intervals, learning curves, precision and recall, calibration, agreement of two models."""

import math

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ytcat.categories import NAMES
from ytcat.figures.style import (
    SMALL,
    SOURCES,
    THIS,
    Theme,
    ThemedFigure,
    legend_above,
    panels,
    percent_axis,
    rows,
    striped_rows,
    style_of,
    styles_of,
    themed,
)
from ytcat.views import label

AGREEMENT = {  # the series, and the view whose colour it has
    "both right": "both",
    "only title": "title",
    "only thumbnail": "thumbnail",
    "neither": None,
}


def intervals(
    table: pd.DataFrame, goal: float | None = None, reference: tuple[str, float] | None = None
) -> ThemedFigure:
    """Accuracies with 95 % intervals, one row each, in the order of the table.

    table: columns `label`, `source` (one of `SOURCES`), `value`, `low`, `high` (shares 0..1; low and
    high NaN where there is no interval), and optionally `outer_low`, `outer_high`, a second, wider interval
    that is drawn thin (NaN where there is none). Rows that follow each other under one label form a group.
    goal, reference: accuracies marked by vertical lines.
    """
    unknown = set(table["source"]) - set(SOURCES)
    if unknown:
        raise ValueError(f"unknown source {sorted(unknown)}; known: {', '.join(SOURCES)}")
    _check_shares(table[["value", "low", "high"]])
    first = table["label"].ne(table["label"].shift())
    notes = table["note"] if "note" in table else pd.Series("", index=table.index)
    names = table["label"].where(first, notes)
    lines = {"goal": goal} if goal is not None else {}
    lines |= {reference[0]: reference[1]} if reference else {}

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 1.15 + 0.3 * max(len(table), 1)))
        ax = figure.subplots()
        rows(ax, names)
        for row in np.flatnonzero(first)[1:]:
            ax.axhline(row - 0.5, color=theme.grid, linewidth=0.8)
        named = set()
        for row, line in enumerate(table.itertuples()):
            style = style_of(line.source)
            ax.hlines(row, line.low, line.high, color=style.paint(theme), linewidth=2.2)
            if "outer_low" in table:
                ax.hlines(row, line.outer_low, line.outer_high, color=style.paint(theme), linewidth=0.9)
            ax.scatter(
                line.value, row, s=130 if style.marker == "*" else 62, marker=style.marker,
                color=style.paint(theme), edgecolor=theme.background, linewidth=0.6, zorder=3,
                label=None if line.source in named else line.source,
            )  # fmt: skip
            named.add(line.source)
            figures = _interval(line.value, line.low, line.high)
            if theme.upright:
                figures = figures.split()[0]
            ax.text(1.01, row, figures, transform=ax.get_yaxis_transform(), va="center")
        close = len(lines) == 2 and abs(goal - reference[1]) < 0.2
        for name, value in lines.items():
            dashes = "--" if name == "goal" else ":"
            side = "center" if not close else "left" if value == max(lines.values()) else "right"
            ax.axvline(value, color=theme.foreground, linewidth=1.2, linestyle=dashes, zorder=1)
            ax.annotate(
                f"{name} {100 * value:.3g}%", (value, 1), xycoords=ax.get_xaxis_transform(),
                xytext=(0, 3), textcoords="offset points", ha=side, color=theme.muted,
            )  # fmt: skip
        percent_axis(ax.xaxis, "Accuracy (%), with 95% interval")
        ax.xaxis.set_major_locator(MaxNLocator(4 if theme.upright else 8, steps=[1, 2, 5, 10]))
        legend_above(figure, ax)
        return figure

    described = "; ".join(
        f"{line.label} ({f'{line.source} {note}'.strip()}): {_interval(line.value, line.low, line.high)}"
        for line, note in zip(table.itertuples(), notes, strict=True)
    )
    marks = "".join(f" The line '{name}' is at {value:.1%}." for name, value in lines.items())
    return themed(draw, f"Accuracy in percent with 95% intervals. {described}.{marks}")


def learning_curves(history: pd.DataFrame, best_epoch: int | None = None) -> ThemedFigure:
    """Loss and accuracy of training and validation, epoch by epoch.

    history: columns `epoch` (counted through all phases), `loss`, `val_loss`, `accuracy`,
    `val_accuracy` (shares 0..1) and optionally `phase` (a name).
    """

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 5.6 if theme.upright else 3.3))
        axes = panels(figure, theme, 2)
        for ax, metric in zip(axes, ("loss", "accuracy"), strict=True):
            ax.plot(
                history["epoch"], history[metric], color=theme.muted, linestyle="--", linewidth=1.8,
                marker="." if len(history) < 3 else None, label="training",
            )  # fmt: skip
            ax.plot(
                history["epoch"], history[f"val_{metric}"], color=THIS.color, linewidth=2.2,
                marker="o" if len(history) < 3 else None, label="validation",
            )  # fmt: skip
            if best_epoch is not None:
                ax.axvline(best_epoch, color=theme.foreground, linewidth=1, linestyle=":")
                best = history.loc[history["epoch"] == best_epoch, f"val_{metric}"]
                ax.plot([best_epoch] * len(best), best, marker=THIS.marker, color=THIS.color, markersize=7)
            if "phase" in history:
                _mark_phases(ax, history, theme)
            ax.set_xlabel("Epoch")
            ax.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
            sns.despine(ax=ax)
        axes[0].set_ylabel("Cross-entropy loss (nats)")
        percent_axis(axes[1].yaxis, "Top-1 accuracy (%)")
        if best_epoch is not None:
            axes[0].plot([], [], color=theme.foreground, linewidth=1, linestyle=":", label="weights kept")
        legend_above(figure, axes[0])
        return figure

    alt = f"Learning curves over {len(history)} epochs."
    if best_epoch in set(history["epoch"]):
        best = history.set_index("epoch").loc[best_epoch]
        alt += (
            f" Kept: epoch {best_epoch}, validation loss {best['val_loss']:.2f} and accuracy "
            f"{best['val_accuracy']:.1%}, training accuracy {best['accuracy']:.1%}."
        )
    return themed(draw, alt)


def precision_recall(tables: dict[str, pd.DataFrame]) -> ThemedFigure:
    """Precision and recall of each category for several models.

    tables: for each view or model (key or name) the columns `category` (name), `support` (videos),
    `precision`, `recall` (shares 0..1; NaN where not defined, then there is no mark). The row names show the
    support of the first model.
    """
    ordered = {label(name): table.set_index("category").reindex(NAMES) for name, table in tables.items()}
    for table in ordered.values():
        _check_shares(table[["precision", "recall"]])
    styles = styles_of(ordered)
    support = next(iter(ordered.values()))["support"].fillna(0)
    offsets = np.linspace(-0.27, 0.27, len(ordered)) if len(ordered) > 1 else [0]

    def draw(theme: Theme) -> Figure:
        height = 1.3 + len(NAMES) * max(0.27, 0.11 * len(ordered))
        figure = Figure(figsize=(theme.width, 2 * height if theme.upright else height))
        axes = panels(figure, theme, 2)
        for ax, measure in zip(axes, ("recall", "precision"), strict=True):
            named = theme.upright or ax is axes[0]
            striped_rows(ax, theme, [f"{name} ({support[name]:.0f})" if named else "" for name in NAMES])
            for offset, (name, table) in zip(offsets, ordered.items(), strict=True):
                style = styles[name]
                ax.scatter(
                    table[measure], np.arange(len(NAMES)) + offset, s=38, marker=style.marker, label=name,
                    color=style.paint(theme), edgecolor=theme.foreground, linewidth=0.5, zorder=3,
                )  # fmt: skip
            ax.set_xlim(-0.03, 1.03)
            undefined = any(table[measure].isna().any() for table in ordered.values())
            note = "\nno mark: never answered" if undefined and measure == "precision" else ""
            percent_axis(ax.xaxis, f"{measure.capitalize()} (%){note}")
        legend_above(figure, axes[0])
        return figure

    described = " ".join(
        f"{name}: mean recall {_mean(table['recall'])}, mean precision {_mean(table['precision'])}."
        for name, table in ordered.items()
    )
    return themed(draw, f"Recall and precision of each category. {described}")


def reliability(curves: dict[str, pd.DataFrame]) -> ThemedFigure:
    """Reliability diagrams: accuracy against confidence.

    curves: for each view or model (key or name), one row per bin: `confidence` and `accuracy` (means of the
    bin, 0..1, NaN if it is empty) and `count` (videos). At most three models per line.
    """
    curves = {label(name): curve for name, curve in curves.items()}
    for curve in curves.values():
        _check_shares(curve[["confidence", "accuracy"]])
    styles = styles_of(curves)

    def draw(theme: Theme) -> Figure:
        columns = 1 if theme.upright else min(len(curves), 3)
        lines = math.ceil(len(curves) / columns)
        figure = Figure(figsize=(theme.width, 3.9 * lines))
        if columns == 1 and not theme.upright:
            figure.get_layout_engine().set(rect=(0.2, 0, 0.6, 1))
        grid = figure.subplots(
            2 * lines, columns, sharex=True, squeeze=False, gridspec_kw={"height_ratios": [3, 1] * lines}
        )
        for ax in grid.flat:
            ax.set_visible(False)
        for place, (name, curve) in enumerate(curves.items()):
            line, column = divmod(place, columns)
            top, bottom = grid[2 * line, column], grid[2 * line + 1, column]
            filled = curve[curve["count"] > 0]
            style = styles[name]
            top.plot([0, 1], [0, 1], color=theme.muted, linestyle=":", linewidth=1.2)
            top.plot(
                filled["confidence"], filled["accuracy"], color=theme.foreground, linewidth=1.4,
                marker=style.marker, markersize=7, markerfacecolor=style.paint(theme), markeredgewidth=0.6,
                clip_on=False,
            )  # fmt: skip
            bottom.vlines(filled["confidence"], 0, filled["count"], color=theme.muted, linewidth=7)
            top.set(title=name, xlim=(0, 1), ylim=(0, 1))
            bottom.set_ylim(bottom=0)
            bottom.yaxis.set_major_locator(MaxNLocator(2, integer=True))
            percent_axis(top.yaxis, "Right (%)" if column == 0 else "")
            percent_axis(bottom.xaxis, "Confidence (%)")
            bottom.set_ylabel("Videos" if column == 0 else "")
            for ax in (top, bottom):
                ax.set_visible(True)
                sns.despine(ax=ax)
        return figure

    described = " ".join(f"{name}: {_calibration(curve)}" for name, curve in curves.items())
    return themed(draw, f"Reliability diagrams: share of right answers against confidence. {described}")


def agreement(table: pd.DataFrame) -> ThemedFigure:
    """Shares of the videos that the title model, the thumbnail model, both or neither classify correctly.

    table: columns `category` (name), `both right`, `only title`, `only thumbnail`, `neither`
    (numbers of videos). The first bar is the sum over all categories.
    """
    counts = table.set_index("category")[list(AGREEMENT)].reindex(NAMES).fillna(0).astype(float)
    counts = pd.concat([counts.sum().to_frame("All").T, counts])
    totals = counts.sum(axis=1)
    shares = counts.div(totals.clip(lower=1), axis=0)

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 5.0))
        ax = figure.subplots()
        places = np.array([0, *np.arange(1.4, len(NAMES) + 1)])  # the sum stands apart
        rows(ax, counts.index)
        ax.set_yticks(places, counts.index)
        ax.set_ylim(places[-1] + 0.6, -0.6)
        left = np.zeros(len(counts))
        for name, series in AGREEMENT.items():
            color = style_of(series).paint(theme) if series else theme.quiet
            ax.barh(places, shares[name], left=left, height=0.78, color=color, label=name, linewidth=0.8)
            for place, start, share in zip(places, left, shares[name], strict=True):
                if share >= 0.045:
                    ax.text(
                        start + share / 2, place, f"{100 * share:.0f}", ha="center", va="center",
                        fontsize=SMALL, color=theme.text_on(color),
                    )  # fmt: skip
            left = left + shares[name].to_numpy()
        for place, total in zip(places, totals, strict=True):
            ax.text(1.01, place, f"{total:,.0f}", va="center", color=theme.muted, fontsize=SMALL)
        ax.text(1.01, -0.7, "n", color=theme.muted, fontsize=SMALL)
        ax.set_xlim(0, 1)
        ax.grid(visible=False)
        percent_axis(ax.xaxis, "Share of the category's videos (%)")
        legend_above(figure, ax)
        return figure

    described = ", ".join(f"{name} {share:.1%}" for name, share in shares.loc["All"].items())
    return themed(
        draw, f"Agreement of the title and the thumbnail model over {totals['All']:,.0f} videos: {described}."
    )


def _mark_phases(ax: Axes, history: pd.DataFrame, theme: Theme) -> None:
    """The name of each phase above its first epoch, and a line between two phases."""
    starts = history[history["phase"].ne(history["phase"].shift())]
    for number, start in enumerate(starts.itertuples()):
        if number:
            ax.axvline(start.epoch - 0.5, color=theme.grid, linewidth=2, zorder=0)
        left = start.epoch - 0.5 if number else history["epoch"].iloc[0]
        ax.annotate(
            str(start.phase), (left, 1), xycoords=ax.get_xaxis_transform(), xytext=(3, 3),
            textcoords="offset points", color=theme.muted, fontsize=SMALL,
        )  # fmt: skip


def _mean(shares: pd.Series) -> str:
    """The mean over the categories where it is defined, and their number, for the alternative text."""
    defined = shares.dropna()
    return f"{defined.mean():.1%} over {len(defined)} categories" if len(defined) else "undefined"


def _interval(value: float, low: float, high: float) -> str:
    """A share and its interval in percent, as text."""
    if math.isnan(low):
        return f"{100 * value:.1f}"
    return f"{100 * value:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def _calibration(curve: pd.DataFrame) -> str:
    """Mean distance of confidence and accuracy over the videos, for the alternative text."""
    count = curve["count"].sum()
    gap = ((curve["confidence"] - curve["accuracy"]).abs() * curve["count"]).sum() / max(count, 1)
    return f"{count:,.0f} videos, {100 * gap:.1f} points apart on average."


def _check_shares(table: pd.DataFrame) -> None:
    if (table > 1).any(axis=None) or (table < 0).any(axis=None):
        raise ValueError(
            f"shares must be 0..1 (54 % is 0.54); got {table.min(axis=None)}..{table.max(axis=None)}"
        )
