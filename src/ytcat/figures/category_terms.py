"""The words, or word parts, with the highest weight in each category."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ytcat.categories import NAMES
from ytcat.figures.style import SMALL, THIS, Theme, ThemedFigure, themed

COLUMNS, UPRIGHT_COLUMNS = 3, 2  # of panels
BARS = 6  # per panel, at most
BAR_OPACITY = 0.35  # text stands on the bars


def category_terms(terms: pd.DataFrame) -> ThemedFigure:
    """One panel per category, with a bar per term, the heaviest on top; all panels have one scale.

    `terms`: columns `category` (name), `term` and `weight` (above 0), within a category in the order in which
    they are shown; a category without terms has an empty panel. A space at the start or the end of a term is
    drawn as ␣.
    """
    shown = terms.groupby("category", sort=False).head(BARS)
    by_category = {name: shown[shown["category"] == name] for name in NAMES}
    longest = shown["weight"].max() if len(shown) else 1.0

    def draw(theme: Theme) -> Figure:
        columns = UPRIGHT_COLUMNS if theme.upright else COLUMNS
        lines = -(-len(NAMES) // columns)
        # A fixed layout: to fit so many panels to their texts would take most of the time.
        figure = Figure(figsize=(theme.width, 1.5 * lines), layout="none")
        edges = {"left": 0.01, "right": 0.99, "bottom": 0.01, "top": 1 - 0.2 / lines}
        spaces = {"hspace": 0.25, "wspace": 0.05}
        panels = figure.subplots(lines, columns, squeeze=False, gridspec_kw=edges | spaces).ravel()
        for ax in panels:
            ax.set_axis_off()
        for ax, (name, table) in zip(panels, by_category.items(), strict=False):
            places = np.arange(len(table))
            ax.barh(places, table["weight"], color=THIS.color, alpha=BAR_OPACITY, height=0.86)
            for place, term in zip(places, table["term"], strict=True):
                ax.text(0.015 * longest, place, _visible(term), va="center", fontsize=SMALL)
            if table.empty:
                ax.text(0, 0, "no term", va="center", color=theme.muted, fontsize=SMALL)
            ax.set_title(name)
            ax.set(xlim=(0, 1.05 * longest), ylim=(BARS - 0.5, -0.5))
        return figure

    first = {name: table["term"].head(3).map(_visible) for name, table in by_category.items() if len(table)}
    heaviest = "; ".join(f"{name}: {', '.join(terms)}" for name, terms in first.items())
    return themed(draw, f"The heaviest terms of each category. {heaviest or 'None'}.")


def _visible(term: str) -> str:
    inside = term.strip(" ")
    return term.replace(" ", "␣") if len(inside) < len(term) else term
