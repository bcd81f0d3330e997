"""Title models of one corpus on the videos of another: what years, or another choice of videos, cost."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from ytcat.categories import N_CATEGORIES
from ytcat.corpus.splits import Kind
from ytcat.evaluation.metrics import in_top_k
from ytcat.evaluation.statistics import mcnemar_exact, paired_bootstrap, wilson_of_share
from ytcat.future_directions.more_data.learning_curves import subset
from ytcat.models import baselines


class Side(NamedTuple):
    """One of the two corpora."""

    name: str
    videos: pd.DataFrame  # `video_id`, `title`, `channel_title`, `label`
    parts: np.ndarray  # as `splits.split` gives them

    def part(self, name: str) -> pd.DataFrame:
        """The videos of "train", "validation" or "test"."""
        return self.videos[self.parts == name]


def shared(videos: pd.DataFrame, test: pd.DataFrame) -> pd.DataFrame:
    """For each of `videos`, whether `test` has its `video_id` or `channel_title` too: two columns of bool.

    A video without a channel shares none.
    """
    return pd.DataFrame(
        {name: videos[name].isin(test[name].dropna()) for name in ("video_id", "channel_title")},
        index=videos.index,
    )


def foreign_training(own: Side, other: Side, split: Kind) -> pd.DataFrame:
    """The training videos of `other` that a model tested on `own` may learn from.

    None that is in `own`'s test part; on the split by channel none of a channel that is.
    """
    videos = other.part("train")
    known = shared(videos, own.part("test"))
    left_out = known.any(axis=1) if split == "channel" else known["video_id"]
    return videos[~left_out]


def compare(own: Side, other: Side, split: Kind, strength: float, seed: int) -> pd.DataFrame:
    """Title models (TF-IDF) tested on `own`: learnt from its own videos, from as many of `other`, from both.

    `strength` is the inverse regularization of all three. Returns a row a model: `test`, `train` (names of
    corpora), `model`, `n_train`, `right`, `right5`, `n`; `gain` (top-1 minus that of the model of its own
    videos, -1..1) with its 95 % bootstrap interval `gain_low`, `gain_high`, and `p`, McNemar's exact test.
    """
    sources = [own.part("train"), foreign_training(own, other, split)]
    size = min(map(len, sources))
    ours, theirs = (v.iloc[subset(v["label"].to_numpy(), size, seed, repeat=0)] for v in sources)
    validation, test = own.part("validation"), own.part("test")
    truth = test["label"].to_numpy()
    rows, at_home = [], None
    for name, train in (
        (own.name, ours),
        (other.name, theirs),
        (f"{own.name} + {other.name}", pd.concat([ours, theirs])),
    ):
        model = baselines.tfidf(_pair(train), _pair(validation), (strength,)).classifier
        answers = baselines.predict(model, test["title"].tolist())
        right, right5 = (in_top_k(truth, answers, k) for k in (1, 5))
        at_home = right if at_home is None else at_home
        rows.append(
            {"test": own.name, "train": name, "model": "tfidf", "n_train": len(train)}
            | {"n_correct": int(right.sum()), "n_correct_top5": int(right5.sum()), "n": len(truth)}
            | dict(
                zip(("gain", "gain_low", "gain_high"), paired_bootstrap(right, at_home, seed), strict=True)
            )
            | {"p": mcnemar_exact(right, at_home)}
        )
    return pd.DataFrame(rows)


def both_ways(a: Side, b: Side, split: Kind, strength: float, seed: int) -> pd.DataFrame:
    """`compare` tested on `a` and on `b`, one below the other.

    Raises ValueError for two of one name, which no table could tell apart.
    """
    if a.name == b.name:
        raise ValueError(
            f"both corpora are called {a.name}: give two different ones, in folders of other names"
        )
    each = [compare(own, other, split, strength, seed) for own, other in ((a, b), (b, a))]
    return pd.concat(each, ignore_index=True)


def describe(a: Side, b: Side) -> pd.DataFrame:
    """Two corpora side by side, a row each, by name.

    Columns: `train`, `test` (videos); `first`, `median`, `last` (month of publication of what is used, "" if
    unknown); `same_video` (test videos that are among the other's training videos); `own_channel`,
    `other_channel` (test videos from a channel of its own training videos, or of the other's).
    """
    rows = {}
    for own, other in ((a, b), (b, a)):
        test = own.part("test")
        known = shared(test, other.part("train")).sum()
        times = own.videos["publish_time"][own.parts != "unused"].dropna()
        months = times.quantile([0, 0.5, 1]).dt.strftime("%Y-%m") if len(times) else [""] * 3
        rows[own.name] = {
            "train": len(own.part("train")),
            "test": len(test),
            **dict(zip(("first", "median", "last"), months, strict=True)),
            "same_video": int(known["video_id"]),
            "own_channel": int(shared(test, own.part("train"))["channel_title"].sum()),
            "other_channel": int(known["channel_title"]),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("corpus")


def summarize(table: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Accuracies of the rows of `compare`, averaged over runs that have `by` in common.

    Index `by`, `test` and `train`; columns `n_train`, `n` (means), `value` and `top5` (0..1), and the 95 %
    Wilson interval `low`, `high` over the test videos of one run: seeds share them, so they do not add up.
    """
    groups = table.groupby([*by, "test", "train"], sort=False)
    counts = groups[["n_correct", "n_correct_top5", "n"]].sum()
    found = groups[["n_train", "n"]].mean().round().astype(int)
    found["value"], found["top5"] = counts["n_correct"] / counts["n"], counts["n_correct_top5"] / counts["n"]
    limits = [wilson_of_share(row.value, row.n) for row in found.itertuples()]
    found[["low", "high"]] = limits
    return found


def mix_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Total variation distance, 0..1, of the shares of categories among labels (n,) and (m,) int 0..13."""
    shares = [np.bincount(labels, minlength=N_CATEGORIES) / len(labels) for labels in (a, b)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def _pair(videos: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    return videos["title"].tolist(), videos["label"].to_numpy()
