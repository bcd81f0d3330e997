"""The experiment as a Jupyter widget: what is shown, and what becomes of a click or a key.

All state is in `Session` and on disk. The browser gets one view at a time, never the truth, and sends what
the person did; a reloaded page or a new kernel goes on from the disk.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from ytcat import slides
from ytcat.categories import CATEGORIES
from ytcat.corpus import Corpus
from ytcat.exceptions import YtcatError
from ytcat.human import analysis
from ytcat.human.plan import BLOCK, SHOWN, conditions_of, plan
from ytcat.human.session import Session
from ytcat.human.store import Log, table


class Experiment(anywidget.AnyWidget):
    """The experiment on a corpus's test videos, for one person at a time."""

    _esm = Path(__file__).with_name("widget.js")
    _css = Path(__file__).with_name("widget.css")

    categories = traitlets.List([[c.id, c.name] for c in CATEGORIES]).tag(sync=True)
    view = traitlets.Dict().tag(sync=True)

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
    ) -> None:
        """`part` (n,) str is what `split`, `fold` and `limit` give; `seed` is the plan's.

        `length` is the number of trials; a `participant` code begins or goes on at once, without one the
        widget asks for it.
        """
        super().__init__()
        self._corpus, self._part, self._length = corpus, part, length
        self._plan = {"split": split, "fold": fold, "limit": limit, "seed": seed}
        self._session: Session | None = None
        self._turn = 0
        self.on_msg(self._on_message)
        if participant:
            self._start(participant)
        self._show()

    def _on_message(self, _: anywidget.AnyWidget, message: dict[str, Any], __: list[bytes]) -> None:
        do = dict(message)
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
            actions[do.pop("do")](**do)
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
        """Send the view of where the person is; `turn` makes each one new."""
        self._turn += 1
        session = self._session
        view: dict[str, Any] = {"turn": self._turn, "notice": notice}
        if session is None:
            conditions = [SHOWN[condition] for condition in conditions_of(self._corpus)]
            asked = {"kind": "welcome", "length": self._length, "block": BLOCK, "conditions": conditions}
            self.view = view | asked
            return
        history = session.history
        view |= {
            "kind": session.phase,
            "participant": history.begin.participant,
            "done": session.done,
            "total": session.total,
            "skipped": sum(answer.event == "skip" for answer in history.answers),
        }
        if session.phase == "trial":
            view |= self._stimulus(session)
        if session.phase == "results":
            view |= {"results": self._results(session)}
        self.view = view

    def _stimulus(self, session: Session) -> dict[str, Any]:
        trial = session.current
        title = self._corpus.videos["title"].loc[trial.row]
        return {
            "trial": session.number,
            "condition": SHOWN[trial.condition],
            "title": None if trial.condition == "image" else title,
            "thumbnail": None if trial.condition == "text" else self._corpus.thumbnail_bytes([trial.row])[0],
        }

    def _results(self, session: Session) -> list[dict[str, Any]]:
        found = analysis.by_condition(table(self._corpus, [session.history]))
        return [
            {
                "condition": SHOWN[row.condition],
                "right": row.right,
                "n": row.n,
                "interval": f"{row.low:.0%} to {row.high:.0%}",
                "slides": f"{slides.HUMAN_ACCURACY[row.condition]:.0%}",
            }
            for row in found.itertuples()
        ]
