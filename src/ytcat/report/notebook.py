"""One chapter's notebook: run through papermill, and published with the prose as it stands now."""

import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import papermill
from jupyter_client.kernelspec import NoSuchKernel
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from ytcat import paths
from ytcat.corpus import DEMO, Corpus
from ytcat.exceptions import YtcatError
from ytcat.report import notebook_checks
from ytcat.report.chapters import Chapter

LAST_LINES = 15  # of a failed cell's output, shown with the error
INJECTED = "injected-parameters"  # papermill's tag
ENDED_EARLY = "ended-early"
CAPTION = re.compile(r"^\*\*(Figure|Table) ([\w.]*\w)\.\*\*", re.MULTILINE)
PROGRESS = ("epoch ", "trained on ")  # how lines begin that tell how far a training is

# What kernels and papermill tell each other is encrypted where the kernel can do it.
_KERNEL = Config({"KernelManager": {"transport_encryption": "auto"}})
# Being told to stop is no error, for the kernel or for its event loop, which may meet a closed socket.
_KERNEL_ARGUMENTS = [
    "--IPKernelApp.log_level=CRITICAL",
    '--IPKernelApp.exec_lines=__import__("logging").getLogger("tornado").setLevel("CRITICAL");',
]
if sys.platform == "linux":
    # PR_SET_PDEATHSIG, SIGKILL: a kernel whose build or worker was killed is gone before another takes its
    # place. Elsewhere it notices within a second by itself, unless a long call into C holds it up.
    _KERNEL_ARGUMENTS.append('--IPKernelApp.exec_lines=__import__("ctypes").CDLL(None).prctl(1, 9);')


class ChapterError(YtcatError):
    """A chapter that failed."""


def run(chapter: Chapter, corpus: Corpus, parameters: dict[str, Any], results: Path) -> Path:
    """Execute a chapter's notebook; returns the executed one, `<results>/<chapter>.failed.ipynb`.

    It has that name until the caller moves it, so that one that failed or was killed can be read. Raises
    ChapterError if a cell fails, the kernel dies, a check fails, or the notebook did not save its run.
    """
    results.mkdir(parents=True, exist_ok=True)
    ipython = paths.build_folder() / "ipython"  # not the startup files and settings of the user's IPython
    ipython.mkdir(parents=True, exist_ok=True)
    parameters = {name: _from_notebook(chapter, name, value) for name, value in parameters.items()}
    executed = results / f"{chapter.name}.failed.ipynb"
    manifest = results / chapter.name / "manifest.json"
    before = _written(manifest)
    source = nbformat.read(chapter.notebook, as_version=4)
    if chapter.lacks(corpus):
        source.cells = _cells(source, chapter, ends_early=True)
        source.metadata[ENDED_EARLY] = True
    prepared = results / f".{chapter.name}.ipynb"
    nbformat.write(source, prepared)
    try:
        papermill.execute_notebook(
            prepared,
            executed,
            parameters=parameters,
            kernel_name="python3",
            # Not by papermill's `cwd`, which changes that of this process, where other chapters run, too.
            resources={"metadata": {"path": str(chapter.notebook.parent)}},
            progress_bar=False,
            log_output=True,
            start_timeout=180,
            config=_KERNEL,
            extra_arguments=[*_KERNEL_ARGUMENTS, f"--ipython-dir={ipython}"],
        )
        notebook_checks.check(executed)
    except PapermillExecutionError as error:
        raise ChapterError(_failure(chapter, error, executed)) from None
    except DeadKernelError as error:
        raise ChapterError(
            f"{chapter.name}: the kernel died, often for lack of memory ({error}). The notebook: {executed}"
        ) from error
    except notebook_checks.CheckError as error:
        raise ChapterError(f"{error} The notebook: {executed}") from None
    except (NoSuchKernel, RuntimeError, OSError) as error:
        if isinstance(error, OSError) and Path(error.filename or results).is_relative_to(results):
            raise  # of the notebook's file, not of the kernel's start
        raise ChapterError(
            f"{chapter.name}: the Jupyter kernel python3 did not start ({error}). `make doctor` says why."
        ) from error
    finally:
        prepared.unlink(missing_ok=True)
        ensure_event_loop().close()  # nbclient made one for this thread and leaves it open
    if _written(manifest) == before:
        raise ChapterError(
            f"{chapter.name} ended without run.save(...): {manifest} is not new. The notebook: {executed}"
        )
    return executed


