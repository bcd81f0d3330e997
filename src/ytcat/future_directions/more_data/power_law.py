"""Power laws through learning curves: what more training videos may bring.

The form error(n) = a + b n^-c is that of Cortes et al. (1993), "Learning Curves: Asymptotic Values and
Rate of Convergence", NIPS 6, and of Hestness et al. (2017), "Deep Learning Scaling is Predictable,
Empirically", arXiv 1712.00409.

`correct` is, by number of training videos, a (repeats, n_test) bool array: whether the model trained on each
subset classified each test video correctly. The test videos are the same for all. `channels` are (n_test,)
labels of their channels, which the bootstraps draw whole.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar, nnls

from ytcat.evaluation.statistics import bootstrap, units

MIN_SIZES = 3  # a power law has three numbers to find
STEEPEST = 2.0  # exponents found in practice are below 0.5; the bound only keeps noise from a vertical line


class PowerLaw(NamedTuple):
    """error(n) = a + b n^-c, errors being shares 0..1."""

    a: float  # the error that no number of training videos removes
    b: float
    c: float

    def accuracy(self, n_train: ArrayLike) -> np.ndarray:
        """1 - error at some numbers of training videos."""
        return 1 - self.a - self.b * np.asarray(n_train, dtype=np.float64) ** -self.c

    def videos_for(self, accuracy: float) -> float:
        """The number of training videos with that accuracy, 0..1; inf where no number has it."""
        error = 1 - accuracy - self.a  # what b n^-c may still be
        if error <= 0 or self.b == 0 or self.c == 0:
            return 0.0 if self.accuracy(1) >= accuracy else np.inf
        with np.errstate(over="ignore"):  # more than a float can hold is no number
            return float(np.divide(self.b, error) ** (1 / self.c))


def fit(n_train: ArrayLike, accuracy: ArrayLike) -> PowerLaw:
    """The power law of least squares through (k,) accuracies, 0..1, with a, b >= 0 and 0 <= c <= 2.

    Raises ValueError with fewer than three different sizes.
    """
    n, error = np.asarray(n_train, dtype=np.float64), 1 - np.asarray(accuracy, dtype=np.float64)
    if len(np.unique(n)) < MIN_SIZES:
        raise ValueError(f"a power law needs three sizes or more, not {sorted(set(n))}")
    relative = n / n.max()  # so that the three numbers are of one order

    def best_a_and_b(c: float) -> tuple[np.ndarray, float]:
        """The best a and b >= 0 for an exponent, and the norm of the residuals."""
        return nnls(np.column_stack([np.ones_like(n), relative**-c]), error)

    c = float(minimize_scalar(lambda c: best_a_and_b(c)[1], bounds=(0, STEEPEST), method="bounded").x)
    (a, above), _ = best_a_and_b(c)
    return PowerLaw(float(a), float(above * n.max() ** c), c)


def forecast(
    correct: Mapping[int, np.ndarray],
    at: Sequence[int],
    channels: ArrayLike,
    seed: int,
    resamples: int = 200,
) -> pd.DataFrame:
    """Accuracies that the power law through the mean accuracies expects: one row per size in `at`.

    Columns `n_train`; `value`, `low`, `high` (0..1); `gain`, `gain_low`, `gain_high`: what the law adds from
    the largest size measured on, -1..1. The 95 % intervals are of a percentile bootstrap over channels of
    test videos and, within each size, over subsets. They say how sure the curve is if its form continues to
    hold; they cannot say whether the form does.
    """
    sizes = list(correct)

    def expected(means: np.ndarray) -> np.ndarray:
        law = fit(sizes, means)
        return np.concatenate([law.accuracy(at), law.accuracy(at) - law.accuracy(max(sizes))])

    value, low, high = (
        np.split(each, 2)
        for each in (expected(_means(correct)), *_interval(correct, expected, channels, seed, resamples))
    )
    columns = {"n_train": at, "value": value[0], "low": low[0], "high": high[0]}
    return pd.DataFrame(columns | {"gain": value[1], "gain_low": low[1], "gain_high": high[1]})


def videos_needed(
    correct: Mapping[int, np.ndarray],
    accuracy: float,
    channels: ArrayLike,
    seed: int,
    resamples: int = 200,
) -> dict[str, float]:
    """How many training videos the power law needs for an accuracy, 0..1: `needed`, `low`, `high`.

    inf where no number is enough. The 95 % interval is that of `forecast`, and as little sure.
    """
    sizes = list(correct)

    def inverse(means: np.ndarray) -> float:  # finite where no number is enough
        return 1 / max(fit(sizes, means).videos_for(accuracy), 1.0)

    needed = inverse(_means(correct))
    most, least = _interval(correct, inverse, channels, seed, resamples).ravel()[::-1]
    return {
        name: 1 / float(share) if share > 0 else np.inf
        for name, share in {"needed": needed, "low": most, "high": least}.items()
    }


class HeldOutForecast(NamedTuple):
    """A forecast of the largest size from smaller ones, against the accuracy measured there."""

    n_train: int
    forecast: float
    measured: float
    missed: float  # measured - forecast
    low: float  # 95 % bootstrap interval of `missed`
    high: float


def forecast_held_out(
    correct: Mapping[int, np.ndarray],
    channels: ArrayLike,
    seed: int,
    resamples: int = 200,
    doublings: int = 1,
) -> HeldOutForecast:
    """Forecast the largest size from those that are that many `doublings` smaller: at least three of them.

    Forecast and measurement are resampled together, since both come from the same test videos.
    """
    sizes = sorted(correct)
    smaller, largest = sizes[:-doublings], sizes[-1]
    correct = {n: correct[n] for n in (*smaller, largest)}

    def expected(means: np.ndarray) -> float:
        return float(fit(smaller, means[:-1]).accuracy(largest))

    def missed(means: np.ndarray) -> float:
        return means[-1] - expected(means)

    means = _means(correct)
    low, high = _interval(correct, missed, channels, seed, resamples).ravel().tolist()
    return HeldOutForecast(largest, expected(means), float(means[-1]), float(missed(means)), low, high)


def _means(correct: Mapping[int, np.ndarray]) -> np.ndarray:
    return np.array([of_size.mean() for of_size in correct.values()])


def _interval(
    correct: Mapping[int, np.ndarray],
    of_means: Callable[[np.ndarray], ArrayLike],
    channels: ArrayLike,
    seed: int,
    resamples: int,
) -> np.ndarray:
    """Bootstrap limits, (2, k), of k values computed from the mean accuracies by size."""
    unit = units(next(iter(correct.values())).shape[1], channels)
    videos = np.bincount(unit)
    n_correct = [  # by size: (repeats, channels)
        np.array([np.bincount(unit, weights=repeat) for repeat in of_size]) for of_size in correct.values()
    ]

    def statistic(drawn: np.ndarray, *repeats: np.ndarray) -> np.ndarray:
        tested = videos[drawn[0]].sum()
        means = [
            of_size[repeat[0]][:, drawn[0]].sum() / (len(of_size) * tested)
            for of_size, repeat in zip(n_correct, repeats, strict=True)
        ]
        return np.reshape(of_means(np.array(means)), (-1, 1))

    return bootstrap(statistic, [len(videos), *map(len, n_correct)], seed, resamples, batch=1)
