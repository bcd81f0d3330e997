"""Confusion matrices: rows are the truth, columns the answers, both in YouTube-id order."""

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.figures.style import SMALL, WIDTH, Theme, ThemedFigure, themed

CELL_TEXT = {"ha": "center", "va": "center_baseline", "fontsize": SMALL}
SIDE_TEXT = {"va": "center_baseline", "fontsize": SMALL}


def confusion(matrix: ArrayLike, title: str) -> ThemedFigure:
    """One confusion matrix, counts of shape (14, 14): counts in the cells, share of the row as colour."""
    matrix = _checked(matrix)

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(WIDTH, 6.2))
        ax = figure.subplots()
        cells = _draw_matrix(ax, theme, matrix, matrix, title)
        _name_rows(ax)
        _color_bar(figure, cells, ax)
        return figure

    return themed(draw, f"Confusion matrix. {_describe(matrix, title)}")


def confusion_pair(
    left: ArrayLike, right: ArrayLike, left_title: str, right_title: str, normalise: bool = True
) -> ThemedFigure:
    """Two confusion matrices, counts of shape (14, 14), side by side on one colour scale.

    The colour is the share of the row; the cells show that share in percent, or the counts if not
    `normalise` (three digits fill a cell to its edges). A "0" is a share below 0.5%, not an empty cell.
    """
    left, right = _checked(left), _checked(right)

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(WIDTH, 5.9))
        axes = figure.subplots(1, 2)
        for ax, matrix, title in zip(axes, (left, right), (left_title, right_title), strict=True):
            shown = 100 * _row_shares(matrix) if normalise else matrix
            cells = _draw_matrix(ax, theme, matrix, shown, title)
        _name_rows(axes[0])
        _color_bar(figure, cells, axes)
        return figure

    return themed(
        draw, f"Two confusion matrices. {_describe(left, left_title)} {_describe(right, right_title)}"
    )


def _draw_matrix(
    ax: Axes, theme: Theme, matrix: np.ndarray, shown: np.ndarray, title: str
) -> PatchCollection:
    """Coloured by row share, `shown` written into the cells that hold a video, row sums at the right."""
    # Only these cells are drawn: a collection of all 196 would double the file.
    filled = [tuple(cell) for cell in np.argwhere(matrix > 0)]
    shares = _row_shares(matrix)
    cells = PatchCollection([Rectangle((column, row), 1, 1) for row, column in filled], linewidth=0)
    cells.set(array=[shares[cell] for cell in filled], cmap=theme.scale, clim=(0, 1), clip_on=False)
    ax.add_collection(cells, autolim=False)
    for row, column in filled:
        color = theme.text_on(theme.scale(shares[row, column]))
        ax.text(column + 0.5, row + 0.5, f"{shown[row, column]:.0f}", color=color, **CELL_TEXT)

    for row, support in enumerate(matrix.sum(axis=1)):
        ax.add_patch(Rectangle((row, row), 1, 1, fill=False, edgecolor=theme.foreground, linewidth=0.8))
        ax.text(N_CATEGORIES + 0.2, row + 0.5, f"{support:.0f}", color=theme.muted, **SIDE_TEXT)
    ax.text(N_CATEGORIES + 0.2, -0.5, "n", color=theme.muted, **SIDE_TEXT)
    lines = range(N_CATEGORIES + 1)
    ax.hlines(lines, 0, N_CATEGORIES, color=theme.grid, linewidth=0.5, zorder=0)
    ax.vlines(lines, 0, N_CATEGORIES, color=theme.grid, linewidth=0.5, zorder=0)

    ax.set(xlim=(0, N_CATEGORIES), ylim=(N_CATEGORIES, 0), xlabel="Answer", title=title, yticks=[])
    ax.set_xticks(np.arange(N_CATEGORIES) + 0.5, NAMES, rotation=90)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    sns.despine(ax=ax, left=True, bottom=True)
    return cells


def _name_rows(ax: Axes) -> None:
    ax.set_yticks(np.arange(N_CATEGORIES) + 0.5, NAMES)
    ax.text(-0.3, -0.5, "Truth", ha="right", va="center")


def _color_bar(figure: Figure, cells: PatchCollection, axes: Axes | np.ndarray) -> None:
    bar = figure.colorbar(cells, ax=axes, location="bottom", shrink=0.4, aspect=30, pad=0.02)
    bar.outline.set_visible(False)
    bar.solids.set_edgecolor("face")  # no seams between its steps
    bar.ax.tick_params(length=0)
    bar.set_ticks([0, 0.25, 0.5, 0.75, 1], labels=["0", "25", "50", "75", "100"])
    bar.set_label("Share of the videos of a row (%)")


def _checked(matrix: ArrayLike) -> np.ndarray:
    matrix = np.asarray(matrix)
    if matrix.shape != (N_CATEGORIES, N_CATEGORIES):
        raise ValueError(f"expected a {N_CATEGORIES} x {N_CATEGORIES} matrix, got shape {matrix.shape}")
    return matrix


def _row_shares(matrix: np.ndarray) -> np.ndarray:
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)


def _describe(matrix: np.ndarray, title: str) -> str:
    total, right, answers = matrix.sum(), matrix.trace(), matrix.sum(axis=0)
    if not total:
        return f"{title}: no videos."
    return (
        f"{title}: {right:,.0f} of {total:,.0f} right ({right / total:.1%}); "
        f"the most frequent answer is {NAMES[answers.argmax()]} ({answers.max():,.0f} times)."
    )
