"""Power laws through learning curves: what more training videos may bring.

The form error(n) = a + b n^-c is that of Cortes et al. (1993), "Learning Curves: Asymptotic Values and
Rate of Convergence", NIPS 6, and of Hestness et al. (2017), "Deep Learning Scaling is Predictable,
Empirically", arXiv 1712.00409.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar, nnls

STEEPEST = 2.0  # exponents found in practice are below 0.5; the bound only keeps noise from a vertical line


class PowerLaw(NamedTuple):
    """error(n) = a + b n^-c, errors being shares 0..1."""

    a: float  # what is left with endless data
    b: float
    c: float

    def accuracy(self, n_train: ArrayLike) -> np.ndarray:
        """1 - error at some numbers of training videos."""
        return 1 - self.a - self.b * np.asarray(n_train, dtype=np.float64) ** -self.c


def fit(n_train: ArrayLike, accuracy: ArrayLike) -> PowerLaw:
    """The power law of least squares through (k,) accuracies, 0..1, with a, b >= 0 and 0 <= c <= 2.

    Raises ValueError with fewer than three different sizes: there are three numbers to find.
    """
    n, error = np.asarray(n_train, dtype=np.float64), 1 - np.asarray(accuracy, dtype=np.float64)
    if len(np.unique(n)) < 3:
        raise ValueError(f"a power law needs three sizes or more, not {sorted(set(n))}")
    relative = n / n.max()  # so that the three numbers are of one order

    def given(c: float) -> tuple[np.ndarray, float]:
        """The best a and b >= 0 for an exponent, and what they leave."""
        return nnls(np.column_stack([np.ones_like(n), relative**-c]), error)

    c = float(minimize_scalar(lambda c: given(c)[1], bounds=(0, STEEPEST), method="bounded").x)
    (a, above), _ = given(c)
    return PowerLaw(float(a), float(above * n.max() ** c), c)


def forecast(
    right: Mapping[int, np.ndarray], at: Sequence[int], seed: int, resamples: int = 200
) -> pd.DataFrame:
    """What the power law through mean accuracies says: `n_train` (of `at`), `value`, `low`, `high` (0..1).

    `right`: by number of training videos, (repeats, n_test) bool, the same test videos for all. The 95 %
    interval is of a percentile bootstrap over test videos and, within each size, repeats. It says how
    sure the curve is if its form holds on; it cannot say whether the form does.
    """
    law = fit(list(right), _means(right))
    drawn = [fit(list(right), means).accuracy(at) for means in _resampled(right, seed, resamples)]
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return pd.DataFrame({"n_train": at, "value": law.accuracy(at), "low": low, "high": high})


class Check(NamedTuple):
    """A forecast of the largest size from the smaller ones, against what was measured there."""

    n_train: int
    forecast: float
    measured: float
    missed: float  # measured - forecast
    low: float  # 95 % bootstrap interval of `missed`
    high: float


def check(right: Mapping[int, np.ndarray], seed: int, resamples: int = 200) -> Check:
    """Hold out the largest size. Arguments as for `forecast`; at least four sizes.

    Forecast and measurement are resampled together, since they stand on the same test videos.
    """
    *smaller, largest = sorted(right)
    ordered = {n: right[n] for n in (*smaller, largest)}

    def both(means: np.ndarray) -> tuple[float, float]:
        return float(fit(smaller, means[:-1]).accuracy(largest)), float(means[-1])

    expected, measured = both(_means(ordered))
    drawn = [m - f for f, m in map(both, _resampled(ordered, seed, resamples))]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Check(largest, expected, measured, measured - expected, float(low), float(high))


def _means(right: Mapping[int, np.ndarray]) -> np.ndarray:
    return np.array([answers.mean() for answers in right.values()])


def _resampled(right: Mapping[int, np.ndarray], seed: int, resamples: int) -> Iterator[np.ndarray]:
    """Mean accuracies by size, as other test videos and other repeats might have given them."""
    rng = np.random.default_rng(seed)
    n_test = next(iter(right.values())).shape[1]
    for _ in range(resamples):
        videos = rng.integers(n_test, size=n_test)
        repeats = [rng.integers(len(answers), size=len(answers)) for answers in right.values()]
        yield np.array(
            [
                answers[chosen][:, videos].mean()
                for answers, chosen in zip(right.values(), repeats, strict=True)
            ]
        )
