"""How many videos, and how many trials of people, a comparison needs."""

import sys
from bisect import bisect_left

import numpy as np
from numpy.typing import ArrayLike
from statsmodels.stats.proportion import power_proportions_2indep

from ytcat import slides
from ytcat.evaluation.statistics import SIGNIFICANCE, wilson_of_share

# The trials of people for each view: the slides say "~100 trials", not whether in all or for each. Both
# numbers print the slides' percentages, thirds of about 100 do not: see `ytcat.evaluation.deck_arithmetic`.
PEOPLE_TRIALS = (slides.HUMAN_TRIALS // 2, slides.HUMAN_TRIALS)
MOST = 10_000_000  # trials; what needs more is called impossible
WANTED_POWER = 0.8


def interval_width(share: float, n: int) -> float:
    """Width, 0..1, of the 95 % Wilson interval of a share of `n` videos."""
    low, high = wilson_of_share(share, n)
    return high - low


def videos_needed(share: float, width: float) -> int:
    """Fewest videos whose 95 % Wilson interval is at most `width` (0..1) wide.

    Raises ValueError for a width of 0 or less.
    """
    if width <= 0:
        raise ValueError(f"no number of videos gives an interval of width {width}")
    return 1 + bisect_left(range(1, sys.maxsize), True, key=lambda n: interval_width(share, n) <= width)


def power(people: float, n_people: ArrayLike, model: ArrayLike, n_model: int) -> np.ndarray:
    """Chance that a two-sided test at 5 % tells people from a model; numbers, or arrays of one shape.

    People have `n_people` trials and the accuracy `people`, the model `n_model` test videos and the accuracy
    `model`; both accuracies, 0..1, are taken for the true ones. Normal approximation for two independent
    proportions, as in statsmodels (Fleiss, Levin & Paik 2003, ch. 4); Fisher's exact test has a little less.
    """
    n_people, model = np.broadcast_arrays(np.asarray(n_people), np.asarray(model))
    ratio = n_model / n_people
    return np.asarray(power_proportions_2indep(people - model, model, n_people, ratio, SIGNIFICANCE).power)


def trials_needed(people: float, model: ArrayLike, n_model: int) -> np.ndarray:
    """Fewest trials of people with which `power` is at least 0.8, float64 of the shape of `model`.

    Infinity where no number is enough, because the model's own `n_model` videos leave too much open. By
    bisection, for all accuracies in `model` (0..1) at once.
    """

    def enough(n_people: ArrayLike) -> np.ndarray:
        return power(people, n_people, model, n_model) >= WANTED_POWER

    too_few = np.zeros(np.shape(model), dtype=np.int64)
    wanted = np.full(np.shape(model), MOST)
    while (wanted - too_few > 1).any():
        middle = np.where(wanted - too_few > 1, (wanted + too_few) // 2, wanted)
        is_enough = enough(middle)
        wanted, too_few = np.where(is_enough, middle, wanted), np.where(is_enough, too_few, middle)
    return np.where(enough(wanted), wanted, np.inf)[()]  # a number for a number
