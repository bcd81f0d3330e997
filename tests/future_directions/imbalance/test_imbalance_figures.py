"""The figures of class imbalance, with usual data and with very few videos."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

from ytcat.categories import NAMES
from ytcat.figures.style import DARK, LIGHT
from ytcat.future_directions.imbalance import figures, metrics
from ytcat.future_directions.imbalance.methods import METHODS, PLAIN, UNCORRECTED, Correction

PATHS = pd.DataFrame(
    [(PLAIN, 0.0, 0.60, 0.45, 0.40)]
    + [
        (m, s, 0.60 - s / 40 - k / 99, 0.45 + s / 20, 0.40 + s / 9)
        for k, m in enumerate(METHODS)
        for s in (0.5, 1.0)
    ],
    columns=["method", "strength", *metrics.MEASURES],
)
CHOSEN = dict.fromkeys(METHODS, 0.5) | {"Focal loss": 0.0}


def predictions(n):
    """Of the plain model and three methods for n videos, and the true labels."""
    rng = np.random.default_rng(0)
    y = rng.choice(14, n, p=np.arange(1, 15) / 105)
    plain = {UNCORRECTED: np.where(rng.random(n) < 0.6, y, 13)}
    return plain | {Correction(m, 0.5): np.where(rng.random(n) < 0.6, y, 2) for m in METHODS[:3]}, y


def shares(n):
    return metrics.with_shares(metrics.category_table(*predictions(n)))


def differences(n):
    predicted, y = predictions(n)
    table = metrics.compare(predicted, CHOSEN, y, np.arange(n), seed=0)
    return figures.differences(table[table["method"] != PLAIN])


CASES = {
    "paths": lambda: figures.trade_off(PATHS, CHOSEN, 0.01),
    "paths, one point": lambda: figures.trade_off(PATHS[:2], CHOSEN, 0.0),
    "differences": lambda: differences(300),
    "differences, few videos": lambda: differences(2),
    "categories": lambda: figures.category_shares(shares(500), NAMES),
    "categories, few videos": lambda: figures.category_shares(shares(4), NAMES),
    "categories, one model": lambda: figures.category_shares(shares(50)[:14], NAMES),
}


@pytest.mark.parametrize("case", CASES)
def test_every_figure_is_described_valid_and_the_same_again(case):
    figure = CASES[case]()
    assert len(figure.alt) > 20
    assert not re.search(r"\bnan\b", figure.alt)
    for svg, theme in ((figure.light_svg, LIGHT), (figure.dark_svg, DARK)):
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        assert theme.background.encode() in svg
        assert len(svg) < 200_000
    assert CASES[case]() == figure


def test_all_methods_have_a_style_of_their_own():
    assert set(figures.STYLES) == {PLAIN, *METHODS}
    assert len(set(figures.STYLES.values())) == len(figures.STYLES)


def test_alternative_texts_carry_the_numbers():
    alt = CASES["paths"]().alt
    assert "Plain model: top-1 60.0%, macro F1 45.0%, balanced accuracy 40.0%" in alt
    assert "Focal loss at the chosen strength 0: top-1 60.0%" in alt
    assert "Balanced weights at the chosen strength 0.5: top-1 58.8%, macro F1 47.5%" in alt
    assert "Over-sampling, Macro F1: " in CASES["differences"]().alt
    assert f"rarest, {NAMES[2]}: Plain" in figures.category_shares(shares(500), [*NAMES[3:], *NAMES[:3]]).alt
