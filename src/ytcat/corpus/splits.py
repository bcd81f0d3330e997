"""Train, validation and test splits."""

import warnings
from typing import Literal

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.exceptions import YtcatError
from ytcat.slides import TEST_COUNTS

Kind = Literal["random", "channel", "time"]
PARTS = ("train", "validation", "test", "unused")
N_TRAIN, N_TEST = 5_000, int(TEST_COUNTS.sum())  # the slides' 5,000 and 1,020
N_FOLDS = 5
VALIDATION = 0.1  # of what is not test


def split(
    videos: pd.DataFrame, kind: Kind = "random", seed: int = 0, fold: int = 0, limit: int | None = None
) -> np.ndarray:
    """The part of each video, shape (n,), str: "train", "validation", "test" or "unused".

    `videos` needs `label` (0..13); "channel" needs `channel_title` too, "time" `publish_time` and `video_id`.

    - "random": at random. With at least 6,020 videos 1,020 are test, of each category as many as in the
      slides' confusion matrices, and 5,000, in the corpus's own proportions, are for training. A category
      with fewer than twice the slides' number of videos gives at most half of what it has; the others make
      up for it in proportion to the slides' numbers. With fewer videos a fifth (at most 1,020) is test, in
      the corpus's own proportions, but at least one of each category that has three; the rest is for
      training.
    - "channel": no channel is in two parts. `fold` 0..4 chooses the fifth of the channels that is test; a
      video without a channel is a channel of its own.
    - "time": the newest fifth (at most 1,020) is test, the newest tenth of the rest validation. Videos
      without a time are unused.

    Validation is 10 % of the videos for training; in "random" at least one of each category that has two
    there. `limit` first takes a stratified sample of that many videos, the others being unused. The result
    depends on `videos` (its rows in their order), `seed` and the other arguments only. Raises YtcatError for
    an argument or a corpus that does not allow the split.
    """
    parts = np.full(len(videos), "unused", dtype="U10")
    _check(videos, kind, fold, limit)
    used = _limited(videos, limit, np.random.default_rng([seed, 1]))
    chosen = videos.iloc[used]
    if kind == "random":
        parts[used] = _by_slides(chosen, np.random.default_rng([seed, 0]))
    elif kind == "channel":
        parts[used] = _by_channel(chosen, seed, fold)
    else:
        parts[used] = _by_time(chosen)
    return parts


def channel_codes(videos: pd.DataFrame) -> np.ndarray:
    """The number of each video's channel, (n,) int; a video without a channel is a channel of its own."""
    channels = pd.factorize(videos["channel_title"])[0]
    alone = channels == -1
    channels[alone] = channels.max() + 1 + np.arange(alone.sum())
    return channels


def cross_validation(videos: pd.DataFrame, kind: Kind, n_folds: int, seed: int = 0) -> np.ndarray:
    """The fold of each video, (n,) int 0..n_folds-1, to choose among models within one side of a split.

    Each category is spread over the folds; on "channel" no channel is in two. `videos` needs `label`, and
    `channel_title` for "channel". Raises ValueError if no category has `n_folds` videos.
    """
    labels, folds = videos["label"].to_numpy(), np.empty(len(videos), dtype=np.int64)
    grouped = kind == "channel"
    splitter = StratifiedGroupKFold if grouped else StratifiedKFold
    groups = channel_codes(videos) if grouped else None
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)  # some are rare
        chosen = splitter(n_folds, shuffle=True, random_state=seed).split(labels, labels, groups)
        for fold, (_, held_out) in enumerate(chosen):
            folds[held_out] = fold
    return folds


def split_table(videos: pd.DataFrame, parts: np.ndarray) -> pd.DataFrame:
    """How many videos of each category are in each part: 14 rows in YouTube-id order, 4 columns, int."""
    category = pd.Categorical.from_codes(videos["label"], NAMES)
    table = pd.crosstab(category, pd.Categorical(parts, PARTS), dropna=False)
    return table.rename_axis(index="category", columns="part")


