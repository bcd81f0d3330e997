"""Tags are cleaned, and models learn which titles and thumbnails have them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from ytcat.categories import N_CATEGORIES
from ytcat.corpus import load
from ytcat.exceptions import YtcatError
from ytcat.future_directions.tagging import methods
from ytcat.future_directions.tagging.methods import Suggester, Videos
from ytcat.future_directions.tagging.metrics import mean_average_precision
from ytcat.models.baselines import title_features
from ytcat.runs import Part, Parts

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
def test_the_vocabulary_holds_the_tags_of_enough_videos(lists, least):
    videos = {tag: sum(tag in of_video for of_video in lists) for tag in "abcdefgh"}
    wanted = {tag for tag, count in videos.items() if count >= least}
    if not wanted:
        with pytest.raises(YtcatError, match="lower min_videos"):
            methods.build_vocabulary(lists, least)
        return
    vocabulary = methods.build_vocabulary(lists, least)
    assert set(vocabulary.tags) == wanted
    assert vocabulary.n_videos.tolist() == [videos[tag] for tag in vocabulary.tags]
    assert list(vocabulary.tags) == sorted(vocabulary.tags, key=lambda tag: (-videos[tag], tag))
    assert vocabulary.n_distinct == sum(count > 0 for count in videos.values())
    encoded = vocabulary.encode(lists)
    assert encoded.sum(axis=0).tolist() == vocabulary.n_videos.tolist()
    assert [{vocabulary.tags[i] for i in np.flatnonzero(row)} for row in encoded] == [
        set(of_video) & wanted for of_video in lists
    ]


def test_tags_outside_the_vocabulary_are_counted():
    vocabulary = methods.build_vocabulary(TAGS, 15)
    assert vocabulary.tags == ("cats", "football", "pets")
    table = vocabulary.coverage({"train": TAGS, "test": [["cats", "yarn"], ["yarn"]]})
    assert table.loc["train"].tolist() == [40, 80, 60, 0]
    assert table.loc["test"].tolist() == [2, 3, 1, 1]


def test_suggestions_are_the_best_scored_the_frequent_first_of_equals():
    vocabulary = methods.build_vocabulary(TAGS, 1)
    scores = np.zeros((2, len(vocabulary.tags)))
    scores[1, vocabulary.tags.index("dogs")] = 1
    assert vocabulary.suggest(scores, 2) == [["cats", "football"], ["dogs", "cats"]]


def test_title_models_learn_and_choose_on_validation():
    vocabulary = methods.build_vocabulary(TAGS, 2)
    train, validation = (
        Videos(TITLES[:32], vocabulary.encode(TAGS[:32])),
        Videos(TITLES[32:], vocabulary.encode(TAGS[32:])),
    )
    new = Videos(["the kitten", "a goal"], vocabulary.encode([[], []]))
    models = methods.fit_all(train, validation)
    assert list(models) == [methods.FREQUENT, methods.NEAREST, methods.TITLE]
    for name in (methods.NEAREST, methods.TITLE):
        model = models[name]
        suggested = vocabulary.suggest(model.scores(new), 2)
        assert set(suggested[0]) == {"cats", "pets"}
        assert suggested[1][0] == "football"
        assert model.validation[model.chosen] == max(model.validation.values())
        again = mean_average_precision(validation.tags, model.scores(validation))
        assert again == pytest.approx(model.validation[model.chosen])
    frequent = vocabulary.suggest(models[methods.FREQUENT].scores(new), 3)
    assert frequent == [["cats", "football", "pets"]] * 2


def test_the_number_of_neighbours_is_at_most_that_of_videos():
    vocabulary = methods.build_vocabulary(TAGS, 1)
    few = Videos(TITLES[:7], vocabulary.encode(TAGS[:7]))
    assert set(methods.nearest(few, few).validation) == {5, 7}


def test_one_vs_rest_is_a_ridge_regression_for_each_tag():
    """Against scikit-learn's primal form, one tag at a time, the constant being one more feature."""
    vocabulary = methods.build_vocabulary(TAGS, 1)
    tags = vocabulary.encode(TAGS)
    videos = Videos(TITLES, tags)
    model = methods.from_titles(videos, videos)
    x = title_features().fit_transform(TITLES).toarray()
    x = np.hstack([x, np.ones((len(x), 1))])
    for column in range(tags.shape[1]):
        ridge = Ridge(alpha=model.chosen, fit_intercept=False).fit(x, tags[:, column].astype(float))
        np.testing.assert_allclose(model.scores(videos)[:, column], ridge.predict(x), atol=1e-6)


