"""Checks on executed notebooks: only those that ran in order, cleanly, to their last cell get into the book.

Jupyter Book itself renders failed, half-run and pending notebooks without a word.
"""

from pathlib import Path

import nbformat

from ytcat.exceptions import YtcatError

# A single very long line takes Sphinx minutes to render; these keep a page light.
LINE_BYTES = 20_000
NOTEBOOK_BYTES = 4_000_000


class CheckError(YtcatError):
    """A notebook that may not be published."""


def check(path: Path) -> None:
    """Raise CheckError, naming file, cell and reason, unless the notebook ran clean to its last cell."""
    notebook = nbformat.read(path, as_version=4)
    expected = 0
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        expected += 1
        where = f"{path.name}, cell {number} ({_first_line(cell.source)})"
        for output in cell.outputs:
            if output.output_type == "error":
                raise CheckError(f"{where}: {output.ename}: {output.evalue}")
            if output.output_type == "stream":
                _check_lines(where, output.text)
        if cell.execution_count is None:
            raise CheckError(f"{where}: was not run.")
        if cell.execution_count != expected:
            raise CheckError(f"{where}: ran as number {cell.execution_count}, its place is {expected}.")
    if not expected:
        raise CheckError(f"{path.name}: has no code cell that ran.")
    size = path.stat().st_size
    if size > NOTEBOOK_BYTES:
        raise CheckError(f"{path.name}: {size:,} bytes, at most {NOTEBOOK_BYTES:,} render well.")


def _check_lines(where: str, text: str) -> None:
    longest = max((len(line.encode()) for line in text.splitlines()), default=0)
    if longest > LINE_BYTES:
        raise CheckError(f"{where}: an output line of {longest:,} bytes, at most {LINE_BYTES:,} render well.")


def _first_line(source: str) -> str:
    return source.strip().splitlines()[0][:60]
