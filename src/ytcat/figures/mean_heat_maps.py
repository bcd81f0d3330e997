"""Mean heat maps: which places of a thumbnail speak for a category, on average over many videos."""

import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from ytcat.figures.attributions import where
from ytcat.figures.style import SMALL, Theme, ThemedFigure, themed

COLUMNS, UPRIGHT_COLUMNS = 4, 2  # of panels
LINE, FOOT = 1.5, 0.6  # inches: a line of panels, the colour scale


def mean_heat_maps(maps: pd.DataFrame) -> ThemedFigure:
    """One panel per category, blue where a place speaks for it and orange where against, on one scale.

    `maps`: one row per category and place, with `category`, `videos` (over which the map is a mean), `row`
    and `column` of the place (0 is top, left) and `weight`. The categories come in the order of the table.
    """
    grids = {
        name: table.pivot(index="row", columns="column", values="weight").to_numpy()
        for name, table in maps.groupby("category", sort=False)
    }
    videos = maps.groupby("category")["videos"].first()
    strongest = max(maps["weight"].abs().max(), 1e-9) if len(maps) else 1.0

    def draw(theme: Theme) -> Figure:
        columns = UPRIGHT_COLUMNS if theme.upright else COLUMNS
        lines = max(-(-len(grids) // columns), 1)
        height = LINE * lines + FOOT
        # A fixed layout: to fit so many panels to their texts would take most of the time.
        figure = Figure(figsize=(theme.width, height), layout="none")
        edges = {"left": 0.01, "right": 0.99, "bottom": (FOOT + 0.2) / height, "top": 1 - 0.25 / height}
        spaces = {"hspace": 0.5, "wspace": 0.07}
        panels = figure.subplots(lines, columns, squeeze=False, gridspec_kw=edges | spaces)
        for ax in panels.ravel():
            ax.set_axis_off()
        scale = Normalize(-strongest, strongest)
        for ax, (name, grid) in zip(panels.ravel(), grids.items(), strict=False):
            rows, width = grid.shape
            ax.pcolormesh(grid, cmap=theme.two_sided, norm=scale)
            ax.set(xlim=(0, width), ylim=(rows, 0), aspect=9 * width / (16 * rows))
            ax.set_title(name, fontsize=SMALL)
            ax.text(0, 1.06 * rows, f"{videos[name]:,} videos", va="top", color=theme.muted, fontsize=SMALL)
        bar_axes = figure.add_axes((0.05, (FOOT - 0.15) / height, 0.9, 0.12 / height))
        bar = figure.colorbar(ScalarMappable(scale, theme.two_sided), cax=bar_axes, orientation="horizontal")
        bar.set_label("Weight of the place: against the category < 0 < for it")
        return figure

    most = "; ".join(f"{name} {where(grid)}" for name, grid in grids.items())
    return themed(draw, f"Mean heat map of each category; most weight: {most or 'no category'}.")
