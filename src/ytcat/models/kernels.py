"""Kernel ridge classification: frozen features of both views compared video by video.

A kernel says how alike two videos are; a sum of kernels says that they are alike if any of its parts does.
With 5,000 videos the regression on the one-hot categories is solved exactly, in seconds, without a seed
(Rasmussen and Williams 2006, section 6.5: least-squares classification).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from sklearn.kernel_ridge import KernelRidge

from ytcat.categories import N_CATEGORIES

# Widths of the Gaussian kernels on features of unit length, exp(-width (1 - cosine)), and the ridge: chosen
# on held-out training videos of us-2017 and us-2020.
SENTENCE_WIDTH = 4.0
THUMBNAIL_WIDTH = 2.0
RIDGE = {"title": 0.3, "thumbnail": 0.1, "both": 0.3}


@dataclass(frozen=True)
class Features:
    """What the kernels compare, a row a video."""

    words: scipy.sparse.csr_matrix  # TF-IDF of words and characters, each of the two of unit length
    sentence: np.ndarray  # (n, 384) float32 of unit length
    thumbnail: np.ndarray | None  # (n, 5336) float32 of unit length; None for titles alone

    def __getitem__(self, rows: np.ndarray) -> "Features":
        thumbnail = None if self.thumbnail is None else self.thumbnail[rows]
        return Features(self.words[rows], self.sentence[rows], thumbnail)


def kernel(view: str, a: Features, b: Features) -> np.ndarray:
    """How alike the videos of `a` and `b` are, (n_a, n_b) float64, by "title", "thumbnail" or "both"."""
    parts = []
    if view != "thumbnail":
        parts += [(a.words @ b.words.T).toarray() / 2, _gaussian(a.sentence, b.sentence, SENTENCE_WIDTH)]
    if view != "title":
        parts.append(_gaussian(a.thumbnail, b.thumbnail, THUMBNAIL_WIDTH))
    return np.sum(parts, axis=0)


def scores(view: str, train: Features, labels: np.ndarray, others: Sequence[Features]) -> list[np.ndarray]:
    """Regressed one-hot categories of each of `others`, (m, 14) float64 each; about 0..1, not probabilities.

    `labels` (n,) are those of `train`. See `ytcat.models.late_fusion` for probabilities.
    """
    targets = np.eye(N_CATEGORIES)[labels]
    share = targets.mean(axis=0)  # what is said of a video that is like no other
    model = KernelRidge(alpha=RIDGE[view], kernel="precomputed")
    model.fit(kernel(view, train, train), targets - share)
    return [share + model.predict(kernel(view, other, train)) for other in others]


def out_of_fold(
    view: str, features: Features, labels: np.ndarray, folds: Sequence[tuple[np.ndarray, np.ndarray]]
) -> np.ndarray:
    """As `scores`, for each video from a model that has not learnt from its fold, (n, 14) float64.

    `folds` are pairs of positions to train on and to answer, as scikit-learn's splitters give.
    """
    found = np.empty((len(labels), N_CATEGORIES))
    for train, held_out in folds:
        found[held_out] = scores(view, features[train], labels[train], [features[held_out]])[0]
    return found


def _gaussian(a: np.ndarray, b: np.ndarray, width: float) -> np.ndarray:
    return np.exp(width * (a.astype(np.float64) @ b.T.astype(np.float64) - 1))
