"""Statistics of people's answers, from tables of trials as `ytcat.human.store.trials` gives them.

Accuracies are shares 0..1 of the trials that were answered; skipped trials do not count. The column
`condition` holds a view by the name of the slides' model that reads it, see `ytcat.views.view_of`.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from ytcat.categories import name
from ytcat.evaluation.statistics import mcnemar_exact, two_proportions, wilson
from ytcat.views import SLIDES_MODELS


def answered(trials: pd.DataFrame) -> pd.DataFrame:
    """The trials with an answer, and whether it is `correct` (bool)."""
    answers = trials[~trials["skipped"]]
    return answers.assign(correct=(answers["answer"] == answers["category_id"]).astype(bool))


def by_condition(trials: pd.DataFrame) -> pd.DataFrame:
    """One row per condition with answers, in the order of the views.

    `condition`, `people`, `n` (answers), `skipped`, `n_correct`, `value`, `low`, `high` (accuracy, Wilson
    95 %), `at_worst` (accuracy if every skip were an error).
    """
    answers = answered(trials)
    rows = []
    for condition in _conditions(answers):
        chosen = answers[answers["condition"] == condition]
        n, n_correct = len(chosen), int(chosen["correct"].sum())
        skipped = int(trials.loc[trials["condition"] == condition, "skipped"].sum())
        people, at_worst = chosen["participant"].nunique(), n_correct / (n + skipped)
        accuracy = n_correct / n, *wilson(n_correct, n)
        rows.append((condition, people, n, skipped, n_correct, *accuracy, at_worst))
    columns = ["condition", "people", "n", "skipped", "n_correct", "value", "low", "high", "at_worst"]
    return pd.DataFrame(rows, columns=columns)


def confusions(trials: pd.DataFrame, top: int) -> pd.DataFrame:
    """The `top` most frequent errors over all conditions, most frequent first.

    `truth`, `answer` (names), `n`, and `of`: the number of answers to videos of that true category.
    """
    answers = answered(trials)
    errors = answers[~answers["correct"]]
    counts = errors.groupby(["category_id", "answer"]).size().rename("n").reset_index()
    counts["of"] = counts["category_id"].map(answers["category_id"].value_counts())
    counts = counts.sort_values(["n", "category_id", "answer"], ascending=[False, True, True]).head(top)
    counts["truth"], counts["answer"] = (counts[column].map(name) for column in ("category_id", "answer"))
    return counts[["truth", "answer", "n", "of"]].reset_index(drop=True)


def agreement(trials: pd.DataFrame) -> pd.DataFrame:
    """One row per condition in which several people answered the same videos: how far they agree.

    `condition`, `measure`, `people` (answers per video), `videos`, `agreed` (share 0..1 of the pairs of
    answers to one video that are equal), `kappa` (-1..1; nan if all answers are of one category).
    Cohen's kappa (1960) for two people, Fleiss' (1971) for more, which needs equally many answers per video:
    on the videos with the number of answers that gives the most pairs.
    """
    rows = []
    trials = answered(trials)
    for condition in _conditions(trials):
        chosen = trials[trials["condition"] == condition]
        answers = chosen.pivot(index="video_id", columns="participant", values="answer")
        counts = answers.count(axis=1)
        pairs = (counts * (counts - 1)).groupby(counts).sum()
        n_raters = pairs.idxmax()
        if n_raters < 2:
            continue
        answers = answers[counts == n_raters]
        raters = np.array([row.dropna().tolist() for _, row in answers.iterrows()], dtype=np.int64)
        table, categories = aggregate_raters(raters)
        agreed = float(((table * (table - 1)).sum(axis=1) / (n_raters * (n_raters - 1))).mean())
        two_people = answers.dropna(axis=1, how="all").shape[1] == 2
        if len(categories) == 1:
            kappa = np.nan
        else:
            kappa = float(cohen_kappa_score(*raters.T) if two_people else fleiss_kappa(table))
        measure = "Cohen" if two_people else "Fleiss"
        rows.append((condition, measure, n_raters, len(answers), agreed, kappa))
    return pd.DataFrame(rows, columns=["condition", "measure", "people", "videos", "agreed", "kappa"])


def times(trials: pd.DataFrame) -> pd.DataFrame:
    """One row per condition: `n` and the quartiles `lower`, `median`, `upper` of seconds to the answer.

    Answers that replace one taken back are left out, since their video was known.
    """
    answers = answered(trials)
    answers = answers[answers["undone"] == 0]
    seconds = answers["response_ms"] / 1000
    rows = []
    for condition in _conditions(answers):
        chosen = seconds[answers["condition"] == condition]
        rows.append((condition, len(chosen), *chosen.quantile([0.25, 0.5, 0.75])))
    return pd.DataFrame(rows, columns=["condition", "n", "lower", "median", "upper"])


def order_effects(trials: pd.DataFrame) -> pd.DataFrame:
    """The first and the second half of each person's trials: two rows, none if a half has no answer.

    `half`, `n`, `value`, `low`, `high` (accuracy, Wilson 95 %), `median` (seconds), and `p`, the same in
    both rows: Fisher's exact test of the accuracies.
    """
    answers = answered(trials)
    second = answers["trial"] > trials.groupby("participant")["trial"].transform("max")[answers.index] / 2
    halves = {"first": answers[~second], "second": answers[second]}
    rows = []
    if all(map(len, halves.values())):
        counts = [(int(half["correct"].sum()), len(half)) for half in halves.values()]
        p = two_proportions(*counts[0], *counts[1])
        for (half, chosen), (n_correct, n) in zip(halves.items(), counts, strict=True):
            seconds = chosen["response_ms"].median() / 1000
            rows.append((half, n, n_correct / n, *wilson(n_correct, n), seconds, p))
    return pd.DataFrame(rows, columns=["half", "n", "value", "low", "high", "median", "p"])


def against_models(trials: pd.DataFrame, models: Mapping[str, pd.Series], seed: int = 0) -> pd.DataFrame:
    """People and the model that sees the same, on the same videos: one row per condition.

    `models`: by condition, whether the model is correct on each test video (bool, by `row`, as
    `ytcat.runs.correct` gives it). Each video counts once: if several people answered it, one of them is
    drawn with `seed`, so that the pairs are independent. Other videos than test videos are left out.

    `condition`, `n` (videos), `people`, `model` (accuracies on them), `only_people`, `only_model` (videos
    on which only one of the two is correct), `p` (McNemar's exact test).
    """
    answers = answered(trials).sample(frac=1, random_state=seed)
    rows = []
    for condition in [c for c in SLIDES_MODELS if c in models]:
        by_row = models[condition]
        chosen = answers[(answers["condition"] == condition) & answers["row"].isin(by_row.index)]
        chosen = chosen.drop_duplicates("row")
        if chosen.empty:
            continue
        people, model = chosen["correct"].to_numpy(), by_row[chosen["row"]].to_numpy()
        only_people, only_model = int((people & ~model).sum()), int((model & ~people).sum())
        p = mcnemar_exact(people, model)
        rows.append((condition, len(chosen), people.mean(), model.mean(), only_people, only_model, p))
    columns = ["condition", "n", "people", "model", "only_people", "only_model", "p"]
    return pd.DataFrame(rows, columns=columns)


def _conditions(trials: pd.DataFrame) -> list[str]:
    return [condition for condition in SLIDES_MODELS if condition in set(trials["condition"])]
