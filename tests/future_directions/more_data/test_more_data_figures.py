"""Figures of learning curves and of sizes of experiments are valid, described and reproducible."""

import functools
import math
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

from ytcat.figures.style import DARK, LIGHT
from ytcat.future_directions.more_data import figures


def curve(views, sizes=(281, 562, 1125, 2250, 4500)):
    share = np.linspace(0.3, 0.6, len(sizes))
    return pd.concat(
        pd.DataFrame(
            {"view": view, "n_train": sizes, "value": share, "low": share - 0.03, "high": share + 0.03}
        )
        for view in views
    )


def forecast(value=0.65):
    n = [4500, 9000, 18_000, 45_000]
    return pd.DataFrame({"n_train": n, "value": value, "low": value - 0.1, "high": value + 0.1})


def trials(rows):
    marks = pd.DataFrame(rows, columns=["name", "source", "accuracy", "trials"])
    return figures.trials_by_accuracy(0.54, (1020, 10_200), marks)


CASES = {
    "one view": lambda: figures.accuracy_by_size(curve(["title"])),
    "one size": lambda: figures.accuracy_by_size(curve(["title", "both"], sizes=(14,))),
    "three views, extrapolated": lambda: figures.accuracy_by_size(
        curve(["title", "thumbnail", "both"]), {"title": forecast(), "both": forecast(0.7)}
    ),
    "widths": lambda: figures.interval_widths(0.54, {"people": 100, "slides": 1020, "this run": 42}),
    "widths, one video": lambda: figures.interval_widths(0.54, {"this run": 1}),
    "trials": lambda: trials([("title", "slides", 0.51, math.inf), ("both", "real videos", 0.45, 346.0)]),
    "trials, none": lambda: trials([]),
}


@functools.cache
def drawn(case):
    return CASES[case]()


@pytest.mark.parametrize("case", CASES)
def test_every_figure_is_described_and_valid(case):
    figure = drawn(case)
    assert len(figure.alt) > 20
    assert not re.search(r"\b(nan|inf)\b", figure.alt)
    for svg, theme in ((figure.light_svg, LIGHT), (figure.dark_svg, DARK)):
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        assert theme.background.encode() in svg
        assert b"<text" not in svg
        assert len(svg) < 150_000


@pytest.mark.parametrize("case", ["three views, extrapolated", "widths", "trials"])
def test_the_same_data_give_the_same_bytes(case):
    assert CASES[case]() == drawn(case)


def test_alternative_texts_carry_the_numbers():
    alt = drawn("three views, extrapolated").alt
    assert "Thumbnail: 30.0% with 281, 60.0% with 4,500." in alt
    assert "Extrapolated: Title: 65.0% with 4,500, 65.0% with 45,000; Thumbnail and title: 70.0%" in alt
    assert "slides: 1,020 give 6.1 points" in drawn("widths").alt
    assert "title at 51.0%: no number is enough; both at 45.0%: 346." in drawn("trials").alt
