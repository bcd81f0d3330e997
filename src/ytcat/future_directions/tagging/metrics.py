"""How good ranked tags are: precision@5, recall@10 and average precision. All shares are 0..1.

A model scores every tag of a vocabulary for every video; tags are ranked by score, those of equal score by
column. `tags` is always (n, tags) bool, the tags that the videos have; `scores` is (n, tags) float.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

from ytcat.evaluation.leakage import TRAINING_PARTS
from ytcat.evaluation.metrics import in_top_k
from ytcat.evaluation.metrics import summary as category_summary
from ytcat.evaluation.statistics import bootstrap_ratio, mcnemar_exact, paired_bootstrap

PRECISION_AT, RECALL_AT = 5, 10
MEASURES = {"precision": "Precision@5", "recall": "Recall@10", "average_precision": "Mean average precision"}
BANDS = (10, 20, 50)  # training videos with the tag at which the next band of frequency begins


def ranks(scores: np.ndarray) -> np.ndarray:
    """The rank of each tag among those of the video, (n, tags) int from 1."""
    order = np.argsort(-scores, axis=1, kind="stable")
    return np.argsort(order, axis=1) + 1


def by_video(tags: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    """One row per video: how many tags it has in the vocabulary, and how well those are ranked.

    - `known`: tags in the vocabulary; `right_at_5`, `found_at_10`: those with a rank up to 5, up to 10
    - `precision`: right_at_5 / 5
    - `recall`: found_at_10 / known, below 1 for a video with more than ten known tags
    - `average_precision`: the mean, over the known tags, of the precision at the rank of each. The mean over
      videos is scikit-learn's `label_ranking_average_precision_score`.

    A video with no tag in the vocabulary gets 0 in all three: no suggestion for it can be correct.
    Raises ValueError if the shapes differ.
    """
    tags, scores = np.asarray(tags, dtype=bool), np.asarray(scores, dtype=np.float64)
    if tags.shape != scores.shape or tags.ndim != 2:
        raise ValueError(f"tags and scores must both be (n, tags), not {tags.shape} and {scores.shape}")
    rank = ranks(scores)
    known = tags.sum(axis=1)
    correct, found = ((tags & (rank <= k)).sum(axis=1) for k in (PRECISION_AT, RECALL_AT))
    return pd.DataFrame(
        {
            "known": known,
            "right_at_5": correct,
            "found_at_10": found,
            "precision": correct / PRECISION_AT,
            "recall": found / np.maximum(known, 1),
            "average_precision": [
                average_precision_score(tags_of_video, -ranks_of_video) if tags_of_video.any() else 0.0
                for tags_of_video, ranks_of_video in zip(tags, rank, strict=True)
            ],
        }
    )


def mean_average_precision(tags: np.ndarray, scores: np.ndarray) -> float:
    """The mean over videos of the average precision in `by_video`."""
    return float(by_video(tags, scores)["average_precision"].mean())


def summary(videos: pd.DataFrame, seed: int, clusters: np.ndarray | None = None) -> dict[str, Any]:
    """Means of a `by_video` table with 95 % bootstrap intervals over the videos, or over `clusters` (n,).

    Keys: `n`, `with_known` (videos), `right_at_5`, `found_at_10`, `known` (sums of tags), and for each of
    `MEASURES` the mean, `<measure>_low` and `<measure>_high`.
    """
    figures = {"n": len(videos), "with_known": int((videos["known"] > 0).sum())}
    figures |= {name: int(videos[name].sum()) for name in ("right_at_5", "found_at_10", "known")}
    for measure in MEASURES:
        mean, low, high = bootstrap_ratio(videos[measure], np.ones(len(videos)), seed, clusters=clusters)
        figures |= {measure: mean, f"{measure}_low": low, f"{measure}_high": high}
    return figures


def summaries(
    by_model: Mapping[str, pd.DataFrame], seed: int, clusters: np.ndarray | None = None
) -> pd.DataFrame:
    """The `summary` of each model, one row per model; `by_model`: a `by_video` table per model."""
    return pd.DataFrame(
        [{"model": name} | summary(videos, seed, clusters) for name, videos in by_model.items()]
    )


def gains(
    by_model: Mapping[str, pd.DataFrame],
    pairs: Iterable[tuple[str, str]],
    seed: int,
    clusters: np.ndarray | None = None,
) -> dict[str, tuple[float, float, float]]:
    """Differences in mean average precision with their 95 % bootstrap intervals, as (difference, low, high).

    `by_model`: a `by_video` table per model. `pairs`: (a, b) for the difference of a from b, whose key is
    "a - b"; pairs with a model that is not there are left out. `clusters`: as in `paired_bootstrap`.
    """
    precision = {name: videos["average_precision"].to_numpy() for name, videos in by_model.items()}
    return {
        f"{a} - {b}": paired_bootstrap(precision[a], precision[b], seed, clusters=clusters)
        for a, b in pairs
        if a in precision and b in precision
    }


def by_channel(
    by_model: Mapping[str, pd.DataFrame], known: np.ndarray, seed: int, clusters: np.ndarray
) -> pd.DataFrame:
    """The `summary` of videos of known and of new channels: one row per model and kind that has videos.

    `by_model`: a `by_video` table per model. `known`: (n,) bool. Columns: `model`, `channel` ("known" or
    "new"), then as in `summary`.
    """
    return pd.DataFrame(
        [
            {"model": name, "channel": kind} | summary(videos[mask], seed, clusters[mask])
            for name, videos in by_model.items()
            for kind, mask in (("known", known), ("new", ~known))
            if mask.any()
        ]
    )


def by_frequency(
    tags: np.ndarray,
    scores: np.ndarray,
    n_training: np.ndarray,
    seed: int,
    clusters: np.ndarray | None = None,
) -> pd.DataFrame:
    """One row per band of frequency that has tags; `n_training` (tags,) int: training videos with each tag.

    Columns:

    - `band`: training videos with the tag; `tags`: in the band
    - `suggested`, `n_correct`: tags of the band with a rank up to 5, those that the video has;
      `precision` = n_correct / suggested
    - `relevant`, `found_at_10`: tags of the band that test videos have, those with a rank up to 10;
      `recall` = found_at_10 / relevant, with the 95 % bootstrap interval `recall_low`, `recall_high` over
      videos or `clusters` (n,)
    - `tested`: tags that a test video has; `average_precision`: the mean, over these, of scikit-learn's
      `average_precision_score` of the videos ranked by the score of the tag

    nan where the divisor is 0.
    """
    rank = ranks(scores)
    band = np.digitize(n_training, BANDS)
    names = [f"below {BANDS[0]}", *(f"{low}–{high - 1}" for low, high in pairwise(BANDS))]
    names.append(f"{BANDS[-1]} and more")
    rows = []
    for number in np.unique(band):
        truth, rank_in_band = tags[:, band == number], rank[:, band == number]
        suggested = rank_in_band <= PRECISION_AT
        relevant, found = truth.sum(axis=1), (truth & (rank_in_band <= RECALL_AT)).sum(axis=1)
        recall, low, high = bootstrap_ratio(found, relevant, seed, clusters=clusters)
        tested = truth.any(axis=0)
        rows.append(
            {
                "band": names[number],
                "tags": truth.shape[1],
                "suggested": int(suggested.sum()),
                "n_correct": int((suggested & truth).sum()),
                "precision": (suggested & truth).sum() / suggested.sum() if suggested.any() else np.nan,
                "relevant": int(relevant.sum()),
                "found_at_10": int(found.sum()),
                "recall": recall,
                "recall_low": low,
                "recall_high": high,
                "tested": int(tested.sum()),
                "average_precision": _mean_over_tags(truth[:, tested], scores[:, band == number][:, tested]),
            }
        )
    return pd.DataFrame(rows)


def _mean_over_tags(tags: np.ndarray, scores: np.ndarray) -> float:
    """The macro average of scikit-learn, but nan for no tag, and for a single tag as for several."""
    by_tag = [average_precision_score(*column) for column in zip(tags.T, scores.T, strict=True)]
    return float(np.mean(by_tag)) if by_tag else np.nan


def repeated_by_channel(videos: pd.DataFrame, parts: np.ndarray, tags: pd.Series) -> tuple[int, int]:
    """How many tags of test videos the same channel had used before: (repeated tags, all tags).

    Only test videos count whose channel has tagged videos in training or validation. `videos` needs
    `channel_title` and shares the index of `tags`, the list of tags of each tagged video; `parts` (n,) are
    names of parts, as `ytcat.corpus.splits.split` returns them.
    """
    table = pd.DataFrame({"channel": videos["channel_title"], "part": parts, "tags": tags}).dropna()
    table = table.explode("tags").dropna()
    test = table[table["part"] == "test"]
    used = table[table["part"].isin(TRAINING_PARTS)]
    test = test[test["channel"].isin(used["channel"])]
    pairs = pd.MultiIndex.from_frame(test[["channel", "tags"]])
    repeated = pairs.isin(pd.MultiIndex.from_frame(used[["channel", "tags"]]))
    return int(repeated.sum()), len(test)


def category_table(probabilities: Mapping[str, np.ndarray], y_true: np.ndarray) -> pd.DataFrame:
    """One row per input of `probabilities`, (n, 14) each; `y_true` (n,) are the true labels.

    Columns: `inputs`, `n_correct`, `n_correct_top5`, `p_against_title` (McNemar's exact test of top-1 against
    the input "Title"), then as in `ytcat.evaluation.metrics.summary`.
    """
    correct = {name: in_top_k(y_true, p, 1) for name, p in probabilities.items()}
    return pd.DataFrame(
        [
            {
                "inputs": name,
                "n_correct": int(correct[name].sum()),
                "n_correct_top5": int(in_top_k(y_true, p, 5).sum()),
                "p_against_title": mcnemar_exact(correct[name], correct["Title"]),
            }
            | category_summary(y_true, p)
            for name, p in probabilities.items()
        ]
    )


def over_runs(table: pd.DataFrame, by: str, columns: Sequence[str]) -> pd.DataFrame:
    """Means of some columns of reference runs, one row per corpus, split and value of the column `by`.

    A table without rows is returned as it is.
    """
    if table.empty:
        return table
    return table.groupby(["corpus", "split", by], sort=False)[list(columns)].mean()
