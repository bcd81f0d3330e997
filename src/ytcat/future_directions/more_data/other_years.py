"""Learning curves with and without titles of other years, and how many videos they promise to need."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ytcat.corpus.more_titles import NO_TITLES, MoreTitles
from ytcat.evaluation.statistics import paired_bootstrap
from ytcat.future_directions.more_data import learning_curves, power_law
from ytcat.models import baselines
from ytcat.reference_runs import table
from ytcat.runs import Parts

OWN, WITH = "own titles", "and other years'"  # the two curves
WANTED = 0.75  # the accuracy whose number of videos is asked for
MULTIPLES = (2, 4, 10)  # of the training videos, to forecast
NEEDED = ["titles", "accuracy", "n_train", "needed", "low", "high"]


def needed_in_runs() -> pd.DataFrame:
    """`videos_needed` of the recorded runs on known and on new channels, with `corpus` and `split`.

    Of several seeds, or folds, the first.
    """
    recorded = table("videos_needed.csv")
    if recorded.empty:
        return pd.DataFrame(columns=["corpus", "split", *NEEDED])
    tables = [recorded[recorded["split"] == kind].sort_values("seed") for kind in ("random", "channel")]
    groups = pd.concat(tables).groupby(["corpus", "split", "titles"], sort=False, as_index=False)
    return groups.first()


def curve_in_runs(corpus: str) -> pd.DataFrame:
    """`measured` of the first seed that is recorded of a corpus on known channels; empty without one."""
    recorded = table("other_years_curve.csv")
    if recorded.empty:
        return recorded
    recorded = recorded[(recorded["corpus"] == corpus) & (recorded["split"] == "random")]
    return recorded[recorded["seed"] == recorded["seed"].min()]


def curves(
    parts: Parts,
    more: MoreTitles,
    weight: float,
    strength: float,
    *,
    halvings: int,
    repeats: int,
    seed: int,
) -> dict[str, dict[int, np.ndarray]]:
    """Learning curves of a linear title model, from `OWN` titles alone and `WITH` all `more` of them too.

    By curve as `learning_curves.correct_by_size`: the sizes count own training videos, of which the smaller
    sets are drawn. A title of `more` counts `weight` in the loss; `strength` is logistic regression's C.
    """
    titles = [part.videos["title"].to_numpy(dtype=object) for part in parts]
    labels = {part.name: part.labels for part in parts}
    sizes = learning_curves.sizes(len(parts.train), halvings)
    by_curve = {}
    for name, others in ((OWN, NO_TITLES), (WITH, more)):

        def fit(
            train: tuple[np.ndarray, np.ndarray],
            validation: tuple[np.ndarray, np.ndarray],
            strengths: Sequence[float],
            others: MoreTitles = others,
        ) -> baselines.LinearModel:
            learned, weights = others.after(train[0].tolist(), train[1], weight)
            return baselines.tfidf(learned, validation, strengths, weights)

        view = learning_curves.ViewInputs(fit, (strength,), *titles)
        models, _ = learning_curves.curves({"title": view}, labels, sizes, repeats, seed)
        by_curve[name] = learning_curves.correct_by_size(models)["title"]
    return by_curve


def measured(by_curve: Mapping[str, Mapping[int, np.ndarray]], channels: ArrayLike) -> pd.DataFrame:
    """Accuracies by size: `learning_curves.by_size` of each curve, named in the column `view`."""
    tables = [
        learning_curves.by_size(correct, channels).assign(view=name) for name, correct in by_curve.items()
    ]
    return pd.concat(tables, ignore_index=True)


def forecasts(
    by_curve: Mapping[str, Mapping[int, np.ndarray]], channels: ArrayLike, seed: int, resamples: int
) -> dict[str, pd.DataFrame]:
    """What each curve expects of `MULTIPLES` of the training videos: `power_law.forecast`, from 1 on."""
    return {
        name: power_law.forecast(
            correct, [k * max(correct) for k in (1, *MULTIPLES)], channels, seed, resamples
        )
        for name, correct in by_curve.items()
        if len(correct) >= power_law.MIN_SIZES
    }


def videos_needed(
    by_curve: Mapping[str, Mapping[int, np.ndarray]], channels: ArrayLike, seed: int, resamples: int
) -> pd.DataFrame:
    """How many own training videos each curve needs for an accuracy of `WANTED`, if its form goes on.

    Columns: `titles` (the curve), `accuracy` (`WANTED`), `n_train` (now), `needed`, `low` and `high`, inf
    where no number is enough.
    """
    rows = [
        {"titles": name, "accuracy": WANTED, "n_train": max(correct)}
        | power_law.videos_needed(correct, WANTED, channels, seed, resamples)
        for name, correct in by_curve.items()
        if len(correct) >= power_law.MIN_SIZES
    ]
    return pd.DataFrame(rows, columns=NEEDED)


def gain(
    by_curve: Mapping[str, Mapping[int, np.ndarray]], channels: ArrayLike, seed: int
) -> tuple[float, float, float]:
    """What other years' titles add to the linear model with all own training videos: (value, low, high)."""
    own, with_more = (by_curve[name][max(by_curve[name])].mean(axis=0) for name in (OWN, WITH))
    return paired_bootstrap(with_more, own, seed, clusters=channels)
