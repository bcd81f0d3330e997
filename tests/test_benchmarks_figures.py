"""The figure of growth: valid, described, the same again."""

import functools
import xml.etree.ElementTree as ElementTree

import pandas as pd
import pytest

from ytcat.benchmarks import figures
from ytcat.figures.style import DARK, LIGHT


def table(stages, sizes=(1_000, 10_000, 100_000)):
    rows = [(stage, n, 0.001 * n, 0.2 + n * 1e-5) for stage in stages for n in sizes]
    return pd.DataFrame(rows, columns=["stage", "n", "seconds", "gigabytes"])


CASES = {
    "one stage": lambda: figures.growth(table(["Ingesting"])),
    "six stages": lambda: figures.growth(table([f"Stage {i}" for i in range(6)])),
    "one size": lambda: figures.growth(table(["Ingesting"], sizes=(1_000,))),
}


@functools.cache
def drawn(case):
    return CASES[case]()


@pytest.mark.parametrize("case", CASES)
def test_it_is_described_valid_and_the_same_again(case):
    figure = drawn(case)
    for svg, theme in ((figure.light_svg, LIGHT), (figure.dark_svg, DARK)):
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        assert theme.background.encode() in svg
        assert b"<text" not in svg
        assert len(svg) < 150_000
    assert CASES[case]() == figure


def test_the_alternative_text_carries_the_numbers():
    assert (
        "Ingesting: 1 s and 0.21 GB with 1,000 videos, 100 s and 1.20 GB with 100,000 videos."
        in drawn("one stage").alt
    )
