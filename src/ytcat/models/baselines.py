"""The baselines of the slides' models: two guesses that read nothing, and two linear models."""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sklearn.base import ClassifierMixin, TransformerMixin
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from ytcat.categories import N_CATEGORIES

GUESSES = {"majority": "prior", "stratified_guess": "stratified"}  # strategies of scikit-learn, by model
SOLVER = "newton-cg"  # on many sparse features ten times faster than the default, to the same loss
# Inverse regularization strengths; validation chooses one.
TEXT_STRENGTHS = (1.0, 3.0, 10.0, 30.0)
IMAGE_STRENGTHS = (1e-4, 3e-4, 1e-3, 3e-3)


class LinearModel(NamedTuple):
    """A linear model with the regularization strength of the lowest validation loss."""

    classifier: ClassifierMixin
    strength: float
    validation_loss: dict[float, float]  # log loss by strength


def guesses(y_train: np.ndarray, n: int, seed: int) -> dict[str, np.ndarray]:
    """The probabilities of two guesses for n videos, (n, 14) float32 each, by key of `ytcat.views.MODELS`.

    `majority`: the class prior of the training labels `y_train` (m,), so that the answer is always the most
    frequent category. `stratified_guess`: one category at random, each as often as in training.
    """
    predictions = {}
    for model, strategy in GUESSES.items():
        guess = DummyClassifier(strategy=strategy, random_state=seed).fit(
            np.zeros((len(y_train), 1)), y_train
        )
        predictions[model] = predict(guess, np.zeros((n, 1)))
    return predictions


def tfidf(
    train: tuple[Sequence[str], np.ndarray],
    validation: tuple[Sequence[str], np.ndarray],
    strengths: Sequence[float] = TEXT_STRENGTHS,
    weights: np.ndarray | None = None,
) -> LinearModel:
    """TF-IDF of words (1-2) and characters (2-5) with logistic regression, on titles.

    `weights` are those of the n training titles in the loss, (n,) float, 1 unless given.
    """
    return _choose(title_features(), strengths, train, validation, weights)


def title_features() -> TransformerMixin:
    """TF-IDF of words (1-2), and of characters (2-5) that occur in at least two titles; to be fitted."""
    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
    )


def linear_probe(
    train: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    strengths: Sequence[float] = IMAGE_STRENGTHS,
) -> LinearModel:
    """Logistic regression on standardized, average-pooled features (n, k) of a frozen base."""
    return _choose(StandardScaler(), strengths, train, validation)


def predict(classifier: ClassifierMixin, inputs: Sequence[str] | np.ndarray) -> np.ndarray:
    """Probabilities (n, 14) float32; 0 for a category that has no training video."""
    answers = classifier.predict_proba(inputs)
    probabilities = np.zeros((len(answers), N_CATEGORIES), dtype=np.float32)
    probabilities[:, classifier.classes_] = answers
    return probabilities


def coefficients(classifier: LogisticRegression) -> np.ndarray:
    """The weight of each of k features for each category, (14, k) float64; 0 without training videos."""
    weights = np.zeros((N_CATEGORIES, classifier.coef_.shape[1]))
    # Of two classes scikit-learn stores one score, the difference of the two.
    two = np.array([[-0.5], [0.5]]) if len(classifier.classes_) == 2 else 1.0
    weights[classifier.classes_] = two * classifier.coef_
    return weights


def _choose(
    features: TransformerMixin,
    strengths: Sequence[float],
    train: tuple[Sequence[str] | np.ndarray, np.ndarray],
    validation: tuple[Sequence[str] | np.ndarray, np.ndarray],
    weights: np.ndarray | None = None,
) -> LinearModel:
    x_train, y_train = features.fit_transform(train[0]), train[1]  # once for all strengths
    x_validation, y_validation = features.transform(validation[0]), validation[1]
    fitted, losses = {}, {}
    for strength in strengths:
        model = LogisticRegression(C=strength, solver=SOLVER)
        with warnings.catch_warnings():
            # Features are float32: close to the minimum a step may gain less than their precision.
            warnings.filterwarnings("ignore", "(?i).*line search")
            model.fit(x_train, y_train, weights)
        probabilities = predict(model, x_validation)
        fitted[strength] = make_pipeline(features, model)
        losses[strength] = float(log_loss(y_validation, probabilities, labels=range(N_CATEGORIES)))
    best = min(losses, key=losses.__getitem__)
    return LinearModel(fitted[best], best, losses)
