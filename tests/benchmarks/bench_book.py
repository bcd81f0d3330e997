"""The book: from nothing, again with nothing changed, and with one module changed; and the start of `ytcat`.

In a copy of the repository, with a build folder of its own, in the profile `smoke`.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import psutil
from table import QUICK, Measured, report, row, scratch

from ytcat import paths
from ytcat.report.chapters import CHAPTERS

CHANGED = "src/ytcat/models/text.py"  # the module that is changed
ONLY = ["notebooks", "--chapter=04_text_model"] if QUICK else ["book"]  # what `ytcat` is asked for
INTERVAL = 0.05  # seconds between two looks at the memory
IMPORTS = "import keras, numpy, pandas, sklearn, ytcat.cli; sys.argv[1:] = ['--help']; ytcat.cli.app()"


def copy_of_repository(folder: Path) -> Path:
    """All files that git knows, as they are now."""
    command = ["git", "-C", str(paths.ROOT), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(paths.ROOT / name, folder / name)
    return folder


def watched(command: Sequence[str | Path], root: Path) -> Measured:
    """Run a command on the package of `root`; its memory is the most that it and its children had at once.

    What several processes share is counted once for each.
    """
    environment = os.environ | {"PYTHONPATH": str(root / "src"), "YTCAT_BUILD": str(root / "build")}
    ended = Event()
    with (root / "said").open("w+") as said, ThreadPoolExecutor(1) as pool:
        started = time.perf_counter()
        process = psutil.Popen(command, env=environment, cwd=root, stdout=said, stderr=said)
        most = pool.submit(_most_resident, process, ended)
        code = process.wait()
        seconds = time.perf_counter() - started
        ended.set()
        if code:
            said.seek(0)
            raise SystemExit(f"{command} failed:\n{said.read()}")
    return Measured(seconds, most.result() / 1e9, None)


def _most_resident(process: psutil.Popen, ended: Event) -> int:
    """Bytes, of the process and its children together."""
    most = 0
    while not ended.wait(INTERVAL):
        most = max(most, sum(map(_resident, [process, *_children(process)])))
    return most


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:  # it has ended since it was listed
        return 0


if __name__ == "__main__":
    ytcat = Path(sys.executable).with_name("ytcat")
    with scratch() as folder:
        root = copy_of_repository(Path(folder) / "repository")
        helps, imports = [], []
        for _ in range(5):
            helps.append(watched([ytcat, "--help"], root))
            imports.append(watched([sys.executable, "-c", f"import sys; {IMPORTS}"], root))
        build = [ytcat, *ONLY, "--profile=smoke"]
        cold = [watched(build, root)]
        warm = [watched(build, root) for _ in range(3)]
        with (root / CHANGED).open("a") as module:
            module.write("# a change\n")
        changed = [watched(build, root)]
    chapters = 1 if QUICK else len(CHAPTERS)
    note = "profile smoke, memory of all processes"
    rows = [
        row("The book from nothing", chapters, "chapters", cold, note=note),
        row(
            "The book, nothing changed",
            chapters,
            "chapters",
            warm,
            cold,
            stock_way="from nothing",
            target_seconds=None if QUICK else 3,
            note=note,
        ),
        row(
            f"The book, `{Path(CHANGED).name}` changed",
            chapters,
            "chapters",
            changed,
            cold,
            stock_way="from nothing",
            note=note,
        ),
        row(
            "Starting `ytcat --help`",
            1,
            "start",
            helps,
            imports,
            stock_way="with its imports at the top",
            target_seconds=0.5,
        ),
    ]
    report("book", "The book and the command line", rows)
