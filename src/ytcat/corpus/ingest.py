"""Ingesting a corpus folder, however messy: one Parquet file, and a report that accounts for every record."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, model_validator
from tqdm import tqdm

from ytcat.atomic_files import atomic_path, atomic_write, sha256_file, sha256_folder
from ytcat.categories import labels
from ytcat.corpus import schema, thumbnails
from ytcat.corpus.records import OPTIONAL, InvalidRecord, Row, find_csv, read_records
from ytcat.exceptions import YtcatError

ROW_GROUP = 512  # videos per Parquet row group: bounds the thumbnails in memory at once


class Report(BaseModel):
    """How many records of a corpus folder were kept and dropped, and why.

    A record is one row of the CSV, which may span several lines. If a quote is never closed, the line that
    opens it counts as one record, and reading resumes at the next line. Header and blank lines do not count.
    """

    model_config = ConfigDict(frozen=True)

    sources: dict[str, str]  # SHA-256 by file or folder
    read: int  # records
    kept: int  # videos
    dropped: dict[str, int]  # records by reason; kept + dropped = read
    last_by: str  # what orders the rows of one video, of which the last is kept: a column, or the file
    examples: tuple[InvalidRecord, ...]  # the first few per reason
    without: dict[str, int]  # kept videos without a value, by optional column
    unreadable_times: int  # kept videos whose publish_time is present but cannot be parsed
    thumbnails: dict[str, int]  # kept videos by the state of their thumbnail; they sum to kept
    unused_thumbnails: int  # entries of thumbnails/ that belong to no kept video
    sha256: str  # of the videos and their thumbnails, independent of the files they came in

    @model_validator(mode="after")
    def _adds_up(self) -> "Report":
        if self.kept + sum(self.dropped.values()) != self.read:
            raise ValueError(f"kept {self.kept} + dropped {self.dropped} is not read {self.read}")
        if sum(self.thumbnails.values()) != self.kept:
            raise ValueError(f"thumbnails {self.thumbnails} do not sum to kept {self.kept}")
        return self


def ingest(source: Path, out: Path) -> Report:
    """Read the corpus folder `source`; write `out/corpus.parquet` and `out/report.json`, both or neither.

    The Parquet file has the columns of `schema.PARQUET` and one row per video, in the order in which the
    videos first appear. If a video has several rows, the last is kept: by trending date if the file has that
    column (of equal dates the later row), otherwise by place in the file. Nothing in `source` is changed.
    Raises YtcatError if `source` has no usable CSV, or if `out` is not empty or lies inside `source`.
    """
    source, out = Path(source), Path(out)
    csv_path = find_csv(source)
    refuse_inside(out, source)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise YtcatError(f"{out} exists already. Remove it, or choose another place for the ingested corpus.")

    records = read_records(source)
    rows = records.rows
    with atomic_path(out) as temporary:
        temporary.mkdir()
        written = _write(rows, source, temporary / "corpus.parquet")
        report = Report(
            sources={
                csv_path.name: sha256_file(csv_path),
                "thumbnails/": sha256_folder(source, ["thumbnails/*"]),
            },
            read=records.read,
            kept=len(rows),
            dropped=dict(sorted(records.dropped.items())),
            last_by=records.last_by,
            examples=tuple(sorted(records.examples, key=lambda example: example.line)),
            without={column: written.without[column] for column in OPTIONAL},
            unreadable_times=sum(row.publish_time != "" for row in rows)
            - (len(rows) - written.without["publish_time"]),
            thumbnails=dict(sorted(written.states.items())),
            unused_thumbnails=written.unused,
            sha256=written.sha256,
        )
        atomic_write(temporary / "report.json", report.model_dump_json(indent=2) + "\n")
    return report


class Unlabelled(NamedTuple):
    """n videos whose categories are unknown, each video id once."""

    video_ids: list[str]
    titles: list[str]
    pictures: list[bytes | None]  # the thumbnail files; None if there is no usable one
    dropped: dict[str, int]  # records by reason


def read_unlabelled(source: Path) -> Unlabelled:
    """Read a corpus folder as `ingest` does, but without requiring `category_id`, and write nothing.

    Raises YtcatError if `source` has no usable CSV.
    """
    records, folder = read_records(source, labelled=False), _ThumbnailFolder(source)
    return Unlabelled(
        [row.video_id for row in records.rows],
        [row.title for row in records.rows],
        [folder.read(row.video_id)[0] for row in records.rows],
        dict(sorted(records.dropped.items())),
    )


def source_sha256(source: Path) -> str:
    """The SHA-256 of all that `ingest` reads in a corpus folder: the CSV and the thumbnails."""
    csv_path = find_csv(source)
    parts = (csv_path.name, sha256_file(csv_path), sha256_folder(source, ["thumbnails/*"]))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def refuse_inside(out: Path, source: Path) -> None:
    """Raise YtcatError if `out` lies inside the corpus folder `source`, which must not be changed."""
    if out.resolve().is_relative_to(source.resolve()):
        raise YtcatError(
            f"{out} lies inside the corpus folder {source}, which is never changed. Choose another place."
        )


def _table(rows: list[Row]) -> pa.Table:
    """The rows as the columns of `schema.PARQUET`, without the thumbnails."""
    category_ids = [row.category_id for row in rows]
    # ISO 8601 only: pandas would also take "now".
    texts = pd.Series([row.publish_time for row in rows], dtype=object)
    texts = texts.where(texts.str.match(r"\d{4}-\d\d-\d\d"), None)
    times = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce").astype("datetime64[us, UTC]")
    columns = {
        "video_id": [row.video_id for row in rows],
        "title": [row.title for row in rows],
        "channel_title": [row.channel_title or None for row in rows],
        "category_id": category_ids,
        "label": labels(category_ids),
        "publish_time": times,
        "tags": [row.tags or None for row in rows],
    }
    names = [name for name in schema.PARQUET.names if name != "thumbnail"]
    return pa.table(columns, schema=pa.schema([schema.PARQUET.field(name) for name in names]))


class _ThumbnailFolder:
    """The thumbnails of a corpus folder, read by video id."""

    def __init__(self, source: Path) -> None:
        self._folder, self._inside = source / "thumbnails", source.resolve()
        # Listed once, so that an id matches only the names that exist, in the same upper and lower case.
        self.unused = {entry.name for entry in self._folder.iterdir()} if self._folder.is_dir() else set()

    def read(self, video_id: str) -> tuple[bytes | None, str]:
        """The content of a thumbnail (None unless usable) and its state, each video once.

        Links out of the corpus folder are not followed.
        """
        name = f"{video_id}.jpg"
        if name not in self.unused:
            return None, "missing"
        self.unused.remove(name)
        path = self._folder / name
        if not path.resolve().is_relative_to(self._inside):
            return None, "link out of the folder"
        try:
            if not path.is_file():  # a folder, a pipe
                return None, "unreadable"
            if path.stat().st_size > thumbnails.MAX_BYTES:
                return None, "too large"
            content = path.read_bytes()
        except OSError:
            return None, "unreadable"
        state = thumbnails.status(content)
        return (content if state == "ok" else None), state


class _Written(NamedTuple):
    """What the Parquet file holds."""

    states: Counter[str]  # videos by the state of their thumbnail
    without: Counter[str]  # videos without a value, by column
    unused: int  # entries of thumbnails/ that belong to no video
    sha256: str  # of the corpus


def _write(rows: list[Row], source: Path, path: Path) -> _Written:
    """Write the videos with their thumbnails, one row group in memory at a time."""
    folder = _ThumbnailFolder(source)
    all_states: Counter[str] = Counter()
    without: Counter[str] = Counter()
    digest = hashlib.sha256()
    with (
        pq.ParquetWriter(path, schema.PARQUET) as writer,
        tqdm(total=len(rows), desc=f"Ingesting {source.name}", unit=" videos", disable=None) as progress,
    ):
        for start in range(0, len(rows), ROW_GROUP):
            group = _table(rows[start : start + ROW_GROUP])
            pictures: list[bytes | None] = []
            states: list[str] = []
            for row in group.to_pylist():
                picture, state = folder.read(row["video_id"])
                pictures.append(picture)
                states.append(state)
                digest.update(_hashed_line(row, picture))
                progress.update()
            has_thumbnail = [state == "ok" for state in states]
            schema.videos_schema().validate(group.to_pandas().assign(has_thumbnail=has_thumbnail))
            writer.write_table(
                group.append_column(schema.PARQUET.field("thumbnail"), pa.array(pictures, pa.binary()))
            )
            all_states.update(states)
            without.update({name: group[name].null_count for name in group.column_names})
    return _Written(all_states, without, len(folder.unused), digest.hexdigest())


def _hashed_line(row: dict, picture: bytes | None) -> bytes:
    """The contribution of one video to the corpus hash: a line of JSON, the picture by its SHA-256."""
    values = [value.isoformat() if hasattr(value, "isoformat") else value for value in row.values()]
    values.append(picture and hashlib.sha256(picture).hexdigest())
    return (json.dumps(values) + "\n").encode()
