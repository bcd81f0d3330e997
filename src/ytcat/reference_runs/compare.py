"""Recorded models against each other and against people: computed differences, intervals and tests."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.proportion import confint_proportions_2indep

from ytcat import runs, slides
from ytcat.evaluation.statistics import SIGNIFICANCE, mcnemar_exact, paired_bootstrap, two_proportions
from ytcat.reference_runs import RUN, ReferenceRuns, key

BETTER, WORSE, EQUAL = "better than", "worse than", "not distinguishable from"  # the verdicts


class Difference(NamedTuple):
    """Two models on the same test videos, over the seeds that both were trained with."""

    a: str
    b: str
    n_videos: int  # distinct test videos
    difference: float  # mean top-1 of a minus that of b, -1..1
    low: float  # 95 % paired bootstrap interval over the videos, each with its mean over seeds
    high: float
    by_seed: tuple[float, ...]  # the difference with each seed
    p_values: tuple[float, ...]  # of McNemar's exact test, one per seed
    kappa: float  # Cohen's kappa of the two models' answers, mean over seeds

    @property
    def verdict(self) -> str:
        """`BETTER` or `WORSE` if the interval leaves out 0, else `EQUAL`."""
        return _verdict(self.difference, not self.low <= 0 <= self.high)


def difference(reference: ReferenceRuns, a: str, b: str, split: str = "random") -> Difference:
    """Model `a` against model `b` of one corpus and split. Raises ValueError if they share no seed."""
    tables = [_answers(reference.predictions(model, split)) for model in (a, b)]
    both = pd.merge(*tables, left_index=True, right_index=True, suffixes=("_a", "_b"))
    if both.empty:
        raise ValueError(f"{a} and {b} have no run in common on {reference.name}, split {split}")
    by_video = both.groupby("row")[["correct_a", "correct_b"]].mean()
    by_seed = [one_seed for _, one_seed in both.groupby(["fold", "seed"])]
    return Difference(
        a,
        b,
        len(by_video),
        *paired_bootstrap(by_video["correct_a"], by_video["correct_b"], seed=0),
        tuple(float(one["correct_a"].mean() - one["correct_b"].mean()) for one in by_seed),
        tuple(mcnemar_exact(one["correct_a"], one["correct_b"]) for one in by_seed),
        float(np.mean([cohen_kappa_score(one["answer_a"], one["answer_b"]) for one in by_seed])),
    )


class AgainstPeople(NamedTuple):
    """A model's mean top-1 over seeds against the share of their trials that people classified correctly."""

    model: str
    difference: float  # -1..1
    low: float  # 95 % interval of the difference of two shares (Newcombe 1998, method 10)
    high: float
    p_value: float  # Fisher's exact test

    @property
    def verdict(self) -> str:
        """`BETTER` or `WORSE` if the test is significant, else `EQUAL`."""
        return _verdict(self.difference, self.p_value < SIGNIFICANCE)


def against_people(
    reference: ReferenceRuns, model: str, people_of: str, split: str = "random"
) -> AgainstPeople:
    """A model against people, in about 100 trials, who saw what the slides' model `people_of` reads."""
    entry = reference.results[key(model, split)]
    people, trials = slides.HUMAN_ACCURACY[people_of], slides.HUMAN_TRIALS
    n, n_correct = entry["n_videos"], round(entry["top1"] * entry["n_videos"])
    counts = n_correct, n, round(people * trials), trials
    low, high = confint_proportions_2indep(*counts, method="newcomb")
    return AgainstPeople(model, entry["top1"] - people, float(low), float(high), two_proportions(*counts))


def _answers(table: pd.DataFrame) -> pd.DataFrame:
    """`answer`, a label 0..13, and `correct`, bool, by `RUN` and row."""
    index = pd.MultiIndex.from_frame(table[[*RUN, "row"]])
    return runs.answers(table)[["answer", "correct"]].set_axis(index)


def _verdict(difference: float, significant: bool) -> str:
    if not significant:
        return EQUAL
    return BETTER if difference > 0 else WORSE
