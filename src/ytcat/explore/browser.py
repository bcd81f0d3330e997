"""A browser of a corpus's videos: filters, a page of results, thumbnails sent when they come into view.

All videos stay in Python. The page in the browser gets `PER_PAGE` videos at a time as text, and asks for the
thumbnails of those that a reader scrolls to.
"""

from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import pandas as pd
import traitlets

from ytcat.categories import NAMES
from ytcat.corpus import Corpus
from ytcat.corpus.thumbnails import as_shown

PER_PAGE = 24
ANY = -1  # category: no filter
# What a reader can choose. `least` and `most` bound the confidence, 0..1; `first` is the place of the first
# video on the page among those that pass.
FILTERS = {
    "text": "",
    "channel": "",
    "truth": ANY,
    "answer": ANY,
    "correct": "any",
    "least": 0.0,
    "most": 1.0,
    "order": "corpus",
    "first": 0,
}
CORRECT = {"any": None, "right": True, "wrong": False}
ORDERS = {"corpus": None, "surest": False, "least sure": True}  # whether the confidence rises


class Browser(anywidget.AnyWidget):
    """The videos of a corpus, or those that a model has answered, by whatever filters the reader sets."""

    _esm = Path(__file__).with_name("browser.js")
    _css = Path(__file__).with_name("explore.css")

    categories = traitlets.List(list(NAMES)).tag(sync=True)
    filters = traitlets.Dict(dict(FILTERS)).tag(sync=True)
    page = traitlets.Dict().tag(sync=True)

    def __init__(self, corpus: Corpus, answers: pd.DataFrame | None = None) -> None:
        """`answers`: one row per answered video, by row of the corpus, as `ytcat.runs.answers` gives them.

        With `answers` only these videos are shown, each with the answer and its confidence.
        """
        super().__init__()
        self._corpus = corpus
        videos = corpus.videos if answers is None else corpus.videos.loc[answers.index]
        self._titles = videos["title"].str.casefold()
        self._channels = videos["channel_title"].fillna("").str.casefold()
        self._truths = videos["label"].to_numpy()
        self._answers = answers
        self._show()
        self.observe(lambda _: self._show(), "filters")
        self.on_msg(self._on_message)

    def matching(self) -> np.ndarray:
        """Row numbers in the corpus of the videos that pass the filters, (m,) int, in the order chosen."""
        chosen = FILTERS | self.filters
        passes = np.ones(len(self._titles), bool)
        for words, column in ((chosen["text"], self._titles), (chosen["channel"], self._channels)):
            if words := words.strip().casefold():
                passes &= column.str.contains(words, regex=False).to_numpy(bool)
        if chosen["truth"] != ANY:
            passes &= self._truths == chosen["truth"]
        rows = self._titles.index.to_numpy()
        if self._answers is None:
            return rows[passes]
        confidence = self._answers["confidence"].to_numpy()
        passes &= (confidence >= chosen["least"]) & (confidence <= chosen["most"])
        if chosen["answer"] != ANY:
            passes &= self._answers["answer"].to_numpy() == chosen["answer"]
        if (correct := CORRECT[chosen["correct"]]) is not None:
            passes &= self._answers["correct"].to_numpy() == correct
        places = np.flatnonzero(passes)
        if (rising := ORDERS[chosen["order"]]) is not None:
            keys = confidence[places] if rising else -confidence[places]
            places = places[np.argsort(keys, kind="stable")]
        return rows[places]

    def _show(self) -> None:
        rows = self.matching()
        first = max(0, min(int(self.filters.get("first", 0)), len(rows) - 1)) // PER_PAGE * PER_PAGE
        self.page = {
            "n": len(rows),
            "of": len(self._titles),
            "first": first,
            "per_page": PER_PAGE,
            "answered": self._answers is not None,
            "videos": [self._video(row) for row in rows[first : first + PER_PAGE].tolist()],
        }

    def _video(self, row: int) -> dict[str, Any]:
        video = self._corpus.videos.loc[row]
        shown = {
            "row": row,
            "title": video["title"],
            "channel": video["channel_title"] if pd.notna(video["channel_title"]) else "",
            "truth": int(video["label"]),
            "thumbnail": bool(video["has_thumbnail"]),
        }
        if self._answers is not None:
            answer = self._answers.loc[row]
            shown |= {"answer": int(answer["answer"]), "confidence": float(answer["confidence"])}
        return shown

    def thumbnails(self, rows: list[int]) -> tuple[list[int], list[bytes]]:
        """Those of `rows` that are on the page and have a thumbnail, and their JPEG or PNG files."""
        on_page = {video["row"] for video in self.page["videos"] if video["thumbnail"]}
        rows = [row for row in rows if row in on_page]
        return rows, [as_shown(picture) for picture in self._corpus.thumbnail_bytes(rows)]

    def _on_message(self, _: anywidget.AnyWidget, message: dict[str, Any], __: list[bytes]) -> None:
        """Send the thumbnails of the videos that the reader has scrolled to."""
        rows, pictures = self.thumbnails(message["rows"])
        self.send({"rows": rows}, pictures)


def browse(corpus: Corpus, answers: pd.DataFrame | None = None) -> Browser:
    """Leaf through a corpus; with `answers` of a model, through the videos that it has answered."""
    return Browser(corpus, answers)
