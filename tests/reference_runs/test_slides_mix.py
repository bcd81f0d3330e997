"""Recorded models at the slides' class mix: on made predictions, and on the recorded ones."""

import numpy as np
import pytest

from made_runs import TRUTH, N, recorded, run
from ytcat import runs, slides
from ytcat.categories import IDS, N_CATEGORIES
from ytcat.reference_runs import key, read_all, slides_mix

MIX = slides.TEST_COUNTS / slides.N_TEST
REFERENCES = {reference.name: reference for reference in read_all()}


def test_recalls_are_weighted_by_the_slides_counts_over_all_seeds(tmp_path):
    entertainment = np.array(IDS)[TRUTH] == 24
    reference = recorded(tmp_path / "made", run("text", entertainment, 0), run("text", TRUTH >= 0, 1))
    share = MIX[IDS.index(24)]
    found = slides_mix.accuracy(reference, "text")
    assert found.value == pytest.approx((share + 1) / 2)  # the mean of both trainings
    assert found.covered == 1
    assert reference.results["text"]["top1"] == pytest.approx((1 / 14 + 1) / 2)


def test_folds_are_added_up_and_a_category_without_videos_is_left_out(tmp_path):
    halves = np.arange(N // 2), np.arange(N // 2, N)
    lacking = [rows[TRUTH[rows] != 2] for rows in halves]  # no Music
    reference = recorded(
        tmp_path / "made",
        *(run("text", TRUTH == 0, fold, fold, "channel", rows) for fold, rows in enumerate(lacking)),
    )
    found = slides_mix.accuracy(reference, "text", "channel")
    assert found.covered == pytest.approx(1 - MIX[2])
    assert found.value == pytest.approx(MIX[0] / (1 - MIX[2]))
    assert len(slides_mix.by_video(reference, "text", "channel")) == sum(map(len, lacking))


def test_probabilities_are_shifted_from_the_mix_of_the_videos_outside_the_test(tmp_path):
    """Once shifted, a model without a clue answers the slides' most frequent category that it learned."""
    test = np.arange(0, N, 2)  # labels 0, 2, 4, ...: the others are all that is learned from
    blank = run("text", TRUTH < 0, rows=test)
    blank[runs.PROBABILITY_COLUMNS] = np.float32(1 / N_CATEGORIES)
    others = run("text", TRUTH < 0, 0, 1, "channel", np.arange(1, N, 2))
    reference = recorded(tmp_path / "made", blank, others)
    videos = slides_mix.by_video(reference, "text", shift=True)
    odd = np.arange(1, N_CATEGORIES, 2)
    answer = odd[slides.TEST_COUNTS[odd].argmax()]
    assert (videos["correct"] == (videos["label"] == answer)).all()


KNOWN = [  # model, split, at the slides' mix, after shifting: recomputed by a reader of the report
    ("best", "random", 0.636, 0.658), ("best", "channel", 0.530, None),
    ("best_title", "channel", 0.511, None), ("thumbnail_kernel", "random", 0.439, None),
    ("thumbnail_kernel", "channel", 0.371, None), ("fusion", "random", 0.512, 0.540),
    ("fusion", "channel", 0.434, None), ("text", "random", 0.484, None), ("image", "random", 0.327, None),
    ("image", "channel", 0.302, None), ("tfidf", "random", 0.578, None),
]  # fmt: skip


@pytest.mark.parametrize("model, split, mixed, shifted", KNOWN)
def test_the_recorded_models_reach_at_the_slides_mix_what_another_reader_computed(
    model, split, mixed, shifted
):
    reference = REFERENCES["us-2020"]
    assert slides_mix.accuracy(reference, model, split).value == pytest.approx(mixed, abs=0.001)
    if shifted:
        assert slides_mix.accuracy(reference, model, split, shift=True).value == pytest.approx(
            shifted, abs=0.001
        )


def test_the_random_test_set_of_2017_has_the_slides_counts():
    reference = REFERENCES["us-2017"]
    videos = slides_mix.by_video(reference, "best_title")
    assert np.bincount(videos["label"], minlength=N_CATEGORIES).tolist() == slides.TEST_COUNTS.tolist()
    entry = reference.results[key("best_title", "random")]
    assert slides_mix.accuracy(reference, "best_title").value == pytest.approx(entry["top1"])
