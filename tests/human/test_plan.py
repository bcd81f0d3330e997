"""The plan: test videos only, each once, views balanced, half of it common to all."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulated import corpus_of
from ytcat.human.plan import TRIALS_PER_BLOCK, plan
from ytcat.views import VIEWS

CORPUS = corpus_of(200)
PART = np.where(np.arange(200) % 2 == 0, "test", "train")  # 100 test videos
people = st.text("abcp0123456789-", min_size=1, max_size=20)


@settings(deadline=None)
@given(people, st.integers(0, 2**32), st.integers(0, 200))
def test_each_test_video_once_and_views_in_balance(participant, seed, n_test):
    part = np.where(np.arange(200) < n_test, "test", "validation")
    trials = plan(CORPUS, part, participant, seed)
    rows = [trial.row for trial in trials]
    assert len(set(rows)) == len(rows)
    assert set(rows) <= set(range(n_test))
    assert n_test - 5 < len(rows) + 1 and len(rows) <= n_test
    assert [CORPUS.videos["video_id"][row] for row in rows] == [trial.video_id for trial in trials]
    for start in range(0, len(trials), 3):
        assert sorted(t.view for t in trials[start : start + 3]) == sorted(VIEWS.values())


@settings(deadline=None)
@given(people, people, st.integers(0, 1000))
def test_half_of_every_block_is_the_same_for_all_in_the_same_view(one, other, seed):
    a, b = plan(CORPUS, PART, one, seed), plan(CORPUS, PART, other, seed)
    assert plan(CORPUS, PART, one, seed) == a
    for start in range(0, len(a), TRIALS_PER_BLOCK):
        block = slice(start, start + TRIALS_PER_BLOCK)
        assert len(set(a[block]) & set(b[block])) >= len(a[block]) // 2
    if one != other:
        assert a != b


def test_the_other_half_and_the_order_are_each_person_s_own():
    a, b = (plan(CORPUS, PART, code, 0) for code in ("p1", "p2"))
    shared = [trial for trial in a if trial in set(b)]
    assert len(shared) < len(a)
    assert shared != [trial for trial in b if trial in set(a)]
    assert plan(CORPUS, PART, "p1", 1) != a


def test_without_thumbnails_only_titles_are_shown():
    trials = plan(corpus_of(200, thumbnails=False), PART, "p1", 0)
    assert Counter(trial.view.key for trial in trials) == {"title": 100}


def test_where_some_videos_have_none_only_those_with_a_thumbnail_are_shown():
    has = np.arange(200) % 4 != 0
    trials = plan(corpus_of(200, thumbnails=has), PART, "p1", 0)
    assert {trial.row % 4 for trial in trials} == {2}
    assert {trial.view for trial in trials} == set(VIEWS.values())


def test_a_corpus_with_hardly_any_test_videos_gives_no_trials():
    assert plan(CORPUS, np.full(200, "train"), "p1", 0) == []
