"""From a corpus folder, however messy, to one Parquet file and a report that accounts for every record."""

import csv
import hashlib
import itertools
import json
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, model_validator
from tqdm import tqdm

from ytcat.atomic_files import atomic_path, atomic_write, sha256_file, sha256_folder
from ytcat.categories import IDS, labels
from ytcat.corpus import schema, thumbnails
from ytcat.exceptions import YtcatError

REQUIRED = ("video_id", "title", "category_id")
OPTIONAL = ("channel_title", "publish_time", "tags")
TRENDING = ("trending_date", "date")  # Kaggle's names for the day on which a video trended
ROW_GROUP = 512  # videos a Parquet row group: bounds the thumbnails in memory at once
EXAMPLES = 3  # rows at fault that the report shows, for each reason

_VIDEO_ID = re.compile(schema.VIDEO_ID)
_INTEGER = re.compile(r"[0-9]{1,9}")
_SURROGATE = re.compile("[\ud800-\udfff]")  # what "surrogateescape" makes of a byte that is not UTF-8


class Example(BaseModel):
    """One record at fault."""

    model_config = ConfigDict(frozen=True)

    line: int  # of the CSV file, the header being line 1
    reason: str
    value: str  # the value at fault, shortened


class Report(BaseModel):
    """What ingesting a corpus folder kept and dropped.

    A record is a row of the CSV, be it of several lines. Where a quote is never closed, the line that opens
    it is a record of its own, and reading goes on at the next line. Header and blank lines are no records.
    """

    model_config = ConfigDict(frozen=True)

    sources: dict[str, str]  # file or folder: SHA-256
    read: int  # records
    kept: int  # videos
    dropped: dict[str, int]  # reason: records; kept + dropped = read
    last_by: str  # which of a video's rows is its last, the one that is kept
    examples: tuple[Example, ...]  # the first few for each reason
    without: dict[str, int]  # kept videos that lack an optional value
    unreadable_times: int  # of those without publish_time: the ones that have a text there
    thumbnails: dict[str, int]  # kept videos by the state of their thumbnail; they sum to kept
    unused_thumbnails: int  # entries of thumbnails/ that belong to no kept video
    sha256: str  # of the videos and their thumbnails, whatever files they came in

    @model_validator(mode="after")
    def _adds_up(self) -> "Report":
        if self.kept + sum(self.dropped.values()) != self.read:
            raise ValueError(f"kept {self.kept} + dropped {self.dropped} is not read {self.read}")
        if sum(self.thumbnails.values()) != self.kept:
            raise ValueError(f"thumbnails {self.thumbnails} do not sum to kept {self.kept}")
        return self


