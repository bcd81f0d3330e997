"""The CSV of a corpus folder, record by record: which rows are kept, and why the others are dropped."""

import codecs
import csv
import io
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from ytcat import paths
from ytcat.corpus import stretches
from ytcat.corpus.fields import (
    CATEGORY,
    DUPLICATE,
    NO_YEAR,
    OPTIONAL,
    REASONS,
    REQUIRED,
    TRENDING,
    Columns,
    Drop,
    checked_row,
    is_whole_record,
    iso_day,
)
from ytcat.exceptions import YtcatError
from ytcat.progress import Progress

BY_PLACE = "place in the file"  # orders the rows of a video where no trending date can be read
EXAMPLES = 3  # invalid records that the report shows, per reason
STRETCH = 2**20  # bytes that are read by column at a time

# What a file begins with that is no CSV in UTF-8, and what to do.
_OTHER_FILES = {
    b"\xff\xfe": "It is in UTF-16: save it as UTF-8",
    b"\xfe\xff": "It is in UTF-16: save it as UTF-8",
    b"\x1f\x8b": "It is compressed with gzip: unpack it",
    b"PK": "It is a zip file or an Excel workbook: unpack it, or save the sheet as CSV in UTF-8",
    b"Rar!": "It is a RAR archive: unpack it",
    b"7z": "It is a 7z archive: unpack it",
    b"BZh": "It is compressed with bzip2: unpack it",
    b"\xfd7zXZ": "It is compressed with xz: unpack it",
    b"<": "It is a web page: download the file itself instead of the page that shows it",
    b"{": "It is JSON: save the videos as CSV",
    b"[": "It is JSON: save the videos as CSV",
    b"sep=": "Its first line is Excel's own: remove it, so that the header is the first",
}

# The fields that nobody reads, such as transcripts, may be longer than the 131,072 characters of the module.
csv.field_size_limit(2**31 - 1)


class InvalidRecord(BaseModel):
    """One record that was dropped."""

    model_config = ConfigDict(frozen=True)

    line: int  # of the CSV file; the header is line 1
    reason: str  # a key of REASONS, or DUPLICATE
    value: str  # the invalid value, shortened


def find_csv(source: Path) -> Path:
    """The CSV of a corpus folder: `videos.csv`, or `??videos.csv` as in Kaggle's data set.

    Hidden files are passed over. Raises YtcatError if the folder does not exist, if it does not hold exactly
    one such file, or if that file is a link out of the folder.
    """
    if not source.is_dir():
        raise YtcatError(
            f"There is no corpus folder {source}. Give a folder with a videos.csv (or Kaggle's "
            'USvideos.csv), or "demo" for the generated corpus.'
        )
    tables = sorted({path for name in paths.CORPUS_TABLES for path in source.glob(name)})
    if len(tables) != 1:
        names = ", ".join(path.name for path in tables) or "none"
        raise YtcatError(
            f"The corpus folder {source} must have exactly one videos.csv or ??videos.csv (such as Kaggle's "
            f"USvideos.csv); found: {names}. Put each corpus into a folder of its own."
        )
    (path,) = tables
    if not path.is_file() or not path.resolve().is_relative_to(source.resolve()):
        raise YtcatError(f"{path} is not a file in the corpus folder. Copy the file itself into the folder.")
    return path


@dataclass
class Records:
    """The records of a CSV: the rows to keep, and the count and first examples of those dropped."""

    # With the columns of `stretches.ROWS`; one row per video, in order of first appearance.
    videos: pa.Table = field(default_factory=lambda: stretches.table_of([]))
    last_by: str = BY_PLACE  # see Report
    dropped: Counter[str] = field(default_factory=Counter)
    examples: list[InvalidRecord] = field(default_factory=list)
    unreadable_days: int = 0  # see Report
    lines_like_records: int = 0  # see Report

    @property
    def read(self) -> int:
        """How many records the file has."""
        return len(self.videos) + self.dropped.total()

    @property
    def published(self) -> tuple[str, str] | None:
        """The first and the last day of publication, ISO 8601; None if there is none."""
        return _first_and_last(map(iso_day, self.videos["publish_time"].to_pylist()))

    @property
    def trended(self) -> tuple[str, str] | None:
        """The first and the last day of trending of the rows to keep, ISO 8601; None if there is none."""
        days = self.videos["trended"].to_pylist()
        return _first_and_last(day for day in days if day and day.year != NO_YEAR)

    def drop(self, line: int, reason: str, value: str) -> None:
        """Count a dropped record; keep it as an example if it is among the first for this reason."""
        self.dropped[reason] += 1
        if self.dropped[reason] <= EXAMPLES:
            # A byte that is not UTF-8 is shown as \\udcff, a line break as \\n: the value stays on its line.
            value = value[:80].encode("utf-8", "backslashreplace").decode()
            value = "".join(c if c.isprintable() else repr(c)[1:-1] for c in value)
            self.examples.append(InvalidRecord(line=line, reason=reason, value=value))


