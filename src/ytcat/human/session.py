"""One person at the experiment: which trial is next, and what may be done. No browser in sight."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from ytcat.human.plan import BLOCK, Trial
from ytcat.human.store import Answer, Finish, History, Log, OutOfTurn, Skip, Undo

Phase = Literal["trial", "break", "end", "results"]


class Session:
    """A person's way through a plan, kept in a log.

    Every step is on disk when its method returns. A step that another kernel has overtaken raises OutOfTurn;
    the session then stands where the file does.
    """

    def __init__(self, trials: Sequence[Trial], log: Log) -> None:
        self._trials, self._log = trials, log
        self._paused = False
        self._take(log.history())

    @property
    def phase(self) -> Phase:
        """Where the person is: at a trial, at a break, at the end, or reading the results."""
        if self._history.finished:
            return "results"
        if self._paused:
            return "break"
        return "end" if self.current is None else "trial"

    @property
    def current(self) -> Trial | None:
        """The next video without an answer; None if all have one."""
        return self._current

    @property
    def number(self) -> int:
        """The number of the current trial, from 1."""
        return self.done + 1

    @property
    def done(self) -> int:
        """How many trials have an answer or were skipped."""
        return len(self._history.answers)

    @property
    def total(self) -> int:
        """How many trials there are for this person."""
        return max(len(self._trials), self.done)

    @property
    def history(self) -> History:
        """All that is on disk."""
        return self._history

    def answer(self, number: int, category_id: int, response_ms: int) -> None:
        """Keep a category (YouTube's id) for trial `number`; a break follows each block."""
        self._given(number, Answer, answer=category_id, response_ms=response_ms)

    def skip(self, number: int, response_ms: int) -> None:
        """Keep that trial `number` has no answer."""
        self._given(number, Skip, response_ms=response_ms)

    def undo(self) -> None:
        """Take the last answer or skip back; its video is shown again, in the same condition."""
        if not self.done:
            raise OutOfTurn("there is nothing to undo")
        self._append(Undo(trial=self.done))
        self._paused = False

    def pause(self) -> None:
        """A break: the video is hidden."""
        self._paused = self.phase == "trial"

    def resume(self) -> None:
        """Go on after a break."""
        self._paused = False

    def finish(self) -> None:
        """End for good, since the results come next."""
        self._append(Finish())

    def _given(self, number: int, kind: type[Answer | Skip], **what: int) -> None:
        trial = self._current
        if trial is None or number != self.number:
            self._take(self._log.history())
            raise OutOfTurn(f"Trial {number} has its answer from another window")
        self._append(
            kind(
                trial=number,
                video_id=trial.video_id,
                condition=trial.condition,
                started=self._started,
                **what,
            )
        )
        self._paused = self._current is not None and self.done % BLOCK == 0

    def _append(self, event: Answer | Skip | Undo | Finish) -> None:
        try:
            self._take(self._log.append(event))
        except OutOfTurn:
            self._take(self._log.history())
            raise

    def _take(self, history: History) -> None:
        """Stand where the file does."""
        self._history = history
        answered = {answer.video_id for answer in history.answers}
        self._current = next((trial for trial in self._trials if trial.video_id not in answered), None)
        self._started = datetime.now(UTC)
