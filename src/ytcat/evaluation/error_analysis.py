"""Which videos models classify wrongly, and how well a model knows it.

`answers` are tables as `ytcat.runs.answers` gives them, one row per video: `truth` and `answer` (labels
0..13), `confidence` (0..1) and `correct` (bool). `clusters` are (n,) labels, such as channels: intervals draw
them whole.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ytcat.categories import NAMES
from ytcat.evaluation import metrics
from ytcat.evaluation.statistics import (
    bootstrap_ratio,
    drawn_counts,
    percentile_interval,
    units,
    wilson_of_share,
)

RESAMPLES = 1_000  # of the bootstraps, and simulations of a calibrated model
COVERAGES = np.linspace(0.1, 1, 10)  # shares of the videos, the surest answers first


def overall(matrix: np.ndarray) -> pd.Series:
    """Accuracy, balanced accuracy and macro F1 (shares 0..1) of a (14, 14) matrix of counts."""
    return pd.Series(
        {
            "accuracy": metrics.accuracy(matrix),
            "balanced accuracy": metrics.balanced_accuracy(matrix),
            "macro F1": metrics.macro_f1(matrix),
        }
    )


def agreement(thumbnail: pd.DataFrame, title: pd.DataFrame) -> pd.DataFrame:
    """How many videos of each category both, one or neither of two models classify correctly.

    `thumbnail` and `title` are answers (`truth`, `correct`) indexed by row number; videos that only one of
    them holds are left out. One row per category, for `ytcat.figures.agreement`: `category`, `both right`,
    `only title`, `only thumbnail`, `neither` (numbers of videos).
    """
    rows = thumbnail.index.intersection(title.index)
    by_thumbnail, by_title = thumbnail.loc[rows, "correct"], title.loc[rows, "correct"]
    counts = pd.DataFrame(
        {
            "both right": by_thumbnail & by_title,
            "only title": by_title & ~by_thumbnail,
            "only thumbnail": by_thumbnail & ~by_title,
            "neither": ~by_thumbnail & ~by_title,
        }
    )
    category = pd.Categorical.from_codes(title.loc[rows, "truth"], NAMES, ordered=True)
    by_category = counts.groupby(category, observed=False).sum().astype(int)
    return by_category.rename_axis("category").reset_index()


def most_confident(answers: pd.DataFrame, n: int) -> pd.DataFrame:
    """The n answers with the highest `confidence`, highest first."""
    return answers.sort_values("confidence", ascending=False, kind="stable").head(n)


# ---- what a model could know, and what it knows of itself


def recall_by_category(answers: pd.DataFrame, clusters: ArrayLike, seed: int = 0) -> pd.DataFrame:
    """Recall of each category with a 95 % bootstrap interval over clusters: one row per category.

    Columns: `category`, `videos` (rows of `answers`), `clusters` (how many of them have such a video),
    `value`, `low`, `high` (0..1, NaN without videos). Where all or none are correct every resample says the
    same, and where there is one cluster nothing can be drawn: the interval is then Wilson's, of as many
    trials as there are clusters.
    """
    clusters = np.asarray(clusters)
    rows = []
    for category, name in enumerate(NAMES):
        chosen = (answers["truth"] == category).to_numpy()
        correct = answers["correct"].to_numpy()[chosen]
        n_clusters = len(np.unique(clusters[chosen]))
        value, low, high = bootstrap_ratio(correct, np.ones(len(correct)), seed, RESAMPLES, clusters[chosen])
        if len(correct) and (value in (0, 1) or n_clusters == 1):
            low, high = wilson_of_share(value, n_clusters)
        row = {"category": name, "videos": len(correct), "clusters": n_clusters}
        rows.append(row | {"value": value, "low": low, "high": high})
    return pd.DataFrame(rows)


def share_of_errors(
    answers: pd.DataFrame, group: Collection[str], clusters: ArrayLike, seed: int = 0
) -> dict[str, float]:
    """The share of the errors whose truth and answer are both in a group of categories, given by name.

    Keys: `value` with its bootstrap interval `low`, `high`; `expected`, the share if a wrong answer did not
    depend on the truth: each pair of different categories then has a share of the errors in proportion to
    the errors of that truth times the errors of that answer; `merged`, the accuracy with the group counted
    as one category. All 0..1.
    """
    labels = [NAMES.index(name) for name in group]
    wrong = ~answers["correct"].to_numpy()
    within = wrong & answers["truth"].isin(labels).to_numpy() & answers["answer"].isin(labels).to_numpy()
    value, low, high = bootstrap_ratio(within, wrong, seed, RESAMPLES, clusters)
    errors = metrics.confusion(answers["truth"].to_numpy(), answers["answer"].to_numpy())
    np.fill_diagonal(errors, 0)
    independent = np.outer(errors.sum(axis=1), errors.sum(axis=0)).astype(float)
    np.fill_diagonal(independent, 0)
    expected = independent[np.ix_(labels, labels)].sum() / independent.sum()
    merged = 1 - wrong.mean() + within.mean()
    return {"value": value, "low": low, "high": high, "expected": float(expected), "merged": float(merged)}


def accuracy_by_coverage(answers: pd.DataFrame, clusters: ArrayLike, seed: int = 0) -> pd.DataFrame:
    """Accuracy if a model answers only where it is surest: one row per share of videos that it answers.

    Columns: `coverage` (`COVERAGES`), `confidence` (the least with an answer), `value`, `low`, `high` (0..1;
    95 % bootstrap over clusters; each resample takes its own surest answers). Of equal confidences the first
    row goes first. Source: El-Yaniv & Wiener (2010), "On the Foundations of Noise-free Selective
    Classification", JMLR 11.
    """
    order = np.argsort(-answers["confidence"].to_numpy(), kind="stable")
    correct = answers["correct"].to_numpy()[order].astype(np.float64)
    times = drawn_counts(units(len(order), clusters), seed, RESAMPLES)[:, order]
    limits = percentile_interval(_surest(correct, times).T)
    answered = np.maximum(np.ceil(COVERAGES * len(order) - 1e-9).astype(int), 1)
    return pd.DataFrame(
        {
            "coverage": COVERAGES,
            "confidence": answers["confidence"].to_numpy()[order][answered - 1],
            "value": _surest(correct, np.ones((1, len(order)), dtype=np.int64))[0],
            "low": limits[0],
            "high": limits[1],
        }
    )


def _surest(correct: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Accuracy of the surest answers, (r, k), for `COVERAGES`.

    `correct` (n,) is in falling order of confidence; `times` (r, n) says how often a resample holds each.
    """
    held, hits = np.cumsum(times, axis=1), np.cumsum(times * correct, axis=1)
    accuracies = np.empty((len(times), len(COVERAGES)))
    for row, (n, n_correct) in enumerate(zip(held, hits, strict=True)):
        wanted = np.maximum(np.ceil(COVERAGES * n[-1] - 1e-9), 1)
        at = np.searchsorted(n, wanted)
        accuracies[row] = n_correct[at] / n[at]
    return accuracies


def calibrated_error(confidence: ArrayLike, seed: int = 0) -> tuple[float, float]:
    """What the expected calibration error of a perfectly calibrated model would be: mean, 97.5 % quantile.

    Its answers have these confidences, (n,) 0..1, and each is correct with just that probability,
    independently of the others; the error of such a model is not 0, but the smaller the more videos are
    tested. Answers of one channel depend on each other, so the truth lies somewhat higher. The bins are those
    of `metrics.reliability`.
    """
    confidence = np.minimum(np.asarray(confidence, dtype=np.float64), 1)
    in_bin = np.digitize(confidence, np.linspace(0, 1, metrics.BINS + 1), right=True)
    member = np.eye(metrics.BINS + 1)[in_bin]
    draws = np.random.default_rng(seed).random((RESAMPLES, len(confidence))) < confidence
    errors = np.abs((draws - confidence) @ member).sum(axis=1) / len(confidence)
    return float(errors.mean()), float(np.quantile(errors, 0.975))
