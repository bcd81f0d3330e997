"""Titles become the words that GloVe 6B knows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ytcat.categories import NAMES
from ytcat.models.tokens import TITLE_WORDS, coverage, encode, split_words


def test_words_are_cut_as_in_glove():
    assert split_words("Don’t STOP: it's Adele's 25!") == [
        "do",
        "n't",
        "stop",
        "it",
        "'s",
        "adele",
        "'s",
        "25",
    ]


def test_unknown_words_are_passed_over_and_padding_stands_in_front():
    ids = encode(["the xqzzy cat", "", "cat " * 30], {"the": 1, "cat": 2})
    assert ids.shape == (3, TITLE_WORDS)
    assert ids.dtype == np.int32
    assert ids[0].tolist() == [0] * 18 + [1, 2]
    assert not ids[1].any()
    assert ids[2].tolist() == [2] * TITLE_WORDS


@given(st.text())
def test_any_title_gives_clean_words(title):
    assert all(word and word == word.lower().strip() and " " not in word for word in split_words(title))


def test_coverage_counts_words_a_category():
    table = coverage([["the", "xqzzy"], ["the"], []], [0, 0, 1], {"the": 1})
    assert table["category"].tolist() == list(NAMES)
    assert table.loc[0, ["words", "covered"]].tolist() == [3, 2 / 3]
    assert np.isnan(table.loc[1, "covered"])
