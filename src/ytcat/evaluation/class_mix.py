"""Accuracy at another class mix than that of the test videos.

Two test sets with unequal shares of the categories cannot be compared by top-1 accuracy alone: the one with
more videos of the easy categories wins. Direct standardization weighs the recall of each category by the
shares of one common mix. Shares and accuracies are 0..1.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ytcat.evaluation.statistics import drawn_counts, percentile_interval, units


class Estimate(NamedTuple):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float
    covered: float  # the share, 0..1, of the wanted mix whose categories have videos


def standardized_mean(
    values: ArrayLike,
    categories: ArrayLike,
    mix: ArrayLike,
    clusters: ArrayLike,
    seed: int = 0,
    resamples: int = 2_000,
) -> Estimate:
    """The mean of `values` per category, weighted by a class mix, with a bootstrap interval over clusters.

    `values`: (n,) per video, such as whether a model classified it correctly, or the share of seeds with
    which it did; their mean per category is then the recall. `categories`: (n,) int labels, indices into
    `mix` (k,), shares or counts of any sum. `clusters`: (n,) labels, such as channels, which are drawn whole.
    A category without videos, in the data or in a resample, has no recall: it is left out, and the others
    are weighted by their shares of what is left (`covered`). Source: direct standardization, Rothman,
    Greenland & Lash (2008), "Modern Epidemiology", ch. 3. Raises ValueError for unequal shapes, fewer than
    two clusters, or if no category of the mix has videos.
    """
    values, categories = np.asarray(values, dtype=np.float64), np.asarray(categories)
    mix = np.asarray(mix, dtype=np.float64)
    if values.shape != categories.shape or values.ndim != 1:
        raise ValueError(f"give one category per value, not {categories.shape} for {values.shape}")
    unit = units(len(values), clusters)
    shape = unit.max() + 1, len(mix)
    cell = np.ravel_multi_index((unit, categories), shape)
    n = np.bincount(cell, minlength=np.prod(shape)).reshape(shape)
    total = np.bincount(cell, weights=values, minlength=np.prod(shape)).reshape(shape)
    covered = float(mix[n.any(axis=0)].sum() / mix.sum())
    if not covered:
        raise ValueError("no category of the class mix has videos")
    times = _times(len(n), seed, resamples)
    value = _weighted(total.sum(axis=0, keepdims=True), n.sum(axis=0, keepdims=True), mix)
    low, high = percentile_interval(_weighted(times @ total, times @ n, mix))
    return Estimate(float(value[0]), float(low), float(high), covered)


def shifted(probabilities: ArrayLike, trained_on: ArrayLike, wanted: ArrayLike) -> np.ndarray:
    """Probabilities as they would be if the categories had other shares: (n, k) float64, rows sum to 1.

    `probabilities`: (n, k). `trained_on`, `wanted`: (k,) shares or counts of the categories, in the training
    videos and where the model is to answer. Each probability is multiplied by wanted share / training share;
    a category without training videos gets 0. Source: Saerens, Latinne & Decaestecker (2002), "Adjusting the
    outputs of a classifier to new a priori probabilities", equation 2.4.
    """
    trained_on, wanted = np.asarray(trained_on, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    factor = np.divide(wanted, trained_on, out=np.zeros_like(wanted), where=trained_on > 0)
    products = np.asarray(probabilities, dtype=np.float64) * factor
    return products / products.sum(axis=1, keepdims=True)


@lru_cache(maxsize=2)  # the models of one split have their test videos, and so the resamples, in common
def _times(n_units: int, seed: int, resamples: int) -> np.ndarray:
    """How often each resample holds each unit, (resamples, n_units) float64, read-only."""
    times = drawn_counts(np.arange(n_units), seed, resamples).astype(np.float64)
    times.flags.writeable = False
    return times


def _weighted(total: np.ndarray, n: np.ndarray, mix: np.ndarray) -> np.ndarray:
    """The weighted means (r,) from sums of values and numbers of videos per category, (r, k) each."""
    recall = np.divide(total, n, out=np.zeros_like(total), where=n > 0)
    weight = np.where(n > 0, mix, 0.0)
    return (recall * weight).sum(axis=1) / weight.sum(axis=1)
