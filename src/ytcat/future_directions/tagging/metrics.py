"""How good ranked tags are: precision@5, recall@10 and average precision. All shares 0..1.

A model scores every tag of a vocabulary for every video; the tags are ranked by score, of equal scores the
lower column first. `tags` is always (n, tags) bool, what the videos have; `scores` (n, tags).
"""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

from ytcat.evaluation.leakage import TRAINING_PARTS
from ytcat.evaluation.statistics import bootstrap_ratio

PRECISION_AT, RECALL_AT = 5, 10
MEASURES = {"precision": "Precision@5", "recall": "Recall@10", "average_precision": "Mean average precision"}
BANDS = (10, 20, 50)  # training videos with the tag, where one band of frequency ends and the next begins


def ranks(scores: np.ndarray) -> np.ndarray:
    """The place of each tag in its video's ranking, (n, tags) int, 1 is the first."""
    order = np.argsort(-scores, axis=1, kind="stable")
    return np.argsort(order, axis=1) + 1


def by_video(tags: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    """One row a video: how many of its tags are in the vocabulary, and how well those are ranked.

    - `known`: its tags in the vocabulary; `right_at_5`, `found_at_10`: those among the first 5, the first 10
    - `precision`: right_at_5 / 5
    - `recall`: found_at_10 / known; it cannot be 1 where more than ten are known
    - `average_precision`: the mean, over the known tags, of the precision at each one's place. Its mean
      over videos is scikit-learn's `label_ranking_average_precision_score`.

    A video with no tag in the vocabulary gets 0 in all three: no suggestion for it can be right.
    Raises ValueError if the shapes differ.
    """
    tags, scores = np.asarray(tags, dtype=bool), np.asarray(scores, dtype=np.float64)
    if tags.shape != scores.shape or tags.ndim != 2:
        raise ValueError(f"tags and scores must both be (n, tags), not {tags.shape} and {scores.shape}")
    place = ranks(scores)
    known = tags.sum(axis=1)
    right, found = ((tags & (place <= k)).sum(axis=1) for k in (PRECISION_AT, RECALL_AT))
    return pd.DataFrame(
        {
            "known": known,
            "right_at_5": right,
            "found_at_10": found,
            "precision": right / PRECISION_AT,
            "recall": found / np.maximum(known, 1),
            "average_precision": [
                average_precision_score(truth, -place_of) if truth.any() else 0.0
                for truth, place_of in zip(tags, place, strict=True)
            ],
        }
    )


def mean_average_precision(tags: np.ndarray, scores: np.ndarray) -> float:
    """The mean of `by_video`'s average precision over the videos."""
    return float(by_video(tags, scores)["average_precision"].mean())


def summary(videos: pd.DataFrame, seed: int, clusters: np.ndarray | None = None) -> dict[str, Any]:
    """Means of a `by_video` table with 95 % bootstrap intervals over the videos, or over `clusters` (n,).

    `n`, `with_known` (videos), `right_at_5`, `found_at_10`, `known` (tags, all in all), and of each of
    `MEASURES` its mean, `<measure>_low` and `<measure>_high`.
    """
    kept = {"n": len(videos), "with_known": int((videos["known"] > 0).sum())}
    kept |= {name: int(videos[name].sum()) for name in ("right_at_5", "found_at_10", "known")}
    for measure in MEASURES:
        mean, low, high = bootstrap_ratio(videos[measure], np.ones(len(videos)), seed, clusters=clusters)
        kept |= {measure: mean, f"{measure}_low": low, f"{measure}_high": high}
    return kept


def by_frequency(
    tags: np.ndarray,
    scores: np.ndarray,
    training_videos: np.ndarray,
    seed: int,
    clusters: np.ndarray | None = None,
) -> pd.DataFrame:
    """One row for each band of frequency that has tags; `training_videos` (tags,) is each tag's in training.

    Columns: `band` (training videos with the tag), `tags` (in the band); `suggested` and `right` (among all
    first fives), `precision` = right / suggested; `given` (times that test videos have one of these tags)
    and `found` (among the first ten), `recall` = found / given with its 95 % bootstrap interval
    `recall_low`, `recall_high` over videos or `clusters`; `tested` (tags that a test video has) and
    `average_precision`, the mean over those of scikit-learn's `average_precision_score` of the videos'
    ranking by that tag's score. nan where there is nothing to divide by.
    """
    place = ranks(scores)
    band = np.digitize(training_videos, BANDS)
    names = [f"below {BANDS[0]}", *(f"{low}–{high - 1}" for low, high in pairwise(BANDS))]
    names.append(f"{BANDS[-1]} and more")
    rows = []
    for number in np.unique(band):
        truth, place_of = tags[:, band == number], place[:, band == number]
        suggested = place_of <= PRECISION_AT
        given, found = truth.sum(axis=1), (truth & (place_of <= RECALL_AT)).sum(axis=1)
        recall, low, high = bootstrap_ratio(found, given, seed, clusters=clusters)
        tested = truth.any(axis=0)
        rows.append(
            {
                "band": names[number],
                "tags": truth.shape[1],
                "suggested": int(suggested.sum()),
                "n_correct": int((suggested & truth).sum()),
                "precision": (suggested & truth).sum() / suggested.sum() if suggested.any() else np.nan,
                "given": int(given.sum()),
                "found": int(found.sum()),
                "recall": recall,
                "recall_low": low,
                "recall_high": high,
                "tested": int(tested.sum()),
                "average_precision": _mean_over_tags(truth[:, tested], scores[:, band == number][:, tested]),
            }
        )
    return pd.DataFrame(rows)


def _mean_over_tags(tags: np.ndarray, scores: np.ndarray) -> float:
    """scikit-learn's macro average, but nan for no tag; a single tag is no special case."""
    by_tag = [average_precision_score(*column) for column in zip(tags.T, scores.T, strict=True)]
    return float(np.mean(by_tag)) if by_tag else np.nan


def repeated_by_channel(videos: pd.DataFrame, parts: np.ndarray, tags: pd.Series) -> tuple[int, int]:
    """Of the tags on test videos whose channel is known: how many that channel had used, out of how many.

    `videos` needs `channel_title`, its index that of `tags`, which holds each tagged video's list of tags;
    `parts` (n,) as `splits.split` gives them. Known are the channels with tagged videos in training or
    validation.
    """
    table = pd.DataFrame({"channel": videos["channel_title"], "part": parts, "tags": tags}).dropna()
    learnt = table[table["part"].isin(TRAINING_PARTS)]
    used = learnt.groupby("channel")["tags"].agg(
        lambda lists: {tag for of_video in lists for tag in of_video}
    )
    test = table[(table["part"] == "test") & table["channel"].isin(used.index)]
    repeated = sum(
        tag in used[channel] for channel, of_video in zip(test["channel"], test["tags"], strict=True)
        for tag in of_video
    )  # fmt: skip
    return repeated, int(test["tags"].map(len).sum())
