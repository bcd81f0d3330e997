"""Which places of a thumbnail speak for its category, on average: class activation maps of a linear probe.

The probe is a logistic regression on frozen Xception features, averaged over all places of a thumbnail whose
bars are cropped and whose picture is enlarged. Each place enters linearly, so the score is exactly the mean
of a map of scores: "class activation mapping" (Zhou et al. 2016, equations 1 and 2).
"""

from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.corpus import Corpus
from ytcat.corpus.splits import N_FOLDS, split
from ytcat.exceptions import YtcatError
from ytcat.future_directions.thumbnail_features import encoder as enlarged
from ytcat.future_directions.thumbnail_features import openvino
from ytcat.future_directions.thumbnail_features.store import BLOCK_SIZE
from ytcat.models import baselines
from ytcat.models.image import pooled
from ytcat.pretrained.xception import xception_base
from ytcat.progress import tracked
from ytcat.quiet_tensorflow import keras
from ytcat.reference_runs.aggregates import MIN_CHANNELS, MIN_VIDEOS
from ytcat.reference_runs.extra_models import ranks_table
from ytcat.views import SPLITS


class Probe(NamedTuple):
    """The linear probe of one split and fold."""

    split: str
    fold: int
    classifier: Pipeline  # a scaler and a logistic regression
    test: np.ndarray  # rows of the test videos, (m,) int


class Probed(NamedTuple):
    """A corpus's thumbnails, and the probes of all the splits that the corpus allows."""

    features: np.ndarray  # (n, 2048) float32 by row, nan without a thumbnail
    # (folds, 14, h, w, 2048), sums over the `explained` videos of a category in the test of a fold
    maps: np.ndarray
    probes: list[Probe]


def probe_ranks(corpus: Corpus) -> pd.DataFrame | None:
    """The probe's answer for every test video of every split, and the rank of the true category.

    Columns: `split`, `fold` and those of `ytcat.reference_runs.extra_models`. None without thumbnails.
    """
    if not corpus.has_thumbnails:
        return None
    features, _, probes = probed(corpus)
    labels, tables = corpus.videos["label"].to_numpy(), []
    for probe in probes:
        scores = baselines.predict(probe.classifier, features[probe.test])
        ranks = ranks_table(probe.test, labels[probe.test], scores)
        tables.append(ranks.assign(split=probe.split, fold=probe.fold))
    return pd.concat(tables).set_index(["split", "fold"]).reset_index()


def mean_maps(corpus: Corpus) -> pd.DataFrame | None:
    """The mean heat map of each category of a corpus: see `average`.

    None if no category has enough videos of enough channels, as in a corpus without thumbnails or channels.
    """
    if not corpus.has_thumbnails:
        return None
    table = average(corpus.videos, probed(corpus))
    return None if table.empty else table


def average(videos: pd.DataFrame, probed: Probed) -> pd.DataFrame:
    """The mean heat map of each category, over its videos with a thumbnail and a channel.

    Each video is explained by the probe that was trained without its channel: that of the split by channel
    whose test holds the video. One row per category and place, with `category`, `videos`, `channels`, the
    `row` and `column` of the place (0 is top, left), and `weight`: by how much the place raises or lowers the
    score of the category, a log probability but for what all categories share. The mean place of training has
    the weight 0. A category with fewer than `MIN_VIDEOS` or of fewer than `MIN_CHANNELS` is left out.
    """
    tables = [pd.DataFrame(columns=["category", "videos", "channels", "row", "column", "weight"])]
    for label, of_category in videos[explained(videos)].groupby("label"):
        n, n_channels = len(of_category), of_category["channel_title"].nunique()
        if n < MIN_VIDEOS or n_channels < MIN_CHANNELS:
            continue
        total = np.zeros(probed.maps.shape[2:4])
        for probe in probed.probes:
            in_test = of_category.index.isin(probe.test).sum()
            if probe.split == "channel" and in_test:
                mean_map = probed.maps[probe.fold, label] / in_test
                total += in_test * class_activation(probe.classifier, mean_map)[..., label]
        row, column = np.indices(total.shape).reshape(2, -1)
        about = {"category": NAMES[label], "videos": n, "channels": n_channels}
        weight = (total / n).ravel().round(4)
        tables.append(pd.DataFrame(about | {"row": row, "column": column, "weight": weight}))
    return pd.concat(tables[1:], ignore_index=True) if tables[1:] else tables[0]


