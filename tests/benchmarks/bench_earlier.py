"""This version against an earlier one of the same report, commit cb55443, each with the packages it asks for.

A title answered, a folder of videos answered from titles and thumbnails, a corpus ingested and the demo book
from nothing, each by a process of its own with a build folder of its own, in turn. The earlier book has 11
chapters and pages.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench_book import copy_of_repository, watched
from generated import corpus
from table import QUICK, Measured, report, row, scratch

from ytcat import paths
from ytcat.report.chapters import CHAPTERS

EARLIER = "cb55443"
VIDEOS, LEARNED = (200, 140) if QUICK else (20_000, 2_000)
ANSWERED, BOTH_LEARNED = (20, 140) if QUICK else (500, 560)  # videos with thumbnails
BOTH = "title_linear" if QUICK else "best"  # the earlier sentence encoder needs packages of its own
BOOK = ["notebooks", "--chapter=04_text_model", "--profile=smoke"] if QUICK else ["book"]
REPEATS = 1 if QUICK else 3
YTCAT = Path(sys.executable).with_name("ytcat")


def earlier_version(folder: Path) -> Path:
    """The files of the earlier commit, set up; where the clone does not hold it, this ends and says so."""
    command = ["git", "-C", str(paths.ROOT), "archive", EARLIER]
    archive = subprocess.run(command, capture_output=True)
    if archive.returncode:
        print(f"not measured: this clone has no commit {EARLIER} (git fetch --unshallow)")
        raise SystemExit  # the other benchmarks do not need it
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    if not QUICK:  # what is asked then can do without the packages that only the earlier version needs
        subprocess.run(["make", "env"], cwd=folder, check=True)
    return folder


def ytcat(root: Path, *arguments: str | Path) -> Measured:
    """The command of the version in `root`."""
    own = root / ".venv" / "bin" / "ytcat"
    return watched([own if own.exists() else YTCAT, *arguments], root)


def from_nothing(root: Path, command: list[str | Path]) -> Measured:
    """`ytcat` of the version in `root`, with an empty build folder."""
    shutil.rmtree(root / "build", ignore_errors=True)
    return ytcat(root, *command)


def trained(root: Path, source: Path, name: str) -> Path:
    """A model folder, trained by the version in `root`."""
    model = root / f"model of {source.name}"
    ytcat(root, "train", "--corpus", source, "--out", model, "--model", name)
    return model


def against(
    what: str, n: int, unit: str, pairs: Sequence[Sequence[Measured]], more: str = "", **target: float
) -> dict[str, Any]:
    """A row of the table from pairs of measurements, this version's first."""
    ours, earlier = zip(*pairs, strict=True)
    note = f"whole process, memory of all its processes{more}"
    what = f"{what} (against an earlier version)"
    return row(what, n, unit, ours, earlier, stock_way=f"commit {EARLIER}", note=note, **target)


if __name__ == "__main__":
    with scratch() as name:
        folder = Path(name)
        versions = [copy_of_repository(folder / "now"), earlier_version(folder / "earlier")]
        many = corpus(folder / "many", VIDEOS)
        few = corpus(folder / "few", LEARNED, thumbnails=False)
        models = {root: trained(root, few, "title_linear") for root in versions}
        ask = ["predict", "--title", "A song", "--model"]
        answer = [[ytcat(root, *ask, models[root]) for root in versions] for _ in range(REPEATS)]

        pictured = corpus(folder / "pictured", BOTH_LEARNED)
        models = {root: trained(root, pictured, BOTH) for root in versions}
        ask = ["predict", "--corpus", corpus(folder / "asked", ANSWERED), "--out", folder / "answers.csv"]
        answers = [[ytcat(root, *ask, "--model", models[root]) for root in versions] for _ in range(REPEATS)]
        ingest = [[from_nothing(root, ["corpus", many]) for root in versions] for _ in range(REPEATS)]
        book = [[from_nothing(root, BOOK) for root in versions]]
    rows = [
        against("One title answered", 1, "title", answer, target_seconds=1.5),
        against(
            "A folder answered from titles and thumbnails",
            ANSWERED,
            "videos",
            answers,
            "; the chosen model",
            target_seconds=12,
        ),
        against("A corpus ingested", VIDEOS, "videos", ingest),
        against(
            "The demo book from nothing",
            len(CHAPTERS),
            "chapters",
            book,
            "; the earlier one has 11",
            target_ratio=2,
        ),
    ]
    report("earlier", "Against an earlier version", rows)
