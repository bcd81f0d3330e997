"""Measures of ranked tags equal scikit-learn's where it has them, and follow their definitions elsewhere."""

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
def test_measures_follow_their_definitions(case):
    tags, scores = case
    table = evaluation.by_video(tags, scores)
    for row, line in enumerate(table.itertuples()):
        order = sorted(range(tags.shape[1]), key=lambda column: (-scores[row, column], column))
        ranks = [rank for rank, column in enumerate(order, 1) if tags[row, column]]
        assert line.known == len(ranks)
        assert line.right_at_5 == sum(rank <= 5 for rank in ranks)
        assert line.precision == line.right_at_5 / 5
        assert line.found_at_10 == sum(rank <= 10 for rank in ranks)
        assert line.recall == (line.found_at_10 / len(ranks) if ranks else 0)
        expected = np.mean([(n + 1) / rank for n, rank in enumerate(ranks)]) if ranks else 0
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
    summary = evaluation.summary(evaluation.by_video(tags, np.array([[3, 2, 1], [3, 2, 1.0]])), seed=0)
    assert (summary["n"], summary["with_known"], summary["known"]) == (2, 1, 2)
    assert summary["right_at_5"] == summary["found_at_10"] == 2
    assert summary["precision"] == pytest.approx(0.2)
    assert summary["recall"] == pytest.approx(0.5)
    assert summary["average_precision"] == pytest.approx((1 + 2 / 3) / 2 / 2)
    assert summary["recall_low"] <= summary["recall"] <= summary["recall_high"]


@given(ranked(fewest=2))
@settings(deadline=None, max_examples=25)
def test_each_tag_and_each_hit_is_in_one_band(case):
    tags, scores = case
    frequency = np.resize([80, 50, 49, 20, 12, 10, 9, 5], tags.shape[1])
    bands = evaluation.by_frequency(tags, scores, frequency, seed=0)
    videos = evaluation.by_video(tags, scores)
    assert bands["tags"].sum() == tags.shape[1]
    assert bands["n_correct"].sum() == videos["right_at_5"].sum()
    assert bands["found_at_10"].sum() == videos["found_at_10"].sum()
    assert bands["relevant"].sum() == tags.sum()
    assert bands["suggested"].sum() == len(tags) * min(5, tags.shape[1])
    some = bands[bands["relevant"] > 0]
    np.testing.assert_allclose(some["recall"], some["found_at_10"] / some["relevant"])
    assert bands["recall"].isna().tolist() == (bands["relevant"] == 0).tolist()


def test_bands_begin_at_their_lower_limits_and_average_over_tags():
    rng = np.random.default_rng(1)
    tags, scores = rng.random((30, 6)) < 0.3, rng.random((30, 6))
    bands = evaluation.by_frequency(tags, scores, np.array([50, 49, 20, 19, 10, 9]), seed=0).set_index("band")
    assert bands["tags"].to_dict() == {"below 10": 1, "10–19": 2, "20–49": 2, "50 and more": 1}
    expected = average_precision_score(tags[:, 1:3], scores[:, 1:3], average="macro")
    assert bands.loc["20–49", "average_precision"] == pytest.approx(expected)


def test_repeated_tags_are_those_that_the_same_channel_used_before():
    videos = pd.DataFrame({"channel_title": ["a", "a", "b", "b", None, None, "c", "a"]})
    parts = np.array(["train", "test", "validation", "test", "train", "test", "test", "unused"])
    written = [["x", "y"], ["x", "z"], ["v"], ["v", "x"], ["x"], ["x"], ["x"], ["z"]]
    tags = pd.Series(written, index=videos.index)
    assert evaluation.repeated_by_channel(videos, parts, tags) == (2, 4)
    assert evaluation.repeated_by_channel(videos, parts, tags.drop([0, 2])) == (0, 0)


def tables_of(models, n=30):
    """A `by_video` table per model, and a channel for each of n videos."""
    rng = np.random.default_rng(2)
    tags = rng.random((n, 8)) < 0.3
    return {m: evaluation.by_video(tags, rng.random((n, 8)) + tags * m) for m in models}, np.arange(n) // 2


def test_gains_are_paired_and_pairs_without_a_model_are_left_out():
    tables, channels = tables_of([0.0, 1.0])
    gains = evaluation.gains(tables, [(1.0, 0.0), (2.0, 0.0), (0.0, 2.0)], 0, channels)
    assert list(gains) == ["1.0 - 0.0"]
    difference, low, high = gains["1.0 - 0.0"]
    means = [table["average_precision"].mean() for table in tables.values()]
    assert difference == pytest.approx(means[1] - means[0])
    assert 0 < low < difference < high


def test_known_and_new_channels_are_summarized_apart():
    tables, channels = tables_of([0.0])
    known = channels < 5
    table = evaluation.by_channel(tables, known, 0, channels)
    assert table[["model", "channel", "n"]].values.tolist() == [[0.0, "known", 10], [0.0, "new", 20]]
    assert table["precision"][0] == pytest.approx(tables[0.0][known]["precision"].mean())
    none_known = evaluation.by_channel(tables, channels < 0, 0, channels)
    assert none_known["channel"].tolist() == ["new"]


def test_categories_by_input_are_compared_with_the_title():
    y = np.arange(14)
    probabilities = {"Title": np.full((14, 14), 1 / 14), "Tags": np.eye(14)}
    table = evaluation.category_table(probabilities, y).set_index("inputs")
    assert table.loc["Tags", ["n_correct", "n_correct_top5", "n"]].tolist() == [14, 14, 14]
    assert table.loc["Title", "p_against_title"] == 1
    assert table.loc["Tags", "p_against_title"] < 0.001
    assert table.loc["Tags", "top1"] == 1


def test_reference_runs_are_averaged():
    runs = pd.DataFrame(
        {"corpus": "c", "split": ["random", "random", "time"], "model": "m", "top1": [1, 2, 5.0]}
    )
    means = evaluation.over_runs(runs, "model", ["top1"])
    assert means["top1"].to_dict() == {("c", "random", "m"): 1.5, ("c", "time", "m"): 5.0}
    assert evaluation.over_runs(pd.DataFrame(), "model", ["top1"]).empty


def test_ratios_are_of_sums_and_intervals_of_what_counts():
    ratio, low, high = bootstrap_ratio([1, 0, 2, 9], [2, 2, 4, 0], seed=0)
    assert ratio == pytest.approx(3 / 8)  # the 9 of nothing has no part in it
    assert low <= ratio <= high
    assert np.isnan(bootstrap_ratio([0, 0], [0, 0], seed=0)).all()
    assert np.isnan(bootstrap_ratio([1, 2], [2, 2], seed=0, clusters=["a", "a"])[1:]).all()


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="must both be"):
        evaluation.by_video(np.zeros((2, 3), bool), np.zeros((3, 2)))
