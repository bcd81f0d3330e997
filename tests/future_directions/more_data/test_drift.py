"""Two corpora: no test video is trained on, and the words of one corpus do not help with the other's."""

import numpy as np
import pandas as pd
import pytest

from ytcat.corpus import load
from ytcat.corpus.splits import split
from ytcat.future_directions.more_data import drift
from ytcat.future_directions.more_data.drift import SplitCorpus

CATEGORIES = [0, 2, 5, 9]


def side(name, words, n=240, seed=0, first_id=0, channels=None, times=True):
    """Each category has a word of its own, by `words`, and a quarter of the titles another's."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(CATEGORIES, size=n)
    word_of = np.where(rng.random(n) < 0.75, labels, rng.choice(CATEGORIES, size=n))
    videos = pd.DataFrame(
        {
            "video_id": [f"video{i + first_id:06d}" for i in range(n)],
            "title": [f"{words[word]} {rng.integers(40)}" for word in word_of],
            "channel_title": channels or [f"{name} {i // 3}" for i in range(n)],
            "label": labels,
            "publish_time": pd.to_datetime(["2020-05-01"] * n, utc=True) if times else pd.NaT,
        }
    )
    return SplitCorpus(name, videos, np.repeat(["train", "validation", "test"], [n // 2, n // 4, n // 4]))


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
    own, foreign, both = (table[table.index % 3 == k].reset_index() for k in range(3))
    assert (own["gain"] == 0).all() and (own["p"] == 1).all()
    assert (foreign["gain_high"] < -0.1).all() and (foreign["p"] < 0.01).all()
    assert (both["gain"] > -0.1).all()
    np.testing.assert_allclose(foreign["gain"], (foreign["n_correct"] - own["n_correct"]) / own["n"])


def test_the_same_words_are_no_drift():
    a, b = side("a", OLD), side("b", OLD, first_id=1000, seed=1)
    table = drift.compare(a, b, "random", strength=10.0, seed=0)
    assert table.loc[1, "gain_low"] <= 0 <= table.loc[1, "gain_high"]


def test_a_test_video_of_one_corpus_is_no_training_video_of_the_other():
    a = side("a", OLD)
    b = side("b", OLD, first_id=170)  # its first training videos are a's last, which are test
    test = a.part("test")
    same = set(b.part("train")["video_id"]) & set(test["video_id"])
    assert len(same) == 60
    training = drift.foreign_training(a, b, "random")
    assert not set(training["video_id"]) & set(test["video_id"])
    assert len(training) == len(b.part("train")) - 60
    described = drift.describe(a, b)
    assert described.loc["a", "same_video"] == 60
    assert described.loc["a", ["train", "test", "first", "last"]].tolist() == [120, 60, "2020-05", "2020-05"]


def test_by_channel_no_channel_is_on_both_sides():
    a = side("a", OLD)
    b = side("b", OLD, first_id=1000, channels=[None, "a 79"] + [f"b {i}" for i in range(238)])
    b = b._replace(videos=b.videos.assign(channel_title=b.videos["channel_title"]))
    assert "a 79" in set(a.part("test")["channel_title"])
    assert len(drift.foreign_training(a, b, "random")) == 120
    training = drift.foreign_training(a, b, "channel")
    assert "a 79" not in set(training["channel_title"])
    assert len(training) == 119  # a video without a channel shares none
    assert drift.describe(a, b).loc["a", "other_channel"] == 3


def test_channels_of_the_own_training_videos_are_counted_too():
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


def test_intervals_draw_channels():
    """The same videos, as channels of three and as channels of thirty."""
    few = side("a", OLD, channels=[f"a {i // 30}" for i in range(240)])
    tables = [
        drift.compare(a, side("b", NEW, first_id=1000), "random", 10.0, 0) for a in (side("a", OLD), few)
    ]
    for table in tables:
        assert (table["value"] == table["n_correct"] / table["n"]).all()
        assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    assert tables[0]["low"].tolist() != tables[1]["low"].tolist()
    assert tables[0]["value"].tolist() == tables[1]["value"].tolist()


def test_a_corpus_is_split_as_chapters_split_it(corpus_folder, tmp_path):
    corpus = load(corpus_folder(84, thumbnails=False), build=tmp_path)
    a = drift.split_corpus(corpus, "random", fold=0, limit=0)
    assert a.name == corpus.name
    np.testing.assert_array_equal(a.parts, split(corpus.videos))
    limited = drift.split_corpus(corpus, "channel", fold=1, limit=42)
    np.testing.assert_array_equal(limited.parts, split(corpus.videos, "channel", fold=1, limit=42))
