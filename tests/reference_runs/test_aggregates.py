"""Counts of a corpus made by hand."""

import pandas as pd

from made import corpus
from ytcat.categories import NAMES
from ytcat.reference_runs import aggregates


def test_categories_are_counted_with_channels_and_covered_words():
    made = corpus(
        ["The song", "A qqzzxqy song", "???", "the goal"],
        [2, 2, 2, 4],
        ["a", "a", None, "b"],
    )
    table = aggregates.categories(made).set_index("category")
    assert table.index.tolist() == list(NAMES)
    # The title without a word is covered by nothing.
    assert table.loc["Music"].to_dict() == {
        "videos": 3, "channels": 1, "words": 5, "covered_words": 4, "covered_titles": 1,
    }  # fmt: skip
    assert table.loc["Sport"].tolist() == [1, 1, 2, 2, 1]
    assert table.drop(["Music", "Sport"]).sum().sum() == 0


def test_months_are_in_order_and_videos_without_a_date_are_left_out():
    times = ["2018-01-31T23:59:59Z", "2017-12-01T00:00:00Z", "2018-01-01T00:00:00Z", None]
    dated = corpus(list("abcd"), [0] * 4, None, publish_time=pd.to_datetime(pd.Series(times), utc=True))
    assert aggregates.months(dated).to_dict("list") == {"month": ["2017-12", "2018-01"], "videos": [1, 2]}
    no_times = pd.to_datetime(pd.Series([None] * 4), utc=True)
    assert aggregates.months(corpus(list("abcd"), [0] * 4, None, publish_time=no_times)) is None


def test_titles_are_counted_by_their_words():
    made = corpus(["Don't stop", "one two", "!", "one"], [0] * 4, None)
    assert aggregates.title_lengths(made).to_dict("list") == {"words": [0, 1, 2, 3], "videos": [1, 1, 1, 1]}


def test_coverage_is_a_share_of_words_and_of_titles(places):
    assert aggregates.coverage().empty
    for name, titles in (("one", ["the song", "qqzzxqy goal"]), ("two", ["a goal"])):
        made = corpus(titles, [2, 4][: len(titles)], None)
        (places / name).mkdir(parents=True)
        aggregates.categories(made).to_csv(places / name / aggregates.CATEGORIES, index=False)
    table = aggregates.coverage().set_index("corpus")
    assert table.loc["one"].tolist() == [2, 3 / 4, 1 / 2]
    assert table.loc["two"].tolist() == [1, 1, 1]
