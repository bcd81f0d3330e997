"""Finished chapters kept by what they stand on: the same inputs again need no new run.

`build/cache/<key>/` holds what a chapter left, `notebook.ipynb` and the folder `run/`, and `entry.json` with
the SHA-256 of each file. An entry is written whole or not at all, and only used if every file is as it was.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ytcat import paths
from ytcat.atomic_files import atomic_path, atomic_write, sha256_file
from ytcat.exceptions import YtcatError

LIMIT = 5_000_000_000  # bytes of all entries; `YTCAT_CACHE_GB` sets another
_INDEX, _NOTEBOOK, _RUN = "entry.json", "notebook.ipynb", "run"


class DamagedError(YtcatError):
    """An entry of which a file is missing or not as it was written."""


@dataclass(frozen=True)
class Entry:
    """A finished chapter."""

    folder: Path
    seconds: float  # that it took
    files: dict[str, str]  # SHA-256 by path below the folder

    @property
    def results(self) -> str:
        """What chapters that read this one depend on: its figures and predictions, as one text of hashes."""
        read = (f"{_RUN}/{name}" for name in ("metrics.json", "predictions.parquet"))
        return " ".join(self.files.get(name, "none") for name in read)


def find(key: str) -> Entry | None:
    """The entry of a key, or None; raises DamagedError, naming the file, for one that cannot be used."""
    folder = _folder(key)
    if not folder.is_dir():
        return None
    entry = _read(folder)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(entry.files.keys() | there - {_INDEX}):
        if name not in there:
            raise DamagedError(f"{folder / name} is missing")
        if sha256_file(folder / name) != entry.files.get(name):
            raise DamagedError(f"{folder / name} is damaged")
    os.utime(folder / _INDEX)  # when it was last of use
    return entry


def keep(key: str, seconds: float, notebook: Path, run: Path) -> Entry:
    """Take a copy of a finished chapter; one that is there already is replaced."""
    folder = _folder(key)
    remove(key)
    with atomic_path(folder) as temporary:
        temporary.mkdir()
        shutil.copyfile(notebook, temporary / _NOTEBOOK)
        if run.is_dir():
            shutil.copytree(run, temporary / _RUN)
        files = {
            path.relative_to(temporary).as_posix(): sha256_file(path)
            for path in sorted(temporary.rglob("*"))
            if path.is_file()
        }
        content = {"seconds": seconds, "files": files}
        (temporary / _INDEX).write_text(_json(content | {"check": _check(content)}))
    return Entry(folder, seconds, files)


def place(entry: Entry, notebook: Path, run: Path) -> bool:
    """Make notebook and run folder what the entry holds; returns whether they were something else."""
    stands = {notebook: entry.files[_NOTEBOOK]} | {
        run / name.removeprefix(f"{_RUN}/"): sha256
        for name, sha256 in entry.files.items()
        if name.startswith(f"{_RUN}/")
    }
    there = {path for path in run.rglob("*") if path.is_file()} | {notebook}
    if there == stands.keys() and all(
        path.is_file() and sha256_file(path) == sha256 for path, sha256 in stands.items()
    ):
        return False
    shutil.rmtree(run, ignore_errors=True)
    if (entry.folder / _RUN).is_dir():
        with atomic_path(run) as temporary:
            shutil.copytree(entry.folder / _RUN, temporary)
    atomic_write(notebook, (entry.folder / _NOTEBOOK).read_bytes())
    return True


def remove(key: str) -> None:
    """Forget an entry, if it is there."""
    shutil.rmtree(_folder(key), ignore_errors=True)


def prune(used: Collection[str]) -> list[str]:
    """Remove the entries of no use for longest until all fit into the limit; those of `used` keys stay.

    Returns the keys that are gone.
    """
    limit = float(os.environ.get("YTCAT_CACHE_GB", LIMIT / 1e9)) * 1e9
    folders = [path for path in _folder("").glob("[!.]*") if path.is_dir()]
    newest_first = sorted(folders, key=_last_used, reverse=True)
    total, gone = 0, []
    for folder in sorted(newest_first, key=lambda path: path.name not in used):
        total += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        if total > limit and folder.name not in used:
            shutil.rmtree(folder)
            gone.append(folder.name)
    return gone


def _folder(key: str) -> Path:
    return paths.build_folder() / "cache" / key


def _last_used(folder: Path) -> float:
    index = folder / _INDEX
    return index.stat().st_mtime if index.is_file() else 0.0


def _read(folder: Path) -> Entry:
    try:
        content = json.loads((folder / _INDEX).read_text())
        if content.pop("check") == _check(content):
            return Entry(folder, **content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    raise DamagedError(f"{folder / _INDEX} is damaged")


def _check(content: dict[str, Any]) -> str:
    return hashlib.sha256(_json(content).encode()).hexdigest()


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, sort_keys=True)
