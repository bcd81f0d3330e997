"""How much accuracy depends on which videos a random split holds out."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from ytcat.corpus import Corpus
from ytcat.corpus.splits import split
from ytcat.evaluation.metrics import in_top_k
from ytcat.models import baselines

N_SPLITS = 8  # the first, of seed 0, is the one that all recorded runs share
SIDE = 96  # of the square that Xception reads, in pixels, as in chapter 03
BLOCK_SIZE = 512  # thumbnails in memory at once


def linear_models(corpus: Corpus) -> pd.DataFrame:
    """Top-1 of the two linear models, which train in seconds, on `N_SPLITS` random splits.

    One row per model and split: `model` (a key of `ytcat.views.MODELS`: "tfidf" on the title and, where the
    corpus has thumbnails, "linear_probe" on the frozen features of chapter 03), `split_seed`, `n_train`,
    `n_test`, `top1` (0..1). The validation videos choose the regularization, as in the chapters.
    """
    titles = corpus.videos["title"].to_numpy(dtype=object)
    tables = [over_splits(corpus.videos, baselines.tfidf, titles).assign(model="tfidf")]
    if corpus.has_thumbnails:
        rows = np.flatnonzero(corpus.videos["has_thumbnail"])
        probe = over_splits(corpus.videos, baselines.linear_probe, _frozen_features(corpus, rows), rows)
        tables.append(probe.assign(model="linear_probe"))
    return pd.concat(tables).set_index("model").reset_index()


def over_splits(
    videos: pd.DataFrame,
    fit: Callable[..., baselines.LinearModel],
    inputs: np.ndarray,
    rows: Sequence[int] | None = None,
) -> pd.DataFrame:
    """Top-1 of a linear model on `N_SPLITS` random splits of a corpus: see `linear_models`, without `model`.

    `videos` as of `Corpus`; `fit` is `baselines.tfidf` or `baselines.linear_probe`; `inputs` (m, ...) what it
    reads of the videos at the positions `rows` (m,), by default all.
    """
    rows = np.arange(len(videos)) if rows is None else np.asarray(rows)
    labels = videos["label"].to_numpy()[rows]
    table = []
    for seed in range(N_SPLITS):
        part = split(videos, "random", seed=seed)[rows]
        train, validation, test = (
            (inputs[part == name], labels[part == name]) for name in ("train", "validation", "test")
        )
        probabilities = baselines.predict(fit(train, validation).classifier, test[0])
        top1 = in_top_k(test[1], probabilities, 1).mean()
        table.append((seed, len(train[0]), len(test[0]), top1))
    return pd.DataFrame(table, columns=["split_seed", "n_train", "n_test", "top1"])


def _frozen_features(corpus: Corpus, rows: np.ndarray) -> np.ndarray:
    """Features of the frozen Xception base, averaged over places: (m, 2048) float32 of m rows."""
    from ytcat.models import image  # loads TensorFlow, as does the base
    from ytcat.pretrained.xception import xception_base

    base = xception_base(SIDE)
    blocks = np.split(rows, range(BLOCK_SIZE, len(rows), BLOCK_SIZE))
    return np.concatenate([image.pooled(image.feature_maps(base, corpus.images(block))) for block in blocks])
