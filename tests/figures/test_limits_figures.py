"""Figures of known and new channels are valid, described and reproducible."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

from ytcat import figures
from ytcat.categories import NAMES
from ytcat.figures.style import DARK, LIGHT


def recall(corpora):
    """A category has no test video on one split."""
    tables = []
    for corpus in corpora:
        for split, value in (("random", 0.6), ("channel", 0.4)):
            table = pd.DataFrame({"category": NAMES, "value": value, "low": value - 0.1, "high": value + 0.1})
            tables.append(table.assign(corpus=corpus, split=split))
    table = pd.concat(tables, ignore_index=True)
    table.loc[3, ["value", "low", "high"]] = np.nan
    return table


def coverage(corpora):
    share = np.arange(1, 11) / 10
    tables = [
        pd.DataFrame({"coverage": share, "value": value, "low": value - 0.1, "high": value + 0.1}).assign(
            corpus=corpus, split=split
        )
        for corpus in corpora
        for split, value in (("random", 0.8), ("channel", 0.7))
    ]
    return pd.concat(tables, ignore_index=True)


CASES = {
    "recall, two corpora": lambda: figures.recall_by_split(recall(["a", "b"])),
    "recall, one corpus": lambda: figures.recall_by_split(recall(["a"])),
    "coverage": lambda: figures.coverage(coverage(["a", "b"])),
}


@pytest.mark.parametrize("case", CASES)
def test_every_figure_is_described_valid_and_drawn_the_same_again(case):
    figure = CASES[case]()
    assert "nan" not in figure.alt
    drawings = figure.light_svg, figure.dark_svg, figure.light_upright, figure.dark_upright
    for svg, theme in zip(drawings, (LIGHT, DARK, LIGHT, DARK), strict=True):
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        assert theme.background.encode() in svg
    assert CASES[case]() == figure


def test_alternative_texts_carry_the_numbers():
    assert "a, new channels: 40.0%" in CASES["recall, one corpus"]().alt
    assert "b, known channels (random split): 80.0%" in CASES["coverage"]().alt
