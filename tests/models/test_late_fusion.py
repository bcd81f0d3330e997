"""Late fusion weighs views by what they know."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from ytcat.categories import N_CATEGORIES
from ytcat.models import late_fusion


def views(seed, n=400, noise=(0.5, 2.0)):
    """Scores that know the truth, each with its own noise."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, N_CATEGORIES, n)
    truth = 3 * np.eye(N_CATEGORIES)[labels]
    return [truth + rng.normal(0, 1 + sigma, truth.shape) for sigma in noise], labels


def loss(scores, weights, labels):
    return log_loss(labels, late_fusion.combine(scores, weights), labels=range(N_CATEGORIES))


@settings(deadline=None)
@given(st.integers(0, 50), st.floats(0.1, 10))
def test_no_nearby_weights_are_better(seed, scale):
    scores, labels = views(seed)
    scores = [scores[0] * scale, scores[1]]
    weights = late_fusion.fit_weights(scores, labels)
    assert (weights >= 0).all()
    least = loss(scores, weights, labels)
    for view in range(2):
        for factor in (0.9, 1.1):
            other = weights.copy()
            other[view] *= factor
            assert least <= loss(scores, other, labels) + 1e-5


def test_a_view_that_knows_nothing_gets_next_to_no_weight():
    scores, labels = views(1, n=4_000, noise=(0.5, 0.5))
    nothing = np.random.default_rng(9).normal(0, 1, scores[1].shape)
    weights = late_fusion.fit_weights([scores[0], nothing], labels)
    assert weights[1] < 0.1 * weights[0]


def test_one_view_is_calibrated_by_its_temperature():
    scores, labels = views(2, n=5_000, noise=(0.5,))
    overconfident = [10 * scores[0]]
    weights = late_fusion.fit_weights(overconfident, labels)
    probabilities = late_fusion.combine(overconfident, weights)
    assert abs(probabilities.max(axis=1).mean() - (probabilities.argmax(axis=1) == labels).mean()) < 0.02
    assert (probabilities.argmax(axis=1) == scores[0].argmax(axis=1)).all()


def test_probabilities_sum_to_one_and_zeros_have_a_finite_score():
    scores, _ = views(3)
    assert np.allclose(late_fusion.combine(scores, np.array([1.0, 0.3])).sum(axis=1), 1, atol=1e-5)
    found = late_fusion.log_scores(np.array([[0.0, 1.0]]))
    assert np.isfinite(found).all() and found[0, 0] < found[0, 1]


def test_stacking_tells_apart_what_each_view_is_good_at():
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 2, 600)
    good = np.eye(N_CATEGORIES)[labels] + rng.normal(0, 0.1, (600, N_CATEGORIES))
    bad = rng.normal(0, 1, (600, N_CATEGORIES))
    model = late_fusion.stacker([bad, good], labels)
    assert (model.predict(np.hstack([bad, good])) == labels).mean() > 0.95
