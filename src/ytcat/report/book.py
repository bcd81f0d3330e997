"""The book: pages and executed notebooks staged in one folder, rendered strictly, put in place whole."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import yaml

from ytcat import paths
from ytcat.corpus import Corpus
from ytcat.errors import YtcatError
from ytcat.files import atomic_write, sha256_folder
from ytcat.report import pages
from ytcat.report.execute import Outcome, Say, published

LAST_LINES = 30  # of a failed build's log


class BookError(YtcatError):
    """A book that Jupyter Book would not build without a warning."""


def build(outcomes: list[Outcome], corpus: Corpus, profile: str, results: Path, say: Say = print) -> Path:
    """Render the book of finished chapters and return its index.html.

    Every warning of Sphinx is an error (BookError with the last lines of the log). If nothing changed
    since the last build, nothing is rendered.
    """
    stage = results / "book"
    values = _stage(stage, outcomes, corpus, profile, results)
    key = _key(stage, values)
    html = paths.html_folder()
    index = html / "index.html"
    note = html.parent / "built-from"
    if index.is_file() and note.is_file() and note.read_text() == key:
        say(f"{'book':20} nothing changed: {index}")
        return index
    say(f"{'book':20} building")
    # Times are told of the run that is shown; they are no reason to build.
    _set_substitutions(stage, values | pages.times(outcomes, results))
    note.unlink(missing_ok=True)
    _render(stage, html)
    atomic_write(note, key)
    say(f"{'book':20} {index}")
    return index


def _stage(
    stage: Path, outcomes: list[Outcome], corpus: Corpus, profile: str, results: Path
) -> dict[str, str]:
    """Put together what Jupyter Book will read; returns the values of the prose pages."""
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(paths.BOOK, stage, ignore=shutil.ignore_patterns("_build"))
    (stage / "notebooks").mkdir()
    for outcome in outcomes:
        nbformat.write(published(outcome), stage / "notebooks" / f"{outcome.chapter.name}.ipynb")
    return pages.substitutions(corpus, profile, results, stage)


def _set_substitutions(stage: Path, values: dict[str, str]) -> None:
    config = yaml.safe_load((stage / "_config.yml").read_text())
    config["parse"]["myst_substitutions"] = values
    atomic_write(stage / "_config.yml", yaml.safe_dump(config, allow_unicode=True, sort_keys=False))


def _key(stage: Path, values: dict[str, str]) -> str:
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
