"""Confusion matrices: rows are the truth, columns the answers, both in YouTube-id order."""

import re

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from ytcat import slides
from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.figures.style import SMALL, Theme, ThemedFigure, panels, themed

CELL_TEXT = {"ha": "center", "va": "center_baseline", "in_layout": False}  # it lies within the axes
SIDE_TEXT = {"va": "center_baseline", "fontsize": SMALL}
FIRST_WORDS = [re.split(" and | & ", name)[0] for name in NAMES]  # where the whole names take too much room


def confusion(matrix: ArrayLike, title: str) -> ThemedFigure:
    """One confusion matrix, counts of shape (14, 14): colour and cells show the share of the row in percent.

    A "0" is a share below 0.5%, not an empty cell.
    """
    matrix = _checked(matrix)

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 5.0 if theme.upright else 6.4))
        ax = figure.subplots()
        _draw_matrix(ax, theme, matrix, title)
        _name_rows(ax, theme)
        return figure

    return themed(draw, f"Confusion matrix. {_describe(matrix, title)}")


def confusion_pair(left: ArrayLike, right: ArrayLike, left_title: str, right_title: str) -> ThemedFigure:
    """Two matrices as `confusion` draws one, counts of shape (14, 14), with the same colours."""
    left, right = _checked(left), _checked(right)

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 10.0 if theme.upright else 5.3))
        axes = panels(figure, theme, 2)
        for ax, matrix, title in zip(axes, (left, right), (left_title, right_title), strict=True):
            _draw_matrix(ax, theme, matrix, title)
            if theme.upright or ax is axes[0]:
                _name_rows(ax, theme)
        return figure

    return themed(
        draw, f"Two confusion matrices. {_describe(left, left_title)} {_describe(right, right_title)}"
    )


def confusion_beside_slides(model: str, matrix: ArrayLike, corpus: str) -> ThemedFigure:
    """The matrix that the slides print for a model beside that of this run, as in `confusion_pair`.

    `model` is "image", "text" or "fusion", `matrix` (14, 14) counts, `corpus` the label of the corpus.
    """
    return confusion_pair(slides.CONFUSION[model], matrix, "Slides", f"This run: {corpus}")


def confusion_difference(left: ArrayLike, right: ArrayLike, title: str) -> ThemedFigure:
    """Differences of the row shares, `right` minus `left` (counts of shape (14, 14)), in points.

    Cells of less than half a point are empty. Rows without videos on either side are crossed out.
    """
    left, right = _checked(left), _checked(right)
    points = 100 * (_row_shares(right) - _row_shares(left))
    compared = (left.sum(axis=1) > 0) & (right.sum(axis=1) > 0)
    points[~compared] = 0

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 5.6 if theme.upright else 7.0))
        ax = figure.subplots()
        cells = _draw_cells(ax, theme, points, abs(points) >= 0.5, "{:+.0f}", theme.two_sided, (-60, 60))
        _frame(ax, theme, title)
        for row in np.flatnonzero(~compared):
            ax.plot([0, N_CATEGORIES], [row + 0.5] * 2, color=theme.muted, linewidth=0.8)
        _name_rows(ax, theme)
        _color_bar(figure, cells, ax)
        return figure

    gains = np.diag(points)
    alt = (
        f"{title}. On the diagonal the largest gain is {gains.max():+.0f} points "
        f"({NAMES[gains.argmax()]}), the largest loss {gains.min():+.0f} ({NAMES[gains.argmin()]})."
    )
    return themed(draw, f"Difference of two confusion matrices in points of row share. {alt}")


def _draw_matrix(ax: Axes, theme: Theme, matrix: np.ndarray, title: str) -> None:
    """Cells with the share of the row where there are videos, and row sums on the right."""
    _draw_cells(ax, theme, 100 * _row_shares(matrix), matrix > 0, "{:.0f}", theme.scale, (0, 100))
    for row, support in enumerate(matrix.sum(axis=1)):
        ax.text(N_CATEGORIES + 0.2, row + 0.5, f"{support:.0f}", color=theme.muted, **SIDE_TEXT)
    ax.text(N_CATEGORIES + 0.2, -0.5, "n", color=theme.muted, **SIDE_TEXT)
    _frame(ax, theme, title)


def _draw_cells(
    ax: Axes,
    theme: Theme,
    values: np.ndarray,
    is_drawn: np.ndarray,
    form: str,
    scale: LinearSegmentedColormap,
    limits: tuple[float, float],
) -> PatchCollection:
    """Cells with `values` as colour and text."""
    # Only these cells are drawn: a collection of all 196 would double the file.
    drawn = [tuple(cell) for cell in np.argwhere(is_drawn)]
    cells = PatchCollection([Rectangle((column, row), 1, 1) for row, column in drawn], linewidth=0)
    cells.set(array=[values[cell] for cell in drawn], cmap=scale, clim=limits, clip_on=False)
    ax.add_collection(cells, autolim=False)
    for row, column in drawn:
        color = theme.text_on(scale(cells.norm(values[row, column])))
        text = form.format(values[row, column]).replace("-", "−")
        ax.text(
            column + 0.5,
            row + 0.5,
            text,
            color=color,
            fontsize=SMALL - 1 if theme.upright else SMALL,
            **CELL_TEXT,
        )
    return cells


def _frame(ax: Axes, theme: Theme, title: str) -> None:
    for row in range(N_CATEGORIES):
        ax.add_patch(Rectangle((row, row), 1, 1, fill=False, edgecolor=theme.foreground, linewidth=0.8))
    lines = range(N_CATEGORIES + 1)
    ax.hlines(lines, 0, N_CATEGORIES, color=theme.grid, linewidth=0.5, zorder=0)
    ax.vlines(lines, 0, N_CATEGORIES, color=theme.grid, linewidth=0.5, zorder=0)
    ax.set(xlim=(0, N_CATEGORIES), ylim=(N_CATEGORIES, 0), xlabel="Answer", title=title, yticks=[])
    ax.set_xticks(np.arange(N_CATEGORIES) + 0.5, FIRST_WORDS, rotation=90)
    ax.tick_params(length=0, labeltop=True)
    ax.grid(visible=False)
    sns.despine(ax=ax, left=True, bottom=True)


def _name_rows(ax: Axes, theme: Theme) -> None:
    ax.set_yticks(np.arange(N_CATEGORIES) + 0.5, FIRST_WORDS if theme.upright else NAMES)
    ax.text(-0.3, -0.5, "Truth", ha="right", va="center")


def _color_bar(figure: Figure, cells: PatchCollection, ax: Axes) -> None:
    bar = figure.colorbar(cells, ax=ax, location="bottom", shrink=0.4, aspect=30, pad=0.02)
    bar.outline.set_visible(False)
    bar.solids.set_edgecolor("face")  # no seams between its steps
    bar.ax.tick_params(length=0)
    ticks = (-60, -30, 0, 30, 60)
    bar.set_ticks(ticks, labels=[f"{tick:+.0f}" for tick in ticks])
    bar.set_label("Difference of the shares of a row (percentage points)")


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
