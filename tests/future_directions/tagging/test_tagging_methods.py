"""Tags are cleaned as they are written, and models learn which titles and thumbnails have them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from ytcat.exceptions import YtcatError
from ytcat.future_directions.tagging import methods
from ytcat.future_directions.tagging.metrics import mean_average_precision
from ytcat.models.baselines import title_features

TITLES = ["cute kitten sleeps", "big goal tonight", "kitten and puppy", "late goal wins match"] * 10
TAGS = [["cats", "pets"], ["football"], ["pets", "dogs", "cats"], ["football", "match"]] * 10
LISTS = st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), min_size=1, max_size=30)


@pytest.mark.parametrize(
    "text, cleaned",
    [
        ('"Funny  Cats"|VLOG|"vlog"', ["funny cats", "vlog"]),
        ("[none]", []),
        ("[None]", []),
        ("", []),
        (' | "" |one', ["one"]),
        ("STRASSE|straße", ["strasse"]),
        ('"the "best" of"|b', ['the "best" of', "b"]),
    ],
)
def test_tags_as_kaggle_writes_them(text, cleaned):
    assert methods.clean(text) == cleaned


@given(st.lists(st.text(), max_size=8))
def test_cleaning_leaves_nothing_to_clean(tags):
    cleaned = methods.clean("|".join(tags))
    assert len(set(cleaned)) == len(cleaned) and all(cleaned)
    assert all(tag == " ".join(tag.split()) and "|" not in tag for tag in cleaned)


@given(LISTS, st.integers(1, 5))
def test_the_vocabulary_holds_what_enough_videos_have(lists, least):
    videos = {tag: sum(tag in of_video for of_video in lists) for tag in "abcdefgh"}
    wanted = {tag for tag, count in videos.items() if count >= least}
    if not wanted:
        with pytest.raises(YtcatError, match="lower min_videos"):
            methods.vocabulary(lists, least)
        return
    found = methods.vocabulary(lists, least)
    assert set(found.tags) == wanted
    assert found.videos.tolist() == [videos[tag] for tag in found.tags]
    assert list(found.tags) == sorted(found.tags, key=lambda tag: (-videos[tag], tag))
    assert found.distinct == sum(count > 0 for count in videos.values())
    encoded = found.encode(lists)
    assert encoded.sum(axis=0).tolist() == found.videos.tolist()
    assert [{found.tags[i] for i in np.flatnonzero(row)} for row in encoded] == [
        set(of_video) & wanted for of_video in lists
    ]


def test_what_the_vocabulary_does_not_hold_is_counted():
    vocabulary = methods.vocabulary(TAGS, 15)
    assert vocabulary.tags == ("cats", "football", "pets")
    table = vocabulary.coverage({"train": TAGS, "test": [["cats", "yarn"], ["yarn"]]})
    assert table.loc["train"].tolist() == [40, 80, 60, 0]
    assert table.loc["test"].tolist() == [2, 3, 1, 1]


def test_suggestions_are_the_best_scored_the_frequent_first_of_equals():
    vocabulary = methods.vocabulary(TAGS, 1)
    scores = np.zeros((2, len(vocabulary.tags)))
    scores[1, vocabulary.tags.index("dogs")] = 1
    assert vocabulary.suggest(scores, 2) == [["cats", "football"], ["dogs", "cats"]]


def test_title_models_learn_and_choose_on_validation():
    vocabulary = methods.vocabulary(TAGS, 2)
    train, validation = (
        (TITLES[:32], vocabulary.encode(TAGS[:32])),
        (TITLES[32:], vocabulary.encode(TAGS[32:])),
    )
    new = ["the kitten", "a goal"]
    for learn in (methods.nearest, methods.from_titles):
        chosen = learn(train, validation)
        suggested = vocabulary.suggest(chosen.model.predict(new), 2)
        assert set(suggested[0]) == {"cats", "pets"}
        assert suggested[1][0] == "football"
        assert chosen.validation[chosen.setting] == max(chosen.validation.values())
        again = mean_average_precision(validation[1], chosen.model.predict(validation[0]))
        assert again == pytest.approx(chosen.validation[chosen.setting])
    frequent = vocabulary.suggest(methods.frequent(train).predict(new), 3)
    assert frequent == [["cats", "football", "pets"]] * 2


def test_more_neighbours_than_videos_are_all_videos():
    vocabulary = methods.vocabulary(TAGS, 1)
    few = (TITLES[:7], vocabulary.encode(TAGS[:7]))
    assert set(methods.nearest(few, few).validation) == {5, 7}


def test_one_vs_rest_is_a_ridge_regression_for_each_tag():
    """Against scikit-learn's primal form, one tag at a time, the constant being one more feature."""
    vocabulary = methods.vocabulary(TAGS, 1)
    tags = vocabulary.encode(TAGS)
    chosen = methods.from_titles((TITLES, tags), (TITLES, tags))
    x = title_features().fit_transform(TITLES).toarray()
    x = np.hstack([x, np.ones((len(x), 1))])
    for column in range(tags.shape[1]):
        ridge = Ridge(alpha=chosen.setting, fit_intercept=False).fit(x, tags[:, column].astype(float))
        np.testing.assert_allclose(chosen.model.predict(TITLES)[:, column], ridge.predict(x), atol=1e-6)


def test_thumbnails_are_learnt_and_a_missing_one_is_an_average_one():
    rng = np.random.default_rng(0)
    vocabulary = methods.vocabulary(TAGS, 2)
    tags = vocabulary.encode(TAGS)
    seen = 5 + 3 * rng.normal(0, 0.1, (40, 12))
    seen[:, : tags.shape[1]] += 3 * tags
    seen[-1] = np.nan
    chosen = methods.from_thumbnails((seen, tags), (seen, tags))
    assert max(chosen.validation.values()) > 0.9
    mean = np.nanmean(seen, axis=0, keepdims=True)
    np.testing.assert_allclose(chosen.model.predict(seen[-1:]), chosen.model.predict(mean), atol=1e-6)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_the_weight_of_the_thumbnail_can_be_none_or_all(seed):
    rng = np.random.default_rng(seed)
    tags, (title, thumbnail) = rng.random((9, 6)) < 0.4, rng.random((2, 9, 6))
    tried = methods.choose_weight(title, thumbnail, tags)
    assert tried[0.0] == mean_average_precision(tags, title)
    assert tried[1.0] == mean_average_precision(tags, thumbnail)
    assert len(tried) == len(methods.WEIGHTS) and max(tried.values()) >= tried[0.0]