def _from_notebook(chapter: Chapter, name: str, value: Any) -> Any:
    """A parameter as the notebook reads it: the folder of a corpus as seen from where its kernel runs."""
    if name not in ("corpus", "second_corpus") or value in ("", DEMO):
        return value
    return str(paths.portable(Path(value), chapter.notebook.parent))


def _written(path: Path) -> int:
    """When a file was written last, in nanoseconds; 0 without a file."""
    return path.stat().st_mtime_ns if path.is_file() else 0


def published(chapter: Chapter, notebook: Path) -> nbformat.NotebookNode:
    """The executed notebook with the prose as it stands now: an edit of prose needs no new run.

    Each caption, a paragraph that opens with "**Figure 4.3.**" or "**Table 4.3.**", gets a target in the
    book, so that `[Figure 4.3](#figure-4-3)` leads to it from any page. The parameters are shown once, with
    the values that the chapter ran with.
    """
    executed = nbformat.read(notebook, as_version=4)
    source = nbformat.read(chapter.notebook, as_version=4)
    injected = [cell for cell in executed.cells if INJECTED in cell.metadata.get("tags", [])]
    ran = iter([c for c in executed.cells if c.cell_type == "code" and c not in injected])
    cells = []
    for cell in _cells(source, chapter, ENDED_EARLY in executed.metadata):
        if cell.cell_type != "code":
            cell.source = CAPTION.sub(_with_target, cell.source)
            cells.append(cell)
            continue
        cells.append(next(ran))
        cells[-1].metadata = cell.metadata
        if "parameters" in cell.metadata.get("tags", []) and injected:
            cells[-1].source = _as_run(cells[-1].source, injected[0].source)
    executed.cells = cells
    executed.metadata["myst"] = source.metadata.get("myst", {})  # the description of the page
    return executed


def _as_run(declared: str, injected: str) -> str:
    """The parameters cell with the values of the one that papermill injected behind it."""
    for line in injected.splitlines():
        name, equals, value = line.partition(" = ")
        if equals:
            declaration = re.compile(rf"^({name}: .*?= )(.*?)(  #.*)?$", re.MULTILINE)
            declared = declaration.sub(lambda m, v=value: f"{m[1]}{v}{m[3] or ''}", declared)
    return declared


def _cells(
    notebook: nbformat.NotebookNode, chapter: Chapter, ends_early: bool
) -> list[nbformat.NotebookNode]:
    """All cells, or those up to the one that says that the corpus lacks what the chapter needs."""
    if not ends_early:
        return notebook.cells
    for number, cell in enumerate(notebook.cells):
        if chapter.needs_tag in cell.metadata.get("tags", []):
            return notebook.cells[: number + 1]
    return notebook.cells


def _with_target(caption: re.Match) -> str:
    kind, number = caption.groups()
    return f"({kind}-{number}".lower().replace(".", "-") + f")=\n{caption.group()}"


def _failure(chapter: Chapter, error: PapermillExecutionError, saved: Path) -> str:
    if error.ename in ("YtcatError", "OSError", "PermissionError"):  # a sentence says it
        return f"{chapter.name} failed: {error.evalue}\n  The notebook as far as it ran: {saved}"
    printed = []
    for cell in nbformat.read(saved, as_version=4).cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error" and cell.source == error.source:
                printed += "\n".join(output.traceback).splitlines()
    last = "\n".join(f"    {line}" for line in printed[-LAST_LINES:])
    first_line = error.source.strip().splitlines()[0]
    return (
        f"{chapter.name} failed in cell {error.cell_index} ({first_line}): {error.ename}: {error.evalue}\n"
        f"{last}\n  The notebook as far as it ran: {saved}"
    )


class _SayHandler(logging.Handler):
    """Hands on what running cells print, each line with the chapter's name in front."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self.say = say

    def emit(self, record: logging.LogRecord) -> None:
        for line in record.getMessage().splitlines():
            if line.startswith(PROGRESS):
                self.say(f"{record.threadName:20} {line}")


def log_to(say: Callable[[str], None]) -> None:
    """Hand on what running chapters print of their trainings."""
    logger = logging.getLogger("papermill")
    logger.handlers = [_SayHandler(say)]
    logger.setLevel(logging.INFO)
    logger.propagate = False
