"""The figures of terms and mean heat maps: nothing missing, nothing drawn that is not there."""

import numpy as np
import pandas as pd

from ytcat import figures
from ytcat.categories import NAMES
from ytcat.figures.category_terms import BARS


def test_terms_are_drawn_for_each_category_with_their_spaces_visible():
    terms = [("Music", term, 3.0 - i / 10) for i, term in enumerate(["a b", " vs", *"cdefgh"])]
    table = pd.DataFrame([*terms, ("Sport", "$x$ <b>", 1.0)], columns=["category", "term", "weight"])
    figure = figures.category_terms(table)
    assert figure.alt == "The heaviest terms of each category. Music: a b, ␣vs, c; Sport: $x$ <b>."
    more = figures.category_terms(table.drop(index=[BARS, BARS + 1]))  # only those that are not shown
    assert more.light_svg == figure.light_svg and figure.light_svg != figure.dark_svg
    empty = figures.category_terms(table.iloc[:0])
    assert empty.alt.endswith("None.")


def test_heat_maps_are_drawn_for_the_categories_that_have_one():
    def grid(name, row, column):
        weights = np.zeros((4, 7))
        weights[row, column] = 1
        places = np.indices(weights.shape).reshape(2, -1)
        return pd.DataFrame({"category": name, "videos": 1234, "row": places[0], "column": places[1],
                             "weight": weights.ravel()})  # fmt: skip

    table = pd.concat([grid(NAMES[0], 0, 0), grid(NAMES[4], 3, 6)])
    figure = figures.mean_heat_maps(table)
    assert figure.alt == (
        f"Mean heat map of each category; most weight: {NAMES[0]} top left; {NAMES[4]} bottom right."
    )
    turned = figures.mean_heat_maps(pd.concat([grid(NAMES[0], 3, 6), grid(NAMES[4], 0, 0)]))
    assert turned.light_svg != figure.light_svg
    assert "no category" in figures.mean_heat_maps(table.iloc[:0]).alt
