"""Getting real videos: Kaggle's data sets, YouTube's own API, and the thumbnails of both.

The result is a corpus folder that `ytcat.corpus` ingests: `videos.csv`, `thumbnails/<video_id>.jpg`, and
beside them `provenance.json`, `gone.csv` (videos whose thumbnail YouTube no longer has) and the category
file. Nothing is downloaded twice, and the next run continues from the folder that a killed run leaves.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ytcat import paths
from ytcat.exceptions import YtcatError

_LEFTOVER = re.compile(r"\..+\.[0-9a-f]{12}\.tmp")  # what `atomic_path` leaves if killed


def default_folder(source: str, region: str) -> Path:
    """The default folder of a corpus; `make` looks for Kaggle's there."""
    return paths.build_folder() / "data" / f"{source}-{region}"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Lock a corpus folder for this process and remove the temporary files of killed ones.

    Raises YtcatError if another process holds the lock.
    """
    folder = folder.resolve()  # so that "." has a name
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder.with_name(f".{folder.name}.lock"), timeout=0):
            _remove_leftovers(folder)
            yield
    except Timeout:
        raise YtcatError(
            f"Another process is writing to {folder}. Wait until it has ended, then run this again."
        ) from None


def _remove_leftovers(folder: Path) -> None:
    beside = [path for path in folder.parent.iterdir() if path.name.startswith(f".{folder.name}.")]
    inside = [path for part in (folder, folder / "thumbnails") if part.is_dir() for path in part.iterdir()]
    for path in (*beside, *inside):
        if not _LEFTOVER.fullmatch(path.name):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
