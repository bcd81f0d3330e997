"""The arithmetic behind the audit of the slides, `notebooks/appendix/deck_audit.ipynb`."""

import math

import numpy as np
import pytest

from ytcat import slides
from ytcat.categories import NAMES
from ytcat.evaluation import deck_arithmetic as deck


def test_the_head_is_what_xceptions_gammas_and_betas_leave_of_the_trainable_parameters():
    head = (18_432 + 1) * 1024 + (1024 + 1) * 512 + (512 + 1) * 128 + (128 + 1) * 14
    assert deck.head_parameters() == head == 19_467_662
    assert head + deck.XCEPTION_GAMMAS_AND_BETAS == slides.IMAGE_NETWORK.trainable
    unfrozen = deck.XCEPTION_PARAMETERS - deck.XCEPTION_GAMMAS_AND_BETAS
    assert unfrozen == slides.IMAGE_NETWORK.non_trainable


def test_the_vocabularies_of_glove_are_those_that_the_slides_name():
    assert slides.TEXT_NETWORK.layer("embedding_5").parameters == (deck.GLOVE_6B_WORDS + 1) * 50
    assert round(deck.GLOVE_TWITTER_WORDS * 50 / 1e6, 1) == 59.7
    assert round(deck.GLOVE_TWITTER_WORDS, -5) == slides.EMBEDDING_WORDS


@pytest.mark.parametrize(
    ("pixels", "side"),
    [(71, 3), (90, 3), (96, 3), (102, 3), (103, 4), (120, 4), (134, 4), (135, 5), (299, 10)],
)
def test_output_side(pixels, side):
    assert deck.xception_output_side(pixels) == side


def test_output_side_counts_the_places_of_every_window():
    for pixels in range(71, 330):
        side = len(range(0, pixels - 2, 2))  # 3 x 3, stride 2, inside the image
        side = len(range(0, side - 2))
        for _ in range(4):
            side = math.ceil(side / 2)
        assert deck.xception_output_side(pixels) == side


def test_output_side_refuses_what_keras_refuses():
    with pytest.raises(ValueError, match="at least 71"):
        deck.xception_output_side(70)


def test_count_printed_as():
    assert deck.count_printed_as(0.3039, 1020) == 310
    assert deck.count_printed_as(0.4530, 1020) is None
    for k in range(1021):
        assert deck.count_printed_as(round(k / 1020, 4), 1020) == k


def test_counts_printed_as_percent():
    assert deck.counts_printed_as_percent(0.54, 50) == (27,)
    assert deck.counts_printed_as_percent(0.30, 33) == (10,)
    assert deck.counts_printed_as_percent(0.50, 33) == ()  # 16/33 prints as 48, 17/33 as 52
    assert deck.counts_printed_as_percent(0.12, 8) == (1,)  # 12.5
    assert deck.counts_printed_as_percent(0.13, 8) == (1,)
    for n in range(1, 120):
        for percent in range(101):
            counts = deck.counts_printed_as_percent(percent / 100, n)
            assert {k for k in range(n + 1) if f"{100 * k / n:.0f}" == str(percent)} <= set(counts)


def test_one_number_of_trials_for_all_three_printed_figures():
    shares = slides.HUMAN_ACCURACY.values()
    possible = deck.possible_trials(shares, 100)
    assert possible[:6] == (46, 50, 54, 56, 70, 74)
    assert 100 in possible
    assert not {32, 33, 34} & set(possible)  # a third of about 100 each
    # But thirds of slightly different sizes are possible: 10 of 33, 17 of 34, 19 of 35.
    thirds = zip(shares, (33, 34, 35), strict=True)
    assert [deck.counts_printed_as_percent(share, n) for share, n in thirds] == [(10,), (17,), (19,)]


def test_never_answered_and_never_recognized():
    matrix = np.zeros((14, 14), dtype=int)
    matrix[:, 9] = 1
    others = tuple(name for name in NAMES if name != "Entertainment")
    assert deck.never_answered(matrix) == deck.never_recognized(matrix) == others
    assert deck.never_answered(np.eye(14, dtype=int)) == deck.never_recognized(np.eye(14, dtype=int)) == ()
