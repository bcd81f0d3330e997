"""What the slides' models must beat: two guesses without looking, and two linear models."""

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

SOLVER = "newton-cg"  # on many sparse features ten times faster than the default, to the same loss
# Inverse regularization strengths to choose from, on validation.
TEXT_STRENGTHS = (1.0, 3.0, 10.0, 30.0)
IMAGE_STRENGTHS = (1e-4, 3e-4, 1e-3, 3e-3)


class Chosen(NamedTuple):
    """A linear model and the regularization that the validation videos preferred."""

    classifier: ClassifierMixin
    strength: float
    validation_loss: dict[float, float]  # log loss by strength


def majority(y_train: np.ndarray) -> ClassifierMixin:
    """Always answers the most frequent category of training; its ranking is by frequency (`prior`)."""
    return DummyClassifier(strategy="prior").fit(np.zeros((len(y_train), 1)), y_train)


def stratified_guess(y_train: np.ndarray, seed: int) -> ClassifierMixin:
    """Answers at random, each category as often as it is in training."""
    guess = DummyClassifier(strategy="stratified", random_state=seed)
    return guess.fit(np.zeros((len(y_train), 1)), y_train)


def tfidf(
    train: tuple[Sequence[str], np.ndarray],
    validation: tuple[Sequence[str], np.ndarray],
    strengths: Sequence[float] = TEXT_STRENGTHS,
) -> Chosen:
    """TF-IDF of words (1-2) and characters (2-5) with logistic regression, on titles."""
    return _choose(title_features(), strengths, train, validation)


def title_features() -> TransformerMixin:
    """TF-IDF of words (1-2) and of characters (2-5) that are in at least two titles; fits on titles."""
    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
    )


def linear_probe(
    train: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    strengths: Sequence[float] = IMAGE_STRENGTHS,
) -> Chosen:
    """Logistic regression on standardized, average-pooled features (n, k) of a frozen base."""
    return _choose(StandardScaler(), strengths, train, validation)


def predict(classifier: ClassifierMixin, inputs: Sequence[str] | np.ndarray) -> np.ndarray:
    """Probabilities (n, 14) float32; a category that training lacked gets 0."""
    answers = classifier.predict_proba(inputs)
    probabilities = np.zeros((len(answers), N_CATEGORIES), dtype=np.float32)
    probabilities[:, classifier.classes_] = answers
    return probabilities


def _choose(
    features: TransformerMixin,
    strengths: Sequence[float],
    train: tuple[Sequence[str] | np.ndarray, np.ndarray],
    validation: tuple[Sequence[str] | np.ndarray, np.ndarray],
) -> Chosen:
    x_train, y_train = features.fit_transform(train[0]), train[1]  # once for all strengths
    x_validation, y_validation = features.transform(validation[0]), validation[1]
    fitted, losses = {}, {}
    for strength in strengths:
        model = LogisticRegression(C=strength, solver=SOLVER).fit(x_train, y_train)
        probabilities = predict(model, x_validation)
        fitted[strength] = make_pipeline(features, model)
        losses[strength] = float(log_loss(y_validation, probabilities, labels=range(N_CATEGORIES)))
    best = min(losses, key=losses.__getitem__)
    return Chosen(fitted[best], best, losses)
