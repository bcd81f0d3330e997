"""What test videos have in common with the videos that models learn from."""

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer

LEARNT_FROM = ("train", "validation")  # weights come from the first, choices from the second
NEAR_IDENTICAL = 0.8  # cosine of character trigrams; "Episode 1" and "Episode 2" of a show are above it


def shares_channel(videos: pd.DataFrame, parts: np.ndarray) -> np.ndarray:
    """For each video, (n,) bool: a video of its channel is in training or validation.

    `videos` needs `channel_title`; a video without a channel shares none. `parts` (n,) as `splits.split`
    gives them.
    """
    known = videos["channel_title"][np.isin(parts, LEARNT_FROM)].dropna()
    return videos["channel_title"].isin(known).to_numpy()


def near_identical_title(videos: pd.DataFrame, parts: np.ndarray) -> np.ndarray:
    """For each test video, (n,) bool, False elsewhere: its title is nearly one of training or validation.

    Nearly: the TF-IDF vectors of their character trigrams, upper and lower case alike, have a cosine of at
    least `NEAR_IDENTICAL`. Trigrams that only test titles have count too: without them a title would be
    compared by the part of it that is known. `videos` needs `title`.
    """
    learnt, test = np.isin(parts, LEARNT_FROM), parts == "test"
    found = np.zeros(len(videos), dtype=bool)
    if learnt.any() and test.any():
        trigrams = TfidfVectorizer(analyzer="char", ngram_range=(3, 3), norm="l2")
        trigrams.fit(videos["title"][learnt | test])
        known = trigrams.transform(videos["title"][learnt])
        closest = (trigrams.transform(videos["title"][test]) @ known.T).max(axis=1).toarray().ravel()
        found[test] = closest >= NEAR_IDENTICAL
    return found


def by_overlap(videos: pd.DataFrame, parts: np.ndarray, right: pd.Series) -> dict[str, dict[str, int]]:
    """How many test videos a model gets right where it knows their channel or title, and where not.

    `right`: bool, indexed by the test videos' rows in `videos`. Returns, by what is in common, `n` (videos)
    and `right` (of them); the channel is left out where no video has one.
    """
    overlaps = {"title": near_identical_title(videos, parts)}
    if videos["channel_title"].notna().any():
        overlaps = {"channel": shares_channel(videos, parts)} | overlaps
    counts = {}
    for what, shared in overlaps.items():
        shared = pd.Series(shared, index=videos.index)[right.index]
        for name, chosen in ((f"known {what}", shared), (f"new {what}", ~shared)):
            counts[name] = {"n": int(chosen.sum()), "n_correct": int(right[chosen].sum())}
    return counts