def ingest(source: Path, out: Path) -> Report:
    """Read the corpus folder `source`; write `out/corpus.parquet` and `out/report.json`, both or neither.

    The Parquet file has the columns of `schema.PARQUET` and one row a video, in the order in which the videos
    first appear. Of a video with several rows the last is kept: by trending date where the file has one (of
    equal dates the later row), otherwise by place in the file. Nothing in `source` is changed. Raises
    YtcatError if `source` has no usable CSV, or if `out` has content already or lies inside `source`.
    """
    source, out = Path(source), Path(out)
    csv_path = find_csv(source)
    refuse_inside(out, source)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise YtcatError(f"{out} exists already. Remove it, or choose another place for the ingested corpus.")

    rows, ledger, last_by = _read(csv_path)
    with atomic_path(out) as temporary:
        temporary.mkdir()
        written = _write(rows, source, temporary / "corpus.parquet")
        report = Report(
            sources={
                csv_path.name: sha256_file(csv_path),
                "thumbnails/": sha256_folder(source, ["thumbnails/*"]),
            },
            read=len(rows) + ledger.dropped.total(),
            kept=len(rows),
            dropped=dict(sorted(ledger.dropped.items())),
            last_by=last_by,
            examples=tuple(sorted(ledger.examples, key=lambda example: example.line)),
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
    """The videos of a folder whose categories are to be found: n of them, one a video id."""

    video_ids: list[str]
    titles: list[str]
    pictures: list[bytes | None]  # the thumbnails' bytes; None where there is none that can be used
    dropped: dict[str, int]  # reason: records


def read_unlabelled(source: Path) -> Unlabelled:
    """Read a corpus folder as `ingest` does, but without asking for `category_id`, and write nothing.

    Raises YtcatError if `source` has no usable CSV.
    """
    path = find_csv(Path(source))
    rows, ledger, _ = _read(path, labelled=False)
    folder, inside = path.parent / "thumbnails", path.parent.resolve()
    names = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    pictures = [
        _thumbnail(folder / name, inside)[0] if name in names else None
        for name in (f"{row.video_id}.jpg" for row in rows)
    ]
    ids, titles = [row.video_id for row in rows], [row.title for row in rows]
    return Unlabelled(ids, titles, pictures, dict(sorted(ledger.dropped.items())))


class Survey(NamedTuple):
    """What the CSV of a corpus folder holds."""

    video_ids: list[str]  # of the videos that `ingest` keeps, in its order
    read: int  # records
    dropped: dict[str, int]  # reason: records
    published: tuple[str, str] | None  # the first and the last day, ISO 8601
    trended: tuple[str, str] | None  # likewise, of each video's kept row


def survey(source: Path) -> Survey:
    """Read the CSV of a corpus folder as `ingest` does, without its thumbnails, and write nothing.

    Raises YtcatError if `source` has no usable CSV.
    """
    rows, ledger, _ = _read(find_csv(Path(source)))
    published = [row.publish_time[:10] for row in rows if re.match(r"\d{4}-\d\d-\d\d", row.publish_time)]
    trended = ["{:04}-{:02}-{:02}".format(*row.trended) for row in rows if row.trended[0]]
    return Survey(
        [row.video_id for row in rows],
        len(rows) + ledger.dropped.total(),
        dict(sorted(ledger.dropped.items())),
        (min(published), max(published)) if published else None,
        (min(trended), max(trended)) if trended else None,
    )


def find_csv(source: Path) -> Path:
    """The CSV of a corpus folder: `videos.csv`, or `??videos.csv` as Kaggle names it.

    Raises YtcatError if there is no folder, not exactly one such file, or only a link out of the folder.
    """
    if not source.is_dir():
        raise YtcatError(
            f"There is no corpus folder {source}. Give a folder that has a videos.csv (or Kaggle's "
            'USvideos.csv), or "demo" for the generated corpus.'
        )
    found = sorted({*source.glob("videos.csv"), *source.glob("??videos.csv")})
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise YtcatError(
            f"The corpus folder {source} must have exactly one videos.csv or ??videos.csv (such as Kaggle's "
            f"USvideos.csv); found: {names}. Put each corpus into a folder of its own."
        )
    if not found[0].is_file() or not found[0].resolve().is_relative_to(source.resolve()):
        raise YtcatError(
            f"{found[0]} is not a file in the corpus folder. Copy the file itself into the folder."
        )
    return found[0]


def source_sha256(source: Path) -> str:
    """The SHA-256 of what `ingest` reads of a corpus folder: its CSV and its thumbnails."""
    csv_path = find_csv(source)
    parts = (csv_path.name, sha256_file(csv_path), sha256_folder(source, ["thumbnails/*"]))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def refuse_inside(out: Path, source: Path) -> None:
    """Raise YtcatError if `out` lies inside the corpus folder `source`, which is never written to."""
    if out.resolve().is_relative_to(source.resolve()):
        raise YtcatError(
            f"{out} lies inside the corpus folder {source}, which is never changed. Choose another place."
        )


class _Row(NamedTuple):
    """One good record; texts are stripped, and "" where there is none."""

    line: int
    video_id: str
    title: str
    category_id: int  # 0 where it is not asked for
    channel_title: str
    publish_time: str
    tags: str
    trended: tuple[int, int, int]  # year, month, day


class _Drop(Exception):
    """A record cannot be kept: why, and the value at fault."""


class _Ledger:
    """Counts the records that are dropped, and remembers the first of each kind."""

    def __init__(self) -> None:
        self.dropped: Counter[str] = Counter()
        self.examples: list[Example] = []

    def drop(self, line: int, reason: str, value: str) -> None:
        self.dropped[reason] += 1
        if self.dropped[reason] <= EXAMPLES:
            shown = (
                value[:80].encode("utf-8", "backslashreplace").decode()
            )  # a byte that is not UTF-8 as \\udcff
            self.examples.append(Example(line=line, reason=reason, value=shown))


def _read(path: Path, labelled: bool = True) -> tuple[list[_Row], _Ledger, str]:
    """The rows to keep, one a video in order of first appearance; the dropped; what tells a video's last."""
    # Universal newlines, as csv itself would see them; str.splitlines would also split at U+2028 in a title.
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
        return _rows(path, lines, labelled)


def _rows(path: Path, lines: Iterator[str], labelled: bool) -> tuple[list[_Row], _Ledger, str]:
    header = [name.strip() for name in next(csv.reader([next(lines, "")]), [])]
    required = REQUIRED if labelled else REQUIRED[:2]
    missing = [name for name in required if name not in header]
    if missing:
        raise YtcatError(
            f"{path} lacks the column(s) {', '.join(missing)}. Its first line has: {header!r}. Wanted is a "
            f"comma-separated UTF-8 file with a header line and at least the columns {', '.join(required)}."
        )
    trending = next((name for name in TRENDING if name in header), None)

    ledger = _Ledger()
    last: dict[str, _Row] = {}
    records = _records(lines, header)
    for line, record in tqdm(records, f"Reading {path.name}", leave=False, unit=" rows", disable=None):
        try:
            row = _row(line, record, header, trending, labelled)
        except _Drop as drop:
            ledger.drop(line, *drop.args)
            continue
        previous = last.get(row.video_id)
        if previous is not None and row.trended < previous.trended:
            row, previous = previous, row
        if previous is not None:
            ledger.drop(previous.line, "duplicate video", previous.video_id)
        last[row.video_id] = row
    return list(last.values()), ledger, trending or "place in the file"


def _records(lines: Iterator[str], header: list[str]) -> Iterator[tuple[int, list[str] | _Drop]]:
    """The records after the header, each with its first line's number; a _Drop for an unreadable one.

    Lines are read as they are needed: a large file is never in memory as a whole.
    """
    start, ahead = 2, deque[str]()  # the lines that were read, but belong to no record yet
    while next(_following(lines, ahead, 0), None) is not None:
        record, n_lines = _record(lines, ahead, header)
        if record:  # else a blank line
            yield start, record
        start += n_lines
        for _ in range(n_lines):
            ahead.popleft()


def _following(lines: Iterator[str], ahead: deque[str], start: int) -> Iterator[str]:
    """The lines to come, from number `start` on, without using them up: what is read waits in `ahead`."""
    for number in itertools.count(start):
        if number == len(ahead):
            line = next(lines, None)
            if line is None:
                return
            ahead.append(line)
        yield ahead[number]


def _record(lines: Iterator[str], ahead: deque[str], header: list[str]) -> tuple[list[str] | _Drop, int]:
    """The record that starts at the first line of `ahead`, and how many lines it has; these are in `ahead`.

    A quote may hold line breaks, so one that is never closed would swallow all that follows, up to the next
    quote. It shows: a line that follows is a whole record by itself, or the closing quote is not at a field's
    end. Then the record ends with its first line.
    """
    first, following = ahead[0], _following(lines, ahead, 1)
    inside = itertools.takewhile(lambda line: not _is_whole_record(line, header), following)
    reader = csv.reader(itertools.chain([first], inside), strict=True)
    try:
        return next(reader), reader.line_num
    except csv.Error:
        pass
    # The line alone, leniently: people do write "so-called" words at the start of an unquoted field.
    reader = csv.reader([first, ""])
    try:
        record = next(reader)
    except csv.Error:
        return _Drop(f"field over {csv.field_size_limit():,} characters", first), 1
    if reader.line_num > 1:
        return _Drop("unterminated quote", first.rstrip("\n")), 1
    return record, 1


def _is_whole_record(line: str, header: list[str]) -> bool:
    fields = next(csv.reader([line]), [])
    if len(fields) != len(header):
        return False
    named = dict(zip(header, fields, strict=True))
    category_id = named.get("category_id", "0").strip()
    return bool(_VIDEO_ID.fullmatch(named["video_id"].strip()) and _INTEGER.fullmatch(category_id))


def _row(
    line: int, record: list[str] | _Drop, header: list[str], trending: str | None, labelled: bool
) -> _Row:
    """A record's values, checked; raises _Drop."""
    if isinstance(record, _Drop):
        raise record
    if len(record) != len(header):
        amount = "few" if len(record) < len(header) else "many"
        raise _Drop(f"too {amount} columns", f"{len(record)} of {len(header)}: {','.join(record)}")
    named = dict(zip(header, record, strict=True))
    value = {name: named.get(name, "").strip() for name in (*REQUIRED, *OPTIONAL)}
    for text in value.values():
        if "\0" in text:
            raise _Drop("NUL byte", text)
        if _SURROGATE.search(text):
            raise _Drop("not UTF-8", text)
    if not value["video_id"]:
        raise _Drop("empty video id", value["title"])
    if not _VIDEO_ID.fullmatch(value["video_id"]):
        raise _Drop("invalid video id", value["video_id"])
    if not value["title"]:
        raise _Drop("empty title", value["video_id"])
    category_id = _category(value["category_id"]) if labelled else 0
    trended = _trending_day(named[trending].strip()) if trending else (0, 0, 0)
    return _Row(
        line,
        trended=trended,
        **value | {"category_id": category_id, "tags": _tags(value["tags"])},
    )


def _category(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise _Drop("category is no integer", text)
    if int(text) not in IDS:
        raise _Drop("category outside the 14", text)
    return int(text)


def _trending_day(text: str) -> tuple[int, int, int]:
    """(year, month, day) of Kaggle's 17.14.11 (year, day, month), 14.11 (day, month: year 0) or 2017-11-14.

    Anything else is (0, 0, 0), before every day. A file of days without a year must not run past New Year.
    """
    if match := re.fullmatch(r"(\d\d)\.(\d\d)\.(\d\d)", text):
        return 2000 + int(match[1]), int(match[3]), int(match[2])
    if match := re.fullmatch(r"(\d\d?)\.(\d\d?)", text):
        return 0, int(match[2]), int(match[1])
    if match := re.match(r"(\d{4})-(\d\d)-(\d\d)", text):
        return int(match[1]), int(match[2]), int(match[3])
    return 0, 0, 0


def _tags(text: str) -> str:
    """Tags separated by |, without Kaggle's quotes around each; "" for none, which Kaggle writes [none]."""
    tags = [tag.strip().strip('"').strip() for tag in text.split("|")]
    return "" if text.lower() == "[none]" else "|".join(tag for tag in tags if tag)


def _table(rows: list[_Row]) -> pa.Table:
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


class _Written(NamedTuple):
    """What writing the Parquet file showed."""

    states: Counter[str]  # videos by the state of their thumbnail
    without: Counter[str]  # videos that lack a value, by column
    unused: int  # entries of thumbnails/ that belong to no video
    sha256: str  # of the corpus


def _write(rows: list[_Row], source: Path, path: Path) -> _Written:
    """Write the videos with their thumbnails, a row group in memory at a time."""
    folder = source / "thumbnails"
    inside = source.resolve()
    # Listed once, so that an id only ever meets the names that are there, in their own upper and lower case.
    unused = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
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
                name = f"{row['video_id']}.jpg"
                picture, state = _thumbnail(folder / name, inside) if name in unused else (None, "missing")
                unused.discard(name)
                pictures.append(picture)
                states.append(state)
                _update(digest, row, picture)
                progress.update()
            has_thumbnail = [state == "ok" for state in states]
            schema.VIDEOS.validate(group.to_pandas().assign(has_thumbnail=has_thumbnail))
            writer.write_table(
                group.append_column(schema.PARQUET.field("thumbnail"), pa.array(pictures, pa.binary()))
            )
            all_states.update(states)
            without.update({name: group[name].null_count for name in group.column_names})
    return _Written(all_states, without, len(unused), digest.hexdigest())


def _thumbnail(path: Path, inside: Path) -> tuple[bytes | None, str]:
    """A thumbnail's bytes, None if it is of no use, and its state; no link out of `inside` is followed."""
    if not path.resolve().is_relative_to(inside):
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


def _update(digest: "hashlib._Hash", row: dict, picture: bytes | None) -> None:
    """Add one video to the corpus hash: a line of JSON, the picture by its SHA-256."""
    values: Iterable = row.values()
    line = [value.isoformat() if hasattr(value, "isoformat") else value for value in values]
    line.append(picture and hashlib.sha256(picture).hexdigest())
    digest.update((json.dumps(line) + "\n").encode())
