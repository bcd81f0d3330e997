"""Kernel ridge classification: exact, and honest out-of-fold."""

import dataclasses
import inspect

import numpy as np
import pytest
from sklearn.preprocessing import normalize

from ytcat import cli
from ytcat.categories import N_CATEGORIES
from ytcat.future_directions.better_models import kernels
from ytcat.models import baselines


@pytest.fixture(scope="module")
def some():
    """60 videos of three categories whose words, sentences and thumbnails tell them apart, with noise."""
    rng = np.random.default_rng(0)
    labels = np.resize([1, 4, 9], 60)
    topics = {1: "trailer movie film", 4: "match goal team", 9: "show tonight host"}
    titles = [f"{topics[label]} number{i % 7}" for i, label in enumerate(labels)]
    centres = rng.normal(size=(N_CATEGORIES, 32))
    sentence, thumbnail = (normalize(centres[labels] + rng.normal(size=(60, 32))) for _ in range(2))
    words = baselines.title_features().fit_transform(titles).tocsr()
    return kernels.Features(words, sentence, thumbnail), labels


@pytest.mark.parametrize("view", ["title", "thumbnail", "both"])
def test_a_kernel_is_symmetric_positive_and_largest_on_itself(some, view):
    features, _ = some
    gram = kernels.kernel(view, features, features)
    np.testing.assert_allclose(gram, gram.T, atol=1e-12)
    assert np.linalg.eigvalsh(gram).min() > -1e-8
    parts = {"title": 2, "thumbnail": 1, "both": 3}[view]
    np.testing.assert_allclose(np.diag(gram), parts, atol=1e-6)
    assert gram.max() <= parts + 1e-6


def test_both_is_the_sum_of_the_views(some):
    features, _ = some
    title, thumbnail, both = (kernels.kernel(v, features, features) for v in ("title", "thumbnail", "both"))
    np.testing.assert_allclose(both, title + thumbnail)


@pytest.mark.parametrize("view", ["title", "thumbnail", "both"])
def test_it_solves_the_ridge_regression_and_learns(some, view):
    features, labels = some
    train, test = np.arange(0, 60, 2), np.arange(1, 60, 2)
    gram = kernels.kernel(view, features, features)
    model = kernels.classifier(view).fit(gram[np.ix_(train, train)], labels[train])
    targets = np.eye(N_CATEGORIES)[labels[train]]
    ridge = {"title": 0.3, "thumbnail": 0.1, "both": 0.3}[view]
    residual = (gram[np.ix_(train, train)] + ridge * np.eye(30)) @ model.dual_coef_ - (
        targets - targets.mean(axis=0)
    )
    assert np.abs(residual).max() < 1e-9
    assert (model.predict(gram[np.ix_(test, train)]).argmax(axis=1) == labels[test]).mean() > 0.8


def test_a_video_that_is_like_no_other_gets_the_class_priors_and_the_kernel_is_not_stored(some):
    features, labels = some
    model = kernels.classifier("title").fit(kernels.kernel("title", features, features), labels)
    priors = np.bincount(labels, minlength=N_CATEGORIES) / len(labels)
    np.testing.assert_allclose(model.predict(np.zeros((1, 60)))[0], priors)
    assert max(np.size(value) for value in vars(model).values()) == 60 * N_CATEGORIES


def test_out_of_fold_scores_come_from_models_that_were_not_fitted_on_the_video(some):
    features, labels = some
    folds = np.arange(60) % 3
    scores = kernels.out_of_fold("title", features, labels, folds)
    gram, others = kernels.kernel("title", features, features), folds != 0
    model = kernels.classifier("title").fit(gram[np.ix_(others, others)], labels[others])
    np.testing.assert_array_equal(scores[folds == 0], model.predict(gram[np.ix_(folds == 0, others)]))
    changed = labels.copy()
    changed[folds == 1] = 13  # the models of the other folds change, those of this fold do not
    again = kernels.out_of_fold("title", features, changed, folds)
    np.testing.assert_array_equal(scores[folds == 1], again[folds == 1])
    assert not np.allclose(scores[folds == 0], again[folds == 0])


@pytest.mark.parametrize("views", [("title", "thumbnail", "both"), ("both",), ("thumbnail", "both")])
def test_several_kernels_at_once_are_those_of_one_at_a_time(some, views):
    features, _ = some
    grams = kernels.kernels_of(views, features, features)
    assert set(grams) == set(views)
    for view in views:
        np.testing.assert_array_equal(grams[view], kernels.kernel(view, features, features))


def rows_of(features, rows):
    values = (getattr(features, field.name) for field in dataclasses.fields(features))
    return kernels.Features(*(value[rows] for value in values))


def by_landmarks(view, features, labels, landmarks, block=17):
    """The regression that compares with the rows `landmarks`, learned block by block."""
    priors = np.bincount(labels, minlength=N_CATEGORIES) / len(labels)
    gram = kernels.kernel(view, features, rows_of(features, landmarks))
    ridge = kernels.LandmarkRidge(view, gram[landmarks], priors)
    for start in range(0, len(labels), block):
        ridge.partial_fit(gram[start : start + block], labels[start : start + block])
    return ridge.solve()


@pytest.mark.parametrize("view", ["title", "thumbnail", "both"])
def test_if_all_videos_are_landmarks_it_is_the_exact_regression(some, view):
    features, labels = some
    gram = kernels.kernel(view, features, features)
    exact = kernels.classifier(view).fit(gram, labels).predict(gram)
    shuffled = np.random.default_rng(0).permutation(60)
    close = by_landmarks(view, features, labels, shuffled).predict(gram[:, shuffled])
    np.testing.assert_allclose(close, exact, atol=1e-5)


@pytest.mark.parametrize("view", ["title", "thumbnail", "both"])
def test_with_some_landmarks_it_learns_from_all_videos(some, view):
    features, labels = some
    landmarks = np.arange(0, 60, 4)
    gram = kernels.kernel(view, features, rows_of(features, landmarks))
    model = by_landmarks(view, features, labels, landmarks)
    assert model.dual_coef_.shape == (15, N_CATEGORIES)
    # The penalized least squares of all 60 videos: its gradient is zero.
    targets = np.eye(N_CATEGORIES)[labels] - model.priors_
    among = kernels.kernel(view, rows_of(features, landmarks), rows_of(features, landmarks))
    gradient = gram.T @ (gram @ model.dual_coef_ - targets) + model.alpha * among @ model.dual_coef_
    assert np.abs(gradient).max() < 1e-6
    assert (model.predict(gram).argmax(axis=1) == labels).mean() > 0.8


def test_equal_landmarks_are_no_trouble(some):
    features, labels = some
    model = by_landmarks("both", features, labels, np.array([0, 0, 0, 5, 5, 9]))
    assert np.isfinite(model.dual_coef_).all()


def test_the_command_line_has_the_same_number_of_landmarks():
    assert inspect.signature(cli.train).parameters["landmarks"].default == kernels.LANDMARKS
