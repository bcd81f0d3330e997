"""Overlap of test videos with training: the same channel, or nearly the same title."""

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer

TRAINING_PARTS = ("train", "validation")  # weights come from the first, choices from the second
NEAR_IDENTICAL = 0.8  # cosine of character trigrams; "Episode 1" and "Episode 2" of a show are above it


def shares_channel(videos: pd.DataFrame, parts: np.ndarray) -> np.ndarray:
    """Whether a video of the same channel is in training or validation, (n,) bool.

    `videos` needs `channel_title`; a video without a channel shares none. `parts` (n,) are names of parts, as
    `ytcat.corpus.splits.split` returns them.
    """
    known = videos["channel_title"][np.isin(parts, TRAINING_PARTS)].dropna()
    return videos["channel_title"].isin(known).to_numpy()


def near_identical_title(videos: pd.DataFrame, parts: np.ndarray) -> np.ndarray:
    """Whether the title of a test video is nearly identical to one of training or validation, (n,) bool.

    Two titles are nearly identical if the TF-IDF vectors of their character trigrams, in lower case, have a
    cosine of at least `NEAR_IDENTICAL`. Trigrams of test titles alone count too: without them a title would
    be compared only by the trigrams that training has. False for videos outside the test. `videos` needs
    `title`.
    """
    training, test = np.isin(parts, TRAINING_PARTS), parts == "test"
    near_identical = np.zeros(len(videos), dtype=bool)
    if training.any() and test.any():
        trigrams = TfidfVectorizer(analyzer="char", ngram_range=(3, 3), norm="l2")
        trigrams.fit(videos["title"][training | test])
        known = trigrams.transform(videos["title"][training])
        closest = (trigrams.transform(videos["title"][test]) @ known.T).max(axis=1).toarray().ravel()
        near_identical[test] = closest >= NEAR_IDENTICAL
    return near_identical


def by_overlap(videos: pd.DataFrame, parts: np.ndarray, correct: pd.Series) -> dict[str, dict[str, int]]:
    """How many test videos a model classifies correctly, with and without an overlap with training.

    `correct`: bool, indexed by the row numbers of the test videos in `videos`. For "known channel", "new
    channel", "known title" and "new title" the result holds `n` (videos) and `n_correct`; those of the
    channel are left out if no video has one.
    """
    overlaps = {"title": near_identical_title(videos, parts)}
    if videos["channel_title"].notna().any():
        overlaps = {"channel": shares_channel(videos, parts)} | overlaps
    counts = {}
    for what, shared in overlaps.items():
        shared = pd.Series(shared, index=videos.index)[correct.index]
        for name, chosen in ((f"known {what}", shared), (f"new {what}", ~shared)):
            counts[name] = {"n": int(chosen.sum()), "n_correct": int(correct[chosen].sum())}
    return counts
