"""Train, validation and test splits."""

import warnings
from typing import Literal

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.exceptions import YtcatError
from ytcat.slides import N_TEST, N_TRAIN, TEST_COUNTS
from ytcat.views import SPLIT_ALIASES, SPLITS

Kind = Literal[tuple(SPLITS)]
PARTS = ("train", "validation", "test", "unused")
N_FOLDS = 5
VALIDATION = 0.1  # share of the videos that are not test
NEEDED_COLUMNS = {
    "random": ("label",),
    "channel": ("label", "channel_title"),
    "time": ("label", "publish_time", "video_id"),
}


def split(
    videos: pd.DataFrame, kind: Kind = "random", seed: int = 0, fold: int = 0, limit: int | None = None
) -> np.ndarray:
    """The part of each video, shape (n,), str: "train", "validation", "test" or "unused".

    `kind` is a key of `ytcat.views.SPLITS` or an earlier name of one; `videos` has the `NEEDED_COLUMNS`.

    - "random": stratified. From 6,020 videos on, 1,020 are test, with the category counts of the slides'
      confusion matrices, and 5,000, in the proportions of the corpus, are for training. A category with
      fewer than twice the slides' count gives at most half of its videos; the others make up for it in
      proportion to the slides' counts. With fewer videos a fifth (at most 1,020) is test, in the proportions
      of the corpus, but at least one of each category that has three; the rest is for training.
    - "channel": no channel is in two parts. `fold` 0..4 chooses the fifth of the channels that is test; a
      video without a channel counts as a channel of its own.
    - "time": the newest fifth (at most 1,020) is test, the newest tenth of the rest validation. Videos
      without a time are unused.

    Validation is 10 % of the videos for training; in "random" at least one of each category that has two
    there. `limit` first draws a stratified sample of that many videos; the others are unused. The result
    depends only on the arguments (on the rows of `videos` in their order). Raises YtcatError if an argument
    is wrong or the corpus does not allow the split.
    """
    kind = SPLIT_ALIASES.get(kind, kind)
    parts = np.full(len(videos), "unused", dtype="U10")
    _check(videos, kind, fold, limit)
    used = _limited(videos, limit, np.random.default_rng([seed, 1]))
    chosen = videos.iloc[used]
    if kind == "random":
        parts[used] = _at_random(chosen, np.random.default_rng([seed, 0]))
    elif kind == "channel":
        parts[used] = _by_channel(chosen, seed, fold)
    else:
        parts[used] = _by_time(chosen)
    return parts


def channel_codes(videos: pd.DataFrame) -> np.ndarray:
    """The channel of each video as a number, (n,) int; a video without a channel gets a number of its own."""
    codes = pd.factorize(videos["channel_title"])[0]
    missing = codes == -1
    codes[missing] = codes.max() + 1 + np.arange(missing.sum())
    return codes


def cross_validation(videos: pd.DataFrame, kind: Kind, n_folds: int, seed: int = 0) -> np.ndarray:
    """The cross-validation fold of each video, (n,) int 0..n_folds-1, stratified by category.

    With the split "channel" no channel is in two folds. `videos` needs `label`, and `channel_title` for
    "channel". There are fewer folds if no category has `n_folds` videos. Raises YtcatError if there are not
    enough videos, or channels, for two.
    """
    labels, folds = videos["label"].to_numpy(), np.empty(len(videos), dtype=np.int64)
    channels = channel_codes(videos) if kind == "channel" else None
    n_folds = _possible_folds(labels, channels, n_folds)
    if n_folds < 2:
        raise YtcatError(
            f"{len(videos)} videos are too few for cross-validation, which needs at least two of one category"
            f"{' from different channels' if kind == 'channel' else ''}. Choose a larger corpus or limit."
        )
    for fold, held_out in enumerate(_stratified_folds(labels, channels, n_folds, seed)):
        folds[held_out] = fold
    return folds


def missing_column(videos: pd.DataFrame, kind: Kind) -> str | None:
    """The first of the `NEEDED_COLUMNS` of a split that no video has, or None."""
    absent = (name for name in NEEDED_COLUMNS[kind] if name not in videos or videos[name].isna().all())
    return next(absent, None)


def split_table(videos: pd.DataFrame, parts: np.ndarray) -> pd.DataFrame:
    """The number of videos per category and part: 14 rows in YouTube-id order, columns `PARTS`, int."""
    category = pd.Categorical.from_codes(videos["label"], NAMES)
    table = pd.crosstab(category, pd.Categorical(parts, PARTS), dropna=False)
    return table.rename_axis(index="category", columns="part")


def allocate(total: int, weights: np.ndarray, least: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Apportion `total` among k categories in proportion to `weights`, within `least` and `most`; (k,) int64.

    By the Sainte-Lague (Webster) method: one unit at a time to the category with the largest
    weight / (2 count + 1). What a full category cannot take goes to the others in proportion. A total below
    the sum of `least`, or above that of `most`, is raised or lowered to that sum.
    """
    counts = np.array(least, dtype=np.int64)
    while counts.sum() < min(total, most.sum()):
        counts[np.argmax(np.where(counts < most, weights / (2 * counts + 1), -1.0))] += 1
    return counts


def _draw(labels: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Positions, ascending, of `counts[label]` videos of each category, drawn at random."""
    drawn = [
        rng.choice(np.flatnonzero(labels == label), count, replace=False)
        for label, count in enumerate(counts)
    ]
    return np.sort(np.concatenate(drawn))


def _counts(labels: np.ndarray) -> np.ndarray:
    return np.bincount(labels, minlength=N_CATEGORIES)


def _check(videos: pd.DataFrame, kind: str, fold: int, limit: int | None) -> None:
    if kind not in SPLITS:
        raise YtcatError(f"There is no split {kind!r}. Choose one of {', '.join(SPLITS)}.")
    if column := missing_column(videos, kind):
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
    """Positions of a stratified sample of `limit` videos, at least three per category if there is room."""
    labels = videos["label"].to_numpy()
    if limit is None or limit >= len(labels):
        return np.arange(len(labels))
    counts = _counts(labels)
    least = np.minimum(counts, min(3, limit // np.count_nonzero(counts)))
    return _draw(labels, allocate(limit, counts, least, counts), rng)


def _at_random(videos: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
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
    """Positions of the videos in one fold of the channels; a small corpus has fewer folds."""
    n_folds = _possible_folds(labels, channels, n_folds)
    if fold >= n_folds or n_folds < 2:
        raise YtcatError(
            f"{len(labels)} videos of {len(np.unique(channels))} channels are too few for the split "
            f"'channel' with fold {fold}. Choose the split 'random', or a larger corpus or limit."
        )
    return _stratified_folds(labels, channels, n_folds, seed)[fold]


def _possible_folds(labels: np.ndarray, channels: np.ndarray | None, n_folds: int) -> int:
    """`n_folds`, or as many as the largest category has videos and, if channels count, there are channels."""
    n_channels = n_folds if channels is None else len(np.unique(channels))
    return min(n_folds, n_channels, _counts(labels).max())


def _stratified_folds(
    labels: np.ndarray, groups: np.ndarray | None, n_folds: int, seed: int
) -> list[np.ndarray]:
    """Positions of each fold, stratified by label; no group is in two folds."""
    splitter = StratifiedKFold if groups is None else StratifiedGroupKFold
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)  # some are rare
        folds = splitter(n_folds, shuffle=True, random_state=seed).split(labels, labels, groups)
        return [held_out for _, held_out in folds]


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
