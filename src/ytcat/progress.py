"""How far a long step is: a bar in a terminal, a line now and then elsewhere."""

import io
import os
import shutil
import sys
import threading
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TypeVar

from tqdm import tqdm

SECONDS = 15.0  # between two lines where there is no terminal; the first comes after so many seconds
SECONDS_OF_BAR = 1.0  # between two drawings of a bar whose step tells nothing new
_LINE = "{desc}: {n_fmt} of {total_fmt}{unit}, {elapsed} passed, {remaining} left"
_LINE_UNSTEADY = "{desc}: {n_fmt} of {total_fmt}{unit}, {elapsed} passed"
_LINE_WITHOUT_END = "{desc}: {elapsed} passed"
_BAR_UNSTEADY = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}]"

Thing = TypeVar("Thing")


class Progress:
    """The progress of one step on stderr, as a context manager; a short step shows nothing but in a terminal.

    A thread of its own shows it, so that it goes on while the step is within one long call. A kernel that
    makes a page of the book shows nothing: the build does.
    """

    def __init__(
        self, what: str, total: float | None = None, unit: str = "", done: float = 0, steady: bool = True
    ) -> None:
        """`total` things of a `unit`, such as " videos", or bytes ("B"), of which some are `done`.

        Without a total, only the time that has passed is shown. `steady`: whether the things take about as
        long as each other, so that the time left can be told.
        """
        self._terminal = sys.stderr.isatty()
        size = shutil.get_terminal_size()  # 80 x 24 where the terminal does not tell; tqdm shows nothing then
        line = _LINE_WITHOUT_END if total is None else _LINE if steady else _LINE_UNSTEADY
        bar = line if total is None else None if steady else _BAR_UNSTEADY
        self._bar = tqdm(
            desc=what,
            total=total,
            initial=done,
            unit=unit,
            unit_scale=unit == "B",
            leave=False,
            ncols=size.columns - 1 if self._terminal else None,
            nrows=size.lines,
            file=sys.stderr if self._terminal else io.StringIO(),
            bar_format=bar if self._terminal else line,
        )
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="progress", daemon=True)

    def __enter__(self) -> "Progress":
        """Begin to show the progress."""
        if not _is_silent():
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Show no more; a bar is wiped out."""
        self._ended.set()
        if self._thread.ident:
            self._thread.join()
        self._bar.close()

    def add(self, n: float = 1) -> None:
        """So much more is done."""
        self._bar.update(n)

    def _tell(self) -> None:
        while not self._ended.wait(SECONDS_OF_BAR if self._terminal else SECONDS):
            if self._terminal:
                self._bar.refresh()
            else:
                print(self._bar, file=sys.stderr, flush=True)


def tracked(things: Iterable[Thing], what: str, unit: str, total: int) -> Iterator[Thing]:
    """The things, one by one, with the progress through all `total` of them."""
    with Progress(what, total, unit) as progress:
        for thing in things:
            yield thing
            progress.add()


def say(line: str) -> None:
    """Print a line at once, above a bar where there is one."""
    tqdm.write(line, file=sys.stdout)
    sys.stdout.flush()


def _is_silent() -> bool:
    """Whether this is a kernel that no person sits at: JupyterLab names the notebook to its kernels."""
    return "ipykernel" in sys.modules and "JPY_SESSION_NAME" not in os.environ
