"""Baselines answer with 14 probabilities and choose on validation."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ytcat.categories import N_CATEGORIES
from ytcat.models import baselines

LABELS = np.array([9] * 30 + [2] * 20 + [4] * 10)  # three categories only: the others get 0
TITLES = ["best show ever tonight"] * 30 + ["official music video song"] * 20 + ["match goal highlights"] * 10


def test_majority_and_guess_follow_the_training_balance():
    guesses = baselines.guesses(LABELS, 6000, seed=0)
    assert list(guesses) == ["majority", "stratified_guess"]
    majority, guess = guesses.values()
    assert majority.shape == guess.shape == (6000, N_CATEGORIES)
    np.testing.assert_allclose(majority[0, [9, 2, 4]], [1 / 2, 1 / 3, 1 / 6], rtol=1e-6)
    assert (majority.argmax(axis=1) == 9).all()
    np.testing.assert_allclose(guess.mean(axis=0)[[9, 2, 4]], [1 / 2, 1 / 3, 1 / 6], atol=0.03)


def test_a_title_counts_by_its_weight():
    wrong = np.select([LABELS == 9, LABELS == 2], [2, 4], 9)
    train = TITLES * 2, np.concatenate([LABELS, wrong])
    weights = np.repeat([1.0, 1e-6], len(TITLES))
    found = baselines.tfidf(train, (TITLES, LABELS), weights=weights)
    assert baselines.predict(found.classifier, TITLES).argmax(axis=1).tolist() == LABELS.tolist()


def test_tfidf_learns_titles_and_chooses_on_validation():
    chosen = baselines.tfidf((TITLES, LABELS), (["music song", "goal match"], np.array([2, 4])))
    answers = baselines.predict(chosen.classifier, ["a new song video", "show tonight"])
    assert answers.argmax(axis=1).tolist() == [2, 9]
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)
    assert chosen.strength == min(chosen.validation_loss, key=chosen.validation_loss.get)
    assert set(chosen.validation_loss) == set(baselines.TEXT_STRENGTHS)


def test_the_chosen_model_is_the_one_with_that_loss():
    rng = np.random.default_rng(1)
    features = np.eye(N_CATEGORIES)[LABELS] + rng.normal(0, 1.5, (len(LABELS), N_CATEGORIES))
    train, validation = (features[::2], LABELS[::2]), (features[1::2], LABELS[1::2])
    chosen = baselines.linear_probe(train, validation)
    losses = {}
    for strength in baselines.IMAGE_STRENGTHS:  # by scikit-learn's default solver, each from scratch
        model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000)).fit(*train)
        answers = baselines.predict(model, validation[0])
        losses[strength] = -np.log(answers[np.arange(len(answers)), validation[1]]).mean()
    for strength, loss in losses.items():
        np.testing.assert_allclose(chosen.validation_loss[strength], loss, rtol=1e-3)
    assert chosen.strength == min(losses, key=losses.get)
    answers = baselines.predict(chosen.classifier, validation[0])
    loss = -np.log(answers[np.arange(len(answers)), validation[1]]).mean()
    np.testing.assert_allclose(loss, chosen.validation_loss[chosen.strength], rtol=1e-5)


def test_linear_probe_learns_features():
    rng = np.random.default_rng(0)
    labels = np.tile(LABELS, 40)
    features = np.eye(N_CATEGORIES)[labels] + rng.normal(0, 0.1, (len(labels), N_CATEGORIES))
    chosen = baselines.linear_probe((features, labels), (features, labels))
    assert (baselines.predict(chosen.classifier, features).argmax(axis=1) == labels).mean() > 0.9
    assert set(chosen.validation_loss) == set(baselines.IMAGE_STRENGTHS)
