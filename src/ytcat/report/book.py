"""The book: pages and executed notebooks staged in one folder, rendered strictly, put in place whole."""

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ytcat import paths
from ytcat.atomic_files import atomic_write, sha256_file, sha256_folder
from ytcat.corpus import Corpus
from ytcat.exceptions import YtcatError
from ytcat.fingerprints import fingerprint, modules_sha256
from ytcat.report.execute import Outcome, Say
from ytcat.report.profiles import RunSettings

LAST_LINES = 30  # of a failed build's log
# A paragraph is one line.
THIS_BUILD = """---
myst:
  html_meta:
    "description property=og:description": "What this book was built from: corpus, chapters, versions, manifests."
---

# This build

This book was built from the corpus `{corpus}` ({kind}, {videos:,} videos) under the profile `{profile}`.

## Chapters

{chapters}

*Seconds* is how long a chapter took when it last ran, *Share* its part of the time of all; two chapters run at a time, so a build takes less. The *Fingerprint* is a hash of all that a chapter stands on: code, parameters, the modules that it can reach, the corpus, the lock file, and the results of the chapters that it reads. The build says on the terminal what ran for this book, and why.

## Versions

{versions}

## Manifests

What exactly each chapter stands on: a run leaves a manifest with its figures. `ytcat verify` computes the figures again from the predictions, and compares every file with its hash.

{manifests}
"""  # noqa: E501


class BookError(YtcatError):
    """A book that Jupyter Book would not build without a warning."""


def build(outcomes: list[Outcome], run: RunSettings, corpus: Corpus, say: Say = print) -> Path:
    """Render the book of a run's finished chapters and return its index.html; `corpus` is the run's.

    Every warning of Sphinx is an error (BookError with the last lines of the log). If nothing changed
    since the last build, and the book is whole, nothing is rendered.
    """
    html = paths.html_folder()
    index = html / "index.html"
    note = html.parent / "built-from"
    stands_on = _fingerprint(outcomes, run)
    if index.is_file() and _noted(note) == f"{stands_on} {sha256_folder(html)}":
        say(f"{'book':20} nothing changed: {index}")
        return index
    say(f"{'book':20} building")
    stage = run.folder / "book"
    _stage(stage, outcomes)
    (stage / "this_build.md").write_text(_this_build(outcomes, run, corpus), encoding="utf-8")
    note.unlink(missing_ok=True)
    _render(stage, html)
    atomic_write(note, f"{stands_on} {sha256_folder(html)}")
    say(f"{'book':20} {index}")
    return index


def _noted(note: Path) -> str:
    """What the last build noted of its book; "" if that is missing or damaged."""
    return note.read_text(encoding="utf-8", errors="replace") if note.is_file() else ""


def _fingerprint(outcomes: list[Outcome], run: RunSettings) -> str:
    """One hash of prose and executed notebooks, and of what renders them."""
    prose = [f"{entry.name}/**/*" if entry.is_dir() else entry.name for entry in paths.BOOK.glob("[!_]*")]
    prose += ["_*.yml", "_static/**/*", "_templates/**/*"]  # but not _build
    return fingerprint(
        results=run.results,
        pages=sha256_folder(paths.BOOK, prose),
        prose={outcome.chapter.name: sha256_file(outcome.chapter.notebook) for outcome in outcomes},
        chapters={outcome.chapter.name: outcome.manifest["check"] for outcome in outcomes},
        code=modules_sha256(__name__, "ytcat.report.notebook"),
        lock=sha256_file(paths.LOCK_FILE),
        python=sys.version,
    )


def _stage(stage: Path, outcomes: list[Outcome]) -> None:
    """Put together what Jupyter Book will read: the prose pages and the executed notebooks."""
    import nbformat

    from ytcat.report.notebook import published

    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(paths.BOOK, stage, ignore=shutil.ignore_patterns("_build", "._*", ".DS_Store"))
    for folder in (stage, *(path for path in stage.rglob("*") if path.is_dir())):
        folder.chmod(folder.stat().st_mode | 0o700)  # of a checkout that is only read
    for outcome in outcomes:
        page = stage / _page(outcome)
        page.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(published(outcome.chapter, outcome.notebook), page)


def _page(outcome: Outcome) -> Path:
    """The chapter's page, as the book's other pages name it."""
    return Path("notebooks") / outcome.chapter.folder / f"{outcome.chapter.name}.ipynb"


def _this_build(outcomes: list[Outcome], run: RunSettings, corpus: Corpus) -> str:
    """The page that tells, from the manifests, what this book stands on. Two builds differ in nothing."""
    total = sum(outcome.seconds for outcome in outcomes)
    chapters = [
        {
            "Chapter": f"[{outcome.chapter.name}]({_page(outcome).as_posix()})",
            "Seconds": f"{outcome.seconds:.0f}",
            "Share": f"{outcome.seconds / total:.0%}",
            "Fingerprint": f"`{outcome.fingerprint[:12]}`",
        }
        for outcome in outcomes
    ]
    chapters.append({"Chapter": "all, one after the other", "Seconds": f"{total:.0f}"})
    manifest = outcomes[0].manifest
    versions = manifest["versions"] | {
        "processor": manifest["processor"],
        "operating system": f"{platform.system()} {platform.machine()}",
    }
    return THIS_BUILD.format(
        corpus=corpus.name,
        kind="**synthetic**, not YouTube" if corpus.synthetic else "real videos",
        videos=corpus.report.kept,
        profile=run.profile,
        chapters=_markdown(chapters),
        versions=_markdown({"What": name, "Version": version} for name, version in versions.items()),
        manifests="\n".join(
            f":::{{dropdown}} {outcome.chapter.name}\n{_markdown(_manifest_rows(outcome.manifest))}\n:::\n"
            for outcome in outcomes
        ),
    )


def _manifest_rows(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    git = manifest["git"]
    parameters = (f"`{name} = {value!r}`" for name, value in manifest["parameters"].items())
    values = {
        "commit": f"`{(git['commit'] or 'unknown')[:12]}`{' and changes' if git['dirty'] else ''}",
        "parameters": ", ".join(parameters).replace("|", "\\|"),
        "seconds": manifest["seconds"],
    } | {f"SHA-256, {name}": f"`{sha256[:16]}`" for name, sha256 in manifest["sha256"].items() if sha256}
    return [{"What": what, "Value": value} for what, value in values.items()]


def _markdown(rows: Iterable[dict[str, Any]]) -> str:
    import pandas as pd

    return pd.DataFrame(list(rows)).fillna("").to_markdown(index=False, disable_numparse=True)


def _render(stage: Path, html: Path) -> None:
    """Build from nothing (an incremental build differs from a clean one), then swap it in."""
    out = stage.with_name("book-out")
    shutil.rmtree(out, ignore_errors=True)
    # Beside this interpreter, since the environment need not be activated.
    command = [Path(sys.executable).with_name("jupyter-book"), "build", stage, "--path-output", out]
    result = subprocess.run(
        [*command, "-W", "-n", "--keep-going"],
        capture_output=True, encoding="utf-8", errors="replace", check=False, cwd=stage,
    )  # fmt: skip
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
