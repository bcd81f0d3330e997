"""Learning curves: nested subsets, one test, settings chosen once."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytcat.categories import N_CATEGORIES
from ytcat.corpus import load
from ytcat.corpus.splits import split
from ytcat.future_directions.more_data import learning_curves
from ytcat.models import baselines
from ytcat.runs import Part, Parts

VIEWS = ("title", "thumbnail", "both")
some_labels = st.lists(st.integers(0, N_CATEGORIES - 1), min_size=1, max_size=120).map(np.array)


@given(st.integers(1, 10_000), st.integers(0, 8))
def test_sizes_halve_up_to_all(n_train, halvings):
    sizes = learning_curves.sizes(n_train, halvings)
    assert sizes[-1] == n_train
    assert all(small == large // 2 for small, large in pairwise(sizes))
    assert all(size >= N_CATEGORIES for size in sizes[:-1])
    assert len(sizes) <= halvings + 1


@settings(deadline=None)
@given(some_labels, st.data(), st.integers(0, 5), st.integers(0, 5))
def test_subsets_are_nested_and_keep_the_shares(labels, data, seed, repeat):
    large = data.draw(st.integers(1, len(labels)))
    small = data.draw(st.integers(1, large))
    inner, outer = (learning_curves.subset(labels, size, seed, repeat) for size in (small, large))
    assert len(inner) == small and len(outer) == large
    assert len(set(outer)) == large
    assert set(inner) <= set(outer)
    counts = np.bincount(labels, minlength=N_CATEGORIES)
    got = np.bincount(labels[outer], minlength=N_CATEGORIES)
    assert (np.abs(got - counts * large / len(labels)) <= N_CATEGORIES / 2).all()
    np.testing.assert_array_equal(outer, learning_curves.subset(labels, large, seed, repeat))


def test_another_repeat_draws_other_videos():
    labels = np.arange(400) % N_CATEGORIES
    a, b = (set(learning_curves.subset(labels, 200, 0, repeat)) for repeat in (0, 1))
    assert 60 < len(a & b) < 140


def test_late_fusion_is_the_product_of_two_views():
    title = np.array([[0.5, 0.4, 0.1], [1.0, 0.0, 0.0]])
    thumbnail = np.array([[0.2, 0.6, 0.2], [1.0, 0.0, 0.0]])
    fused = learning_curves.fused
    np.testing.assert_allclose(fused(title, thumbnail, 1)[0], np.array([10, 24, 2]) / 36, rtol=1e-6)
    np.testing.assert_allclose(fused(title, thumbnail, 0), title, rtol=1e-6, atol=1e-30)
    np.testing.assert_allclose(fused(title, thumbnail, 0.5).sum(axis=1), 1, rtol=1e-6)


@pytest.fixture(scope="module")
def problem():
    """480 videos of four categories: a word that mostly tells, and features that tell the rest."""
    rng = np.random.default_rng(0)
    labels = rng.choice([0, 2, 5, 9], size=480)
    words = np.where(rng.random(480) < 0.7, labels, rng.choice([0, 2, 5, 9], size=480))
    titles = np.array([f"word{word} thing{rng.integers(50)}" for word in words], dtype=object)
    features = np.eye(N_CATEGORIES)[labels] + rng.normal(0, 0.6, (480, N_CATEGORIES))
    place = np.repeat(["train", "validation", "test"], [280, 80, 120])
    views = {
        "title": (baselines.tfidf, (1.0, 10.0), titles),
        "thumbnail": (baselines.linear_probe, (1e-2, 1e-1), features),
    }
    views = {
        name: learning_curves.ViewInputs(
            fit, strengths, *(x[place == p] for p in ("train", "validation", "test"))
        )
        for name, (fit, strengths, x) in views.items()
    }
    return views, {p: labels[place == p] for p in ("train", "validation", "test")}


@pytest.fixture(scope="module")
def trained(problem):
    return learning_curves.curves(*problem, sizes=[35, 140, 280], repeats=2, seed=3)


def test_every_model_is_there_once_and_the_largest_size_has_one_repeat(trained):
    models, chosen = trained
    expected = {
        (size, repeat) for size, repeats in ((35, 2), (140, 2), (280, 1)) for repeat in range(repeats)
    }
    for view in VIEWS:
        assert {(m.n_train, m.repeat) for m in models if m.view == view} == expected
    assert len(models) == 3 * len(expected)
    assert chosen["title"] in (1.0, 10.0)
    assert chosen["thumbnail"] in (1e-2, 1e-1)
    assert chosen["both"] in learning_curves.WEIGHTS


def test_settings_are_those_of_the_whole_training_set(problem, trained):
    views, labels = problem
    title = views["title"]
    whole = baselines.tfidf(
        (title.train, labels["train"]), (title.validation, labels["validation"]), (1.0, 10.0)
    )
    assert trained[1]["title"] == whole.strength
    correct = learning_curves.correct_by_size(trained[0])["title"][280]
    answers = baselines.predict(whole.classifier, title.test).argmax(axis=1)
    np.testing.assert_array_equal(correct, [answers == labels["test"]])


def test_more_videos_and_both_views_help(trained):
    correct = learning_curves.correct_by_size(trained[0])
    assert correct["thumbnail"][280].mean() > correct["thumbnail"][35].mean()
    for view in ("title", "thumbnail"):
        assert correct["both"][280].mean() > correct[view][280].mean()


def test_the_table_counts_correct_answers(trained):
    table = learning_curves.table(trained[0])
    assert list(table["view"].unique()) == list(VIEWS)
    assert set(zip(table["n_train"], table["halvings"], strict=True)) == {(35, 3), (140, 1), (280, 0)}
    assert (table["n"] == 120).all()
    assert (table["n_correct"] <= table["n_correct_top5"]).all()
    for view in VIEWS:
        correct = learning_curves.correct_by_size(trained[0])[view]
        assert list(correct) == [35, 140, 280]
        counted = table[table["view"] == view].groupby("n_train")["n_correct"].apply(list).to_dict()
        assert {n: of_size.sum(axis=1).tolist() for n, of_size in correct.items()} == counted


def test_accuracies_by_size_are_means_with_intervals_that_draw_channels():
    """Two models on 50 videos, one on 100; ten test videos of five channels, each wholly right or wrong."""
    by_channel = np.repeat([True, True, True, False, False], 2)
    correct = {50: np.array([by_channel, ~by_channel | by_channel]), 100: np.array([by_channel])}
    half, whole = learning_curves.by_size(correct, np.repeat(np.arange(5), 2)).itertuples()
    assert (half.n_train, half.models, half.value) == (50, 2, pytest.approx(0.8))
    assert half.sd == pytest.approx(0.4 / np.sqrt(2))
    assert (whole.n_train, whole.models, whole.value) == (100, 1, pytest.approx(0.6))
    assert np.isnan(whole.sd)
    alone = learning_curves.by_size(correct, np.arange(10)).iloc[1]
    assert whole.high - whole.low > alone["high"] - alone["low"]


def test_correct_answers_are_recorded_per_test_video(trained):
    rows = np.arange(1000, 1120)
    table = learning_curves.per_video(trained[0], rows)
    models = ["halved 3, repeat 0", "halved 3, repeat 1", "halved 1, repeat 0", "halved 1, repeat 1"]
    assert list(table.columns) == ["view", "row", *models, "halved 0, repeat 0"]
    assert len(table) == 3 * 120
    title = table[table["view"] == "title"]
    assert title["row"].tolist() == rows.tolist()
    correct = learning_curves.correct_by_size(trained[0])["title"]
    np.testing.assert_array_equal(title[models[2:]].to_numpy(dtype=bool).T, correct[140])


def test_a_title_alone_and_too_few_videos_for_every_category(problem):
    views, labels = problem
    models, chosen = learning_curves.curves({"title": views["title"]}, labels, [14], repeats=1, seed=0)
    assert {m.view for m in models} == {"title"}
    assert set(chosen) == {"title"}
    assert sorted({m.n_train for m in models}) == [14, 280]  # all are always among the sizes


def test_the_last_doubling_is_of_mean_accuracies(trained):
    correct = learning_curves.correct_by_size(trained[0])["both"]
    gain, low, high = learning_curves.last_doubling(correct, np.arange(120), seed=0)
    assert gain == pytest.approx(correct[280].mean() - correct[140].mean())
    assert low <= gain <= high


def test_inputs_are_those_of_the_parts(corpus_folder, tmp_path):
    corpus = load(corpus_folder(84, thumbnails=False), build=tmp_path)
    parts = split(corpus.videos)
    parts = Parts(*(Part(name, corpus, corpus.videos[parts == name]) for name in Parts._fields))
    views = learning_curves.inputs_by_view(parts)
    assert list(views) == ["title"]
    title = views["title"]
    assert [title.train.tolist(), title.validation.tolist(), title.test.tolist()] == [p.titles for p in parts]
