"""Figures of class imbalance: what each method costs in top-1, what it gains, and for which categories."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ytcat.figures.style import (
    Style,
    Theme,
    ThemedFigure,
    legend_above,
    panels,
    percent_axis,
    rows,
    striped_rows,
    themed,
)
from ytcat.future_directions.imbalance import methods
from ytcat.future_directions.imbalance.methods import PLAIN
from ytcat.future_directions.imbalance.metrics import TITLES

# Okabe & Ito's colours that stand out on both themes. In these figures they stand for methods alone.
STYLES = {
    PLAIN: Style(None, "*"),
    methods.WEIGHTS: Style("#0072B2", "o"),
    methods.SAMPLING: Style("#E69F00", "v"),
    methods.ADJUSTMENT: Style("#009E73", "D"),
    methods.FOCAL: Style("#CC79A7", "s"),
}


def trade_off(paths: pd.DataFrame, chosen: dict[str, float], cost: float) -> ThemedFigure:
    """Top-1 against macro F1 and against balanced accuracy: one path per method, from the plain model on.

    `paths`: columns `method` (of `STYLES`), `strength`, `top1`, `macro_f1`, `balanced_accuracy` (shares
    0..1), with one row of the plain model. `chosen`: the strength of each method, which gets a ring. `cost`:
    a line marks the plain model's top-1 less this share.
    """
    plain = paths[paths["method"] == PLAIN]
    shown = [name for name in STYLES if name in set(paths["method"]) - {PLAIN}]
    floor = plain["top1"].item() - cost

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 6.6))
        axes = figure.subplots(2, 1, sharex=True)
        for ax, measure in zip(axes, ("macro_f1", "balanced_accuracy"), strict=True):
            ax.scatter(
                plain["top1"], plain[measure], s=170, marker="*", color=theme.foreground, zorder=4,
                edgecolor=theme.background, linewidth=0.6, label=PLAIN,
            )  # fmt: skip
            for name in shown:
                path = pd.concat([plain, paths[paths["method"] == name].sort_values("strength")])
                style = STYLES[name]
                ax.plot(
                    path["top1"], path[measure], color=style.paint(theme), linewidth=1.6, marker=style.marker,
                    markersize=5.5, label=name,
                )  # fmt: skip
                ring = path[path["strength"] == chosen[name]]
                ax.plot(
                    ring["top1"], ring[measure], marker="o", markersize=13, markerfacecolor="none",
                    markeredgecolor=style.paint(theme), markeredgewidth=1.8, linestyle="none",
                )  # fmt: skip
            ax.plot(
                [], [], marker="o", markersize=11, markerfacecolor="none", markeredgecolor=theme.muted,
                markeredgewidth=1.8, linestyle="none", label="chosen",
            )  # fmt: skip
            ax.axvline(
                floor, color=theme.foreground, linestyle=":", linewidth=1.2,
                label=f"plain less {100 * cost:g} point",
            )  # fmt: skip
            percent_axis(ax.yaxis, f"{TITLES[measure]} (%)")
            ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
            sns.despine(ax=ax)
        percent_axis(ax.xaxis, "Top-1 accuracy (%)")
        ax.xaxis.set_major_locator(MaxNLocator(9, steps=[1, 2, 5, 10]))
        legend_above(figure, ax)
        return figure

    keyed = paths.set_index(["method", "strength"])
    scores = "; ".join(
        f"{name} at the chosen strength {chosen[name]:g}: "
        f"{_scores_text(keyed.loc[methods.at_strength(name, chosen[name])[:2]])}"
        for name in shown
    )
    return themed(
        draw,
        f"Top-1 against macro F1 and against balanced accuracy, one path per method. Plain model: "
        f"{_scores_text(plain.iloc[0])}; {scores}.",
    )


def differences(table: pd.DataFrame) -> ThemedFigure:
    """Differences of each method's scores from the plain model's with 95 % intervals, one panel per measure.

    `table`: columns `method` (of `STYLES`), `measure` (of `TITLES`), `difference`, `difference_low`,
    `difference_high` (-1..1).
    """
    shown = [name for name in STYLES if name in set(table["method"])]

    def draw(theme: Theme) -> Figure:
        height = 1.2 + 0.4 * len(shown)
        figure = Figure(figsize=(theme.width, len(TITLES) * height if theme.upright else height))
        axes = panels(figure, theme, len(TITLES))
        for ax, (measure, title) in zip(axes, TITLES.items(), strict=True):
            rows(ax, shown if theme.upright or ax is axes[0] else [""] * len(shown))
            ax.axvline(0, color=theme.foreground, linewidth=1.2, linestyle=":")
            for line in table[table["measure"] == measure].itertuples():
                style, row = STYLES[line.method], shown.index(line.method)
                color = style.paint(theme)
                ax.hlines(row, line.difference_low, line.difference_high, color=color, linewidth=2.2)
                ax.scatter(
                    line.difference, row, s=50, marker=style.marker, color=color,
                    edgecolor=theme.background, linewidth=0.6, zorder=3,
                )  # fmt: skip
            ax.set_title(title)
            percent_axis(ax.xaxis, "Difference (points)")
            ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        return figure

    listed = "; ".join(
        f"{line.method}, {TITLES[line.measure]}: {100 * line.difference:+.1f} "
        f"[{100 * line.difference_low:+.1f}, {100 * line.difference_high:+.1f}]"
        for line in table.itertuples()
    )
    return themed(draw, f"Differences from the plain model in points, with 95% intervals. {listed}.")


def category_shares(counts: pd.DataFrame, order: Sequence[str]) -> ThemedFigure:
    """Recall and precision of each category by method, with 95 % Wilson intervals.

    `counts`: one row per method (of `STYLES`) and category, with the columns `method`, `category`,
    `n_correct`, `support` (numbers of videos), `recall`, `recall_low`, `recall_high`, `precision`, ... (0..1,
    nan where undefined). `order`: all categories, the most frequent first.
    """
    shown = [name for name in STYLES if name in set(counts["method"])]
    support = counts.groupby("category")["support"].max()
    order = list(order)
    offsets = np.linspace(-0.32, 0.32, len(shown)) if len(shown) > 1 else [0]

    def draw(theme: Theme) -> Figure:
        height = 1.3 + len(order) * max(0.3, 0.11 * len(shown))
        figure = Figure(figsize=(theme.width, 2 * height if theme.upright else height))
        axes = panels(figure, theme, 2)
        for ax, measure in zip(axes, ("recall", "precision"), strict=True):
            is_named = theme.upright or ax is axes[0]
            striped_rows(ax, theme, [f"{name} ({support[name]})" if is_named else "" for name in order])
            for offset, name in zip(offsets, shown, strict=True):
                of_method = counts[counts["method"] == name]
                place = of_method["category"].map(order.index) + offset
                style = STYLES[name]
                color = style.paint(theme)
                low, high = of_method[f"{measure}_low"], of_method[f"{measure}_high"]
                ax.hlines(place, low, high, color=color, linewidth=1.3)
                ax.scatter(
                    of_method[measure], place, s=60 if style.marker == "*" else 26, marker=style.marker,
                    color=color, edgecolor=theme.background, linewidth=0.4, zorder=3, label=name,
                )  # fmt: skip
            ax.set_xlim(-0.03, 1.03)
            undefined = measure == "precision" and counts[measure].isna().any()
            note = "\nno mark: never predicted" if undefined else ""
            percent_axis(ax.xaxis, f"{measure.capitalize()} (%){note}")
        legend_above(figure, axes[0])
        return figure

    rarest = order[-1]
    listed = ", ".join(
        f"{line.method} {line.n_correct} of {line.support}"
        for line in counts[counts["category"] == rarest].itertuples()
    )
    return themed(
        draw,
        f"Recall and precision of each category with 95% intervals, the most frequent first. Correct "
        f"in the rarest, {rarest}: {listed}.",
    )


def _scores_text(scores: pd.Series) -> str:
    return ", ".join(f"{title[0].lower()}{title[1:]} {scores[name]:.1%}" for name, title in TITLES.items())
