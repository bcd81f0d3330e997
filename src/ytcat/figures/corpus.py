"""A corpus: class balance, title lengths, words with a vector, channel sizes."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, MultipleLocator
from numpy.typing import ArrayLike

from ytcat.categories import NAMES
from ytcat.figures.style import (
    THIS,
    Theme,
    ThemedFigure,
    legend_above,
    percent_axis,
    rows,
    styles_of,
    themed,
)


def class_balance(counts: dict[str, ArrayLike]) -> ThemedFigure:
    """Share of the videos in each category.

    counts: for each named set of videos the number in each category, shape (14,).
    """
    shares = {name: _shares(count) for name, count in counts.items()}
    styles = styles_of(shares)

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 4.4))
        ax = figure.subplots()
        for place, (name, share) in enumerate(shares.items()):
            style = styles[name]
            beside = min(0.36, 0.8 / len(shares)) * (place - (len(shares) - 1) / 2)  # none hides another
            ax.scatter(
                share, np.arange(len(NAMES)) + beside, s=40, marker=style.marker, color=style.paint(theme),
                label=name, edgecolor=theme.foreground, linewidth=0.5,
            )  # fmt: skip
        rows(ax, NAMES)
        ax.set_xlim(left=-0.005, right=max(0.1, 1.05 * max(share.max() for share in shares.values())))
        percent_axis(ax.xaxis, "Share of videos (%)")
        legend_above(figure, ax)
        return figure

    largest = "; ".join(
        f"{name}: {NAMES[share.argmax()]} is largest with {share.max():.1%}" for name, share in shares.items()
    )
    return themed(draw, f"Share of videos in each of the {len(NAMES)} categories. {largest}.")


def title_lengths(lengths: ArrayLike, cut: int) -> ThemedFigure:
    """Histogram of the words per title, shape (n,), and the number of words that models read, `cut`."""
    lengths = np.asarray(lengths)
    longer = (lengths > cut).mean() if lengths.size else 0.0

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 3.0))
        ax = figure.subplots()
        if lengths.size:
            sns.histplot(
                x=lengths, discrete=True, ax=ax, color=THIS.color, alpha=1, linewidth=0.8,
                edgecolor=theme.background,
            )  # fmt: skip
        ax.axvline(cut + 0.5, color=theme.foreground, linewidth=1.2, linestyle="--")
        ax.text(
            cut + 0.8, 0.95, f"the models read {cut} words:\n{longer:.1%} of the titles have more",
            transform=ax.get_xaxis_transform(), va="top",
        )  # fmt: skip
        ax.set_xlim(-0.6, max(1.7 * cut, lengths.max(initial=0) + 1))
        ax.set(xlabel="Words in the title", ylabel="Videos")
        ax.xaxis.set_major_locator(MultipleLocator(5))
        ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.grid(axis="x", visible=False)
        sns.despine(ax=ax, left=True)
        return figure

    middle = f"median {np.median(lengths):g}, " if lengths.size else ""
    return themed(
        draw, f"Words per title of {lengths.size:,} videos: {middle}{longer:.1%} longer than {cut} words."
    )


def word_coverage(coverage: pd.DataFrame) -> ThemedFigure:
    """Share of the words of each category's titles that have a pre-trained vector.

    coverage: columns `category` (name) and `covered` (share 0..1, NaN where there is no title).
    """
    covered = coverage.set_index("category")["covered"].reindex(NAMES).astype(float)
    left = np.floor(20 * np.nanmin([*covered, 0.9]) - 0.5) / 20

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 4.2))
        ax = figure.subplots()
        for row, share in enumerate(covered):
            if np.isnan(share):
                ax.text(left + 0.002, row, "no titles", va="center", color=theme.muted)
                continue
            ax.plot(share, row, marker=THIS.marker, color=THIS.color, markersize=7)
            ax.annotate(
                f"{100 * share:.1f}", (share, row), xytext=(7, 0), textcoords="offset points", va="center",
                bbox={"facecolor": theme.background, "edgecolor": "none", "pad": 1},
            )  # fmt: skip
        ax.hlines(range(len(NAMES)), left, 1, color=theme.grid, linewidth=1, zorder=0)
        rows(ax, NAMES)
        ax.set_xlim(left, 1 + 0.08 * (1 - left))
        ax.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
        percent_axis(ax.xaxis, "Words with a pre-trained vector (%)")
        return figure

    if covered.isna().all():
        return themed(draw, "Words with a pre-trained vector in each category: no titles.")
    return themed(
        draw,
        "Share of title words with a pre-trained vector in each category: lowest "
        f"{covered.min():.1%} ({covered.idxmin()}), highest {covered.max():.1%} ({covered.idxmax()}).",
    )


def channels(sizes: ArrayLike) -> ThemedFigure:
    """Cumulative share of the videos, by channel, the largest first.

    sizes: number of videos of each channel, shape (m,), in any order.
    """
    sizes = np.sort(np.asarray(sizes, dtype=float))[::-1]
    held = np.cumsum(sizes) / max(sizes.sum(), 1)
    half = int(np.searchsorted(held, 0.5)) + 1  # channels that hold half of the videos
    caption = f"{half:,} of {sizes.size:,} channels hold half of the videos"
    if not sizes.sum():
        half, caption = 0, "no videos"

    def draw(theme: Theme) -> Figure:
        figure = Figure(figsize=(theme.width, 3.3))
        ax = figure.subplots()
        ax.plot([0, sizes.size], [0, 1], color=theme.muted, linestyle=":", linewidth=1.2)
        ax.text(0.72 * max(sizes.size, 1), 0.66, "if all channels were equal", color=theme.muted, va="top")
        ax.plot(range(sizes.size + 1), [0, *held], color=THIS.color, linewidth=2.2)
        if half:
            ax.plot(half, held[half - 1], marker=THIS.marker, color=THIS.color, markersize=7)
        ax.annotate(
            caption, (half, held[half - 1] if half else 0), xytext=(10, 0), textcoords="offset points",
            va="center", bbox={"facecolor": theme.background, "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip
        ax.set(xlim=(0, max(sizes.size, 1)), ylim=(0, 1.02), xlabel="Channels, the biggest first")
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        percent_axis(ax.yaxis, "Share of videos (%)")
        sns.despine(ax=ax)
        return figure

    return themed(draw, f"Cumulative share of videos by channel, the biggest first: {caption}.")


def _shares(counts: ArrayLike) -> np.ndarray:
    counts = np.asarray(counts, dtype=float)
    if counts.shape != (len(NAMES),):
        raise ValueError(f"expected {len(NAMES)} counts, one per category; got shape {counts.shape}")
    return counts / max(counts.sum(), 1)
