"""What each split of a corpus sets apart: dates, class mix, known channels, and earlier use of its videos."""

import numpy as np
import pandas as pd

from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.corpus import Corpus
from ytcat.corpus.splits import N_FOLDS, channel_codes, split
from ytcat.evaluation.leakage import TRAINING_PARTS
from ytcat.exceptions import YtcatError
from ytcat.views import SPLITS

SPLITS_TABLE = "splits.csv"


def parts_by_fold(corpus: Corpus) -> dict[tuple[str, int], np.ndarray]:
    """The part of each video, (n,) str, by split and fold, without splits that the corpus does not allow."""
    parts = {}
    for kind in SPLITS:
        for fold in range(N_FOLDS if kind == "channel" else 1):
            try:
                parts[kind, fold] = split(corpus.videos, kind, fold=fold)
            except YtcatError:  # the corpus has no channels, or no dates, or too few of them
                continue
    return parts


def describe(corpus: Corpus) -> pd.DataFrame:
    """What is in each part of each split: one row per split, fold and part ("train", "validation", "test").

    Columns: `split`, `fold`, `part`, `videos`, `channels` (numbers); `first`, `median`, `last` (day of
    publication, blank if unknown); `known_channel` (videos of a channel that is in train or validation; blank
    for these two); `tried_on` (videos that are in train or validation of the random split, on which settings
    were tried); then the number of videos of each category, by name.
    """
    videos, channels = corpus.videos, channel_codes(corpus.videos)
    parts_of_splits = parts_by_fold(corpus)
    tried_on = np.isin(parts_of_splits["random", 0], TRAINING_PARTS)
    rows = []
    for (kind, fold), parts in parts_of_splits.items():
        known = np.isin(channels, channels[np.isin(parts, TRAINING_PARTS)])
        for part in (*TRAINING_PARTS, "test"):
            chosen = parts == part
            counts = np.bincount(videos["label"][chosen], minlength=N_CATEGORIES)
            row = {"split": kind, "fold": fold, "part": part, "videos": int(chosen.sum())}
            row["channels"] = len(np.unique(channels[chosen]))
            row |= _days(videos[chosen])
            row["known_channel"] = int(known[chosen].sum()) if part == "test" else None
            row["tried_on"] = int(tried_on[chosen].sum())
            rows.append(row | dict(zip(NAMES, counts.tolist(), strict=True)))
    return pd.DataFrame(rows).astype({"known_channel": "Int64"})


def _days(videos: pd.DataFrame) -> dict[str, str]:
    """First, median and last day of publication."""
    times = videos["publish_time"].dropna() if "publish_time" in videos else pd.Series(dtype=object)
    if times.empty:
        return dict.fromkeys(("first", "median", "last"), "")
    days = times.quantile([0, 0.5, 1], interpolation="lower").dt.strftime("%Y-%m-%d")
    return dict(zip(("first", "median", "last"), days, strict=True))
