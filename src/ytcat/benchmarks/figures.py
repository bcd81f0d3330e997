"""How time and memory grow with the number of videos."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from ytcat.figures.style import Theme, ThemedFigure, legend_above, marked_line, styles_of, themed

MEASURES = {"seconds": "Time (s)", "gigabytes": "Peak memory (GB)"}
STEPS = {"seconds": (1.0,), "gigabytes": (1.0, 2.0, 5.0)}  # the ticks of each decade


def growth(table: pd.DataFrame) -> ThemedFigure:
    """Time and peak memory against the number of videos, all logarithmic, one line per stage.

    table: one row per stage and size: `stage`, `n` (videos), `seconds`, `gigabytes`.
    """
    styles = styles_of(table["stage"].unique())
    stages = {stage: points.sort_values("n") for stage, points in table.groupby("stage", sort=False)}

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 6.4))
        axes = figure.subplots(len(MEASURES), sharex=True)
        for ax, (measure, label) in zip(axes, MEASURES.items(), strict=True):
            for stage, points in stages.items():
                marked_line(ax, points["n"], points[measure], style=styles[stage], theme=theme, label=stage)
            ax.set(xscale="log", yscale="log", ylabel=f"{label}, logarithmic")
            ax.yaxis.set_major_locator(LogLocator(subs=STEPS[measure]))
            ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
            ax.minorticks_off()
        _slope_one(axes[0], table, theme)
        axes[-1].xaxis.set_major_formatter(lambda n, _: f"{n:,.0f}")
        axes[-1].set_xlabel("Videos, logarithmic")
        sns.despine(figure)
        legend_above(figure, axes[0])
        return figure

    courses = " ".join(f"{stage}: {_course(points)}." for stage, points in stages.items())
    return themed(draw, f"Time and peak memory against the number of videos, all logarithmic. {courses}")


def _slope_one(ax: Axes, table: pd.DataFrame, theme: Theme) -> None:
    """What grows in proportion is parallel to this line."""
    n = np.array([table["n"].min(), table["n"].max()])
    limits = ax.get_ylim()
    ax.plot(
        n, table["seconds"].min() * n / n[0], color=theme.muted, linewidth=1.2, linestyle=(0, (3, 2)),
        label="in proportion", zorder=0,
    )  # fmt: skip
    ax.set_ylim(limits)


def _course(points: pd.DataFrame) -> str:
    """First and last point of a line, for the alternative text."""
    ends = (
        f"{p.seconds:.3g} s and {p.gigabytes:.2f} GB with {p.n:,} videos"
        for p in (points.iloc[0], points.iloc[-1])
    )
    return ", ".join(ends)
