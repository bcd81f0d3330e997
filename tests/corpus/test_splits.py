import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytcat.categories import N_CATEGORIES, NAMES, labels
from ytcat.corpus import load
from ytcat.corpus.splits import allocate, channel_codes, cross_validation, missing_column, split, split_table
from ytcat.exceptions import YtcatError
from ytcat.slides import TEST_COUNTS

# Videos a category of a corpus like the slides' (Kaggle's has these very proportions); 6,300 in all.
LARGE = (320, 70, 800, 140, 450, 60, 100, 490, 540, 1620, 500, 590, 245, 375)


def make_videos(counts=LARGE, seed=0, per_channel=3):
    rng = np.random.default_rng(seed)
    label = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    n = len(label)
    return pd.DataFrame(
        {
            "video_id": [f"video_{i:05d}" for i in range(n)],
            "label": label,
            "channel_title": [f"channel {i}" for i in rng.integers(1 + n // per_channel, size=n)],
            "publish_time": pd.Timestamp("2020-01-01", tz="UTC")
            + pd.to_timedelta(rng.integers(10**7, size=n), "s"),
        }
    )


def sizes(parts):
    return {part: int((parts == part).sum()) for part in ("train", "validation", "test", "unused")}


def test_a_column_is_missing_if_no_video_has_it():
    videos = make_videos().assign(publish_time=pd.NaT).drop(columns="channel_title")
    found = {kind: missing_column(videos, kind) for kind in ("random", "channel", "time")}
    assert found == {"random": None, "channel": "channel_title", "time": "publish_time"}
    assert {missing_column(make_videos(), kind) for kind in found} == {None}


def test_large_corpus_gets_the_slides_sizes_and_balance():
    videos = make_videos()
    parts = split(videos)
    assert sizes(parts) == {"train": 4500, "validation": 500, "test": 1020, "unused": len(videos) - 6020}
    table = split_table(videos, parts)
    np.testing.assert_array_equal(table["test"], TEST_COUNTS)
    trained = table["train"] + table["validation"]
    np.testing.assert_allclose(trained / 5000, (LARGE - TEST_COUNTS) / (sum(LARGE) - 1020), atol=0.0005)
    np.testing.assert_allclose(table["validation"], trained / 10, atol=1)


def test_a_category_too_small_for_the_slides_number_gives_half_and_others_make_up_for_it():
    counts = np.array(LARGE)
    counts[6] = 20  # gaming, of which the slides have 38 in the test set
    test = split_table(make_videos(counts), split(make_videos(counts)))["test"].to_numpy()
    assert test[6] == 10
    assert test.sum() == 1020
    others = np.arange(N_CATEGORIES) != 6
    np.testing.assert_allclose(test[others], TEST_COUNTS[others] * 1010 / 982, atol=1)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(0, 40), min_size=N_CATEGORIES, max_size=N_CATEGORIES).filter(any),
    st.integers(0, 2**32),
)
def test_small_corpus_is_scaled_down_the_test_set_first(counts, seed):
    videos = make_videos(counts)
    table = split_table(videos, split(videos, seed=seed))
    at_least = sum(count >= 3 for count in counts)
    assert table["unused"].sum() == 0
    assert table["test"].sum() == max(len(videos) // 5, at_least)
    for count, (train, validation, test, _) in zip(counts, table.to_numpy(), strict=True):
        assert (test >= 1) == (count >= 3) or count == 2
        assert (validation >= 1) >= (train + validation >= 2)
        assert (train >= 1) == (count >= 1)


def test_test_set_is_never_larger_than_the_slides():
    assert sizes(split(make_videos(np.array(LARGE) * 19 // 20)))["test"] == 1020


@pytest.mark.parametrize("kind", ["random", "channel", "time"])
def test_same_seed_same_split_whatever_the_other_columns(kind):
    videos = make_videos(np.array(LARGE) // 10)
    other = videos.assign(extra=1)[["extra", *reversed(videos.columns)]].set_index(videos.index + 7)
    np.testing.assert_array_equal(split(videos, kind, seed=3), split(other, kind, seed=3))


def test_the_earlier_name_of_a_split_is_an_alias():
    videos = make_videos()
    np.testing.assert_array_equal(split(videos, "slides", seed=3), split(videos, "random", seed=3))


@pytest.mark.parametrize("kind", ["random", "channel"])
def test_other_seed_other_split(kind):
    videos = make_videos(np.array(LARGE) // 10)
    assert (split(videos, kind, seed=1) != split(videos, kind, seed=2)).any()


def test_no_channel_is_in_two_parts_and_every_video_is_test_once():
    videos = make_videos(np.array(LARGE) // 5)
    tested = np.zeros(len(videos), dtype=int)
    for fold in range(5):
        parts = split(videos, "channel", fold=fold)
        assert (videos.groupby("channel_title")["label"].size() > 1).any()
        assert pd.Series(parts).groupby(videos["channel_title"]).nunique().max() == 1
        share = pd.Series(parts).value_counts(normalize=True)
        assert share["test"] == pytest.approx(0.2, abs=0.02)
        assert share["validation"] == pytest.approx(0.08, abs=0.02)
        tested += parts == "test"
    np.testing.assert_array_equal(tested, 1)


def test_videos_without_a_channel_are_channels_of_their_own():
    videos = make_videos(np.array(LARGE) // 10)
    videos.loc[videos.index % 2 == 0, "channel_title"] = None
    parts = pd.Series(split(videos, "channel"))
    assert parts[videos["channel_title"].isna()].nunique() == 3
    assert parts[videos["channel_title"].notna()].groupby(videos["channel_title"]).nunique().max() == 1


def test_time_split_tests_on_the_newest():
    videos = make_videos()
    parts = split(videos, "time")
    assert sizes(parts) == {"train": 4752, "validation": 528, "test": 1020, "unused": 0}
    time = videos["publish_time"].groupby(parts)
    assert time.max()["train"] <= time.min()["validation"]
    assert time.max()["validation"] <= time.min()["test"]


def test_time_split_leaves_out_videos_without_a_time():
    videos = make_videos(np.array(LARGE) // 10)
    videos.loc[videos.index < 100, "publish_time"] = pd.NaT
    parts = split(videos, "time")
    np.testing.assert_array_equal(parts == "unused", videos.index < 100)
    assert sizes(parts)["test"] == (len(videos) - 100) // 5


@pytest.mark.parametrize("kind", ["random", "channel", "time"])
@pytest.mark.parametrize("limit", [60, 300])
def test_limit_is_the_number_of_videos_used(kind, limit):
    videos = make_videos()
    parts = split(videos, kind, limit=limit)
    assert (parts != "unused").sum() == limit
    assert videos["label"][parts != "unused"].nunique() == N_CATEGORIES


def test_a_limit_above_the_corpus_changes_nothing():
    videos = make_videos(np.array(LARGE) // 10)
    np.testing.assert_array_equal(split(videos, limit=10**6), split(videos))


@pytest.mark.parametrize(
    ("kind", "column"), [("random", "label"), ("channel", "channel_title"), ("time", "publish_time")]
)
def test_a_missing_column_is_named(kind, column):
    videos = make_videos(np.array(LARGE) // 10)
    with pytest.raises(YtcatError, match=f"'{kind}' needs {column}.*Choose another split"):
        split(videos.drop(columns=column), kind)
    with pytest.raises(YtcatError, match=f"'{kind}' needs {column}"):
        split(videos.assign(**{column: None}), kind)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "date"}, "no split 'date'. Choose one of random, channel, time"),
        ({"kind": "channel", "fold": 5}, "fold = 5"),
        ({"kind": "random", "fold": 1}, "fold = 1"),
        ({"limit": 0}, "limit = 0"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(YtcatError, match=message):
        split(make_videos(np.array(LARGE) // 10), **arguments)


def test_too_few_channels():
    videos = make_videos([10] * N_CATEGORIES).assign(channel_title="the only one")
    with pytest.raises(YtcatError, match="140 videos of 1 channels are too few"):
        split(videos, "channel")


def test_split_table_has_all_categories_and_parts():
    videos = pd.DataFrame({"label": labels([24, 24, 10])})
    table = split_table(videos, np.array(["train", "test", "train"]))
    assert list(table.index) == list(NAMES)
    assert list(table.columns) == ["train", "validation", "test", "unused"]
    assert table.loc["Entertainment"].tolist() == [1, 0, 1, 0]
    assert table.to_numpy().sum() == 3


@settings(deadline=None)
@given(st.integers(0, 200), st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=1, max_size=14))
def test_allocation_is_exact_and_within_bounds(total, rows):
    weights, low, room = np.array(rows).T
    most = low + room
    got = allocate(total, weights, low, most)
    assert ((low <= got) & (got <= most)).all()
    assert got.sum() == np.clip(total, low.sum(), most.sum())


@settings(deadline=None)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=14), st.integers(1, 5))
def test_allocation_of_a_multiple_is_proportional(weights, factor):
    weights = np.array(weights)
    got = allocate(factor * weights.sum(), weights, 0 * weights, 10 * weights)
    np.testing.assert_array_equal(got, factor * weights)


def test_us_2017_has_the_slides_test_set(shared, tmp_path):
    videos = load(shared / "data" / "us-2017", tmp_path).videos
    parts = split(videos)
    assert sizes(parts) == {"train": 4500, "validation": 500, "test": 1020, "unused": 243}
    np.testing.assert_array_equal(split_table(videos, parts)["test"], TEST_COUNTS)
    parts = split(videos, "channel", fold=2)
    assert pd.Series(parts).groupby(videos["channel_title"]).nunique().max() == 1


# ---- folds to choose with


@pytest.mark.parametrize("kind", ["random", "channel", "time"])
def test_folds_hold_every_video_once_and_a_share_of_each_category(kind):
    videos = make_videos()
    folds = cross_validation(videos, kind, 5)
    assert set(folds) == set(range(5))
    shares = pd.crosstab(videos["label"], folds, normalize="index").to_numpy()
    tolerance = 0.02 if kind != "channel" else 0.15
    np.testing.assert_allclose(shares, 0.2, atol=tolerance)
    np.testing.assert_array_equal(folds, cross_validation(videos, kind, 5))
    assert (folds != cross_validation(videos, kind, 5, seed=1)).any()
    if kind == "channel":
        assert (videos.assign(fold=folds).groupby("channel_title")["fold"].nunique() == 1).all()


def test_rare_categories_do_not_stop_the_folds():
    videos = make_videos([1, 2, 30, 30])
    for kind in ("random", "channel"):
        assert len(set(cross_validation(videos, kind, 3))) == 3


@pytest.mark.parametrize("kind", ["random", "channel"])
def test_a_small_corpus_has_fewer_folds_to_choose_with(kind):
    assert len(set(cross_validation(make_videos([3] * 14), kind, 5))) == 3
    with pytest.raises(YtcatError, match="14 videos are too few for cross-validation"):
        cross_validation(make_videos([1] * 14), kind, 5)


def test_a_video_without_a_channel_is_one_of_its_own():
    codes = channel_codes(pd.DataFrame({"channel_title": ["a", None, "b", None, "a"]}))
    assert codes[0] == codes[4]
    assert len(set(codes)) == 4
