"""A linear softmax and four ways to make it heed rare categories, each a path from the plain one."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ytcat.categories import N_CATEGORIES
from ytcat.future_directions.imbalance.metrics import PLAIN, Point
from ytcat.models.baselines import SOLVER, predict, title_features

WEIGHTS, SAMPLING = "Balanced weights", "Over-sampling"
ADJUSTMENT, FOCAL = "Logit adjustment", "Focal loss"
METHODS = (WEIGHTS, SAMPLING, ADJUSTMENT, FOCAL)
# What is tried of each: tau of the first three, gamma of the focal loss.
STRENGTHS = {
    WEIGHTS: (0.25, 0.5, 0.75, 1.0),
    SAMPLING: (0.25, 0.5, 0.75, 1.0),
    ADJUSTMENT: (0.25, 0.5, 0.75, 1.0, 1.25, 1.5),
    FOCAL: (0.5, 1.0, 2.0, 5.0),
}
C = 10.0  # inverse regularization, for all methods alike; `baselines.tfidf` mostly prefers it on validation
COMPONENTS = 256  # kept of the features of a thumbnail; like their scale chosen on validation of us-2020
THUMBNAIL_SCALE = 0.01  # what they are multiplied with beside a title's, whose squares sum to 2


class Inputs(NamedTuple):
    """What the model is given of n videos."""

    titles: np.ndarray  # (n,) str
    pooled: np.ndarray | None = None  # (n, 5336) float32, see `store.thumbnails`

    def take(self, index: ArrayLike) -> "Inputs":
        """Some of the videos, by position or mask."""
        return Inputs(self.titles[index], None if self.pooled is None else self.pooled[index])


def answers(
    train: Inputs,
    y_train: np.ndarray,
    others: Inputs,
    strengths: Mapping[str, Sequence[float]],
    repeats: int = 1,
    seed: int = 0,
) -> dict[Point, np.ndarray]:
    """What the plain model and each method at each strength answer on `others`, (m,) labels 0..13.

    `y_train` (n,) labels; `strengths` by method, above 0. All share features, penalty and plain model, from
    which the others' training starts. Over-sampling is drawn `repeats` times. Raises ValueError if training
    has fewer than three categories, since scikit-learn's model of two is no softmax.
    """
    if len(np.unique(y_train)) < 3:
        raise ValueError(f"{len(np.unique(y_train))} categories in training; a softmax needs at least three")
    x_train, x_others = features(train, others)
    model = LogisticRegression(C=C, solver=SOLVER, max_iter=200, warm_start=True).fit(x_train, y_train)
    probabilities = predict(model, x_others)
    found = {Point(PLAIN, 0.0, 0): probabilities.argmax(axis=1)}
    weights = np.vstack([model.coef_.T, model.intercept_])
    for tau in strengths.get(WEIGHTS, ()):
        model.fit(x_train, y_train, balanced_weights(y_train, tau))
        found[Point(WEIGHTS, tau, 0)] = model.predict(x_others)
    for tau in strengths.get(SAMPLING, ()):
        for repeat in range(repeats):
            copies = over_sampled(y_train, tau, np.random.default_rng([seed, repeat]))
            # To train on k copies is to train on one that weighs k; mean 1 keeps the penalty's share.
            model.fit(x_train, y_train, copies / copies.mean())
            found[Point(SAMPLING, tau, repeat)] = model.predict(x_others)
    for tau in strengths.get(ADJUSTMENT, ()):
        adjusted = logit_adjusted(probabilities, y_train, tau)
        found[Point(ADJUSTMENT, tau, 0)] = adjusted.argmax(axis=1)
    for gamma in strengths.get(FOCAL, ()):
        weights = focal_softmax(x_train, np.searchsorted(model.classes_, y_train), gamma, weights)
        logits = x_others @ weights[:-1] + weights[-1]
        found[Point(FOCAL, gamma, 0)] = model.classes_[logits.argmax(axis=1)]
    return found


def cross_validated(
    inputs: Inputs,
    y: np.ndarray,
    folds: np.ndarray,
    strengths: Mapping[str, Sequence[float]],
    repeats: int = 1,
    seed: int = 0,
) -> dict[Point, np.ndarray]:
    """As `answers`, but every video is answered by the models of the other folds; `folds` (n,) int."""
    found: dict[Point, np.ndarray] = {}
    for fold in np.unique(folds):
        outside = folds == fold
        of_fold = answers(inputs.take(~outside), y[~outside], inputs.take(outside), strengths, repeats, seed)
        for point, answered in of_fold.items():
            found.setdefault(point, np.empty(len(y), dtype=np.int64))[outside] = answered
    return found


def features(train: Inputs, others: Inputs) -> tuple[scipy.sparse.csr_array, scipy.sparse.csr_array]:
    """TF-IDF of the titles and, where there are any, the first `COMPONENTS` of the standardized thumbnails.

    Fitted on `train` alone; (n, d) and (m, d) float64.
    """
    tfidf = title_features().fit(train.titles)
    blocks = [(tfidf.transform(train.titles), tfidf.transform(others.titles))]
    if train.pooled is not None:
        components = min(COMPONENTS, *train.pooled.shape)
        # Exact components of so many features would take minutes.
        pca = PCA(components, svd_solver="randomized", iterated_power=2, random_state=0)
        scaled = make_pipeline(StandardScaler(), pca).fit(train.pooled)
        blocks.append(tuple(THUMBNAIL_SCALE * scaled.transform(part.pooled) for part in (train, others)))
    x_train, x_others = (scipy.sparse.hstack(part, format="csr") for part in zip(*blocks, strict=True))
    return x_train, x_others


def balanced_weights(y: np.ndarray, tau: float) -> np.ndarray:
    """The weight of each video, (n,), in proportion to (n / n_c)^tau of its category, with mean 1.

    tau = 1 gives every category the same sum, scikit-learn's `class_weight="balanced"`.
    """
    weights = (len(y) / np.bincount(y)[y]) ** tau
    return weights / weights.mean()


def over_sampled(y: np.ndarray, tau: float, rng: np.random.Generator) -> np.ndarray:
    """How often each video is taken, (n,) int, at least once: copies are added at random.

    A category of n_c videos gets n_c (n_max / n_c)^tau of them, rounded; with tau = 1 as many as the largest.
    """
    counts = np.bincount(y)
    copies = np.ones(len(y), dtype=np.int64)
    for label in np.unique(y):
        wanted = round(counts[label] * (counts.max() / counts[label]) ** tau)
        more = rng.choice(np.flatnonzero(y == label), wanted - counts[label])
        copies += np.bincount(more, minlength=len(y))
    return copies


def logit_adjusted(probabilities: np.ndarray, y_train: np.ndarray, tau: float) -> np.ndarray:
    """Probabilities (m, 14), each logit lowered by tau log prior, the prior being the share in training.

    A category that training lacked keeps 0. Source: Menon et al. (2021), "Long-tail learning via logit
    adjustment", equation 9.
    """
    counts = np.bincount(y_train, minlength=N_CATEGORIES)
    raised = probabilities * (np.maximum(counts, 1) / len(y_train)) ** -tau
    return raised / raised.sum(axis=1, keepdims=True)


def focal_softmax(
    x: scipy.sparse.csr_array, codes: np.ndarray, gamma: float, start: np.ndarray
) -> np.ndarray:
    """Weights (d + 1, k) of a linear softmax with focal loss, the last row being the biases.

    `x` (n, d), `codes` (n,) 0..k-1. Trained by L-BFGS from `start`: the loss is not convex, so that it counts
    from where. With gamma = 0 it is logistic regression.
    """
    arguments = (x, codes, gamma, start.shape)
    # A tenth of the default precision: further steps change no answer in a thousand.
    options = {"maxiter": 300, "ftol": 1e-6}
    found = minimize(focal_loss, start.ravel(), arguments, method="L-BFGS-B", jac=True, options=options)
    return found.x.reshape(start.shape)


def focal_loss(
    weights: np.ndarray, x: scipy.sparse.csr_array, codes: np.ndarray, gamma: float, shape: tuple[int, int]
) -> tuple[float, np.ndarray]:
    """Sum of -(1 - p)^gamma log p over the videos plus |w|^2 / 2C, and its gradient.

    p is the probability of the truth; `weights` (d + 1, k) raveled, as is the gradient. Source: Lin et al.
    (2017), "Focal Loss for Dense Object Detection", equation 4; the penalty is that of scikit-learn's
    LogisticRegression, which leaves the biases out.
    """
    w, bias = weights.reshape(shape)[:-1], weights.reshape(shape)[-1]
    log_p = log_softmax(x @ w + bias, axis=1)
    each = np.arange(len(codes))
    log_truth = log_p[each, codes]
    truth, rest = np.exp(log_truth), -np.expm1(log_truth)
    loss = -(rest**gamma @ log_truth) + (w**2).sum() / (2 * C)
    # Of cross-entropy each logit's gradient is p - y; the focal loss multiplies it by a factor of the video.
    factor = rest**gamma
    if gamma:
        small = np.finfo(np.float64).tiny  # a gamma below 1 raises 1 - p to a negative power
        factor -= gamma * truth * log_truth * np.maximum(rest, small) ** (gamma - 1)
    slope = np.exp(log_p)
    slope[each, codes] -= 1
    slope *= factor[:, np.newaxis]
    return float(loss), np.vstack([x.T @ slope + w / C, slope.sum(axis=0)]).ravel()
