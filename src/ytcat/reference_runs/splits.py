"""What each split of a corpus sets apart: dates, class mix, known channels, and earlier use of its videos."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.corpus import Corpus
from ytcat.corpus.splits import N_FOLDS, channel_codes, split
from ytcat.evaluation.class_mix import Estimate, standardized_mean
from ytcat.evaluation.leakage import TRAINING_PARTS, mix_distance
from ytcat.exceptions import YtcatError
from ytcat.reference_runs import read_all
from ytcat.reference_runs import table as reference_table
from ytcat.reference_runs.slides_mix import by_video
from ytcat.views import SPLITS

SPLITS_TABLE = "splits.csv"


def parts_by_fold(corpus: Corpus, kinds: Iterable[str] = SPLITS) -> dict[tuple[str, int], np.ndarray]:
    """The part of each video, (n,) str, by split and fold; without splits that the corpus does not allow."""
    parts = {}
    for kind in kinds:
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


# ---- read from the recordings


def summary() -> pd.DataFrame:
    """What each split sets apart, over its folds: one row per corpus and split.

    Columns: `train`, `validation`, `test` (videos of a fold, mean); `train_first`, `train_last`,
    `validation_last`, `test_first`, `test_last` (days of publication, the first and last of all folds);
    `gap` and `gap_validation` (days between the last training, or validation, video and the first test
    video; 0 if they overlap); `mix_distance` (`leakage.mix_distance` of train and test, mean);
    `known_channel` (share of the test videos whose channel is in train or validation) and `tried_on` (share
    of them in train or validation of the random split, on which settings were tried).
    """
    rows = []
    for (corpus, kind), folds in _recorded().groupby(["corpus", "split"], sort=False):
        parts = {part: table for part, table in folds.groupby("part")}
        train, validation, test = (parts[name] for name in (*TRAINING_PARTS, "test"))
        row = {"corpus": corpus, "split": kind}
        row |= {part: round(table["videos"].mean()) for part, table in parts.items()}
        row |= {"train_first": train["first"].min(), "train_last": train["last"].max()}
        row |= {"validation_last": validation["last"].max()}
        row |= {"test_first": test["first"].min(), "test_last": test["last"].max()}
        row["gap"], row["gap_validation"] = (_gap(part, test) for part in (train, validation))
        mixes = zip(train[list(NAMES)].to_numpy(), test[list(NAMES)].to_numpy(), strict=True)
        row["mix_distance"] = float(np.mean([mix_distance(*pair) for pair in mixes]))
        for name in ("known_channel", "tried_on"):
            row[name] = float(test[name].sum() / test["videos"].sum())
        rows.append(row)
    return pd.DataFrame(rows)


def class_mix() -> pd.DataFrame:
    """Shares of the categories in train and test of each split: one row per category.

    Columns by `corpus`, `split` and `part`; over the folds of the split by channel together.
    """
    table = _recorded().query("part != 'validation'")
    counts = table.groupby(["corpus", "split", "part"], sort=False)[list(NAMES)].sum()
    return counts.div(counts.sum(axis=1), axis=0).T.rename_axis("category")


def later_videos(models: Iterable[str]) -> pd.DataFrame:
    """What later videos cost, and how much of it is their other class mix: one row per corpus and model.

    Columns: `random`, `time` (top-1 on the two splits, means over seeds) and `time_at_mix` (top-1 on later
    videos with each category weighted by its share in the random split's test; categories without later
    videos are left out), each with `_low` and `_high`; `difference` (time - random), `by_mix` (time -
    time_at_mix: the part of it that is class mix) and `by_mix_first` (the same the other way round: the
    random split's recalls at the later videos' mix, minus random). The two differ where mix and recall change
    together. Shares 0..1. Source: Kitagawa (1955), "Components of a Difference Between Two Rates", JASA 50.
    """
    rows = []
    for reference in read_all():
        for model in models:
            random, time = (by_video(reference, model, kind) for kind in ("random", "time"))
            if random.empty or time.empty:
                continue
            counts = {
                name: np.bincount(table["label"], minlength=N_CATEGORIES)
                for name, table in (("random", random), ("time", time))
            }
            estimates = {
                "random": _at_mix(random, counts["random"]),
                "time": _at_mix(time, counts["time"]),
                "time_at_mix": _at_mix(time, counts["random"]),
            }
            row = {"corpus": reference.name, "model": model}
            for name, estimate in estimates.items():
                row |= {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
            row["difference"] = row["time"] - row["random"]
            row["by_mix"] = row["time"] - row["time_at_mix"]
            recall = random.groupby("label")["correct"].mean()
            row["by_mix_first"] = np.average(recall, weights=counts["time"][recall.index]) - row["random"]
            rows.append(row)
    return pd.DataFrame(rows)


def _recorded() -> pd.DataFrame:
    table = reference_table(SPLITS_TABLE)
    return table[table["corpus"].isin(reference.name for reference in read_all())]


def _gap(earlier: pd.DataFrame, test: pd.DataFrame) -> float:
    """Days from the last earlier video to the first test video of its fold, at least 0; the least of all."""
    days = pd.to_datetime(test["first"]).to_numpy() - pd.to_datetime(earlier["last"]).to_numpy()
    return max(float((days / np.timedelta64(1, "D")).min()), 0.0)


def _at_mix(videos: pd.DataFrame, counts: np.ndarray) -> Estimate:
    return standardized_mean(videos["correct"], videos["label"], counts, videos["channel"])
