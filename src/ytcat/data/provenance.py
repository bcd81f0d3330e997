"""`provenance.json`: the sources of a corpus folder, when they were read, and how many videos they gave."""

import codecs
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from ytcat.atomic_files import atomic_write
from ytcat.corpus.records import read_records
from ytcat.exceptions import YtcatError

FILE = "provenance.json"


class Source(BaseModel):
    """One file or response."""

    name: str  # of the file, or the request without any key
    origin: str  # the site or the user
    sha256: str
    fetched: str  # time in UTC, ISO 8601
    unusable: dict[str, int] = {}  # items of a response that are no video, by reason


class Thumbnails(BaseModel):
    """The outcome of all runs of the thumbnail client."""

    origin: str
    finished: str  # the end of the last run that changed something
    outcomes: dict[str, int]  # videos by outcome; they sum to the videos
    sha256: str  # of the file names and contents of the folder


class Provenance(BaseModel):
    """The provenance of one corpus folder. It holds no key, title or id."""

    source: str
    region: str  # two letters
    licence: str  # as the source states it
    sources: list[Source]
    read: int  # records of videos.csv, and unusable items of the sources
    kept: int  # videos that ingesting keeps
    dropped: dict[str, int]  # records and items by reason; kept + dropped = read
    published: tuple[str, str] | None  # first and last day
    trended: tuple[str, str] | None  # likewise, of the last day of each video
    # Those of the 14 that the category file of the region lacks; None if there was no such file.
    categories_absent: list[int] | None
    thumbnails: Thumbnails | None = None

    @classmethod
    def of(cls, folder: Path, sources: list[Source], **known: object) -> "Provenance":
        """The provenance of a folder with a `videos.csv`: counts and days from the file, the rest `known`."""
        records = read_records(folder)
        dropped = records.dropped + sum((Counter(source.unusable) for source in sources), Counter())
        return cls(
            sources=sources,
            read=len(records.videos) + dropped.total(),
            kept=len(records.videos),
            dropped=dict(sorted(dropped.items())),
            published=records.published,
            trended=records.trended,
            **known,
        )

    def write(self, folder: Path) -> None:
        """Write `provenance.json`, whole or not at all."""
        atomic_write(folder / FILE, self.model_dump_json(indent=2) + "\n")


class DamagedError(YtcatError):
    """A `provenance.json` that cannot be read."""


def read(folder: Path) -> Provenance | None:
    """The provenance of a corpus folder, None if it has none; raises DamagedError if it cannot be read."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        return Provenance.model_validate_json(path.read_bytes().removeprefix(codecs.BOM_UTF8))
    except (ValidationError, OSError) as error:
        raise DamagedError(
            f"{path} is damaged or not as this version of ytcat writes it ({str(error).splitlines()[0]}). "
            "Run the `ytcat data` command again that made the folder: it writes the file anew. Or remove the "
            "file: the videos can be read without it."
        ) from None


def now() -> str:
    """The current time in UTC, to the second; SOURCE_DATE_EPOCH overrides it, for reproducible builds."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    except (ValueError, OverflowError, OSError):
        raise YtcatError(
            f"SOURCE_DATE_EPOCH={epoch} is no time: give whole seconds since 1970, or unset it."
        ) from None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
