"""Chapters run through papermill in dependency order, each only when something that it stands on has changed.

A finished chapter is its results folder: what the run wrote, the executed notebook, and `manifest.json`, with
the inputs that the chapter stood on and the SHA-256 of each file. The manifest that a notebook writes has no
inputs: the build adds them last, when the notebook has ended well and has been checked. So a build that is
killed at any moment leaves a chapter that is up to date, or one that runs again.
"""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ytcat import environment, fingerprints, paths
from ytcat.atomic_files import atomic_write, of_the_system, sha256_file
from ytcat.corpus import Corpus, load
from ytcat.fingerprints import fingerprint
from ytcat.parameters import PATH_PARAMETERS
from ytcat.progress import Progress
from ytcat.report.chapters import Chapter, with_read
from ytcat.report.profiles import RunSettings
from ytcat.runs import CHECKPOINTS

PARALLEL = 2  # chapters side by side; each brings its own TensorFlow
CHANGES = 6  # that are named as the reason of a run
MANIFEST, NOTEBOOK = "manifest.json", "notebook.ipynb"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """A finished chapter."""

    chapter: Chapter
    folder: Path
    reason: str  # why it ran in this call; empty if it was up to date
    manifest: dict[str, Any]

    @property
    def notebook(self) -> Path:
        """The executed notebook."""
        return self.folder / NOTEBOOK

    @property
    def seconds(self) -> float:
        """How long the execution took, whenever it was."""
        return self.manifest["seconds"]

    @property
    def fingerprint(self) -> str:
        """One hash of everything that the chapter stands on."""
        return self.manifest["fingerprint"]

    @property
    def results_fingerprint(self) -> str:
        """One hash of what chapters that read this one depend on: inputs, figures and predictions."""
        files = self.manifest["sha256"]
        return fingerprint(
            inputs=self.fingerprint,
            metrics=files["metrics.json"],
            predictions=files.get("predictions.parquet"),
        )


@contextmanager
def build_lock(say: Say = print) -> Iterator[None]:
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


def execute(run: RunSettings, corpus: Corpus, say: Say = print, force: bool = False) -> list[Outcome]:
    """Run every chapter of a run that is not up to date, or every one by `force`; `corpus` is the run's.

    Two chapters run side by side, those first that keep others waiting longest. Raises ChapterError for the
    first chapter that fails, after those already running have ended; finished ones are kept.
    """
    clear_leftovers(run.folder)
    chapters = {chapter.name: chapter for chapter in with_read(run.chapters)}
    environment.share_cores(min(PARALLEL, len(chapters)))
    order = TopologicalSorter({name: chapter.reads for name, chapter in chapters.items()})
    order.prepare()
    outcomes: dict[str, Outcome] = {}
    ready: list[Chapter] = []
    running: dict[Future[Outcome], str] = {}
    with (
        Progress("Chapters", len(chapters), steady=False) as progress,
        ThreadPoolExecutor(PARALLEL) as pool,
    ):
        while order.is_active():
            ready += [chapters[name] for name in order.get_ready()]
            ready.sort(key=lambda chapter: -chapter.seconds)
            while ready and len(running) < PARALLEL:
                chapter = ready.pop(0)
                read = [outcomes[name] for name in chapter.reads]
                running[pool.submit(up_to_date, chapter, run, corpus, read, say, force)] = chapter.name
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for job in done:
                name = running.pop(job)
                outcomes[name] = job.result()
                order.done(name)
                progress.add()
    return [outcomes[name] for name in chapters]


