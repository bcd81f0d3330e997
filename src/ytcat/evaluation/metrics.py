"""How good predictions are: top-k accuracy, confusion, per-category figures, calibration. All shares 0..1."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.evaluation.statistics import wilson, wilson_of_share

BINS = 15  # of confidence, as in Guo et al. (2017)

# ---- from labels and probabilities


def in_top_k(y_true: ArrayLike, probabilities: ArrayLike, k: int) -> np.ndarray:
    """Whether the truth is among the k most probable categories, (n,) bool.

    `y_true`: (n,) int labels 0..13. `probabilities`: (n, 14); only their order counts. Of equal
    probabilities the lower label goes first, so that k = 1 is `argmax`. Raises ValueError for wrong
    shapes, labels or k.
    """
    y_true, probabilities = _checked(y_true, probabilities, k)
    first_k = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    return (first_k == y_true[:, np.newaxis]).any(axis=1)


def expected_in_top_k(y_true: ArrayLike, probabilities: ArrayLike, k: int) -> np.ndarray:
    """`in_top_k` with ties broken at random: the expectation for each video, (n,) float64, 0..1.

    Of t categories that are as probable as the truth, the truth among them, and g more probable ones, the
    first k hold the truth with probability (k - g) / t, within 0 and 1. A guess that gives one category the
    probability 1 says nothing about the other 13: in the top 5 each of them is with probability 4/13.
    Arguments and errors as for `in_top_k`.
    """
    y_true, probabilities = _checked(y_true, probabilities, k)
    of_truth = np.take_along_axis(probabilities, y_true[:, np.newaxis], axis=1)
    more, equal = (probabilities > of_truth).sum(axis=1), (probabilities == of_truth).sum(axis=1)
    return np.clip((k - more) / equal, 0, 1)


def reliability(y_true: ArrayLike, probabilities: ArrayLike) -> pd.DataFrame:
    """One row per occupied confidence bin, from low to high: `confidence`, `accuracy` (means), `count`.

    The confidence of a prediction is its largest probability; the bins are ((m - 1)/15, m/15].
    Source: Guo et al. (2017), "On Calibration of Modern Neural Networks", section 2. Scikit-learn's
    `calibration_curve` has the same bins, but does not count what is in them. Raises ValueError for wrong
    shapes, for values outside 0..1 and for rows that do not sum to 1.
    """
    y_true, probabilities = _checked(y_true, probabilities)
    if probabilities.min() < 0 or not np.allclose(probabilities.sum(axis=1), 1, atol=1e-2):
        raise ValueError("calibration needs probabilities: values of at least 0, each row summing to 1")
    confidence = np.minimum(probabilities.max(axis=1), 1.0)
    predictions = pd.DataFrame({"confidence": confidence, "accuracy": probabilities.argmax(axis=1) == y_true})
    in_bin = np.digitize(confidence, np.linspace(0, 1, BINS + 1), right=True)
    table = predictions.groupby(in_bin).mean()
    return table.assign(count=predictions.groupby(in_bin).size()).reset_index(drop=True)


def expected_calibration_error(y_true: ArrayLike, probabilities: ArrayLike) -> float:
    """Mean distance of accuracy from confidence over the videos, binned; 0 is perfectly calibrated.

    Source: Guo et al. (2017), equation 3. Arguments and errors as for `reliability`.
    """
    table = reliability(y_true, probabilities)
    return float(np.average((table["accuracy"] - table["confidence"]).abs(), weights=table["count"]))


def summary(y_true: ArrayLike, probabilities: ArrayLike) -> dict[str, float | int]:
    """The figures every chapter records: `n`, `top1`, `top5` with 95 % Wilson limits (`top1_low`, ...),
    `macro_f1`, `balanced_accuracy`, `ece`. In `top5` ties count by `expected_in_top_k`.

    `y_true`: (n,) int labels 0..13. `probabilities`: (n, 14). Raises ValueError as `reliability` does.
    """
    top1, top5 = in_top_k(y_true, probabilities, 1), expected_in_top_k(y_true, probabilities, 5)
    n = len(top1)
    by_category = per_category(confusion(y_true, np.argmax(probabilities, axis=1)))
    top1_low, top1_high = wilson(int(top1.sum()), n)
    top5_low, top5_high = wilson_of_share(float(top5.mean()), n)
    return {
        "n": n,
        "top1": float(top1.mean()),
        "top1_low": top1_low,
        "top1_high": top1_high,
        "top5": float(top5.mean()),
        "top5_low": top5_low,
        "top5_high": top5_high,
        "macro_f1": float(by_category["f1"].mean()),
        "balanced_accuracy": float(by_category["recall"].mean()),
        "ece": expected_calibration_error(y_true, probabilities),
    }


# ---- confusion matrices: (14, 14) counts, rows are the truth, columns the answer


def confusion(y_true: ArrayLike, y_pred: ArrayLike) -> np.ndarray:
    """Confusion matrix, (14, 14) int64, rows are the truth; all 14 categories, seen or not.

    Both arguments: (n,) int labels 0..13. Raises ValueError for anything else.
    """
    y_true, y_pred = _labels("y_true", y_true), _labels("y_pred", y_pred)
    if len(y_true) != len(y_pred):
        raise ValueError(f"y_true has {len(y_true)} videos, y_pred {len(y_pred)}; give one answer per video")
    return confusion_matrix(y_true, y_pred, labels=range(N_CATEGORIES)).astype(np.int64)


def per_category(matrix: ArrayLike) -> pd.DataFrame:
    """One row per category, in the order of `NAMES`: `category`, `support`, `precision`, `recall`, `f1`.

    nan where undefined: the precision of a category never answered, the recall of one without videos,
    the F1 of one that is neither. Raises ValueError unless the matrix is (14, 14) counts.
    """
    matrix = _matrix(matrix)
    # One entry for each video again, for scikit-learn: cell number = 14 * truth + answer.
    y_true, y_pred = np.divmod(np.repeat(np.arange(matrix.size), matrix.ravel()), N_CATEGORIES)
    precision, recall, f1, support = precision_recall_fscore_support(
        y_true, y_pred, labels=range(N_CATEGORIES), zero_division=np.nan
    )
    return pd.DataFrame(
        {"category": NAMES, "support": support, "precision": precision, "recall": recall, "f1": f1}
    )


def accuracy(matrix: ArrayLike) -> float:
    """Share of the videos on the diagonal (top-1 accuracy)."""
    matrix = _matrix(matrix)
    return float(np.trace(matrix) / matrix.sum())


def balanced_accuracy(matrix: ArrayLike) -> float:
    """Mean recall of the categories that have videos; one answer for everything scores 1 / their number."""
    return float(per_category(matrix)["recall"].mean())


def macro_f1(matrix: ArrayLike) -> float:
    """Mean F1 of the categories that have videos or were answered, as scikit-learn's macro average."""
    return float(per_category(matrix)["f1"].mean())


