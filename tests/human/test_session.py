"""The way through the experiment: answers, skips, undos, breaks, and two windows at once."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulated import corpus_of, session, sit
from ytcat.human import store
from ytcat.human.events import OutOfTurn
from ytcat.human.plan import TRIALS_PER_BLOCK, plan


def test_a_break_comes_after_each_block_and_hides_nothing_done(corpus, part):
    sitting = session(corpus, part, "p1", 2 * TRIALS_PER_BLOCK)
    for number in range(1, TRIALS_PER_BLOCK + 1):
        assert sitting.phase == "trial"
        sitting.answer(number, 24, 100)
    assert (sitting.phase, sitting.done, sitting.total) == ("break", TRIALS_PER_BLOCK, 2 * TRIALS_PER_BLOCK)
    sitting.resume()
    assert sitting.phase == "trial"
    sitting.pause()
    assert sitting.phase == "break"
    sitting.undo()  # also during a break
    assert (sitting.phase, sitting.number) == ("trial", TRIALS_PER_BLOCK)


def test_undo_shows_the_same_video_in_the_same_view_again(corpus, part):
    sitting = sit(corpus, part, "p1", 2)
    third = sitting.current
    sitting.skip(3, 100)
    sitting.undo()
    assert sitting.current == third
    sitting.undo()
    sitting.undo()
    assert sitting.current == plan(corpus, part, "p1", 0)[0]
    with pytest.raises(OutOfTurn, match="nothing to undo"):
        sitting.undo()


def test_the_end_is_reached_and_can_be_undone_until_the_results_are_seen(corpus, part):
    sitting = session(corpus, part, "p1", 2)
    sitting.answer(1, 24, 100)
    sitting.answer(2, 24, 100)
    assert (sitting.phase, sitting.current) == ("end", None)
    sitting.undo()
    sitting.answer(2, 10, 100)
    sitting.finish()
    assert sitting.phase == "results"
    for step in (sitting.undo, sitting.finish, lambda: sitting.answer(3, 24, 1)):
        with pytest.raises(OutOfTurn):
            step()
    assert session(corpus, part, "p1", 60).phase == "results"


def test_a_longer_experiment_goes_on_where_the_shorter_ended(corpus, part):
    sit(corpus, part, "p1", 30)
    assert session(corpus, part, "p1", 30).phase == "end"
    longer = session(corpus, part, "p1", 60)
    assert (longer.phase, longer.current) == ("trial", plan(corpus, part, "p1", 0)[30])


def test_of_two_windows_the_slower_is_told_and_catches_up(corpus, part):
    one, other = (session(corpus, part, "p1") for _ in range(2))
    one.answer(1, 24, 100)
    with pytest.raises(OutOfTurn):
        other.answer(1, 10, 100)
    assert other.number == 2
    other.answer(2, 10, 100)
    with pytest.raises(OutOfTurn):
        one.undo()  # it would be another window's answer
    assert one.number == 3
    answers = store.read(corpus, store.path_of(corpus, "p1")).answers
    assert [answer.answer for answer in answers] == [24, 10]


def test_a_late_answer_to_a_trial_that_is_over_is_not_taken_for_the_next(corpus, part):
    sitting = session(corpus, part, "p1")
    sitting.answer(1, 24, 100)
    with pytest.raises(OutOfTurn, match="Trial 1 has its answer"):
        sitting.answer(1, 24, 100)
    assert sitting.number == 2


@given(st.lists(st.sampled_from(["answer", "skip", "undo", "pause", "resume", "reopen"]), max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
def test_whatever_is_done_the_disk_knows_it(tmp_path_factory, steps):
    """Against a plain list; after each step a new session stands where the old one does."""
    corpus, part = corpus_of(30), np.full(30, "test")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YTCAT_BUILD", str(tmp_path_factory.mktemp("build")))
        sitting, expected = session(corpus, part, "p1"), []
        for step in steps:
            if step == "reopen":
                sitting = session(corpus, part, "p1")
            elif step in ("answer", "skip") and sitting.phase == "trial":
                expected.append((sitting.current, 24 if step == "answer" else None))
                given_ = {"category_id": 24} if step == "answer" else {}
                getattr(sitting, step)(sitting.number, **given_, response_ms=1)
            elif step == "undo" and expected:
                assert sitting.done == len(expected)
                trial, _ = expected.pop()
                sitting.undo()
                assert sitting.current == trial
            elif step in ("pause", "resume"):
                getattr(sitting, step)()
        table = store.trials(corpus)
        assert table["video_id"].tolist() == [trial.video_id for trial, _ in expected]
        assert table["condition"].tolist() == [trial.view.slides_model for trial, _ in expected]
        assert [None if skipped else 24 for skipped in table["skipped"]] == [a for _, a in expected]
        assert session(corpus, part, "p1").current == sitting.current
