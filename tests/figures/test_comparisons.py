"""Figures of the reference runs: what the alternative text says is what is drawn."""

import re

import numpy as np
import pandas as pd

from ytcat.figures import blocks, forest, splits


def test_blocks_name_each_row_under_its_heading_and_draw_both_intervals():
    table = pd.DataFrame(
        {
            "block": ["From the title", "From the title", "From both"],
            "label": ["People", "Slides' model", "People"],
            "source": ["people", "slides", "people"],
            "value": [0.5, 0.51, 0.54],
            "low": [0.4, 0.48, 0.44],
            "high": [0.6, 0.54, 0.63],
            "outer_low": [0.37, np.nan, 0.40],
            "outer_high": [0.63, np.nan, 0.67],
            "hollow": [False, False, True],
        }
    )
    figure = blocks(table, reference=("always Entertainment", 0.296))
    assert "From the title, People: 50.0 [40.0, 60.0]" in figure.alt
    assert "From both, People: 54.0 [44.0, 63.0]" in figure.alt
    assert "'always Entertainment' is at 29.6%" in figure.alt
    narrower = blocks(table.assign(outer_low=np.nan, outer_high=np.nan))
    assert len(figure.light_svg) > len(narrower.light_svg)


def test_a_model_has_a_mark_for_each_split_that_it_has():
    table = pd.DataFrame(
        {
            "model": ["text", "best", "best"],
            "split": ["random", "random", "channel"],
            "value": [0.5, 0.7, 0.6],
            "low": [0.45, 0.65, 0.55],
            "high": [0.55, 0.75, 0.65],
        }
    )
    alternative = splits(table).alt
    assert "Chosen model (late fusion), new channels: 60.0 [55.0, 65.0]" in alternative
    assert "Text model, known channels (random split): 50.0 [45.0, 55.0]" in alternative
    assert alternative.count("[") == 3


def test_differences_carry_their_notes_and_a_hollow_mark_where_nothing_is_shown():
    table = pd.DataFrame(
        {
            "label": ["Does it gain?", "Does it lose?"],
            "value": [0.03, -0.01],
            "low": [0.02, -0.03],
            "high": [0.05, 0.01],
            "shown": [True, False],
            "note": ["p = 0.01", "p = 0.4"],
        }
    )
    figure = forest(table)
    assert "Does it gain?: +3.0 [+2.0, +5.0], p = 0.01" in figure.alt
    assert "Does it lose?: -1.0 [-3.0, +1.0], p = 0.4" in figure.alt
    fills = re.findall(rb"#cc79a7", figure.light_svg.lower())
    both_shown = re.findall(rb"#cc79a7", forest(table.assign(shown=True)).light_svg.lower())
    assert len(fills) != len(both_shown)
