"""Measures of ranked tags are scikit-learn's where it has them, and count what they say."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, label_ranking_average_precision_score

from ytcat.evaluation.statistics import bootstrap_ratio
from ytcat.future_directions.tagging import metrics as evaluation


@st.composite
def ranked(draw, fewest=1):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.integers(fewest, 12)), draw(st.integers(1, 15))
    return rng.random(shape) < draw(st.floats(0, 1)), rng.integers(0, draw(st.integers(1, 50)), shape) / 7


@given(ranked())
@settings(deadline=None)
def test_measures_are_what_they_say(case):
    tags, scores = case
    table = evaluation.by_video(tags, scores)
    for row, line in enumerate(table.itertuples()):
        order = sorted(range(tags.shape[1]), key=lambda column: (-scores[row, column], column))
        true = [place for place, column in enumerate(order, 1) if tags[row, column]]
        assert line.known == len(true)
        assert line.right_at_5 == sum(place <= 5 for place in true)
        assert line.precision == line.right_at_5 / 5
        assert line.found_at_10 == sum(place <= 10 for place in true)
        assert line.recall == (line.found_at_10 / len(true) if true else 0)
        expected = np.mean([(n + 1) / place for n, place in enumerate(true)]) if true else 0
        assert line.average_precision == pytest.approx(expected)


@given(ranked())
@settings(deadline=None)
def test_the_mean_is_scikit_learns_where_a_tag_is_known(case):
    tags, scores = case
    some = tags.any(axis=1)
    if some.any():
        strict = -evaluation.ranks(scores)  # scikit-learn lets equal scores share the worst place
        expected = label_ranking_average_precision_score(tags[some], strict[some])
        mean = evaluation.mean_average_precision(tags, scores)
        assert mean == pytest.approx(expected * some.mean())


def test_a_video_without_a_known_tag_counts_as_nothing():
    tags = np.array([[True, False, True], [False, False, False]])
    kept = evaluation.summary(evaluation.by_video(tags, np.array([[3, 2, 1], [3, 2, 1.0]])), seed=0)
    assert (kept["n"], kept["with_known"], kept["known"]) == (2, 1, 2)
    assert kept["right_at_5"] == kept["found_at_10"] == 2
    assert kept["precision"] == pytest.approx(0.2)
    assert kept["recall"] == pytest.approx(0.5)
    assert kept["average_precision"] == pytest.approx((1 + 2 / 3) / 2 / 2)
    assert kept["recall_low"] <= kept["recall"] <= kept["recall_high"]


@given(ranked(fewest=2))
@settings(deadline=None, max_examples=25)
def test_bands_share_out_all_tags_and_all_hits(case):
    tags, scores = case
    frequency = np.resize([80, 50, 49, 20, 12, 10, 9, 5], tags.shape[1])
    bands = evaluation.by_frequency(tags, scores, frequency, seed=0)
    videos = evaluation.by_video(tags, scores)
    assert bands["tags"].sum() == tags.shape[1]
    assert bands["n_correct"].sum() == videos["right_at_5"].sum()
    assert bands["found"].sum() == videos["found_at_10"].sum()
    assert bands["given"].sum() == tags.sum()
    assert bands["suggested"].sum() == len(tags) * min(5, tags.shape[1])
    some = bands[bands["given"] > 0]
    np.testing.assert_allclose(some["recall"], some["found"] / some["given"])
    assert bands["recall"].isna().tolist() == (bands["given"] == 0).tolist()


def test_bands_begin_where_they_say_and_average_over_tags():
    rng = np.random.default_rng(1)
    tags, scores = rng.random((30, 6)) < 0.3, rng.random((30, 6))
    bands = evaluation.by_frequency(tags, scores, np.array([50, 49, 20, 19, 10, 9]), seed=0).set_index("band")
    assert bands["tags"].to_dict() == {"below 10": 1, "10–19": 2, "20–49": 2, "50 and more": 1}
    expected = average_precision_score(tags[:, 1:3], scores[:, 1:3], average="macro")
    assert bands.loc["20–49", "average_precision"] == pytest.approx(expected)


def test_repeated_tags_are_those_of_the_videos_own_channel():
    videos = pd.DataFrame({"channel_title": ["a", "a", "b", "b", None, None, "c", "a"]})
    parts = np.array(["train", "test", "validation", "test", "train", "test", "test", "unused"])
    written = [["x", "y"], ["x", "z"], ["v"], ["v", "x"], ["x"], ["x"], ["x"], ["z"]]
    tags = pd.Series(written, index=videos.index)
    assert evaluation.repeated_by_channel(videos, parts, tags) == (2, 4)
    assert evaluation.repeated_by_channel(videos, parts, tags.drop([0, 2])) == (0, 0)


def test_ratios_are_of_sums_and_intervals_of_what_counts():
    ratio, low, high = bootstrap_ratio([1, 0, 2, 9], [2, 2, 4, 0], seed=0)
    assert ratio == pytest.approx(3 / 8)  # the 9 of nothing has no part in it
    assert low <= ratio <= high
    assert np.isnan(bootstrap_ratio([0, 0], [0, 0], seed=0)).all()
    assert np.isnan(bootstrap_ratio([1, 2], [2, 2], seed=0, clusters=["a", "a"])[1:]).all()


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="must both be"):
        evaluation.by_video(np.zeros((2, 3), bool), np.zeros((3, 2)))
