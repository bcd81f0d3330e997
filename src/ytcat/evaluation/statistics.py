"""Intervals and tests for accuracies: how much of a difference is noise."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import bootstrap, fisher_exact
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint


def wilson(successes: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson score interval (low, high), 0..1, of `successes` out of `n`.

    Source: Wilson (1927), as in statsmodels. Raises ValueError unless 0 <= successes <= n and n >= 1.
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(
            f"{successes} successes out of {n} trials is not possible; give 0 <= successes <= n, n >= 1"
        )
    low, high = proportion_confint(successes, n, alpha=1 - level, method="wilson")
    return float(low), float(high)


def wilson_of_share(share: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson interval (low, high) of a published share, 0..1, of `n` trials; the count is not rounded."""
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1, not {share}; divide a percentage by 100")
    return wilson(share * n, n, level)


def two_proportions(k1: int, n1: int, k2: int, n2: int) -> float:
    """Two-sided p-value of Fisher's exact test that k1/n1 and k2/n2 come from one proportion.

    For published counts, where nothing pairs the trials. On the slides' numbers it gives p = 0.009 for
    the title against the combined model and p = 0.11 for the combined model against people. (Yates'
    chi-square gives 0.009 and 0.12, Pearson's without correction 0.008 and 0.10.)
    Raises ValueError for impossible counts.
    """
    for k, n in ((k1, n1), (k2, n2)):
        if n < 1 or not 0 <= k <= n:
            raise ValueError(f"{k} successes out of {n} trials is not possible; give 0 <= k <= n, n >= 1")
    return float(fisher_exact([[k1, n1 - k1], [k2, n2 - k2]]).pvalue)


def smallest_significant(n: int, k_people: int, n_people: int, alpha: float = 0.05) -> int:
    """Fewest successes out of `n` that are significantly better than people's `k_people` out of `n_people`.

    By `two_proportions` (two-sided). On 1,020 videos against 54 of 100 people that is 656 (64.31 %), or
    64.5 % in steps of half a point; Yates' chi-square would ask for 658 (64.51 %). Raises ValueError
    where not even `n` out of `n` is enough.
    """
    better = range(n * k_people // n_people + 1, n + 1)
    for k in better:
        if two_proportions(k, n, k_people, n_people) < alpha:
            return k
    raise ValueError(
        f"no score on {n} videos is significantly better than {k_people}/{n_people}; use more videos"
    )


def mcnemar_exact(correct_a: ArrayLike, correct_b: ArrayLike) -> float:
    """Two-sided p-value of McNemar's exact test of two models on the same videos.

    `correct_a`, `correct_b`: (n,) bool, whether each model got each video right. 1.0 where they never differ.
    Source: McNemar (1947), exact binomial form, as in statsmodels. Raises ValueError for unequal shapes.
    """
    a, b = _paired(correct_a, correct_b)
    table = [[np.sum(a & b), np.sum(a & ~b)], [np.sum(~a & b), np.sum(~a & ~b)]]
    return float(mcnemar(table, exact=True).pvalue)


def paired_bootstrap(
    correct_a: ArrayLike,
    correct_b: ArrayLike,
    seed: int,
    resamples: int = 10_000,
    clusters: ArrayLike | None = None,
) -> tuple[float, float, float]:
    """Accuracy of a minus accuracy of b on the same videos, with its 95 % percentile bootstrap interval.

    `correct_a`, `correct_b`: (n,) bool, or of each video the share of seeds that were right. `clusters`: (n,)
    labels such as channels; whole clusters are then resampled, since videos of one channel are not
    independent (Davison & Hinkley 1997, ch. 3.8).
    Returns (difference, low, high), each -1..1. Raises ValueError for unequal shapes or fewer than two units.
    """
    a, b = _paired(correct_a, correct_b, shares=True)
    gain = a.astype(np.float64) - b
    if clusters is not None and np.shape(clusters) != gain.shape:
        raise ValueError(
            f"clusters has shape {np.shape(clusters)}, the videos {gain.shape}; give one cluster a video"
        )
    difference, low, high = bootstrap_ratio(gain, np.ones_like(gain), seed, resamples, clusters)
    if np.isnan(low):
        raise ValueError("a bootstrap needs at least two videos, or two clusters")
    return difference, low, high


def bootstrap_ratio(
    numerator: ArrayLike,
    denominator: ArrayLike,
    seed: int,
    resamples: int = 10_000,
    clusters: ArrayLike | None = None,
) -> tuple[float, float, float]:
    """sum(numerator) / sum(denominator) over videos, with its 95 % percentile bootstrap interval.

    Both (n,), denominators at least 0. A mean has the denominators 1. `clusters`: as in `paired_bootstrap`.
    Videos, or clusters, with a denominator of 0 have no part in it. Returns (ratio, low, high); low and high
    are nan for fewer than two that have, ratio too for none.
    """
    numerator = np.asarray(numerator, dtype=np.float64)
    denominator = np.asarray(denominator, dtype=np.float64)
    if clusters is not None:
        _, unit = np.unique(np.asarray(clusters), return_inverse=True)
        numerator, denominator = np.bincount(unit, numerator), np.bincount(unit, denominator)
    numerator, denominator = numerator[denominator > 0], denominator[denominator > 0]
    ratio = float(numerator.sum() / denominator.sum()) if len(denominator) else np.nan
    if len(denominator) < 2:
        return ratio, np.nan, np.nan

    def of_sums(numerator: np.ndarray, denominator: np.ndarray, axis: int) -> np.ndarray:
        return numerator.sum(axis=axis) / denominator.sum(axis=axis)

    interval = bootstrap(
        (numerator, denominator),
        of_sums,
        n_resamples=resamples,
        batch=500,  # keeps 10,000 resamples of 1,020 videos out of memory
        vectorized=True,
        paired=True,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return ratio, float(interval.low), float(interval.high)


def mean_sd(values: ArrayLike) -> tuple[float, float]:
    """Mean and sample standard deviation (n - 1) of (n,) values; the deviation of one value is nan.

    Raises ValueError where there is no value.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(f"mean_sd needs a list of at least one value, not shape {values.shape}")
    return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def _paired(
    correct_a: ArrayLike, correct_b: ArrayLike, shares: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(correct_a), np.asarray(correct_b)
    if a.ndim != 1 or a.shape != b.shape or len(a) == 0:
        raise ValueError(f"both models must answer the same videos; got shapes {a.shape} and {b.shape}")
    for values in (a, b) if shares else ():
        if values.dtype != bool and not (values.dtype.kind == "f" and 0 <= values.min() <= values.max() <= 1):
            raise ValueError(f"expected arrays of bool, or of shares 0..1, not {values.dtype}")
    if not shares and (a.dtype != bool or b.dtype != bool):
        raise ValueError(f"expected arrays of bool (right or wrong), not {a.dtype} and {b.dtype}")
    return a, b
