"""Intervals and tests for accuracies: how much of a difference is noise."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import fisher_exact, norm, permutation_test, quantile, t
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

LEVEL = 0.95  # of every interval
SIGNIFICANCE = 0.05  # the p-value below which a difference is called significant


def wilson(successes: float, n: int) -> tuple[float, float]:
    """95 % Wilson score interval (low, high), 0..1, of `successes` out of `n`.

    Source: Wilson (1927), as in statsmodels. Raises ValueError unless 0 <= successes <= n and n >= 1.
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(
            f"{successes} successes out of {n} trials is not possible; give 0 <= successes <= n, n >= 1"
        )
    low, high = proportion_confint(successes, n, alpha=1 - LEVEL, method="wilson")
    return float(low), float(high)


def wilson_of_share(share: float, n: int) -> tuple[float, float]:
    """95 % Wilson interval (low, high) of a share, 0..1, of `n` trials; the count is not rounded."""
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1, not {share}; divide a percentage by 100")
    return wilson(share * n, n)


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


def smallest_significant(n: int, k_people: int, n_people: int) -> int:
    """Fewest successes out of `n` that are significantly better than people's `k_people` out of `n_people`.

    By `two_proportions`, two-sided at the level of 5 %. On 1,020 videos against 54 of 100 people that is 656
    (64.31 %), or 64.5 % in steps of half a point; Yates' chi-square would ask for 658 (64.51 %). Raises
    ValueError where not even `n` out of `n` is enough.
    """
    better = range(n * k_people // n_people + 1, n + 1)
    for k in better:
        if two_proportions(k, n, k_people, n_people) < SIGNIFICANCE:
            return k
    raise ValueError(
        f"no score on {n} videos is significantly better than {k_people}/{n_people}; use more videos"
    )


def mcnemar_exact(correct_a: ArrayLike, correct_b: ArrayLike) -> float:
    """Two-sided p-value of McNemar's exact test of two models on the same videos.

    `correct_a`, `correct_b`: (n,) bool, whether each model classified each video correctly. 1.0 where they
    never differ.
    Source: McNemar (1947), exact binomial form, as in statsmodels. Raises ValueError for unequal shapes.
    """
    a, b = _paired(correct_a, correct_b)
    table = [[np.sum(a & b), np.sum(a & ~b)], [np.sum(~a & b), np.sum(~a & ~b)]]
    return float(mcnemar(table, exact=True).pvalue)


def holm(p_values: ArrayLike) -> np.ndarray:
    """p-values corrected for being one family of comparisons, (n,) float, in the order given.

    Source: Holm (1979), to the bit as statsmodels' `multipletests` has it, which spends a quarter of a second
    and more on collecting garbage.
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    return corrected


def cluster_sign_flip(
    values: ArrayLike, clusters: ArrayLike, seed: int = 0, resamples: int = 20_000
) -> float:
    """Two-sided p-value of a paired difference by a sign-flip test that respects clusters.

    `values`: (n,) differences of two models per video, such as the share of seeds with which the first is
    correct minus that of the second. `clusters`: (n,) labels, such as channels. If the models were equals,
    they could be exchanged on every channel: the differences of a channel change their sign together. The
    p-value is the share of such exchanges with a sum at least as far from 0 as the one observed, at least
    1 / (resamples + 1), and 1.0 where the models never differ. Unlike McNemar's test it does not take the
    videos of one channel for independent. Source: Good (2005), "Permutation, Parametric and Bootstrap
    Tests of Hypotheses", ch. 3, by `scipy.stats.permutation_test`. Raises ValueError for unequal shapes.
    """
    values, clusters = np.asarray(values, dtype=np.float64), np.asarray(clusters)
    if values.shape != clusters.shape or values.ndim != 1:
        raise ValueError(f"give one cluster per video, not {clusters.shape} for {values.shape}")
    by_cluster = np.bincount(np.unique(clusters, return_inverse=True)[1], weights=values)
    by_cluster = by_cluster[by_cluster != 0]  # the sign of 0 changes nothing
    if len(by_cluster) < 2:
        return 1.0  # of one difference both signs are equally far from 0
    result = permutation_test(
        (by_cluster,), np.sum, permutation_type="samples", vectorized=True, n_resamples=resamples, batch=500,
        rng=np.random.default_rng(seed),
    )  # fmt: skip
    return float(min(result.pvalue, 1.0))


def effective_n(share: float, low: float, high: float) -> int:
    """The number of independent videos that would give a share as wide an interval, at least 1.

    `share`, `low`, `high`: 0..1, a share and its 95 % interval, such as a bootstrap that draws channels. With
    as many trials a test for independent ones respects the channels. Source: Rao & Scott (1992), "A simple
    method for the analysis of clustered binary data", Biometrics 48. Raises ValueError for an empty interval.
    """
    if not low < high:
        raise ValueError(f"an interval from {low} to {high} has no width")
    standard_error = (high - low) / (2 * norm.ppf((1 + LEVEL) / 2))
    return max(1, round(share * (1 - share) / standard_error**2))


# ---- the bootstrap: one way to draw videos, or whole clusters of them, and one interval


def units(n: int, clusters: ArrayLike | None = None) -> np.ndarray:
    """The unit of each of `n` videos that a bootstrap draws as one: (n,) int, numbered 0, 1, ...

    Without `clusters` each video is a unit. `clusters` are (n,) labels such as channels; units are numbered
    in their order: videos of one channel are not independent, so whole clusters are drawn (Davison & Hinkley
    1997, ch. 3.8). Raises ValueError unless there is one cluster per video, and for fewer than two units.
    """
    if clusters is not None and np.shape(clusters) != (n,):
        raise ValueError(f"clusters has shape {np.shape(clusters)}, the videos ({n},); give one per video")
    unit = np.arange(n) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    if n == 0 or unit.max() == 0:
        raise ValueError("a bootstrap needs at least two videos, or two clusters")
    return unit


def bootstrap(
    statistic: Callable[..., ArrayLike], sizes: Sequence[int], seed: int, resamples: int, batch: int = 500
) -> np.ndarray:
    """95 % percentile bootstrap interval of a statistic: (2, ...) float, the low and the high limit.

    Each resample draws, for each of `sizes`, as many units with replacement, independently of the others.
    `statistic` gets one array per size, (b, size) int64: the numbers of the units drawn in b <= `batch`
    resamples. It returns (..., b) values. A paired comparison draws its videos once: one size.

    The result depends on the arguments alone. The draws are those of `scipy.stats.bootstrap` with
    `rng=np.random.default_rng(seed)` and the same `batch`, which for a single size changes memory only; SciPy
    itself refuses a sample of one unit, such as the only model trained on all videos.
    """
    rng = np.random.default_rng(seed)
    values = []
    for rows in _batches(resamples, batch):
        b = rows.stop - rows.start
        values.append(statistic(*[rng.integers(size, size=(b, size)) for size in sizes]))
    return percentile_interval(np.concatenate(values, axis=-1))


def drawn_counts(unit: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """How often each of `resamples` resamples holds each video: (resamples, n) int64, for `units` (n,).

    As many units are drawn as there are, with replacement: the draws of `bootstrap` for that one size. For
    statistics of sums, such as a confusion matrix, which become one product of matrices;
    `percentile_interval` of their values is then the interval.
    """
    return _unit_counts(int(unit.max()) + 1, seed, resamples)[:, unit].astype(np.int64)


def drawn_counts_within(strata: ArrayLike, clusters: ArrayLike, seed: int, resamples: int) -> np.ndarray:
    """How often each resample holds each of n videos, drawn stratum by stratum: (resamples, n) int64.

    `strata`, `clusters`: (n,) labels, such as the true category and the channel. Of each stratum as many
    clusters are drawn, with replacement, as it has, so no resample lacks a stratum; a cluster with videos in
    two strata is drawn in each by itself. A stratum of one cluster is never varied. Source: Davison & Hinkley
    (1997), "Bootstrap Methods and their Application", ch. 3.2. Raises ValueError for unequal shapes.
    """
    strata, clusters = np.asarray(strata), np.asarray(clusters)
    if strata.shape != clusters.shape:
        raise ValueError(f"give one stratum and one cluster per video, not {strata.shape}, {clusters.shape}")
    rng = np.random.default_rng(seed)
    times = np.empty((resamples, len(strata)), dtype=np.int64)
    for stratum in np.unique(strata):
        videos = np.flatnonzero(strata == stratum)
        names, unit = np.unique(clusters[videos], return_inverse=True)
        shares = np.full(len(names), 1 / len(names))
        times[:, videos] = rng.multinomial(len(names), shares, resamples)[:, unit]
    return times


@lru_cache(maxsize=8)
def _unit_counts(n_units: int, seed: int, resamples: int) -> np.ndarray:
    """How often each resample holds each unit, (resamples, n_units) uint16, read-only.

    Many figures of the same channels share their resamples, and 10,000 of 2,500 channels take a third of a
    second to draw and 50 MB to keep.
    """
    counts = np.empty((resamples, n_units), dtype=np.uint16)
    rng = np.random.default_rng(seed)
    for rows in _batches(resamples):
        drawn = rng.integers(n_units, size=(rows.stop - rows.start, n_units))
        cell = drawn + n_units * np.arange(len(drawn))[:, np.newaxis]
        counts[rows] = np.bincount(cell.ravel(), minlength=cell.size).reshape(cell.shape)
    counts.flags.writeable = False
    return counts


def _batches(resamples: int, batch: int = 100) -> list[slice]:
    """Slices of `resamples` that bound the memory of what is computed at once."""
    return [slice(done, min(done + batch, resamples)) for done in range(0, resamples, batch)]


def percentile_interval(values: ArrayLike) -> np.ndarray:
    """The 95 % percentile interval of a statistic's values in r resamples, (..., r): (2, ...), low and high.

    Source: Efron and Tibshirani (1993), "An Introduction to the Bootstrap", ch. 13.
    """
    tail = (1 - LEVEL) / 2
    # Not by NumPy: its last digit may differ from that of `scipy.stats.bootstrap`.
    return np.moveaxis(quantile(values, [tail, 1 - tail], axis=-1), -1, 0)


def paired_bootstrap(
    correct_a: ArrayLike,
    correct_b: ArrayLike,
    seed: int,
    resamples: int = 10_000,
    clusters: ArrayLike | None = None,
) -> tuple[float, float, float]:
    """Accuracy of a minus accuracy of b on the same videos, with its 95 % percentile bootstrap interval.

    `correct_a`, `correct_b`: (n,) bool, or per video the share of seeds with which the model was correct.
    `clusters`: (n,) labels of clusters, which are then drawn whole; see `units`.
    Returns (difference, low, high), each -1..1. Raises ValueError for unequal shapes or fewer than two units.
    """
    a, b = _paired(correct_a, correct_b, shares=True)
    gain = a.astype(np.float64) - b
    units(len(gain), clusters)  # refuses what cannot be drawn from
    return bootstrap_ratio(gain, np.ones_like(gain), seed, resamples, clusters)


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
    are nan for fewer than two that have, ratio too for none. The draws are those of `bootstrap`.
    """
    [ratios], [lows], [highs] = bootstrap_ratios([numerator], denominator, seed, resamples, clusters)
    return float(ratios), float(lows), float(highs)


def bootstrap_ratios(
    numerators: ArrayLike,
    denominator: ArrayLike,
    seed: int,
    resamples: int = 10_000,
    clusters: ArrayLike | None = None,
) -> np.ndarray:
    """`bootstrap_ratio` of k numerators (k, n) with one denominator (n,): (3, k), ratios, lows, highs."""
    numerators = np.asarray(numerators, dtype=np.float64)
    denominator = np.asarray(denominator, dtype=np.float64)
    if clusters is not None:
        _, unit = np.unique(np.asarray(clusters), return_inverse=True)
        numerators = np.array([np.bincount(unit, numerator) for numerator in numerators])
        denominator = np.bincount(unit, denominator)
    sums = np.vstack([numerators, denominator])[:, denominator > 0]
    limits = np.full((2, len(numerators)), np.nan)
    if sums.shape[1] >= 2:
        counts = _unit_counts(sums.shape[1], seed, resamples)
        drawn = [counts[rows].astype(np.float64) @ sums.T for rows in _batches(resamples)]
        limits = percentile_interval(_ratios(np.concatenate(drawn).T))
    return np.vstack([_ratios(sums.sum(axis=1)), limits])


def _ratios(sums: np.ndarray) -> np.ndarray:
    """All rows but the last, divided by the last; nan for 0 / 0."""
    with np.errstate(invalid="ignore"):
        return sums[:-1] / sums[-1]


# ---- seeds


def interval_with_seeds(
    values: ArrayLike, seed: int = 0, clusters: ArrayLike | None = None
) -> tuple[float, float, float]:
    """The mean of a figure over videos and trainings, with a 95 % interval that holds both.

    `values`: (n, s) per test video and training (seed): whether the model is correct, or the difference of
    two models. Two intervals about the one mean, that of a bootstrap over the videos, or whole `clusters`
    (n,), and the t interval over the s trainings, are joined by adding the squares of their limits' distances
    (Zou & Donner 2008, "Construction of confidence limits about effect measures"). It tells how far other
    videos *and* other trainings of the same method could move the figure. Returns (mean, low, high). Raises
    ValueError for fewer than two trainings, or than two videos or clusters.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] < 2:
        raise ValueError(f"give values of at least two trainings, (n, s), not shape {values.shape}")
    units(len(values), clusters)  # refuses what cannot be drawn from
    mean, low, high = bootstrap_ratio(values.mean(axis=1), np.ones(len(values)), seed, clusters=clusters)
    least, most = t_interval(values.mean(axis=0))
    return (
        mean,
        float(mean - np.hypot(mean - low, mean - least)),
        float(mean + np.hypot(high - mean, most - mean)),
    )


def mean_sd(values: ArrayLike) -> tuple[float, float]:
    """Mean and sample standard deviation (n - 1) of (n,) values; the deviation of one value is nan.

    Raises ValueError where there is no value.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(f"mean_sd needs a list of at least one value, not shape {values.shape}")
    return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def t_interval(values: ArrayLike) -> tuple[float, float]:
    """95 % interval (low, high) of the mean of (n,) values by Student's t with n - 1 degrees of freedom.

    For the accuracies of folds: it holds what differs from fold to fold, but takes the folds as independent,
    although their training videos overlap. (nan, nan) for one value. Raises ValueError where there is none.
    """
    mean, sd = mean_sd(values)
    half = t.ppf((1 + LEVEL) / 2, np.size(values) - 1) * sd / np.sqrt(np.size(values))
    return float(mean - half), float(mean + half)


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
