"""What test videos share with training: the channel, nearly the same title, the mix of categories."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.feature_extraction.text import TfidfVectorizer

from ytcat.categories import N_CATEGORIES, NAMES

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


# ---- the channel alone


def channel_lookup(channels: ArrayLike, labels: ArrayLike, training: ArrayLike) -> np.ndarray:
    """The category that a look-up of the channel answers for each video, (n,) int64 labels 0..13.

    It is the most frequent category of the channel's training videos; of equally frequent ones the one that
    is more frequent in all of training. A channel without training videos gets the most frequent category of
    all. Neither title nor thumbnail is read. `channels` (n,); `labels` (n,) int 0..13; `training` (n,) bool:
    the videos whose labels are known. Raises ValueError if no video is.
    """
    _, channel = np.unique(channels, return_inverse=True)
    labels, training = np.asarray(labels), np.asarray(training)
    if not training.any():
        raise ValueError("a look-up of channels needs at least one training video")
    counts = np.zeros((channel.max() + 1, N_CATEGORIES))
    np.add.at(counts, (channel[training], labels[training]), 1)
    return _most_frequent(counts)[channel]


def label_agreement(channels: ArrayLike, labels: ArrayLike) -> pd.DataFrame:
    """How far the videos of a channel agree in category: a row for all videos and one per category.

    Only channels with two or more videos count. Columns: `category` ("All" or a name), `videos` (of it, in
    such channels), `as_most` (share, 0..1, of them that are in the most frequent category of their channel;
    of equally frequent ones the one that is more frequent in all channels) and `as_another` (the chance that
    another video of the channel, drawn at random, is in the same category; mean over the videos). NaN where
    there are no such videos.
    `channels` (n,) and `labels` (n,) int 0..13.
    """
    _, channel = np.unique(channels, return_inverse=True)
    labels = np.asarray(labels)
    counts = np.zeros((channel.max() + 1, N_CATEGORIES))
    np.add.at(counts, (channel, labels), 1)
    size, same = counts.sum(axis=1)[channel], counts[channel, labels]
    most = _most_frequent(counts)[channel]
    videos = pd.DataFrame(
        {
            "category": pd.Categorical.from_codes(labels, NAMES, ordered=True),
            "as_most": labels == most,
            "as_another": (same - 1) / np.maximum(size - 1, 1),
        }
    )[size > 1]
    by_category = videos.groupby("category", observed=False)[["as_most", "as_another"]].agg("mean")
    by_category.insert(0, "videos", videos["category"].value_counts(sort=False))
    every = videos[["as_most", "as_another"]].mean().to_frame("All").T.assign(videos=len(videos))
    table = pd.concat([every, by_category.rename(index=str)])[["videos", "as_most", "as_another"]]
    return table.astype({"videos": int}).rename_axis("category").reset_index()


def _most_frequent(counts: np.ndarray) -> np.ndarray:
    """The most frequent category of each channel, (k,), from (k, 14) counts; the overall one breaks ties."""
    overall = counts.sum(axis=0)
    return (counts + overall / (overall.sum() + 1)).argmax(axis=1)


# ---- the shares of categories


def mix_distance(a: ArrayLike, b: ArrayLike) -> float:
    """Total variation distance, 0..1, of the shares of categories in two sets of videos.

    `a`, `b`: (14,) numbers of videos. It is the share of one set's videos that would have to change category
    for it to have the shares of the other.
    """
    shares = [np.asarray(counts) / np.sum(counts) for counts in (a, b)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)
