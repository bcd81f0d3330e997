"""The figures of tagging, with usual data and with missing values and names that could be markup."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

from ytcat.figures.style import DARK, LIGHT
from ytcat.future_directions.tagging import figures, metrics
from ytcat.future_directions.tagging.methods import MODELS

NASTY = "$x$ \\frac <script>alert('1')</script> \"q\" --> & "
NAN = float("nan")


def tag_table(models, low=0.2):
    line = {m + end: low + n / 10 for m in metrics.MEASURES for n, end in enumerate(("_low", "", "_high"))}
    return pd.DataFrame([{"model": model} | line for model in models])


def tag_bands(models, recall):
    bands = ["below 10", "10–19", "20–49"]
    limits = {"recall_low": np.array(recall) - 0.1, "recall_high": np.array(recall) + 0.1}
    return pd.concat(pd.DataFrame({"model": m, "band": bands, "recall": recall, **limits}) for m in models)


def categories():
    probabilities = {name: np.eye(14)[np.arange(14) // k] for name, k in (("Title", 2), ("Tags", 1))}
    return metrics.category_table(probabilities, np.arange(14))


CASES = {
    "tag scores": lambda: figures.tag_scores(tag_table(MODELS)),
    "tag scores, one": lambda: figures.tag_scores(tag_table([NASTY], low=0.0)),
    "tag recall": lambda: figures.tag_recall(tag_bands(MODELS, [0.1, 0.3, 0.6])),
    "tag recall, nan": lambda: figures.tag_recall(tag_bands([NASTY, "b"], [NAN, NAN, 0.5])),
    "categories": lambda: figures.category_accuracies(categories()),
}


@pytest.mark.parametrize("case", CASES)
def test_every_figure_is_described_valid_and_the_same_again(case):
    figure = CASES[case]()
    assert len(figure.alt) > 20
    assert not re.search(r"\bnan\b", figure.alt)
    for svg, theme in ((figure.light_svg, LIGHT), (figure.dark_svg, DARK)):
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        assert theme.background.encode() in svg
        assert b"<text" not in svg  # drawn as paths
        assert len(svg) < 150_000
    assert CASES[case]() == figure


def test_alternative_texts_carry_the_numbers():
    assert f"{MODELS[0]}: precision@5 30.0%, recall@10 30.0%" in CASES["tag scores"]().alt
    assert f"{MODELS[0]}: below 10 10.0%, 10–19 30.0%" in CASES["tag recall"]().alt
    assert "Tags, top-1" in CASES["categories"]().alt


def test_suggestions_that_the_video_has_are_marked_and_long_lists_are_cut():
    assert figures.example_lines(["a", "b"], ["b", "c"]) == ["Given: a, b", "Suggested: ✓ b, c"]
    assert figures.example_lines(list("abcdefghij"), []) == [
        "Given: a, b, c, d, e, f, g, h and 2 more",
        "Suggested: ",
    ]
