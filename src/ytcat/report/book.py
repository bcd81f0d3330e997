"""The book: pages and executed notebooks staged in one folder, rendered strictly, put in place whole."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from ytcat import paths, runs
from ytcat.atomic_files import atomic_write, sha256_file, sha256_folder
from ytcat.corpus import Corpus
from ytcat.data import provenance
from ytcat.exceptions import YtcatError
from ytcat.report.execute import Outcome, Say

LAST_LINES = 30  # of a failed build's log


class BookError(YtcatError):
    """A book that Jupyter Book would not build without a warning."""


def build(outcomes: list[Outcome], corpus: Corpus, profile: str, results: Path, say: Say = print) -> Path:
    """Render the book of finished chapters and return its index.html.

    Every warning of Sphinx is an error (BookError with the last lines of the log). If nothing changed
    since the last build, nothing is rendered: first what the book stands on is compared, which takes no
    time, then what would be rendered.
    """
    html = paths.html_folder()
    index = html / "index.html"
    note = html.parent / "built-from"
    before = note.read_text().splitlines() if index.is_file() and note.is_file() else []
    inputs = _inputs(outcomes, corpus, profile)
    if before[:1] == [inputs]:
        say(f"{'book':20} nothing changed: {index}")
        return index
    from ytcat.report import pages  # figures and statistics take seconds to import

    stage = results / "book"
    _stage(stage, outcomes)
    values = pages.substitutions(corpus, profile, results, stage)
    content = _content(stage, values)
    if before[1:] == [content]:
        say(f"{'book':20} nothing changed: {index}")
    else:
        say(f"{'book':20} building")
        # Times are told of the run that is shown; they are no reason to build.
        _set_substitutions(stage, values | pages.times(outcomes, results))
        note.unlink(missing_ok=True)
        _render(stage, html)
        say(f"{'book':20} {index}")
    atomic_write(note, f"{inputs}\n{content}")
    return index


def _inputs(outcomes: list[Outcome], corpus: Corpus, profile: str) -> str:
    """One hash of all that the book stands on."""
    prose = [f"{entry.name}/**/*" if entry.is_dir() else entry.name for entry in paths.BOOK.glob("[!_]*")]
    prose += ["_*.yml", "_static/**/*"]  # but not _build
    parts = [sha256_folder(paths.BOOK, prose), sha256_folder(paths.sweeps_folder()), runs.source_sha256()]
    parts += [corpus.sha256, corpus.name, profile, sys.version]
    files = [paths.LOCK_FILE, *corpus.source.glob(provenance.FILE)]
    for outcome in outcomes:
        parts += [outcome.key, outcome.results]
        files += [outcome.notebook, outcome.chapter.notebook]
    return hashlib.sha256("\0".join([*parts, *map(sha256_file, files)]).encode()).hexdigest()


def _stage(stage: Path, outcomes: list[Outcome]) -> None:
    """Put together what Jupyter Book will read: the prose pages and the executed notebooks."""
    import nbformat

    from ytcat.report.notebook import published

    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(paths.BOOK, stage, ignore=shutil.ignore_patterns("_build"))
    (stage / "notebooks").mkdir()
    for outcome in outcomes:
        name = f"{outcome.chapter.name}.ipynb"
        nbformat.write(published(outcome.chapter, outcome.notebook), stage / "notebooks" / name)


def _set_substitutions(stage: Path, values: dict[str, str]) -> None:
    config = yaml.safe_load((stage / "_config.yml").read_text())
    config["parse"]["myst_substitutions"] = values
    atomic_write(stage / "_config.yml", yaml.safe_dump(config, allow_unicode=True, sort_keys=False))


def _content(stage: Path, values: dict[str, str]) -> str:
    """One hash of all that is rendered."""
    content = [sha256_folder(stage), json.dumps(values, sort_keys=True), sys.version]
    return hashlib.sha256("\0".join(content).encode()).hexdigest()


def _render(stage: Path, html: Path) -> None:
    """Build from nothing (an incremental build differs from a clean one), then swap it in."""
    out = stage.with_name("book-out")
    shutil.rmtree(out, ignore_errors=True)
    # Beside this interpreter, since the environment need not be activated.
    command = [Path(sys.executable).with_name("jupyter-book"), "build", stage, "--path-output", out]
    result = subprocess.run(
        [*command, "-W", "-n", "--keep-going"], capture_output=True, text=True, check=False, cwd=stage
    )
    if result.returncode:
        log = stage.with_name("book.log")
        atomic_write(log, result.stdout + result.stderr)
        lines = [line for line in (result.stdout + result.stderr).splitlines() if line.strip()]
        raise BookError(
            "Jupyter Book found something to warn of, so there is no new book:\n"
            + "\n".join(f"    {line}" for line in lines[-LAST_LINES:])
            + f"\n  The whole log: {log}"
        )
    html.parent.mkdir(parents=True, exist_ok=True)
    old = html.with_name(f".{html.name}-old")
    shutil.rmtree(old, ignore_errors=True)
    if html.exists():
        html.rename(old)
    shutil.move(out / "_build" / "html", html)
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(out)
