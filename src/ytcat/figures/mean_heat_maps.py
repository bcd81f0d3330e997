"""Mean heat maps: which places of a thumbnail speak for a category, on average over many videos."""

import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from ytcat.figures.attributions import where
from ytcat.figures.style import SMALL, WIDTH, Theme, ThemedFigure, themed

COLUMNS = 4  # of panels


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
    lines = max(-(-len(grids) // COLUMNS), 1)

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(WIDTH, 1.7 * lines + 0.7))
        panels = figure.subplots(lines, COLUMNS, squeeze=False)
        for ax in panels.ravel():
            ax.set_axis_off()
        scale = Normalize(-strongest, strongest)
        for ax, (name, grid) in zip(panels.ravel(), grids.items(), strict=False):
            height, width = grid.shape
            ax.pcolormesh(grid, cmap=theme.two_sided, norm=scale)
            ax.set(xlim=(0, width), ylim=(height, 0), aspect=9 * width / (16 * height))
            ax.set_title(name, fontsize=SMALL)
            ax.text(0, 1.06 * height, f"{videos[name]:,} videos", va="top", color=theme.muted, fontsize=SMALL)
        bar = figure.colorbar(
            ScalarMappable(scale, theme.two_sided), ax=panels, location="bottom", aspect=60, fraction=0.04
        )
        bar.set_label("Weight of the place: against the category (below 0), for it (above 0)")
        return figure

    most = "; ".join(f"{name} {where(grid)}" for name, grid in grids.items())
    return themed(draw, f"Mean heat map of each category; most weight: {most or 'no category'}.")
