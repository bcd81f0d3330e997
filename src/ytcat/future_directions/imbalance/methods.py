"""A linear softmax and four corrections for class imbalance, each with a strength (0 = uncorrected)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

from ytcat.categories import N_CATEGORIES
from ytcat.corpus import Corpus
from ytcat.exceptions import YtcatError
from ytcat.future_directions.thumbnail_features import store
from ytcat.models.baselines import SOLVER, predict, title_features

PLAIN = "Plain"  # the uncorrected model's name among the methods
WEIGHTS, SAMPLING = "Balanced weights", "Over-sampling"
ADJUSTMENT, FOCAL = "Logit adjustment", "Focal loss"
METHODS = (WEIGHTS, SAMPLING, ADJUSTMENT, FOCAL)
# The candidates of each method: tau of the first three, gamma of the focal loss.
STRENGTHS = {
    WEIGHTS: (0.25, 0.5, 0.75, 1.0),
    SAMPLING: (0.25, 0.5, 0.75, 1.0),
    ADJUSTMENT: (0.25, 0.5, 0.75, 1.0, 1.25, 1.5),
    FOCAL: (0.5, 1.0, 2.0, 5.0),
}
C = 10.0  # inverse regularization strength of all models; `baselines.tfidf` mostly prefers it on validation
# Chosen on the validation videos of us-2020: principal components of the thumbnail features, and the factor
# that scales them beside a title's features, whose squares sum to 2.
COMPONENTS, THUMBNAIL_SCALE = 256, 0.01


class Correction(NamedTuple):
    """One model: a method at one strength."""

    method: str  # one of `METHODS`, or `PLAIN`
    strength: float
    repeat: int = 0  # the number of the random draw; 0 for methods without one


UNCORRECTED = Correction(PLAIN, 0.0)
Predictions = dict[Correction, np.ndarray]  # the predicted labels 0..13, (n,) int, of each model


def at_strength(method: str, strength: float) -> Correction:
    """The first model of a method at a strength; at strength 0 it is the uncorrected one."""
    return Correction(method, strength) if strength else UNCORRECTED


class Inputs(NamedTuple):
    """What the models read of n videos."""

    titles: np.ndarray  # (n,) str
    thumbnails: np.ndarray | None = None  # features, (n, 5336) float32; None: titles alone

    def take(self, index: ArrayLike) -> "Inputs":
        """Some of the videos, by position or mask."""
        return Inputs(self.titles[index], None if self.thumbnails is None else self.thumbnails[index])


def inputs(corpus: Corpus, videos: pd.DataFrame) -> Inputs:
    """Titles of some rows of `corpus.videos` and, if the corpus has enough thumbnails, features of those.

    Raises ValueError if the corpus has enough thumbnails, but one of these videos has none.
    """
    titles = videos["title"].to_numpy(dtype=object)
    sees = corpus.has_enough_thumbnails
    return Inputs(titles, store.thumbnails(corpus, videos.index) if sees else None)


def fit_and_predict(
    train: Inputs,
    y_train: np.ndarray,
    others: Inputs,
    strengths: Mapping[str, Sequence[float]],
    repeats: int = 1,
    seed: int = 0,
) -> Predictions:
    """Predictions of the uncorrected model and of each method at each strength for `others`, m videos.

    `y_train`: labels (n,) int 0..13. `strengths`: by method, above 0. All models share the features, the
    penalty and the uncorrected model, from which the training of the others starts. Over-sampling is drawn
    `repeats` times. Raises YtcatError if training has fewer than three categories, since scikit-learn's
    logistic regression of two is no softmax.
    """
    if len(np.unique(y_train)) < 3:
        raise YtcatError(
            f"{len(np.unique(y_train))} categories are in training, and a softmax needs at least three: add "
            "videos, or choose the split 'random'."
        )
    x_train, x_others = features(train, others)
    model = LogisticRegression(C=C, solver=SOLVER, max_iter=200, warm_start=True).fit(x_train, y_train)
    probabilities = predict(model, x_others)
    predictions = {UNCORRECTED: probabilities.argmax(axis=1)}
    coefficients = np.vstack([model.coef_.T, model.intercept_])
    for tau in strengths.get(WEIGHTS, ()):
        model.fit(x_train, y_train, balanced_weights(y_train, tau))
        predictions[Correction(WEIGHTS, tau)] = model.predict(x_others)
    for tau in strengths.get(SAMPLING, ()):
        for repeat in range(repeats):
            copies = over_sampled(y_train, tau, np.random.default_rng([seed, repeat]))
            # Training on k copies is training on one video of weight k; mean 1 keeps the penalty's share.
            model.fit(x_train, y_train, copies / copies.mean())
            predictions[Correction(SAMPLING, tau, repeat)] = model.predict(x_others)
    for tau in strengths.get(ADJUSTMENT, ()):
        adjusted = logit_adjusted(probabilities, y_train, tau)
        predictions[Correction(ADJUSTMENT, tau)] = adjusted.argmax(axis=1)
    for gamma in strengths.get(FOCAL, ()):
        codes = np.searchsorted(model.classes_, y_train)
        coefficients = focal_softmax(x_train, codes, gamma, coefficients)
        logits = x_others @ coefficients[:-1] + coefficients[-1]
        predictions[Correction(FOCAL, gamma)] = model.classes_[logits.argmax(axis=1)]
    return predictions


def cross_validated(
    videos: Inputs,
    y: np.ndarray,
    folds: np.ndarray,
    strengths: Mapping[str, Sequence[float]],
    repeats: int = 1,
    seed: int = 0,
) -> Predictions:
    """Out-of-fold predictions for n videos; `y`, `folds`: (n,) int, the others as `fit_and_predict`."""
    predictions: Predictions = {}
    for train, held_out in PredefinedSplit(folds).split():
        of_fold = fit_and_predict(
            videos.take(train), y[train], videos.take(held_out), strengths, repeats, seed
        )
        for correction, predicted in of_fold.items():
            predictions.setdefault(correction, np.empty(len(y), dtype=np.int64))[held_out] = predicted
    return predictions


def features(train: Inputs, others: Inputs) -> tuple[scipy.sparse.csr_array, scipy.sparse.csr_array]:
    """TF-IDF of titles and, beside it, the first `COMPONENTS` of the standardized thumbnail features, if any.

    Fitted on `train` alone; (n, d) and (m, d) float64.
    """
    tfidf = title_features().fit(train.titles)
    blocks = [(tfidf.transform(train.titles), tfidf.transform(others.titles))]
    if train.thumbnails is not None:
        components = min(COMPONENTS, *train.thumbnails.shape)
        # Exact components of so many features would take minutes.
        pca = PCA(components, svd_solver="randomized", iterated_power=2, random_state=0)
        scaled = make_pipeline(StandardScaler(), pca).fit(train.thumbnails)
        blocks.append(tuple(THUMBNAIL_SCALE * scaled.transform(part.thumbnails) for part in (train, others)))
    x_train, x_others = (scipy.sparse.hstack(part, format="csr") for part in zip(*blocks, strict=True))
    return x_train, x_others


def balanced_weights(y: np.ndarray, tau: float) -> np.ndarray:
    """The weight of each video, (n,) float, proportional to (n / n_c)^tau of its category, with mean 1.

    tau = 1 gives every category the same sum, scikit-learn's `class_weight="balanced"`.
    """
    weights = compute_sample_weight("balanced", y) ** tau
    return weights / weights.mean()


def over_sampled(y: np.ndarray, tau: float, rng: np.random.Generator) -> np.ndarray:
    """The number of copies of each video, (n,) int, at least 1; the added ones are drawn at random.

    A category of n_c videos gets n_c (n_max / n_c)^tau copies, rounded; with tau = 1 as many as the largest.
    """
    counts = np.bincount(y)
    copies = np.ones(len(y), dtype=np.int64)
    for label in np.unique(y):
        wanted = round(counts[label] * (counts.max() / counts[label]) ** tau)
        more = rng.choice(np.flatnonzero(y == label), wanted - counts[label])
        copies += np.bincount(more, minlength=len(y))
    return copies


def logit_adjusted(probabilities: np.ndarray, y_train: np.ndarray, tau: float) -> np.ndarray:
    """Probabilities (m, 14) with each logit lowered by tau log(class prior), the prior of training.

    A category without training videos keeps 0. Source: Menon et al. (2021), "Long-tail learning via logit
    adjustment", equation 9.
    """
    counts = np.bincount(y_train, minlength=N_CATEGORIES)
    adjusted = probabilities * (np.maximum(counts, 1) / len(y_train)) ** -tau
    return adjusted / adjusted.sum(axis=1, keepdims=True)


def focal_softmax(
    x: scipy.sparse.csr_array, codes: np.ndarray, gamma: float, start: np.ndarray
) -> np.ndarray:
    """Coefficients (d + 1, k) of a linear softmax with focal loss; the last row holds the biases.

    `x` (n, d), `codes` (n,) int 0..k-1. Trained by L-BFGS from `start` (d + 1, k), which matters since the
    loss is not convex. With gamma = 0 it is logistic regression.
    """
    arguments = (x, codes, gamma, start.shape)
    # A tenth of the default precision: further steps change fewer than one prediction in a thousand.
    options = {"maxiter": 300, "ftol": 1e-6}
    optimum = minimize(focal_loss, start.ravel(), arguments, method="L-BFGS-B", jac=True, options=options)
    return optimum.x.reshape(start.shape)


def focal_loss(
    coefficients: np.ndarray,
    x: scipy.sparse.csr_array,
    codes: np.ndarray,
    gamma: float,
    shape: tuple[int, int],
) -> tuple[float, np.ndarray]:
    """Sum of -(1 - p)^gamma log p over the videos plus |w|^2 / 2C, and its gradient.

    p is the probability of the true category. `coefficients`, of `shape` (d + 1, k), are raveled, as is the
    gradient. Source: Lin et al. (2017), "Focal Loss for Dense Object Detection", equation 4; the penalty is
    that of scikit-learn's LogisticRegression, which leaves the biases out.
    """
    w, bias = coefficients.reshape(shape)[:-1], coefficients.reshape(shape)[-1]
    log_p = log_softmax(x @ w + bias, axis=1)
    each = np.arange(len(codes))
    log_truth = log_p[each, codes]
    truth, rest = np.exp(log_truth), -np.expm1(log_truth)
    loss = -(rest**gamma @ log_truth) + (w**2).sum() / (2 * C)
    # The gradient of cross-entropy by a logit is p - y; the focal loss multiplies it by a factor per video.
    factor = rest**gamma
    if gamma:
        small = np.finfo(np.float64).tiny  # a gamma below 1 raises 1 - p to a negative power
        factor -= gamma * truth * log_truth * np.maximum(rest, small) ** (gamma - 1)
    slope = np.exp(log_p)
    slope[each, codes] -= 1
    slope *= factor[:, np.newaxis]
    return float(loss), np.vstack([x.T @ slope + w / C, slope.sum(axis=0)]).ravel()
