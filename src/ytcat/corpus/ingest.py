"""Ingesting a corpus folder, however messy: one Parquet file, and a report that accounts for every record."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, model_validator

from ytcat.atomic_files import atomic_path, atomic_write, sha256_file
from ytcat.categories import labels
from ytcat.corpus import schema
from ytcat.corpus.fields import DUPLICATE, OPTIONAL, REASONS
from ytcat.corpus.records import InvalidRecord, find_csv, no_video, read_records
from ytcat.corpus.thumbnails import EXTENSIONS, ThumbnailFolder
from ytcat.exceptions import YtcatError
from ytcat.progress import Progress

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
    lines_like_records: int  # lines inside a quoted text that would be records: a quote may be missing
    without: dict[str, int]  # kept videos without a value, by optional column
    unreadable_times: int  # kept videos whose publish_time is present but cannot be parsed
    unreadable_days: int  # valid records whose trending date is present but cannot be parsed
    thumbnails: dict[str, int]  # kept videos by the state of their thumbnail; they sum to kept
    unused_thumbnails: int  # entries of thumbnails/ that no kept video uses, hidden files apart
    sha256: str  # of the videos and their thumbnails, independent of the files they came in

    @model_validator(mode="after")
    def _adds_up(self) -> "Report":
        if self.kept + sum(self.dropped.values()) != self.read:
            raise ValueError(f"kept {self.kept} + dropped {self.dropped} is not read {self.read}")
        if sum(self.thumbnails.values()) != self.kept:
            raise ValueError(f"thumbnails {self.thumbnails} do not sum to kept {self.kept}")
        return self

    def lines(self) -> list[str]:
        """What was dropped and why, with a remedy, what could not be read, and the states of thumbnails."""
        lines, remedies = [], REASONS | {DUPLICATE: f"The last row of a video was kept, by {self.last_by}"}
        for reason, count in self.dropped.items():
            lines.append(f"dropped {count:,}: {reason}. {remedies[reason]}.")
            lines += [f"  line {one.line}: {one.value}" for one in self.examples if one.reason == reason]
        if self.lines_like_records:
            lines.append(
                f"{self.lines_like_records:,} lines inside quoted texts look like records of their own; they "
                "are read as text, as the quotes say. If a quote is missing, add it."
            )
        if self.unreadable_times:
            lines.append(
                f"{self.unreadable_times:,} videos with a publish_time that is not ISO 8601: no time"
            )
        if self.unreadable_days:
            lines.append(
                f"{self.unreadable_days:,} records with a trending date that cannot be read: they count as "
                "older than those of the same video with a date"
            )
        lines += thumbnail_lines(self.thumbnails)
        if self.unused_thumbnails:
            lines.append(f"entries of thumbnails/ that no video uses: {self.unused_thumbnails:,}")
        return lines


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

    records, folder = read_records(source), ThumbnailFolder(source)
    table = _table(records.videos)
    with atomic_path(out) as temporary:
        temporary.mkdir()
        written = _write(table, source.name, folder, temporary / "corpus.parquet")
        report = Report(
            sources={
                csv_path.name: sha256_file(csv_path),
                "thumbnails/": folder.sha256(),
            },
            read=records.read,
            kept=len(table),
            dropped=dict(sorted(records.dropped.items())),
            last_by=records.last_by,
            examples=tuple(sorted(records.examples, key=lambda example: example.line)),
            lines_like_records=records.lines_like_records,
            without={column: written.without[column] for column in OPTIONAL},
            unreadable_times=written.without["publish_time"] - _n_empty(records.videos["publish_time"]),
            unreadable_days=records.unreadable_days,
            thumbnails=dict(sorted(written.states.items())),
            unused_thumbnails=written.unused,
            sha256=written.sha256,
        )
        atomic_write(temporary / "report.json", report.model_dump_json(indent=2) + "\n")
    return report


def thumbnail_lines(states: dict[str, int]) -> list[str]:
    """How many videos have a thumbnail in which state, with what to do."""
    remedies = {
        "missing": f"no file thumbnails/<video_id> with {', '.join(EXTENSIONS)}",
        "unreadable": "not a whole JPEG, PNG, WebP or GIF picture: replace the file",
        "link out of the folder": "not followed: make thumbnails/ itself the link, or copy the files",
        "placeholder": "YouTube's grey picture of a deleted video",
        "too large": "make it smaller",
    }
    return [
        f"thumbnails {state}: {count:,}" + (f" ({remedies[state]})" if state in remedies else "")
        for state, count in states.items()
    ]


class Unlabelled(NamedTuple):
    """n videos whose categories are unknown, each video id once."""

    video_ids: list[str]
    titles: list[str]
    pictures: list[bytes | None]  # the thumbnail files; None if there is no usable one
    dropped: dict[str, int]  # records by reason
    thumbnails: dict[str, int]  # videos by the state of their thumbnail


def read_unlabelled(source: Path) -> Unlabelled:
    """Read a corpus folder as `ingest` does, but without requiring a category, and write nothing.

    Raises YtcatError if `source` has no usable CSV, or no video in it can be used.
    """
    records = read_records(source, labelled=False)
    if not len(records.videos):
        raise no_video(find_csv(source), records.read, records.dropped, records.examples)
    video_ids = records.videos["video_id"].to_pylist()
    pictures = ThumbnailFolder(source).read(video_ids)
    return Unlabelled(
        video_ids,
        records.videos["title"].to_pylist(),
        [picture.content for picture in pictures],
        dict(sorted(records.dropped.items())),
        dict(sorted(Counter(picture.state for picture in pictures).items())),
    )


def source_sha256(source: Path) -> str:
    """The SHA-256 of all that `ingest` reads in a corpus folder: the CSV and the thumbnails."""
    csv_path = find_csv(source)
    parts = (csv_path.name, sha256_file(csv_path), ThumbnailFolder(source).sha256())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def refuse_inside(out: Path, source: Path) -> None:
    """Raise YtcatError if `out` lies inside the corpus folder `source`, which must not be changed."""
    if out.resolve().is_relative_to(source.resolve()):
        raise YtcatError(
            f"{out} lies inside the corpus folder {source}, which is never changed. Choose another place."
        )


def _table(videos: pa.Table) -> pa.Table:
    """The rows of a CSV as the columns of `schema.PARQUET`, without the thumbnails."""
    # ISO 8601 only: pandas would also take "now".
    texts = videos["publish_time"].to_pandas().astype(object)
    texts = texts.where(texts.str.match(r"\d{4}-\d\d-\d\d"), None)
    times = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce").astype("datetime64[us, UTC]")
    columns = {name: videos[name] for name in ("video_id", "title", "category_id")}
    columns |= {
        "label": labels(videos["category_id"]),
        "channel_title": _or_null(videos["channel_title"]),
        "publish_time": times,
        "tags": _or_null(videos["tags"]),
    }
    names = [name for name in schema.PARQUET.names if name != "thumbnail"]
    return pa.table(columns, schema=pa.schema([schema.PARQUET.field(name) for name in names]))


def _or_null(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(texts, ""), None, texts)


def _n_empty(texts: pa.ChunkedArray) -> int:
    return pc.sum(pc.equal(texts, "")).as_py() or 0


class _Written(NamedTuple):
    """What the Parquet file holds."""

    states: Counter[str]  # videos by the state of their thumbnail
    without: dict[str, int]  # videos without a value, by column
    unused: int  # entries of thumbnails/ that no video uses
    sha256: str  # of the corpus


def _write(table: pa.Table, name: str, folder: ThumbnailFolder, path: Path) -> _Written:
    """Write the videos with their thumbnails, one row group of thumbnails in memory at a time."""
    states, digest = list[str](), hashlib.sha256()
    with (
        path.open("wb") as stream,  # by Python: pyarrow takes no name that the locale cannot express
        pq.ParquetWriter(stream, schema.PARQUET) as writer,
        Progress(f"Ingesting {name}", len(table), " videos") as progress,
    ):
        for start in range(0, len(table), ROW_GROUP):
            group = table.slice(start, ROW_GROUP)
            read = folder.read(group["video_id"].to_pylist())
            pictures = [thumbnail.content for thumbnail in read]
            states += [thumbnail.state for thumbnail in read]
            for row, thumbnail in zip(group.to_pylist(), read, strict=True):
                digest.update(_hashed_line(row, thumbnail.sha256))
            column = pa.array(pictures, pa.binary())
            writer.write_table(group.append_column(schema.PARQUET.field("thumbnail"), column))
            progress.add(len(group))
    used = len(states) - states.count("missing")
    without = {column: table[column].null_count for column in table.column_names}
    return _Written(Counter(states), without, len(folder) - used, digest.hexdigest())


def _hashed_line(row: dict, picture: str | None) -> bytes:
    """The contribution of one video to the corpus hash: a line of JSON, the picture by its SHA-256."""
    values = [value.isoformat() if hasattr(value, "isoformat") else value for value in row.values()]
    values.append(picture)
    return (json.dumps(values) + "\n").encode()
