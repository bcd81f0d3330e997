"""The figures of the chapter on tags, with usual data and with what few videos leave of them."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

from ytcat.figures.style import DARK, LIGHT
from ytcat.future_directions.tagging import figures
from ytcat.future_directions.tagging.methods import MODELS
from ytcat.future_directions.tagging.metrics import MEASURES

NASTY = "$x$ \\frac <script>alert('1')</script> \"q\" --> & "
NAN = float("nan")


def scores(models, low=0.2):
    line = {m + end: low + n / 10 for m in MEASURES for n, end in enumerate(("_low", "", "_high"))}
    return pd.DataFrame([{"model": model} | line for model in models])


def bands(models, recall):
    names = ["below 10", "10–19", "20–49"]
    limits = {"recall_low": np.array(recall) - 0.1, "recall_high": np.array(recall) + 0.1}
    return pd.concat(pd.DataFrame({"model": m, "band": names, "recall": recall, **limits}) for m in models)


CASES = {
    "scores": lambda: figures.tag_scores(scores(MODELS)),
    "scores, one": lambda: figures.tag_scores(scores([NASTY], low=0.0)),
    "recall": lambda: figures.tag_recall(bands(MODELS, [0.1, 0.3, 0.6])),
    "recall, nan": lambda: figures.tag_recall(bands([NASTY, "b"], [NAN, NAN, 0.5])),
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