def read_records(source: Path, labelled: bool = True) -> Records:
    """Read the CSV of a corpus folder; without `labelled`, no category is required.

    Each record is read as Python's `csv` and pandas read it (RFC 4180). Where they fail, because of a quote
    that is not closed or text after a closing quote, the line at fault is dropped and reading resumes at the
    next line; no text is repaired. Of several rows of a video the last by trending date is kept, of equal
    dates the later row; a row without a readable date counts as older than one with. Raises YtcatError as
    `find_csv` does, and if a required column is missing or a column that is read is there twice.
    """
    return read_file(find_csv(source), labelled)


def read_file(path: Path, labelled: bool = True, stretch: int = STRETCH) -> Records:
    """As `read_records`, the file itself; the outcome does not depend on `stretch`.

    Stretches of so many bytes are read by column where they are plain, and record by record elsewhere; with
    0, all is read record by record.
    """
    records, tables = Records(), []
    size = path.stat().st_size
    with _lines(path, 0, 1) as lines:
        columns = Columns(_header(path, lines, labelled), labelled)
        lines.done()
        offset, line = lines.offset, lines.line
    with path.open("rb") as stream, Progress(f"Reading {path.name}", size, "B") as progress:
        while offset < size:
            before = offset
            stream.seek(offset)
            block = stream.read(stretch)
            end = offset + len(block)
            plain = stretches.read_plain(block, line, columns, to_the_end=end == size)
            if plain:
                offset, line = offset + plain.n_bytes, line + plain.n_lines
                tables.append(plain.rows)
                for drop in plain.drops:
                    records.drop(*drop)
                records.unreadable_days += plain.unreadable_days
                records.lines_like_records += plain.lines_like_records
            else:
                with _lines(path, offset, line) as lines:
                    tables.append(_one_by_one(lines, end, columns, records))
                    offset, line = lines.offset, lines.line
            if offset == before:
                break  # the file has become shorter
            progress.add(offset - before)
    _keep_the_last(pa.concat_tables([stretches.table_of([]), *tables]), columns.trending, records)
    return records


def no_video(path: Path, read: int, dropped: dict[str, int], examples: Iterable[InvalidRecord]) -> YtcatError:
    """The error for a CSV of which no video can be kept: the commonest reason, its first line, a remedy."""
    if not read:
        return YtcatError(f"{path} has a header line but no videos. Add one line per video.")
    reason = max(dropped, key=dropped.get)
    first = next(example for example in examples if example.reason == reason)
    return YtcatError(
        f"No video of {path} can be used: {dropped[reason]:,} of {read:,} records have this fault: {reason} "
        f"(first in line {first.line}: {first.value!r}). {REASONS[reason]}."
    )


class _Lines:
    """The lines of a file; those that are not `done` can be put back."""

    def __init__(self, lines: Iterable[str], offset: int, line: int) -> None:
        self._lines, self._back = iter(lines), deque[str]()
        self.taken: list[str] = []
        self.offset, self.line = offset, line  # of the first of `taken`: bytes before it, and its number

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._lines)
        self.taken.append(line)
        return line

    def done(self) -> None:
        """The lines taken will not be put back."""
        self.offset += sum(len(line.encode("utf-8", "surrogateescape")) for line in self.taken)
        self.line += len(self.taken)
        self.taken.clear()

    def put_back_all_but_the_first(self) -> None:
        self._back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


@contextmanager
def _lines(path: Path, offset: int, line: int) -> Iterator[_Lines]:
    """The lines of a file from a byte on, which begins the line of that number."""
    with path.open("rb") as stream:
        if offset == 0 and stream.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8:
            offset = len(codecs.BOM_UTF8)
        stream.seek(offset)
        # With newline="" line breaks inside quotes stay as they are, and only \r, \n and \r\n end a line.
        text = io.TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", newline="")
        yield _Lines(text, offset, line)


def _one_by_one(lines: _Lines, end: int, columns: Columns, records: Records) -> pa.Table:
    """The valid records up to a byte, the one that goes beyond it included; the others are dropped."""
    rows = []
    for line, record in _split_records(lines, columns, records):
        try:
            row = checked_row(line, record, columns)
        except Drop as drop:
            records.drop(line, *drop.args)
        else:
            rows.append(row)
            has_day = columns.trending and columns.of(record, columns.trending)
            records.unreadable_days += bool(has_day and row.trended is None)
        if lines.offset >= end:
            break
    return stretches.table_of(rows)