def up_to_date(
    chapter: Chapter,
    run: RunSettings,
    corpus: Corpus,
    read: Iterable[Outcome],
    say: Say = print,
    force: bool = False,
) -> Outcome:
    """One finished chapter, run unless it is up to date; `read` are the chapters that it reads.

    Other chapters may be at work beside it, this one in this results folder must not. Raises ChapterError.
    """
    threading.current_thread().name = chapter.name
    folder = run.folder / chapter.name
    upstream = {f"chapter {outcome.chapter.name}": outcome.results_fingerprint for outcome in read}
    inputs = inputs_of(chapter, run, corpus) | upstream
    reason = "forced" if force else _why_stale(folder, inputs, corpus.name)
    if not reason:
        say(f"{chapter.name:20} up to date")
        return Outcome(chapter, folder, "", json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    say(f"{chapter.name:20} running: because {reason}")
    from ytcat.report import notebook  # papermill takes seconds to import

    started = time.monotonic()
    notebook.log_to(say)
    executed = notebook.run(chapter, corpus, run.parameters[chapter.name], run.folder)
    seconds = round(time.monotonic() - started, 1)
    manifest = _finish(folder, executed, inputs, seconds)
    say(f"{chapter.name:20} ran in {seconds:.0f} s")
    return Outcome(chapter, folder, reason, manifest)


def inputs_of(chapter: Chapter, run: RunSettings, corpus: Corpus) -> dict[str, str]:
    """What the chapter stands on beside the chapters that it reads, by a name that a person understands."""
    code = [source for source, _ in fingerprints.code_cells(chapter.notebook)]
    parameters = run.parameters[chapter.name]
    second = parameters.get("second_corpus")
    return (
        {"the notebook's code": fingerprint(cells=code), "the lock file": sha256_file(paths.LOCK_FILE)}
        | ({"the corpus": corpus.sha256} if "corpus" in parameters else {})
        | ({"the second corpus": load(second).sha256} if second else {})
        | {f"parameter {name}": repr(v) for name, v in parameters.items() if name not in PATH_PARAMETERS}
        | fingerprints.reachable("\n".join(code))
        | {name: sha256_file(path) for name, path in chapter.files(corpus).items()}
    )


def _finish(folder: Path, executed: Path, inputs: dict[str, str], seconds: float) -> dict[str, Any]:
    """Make what a notebook has saved a finished chapter; returns its manifest."""
    atomic_write(folder / NOTEBOOK, executed.read_bytes())
    executed.unlink()
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["sha256"] |= {name: sha256_file(folder / name) for name in _files(folder)}
    manifest |= {"inputs": inputs, "fingerprint": fingerprint(chapter=folder.name, inputs=inputs)}
    manifest["seconds"] = seconds
    manifest["check"] = fingerprint(**manifest)
    atomic_write(folder / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    return manifest


def _why_stale(folder: Path, inputs: dict[str, str], corpus: str) -> str:
    """Why a chapter must run: what changed, or which file is not as it was written; empty if nothing.

    `corpus` is the name of the corpus, which the chapter shows: a folder of results may have been renamed.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "no finished run of it is there"
    except ValueError:
        return f"{path} is damaged"
    if not isinstance(manifest, dict):
        return f"{path} is damaged"
    if "inputs" not in manifest:
        return f"{path} is of a run that no build has finished"
    if manifest.pop("check", None) != fingerprint(**manifest):
        return f"{path} is damaged"
    if (shown := manifest.get("corpus")) not in (None, corpus):
        return f"{path} is of the corpus {shown}"
    before = manifest["inputs"]
    changed = sorted(name for name in before.keys() | inputs.keys() if before.get(name) != inputs.get(name))
    if changed:
        more = len(changed) - CHANGES
        return f"{', '.join(changed[:CHANGES])}{f' and {more} more' if more > 0 else ''} changed"
    written = {name: sha256 for name, sha256 in manifest["sha256"].items() if "." in name}
    there = _files(folder)
    for name in sorted(written.keys() | there):
        if name not in there:
            return f"{folder / name} is missing"
        if name not in written:
            return f"{folder / name} was not written by the run"
        if sha256_file(folder / name) != written[name]:
            return f"{folder / name} is damaged"
    return ""


def _files(folder: Path) -> set[str]:
    """The files of a results folder but the manifest."""
    there = (path for path in folder.rglob("*") if path.is_file() and not of_the_system(path))
    return {path.relative_to(folder).as_posix() for path in there} - {MANIFEST}


def clear_leftovers(results: Path) -> None:
    """Remove what killed builds have left under temporary names; checkpoints of trainings are of use.

    No chapter may be at work.
    """
    for path in results.glob(".*"):
        if path.is_dir() and not path.name.endswith(CHECKPOINTS):
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()
