"""Kernel ridge classification: frozen features of both views compared video by video.

A kernel measures how alike two videos are; under a sum of kernels they are alike if they are under any of
them. With 5,000 videos the regression on the one-hot categories is solved exactly, in seconds, without a seed
(Rasmussen and Williams 2006, section 6.5: least-squares classification).
"""

from typing import Self

import numpy as np
import scipy.linalg
from scipy.linalg.blas import dsyrk
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from ytcat.categories import N_CATEGORIES
from ytcat.future_directions.better_models.kernel_functions import (
    CHOSEN,
    Features,
    KernelSettings,
    kernel,
    kernels_of,
)

__all__ = [
    "CHOSEN",
    "LANDMARKS",
    "Features",
    "KernelSettings",
    "LandmarkRidge",
    "OneHotKernelRidge",
    "classifier",
    "kernel",
    "kernels_of",
    "out_of_fold",
]

LANDMARKS = 10_000  # training videos that a kernel compares with, at most: 0.8 GB per kernel
JITTER = 1e-10  # of the mean of the diagonal, so that equal landmarks leave the equations solvable


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


class LandmarkRidge:
    """`OneHotKernelRidge` for more videos than fit into one kernel: it compares with some, the landmarks.

    All training videos are learned from, block by block, so that time grows with their number and the
    kernel in memory does not (subset of regressors, Rasmussen and Williams 2006, section 8.3.1; a linear
    ridge regression on the Nystroem features of scikit-learn is the same). If all videos are landmarks, it is
    exact; fewer cost accuracy, of titles most (tried out of fold on us-2020).
    """

    def __init__(self, view: str, gram: np.ndarray, priors: np.ndarray) -> None:
        """For a view's kernel (m, m) of m landmarks, and the class priors (14,) of all training videos."""
        self._priors = priors
        self._ridge = classifier(view)
        # Symmetric, so that BLAS adds in place to one triangle; it wants the order of Fortran.
        self._left = (self._ridge.alpha * gram).T
        self._right = np.zeros((len(gram), N_CATEGORIES))

    def partial_fit(self, gram: np.ndarray, labels: np.ndarray) -> Self:
        """Learn from the next k videos: their kernel (k, m) with the landmarks, and their labels (k,)."""
        self._left = dsyrk(1.0, gram.T, beta=1.0, c=self._left, overwrite_c=True)  # += gram.T @ gram
        self._right += gram.T @ (np.eye(N_CATEGORIES)[labels] - self._priors)
        return self

    def solve(self) -> OneHotKernelRidge:
        """The fitted regression, to which the kernel with the landmarks is given."""
        self._left[np.diag_indices_from(self._left)] += JITTER * np.trace(self._left) / len(self._left)
        self._ridge.priors_ = self._priors
        self._ridge.dual_coef_ = scipy.linalg.solve(self._left, self._right, assume_a="pos", overwrite_a=True)
        return self._ridge


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
