"""The four corrections follow their definitions, and each starts at the uncorrected model."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.utils.class_weight import compute_sample_weight

from ytcat.categories import N_CATEGORIES
from ytcat.exceptions import YtcatError
from ytcat.future_directions.imbalance import methods
from ytcat.future_directions.imbalance.methods import (
    ADJUSTMENT,
    FOCAL,
    METHODS,
    PLAIN,
    SAMPLING,
    STRENGTHS,
    UNCORRECTED,
    WEIGHTS,
    Correction,
    Inputs,
)

labels = st.lists(st.integers(0, N_CATEGORIES - 1), min_size=1, max_size=60).map(np.array)
taus = st.floats(0, 1)
WORDS = {2: "song official music", 4: "match goal highlights", 5: "island trip", 9: "show talk"}


def titles(counts, seed):
    """Titles of 3 words of which some are of the category, and the labels."""
    rng = np.random.default_rng(seed)
    y = np.repeat(list(counts), list(counts.values()))
    common = ["the", "new", "video", "best", "day", "song", "goal", "trip"]
    own = [WORDS[label].split() for label in y]
    made = [" ".join([*rng.choice(common, 2), rng.choice(words)]) for words in own]
    return Inputs(np.array(made, dtype=object)), y


@pytest.fixture(scope="module")
def videos():
    return titles({2: 90, 4: 40, 5: 6, 9: 30}, seed=0)


@pytest.fixture(scope="module")
def others():
    return titles({2: 90, 4: 40, 5: 20, 9: 30}, seed=1)


# ---- weights and copies


@settings(deadline=None)
@given(labels, taus)
def test_weights_follow_the_power_and_have_mean_one(y, tau):
    weights = methods.balanced_weights(y, tau)
    assert weights.mean() == pytest.approx(1)
    rarity = (len(y) / np.bincount(y)[y]) ** tau
    assert weights / weights[0] == pytest.approx(rarity / rarity[0])


@settings(deadline=None)
@given(labels)
def test_full_weights_are_scikit_learns_and_none_are_one(y):
    assert methods.balanced_weights(y, 1.0) == pytest.approx(compute_sample_weight("balanced", y))
    assert methods.balanced_weights(y, 0.0) == pytest.approx(1)


@settings(deadline=None)
@given(labels, taus, st.integers(0, 99))
def test_every_video_stays_and_each_category_gets_its_number(y, tau, seed):
    copies = methods.over_sampled(y, tau, np.random.default_rng(seed))
    assert copies.min() >= 1
    before, after = np.bincount(y), np.bincount(y, weights=copies)
    there = before > 0
    wanted = before[there] * (before.max() / before[there]) ** tau
    assert after[there] == pytest.approx(wanted, abs=0.5 + 1e-9)
    if tau == 1:
        assert set(after[there]) == {before.max()}


def test_over_sampling_nothing_copies_nothing():
    y = np.array([0, 0, 0, 1])
    assert methods.over_sampled(y, 0.0, np.random.default_rng(0)).tolist() == [1, 1, 1, 1]


# ---- logit adjustment


@settings(deadline=None)
@given(labels, st.floats(0, 2))
def test_adjusted_logits_lose_tau_log_prior(y, tau):
    rng = np.random.default_rng(len(y))
    counts = np.bincount(y, minlength=N_CATEGORIES)
    p = rng.uniform(0.01, 1, (5, N_CATEGORIES)) * (counts > 0)
    p /= p.sum(axis=1, keepdims=True)
    adjusted = methods.logit_adjusted(p, y, tau)
    assert adjusted.sum(axis=1) == pytest.approx(1)
    assert (adjusted[:, counts == 0] == 0).all()
    seen = counts > 0
    change = np.log(adjusted[:, seen]) - np.log(p[:, seen]) + tau * np.log(counts[seen] / len(y))
    assert np.ptp(change, axis=1) == pytest.approx(0, abs=1e-9)  # but for what makes the sum 1


# ---- focal loss


def problem(seed, n=12, d=5, k=3):
    rng = np.random.default_rng(seed)
    x = scipy.sparse.csr_array(rng.normal(size=(n, d)) * (rng.random((n, d)) < 0.6))
    return x, rng.integers(0, k, n), rng.normal(size=(d + 1) * k), (d + 1, k)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 999), st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0]))
def test_the_gradient_is_that_of_the_loss(seed, gamma):
    x, codes, weights, shape = problem(seed)
    arguments = (x, codes, gamma, shape)
    error = check_grad(
        lambda w: methods.focal_loss(w, *arguments)[0],
        lambda w: methods.focal_loss(w, *arguments)[1],
        weights,
    )
    assert error < 1e-4


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_the_loss_is_keras_focal_cross_entropy(gamma):
    from ytcat.quiet_tensorflow import keras

    x, codes, weights, shape = problem(3)
    w = weights.reshape(shape)
    focal = keras.losses.CategoricalFocalCrossentropy(
        alpha=1.0, gamma=gamma, from_logits=True, reduction="sum"
    )
    theirs = float(focal(np.eye(shape[1])[codes], x @ w[:-1] + w[-1]))
    ours = methods.focal_loss(weights, x, codes, gamma, shape)[0]
    assert ours - (w[:-1] ** 2).sum() / (2 * methods.C) == pytest.approx(theirs, rel=1e-4)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 5.0])
def test_the_surest_answers_do_not_divide_by_zero(gamma):
    x = scipy.sparse.csr_array(np.array([[1000.0], [-1000.0]]))
    weights = np.array([[1.0, -1.0], [0.0, 0.0]])
    for codes in (np.array([0, 1]), np.array([1, 0])):  # all right, all wrong
        loss, slope = methods.focal_loss(weights.ravel(), x, codes, gamma, weights.shape)
        assert np.isfinite(loss) and np.isfinite(slope).all()


def test_without_focus_it_is_logistic_regression(videos):
    x, _ = methods.features(videos[0], videos[0])
    plain = LogisticRegression(C=methods.C, solver="newton-cg", tol=1e-8).fit(x, videos[1])
    codes = np.searchsorted(plain.classes_, videos[1])
    coefficients = methods.focal_softmax(x, codes, 0.0, np.zeros((x.shape[1] + 1, 4)))
    logits = x @ coefficients[:-1] + coefficients[-1]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert p == pytest.approx(plain.predict_proba(x), abs=0.01)


# ---- the paths


def test_each_method_raises_balanced_accuracy_and_all_start_at_one_uncorrected_model(videos, others):
    predictions = methods.fit_and_predict(*videos, others[0], STRENGTHS, repeats=2)
    assert [*dict.fromkeys(correction.method for correction in predictions)] == [PLAIN, *METHODS]
    for method in METHODS:
        assert {c.strength for c in predictions if c.method == method} == set(STRENGTHS[method])
    assert {c.repeat for c in predictions if c.method == SAMPLING} == {0, 1}
    plain = balanced_accuracy_score(others[1], predictions[UNCORRECTED])
    for method in (WEIGHTS, SAMPLING, ADJUSTMENT):
        assert balanced_accuracy_score(others[1], predictions[Correction(method, 1.0)]) > plain
    again = methods.fit_and_predict(*videos, others[0], STRENGTHS, repeats=2)
    assert all((again[correction] == labels).all() for correction, labels in predictions.items())
    nearly_plain = {WEIGHTS: (1e-9,), SAMPLING: (1e-9,), ADJUSTMENT: (1e-9,), FOCAL: (1e-9,)}
    start = methods.fit_and_predict(*videos, others[0], nearly_plain)
    for labels in start.values():
        assert (labels == start[UNCORRECTED]).mean() > 0.98


def test_at_strength_0_every_method_is_the_uncorrected_model():
    assert {methods.at_strength(method, 0.0) for method in METHODS} == {UNCORRECTED}
    assert methods.at_strength(SAMPLING, 0.5) == Correction(SAMPLING, 0.5)


def test_copies_as_weights_are_copies(videos, others):
    x, x_others = methods.features(videos[0], others[0])
    copies = methods.over_sampled(videos[1], 1.0, np.random.default_rng([0, 0]))
    taken = np.repeat(np.arange(len(copies)), copies)
    model = LogisticRegression(C=methods.C / copies.mean(), solver="newton-cg", tol=1e-6)
    really = model.fit(x[taken], videos[1][taken]).predict(x_others)
    weighed = methods.fit_and_predict(*videos, others[0], {SAMPLING: (1.0,)})[Correction(SAMPLING, 1.0)]
    assert (really == weighed).mean() > 0.98


def test_predictions_for_a_fold_come_from_models_of_the_other_folds(videos):
    inputs, y = videos
    folds = np.arange(len(y)) % 3
    folds[y == 5] = 0  # the rare category is in one fold: the models for that fold were trained without it
    predictions = methods.cross_validated(inputs, y, folds, {ADJUSTMENT: (1.0,), FOCAL: (2.0,)})
    assert list(predictions) == [UNCORRECTED, Correction(ADJUSTMENT, 1.0), Correction(FOCAL, 2.0)]
    for correction, predicted in predictions.items():
        assert not (predicted[folds == 0] == 5).any()
        strengths = {correction.method: (correction.strength,)}  # of PLAIN: no further model
        direct = methods.fit_and_predict(
            inputs.take(folds != 1), y[folds != 1], inputs.take(folds == 1), strengths
        )
        assert (predicted[folds == 1] == direct[correction]).all()


def test_two_categories_are_too_few(videos, others):
    inputs, y = videos
    with pytest.raises(YtcatError, match="2 categories"):
        methods.fit_and_predict(inputs.take(y < 5), y[y < 5], others[0], {})


def test_thumbnail_features_stand_beside_those_of_titles(videos, others):
    rng = np.random.default_rng(0)
    shown = [
        Inputs(part.titles, rng.normal(size=(len(part.titles), 40)).astype("f4"))
        for part in (videos[0], others[0])
    ]
    x, x_others = methods.features(*shown)
    alone, _ = methods.features(videos[0], others[0])
    assert x.shape[1] == x_others.shape[1] == alone.shape[1] + 40
    assert x_others.shape[0] == len(others[1])
    assert (x[:, : alone.shape[1]] != alone).nnz == 0
    block = x[:, alone.shape[1] :].toarray()
    assert (block**2).sum(axis=1).mean() == pytest.approx(40 * methods.THUMBNAIL_SCALE**2, rel=1e-3)
