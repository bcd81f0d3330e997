"""Baselines answer with 14 probabilities and choose on validation."""

import numpy as np

from ytcat.categories import N_CATEGORIES
from ytcat.models import baselines

LABELS = np.array([9] * 30 + [2] * 20 + [4] * 10)  # three categories only: the others get 0
TITLES = ["best show ever tonight"] * 30 + ["official music video song"] * 20 + ["match goal highlights"] * 10


def test_majority_and_guess_follow_the_training_balance():
    majority = baselines.predict(baselines.majority(LABELS), np.zeros((4, 1)))
    assert majority.shape == (4, N_CATEGORIES)
    np.testing.assert_allclose(majority[0, [9, 2, 4]], [1 / 2, 1 / 3, 1 / 6], rtol=1e-6)
    assert (majority.argmax(axis=1) == 9).all()
    guess = baselines.predict(baselines.stratified_guess(LABELS, seed=0), np.zeros((6000, 1)))
    np.testing.assert_allclose(guess.mean(axis=0)[[9, 2, 4]], [1 / 2, 1 / 3, 1 / 6], atol=0.03)


def test_tfidf_learns_titles_and_chooses_on_validation():
    chosen = baselines.tfidf((TITLES, LABELS), (["music song", "goal match"], np.array([2, 4])))
    answers = baselines.predict(chosen.classifier, ["a new song video", "show tonight"])
    assert answers.argmax(axis=1).tolist() == [2, 9]
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)
    assert chosen.strength == min(chosen.validation_loss, key=chosen.validation_loss.get)
    assert set(chosen.validation_loss) == set(baselines.TEXT_STRENGTHS)


def test_linear_probe_learns_features():
    rng = np.random.default_rng(0)
    labels = np.tile(LABELS, 40)
    features = np.eye(N_CATEGORIES)[labels] + rng.normal(0, 0.1, (len(labels), N_CATEGORIES))
    chosen = baselines.linear_probe((features, labels), (features, labels))
    assert (baselines.predict(chosen.classifier, features).argmax(axis=1) == labels).mean() > 0.9
    assert set(chosen.validation_loss) == set(baselines.IMAGE_STRENGTHS)
