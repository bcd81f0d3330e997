"""Kernel ridge classification: frozen features of both views compared video by video.

A kernel says how alike two videos are; a sum of kernels says that they are alike if any of its parts does.
With 5,000 videos the regression on the one-hot categories is solved exactly, in seconds, without a seed
(Rasmussen and Williams 2006, section 6.5: least-squares classification).
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from sklearn.kernel_ridge import KernelRidge

from ytcat.categories import N_CATEGORIES


@dataclass(frozen=True)
class Settings:
    """Widths of the Gaussian kernels on features of unit length, exp(-width (1 - cosine)), and the ridge.

    Set on held-out videos of training and validation; `ytcat.models.tuning` repeats that out of fold.
    """

    sentence_width: float = 4.0
    thumbnail_width: float = 2.0
    title_ridge: float = 0.3
    thumbnail_ridge: float = 0.1
    both_ridge: float = 0.3

    def ridge(self, view: str) -> float:
        """The ridge of "title", "thumbnail" or "both"."""
        return {"title": self.title_ridge, "thumbnail": self.thumbnail_ridge, "both": self.both_ridge}[view]


CHOSEN = Settings()


@dataclass(frozen=True)
class Features:
    """What the kernels compare, a row a video."""

    words: scipy.sparse.csr_matrix  # TF-IDF of words and characters, each of the two of unit length
    sentence: np.ndarray  # (n, 384) float32 of unit length
    thumbnail: np.ndarray | None  # (n, 5336) float32 of unit length; None for titles alone

    def __getitem__(self, rows: np.ndarray) -> "Features":
        thumbnail = None if self.thumbnail is None else self.thumbnail[rows]
        return Features(self.words[rows], self.sentence[rows], thumbnail)


def kernel(view: str, a: Features, b: Features, settings: Settings = CHOSEN) -> np.ndarray:
    """How alike the videos of `a` and `b` are, (n_a, n_b) float64, by "title", "thumbnail" or "both"."""
    parts = []
    if view != "thumbnail":
        parts += [
            (a.words @ b.words.T).toarray() / 2,
            _gaussian(a.sentence, b.sentence, settings.sentence_width),
        ]
    if view != "title":
        parts.append(_gaussian(a.thumbnail, b.thumbnail, settings.thumbnail_width))
    return np.sum(parts, axis=0)


@dataclass(frozen=True)
class KernelClassifier:
    """A fitted regression on one view; it answers by comparing with the videos it has learnt from."""

    view: str
    learnt: Features  # n videos
    coefficients: np.ndarray  # (n, 14) float64
    shares: np.ndarray  # (14,) float64: of the categories in training, said of a video that is like no other
    settings: Settings = CHOSEN

    def scores(self, videos: Features) -> np.ndarray:
        """Regressed one-hot categories, (m, 14) float64: about 0..1, but not probabilities."""
        return self.shares + kernel(self.view, videos, self.learnt, self.settings) @ self.coefficients


def fit(view: str, features: Features, labels: np.ndarray, settings: Settings = CHOSEN) -> KernelClassifier:
    """Regress the one-hot `labels` (n,) on the kernel of a view."""
    targets = np.eye(N_CATEGORIES)[labels]
    shares = targets.mean(axis=0)
    model = KernelRidge(alpha=settings.ridge(view), kernel="precomputed")
    model.fit(kernel(view, features, features, settings), targets - shares)
    return KernelClassifier(view, features, model.dual_coef_, shares, settings)


def out_of_fold(
    view: str, features: Features, labels: np.ndarray, folds: np.ndarray, settings: Settings = CHOSEN
) -> np.ndarray:
    """Scores of each video from a model that has not learnt from its fold, (n, 14) float64.

    `folds` (n,) int: the fold of each video.
    """
    found = np.empty((len(labels), N_CATEGORIES))
    for fold in np.unique(folds):
        held_out, others = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        found[held_out] = fit(view, features[others], labels[others], settings).scores(features[held_out])
    return found


def _gaussian(a: np.ndarray, b: np.ndarray, width: float) -> np.ndarray:
    return np.exp(width * (a.astype(np.float64) @ b.T.astype(np.float64) - 1))
