"""Chapters run through papermill in dependency order, each once as long as nothing it stands on changed."""

import hashlib
import json
import logging
import shutil
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import nbformat
import papermill
from filelock import FileLock, Timeout
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from ytcat import paths
from ytcat.corpus import Corpus, load
from ytcat.errors import YtcatError
from ytcat.files import atomic_write, sha256_file
from ytcat.report import cache, gate, sources
from ytcat.report.chapters import CHAPTERS, Chapter
from ytcat.runs import CHECKPOINTS, PLACES

PARALLEL = 2  # chapters side by side; each brings its own TensorFlow
LAST_LINES = 15  # of a failed cell's output, shown with the error
INJECTED = "injected-parameters"  # papermill's tag
ENDED_EARLY = "ended-early"

# What kernels and papermill tell each other is encrypted where the kernel can do it.
_KERNEL = Config({"KernelManager": {"transport_encryption": "auto"}})
_KERNEL_ARGUMENTS = ["--IPKernelApp.log_level=CRITICAL"]  # being told to stop is no error
if sys.platform == "linux":
    # PR_SET_PDEATHSIG, SIGKILL: a kernel whose build or worker was killed is gone before another takes its
    # place. Elsewhere it notices within a second by itself, unless a long call into C holds it up.
    _KERNEL_ARGUMENTS.append('--IPKernelApp.exec_lines=__import__("ctypes").CDLL(None).prctl(1, 9);')

Say = Callable[[str], None]


class ChapterError(YtcatError):
    """A chapter that failed."""


@dataclass(frozen=True)
class Outcome:
    """How a chapter came to its executed notebook."""

    chapter: Chapter
    seconds: float  # of the execution, whenever it was
    ran: bool  # in this call; otherwise it was cached
    reason: str
    notebook: Path
    key: str  # one hash of everything the chapter stands on
    results: str  # hashes of what the chapters that read it depend on


@contextmanager
def alone(say: Say = print) -> Iterator[None]:
    """Two builds at once would write the same files: the second waits until the first has ended."""
    folder = paths.build_folder()
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "build.lock")  # the operating system frees that of a killed build
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"another build is at work in {folder}: waiting until it has ended")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def execute(
    corpus: Corpus,
    profile: dict[str, dict[str, Any]],
    results: Path,
    say: Say = print,
    force: bool = False,
    wanted: Collection[str] | None = None,
) -> list[Outcome]:
    """Run every chapter that is not up to date; `profile` maps a chapter's name to its parameters.

    `wanted` names the only chapters to run; those that they read run too.

    Image and text run side by side. Raises ChapterError for the first chapter that fails, after those
    already running have ended; finished ones are kept.
    """
    log_to(say)
    clear_leftovers(results)
    chapters = {chapter.name: chapter for chapter in with_read(wanted)}
    order = TopologicalSorter({name: chapter.reads for name, chapter in chapters.items()})
    order.prepare()
    outcomes: dict[str, Outcome] = {}
    running: dict[Future[Outcome], str] = {}
    with ThreadPoolExecutor(PARALLEL) as pool:
        try:
            while order.is_active():
                for name in sorted(order.get_ready()):
                    read = [outcomes[its] for its in chapters[name].reads]
                    job = pool.submit(
                        up_to_date, chapters[name], corpus, profile[name], results, read, say, force
                    )
                    running[job] = name
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for job in done:
                    name = running.pop(job)
                    outcomes[name] = job.result()
                    order.done(name)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    cache.prune({outcome.key for outcome in outcomes.values()})
    return [outcomes[name] for name in chapters]


def with_read(wanted: Collection[str] | None) -> list[Chapter]:
    """The chapters of these names and those that they read, in order; all of them for None.

    Raises YtcatError for a name that no chapter has.
    """
    if wanted is None:
        return list(CHAPTERS)
    names = [chapter.name for chapter in CHAPTERS]
    if unknown := [name for name in wanted if name not in names]:
        raise YtcatError(f"There is no chapter {unknown[0]!r}. There is: {', '.join(names)}.")
    needed = set(wanted)
    for chapter in reversed(CHAPTERS):  # a chapter only reads earlier ones
        if chapter.name in needed:
            needed |= set(chapter.reads)
    return [chapter for chapter in CHAPTERS if chapter.name in needed]


def published(outcome: Outcome) -> nbformat.NotebookNode:
    """The executed notebook with the prose as it stands now: an edit of prose needs no new run."""
    executed = nbformat.read(outcome.notebook, as_version=4)
    source = nbformat.read(outcome.chapter.notebook, as_version=4)
    injected = [cell for cell in executed.cells if INJECTED in cell.metadata.get("tags", [])]
    ran = iter([c for c in executed.cells if c.cell_type == "code" and c not in injected])
    cells = []
    for cell in _cells(source, outcome.chapter, ENDED_EARLY in executed.metadata):
        if cell.cell_type != "code":
            cells.append(cell)
            continue
        cells.append(next(ran))
        cells[-1].metadata = cell.metadata
        if "parameters" in cell.metadata.get("tags", []):
            cells += injected
    executed.cells = cells
    return executed


