"""What test videos share with the videos that models learn from."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytcat.corpus import load
from ytcat.corpus.splits import split
from ytcat.evaluation import leakage


def videos_of(*rows):
    """(videos, parts) of rows (part, channel, title)."""
    part, channel, title = zip(*rows, strict=True)
    return pd.DataFrame({"channel_title": channel, "title": title}), np.array(part)


def test_a_channel_is_known_from_training_and_validation():
    videos, parts = videos_of(
        ("train", "A", ""),
        ("validation", "B", ""),
        ("unused", "C", ""),
        ("train", None, ""),
        *[("test", channel, "") for channel in ("A", "B", "C", "D", None)],
    )
    assert leakage.shares_channel(videos, parts)[4:].tolist() == [True, True, False, False, False]


@pytest.mark.parametrize(
    "title, known",
    [
        ("Cooking with fire, Episode 12", True),  # the same
        ("COOKING WITH FIRE, EPISODE 12", True),
        ("Cooking with fire, Episode 13", True),
        ("Cooking with water and a long spoon tonight", False),
        ("A title of validation", True),
        ("A title that nobody uses", False),
        ("Жизнь других", False),
        # What it shares is all that is known of it, and still little of it.
        ("Жизнь других: тридцать лет одиночества (Official Video)", False),
        ("Hi", False),
        ("", False),
    ],
)
def test_near_identical_titles(title, known):
    videos, parts = videos_of(
        ("train", "A", "Cooking with fire, Episode 12"),
        ("train", "A", "Official Video"),
        ("train", "A", "Hi"),
        ("validation", "B", "A title of validation"),
        ("unused", "C", "A title that nobody uses"),
        ("test", "D", title),
    )
    assert leakage.near_identical_title(videos, parts).tolist() == [False] * 5 + [known]


short = st.text("ab ", max_size=8).map(lambda text: " ".join(text.split()))


@settings(deadline=None, max_examples=50)
@given(st.lists(short, min_size=1, max_size=6), st.lists(short, min_size=1, max_size=6))
def test_near_is_the_cosine_of_weighted_trigram_counts(learnt, test):
    learnt = [*learnt, "abc"]
    titles = learnt + test
    grams = [[t[i : i + 3] for i in range(len(t) - 2)] for t in titles]
    vocabulary = sorted({g for one in grams for g in one})
    counts = np.array([[one.count(g) for g in vocabulary] for one in grams], dtype=float)
    weights = counts * (np.log((1 + len(titles)) / (1 + (counts > 0).sum(axis=0))) + 1)
    length = np.linalg.norm(weights, axis=1, keepdims=True)
    unit = np.divide(weights, length, out=np.zeros_like(weights), where=length > 0)
    cosine = (unit[len(learnt) :] @ unit[: len(learnt)].T).max(axis=1)
    videos, parts = videos_of(*[("train", "A", t) for t in learnt], *[("test", "B", t) for t in test])
    found = leakage.near_identical_title(videos, parts)[len(learnt) :]
    clear = np.abs(cosine - leakage.NEAR_IDENTICAL) > 1e-9
    assert (found == (cosine >= leakage.NEAR_IDENTICAL))[clear].all()


def test_without_test_or_training_nothing_is_known():
    for part in ("train", "test", "unused"):
        videos, parts = videos_of((part, "A", "A title"), (part, "A", "A title"))
        assert not leakage.near_identical_title(videos, parts).any()


def test_right_answers_are_counted_by_what_is_known():
    videos, parts = videos_of(
        ("train", "A", "Cooking with fire, Episode 12"),
        ("test", "A", "Cooking with fire, Episode 13"),
        ("test", "A", "Another matter altogether"),
        ("test", "B", "Nothing of that sort"),
        ("test", "A", "Left out: it has no thumbnail"),
    )
    right = pd.Series([False, True, True], index=[3, 1, 2])  # in any order
    assert leakage.by_overlap(videos, parts, right) == {
        "known channel": {"n": 2, "n_correct": 2},
        "new channel": {"n": 1, "n_correct": 0},
        "known title": {"n": 1, "n_correct": 1},
        "new title": {"n": 2, "n_correct": 1},
    }
    without = leakage.by_overlap(videos.assign(channel_title=None), parts, right)
    assert set(without) == {"known title", "new title"}


def test_the_channel_split_leaves_no_channel_known():
    videos = load("demo").videos
    parts = split(videos, "channel")
    rows = np.flatnonzero(parts == "test")
    counts = leakage.by_overlap(videos, parts, pd.Series(rows % 2 == 0, index=rows))
    assert counts["known channel"] == {"n": 0, "n_correct": 0}
    for what in ("channel", "title"):
        parts_of = [counts[f"{state} {what}"] for state in ("known", "new")]
        assert sum(part["n"] for part in parts_of) == len(rows)
        assert sum(part["n_correct"] for part in parts_of) == (rows % 2 == 0).sum()


# ---- the channel alone, and the shares of categories

MUSIC, SPORT, COMEDY = 2, 4, 8  # labels


def test_a_channel_gets_its_most_frequent_category_and_a_new_one_that_of_all():
    channels = np.array(["a", "a", "a", "b", "b", "c", "a", "b", "c", "new"])
    labels = np.array([MUSIC, MUSIC, SPORT, COMEDY, MUSIC, MUSIC, SPORT, MUSIC, COMEDY, COMEDY])
    training = np.arange(10) < 6
    answers = leakage.channel_lookup(channels, labels, training)
    # b has one of each: Music is more frequent in all of training.
    assert answers[6:].tolist() == [MUSIC, MUSIC, MUSIC, MUSIC]
    answers = leakage.channel_lookup(channels, labels, np.arange(10) != 7)
    assert answers[[7, 9]].tolist() == [MUSIC, COMEDY]


def test_labels_of_test_videos_change_no_answer():
    channels = np.array([0, 0, 1, 1, 2])
    labels = np.array([MUSIC, SPORT, COMEDY, COMEDY, MUSIC])
    training = np.array([True, False, True, False, False])
    other = np.where(training, labels, SPORT)
    assert (
        leakage.channel_lookup(channels, labels, training).tolist()
        == leakage.channel_lookup(channels, other, training).tolist()
        == [MUSIC, MUSIC, COMEDY, COMEDY, MUSIC]
    )
    with pytest.raises(ValueError, match="at least one training video"):
        leakage.channel_lookup(channels, labels, np.zeros(5, bool))


def test_agreement_counts_videos_of_channels_with_two_or_more():
    """Channel a: three Music, one Sport. b: two Comedy. c: a single video, which says nothing."""
    channels = ["a"] * 4 + ["b"] * 2 + ["c"]
    labels = [MUSIC, MUSIC, MUSIC, SPORT, COMEDY, COMEDY, COMEDY]
    table = leakage.label_agreement(channels, labels).set_index("category")
    assert table.loc["All"].tolist() == pytest.approx([6, 5 / 6, (3 * 2 / 3 + 0 + 2) / 6])
    assert table.loc["Music"].tolist() == pytest.approx([3, 1, 2 / 3])
    assert table.loc["Sport"].tolist() == [1, 0, 0]
    assert table.loc["Comedy"].tolist() == [2, 1, 1]
    assert table.loc["Gaming", "videos"] == 0
    assert np.isnan(table.loc["Gaming", "as_most"])


def test_class_mixes_differ_by_the_share_that_would_have_to_change():
    assert leakage.mix_distance([2, 2], [1, 1]) == 0
    assert leakage.mix_distance([2, 2, 0], [3, 0, 1]) == pytest.approx(0.5)
    assert leakage.mix_distance([1, 0], [0, 7]) == 1
