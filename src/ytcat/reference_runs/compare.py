"""ReferenceRuns models against each other and against people: computed differences, intervals and tests."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.proportion import confint_proportions_2indep

from ytcat import runs, slides
from ytcat.evaluation.statistics import mcnemar_exact, paired_bootstrap, two_proportions
from ytcat.reference_runs import RUN, ReferenceRuns, key


class Difference(NamedTuple):
    """Two models on the same test videos, over the seeds that both were trained with."""

    a: str
    b: str
    n_videos: int  # distinct test videos
    difference: float  # mean top-1 of a minus that of b, -1..1
    low: float  # 95 % paired bootstrap interval over the videos, each with its mean over seeds
    high: float
    by_seed: tuple[float, ...]  # the difference with each seed
    p_values: tuple[float, ...]  # of McNemar's exact test, one a seed
    kappa: float  # Cohen's kappa of the two models' answers, mean over seeds

    @property
    def verdict(self) -> str:
        """ "better than", "worse than" or "not told apart from", by whether the interval holds 0."""
        if self.low <= 0 <= self.high:
            return "not told apart from"
        return "better than" if self.difference > 0 else "worse than"


def difference(recorded: ReferenceRuns, a: str, b: str, split: str = "random") -> Difference:
    """Model `a` against model `b` of one corpus and split. Raises ValueError if they share no seed."""
    tables = [recorded.predictions(model, split) for model in (a, b)]
    index = [*RUN, "row"]
    both = pd.merge(
        *(_answers(table).set_index(index) for table in tables), left_index=True, right_index=True
    )
    if both.empty:
        raise ValueError(f"{a} and {b} have no run in common on {recorded.name}, split {split}")
    by_video = both.groupby("row")[["right_x", "right_y"]].mean()
    by_seed = [seed for _, seed in both.groupby(["fold", "seed"])]
    return Difference(
        a,
        b,
        len(by_video),
        *paired_bootstrap(by_video["right_x"], by_video["right_y"], seed=0),
        tuple(float(seed["right_x"].mean() - seed["right_y"].mean()) for seed in by_seed),
        tuple(mcnemar_exact(seed["right_x"], seed["right_y"]) for seed in by_seed),
        float(np.mean([cohen_kappa_score(seed["answer_x"], seed["answer_y"]) for seed in by_seed])),
    )


class AgainstPeople(NamedTuple):
    """A model's mean top-1 over seeds against the share of their trials that people had right."""

    model: str
    difference: float
    low: float  # 95 % interval of the difference of two shares (Newcombe)
    high: float
    p_value: float  # Fisher's exact test


def against_people(
    recorded: ReferenceRuns, model: str, people_of: str, split: str = "random"
) -> AgainstPeople:
    """A model against the people beside one of the slides' models, `people_of`: about 100 trials."""
    entry = recorded.results[key(model, split)]
    people, trials = slides.HUMAN_ACCURACY[people_of], slides.HUMAN_TRIALS
    right, n = round(entry["top1"] * entry["n_videos"]), entry["n_videos"]
    low, high = confint_proportions_2indep(right, n, round(people * trials), trials, method="newcomb")
    p = two_proportions(right, n, round(people * trials), trials)
    return AgainstPeople(model, entry["top1"] - people, float(low), float(high), p)


def _answers(table: pd.DataFrame) -> pd.DataFrame:
    answers = runs.probabilities(table).argmax(axis=1)
    return table[[*RUN, "row"]].assign(answer=answers, right=runs.correct(table).to_numpy())
