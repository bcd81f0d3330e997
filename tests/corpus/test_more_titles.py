"""Titles of other corpora: none of what the model is asked about, and none twice."""

from types import SimpleNamespace

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ytcat.corpus.more_titles import gather, may_be_learned

DAY = pd.Timestamp("2020-01-01", tz="UTC")
# A video: its number, which is its id, its channel or none, and its day or none.
VIDEOS = st.lists(
    st.tuples(st.integers(0, 30), st.none() | st.sampled_from("abcd"), st.none() | st.integers(0, 9)),
    min_size=1,
    unique_by=lambda video: video[0],
)


def videos(rows):
    return pd.DataFrame(
        {
            "video_id": [f"v{number}" for number, _, _ in rows],
            "title": [f"title {number}" for number, _, _ in rows],
            "label": [number % 14 for number, _, _ in rows],
            "channel_title": pd.array([channel for _, channel, _ in rows], dtype="string"),
            "publish_time": DAY + pd.to_timedelta([day for *_, day in rows], unit="D"),
        }
    )


@settings(deadline=None)
@given(VIDEOS, VIDEOS, st.lists(VIDEOS, max_size=3), st.sampled_from(["random", "channel", "time"]))
def test_no_held_out_video_no_video_twice_and_as_the_split_has_it(own, held_out, others, kind):
    own, held_out = videos(own), videos(held_out)
    corpora = [SimpleNamespace(name=f"c{i}", videos=videos(rows)) for i, rows in enumerate(others)]
    found = gather(corpora, own, held_out, kind)
    assert len(found.titles) == len(found.labels) == sum(found.corpora.values())
    assert list(found.corpora) == [corpus.name for corpus in corpora]
    ids = ["v" + title.split()[1] for title in found.titles]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & ({*own["video_id"], *held_out["video_id"]})
    assert [int(i[1:]) % 14 for i in ids] == found.labels.tolist()
    start = 0
    for corpus in corpora:
        end = start + found.corpora[corpus.name]
        chosen = corpus.videos.set_index("video_id").loc[ids[start:end]]
        if kind == "channel":
            assert not set(chosen["channel_title"].dropna()) & set(held_out["channel_title"].dropna())
        if kind == "time":
            assert (chosen["publish_time"] < held_out["publish_time"].min()).all()
        if kind == "random" and corpus is corpora[0]:  # nothing else is left out
            assert set(ids[start:end]) == set(corpus.videos["video_id"]) - {
                *own["video_id"],
                *held_out["video_id"],
            }
        start = end


def test_a_channel_without_a_name_is_no_channel_of_the_test():
    more, test = videos([(1, None, 1), (2, "a", 1), (3, "b", 1)]), videos([(4, None, 5), (5, "a", 5)])
    assert may_be_learned(more, test, "channel").tolist() == [True, False, True]
    assert may_be_learned(more, test, "random").all()
