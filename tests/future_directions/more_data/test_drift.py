"""Two corpora: no test video is learnt from, and what is known at home is not known abroad."""

import numpy as np
import pandas as pd
import pytest

from ytcat.evaluation.statistics import wilson
from ytcat.future_directions.more_data import drift
from ytcat.future_directions.more_data.drift import Side

CATEGORIES = [0, 2, 5, 9]


def side(name, words, n=240, seed=0, first_id=0, channels=None, times=True):
    """Each category has a word of its own, by `words`, and a quarter of the titles another's."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(CATEGORIES, size=n)
    said = np.where(rng.random(n) < 0.75, labels, rng.choice(CATEGORIES, size=n))
    videos = pd.DataFrame(
        {
            "video_id": [f"video{i + first_id:06d}" for i in range(n)],
            "title": [f"{words[word]} {rng.integers(40)}" for word in said],
            "channel_title": channels or [f"{name} {i // 3}" for i in range(n)],
            "label": labels,
            "publish_time": pd.to_datetime(["2020-05-01"] * n, utc=True) if times else pd.NaT,
        }
    )
    return Side(name, videos, np.repeat(["train", "validation", "test"], [n // 2, n // 4, n // 4]))


OLD = dict(zip(CATEGORIES, ("film", "music", "travel", "comedy"), strict=True))
NEW = dict(zip(CATEGORIES, ("cinema", "song", "journey", "prank"), strict=True))


def test_other_words_are_drift_and_both_corpora_cure_it():
    a, b = side("a", OLD, n=480), side("b", NEW, first_id=1000, seed=1)
    table = drift.both_ways(a, b, "random", strength=10.0, seed=0)
    assert table["test"].tolist() == ["a"] * 3 + ["b"] * 3
    assert table["train"].tolist() == ["a", "b", "a + b", "b", "a", "b + a"]
    assert table["n_train"].tolist() == [120, 120, 240] * 2  # as many of the larger as of the smaller
    assert table["n"].tolist() == [120] * 3 + [60] * 3
    assert (table["n_correct_top5"] >= table["n_correct"]).all()
    home, abroad, both = (table[table.index % 3 == k].reset_index() for k in range(3))
    assert (home["gain"] == 0).all() and (home["p"] == 1).all()
    assert (abroad["gain_high"] < -0.1).all() and (abroad["p"] < 0.01).all()
    assert (both["gain"] > -0.1).all()
    np.testing.assert_allclose(abroad["gain"], (abroad["n_correct"] - home["n_correct"]) / home["n"])


def test_the_same_words_are_no_drift():
    a, b = side("a", OLD), side("b", OLD, first_id=1000, seed=1)
    table = drift.compare(a, b, "random", strength=10.0, seed=0)
    assert table.loc[1, "gain_low"] <= 0 <= table.loc[1, "gain_high"]


def test_what_is_in_the_test_part_is_not_learnt_from():
    a = side("a", OLD)
    b = side("b", OLD, first_id=170)  # its first training videos are a's last, which are test
    test = a.part("test")
    same = set(b.part("train")["video_id"]) & set(test["video_id"])
    assert len(same) == 60
    kept = drift.foreign_training(a, b, "random")
    assert not set(kept["video_id"]) & set(test["video_id"])
    assert len(kept) == len(b.part("train")) - 60
    described = drift.describe(a, b)
    assert described.loc["a", "same_video"] == 60
    assert described.loc["a", ["train", "test", "first", "last"]].tolist() == [120, 60, "2020-05", "2020-05"]


def test_by_channel_no_channel_is_on_both_sides():
    a = side("a", OLD)
    b = side("b", OLD, first_id=1000, channels=[None, "a 79"] + [f"b {i}" for i in range(238)])
    b = b._replace(videos=b.videos.assign(channel_title=b.videos["channel_title"]))
    assert "a 79" in set(a.part("test")["channel_title"])
    assert len(drift.foreign_training(a, b, "random")) == 120
    kept = drift.foreign_training(a, b, "channel")
    assert "a 79" not in set(kept["channel_title"])
    assert len(kept) == 119  # a video without a channel shares none
    assert drift.describe(a, b).loc["a", "other_channel"] == 3


def test_channels_known_at_home_are_counted_too():
    a = side("a", OLD, channels=[f"a {i % 100}" for i in range(240)])  # 180 to 239 are test: a 80 to a 39
    described = drift.describe(a, side("b", NEW, first_id=1000))
    assert described.loc["a", ["own_channel", "other_channel"]].tolist() == [60, 0]
    assert described.loc["b", ["own_channel", "other_channel"]].tolist() == [0, 0]


def test_times_that_are_not_known_are_left_blank():
    a, b = side("a", OLD, times=False), side("b", NEW, first_id=1000)
    assert drift.describe(a, b).loc["a", ["first", "median", "last"]].tolist() == [""] * 3


def test_two_corpora_of_one_name_are_refused():
    with pytest.raises(ValueError, match="called a"):
        drift.both_ways(side("a", OLD), side("a", NEW), "random", strength=1.0, seed=0)


def test_runs_are_averaged_and_the_same_videos_do_not_count_twice():
    row = {
        "test": "a",
        "train": "b",
        "model": "tfidf",
        "n_train": 10,
        "n_correct": 30,
        "n_correct_top5": 60,
        "n": 100,
    }
    runs = pd.DataFrame([row | {"split": "random"}, row | {"split": "random", "n_correct": 50, "n": 60}])
    found = drift.summarize(runs, ("split",)).loc[("random", "a", "b")]
    assert (found["value"], found["n"], found["n_train"]) == (0.5, 80, 10)
    assert (found["low"], found["high"]) == pytest.approx(wilson(40, 80))
    assert drift.summarize(runs).index.tolist() == [("a", "b")]


def test_mix_distance_is_what_would_have_to_change():
    assert drift.mix_distance(np.array([0, 0, 1, 1]), np.array([0, 1])) == 0
    assert drift.mix_distance(np.array([0, 0, 1, 1]), np.array([0, 0, 0, 5])) == pytest.approx(0.5)
    assert drift.mix_distance(np.array([3]), np.array([4])) == 1
