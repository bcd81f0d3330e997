"""Chapters run through papermill in dependency order, each once as long as nothing it stands on changed."""

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ytcat import fingerprints, paths
from ytcat.atomic_files import atomic_write, sha256_file
from ytcat.corpus import Corpus, load
from ytcat.exceptions import YtcatError
from ytcat.report import cache
from ytcat.report.chapters import CHAPTERS, Chapter
from ytcat.runs import CHECKPOINTS, PLACES

PARALLEL = 2  # chapters side by side; each brings its own TensorFlow
CHANGES = 6  # that are named as the reason of a run
Say = Callable[[str], None]


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
    _run(chapter, corpus, parameters, notebook, say)
    seconds = round(time.monotonic() - started, 1)
    entry = cache.keep(key, seconds, notebook, run)
    _remember(notebook, inputs)
    say(f"{chapter.name:20} ran in {seconds:.0f} s")
    return Outcome(chapter, seconds, True, reason, notebook, key, entry.results)


def _inputs(chapter: Chapter, corpus: Corpus, parameters: dict[str, Any]) -> dict[str, str]:
    code = [source for source, _ in fingerprints.code_cells(chapter.notebook)]
    other = parameters.get("other")
    return (
        {
            "the notebook's code": hashlib.sha256("\0".join(code).encode()).hexdigest(),
            "the corpus": corpus.sha256,
            "the lock file": sha256_file(paths.LOCK_FILE),
        }
        | {f"parameter {name}": repr(v) for name, v in sorted(parameters.items()) if name not in PLACES}
        | ({"the other corpus": load(other).sha256} if other else {})
        | fingerprints.reachable("\n".join(code))
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
    if not changed:
        return "no finished run of it is there"
    named, more = sorted(changed)[:CHANGES], len(changed) - CHANGES
    return f"{', '.join(named)}{f' and {more} more' if more > 0 else ''} changed"


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


def _run(chapter: Chapter, corpus: Corpus, parameters: dict[str, Any], notebook: Path, say: Say) -> None:
    from ytcat.report import notebook as notebooks  # papermill takes seconds to import

    notebooks.log_to(say)
    notebooks.run(chapter, corpus, parameters, notebook)