def test_a_missing_thumbnail_counts_as_an_average_one():
    rng = np.random.default_rng(0)
    vocabulary = methods.build_vocabulary(TAGS, 2)
    tags = vocabulary.encode(TAGS)
    features = 5 + 3 * rng.normal(0, 0.1, (40, 12))
    features[:, : tags.shape[1]] += 3 * tags
    features[-1] = np.nan
    videos = Videos(TITLES, tags, features)
    model = methods.from_thumbnails(videos, videos)
    assert max(model.validation.values()) > 0.9
    missing, mean = (
        Videos(TITLES[:1], tags[:1], row)
        for row in (features[-1:], np.nanmean(features, axis=0, keepdims=True))
    )
    np.testing.assert_allclose(model.scores(missing), model.scores(mean), atol=1e-6)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_the_weight_of_the_thumbnail_can_be_none_or_all(seed):
    rng = np.random.default_rng(seed)
    videos = Videos(["a"] * 9, rng.random((9, 6)) < 0.4)
    of_title, of_thumbnail = rng.random((2, 9, 6))
    title, thumbnail = Suggester(lambda _: of_title), Suggester(lambda _: of_thumbnail)
    both = methods.average(title, thumbnail, videos)
    assert both.validation[0.0] == mean_average_precision(videos.tags, of_title)
    assert both.validation[1.0] == mean_average_precision(videos.tags, of_thumbnail)
    assert len(both.validation) == len(methods.WEIGHTS)
    expected = (1 - both.chosen) * of_title + both.chosen * of_thumbnail
    np.testing.assert_array_equal(both.scores(videos), expected)


def parts_of(folder, build):
    """The parts of a tiny corpus of 84 videos, and the tags of each."""
    corpus = load(folder, build)
    part = np.repeat(["train", "validation", "test"], [56, 14, 14])
    videos = [Part(name, corpus, corpus.videos[part == name]) for name in Parts._fields]
    return Parts(*videos), pd.Series([["one", f"of {label}"] for label in corpus.videos["label"]])


def test_without_thumbnails_titles_are_read_alone(corpus_folder, tmp_path):
    parts, tags = parts_of(corpus_folder(84, thumbnails=False), tmp_path / "build")
    vocabulary = methods.build_vocabulary(tags[parts.train.rows], 3)
    train, validation, test = methods.inputs(parts, tags, vocabulary)
    assert [len(videos.titles) for videos in (train, validation, test)] == [56, 14, 14]
    assert train.thumbnails is None
    assert test.tags.sum(axis=1).tolist() == [2] * 14
    assert methods.THUMBNAIL not in methods.fit_all(train, validation)


def test_with_thumbnails_all_models_are_trained(corpus_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    folder = corpus_folder(84)
    with_one = [0, 1, 2, 60, 70]  # few, since features take time
    for row in set(range(84)).difference(with_one):
        (folder / "thumbnails" / f"video_{row:05d}.jpg").unlink()
    parts, tags = parts_of(folder, None)
    vocabulary = methods.build_vocabulary(tags[parts.train.rows], 3)
    train, validation, test = methods.inputs(parts, tags, vocabulary)
    assert (~np.isnan(train.thumbnails).any(axis=1)).nonzero()[0].tolist() == [0, 1, 2]
    assert np.isnan(test.thumbnails).all(axis=1).tolist() == [False] + [True] * 13
    models = methods.fit_all(train, validation)
    assert tuple(models) == methods.MODELS
    for model in models.values():
        assert np.isfinite(model.scores(test)).all()


def test_categories_are_predicted_from_title_tags_and_both(corpus_folder, tmp_path):
    parts, tags = parts_of(corpus_folder(84, thumbnails=False), tmp_path / "build")
    probabilities = methods.category_probabilities(parts, tags)
    assert list(probabilities) == ["Title", "Tags", "Title and tags"]
    for of_input in probabilities.values():
        assert of_input.shape == (14, N_CATEGORIES)
        assert of_input.sum(axis=1) == pytest.approx(1, abs=1e-4)
    # Each category has a tag of its own.
    assert (probabilities["Tags"].argmax(axis=1) == parts.test.labels).all()
