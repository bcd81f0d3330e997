"""Late fusion: each view has a model of its own, and their probabilities are combined with weights.

The probability of a category is proportional to the exponential of the weighted sum of the views' scores:
a logarithmic opinion pool (Genest and Zidek 1986). With one view its weight is an inverse temperature:
temperature scaling (Guo et al. 2017).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_softmax, softmax

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

MAX_WEIGHT = 50.0
FLOOR = 1e-6  # of a probability before its logarithm


def log_scores(probabilities: np.ndarray, floor: float = FLOOR) -> np.ndarray:
    """Scores of probabilities (n, 14): their logarithms, those below `floor` taken for it."""
    return np.log(np.maximum(probabilities, floor))


def fit_weights(views: Sequence[np.ndarray], labels: np.ndarray) -> np.ndarray:
    """The weight of each view, (v,) float64 of at least 0, with the lowest log loss on held-out videos.

    `views`: scores (n, 14) of each; `labels` (n,). No view may have been trained on these videos.
    """
    from scipy.optimize import minimize  # a tenth of a second that `combine` can spare

    stacked = np.stack(views)
    rows = np.arange(len(labels))

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logs = log_softmax(np.tensordot(weights, stacked, 1), axis=1)
        expected = (np.exp(logs) * stacked).sum(axis=2)
        gradient = (expected - stacked[:, rows, labels]).mean(axis=1)
        return -logs[rows, labels].mean(), gradient

    start = np.array([1 / max(view.std(), 1e-6) / len(views) for view in views])
    bounds = [(0, MAX_WEIGHT)] * len(views)
    return minimize(loss, np.minimum(start, MAX_WEIGHT), jac=True, bounds=bounds, method="L-BFGS-B").x


def combine(views: Sequence[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """Probabilities (n, 14) float32 from the scores (n, 14) of each view and their weights (v,)."""
    return softmax(np.tensordot(weights, np.stack(views), 1), axis=1).astype(np.float32)


def stacker(views: Sequence[np.ndarray], labels: np.ndarray) -> "LogisticRegression":
    """Stacking (Wolpert 1992): logistic regression on the scores of all views side by side.

    `views`: scores (n, 14) of each. It can weight every category of every view separately.
    """
    from sklearn.linear_model import LogisticRegression  # a second that `combine` can spare

    return LogisticRegression(C=1.0, max_iter=500).fit(np.hstack(views), labels)
