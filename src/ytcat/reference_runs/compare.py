"""Recorded models against each other: computed differences, intervals and tests."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score

from ytcat import runs
from ytcat.evaluation.statistics import (
    bootstrap_ratio,
    mcnemar_exact,
    t_interval,
)
from ytcat.reference_runs import RUN, ReferenceRuns, key
from ytcat.reference_runs.over_seeds import run_weights

BETTER, WORSE, EQUAL = "better than", "worse than", "not distinguishable from"  # the verdicts


class Difference(NamedTuple):
    """Two models on the same test videos, over the runs that both have.

    The tests are descriptive: they take the videos as independent, and each is of one training.
    """

    a: str
    b: str
    n_videos: int  # distinct test videos
    difference: float  # top-1 of a minus that of b, mean over the runs, -1..1
    low: float  # 95 % bootstrap interval that draws the channels of the test videos
    high: float
    by_seed: tuple[float, ...]  # the difference in each run; one if neither model changes with the seed
    p_values: tuple[float, ...]  # of McNemar's exact test, one per `by_seed`
    kappa: float  # Cohen's kappa of the two models' answers, mean over the runs
    n_train_a: int  # the videos that a is fitted on, validation videos among them for some models
    n_train_b: int
    t_low: float | None  # by channel, 95 % interval of the mean over folds by Student's t; else None
    t_high: float | None

    @property
    def equal_training(self) -> bool:
        """Whether both models are fitted on equally many videos."""
        return self.n_train_a == self.n_train_b

    @property
    def verdict(self) -> str:
        """`BETTER` or `WORSE` if the interval leaves out 0, else `EQUAL`."""
        return _verdict(self.difference, not self.low <= 0 <= self.high)


def difference(reference: ReferenceRuns, a: str, b: str, split: str = "random") -> Difference:
    """Model `a` against model `b` of one corpus and split. Raises ValueError if they share no seed."""
    both = paired(reference, a, b, split)
    trainings = _distinct(both)
    by_seed = tuple(float(one["correct_a"].mean() - one["correct_b"].mean()) for one in trainings)
    by_fold = both.groupby("fold")["gain"].mean()
    t_low, t_high = t_interval(by_fold) if len(by_fold) > 1 else (None, None)
    return Difference(
        a,
        b,
        both["row"].nunique(),
        *bootstrap_ratio(both["gain"] * both["weight"], both["weight"], seed=0, clusters=both["channel"]),
        by_seed,
        tuple(mcnemar_exact(one["correct_a"], one["correct_b"]) for one in trainings),
        float(np.mean([cohen_kappa_score(one["answer_a"], one["answer_b"]) for one in trainings])),
        *(reference.results[key(model, split)]["n_train"] for model in (a, b)),
        t_low,
        t_high,
    )


def paired(reference: ReferenceRuns, a: str, b: str, split: str = "random") -> pd.DataFrame:
    """The answers of two models on the same test videos: one row per video of each run that both have.

    Columns: those of `RUN`, `row`, `channel`, `answer_a`, `answer_b` (labels 0..13), `correct_a`, `correct_b`
    (bool), `gain` (1, 0 or -1: correct a minus correct b) and `weight` (see `over_seeds.run_weights`). Raises
    ValueError if the models share no run.
    """
    tables = [_answers(reference.predictions(model, split)) for model in (a, b)]
    both = pd.merge(*tables, left_index=True, right_index=True, suffixes=("_a", "_b")).reset_index()
    if both.empty:
        raise ValueError(f"{a} and {b} have no run in common on {reference.name}, split {split}")
    gain = both["correct_a"].astype(float) - both["correct_b"]
    return both.assign(gain=gain, weight=run_weights(both))


def _distinct(both: pd.DataFrame) -> list[pd.DataFrame]:
    """The runs, or the first alone where all have the same answers on the same videos: it is one test."""
    first, *others = trainings = [one for _, one in both.groupby(["fold", "seed"])]
    compared = ["row", "answer_a", "answer_b"]
    same = all(np.array_equal(first[compared], other[compared]) for other in others)
    return [first] if same else trainings


def _answers(table: pd.DataFrame) -> pd.DataFrame:
    """`answer`, a label 0..13, and `correct`, bool, by `RUN`, row and channel."""
    index = pd.MultiIndex.from_frame(table[[*RUN, "row", "channel"]])
    return runs.answers(table)[["answer", "correct"]].set_axis(index)


def _verdict(difference: float, significant: bool) -> str:
    if not significant:
        return EQUAL
    return BETTER if difference > 0 else WORSE
