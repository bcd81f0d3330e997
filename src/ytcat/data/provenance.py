"""`provenance.json`: where a corpus folder's content came from, when, and what came of it."""

import os
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from ytcat.atomic_files import atomic_write
from ytcat.corpus.ingest import survey
from ytcat.exceptions import YtcatError

FILE = "provenance.json"


class Source(BaseModel):
    """One thing that was fetched or given."""

    name: str  # of the file, or the request, without any key
    origin: str  # who gave it
    sha256: str
    fetched: str  # when: UTC, ISO 8601


class Thumbnails(BaseModel):
    """What the runs of the thumbnail client came to."""

    origin: str
    finished: str  # when the last run that changed something ended
    outcomes: dict[str, int]  # they sum to the videos
    sha256: str  # of the folder's file names and contents


class Provenance(BaseModel):
    """Of one corpus folder. Holds no key, title or id."""

    source: str
    region: str  # two letters
    licence: str  # as the source states it
    sources: list[Source]
    read: int  # records of videos.csv
    kept: int  # videos that ingesting keeps
    dropped: dict[str, int]  # reason: records
    published: tuple[str, str] | None  # the first and the last day
    trended: tuple[str, str] | None  # likewise, of the day that is kept of each video: its last
    categories_absent: list[int]  # those of the 14 that the region's category file lacks
    thumbnails: Thumbnails | None = None

    @classmethod
    def of(cls, folder: Path, **known: object) -> "Provenance":
        """Of a folder with its `videos.csv`, from what is `known` and what the file shows."""
        found = survey(folder)
        return cls(
            read=found.read,
            kept=len(found.video_ids),
            dropped=found.dropped,
            published=found.published,
            trended=found.trended,
            **known,
        )

    def write(self, folder: Path) -> None:
        """Write `provenance.json`, whole or not at all."""
        atomic_write(folder / FILE, self.model_dump_json(indent=2) + "\n")


def read(folder: Path) -> Provenance | None:
    """The provenance of a corpus folder, None if it has none; raises YtcatError if it cannot be read."""
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        return Provenance.model_validate_json(path.read_bytes())
    except (ValidationError, OSError) as error:
        raise YtcatError(
            f"{path} is not what this version of ytcat writes ({str(error).splitlines()[0]}). "
            "Move the file away; the videos can be read without it."
        ) from None


def now() -> str:
    """This moment in UTC, to the second; SOURCE_DATE_EPOCH sets it, as for any reproducible build."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
