"""How far a long step is: a bar in a terminal, a line now and then elsewhere."""

import io
import os
import sys
import threading
from types import TracebackType

from tqdm import tqdm

SECONDS = 15.0  # between two lines where there is no terminal; the first comes after so many seconds
SECONDS_OF_BAR = 1.0  # between two drawings of a bar whose step tells nothing new
_LINE = "{desc}: {n_fmt} of {total_fmt}{unit}, {elapsed} passed, {remaining} left"


class Progress:
    """The progress of one step on stderr, as a context manager; a short step shows nothing but in a terminal.

    A thread of its own shows it, so that it goes on while the step is within one long call. A kernel that
    makes a page of the book shows nothing: the build does.
    """

    def __init__(self, what: str, total: float, unit: str) -> None:
        """`total` counts things of a `unit`, such as " videos", or bytes: "B"."""
        self._terminal = sys.stderr.isatty()
        self._bar = tqdm(
            desc=what,
            total=total,
            unit=unit,
            unit_scale=unit == "B",
            leave=False,
            file=sys.stderr if self._terminal else io.StringIO(),
            bar_format=None if self._terminal else _LINE,
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


def _is_silent() -> bool:
    """Whether this is a kernel that no person sits at: JupyterLab names the notebook to its kernels."""
    return "ipykernel" in sys.modules and "JPY_SESSION_NAME" not in os.environ