def _keep_the_last(rows: pa.Table, trending: str | None, records: Records) -> None:
    """Keep one of the rows of each video, in order of first appearance; the others are dropped."""
    lines, days = rows["line"].to_numpy(), [day or date.min for day in rows["trended"].to_pylist()]
    last: dict[str, int] = {}
    for place, video_id in enumerate(rows["video_id"].to_pylist()):
        kept, dropped = place, last.get(video_id)
        if dropped is not None:
            if days[kept] < days[dropped]:
                kept, dropped = dropped, kept
            records.drop(int(lines[dropped]), DUPLICATE, video_id)
        last[video_id] = kept
    records.videos = rows.take(pa.array(last.values(), pa.int64()))
    records.last_by = trending if rows["trended"].null_count < len(rows) else BY_PLACE


def _header(path: Path, lines: _Lines, labelled: bool) -> list[str]:
    """The names of the columns; raises YtcatError unless those that are needed are there, each once."""
    try:
        header = [
            name.strip().lstrip("\ufeff") for name in next(filter(None, csv.reader(lines, strict=True)), [])
        ]
    except csv.Error:  # a broken quote
        header = [lines.taken[0].strip()]
    required = REQUIRED if labelled and CATEGORY not in header else REQUIRED[:2]
    if missing := [name for name in required if name not in header]:
        wanted = f"{', '.join(REQUIRED)} (or {CATEGORY}, by name)" if labelled else ", ".join(REQUIRED[:2])
        raise YtcatError(
            f"{path} lacks the column(s) {', '.join(missing)}. {nature(_beginning(path), header, missing)}. "
            "Wanted is a comma-separated UTF-8 file whose first line is a header with at least the columns "
            f"{wanted}."
        )
    for name in (*REQUIRED, CATEGORY, *OPTIONAL, *TRENDING):
        if header.count(name) > 1:
            raise YtcatError(
                f"{path}, line 1: the column {name} is there {header.count(name)} times. Keep one of them."
            )
    return header


def _beginning(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(1000)


def nature(beginning: bytes, header: list[str], missing: Sequence[str]) -> str:
    """What a file is that has no header with the `missing` columns, and what to do; without a full stop.

    `beginning` are its first bytes, `header` is its first line as a record.
    """
    beginning = beginning.lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    if not beginning:
        return "It is empty"
    for sign, what in _OTHER_FILES.items():
        if beginning.startswith(sign):
            return what
    if b"\0" in beginning:
        return "It is no text in UTF-8: save the videos as CSV in UTF-8"
    alike = {_letters(name): name for name in reversed(header)}
    if renamed := [f"{alike[_letters(m)]!r} to {m!r}" for m in missing if _letters(m) in alike]:
        return f"Rename {', '.join(renamed)} in its first line"
    shown = repr(header)
    shown = shown if len(shown) <= 300 else f"{shown[:300]} ... ({len(shown):,} characters)"
    separators = [name for sign, name in ((";", "semicolons"), ("\t", "tabs")) if sign in "".join(header)]
    advice = f"; it seems to be separated by {separators[0]}: save it with commas" if separators else ""
    # A byte that is not UTF-8 is shown as \\udcff.
    return f"Its first line has: {shown}{advice}".encode("utf-8", "backslashreplace").decode()


def _letters(name: str) -> str:
    """The name of a column without what spreadsheets and APIs write differently: Video ID, videoId."""
    return "".join(filter(str.isalnum, name.lower()))


def _split_records(
    lines: _Lines, columns: Columns, records: Records
) -> Iterator[tuple[int, list[str] | Drop]]:
    """The records, each with the number of its first line; a Drop for one that cannot be read.

    Lines are read as needed: a file is in memory as a whole only behind a quote that is never closed.
    """
    while True:
        try:
            for record in csv.reader(lines, strict=True):
                if len(lines.taken) > 1:
                    inside = sum(is_whole_record(line, columns) for line in lines.taken[1:])
                    if inside and len(record) != columns.n:
                        raise csv.Error  # so that a lost quote does not swallow the records behind it
                    records.lines_like_records += inside
                line = lines.line
                lines.done()
                if record:  # else a blank line
                    yield line, record
        except csv.Error:
            lines.put_back_all_but_the_first()
            line, fault = lines.line, _fault(lines.taken[0])
            lines.done()
            yield line, fault
        else:
            return


def _fault(line: str) -> Drop:
    reader = csv.reader([line, ""])
    next(reader)
    reason = "unterminated quote" if reader.line_num > 1 else "text after a closing quote"
    return Drop(reason, line.rstrip("\r\n"))


def _first_and_last(days: Iterable[date | None]) -> tuple[str, str] | None:
    days = sorted(filter(None, days))
    return (days[0].isoformat(), days[-1].isoformat()) if days else None
