"""What people's answers say, from tables of trials as `ytcat.human.store.trials` gives them.

Accuracies are shares 0..1 of the trials that were answered; a skipped trial is not one.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from ytcat.categories import name
from ytcat.evaluation.statistics import mcnemar_exact, two_proportions, wilson
from ytcat.human.plan import CONDITIONS


def answered(trials: pd.DataFrame) -> pd.DataFrame:
    """The trials with an answer, and whether it is `right` (bool)."""
    given = trials[~trials["skipped"]]
    return given.assign(right=(given["answer"] == given["category_id"]).astype(bool))


def by_condition(trials: pd.DataFrame) -> pd.DataFrame:
    """A row a condition that has answers, in the order of `CONDITIONS`.

    `condition`, `people`, `n` (answers), `skipped`, `right`, `value`, `low`, `high` (accuracy, Wilson 95 %),
    `at_worst` (accuracy if every skip were an error).
    """
    given = answered(trials)
    rows = []
    for condition in _present(given):
        chosen = given[given["condition"] == condition]
        n, right = len(chosen), int(chosen["right"].sum())
        skipped = int(trials.loc[trials["condition"] == condition, "skipped"].sum())
        people = chosen["participant"].nunique()
        rows.append(
            (condition, people, n, skipped, right, right / n, *wilson(right, n), right / (n + skipped))
        )
    columns = ["condition", "people", "n", "skipped", "right", "value", "low", "high", "at_worst"]
    return pd.DataFrame(rows, columns=columns)


def confusions(trials: pd.DataFrame, top: int) -> pd.DataFrame:
    """The `top` most frequent errors over all conditions, most frequent first.

    `truth`, `answer` (names), `n`, and `of`: the answers given to videos of that truth.
    """
    given = answered(trials)
    wrong = given[~given["right"]]
    counts = wrong.groupby(["category_id", "answer"]).size().rename("n").reset_index()
    counts["of"] = counts["category_id"].map(given["category_id"].value_counts())
    counts = counts.sort_values(["n", "category_id", "answer"], ascending=[False, True, True]).head(top)
    counts["truth"], counts["answer"] = (counts[column].map(name) for column in ("category_id", "answer"))
    return counts[["truth", "answer", "n", "of"]].reset_index(drop=True)


def agreement(trials: pd.DataFrame) -> pd.DataFrame:
    """A row a condition in which several people answered the same videos: how far they agree.

    `condition`, `measure`, `people` (answers to each video), `videos`, `agreed` (share 0..1 of the pairs of
    answers to one video that are equal), `kappa` (-1..1; nan where all answers are of one category).
    Of two people Cohen's (1960); of more, Fleiss' (1971), which wants equally many answers to each video: on
    the videos with that number of answers which makes the most pairs.
    """
    rows = []
    given = answered(trials)
    for condition in _present(given):
        chosen = given[given["condition"] == condition]
        answers = chosen.pivot(index="video_id", columns="participant", values="answer")
        counts = answers.count(axis=1)
        pairs = (counts * (counts - 1)).groupby(counts).sum()
        each = pairs.idxmax()
        if each < 2:
            continue
        answers = answers[counts == each]
        raters = np.array([row.dropna().tolist() for _, row in answers.iterrows()], dtype=np.int64)
        table, found = aggregate_raters(raters)
        agreed = float(((table * (table - 1)).sum(axis=1) / (each * (each - 1))).mean())
        cohen = answers.dropna(axis=1, how="all").shape[1] == 2
        if len(found) == 1:
            kappa = np.nan
        else:
            kappa = float(cohen_kappa_score(*raters.T) if cohen else fleiss_kappa(table))
        rows.append((condition, "Cohen" if cohen else "Fleiss", each, len(answers), agreed, kappa))
    return pd.DataFrame(rows, columns=["condition", "measure", "people", "videos", "agreed", "kappa"])


def times(trials: pd.DataFrame) -> pd.DataFrame:
    """A row a condition: `n` and the quartiles `lower`, `median`, `upper` of seconds to the answer.

    Without answers that replace one taken back, since their video was known.
    """
    given = answered(trials)
    given = given[given["undone"] == 0]
    seconds = given["response_ms"] / 1000
    rows = []
    for condition in _present(given):
        chosen = seconds[given["condition"] == condition]
        rows.append((condition, len(chosen), *chosen.quantile([0.25, 0.5, 0.75])))
    return pd.DataFrame(rows, columns=["condition", "n", "lower", "median", "upper"])


def order_effects(trials: pd.DataFrame) -> pd.DataFrame:
    """The first and the second half of each person's trials: two rows, none where a half has no answer.

    `half`, `n`, `value`, `low`, `high` (accuracy, Wilson 95 %), `median` (seconds), and `p`, the same in
    both: Fisher's exact test of the accuracies.
    """
    given = answered(trials)
    second = given["trial"] > trials.groupby("participant")["trial"].transform("max")[given.index] / 2
    halves = {"first": given[~second], "second": given[second]}
    rows = []
    if all(map(len, halves.values())):
        counts = [(int(half["right"].sum()), len(half)) for half in halves.values()]
        p = two_proportions(*counts[0], *counts[1])
        for (half, chosen), (right, n) in zip(halves.items(), counts, strict=True):
            seconds = chosen["response_ms"].median() / 1000
            rows.append((half, n, right / n, *wilson(right, n), seconds, p))
    return pd.DataFrame(rows, columns=["half", "n", "value", "low", "high", "median", "p"])


def against_models(trials: pd.DataFrame, models: Mapping[str, pd.Series], seed: int = 0) -> pd.DataFrame:
    """People against the model that sees the same, on the very same videos: a row a condition.

    `models`: by condition, whether the model got each test video right (bool, by `row`, as `ytcat.runs.correct`
    gives it). Each video counts once: where several people answered it, one of them is drawn with `seed`, so
    that the pairs are independent. Videos that are no test videos of the model are left out.

    `condition`, `n` (videos), `people`, `model` (accuracies on them), `only_people`, `only_model` (videos
    that one of the two got right), `p` (McNemar's exact test).
    """
    given = answered(trials).sample(frac=1, random_state=seed)
    rows = []
    for condition in [c for c in CONDITIONS if c in models]:
        right = models[condition]
        chosen = given[(given["condition"] == condition) & given["row"].isin(right.index)]
        chosen = chosen.drop_duplicates("row")
        if chosen.empty:
            continue
        people, model = chosen["right"].to_numpy(), right[chosen["row"]].to_numpy()
        only_people, only_model = int((people & ~model).sum()), int((model & ~people).sum())
        p = mcnemar_exact(people, model)
        rows.append((condition, len(chosen), people.mean(), model.mean(), only_people, only_model, p))
    columns = ["condition", "n", "people", "model", "only_people", "only_model", "p"]
    return pd.DataFrame(rows, columns=columns)


def _present(trials: pd.DataFrame) -> list[str]:
    return [condition for condition in CONDITIONS if condition in set(trials["condition"])]