def allocate(total: int, weights: np.ndarray, least: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Share `total` among k categories in proportion to `weights`, each from `least` to `most`; (k,) int64.

    By the Sainte-Lague (Webster) method: one at a time, to the category with the largest
    weight / (2 got + 1). What a full category cannot take goes to the others in proportion. A total below the
    sum of `least`, or above that of `most`, is raised or lowered to it.
    """
    got = np.array(least, dtype=np.int64)
    while got.sum() < min(total, most.sum()):
        got[np.argmax(np.where(got < most, weights / (2 * got + 1), -1.0))] += 1
    return got


def _draw(labels: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Positions, ascending, of that many videos of each category, chosen at random."""
    drawn = [
        rng.choice(np.flatnonzero(labels == label), count, replace=False)
        for label, count in enumerate(counts)
    ]
    return np.sort(np.concatenate(drawn))


def _counts(labels: np.ndarray) -> np.ndarray:
    return np.bincount(labels, minlength=N_CATEGORIES)


def _check(videos: pd.DataFrame, kind: str, fold: int, limit: int | None) -> None:
    needed = {
        "random": ["label"],
        "channel": ["label", "channel_title"],
        "time": ["label", "publish_time", "video_id"],
    }
    if kind not in needed:
        raise YtcatError(f"There is no split {kind!r}. Choose one of {', '.join(needed)}.")
    for column in needed[kind]:
        if column not in videos or videos[column].isna().all():
            raise YtcatError(
                f"The split {kind!r} needs {column}, which no video of this corpus has. Choose another split "
                f"('random' always works), or add the column {column} to the corpus and ingest it again."
            )
    if not 0 <= fold < (N_FOLDS if kind == "channel" else 1):
        raise YtcatError(
            f"fold = {fold}: the split 'channel' has the folds 0 to {N_FOLDS - 1}, the others only 0."
        )
    if limit is not None and limit < 1:
        raise YtcatError(f"limit = {limit}: give a number of videos above 0, or none for all.")


def _limited(videos: pd.DataFrame, limit: int | None, rng: np.random.Generator) -> np.ndarray:
    """Positions of a stratified sample of `limit` videos, three of each category if there is room."""
    labels = videos["label"].to_numpy()
    if limit is None or limit >= len(labels):
        return np.arange(len(labels))
    counts = _counts(labels)
    least = np.minimum(counts, min(3, limit // np.count_nonzero(counts)))
    return _draw(labels, allocate(limit, counts, least, counts), rng)


def _by_slides(videos: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    labels = videos["label"].to_numpy()
    counts = _counts(labels)
    parts = np.full(len(labels), "unused", dtype="U10")
    if len(labels) >= N_TRAIN + N_TEST:
        n_test = allocate(N_TEST, TEST_COUNTS, np.zeros_like(counts), counts // 2)
        n_train = allocate(N_TRAIN, counts - n_test, np.zeros_like(counts), counts - n_test)
    else:
        total = min(N_TEST, len(labels) // 5)
        n_test = allocate(total, counts, (counts >= 3).astype(int), np.maximum(counts - 1, 0))
        n_train = counts - n_test
    n_validation = allocate(
        round(VALIDATION * n_train.sum()), n_train, (n_train >= 2).astype(int), np.maximum(n_train - 1, 0)
    )
    for part, amount in (("test", n_test), ("validation", n_validation), ("train", n_train - n_validation)):
        free = np.flatnonzero(parts == "unused")
        parts[free[_draw(labels[free], amount, rng)]] = part
    return parts


def _by_channel(videos: pd.DataFrame, seed: int, fold: int) -> np.ndarray:
    labels, channels = videos["label"].to_numpy(), channel_codes(videos)
    parts = np.full(len(labels), "train", dtype="U10")
    parts[_fold(labels, channels, N_FOLDS, fold, seed)] = "test"
    rest = np.flatnonzero(parts == "train")
    parts[rest[_fold(labels[rest], channels[rest], round(1 / VALIDATION), 0, seed)]] = "validation"
    return parts


def _fold(labels: np.ndarray, channels: np.ndarray, n_folds: int, fold: int, seed: int) -> np.ndarray:
    """Positions of one fold of the channels; fewer folds where the corpus is too small for as many."""
    n_folds = min(n_folds, len(np.unique(channels)), _counts(labels).max())
    if fold >= n_folds or n_folds < 2:
        raise YtcatError(
            f"{len(labels)} videos of {len(np.unique(channels))} channels are too few for the split "
            f"'channel' with fold {fold}. Choose the split 'random', or a larger corpus or limit."
        )
    with warnings.catch_warnings():
        # Some categories are rare; that is no news here.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed).split(labels, labels, channels)
        return list(folds)[fold][1]


def _by_time(videos: pd.DataFrame) -> np.ndarray:
    parts = np.full(len(videos), "unused", dtype="U10")
    order = (
        videos.reset_index(drop=True)
        .sort_values(["publish_time", "video_id"], na_position="first")
        .index.to_numpy()
    )
    order = order[videos["publish_time"].isna().sum() :]  # oldest first
    n_test = min(N_TEST, len(order) // 5)
    n_validation = round(VALIDATION * (len(order) - n_test))
    n_train = len(order) - n_test - n_validation
    parts[order] = np.repeat(["train", "validation", "test"], [n_train, n_validation, n_test])
    return parts
