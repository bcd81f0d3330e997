"""The experiment as a Jupyter widget: what the browser shows, and what a click or a key does.

All state is in `Session` and on disk. The browser gets one screen at a time, never the true category, and
sends what the person did; a reloaded page or a new kernel continues from the state on disk.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import pandas as pd
import traitlets

from ytcat import slides
from ytcat.categories import CATEGORIES
from ytcat.corpus import Corpus
from ytcat.corpus.thumbnails import as_shown
from ytcat.exceptions import YtcatError
from ytcat.human import analysis
from ytcat.human.plan import TRIALS_PER_BLOCK, plan, views_of
from ytcat.human.session import Session
from ytcat.human.store import Log, table
from ytcat.views import view_of


class Experiment(anywidget.AnyWidget):
    """The experiment on a corpus's test videos, for one person at a time."""

    _esm = Path(__file__).with_name("widget.js")
    _css = Path(__file__).with_name("widget.css")

    categories = traitlets.List([[c.id, c.name] for c in CATEGORIES]).tag(sync=True)
    screen = traitlets.Dict().tag(sync=True)
    alone = traitlets.Bool(False).tag(sync=True)  # a page of its own, with no notebook around it

    def __init__(
        self,
        corpus: Corpus,
        part: np.ndarray,
        split: str = "random",
        fold: int = 0,
        limit: int = 0,
        seed: int = 0,
        length: int = 60,
        participant: str = "",
        models: Mapping[str, pd.Series] | None = None,
        alone: bool = False,
    ) -> None:
        """`part` (n,) str is the split given by `split`, `fold` and `limit`; `seed` is the plan's.

        `length` is the number of trials. With a `participant` code the sitting begins or continues at once;
        without one the widget asks for it. The results show the person beside `models`, which are as for
        `ytcat.human.analysis.against_models`. `alone` says that no notebook is around the widget.
        """
        super().__init__(alone=alone)
        self._corpus, self._part, self._length = corpus, part, length
        self._models = models or {}
        self._plan = {"split": split, "fold": fold, "limit": limit, "seed": seed}
        self._session: Session | None = None
        self._turn = 0
        self.on_msg(self._on_message)
        if participant:
            self._start(participant)
        self._show()

    def _on_message(self, _: anywidget.AnyWidget, message: dict[str, Any], __: list[bytes]) -> None:
        arguments = dict(message)
        session = self._session
        actions: dict[str, Callable[..., None]] = {"start": self._start}
        if session:
            actions |= {
                "answer": session.answer,
                "skip": session.skip,
                "undo": session.undo,
                "pause": session.pause,
                "resume": session.resume,
                "finish": session.finish,
            }
        try:
            actions[arguments.pop("do")](**arguments)
            notice = ""
        except (YtcatError, OSError) as error:
            notice = str(error)
        self._show(notice)

    def _start(self, participant: str) -> None:
        trials = plan(self._corpus, self._part, participant, self._plan["seed"])[: self._length]
        if not trials:
            raise YtcatError(f"The corpus {self._corpus.name} has too few test videos: choose a larger one.")
        self._session = Session(trials, Log(self._corpus, participant, **self._plan))

    def _show(self, notice: str = "") -> None:
        """Send the screen of the current phase; `turn` makes each one new."""
        self._turn += 1
        session = self._session
        screen: dict[str, Any] = {"turn": self._turn, "notice": notice}
        if session is None:
            views = [view.label for view in views_of(self._corpus)]
            self.screen = screen | {
                "kind": "welcome",
                "length": self._length,
                "block": TRIALS_PER_BLOCK,
                "views": views,
            }
            return
        history = session.history
        screen |= {
            "kind": session.phase,
            "participant": history.begin.participant,
            "done": session.done,
            "total": session.total,
            "skipped": sum(answer.event == "skip" for answer in history.answers),
        }
        if session.phase == "trial":
            screen |= self._stimulus(session)
        if session.phase == "results":
            screen |= {"results": self._results(session)}
        self.screen = screen

    def _stimulus(self, session: Session) -> dict[str, Any]:
        trial = session.current
        key, title = trial.view.key, self._corpus.videos["title"].loc[trial.row]
        return {
            "trial": session.number,
            "view": trial.view.label,
            "title": None if key == "thumbnail" else title,
            "thumbnail": None if key == "title" else as_shown(self._corpus.thumbnail_bytes([trial.row])[0]),
        }

    def _results(self, session: Session) -> list[dict[str, Any]]:
        trials = table(self._corpus, [session.history])
        accuracies = analysis.by_condition(trials)
        beside = {
            row.condition: f"{round(row.model * row.n)} of {row.n}"
            for row in analysis.against_models(trials, self._models).itertuples()
        }
        return [
            {
                "view": view_of(row.condition).label,
                "n_correct": row.n_correct,
                "n": row.n,
                "interval": f"{row.low:.0%} to {row.high:.0%}",
                "model": beside.get(row.condition, ""),
                "slides": f"{slides.HUMAN_ACCURACY[row.condition]:.0%}",
            }
            for row in accuracies.itertuples()
        ]
