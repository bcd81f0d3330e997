"""How many videos, and how many answers of people, a comparison needs."""

import math
from collections.abc import Callable

from statsmodels.stats.proportion import power_proportions_2indep

from ytcat.evaluation.statistics import wilson_of_share

MOST = 10_000_000  # trials; what needs more is called impossible


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
    return _fewest(lambda n: interval_width(share, n) <= width)


def power(people: float, n_people: int, model: float, n_model: int, alpha: float = 0.05) -> float:
    """Chance that a two-sided test tells people from a model, `n_people` trials against `n_model` videos.

    Both accuracies, 0..1, are taken for the true ones. Normal approximation for two independent
    proportions, as in statsmodels (Fleiss, Levin & Paik 2003, ch. 4); Fisher's exact test has a little less.
    """
    found = power_proportions_2indep(people - model, model, n_people, n_model / n_people, alpha)
    return float(found.power)


def trials_needed(people: float, model: float, n_model: int, wanted: float = 0.8) -> float:
    """Fewest trials of people with which `power` is at least `wanted`.

    `math.inf` where no number is enough, because the model's own `n_model` videos leave too much open.
    """
    if power(people, MOST, model, n_model) < wanted:
        return math.inf
    return _fewest(lambda n: power(people, n, model, n_model) >= wanted)


def _fewest(enough: Callable[[int], bool]) -> int:
    """The smallest n >= 1 that is enough, where all larger ones are too."""
    high = 1
    while not enough(high):
        high *= 2
    low = high // 2  # not enough, or 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
