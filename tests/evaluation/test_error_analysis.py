"""Errors and confidence of made answers whose figures are known."""

import numpy as np
import pandas as pd
import pytest

from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.evaluation import error_analysis, metrics

COMEDY, MUSIC, SPORT = (NAMES.index(name) for name in ("Comedy", "Music", "Sport"))
ENTERTAINMENT = NAMES.index("Entertainment")


def answers_of(*rows):
    """A table of answers of rows (truth, answer, confidence)."""
    truth, answer, confidence = map(np.array, zip(*rows, strict=True))
    return pd.DataFrame(
        {"truth": truth, "answer": answer, "confidence": confidence, "correct": truth == answer}
    )


def test_recall_and_its_interval_by_category():
    """Music: one channel always correct, one never. Sport: always. Comedy: one channel, one of two."""
    answers = answers_of(
        *[(MUSIC, MUSIC, 0.9)] * 2, *[(MUSIC, SPORT, 0.9)] * 2, *[(SPORT, SPORT, 0.9)] * 3,
        (COMEDY, COMEDY, 0.9), (COMEDY, MUSIC, 0.9),
    )  # fmt: skip
    channels = ["a", "a", "b", "b", "c", "d", "e", "f", "f"]
    table = error_analysis.recall_by_category(answers, channels).set_index("category")
    assert table.loc["Music", ["videos", "clusters"]].tolist() == [4, 2]
    assert table.loc["Music", ["value", "low", "high"]].tolist() == [0.5, 0, 1]  # both drawn from one channel
    assert table.loc["Sport", "value"] == table.loc["Sport", "high"] == 1
    assert table.loc["Sport", "low"] == pytest.approx(3 / (3 + 1.959964**2))  # Wilson, 3 of 3
    assert table.loc["Comedy", "value"] == 0.5
    assert table.loc["Comedy", "low"] < 0.1  # one channel says little
    assert table.loc["Gaming", "videos"] == 0
    assert table.loc["Gaming", ["value", "low", "high"]].isna().all()


def test_errors_within_a_group_of_categories():
    """Of four errors one is between Comedy and Entertainment."""
    answers = answers_of(
        *[(MUSIC, MUSIC, 0.9)] * 6, (COMEDY, ENTERTAINMENT, 0.5), (COMEDY, MUSIC, 0.5), (SPORT, MUSIC, 0.5),
        (SPORT, ENTERTAINMENT, 0.5),
    )  # fmt: skip
    found = error_analysis.share_of_errors(answers, ("Comedy", "Entertainment"), np.arange(10))
    assert found["value"] == 0.25
    assert 0 <= found["low"] < 0.25 < found["high"] <= 1
    # Two errors each of Comedy and Sport, two each to Entertainment and Music: four cells of equal weight.
    assert found["expected"] == pytest.approx(0.25)
    assert found["merged"] == pytest.approx(0.7)


def test_accuracy_rises_as_a_model_answers_only_where_it_is_sure():
    """Ten videos of ten channels: the four surest answers are correct, the others are not."""
    confidence = np.linspace(0.95, 0.5, 10)
    rows = [(MUSIC, MUSIC if place < 4 else SPORT, sure) for place, sure in enumerate(confidence)]
    shuffled = np.random.default_rng(0).permutation(10)
    answers = answers_of(*[rows[place] for place in shuffled])
    curve = error_analysis.accuracy_by_coverage(answers, np.arange(10))
    assert curve["coverage"].tolist() == pytest.approx(np.arange(1, 11) / 10)
    assert curve["value"].tolist() == pytest.approx([1, 1, 1, 1, 4 / 5, 4 / 6, 4 / 7, 4 / 8, 4 / 9, 0.4])
    assert curve["confidence"].tolist() == pytest.approx(confidence)
    assert ((curve["low"] <= curve["value"]) & (curve["value"] <= curve["high"])).all()
    assert curve["low"].iloc[-1] < 0.3 < 0.5 < curve["high"].iloc[-1]


def test_a_curve_whose_videos_are_of_few_channels_is_less_sure():
    rng = np.random.default_rng(1)
    correct = np.repeat(rng.random(20) < 0.6, 10)
    rows = [(MUSIC, MUSIC if c else SPORT, x) for c, x in zip(correct, rng.random(200), strict=True)]
    answers, channels = answers_of(*rows), np.repeat(np.arange(20), 10)
    width = {
        name: (curve["high"] - curve["low"]).iloc[-1]
        for name, curve in (
            ("videos", error_analysis.accuracy_by_coverage(answers, np.arange(200))),
            ("channels", error_analysis.accuracy_by_coverage(answers, channels)),
        )
    }
    assert width["channels"] > 2 * width["videos"]


def test_the_calibration_error_of_a_calibrated_model_is_that_of_chance():
    """One bin: the mean distance of a binomial share from its probability, sqrt(2 p (1 - p) / (pi n))."""
    for n in (100, 1_000):
        mean, high = error_analysis.calibrated_error(np.full(n, 0.5))
        assert mean == pytest.approx(np.sqrt(0.5 / (np.pi * n)), rel=0.08)
        assert high == pytest.approx(2.2414 * np.sqrt(0.25 / n), rel=0.1)  # 97.5 % of |normal|
    assert error_analysis.calibrated_error(np.ones(50)) == (0, 0)  # sure, and always correct


def test_a_calibrated_model_lies_within_what_is_expected_of_one():
    rng = np.random.default_rng(2)
    probabilities = rng.dirichlet(np.full(N_CATEGORIES, 0.3), 500)
    truth = np.array([rng.choice(N_CATEGORIES, p=row) for row in probabilities])
    mean, high = error_analysis.calibrated_error(probabilities.max(axis=1))
    assert 0.3 * mean < metrics.expected_calibration_error(truth, probabilities) < high
    wrong_half = np.where(rng.random(500) < 0.5, (truth + 1) % N_CATEGORIES, truth)
    assert metrics.expected_calibration_error(wrong_half, probabilities) > high
