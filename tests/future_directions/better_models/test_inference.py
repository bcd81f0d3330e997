"""Answers from arrays are those of scikit-learn, to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler, normalize

from ytcat.future_directions.better_models import ensemble, inference
from ytcat.models import baselines

WORDS = st.sampled_from(
    ["goal", "Goal", "a", "I", "ÉTÉ", "été", "x2", "ﬁn", "新しい", "🎬", "don't", "--", "\u0130"]
)
TITLES = st.lists(
    st.text(max_size=30) | st.lists(WORDS, max_size=8).map(" ".join) | WORDS, min_size=1, max_size=6
)


def restored(fitted):
    """The arrays of a fitted ensemble, as they come back from a folder."""
    vectorizers, arrays = inference.export(fitted)
    return inference.restore(vectorizers, arrays, fitted.views, fitted.weights)


def of_titles(tfidf):
    """An ensemble of the title's linear model alone."""
    frozen = ensemble.FrozenParts(tfidf, None, None, {})
    return ensemble.Ensemble(frozen, None, {"title": ("title_linear",)}, {"title": np.ones(1)})


@given(TITLES, TITLES, st.integers(2, 5))
@settings(deadline=None, max_examples=60)
def test_titles_are_weighted_as_scikit_learn_does(known, asked, categories):
    known = [*known, "one two one", "two three", "goal goal"]
    labels = np.arange(len(known)) % categories
    tfidf = baselines.tfidf((known, labels), (known, labels), strengths=(1.0,)).classifier
    model = restored(of_titles(tfidf))
    expected = tfidf[0].transform(asked).toarray()
    np.testing.assert_array_equal(model._words(asked).toarray(), expected)
    expected = baselines.predict(tfidf, asked)
    scores = model.scores("title", asked)["title_linear"]
    np.testing.assert_allclose(np.exp(scores), np.maximum(expected, 1e-6), rtol=1e-6)


@pytest.mark.parametrize("scale", [1, 1e-9])
def test_thumbnails_are_standardized_as_scikit_learn_does(scale):
    rng = np.random.default_rng(0)
    known = (rng.normal(size=(9, 7)) * scale).astype(np.float32)
    known[:, 3] = 5  # the same everywhere
    scaler = StandardScaler().fit(known)
    arrays = {"thumbnail_mean": scaler.mean_, "thumbnail_scale": scaler.scale_}
    asked = np.concatenate([known, scaler.mean_[None].astype(np.float32)])
    before = asked.copy()
    found = inference.InferenceModel((), {}, {}, arrays)._standardized(asked)
    np.testing.assert_array_equal(found, normalize(scaler.transform(asked)))
    np.testing.assert_array_equal(asked, before)
