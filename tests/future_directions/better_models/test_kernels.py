"""Kernel ridge classification: exact, and honest out of fold."""

import numpy as np
import pytest
from sklearn.preprocessing import normalize

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
    model = kernels.fit(view, features[train], labels[train])
    gram = kernels.kernel(view, features[train], features[train])
    targets = np.eye(N_CATEGORIES)[labels[train]]
    residual = (gram + kernels.CHOSEN.ridge(view) * np.eye(30)) @ model.coefficients - (
        targets - targets.mean(axis=0)
    )
    assert np.abs(residual).max() < 1e-9
    assert (model.scores(features[test]).argmax(axis=1) == labels[test]).mean() > 0.8


def test_out_of_fold_scores_come_from_models_that_have_not_seen_the_video(some):
    features, labels = some
    folds = np.arange(60) % 3
    found = kernels.out_of_fold("title", features, labels, folds)
    changed = labels.copy()
    changed[folds == 1] = 13  # what is learnt in the other folds changes, this fold's answers do not
    again = kernels.out_of_fold("title", features, changed, folds)
    np.testing.assert_array_equal(found[folds == 1], again[folds == 1])
    assert not np.allclose(found[folds == 0], again[folds == 0])
