"""Kernel ridge classification: frozen features of both views compared video by video.

A kernel measures how alike two videos are; under a sum of kernels they are alike if they are under any of
them. With 5,000 videos the regression on the one-hot categories is solved exactly, in seconds, without a seed
(Rasmussen and Williams 2006, section 6.5: least-squares classification).
"""

from typing import Self

import numpy as np
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from ytcat.categories import N_CATEGORIES
from ytcat.future_directions.better_models.kernel_functions import CHOSEN, Features, KernelSettings, kernel

__all__ = ["CHOSEN", "Features", "KernelSettings", "OneHotKernelRidge", "classifier", "kernel", "out_of_fold"]


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