# ---- checks


def _labels(name: str, values: ArrayLike) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(f"{name} must be labels of shape (n,), n >= 1, not shape {values.shape}")
    if not np.issubdtype(values.dtype, np.integer):
        raise ValueError(f"{name} must hold integer labels, not {values.dtype}")
    if values.min() < 0 or values.max() >= N_CATEGORIES:
        wrong = values[(values < 0) | (values >= N_CATEGORIES)][0]
        raise ValueError(
            f"{name} holds {wrong}; labels are 0..{N_CATEGORIES - 1}; "
            "ytcat.categories.labels turns YouTube ids into them"
        )
    return values


def _checked(y_true: ArrayLike, probabilities: ArrayLike, k: int = 1) -> tuple[np.ndarray, np.ndarray]:
    y_true = _labels("y_true", y_true)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if probabilities.shape != (len(y_true), N_CATEGORIES):
        raise ValueError(
            f"probabilities must have shape ({len(y_true)}, {N_CATEGORIES}), one row for each label, "
            f"not {probabilities.shape}"
        )
    if not np.isfinite(probabilities).all():
        row = int(np.flatnonzero(~np.isfinite(probabilities).all(axis=1))[0])
        raise ValueError(f"probabilities row {row} is not finite; the model that made it has diverged")
    if not 1 <= k <= N_CATEGORIES:
        raise ValueError(f"k must be between 1 and {N_CATEGORIES}, not {k}")
    return y_true, probabilities


def _matrix(matrix: ArrayLike) -> np.ndarray:
    matrix = np.asarray(matrix)
    if matrix.shape != (N_CATEGORIES, N_CATEGORIES):
        raise ValueError(f"a confusion matrix has shape ({N_CATEGORIES}, {N_CATEGORIES}), not {matrix.shape}")
    if not np.issubdtype(matrix.dtype, np.integer) or matrix.min() < 0 or matrix.sum() == 0:
        raise ValueError("a confusion matrix holds counts: integers of at least 0, not all 0")
    return matrix
