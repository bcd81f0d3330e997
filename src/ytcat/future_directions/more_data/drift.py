"""Title models of one corpus on the videos of another: what years, or another choice of videos, cost."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ytcat.corpus import Corpus
from ytcat.corpus.splits import Kind, channel_codes, split
from ytcat.evaluation.metrics import in_top_k
from ytcat.evaluation.statistics import bootstrap_ratio, mcnemar_exact, paired_bootstrap
from ytcat.future_directions.more_data.learning_curves import subset
from ytcat.models import baselines


class SplitCorpus(NamedTuple):
    """One of the two corpora, with its split."""

    name: str
    videos: pd.DataFrame  # `video_id`, `title`, `channel_title`, `publish_time`, `label`
    parts: np.ndarray  # (n,) str, as `ytcat.corpus.splits.split` returns them

    def part(self, name: str) -> pd.DataFrame:
        """The videos of "train", "validation" or "test"."""
        return self.videos[self.parts == name]


def split_corpus(corpus: Corpus, kind: Kind, fold: int, limit: int) -> SplitCorpus:
    """A corpus with its split; `limit` 0 takes all videos. See `ytcat.corpus.splits.split`."""
    return SplitCorpus(corpus.name, corpus.videos, split(corpus.videos, kind, fold=fold, limit=limit or None))


def shared(videos: pd.DataFrame, test: pd.DataFrame) -> pd.DataFrame:
    """Whether `test` holds the `video_id`, or the `channel_title`, of each of `videos`: two columns of bool.

    A video without a channel shares none.
    """
    return pd.DataFrame(
        {name: videos[name].isin(test[name].dropna()) for name in ("video_id", "channel_title")},
        index=videos.index,
    )


def foreign_training(target: SplitCorpus, source: SplitCorpus, kind: Kind) -> pd.DataFrame:
    """The training videos of `source` that may train a model tested on `target`.

    Test videos of `target` are left out; on the split by channel also every video of a channel of theirs.
    """
    videos = source.part("train")
    in_test = shared(videos, target.part("test"))
    left_out = in_test.any(axis=1) if kind == "channel" else in_test["video_id"]
    return videos[~left_out]


def compare(target: SplitCorpus, source: SplitCorpus, kind: Kind, strength: float, seed: int) -> pd.DataFrame:
    """Title models (TF-IDF) tested on `target`: trained on its own videos, on as many of `source`, on both.

    `strength` is the inverse regularization of all three. One row per model: `test`, `train` (names of
    corpora), `model`, `n_train`, `n_correct`, `n_correct_top5`, `n`; `value` (top-1, 0..1) with `low` and
    `high`; `gain` (top-1 minus that of the model trained on `target`, -1..1) with `gain_low` and `gain_high`;
    `p` of McNemar's exact test. The 95 % intervals draw whole channels of test videos.
    """
    training = [target.part("train"), foreign_training(target, source, kind)]
    size = min(map(len, training))
    own, foreign = (v.iloc[subset(v["label"].to_numpy(), size, seed, repeat=0)] for v in training)
    validation, test = target.part("validation"), target.part("test")
    truth, channels = test["label"].to_numpy(), channel_codes(test)
    rows, by_own = [], None
    for name, train in (
        (target.name, own),
        (source.name, foreign),
        (f"{target.name} + {source.name}", pd.concat([own, foreign])),
    ):
        model = baselines.tfidf(_pair(train), _pair(validation), (strength,)).classifier
        probabilities = baselines.predict(model, test["title"].tolist())
        correct, correct_top5 = (in_top_k(truth, probabilities, k) for k in (1, 5))
        by_own = correct if by_own is None else by_own
        value, low, high = bootstrap_ratio(correct, np.ones(len(truth)), seed, clusters=channels)
        gain, gain_low, gain_high = paired_bootstrap(correct, by_own, seed, clusters=channels)
        rows.append(
            {
                "test": target.name,
                "train": name,
                "model": "tfidf",
                "n_train": len(train),
                "n_correct": int(correct.sum()),
                "n_correct_top5": int(correct_top5.sum()),
                "n": len(truth),
                "value": value,
                "low": low,
                "high": high,
                "gain": gain,
                "gain_low": gain_low,
                "gain_high": gain_high,
                "p": mcnemar_exact(correct, by_own),
            }
        )
    return pd.DataFrame(rows)


def both_ways(a: SplitCorpus, b: SplitCorpus, kind: Kind, strength: float, seed: int) -> pd.DataFrame:
    """`compare` tested on `a` and on `b`, one below the other.

    Raises ValueError for two corpora of one name, which no table could tell apart.
    """
    if a.name == b.name:
        raise ValueError(
            f"both corpora are called {a.name}: give two different ones, in folders of other names"
        )
    pairs = ((a, b), (b, a))
    return pd.concat([compare(*pair, kind, strength, seed) for pair in pairs], ignore_index=True)


def describe(a: SplitCorpus, b: SplitCorpus) -> pd.DataFrame:
    """Two corpora side by side: one row each, by name.

    Columns: `train`, `test` (videos); `first`, `median`, `last` (month of publication of the videos that are
    used, "" if unknown); `same_video` (test videos that are among the other corpus's training videos);
    `own_channel`, `other_channel` (test videos from a channel of the own training videos, or of the other
    corpus's).
    """
    rows = {}
    for target, source in ((a, b), (b, a)):
        test = target.part("test")
        in_source = shared(test, source.part("train")).sum()
        times = target.videos["publish_time"][target.parts != "unused"].dropna()
        months = times.quantile([0, 0.5, 1]).dt.strftime("%Y-%m") if len(times) else [""] * 3
        rows[target.name] = {
            "train": len(target.part("train")),
            "test": len(test),
            **dict(zip(("first", "median", "last"), months, strict=True)),
            "same_video": int(in_source["video_id"]),
            "own_channel": int(shared(test, target.part("train"))["channel_title"].sum()),
            "other_channel": int(in_source["channel_title"]),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("corpus")


def _pair(videos: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    return videos["title"].tolist(), videos["label"].to_numpy()
