"""Getting real videos: Kaggle's data sets, YouTube's own API, and the thumbnails of both.

The result is a corpus folder that `ytcat.corpus` ingests: `videos.csv`, `thumbnails/<video_id>.jpg`, and
beside them `provenance.json`, `gone.csv` (videos whose thumbnail YouTube no longer has) and the category
file. Nothing is downloaded twice, and the next run continues from the folder that a killed run leaves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ytcat import paths
from ytcat.atomic_files import remove_leftovers
from ytcat.exceptions import YtcatError

YOUTUBE_ID = r"[A-Za-z0-9_-]{11}"  # of a video on YouTube; a corpus of one's own may have other ids
CATEGORIES = "{}_category_id.json"  # the category file in a corpus folder; {} stands for the region


def default_folder(source: str, region: str) -> Path:
    """The default folder of a corpus; `make` looks for Kaggle's there."""
    return paths.build_folder() / "data" / f"{source}-{region}"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Lock a corpus folder for this process and remove the temporary files of killed ones.

    Raises YtcatError if another process holds the lock, and for an OSError in the body: a full disk, a folder
    that is read-only.
    """
    given = folder
    folder = folder.resolve()  # so that "." has a name
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f".{folder.name}.lock"), timeout=0):
            remove_leftovers(folder.parent, folder.name)
            for part in (folder, folder / "thumbnails"):
                if part.is_dir():
                    remove_leftovers(part)
            yield
    except Timeout:
        raise YtcatError(
            f"Another process is writing to {given}. Wait until it has ended, then run this again."
        ) from None
    except OSError as error:
        raise YtcatError(
            f"{error.filename or given} cannot be read or written ({error.strerror or error}). Nothing is "
            "left half-written. Free disk space or make the folder writable, then run the same command "
            "again: it goes on where it stopped."
        ) from error
