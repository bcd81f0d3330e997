"""Where real videos come from: Kaggle's data sets, YouTube's own API, and the thumbnails of both.

What comes out is a corpus folder that `ytcat.corpus` ingests: `videos.csv`, `thumbnails/<video_id>.jpg`, and
beside them `provenance.json`, `gone.csv` (videos whose thumbnail YouTube no longer has) and the category
file. Nothing is asked for twice, and whatever is killed leaves a folder that the next run goes on with.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ytcat import paths
from ytcat.exceptions import YtcatError

_LEFTOVER = re.compile(r"\..+\.[0-9a-f]{12}\.tmp")  # what `files.atomic_path` leaves if it is killed


def default_folder(source: str, region: str) -> Path:
    """Where a corpus of that name and region is kept; `make` looks for Kaggle's there."""
    return paths.build_folder() / "data" / f"{source}-{region}"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep a corpus folder to this process alone, free of what killed ones left half written.

    Raises YtcatError if another process is at work on it.
    """
    folder = folder.resolve()  # so that "." has a name
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder.with_name(f".{folder.name}.lock"), timeout=0):
            _sweep(folder)
            yield
    except Timeout:
        raise YtcatError(
            f"Another process is getting data into {folder}. Wait until it has ended, then run this again."
        ) from None


def _sweep(folder: Path) -> None:
    beside = [path for path in folder.parent.iterdir() if path.name.startswith(f".{folder.name}.")]
    inside = [path for part in (folder, folder / "thumbnails") if part.is_dir() for path in part.iterdir()]
    for path in (*beside, *inside):
        if not _LEFTOVER.fullmatch(path.name):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
