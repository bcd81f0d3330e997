"""A confusion matrix whose cells open: a click shows the videos that are counted there."""

from pathlib import Path

import anywidget
import ipywidgets
import pandas as pd
import traitlets

from ytcat.categories import NAMES
from ytcat.corpus import Corpus
from ytcat.evaluation import metrics
from ytcat.explore.browser import FILTERS, Browser


class Matrix(anywidget.AnyWidget):
    """A confusion matrix of buttons; `cell` is the one clicked last, as (truth, answer) labels."""

    _esm = Path(__file__).with_name("confusion.js")
    _css = Path(__file__).with_name("explore.css")

    categories = traitlets.List(list(NAMES)).tag(sync=True)
    counts = traitlets.List().tag(sync=True)  # (14, 14), rows are the truth
    cell = traitlets.List([]).tag(sync=True)


def confusion(corpus: Corpus, answers: pd.DataFrame) -> ipywidgets.VBox:
    """The matrix of a model's answers, and below it a browser of the videos in the cell that is clicked.

    `answers` as `ytcat.runs.answers` gives them.
    """
    matrix = Matrix(counts=metrics.confusion(answers["truth"], answers["answer"]).tolist())
    browser = Browser(corpus, answers)

    def open_cell(change: dict[str, list[int]]) -> None:
        truth, answer = change["new"]
        browser.filters = FILTERS | {"truth": truth, "answer": answer, "order": "surest"}

    matrix.observe(open_cell, "cell")
    return ipywidgets.VBox([matrix, browser]).add_class("ytcat-confusion")