def explained(videos: pd.DataFrame) -> np.ndarray:
    """Whether a video has what its heat map needs, a thumbnail and a channel: (n,) bool."""
    return (videos["has_thumbnail"] & videos["channel_title"].notna()).to_numpy()


def class_activation(classifier: Pipeline, maps: np.ndarray) -> np.ndarray:
    """The map of each category's score, (..., 14) float64, from feature maps (..., k) of one or more videos.

    `classifier` is a pipeline of scaler and logistic regression on features averaged over places.
    The mean of the map over places, plus the intercept, is the score; the mean of the maps of several videos
    is the map of their mean. 0 for a category that the classifier does not know.
    """
    scaler, model = classifier
    weights = baselines.coefficients(model) / scaler.scale_
    return (maps.astype(np.float64) - scaler.mean_) @ weights.T


@lru_cache(maxsize=1)
def probed(corpus: Corpus) -> Probed:
    """Encode the thumbnails of a corpus (minutes) and fit the probes; kept for the corpus asked last."""
    labels = corpus.videos["label"].to_numpy()
    usable = corpus.videos["has_thumbnail"].to_numpy()
    splits = _splits(corpus.videos)
    folds = np.full(len(labels), -1)
    for (kind, fold), parts in splits.items():
        if kind == "channel":
            folds[explained(corpus.videos) & (parts == "test")] = fold
    features, maps = _encode(corpus, np.flatnonzero(usable), folds)
    probes = []
    for (kind, fold), parts in splits.items():
        rows = {part: np.flatnonzero(usable & (parts == part)) for part in ("train", "validation", "test")}
        fitted = baselines.linear_probe(
            *((features[rows[part]], labels[rows[part]]) for part in ("train", "validation"))
        )
        probes.append(Probe(kind, fold, fitted.classifier, rows["test"]))
    return Probed(features, maps, probes)


def _splits(videos: pd.DataFrame) -> dict[tuple[str, int], np.ndarray]:
    """The part of each video (n,) by split and fold, of those splits that the corpus allows."""
    splits = {}
    for kind in SPLITS:
        for fold in range(N_FOLDS if kind == "channel" else 1):
            with suppress(YtcatError):
                splits[kind, fold] = split(videos, kind, fold=fold)
    return splits


def _encode(corpus: Corpus, rows: np.ndarray, folds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features by row, (n, 2048) float32, and sums of feature maps by fold and category: see `Probed`.

    `rows` are the videos with a thumbnail; `folds` (n,) int, -1 for a video that no sum counts. OpenVINO
    computes them where it is installed: averages of features need no more than its three digits.
    """
    base = xception_base(enlarged.HEIGHT, enlarged.WIDTH)
    encoder = openvino.with_backend(openvino.OPENVINO, keras.Model(base.input, {"maps": base.output}))
    labels = corpus.videos["label"].to_numpy()
    features = np.full((len(labels), base.output_shape[-1]), np.nan, dtype=np.float32)
    sums = np.zeros((N_FOLDS, N_CATEGORIES, *base.output_shape[1:]))
    starts = range(0, len(rows), BLOCK_SIZE)
    for start in tracked(starts, "Feature maps", " blocks", len(starts)):
        block = rows[start : start + BLOCK_SIZE]
        maps = enlarged.encode(encoder, enlarged.prepare(corpus.images(block)))["maps"]
        features[block] = pooled(maps)
        counted = folds[block] >= 0
        np.add.at(sums, (folds[block][counted], labels[block][counted]), maps[counted])
    return features, sums
