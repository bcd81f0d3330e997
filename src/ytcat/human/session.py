"""One person's sitting: which trial is next, and which steps are allowed. Independent of the browser."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from ytcat.human.events import Answer, Finish, History, OutOfTurn, Skip, Undo
from ytcat.human.plan import TRIALS_PER_BLOCK, Trial
from ytcat.human.store import Log

Phase = Literal["trial", "break", "end", "results"]


class Session:
    """One person's progress through a plan, written to a log.

    Every step is on disk when the method returns. If another kernel was quicker, the step raises OutOfTurn
    and the session continues from the state on disk.
    """

    def __init__(self, trials: Sequence[Trial], log: Log) -> None:
        self._trials, self._log = trials, log
        self._paused = False
        self._update(log.history())

    @property
    def phase(self) -> Phase:
        """What the person sees now: a trial, a break, the end, or the results."""
        if self._history.finished:
            return "results"
        if self._paused:
            return "break"
        return "end" if self.current is None else "trial"

    @property
    def current(self) -> Trial | None:
        """The next trial without an answer; None if there is none."""
        return self._current

    @property
    def number(self) -> int:
        """The number of the current trial, from 1."""
        return self.done + 1

    @property
    def done(self) -> int:
        """How many trials were answered or skipped."""
        return len(self._history.answers)

    @property
    def total(self) -> int:
        """The number of trials of this person."""
        return max(len(self._trials), self.done)

    @property
    def history(self) -> History:
        """The state on disk."""
        return self._history

    def answer(self, number: int, category_id: int, response_ms: int) -> None:
        """Record a category (YouTube's id) for trial `number`; a break follows each block."""
        self._record(number, Answer, answer=category_id, response_ms=response_ms)

    def skip(self, number: int, response_ms: int) -> None:
        """Record that trial `number` was skipped."""
        self._record(number, Skip, response_ms=response_ms)

    def undo(self) -> None:
        """Take back the last answer or skip; the video is shown again, in the same view."""
        if not self.done:
            raise OutOfTurn("there is nothing to undo")
        self._append(Undo(trial=self.done))
        self._paused = False

    def pause(self) -> None:
        """Take a break; the video is hidden."""
        self._paused = self.phase == "trial"

    def resume(self) -> None:
        """Continue after a break."""
        self._paused = False

    def finish(self) -> None:
        """End the sitting for good; the results are shown next."""
        self._append(Finish())

    def _record(self, number: int, kind: type[Answer | Skip], **values: int) -> None:
        trial = self._current
        if trial is None or number != self.number:
            self._update(self._log.history())
            raise OutOfTurn(f"Trial {number} has its answer from another window")
        self._append(
            kind(
                trial=number,
                video_id=trial.video_id,
                condition=trial.view.slides_model,
                started=self._started,
                **values,
            )
        )
        self._paused = self._current is not None and self.done % TRIALS_PER_BLOCK == 0

    def _append(self, event: Answer | Skip | Undo | Finish) -> None:
        try:
            self._update(self._log.append(event))
        except OutOfTurn:
            self._update(self._log.history())
            raise

    def _update(self, history: History) -> None:
        self._history = history
        answered = {answer.video_id for answer in history.answers}
        self._current = next((trial for trial in self._trials if trial.video_id not in answered), None)
        self._started = datetime.now(UTC)
