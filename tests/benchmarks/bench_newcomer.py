"""The README's first command in a fresh copy, with empty caches: what one waits for, downloads included."""

import os
from pathlib import Path

from bench_book import copy_of_repository, watched
from table import QUICK, report, row, scratch

from ytcat.report.chapters import CHAPTERS

SET_UP, BUILD = (["make", "doctor"],) * 2 if QUICK else (["make", "env"], ["make", "book"])

if __name__ == "__main__":
    with scratch() as folder:
        os.environ |= {"HOME": folder, "XDG_CACHE_HOME": str(Path(folder) / "cache")}
        root = copy_of_repository(Path(folder) / "repository")
        set_up = watched(SET_UP, root)
        first = watched(BUILD, root)
        again = [watched(BUILD, root) for _ in range(3)]
    note = "memory of all processes"
    rows = [
        row("`make env`", 1, "environment", [set_up], note="with downloads"),
        row("`make book`", len(CHAPTERS), "chapters", [first], note=f"profile demo, {note}"),
        row("`make book`, nothing changed", len(CHAPTERS), "chapters", again, target_seconds=3, note=note),
    ]
    report("newcomer", "From a clone", rows)
