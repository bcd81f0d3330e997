"""Kernel ridge classification: frozen features of both views compared video by video.

A kernel measures how alike two videos are; under a sum of kernels they are alike if they are under any of
them. With 5,000 videos the regression on the one-hot categories is solved exactly, in seconds, without a seed
(Rasmussen and Williams 2006, section 6.5: least-squares classification).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from ytcat.categories import N_CATEGORIES


@dataclass(frozen=True)
class KernelSettings:
    """Widths of the Gaussian kernels on features of unit length, exp(-width (1 - cosine)), and the ridges.

    Chosen on held-out videos of training and validation; `tuning` repeats that out-of-fold.
    """

    sentence_width: float = 4.0
    thumbnail_width: float = 2.0
    title_ridge: float = 0.3
    thumbnail_ridge: float = 0.1
    both_ridge: float = 0.3


CHOSEN = KernelSettings()


@dataclass(frozen=True)
class Features:
    """What the kernels compare, one row per video."""

    words: scipy.sparse.csr_matrix  # TF-IDF of words and of characters, each of the two of unit length
    sentence: np.ndarray  # (n, 384) float32 of unit length
    thumbnail: np.ndarray | None  # (n, 5336) float32 of unit length; None for titles alone


def kernel(view: str, a: Features, b: Features, settings: KernelSettings = CHOSEN) -> np.ndarray:
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


class OneHotKernelRidge(KernelRidge):
    """Regression of the one-hot categories, centred by the class priors, on a precomputed kernel.

    A video that is like no training video gets the class priors.
    """

    def fit(self, gram: np.ndarray, labels: np.ndarray) -> Self:
        """Fit to the kernel (n, n) of the training videos and their labels (n,)."""
        targets = np.eye(N_CATEGORIES)[labels]
        self.priors_ = targets.mean(axis=0)
        super().fit(gram, targets - self.priors_)
        del self.X_fit_  # the kernel, which is larger than all else and not needed any more
        return self

    def predict(self, gram: np.ndarray) -> np.ndarray:
        """Scores (m, 14) float64, about 0..1 but not probabilities, from the kernel (m, n) with training."""
        return self.priors_ + gram @ self.dual_coef_


def classifier(view: str, settings: KernelSettings = CHOSEN) -> OneHotKernelRidge:
    """The unfitted regression for the kernel of "title", "thumbnail" or "both"."""
    return OneHotKernelRidge(alpha=getattr(settings, f"{view}_ridge"), kernel="precomputed")


def out_of_fold(
    view: str, features: Features, labels: np.ndarray, folds: np.ndarray, settings: KernelSettings = CHOSEN
) -> np.ndarray:
    """Scores of each video from a regression that was not fitted on its fold, (n, 14) float64.

    `labels` and `folds` are (n,) int.
    """
    gram = kernel(view, features, features, settings)
    return cross_val_predict(classifier(view, settings), gram, labels, cv=PredefinedSplit(folds))


def _gaussian(a: np.ndarray, b: np.ndarray, width: float) -> np.ndarray:
    return np.exp(width * (a.astype(np.float64) @ b.T.astype(np.float64) - 1))