def up_to_date(
    chapter: Chapter,
    corpus: Corpus,
    parameters: dict[str, Any],
    results: Path,
    read: Iterable[Outcome],
    say: Say = print,
    force: bool = False,
) -> Outcome:
    """One chapter, run unless a finished run of the same inputs is kept; `read` are those that it reads.

    Other chapters may be at work beside it, this one in this results folder must not. Raises ChapterError.
    """
    upstream = {f"chapter {its.chapter.name}": f"{its.key} {its.results}" for its in read}
    threading.current_thread().name = chapter.name
    notebook, run = results / "notebooks" / f"{chapter.name}.ipynb", results / chapter.name
    inputs = _inputs(chapter, corpus, parameters) | upstream
    key = hashlib.sha256(json.dumps([chapter.name, inputs], sort_keys=True).encode()).hexdigest()
    entry, reason = _cached(key)
    if entry and not force:
        restored = cache.place(entry, notebook, run)
        _remember(notebook, inputs)
        say(f"{chapter.name:20} cached{', and put back' if restored else ''}")
        return Outcome(chapter, entry.seconds, False, "nothing changed", notebook, key, entry.results)
    reason = "forced" if force else reason or _why_stale(notebook, inputs)
    say(f"{chapter.name:20} running: because {reason}")
    cache.remove(key)
    started = time.monotonic()
    _run(chapter, corpus, parameters, notebook)
    seconds = round(time.monotonic() - started, 1)
    entry = cache.keep(key, seconds, notebook, run)
    _remember(notebook, inputs)
    say(f"{chapter.name:20} ran in {seconds:.0f} s")
    return Outcome(chapter, seconds, True, reason, notebook, key, entry.results)


def _inputs(chapter: Chapter, corpus: Corpus, parameters: dict[str, Any]) -> dict[str, str]:
    source = nbformat.read(chapter.notebook, as_version=4)
    code = [cell.source for cell in source.cells if cell.cell_type == "code"]
    other = parameters.get("other")
    return (
        {
            "the notebook's code": hashlib.sha256("\0".join(code).encode()).hexdigest(),
            "the corpus": corpus.sha256,
            "the lock file": sha256_file(paths.LOCK_FILE),
        }
        | {f"parameter {name}": repr(v) for name, v in sorted(parameters.items()) if name not in PLACES}
        | ({"the other corpus": load(other).sha256} if other else {})
        | sources.reachable("\n".join(code))
        | {f"recorded {f.parent.name}/{f.name}": sha256_file(f) for f in chapter.recorded_files()}
        | {f"people's {f.name}": sha256_file(f) for f in chapter.people_files(corpus)}
    )


def _cached(key: str) -> tuple[cache.Entry | None, str]:
    """The finished run of these very inputs, or why the one that is there cannot be used."""
    try:
        return cache.find(key), ""
    except cache.DamagedError as error:
        return None, str(error)


def _remember(notebook: Path, inputs: dict[str, str]) -> None:
    """Keep beside the notebook what it stands on, so that the next call can say what has changed."""
    atomic_write(notebook.with_suffix(".json"), json.dumps(inputs, indent=1))


def _why_stale(notebook: Path, inputs: dict[str, str]) -> str:
    try:
        before = json.loads(notebook.with_suffix(".json").read_text())
        changed = [name for name in before.keys() | inputs.keys() if before.get(name) != inputs.get(name)]
    except (OSError, ValueError, AttributeError):
        changed = []
    return f"{', '.join(sorted(changed))} changed" if changed else "no finished run of it is there"


def clear_leftovers(results: Path) -> None:
    """Remove what killed builds have left under temporary names; their trainings' checkpoints are of use.

    No chapter may be at work.
    """
    for folder in (results, results / "notebooks", paths.build_folder() / "cache"):
        for path in [*folder.glob(".*"), *folder.glob("*.prepared.ipynb")]:
            if path.is_dir() and not path.name.endswith(CHECKPOINTS):
                shutil.rmtree(path)
            elif path.is_file():
                path.unlink()


def _run(chapter: Chapter, corpus: Corpus, parameters: dict[str, Any], notebook: Path) -> None:
    """Execute into a file beside the final one; only what passes the gate gets the final name."""
    notebook.parent.mkdir(parents=True, exist_ok=True)
    failed = notebook.with_suffix(".failed.ipynb")
    prepared = notebook.with_suffix(".prepared.ipynb")
    source = nbformat.read(chapter.notebook, as_version=4)
    if chapter.lacks(corpus):
        source.cells = _cells(source, chapter, ends_early=True)
        source.metadata[ENDED_EARLY] = True
    nbformat.write(source, prepared)
    try:
        papermill.execute_notebook(
            prepared,
            failed,
            parameters=parameters,
            kernel_name="python3",
            cwd=paths.NOTEBOOKS,
            progress_bar=False,
            log_output=True,
            start_timeout=180,
            config=_KERNEL,
            extra_arguments=_KERNEL_ARGUMENTS,
        )
        gate.check(failed)
    except PapermillExecutionError as error:
        raise ChapterError(_failure(chapter, error, failed)) from None
    except DeadKernelError as error:
        raise ChapterError(
            f"{chapter.name}: its kernel died, often for lack of memory ({error}). As far as it ran: {failed}"
        ) from error
    except gate.GateError as error:
        raise ChapterError(f"{error} The notebook: {failed}") from None
    finally:
        prepared.unlink(missing_ok=True)
        ensure_event_loop().close()  # nbclient made one for this thread and leaves it open
    failed.replace(notebook)


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


def _failure(chapter: Chapter, error: PapermillExecutionError, saved: Path) -> str:
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
    """Hands on what running cells print, each line with its chapter's name in front."""

    def __init__(self, say: Say) -> None:
        super().__init__(logging.INFO)
        self.say = say

    def emit(self, record: logging.LogRecord) -> None:
        if record.threadName in {chapter.name for chapter in CHAPTERS}:
            for line in record.getMessage().splitlines():
                if line.startswith("epoch "):
                    self.say(f"{record.threadName:20} {line}")


def log_to(say: Say) -> None:
    """Let the epochs of running chapters be said, and no other line of papermill's log."""
    logger = logging.getLogger("papermill")
    logger.handlers = [_SayHandler(say)]
    logger.setLevel(logging.INFO)
    logger.propagate = False
