"""The CSV of a corpus folder, record by record: which rows are kept, and why the others are dropped."""

import codecs
import csv
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict
from tqdm import tqdm

from ytcat import paths
from ytcat.categories import CATEGORIES, IDS, id_of
from ytcat.corpus import schema
from ytcat.exceptions import YtcatError

REQUIRED = ("video_id", "title", "category_id")
CATEGORY = "category"  # may hold the category by name, in place of category_id
OPTIONAL = ("channel_title", "publish_time", "tags")
TRENDING = ("trending_date", "date")  # Kaggle's names for the day on which a video trended
BY_PLACE = "place in the file"  # orders the rows of a video where no trending date can be read
MAX_FIELD = 131_072  # characters of a text that is read
EXAMPLES = 3  # invalid records that the report shows, per reason

CATEGORY_LIST = ", ".join(f"{category.id} {category.name}" for category in CATEGORIES)
ID_RULE = (
    "A video_id is made of the letters a to z and A to Z, digits, '-', '_' and '.', at most 100, and does "
    "not begin with a dot"
)
_COLUMNS_REMEDY = "Put a text with a comma or a line break into double quotes"
_QUOTE_REMEDY = 'Put the whole text into double quotes, and write each quote inside it twice: "a ""b"" c"'
DUPLICATE = "duplicate video"  # an earlier row of a video: no fault
# Why a record is dropped otherwise, and what to do.
REASONS = {
    "too few columns": _COLUMNS_REMEDY,
    "too many columns": f"{_COLUMNS_REMEDY}, and remove commas at the ends of lines",
    "unterminated quote": _QUOTE_REMEDY,
    "text after a closing quote": _QUOTE_REMEDY,
    f"field over {MAX_FIELD:,} characters": "Shorten it, or close the quote before it",
    "NUL byte": "Remove it: the file is damaged",
    "not UTF-8": 'Save the file as UTF-8 (Excel: "CSV UTF-8"; pandas: encoding="utf-8")',
    "empty video id": f"Give each video a name. {ID_RULE}",
    "invalid video id": ID_RULE,
    "empty title": "Give each video a title",
    "category is no integer": (
        f"category_id takes YouTube's numbers; to give names, call the column category. "
        f"The categories: {CATEGORY_LIST}"
    ),
    "category outside the 14": f"The categories: {CATEGORY_LIST}",
    "category and category_id differ": "Correct one of them, or leave one of the two columns out",
}

_NO_YEAR = 4  # in place of a year that a date does not have: a leap year before all others
_VIDEO_ID = re.compile(schema.VIDEO_ID)
_INTEGER = re.compile(r"([0-9]{1,9})(?:\.0+)?")  # pandas writes 24.0 once a column has had a gap
_SURROGATE = re.compile("[\ud800-\udfff]")  # what "surrogateescape" makes of a byte that is not UTF-8
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


class Row(NamedTuple):
    """One valid record; texts are stripped, and "" if missing."""

    line: int
    video_id: str
    title: str
    category_id: int  # 0 if not required
    channel_title: str
    publish_time: str
    tags: str
    trended: date | None


class _Drop(Exception):
    """A record cannot be kept; the arguments are the reason and the invalid value."""


@dataclass
class Records:
    """The records of a CSV: the rows to keep, and the count and first examples of those dropped."""

    rows: list[Row] = field(default_factory=list)  # one per video, in order of first appearance
    last_by: str = BY_PLACE  # see Report
    dropped: Counter[str] = field(default_factory=Counter)
    examples: list[InvalidRecord] = field(default_factory=list)
    unreadable_days: int = 0  # see Report
    lines_like_records: int = 0  # see Report

    @property
    def read(self) -> int:
        """How many records the file has."""
        return len(self.rows) + self.dropped.total()

    @property
    def published(self) -> tuple[str, str] | None:
        """The first and the last day of publication, ISO 8601; None if there is none."""
        return _first_and_last(_iso_day(row.publish_time) for row in self.rows)

    @property
    def trended(self) -> tuple[str, str] | None:
        """The first and the last day of trending of the rows to keep, ISO 8601; None if there is none."""
        days = (row.trended for row in self.rows)
        return _first_and_last(day for day in days if day and day.year != _NO_YEAR)

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
    path = find_csv(source)
    # With newline="" line breaks inside quotes stay as they are, and only \r, \n and \r\n end a line.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        return _read_lines(path, _Lines(stream), labelled)


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
    """The lines of a file; those handed out since the last `clear` can be put back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines, self._back = iter(lines), deque[str]()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._lines)
        self.taken.append(line)
        return line

    def put_back_all_but_the_first(self) -> None:
        self._back.extendleft(reversed(self.taken[1:]))
        self.taken.clear()


class _Columns:
    """Where in a record each value is."""

    def __init__(self, header: list[str], labelled: bool) -> None:
        self.n, self.labelled = len(header), labelled
        self.place = {name: header.index(name) for name in header}
        self.trending = next((name for name in TRENDING if name in header), None)
        names = ["video_id", "title", *OPTIONAL, "category_id", CATEGORY]
        self.texts = [name for name in names if name in header]

    def of(self, record: Sequence[str], name: str) -> str:
        """The stripped text of a column, "" if the file does not have it."""
        return record[self.place[name]].strip() if name in self.place else ""


def _read_lines(path: Path, lines: _Lines, labelled: bool) -> Records:
    columns = _Columns(_header(path, lines, labelled), labelled)
    start = 1 + len(lines.taken)
    lines.taken.clear()

    records, row_of_video, n_days = Records(), dict[str, Row](), 0
    numbered = _split_records(lines, start, columns, records)
    for line, record in tqdm(numbered, f"Reading {path.name}", leave=False, unit=" rows", disable=None):
        try:
            row = _row(line, record, columns)
        except _Drop as drop:
            records.drop(line, *drop.args)
            continue
        n_days += row.trended is not None
        if row.trended is None and columns.trending and columns.of(record, columns.trending):
            records.unreadable_days += 1
        previous = row_of_video.get(row.video_id)
        if previous is not None and (row.trended or date.min) < (previous.trended or date.min):
            row, previous = previous, row
        if previous is not None:
            records.drop(previous.line, DUPLICATE, previous.video_id)
        row_of_video[row.video_id] = row
    records.rows = list(row_of_video.values())
    records.last_by = columns.trending if n_days else BY_PLACE
    return records


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
    lines: _Lines, start: int, columns: _Columns, records: Records
) -> Iterator[tuple[int, list[str] | _Drop]]:
    """The records, each with the number of its first line; a _Drop for one that cannot be read.

    Lines are read as needed: a file is in memory as a whole only behind a quote that is never closed.
    """
    while True:
        try:
            for record in csv.reader(lines, strict=True):
                if len(lines.taken) > 1:
                    inside = sum(_is_whole_record(line, columns) for line in lines.taken[1:])
                    if inside and len(record) != columns.n:
                        raise csv.Error  # so that a lost quote does not swallow the records behind it
                    records.lines_like_records += inside
                if record:  # else a blank line
                    yield start, record
                start += len(lines.taken)
                lines.taken.clear()
        except csv.Error:
            yield start, _fault(lines.taken[0])
            start += 1
            lines.put_back_all_but_the_first()
        else:
            return


def _fault(line: str) -> _Drop:
    reader = csv.reader([line, ""])
    next(reader)
    reason = "unterminated quote" if reader.line_num > 1 else "text after a closing quote"
    return _Drop(reason, line.rstrip("\r\n"))


def _is_whole_record(line: str, columns: _Columns) -> bool:
    """Whether a line by itself is a record, to judge by the number of columns, the id and the category."""
    record = next(csv.reader([line]), [])
    try:
        if len(record) != columns.n:
            return False
        _category_id(record, columns)
        return bool(_VIDEO_ID.fullmatch(columns.of(record, "video_id")))
    except _Drop:
        return False


def _row(line: int, record: list[str] | _Drop, columns: _Columns) -> Row:
    """The checked values of a record; raises _Drop."""
    if isinstance(record, _Drop):
        raise record
    if len(record) != columns.n:
        amount = "few" if len(record) < columns.n else "many"
        raise _Drop(f"too {amount} columns", f"{len(record)} of {columns.n}: {','.join(record)}")
    value = {name: columns.of(record, name) for name in columns.texts}
    for text in value.values():
        if len(text) > MAX_FIELD:
            raise _Drop(f"field over {MAX_FIELD:,} characters", text)
        if "\0" in text:
            raise _Drop("NUL byte", text)
        if not text.isascii() and _SURROGATE.search(text):
            raise _Drop("not UTF-8", text)
    if not value["video_id"]:
        raise _Drop("empty video id", value["title"])
    if not _VIDEO_ID.fullmatch(value["video_id"]):
        raise _Drop("invalid video id", value["video_id"])
    if not value["title"]:
        raise _Drop("empty title", value["video_id"])
    return Row(
        line,
        value["video_id"],
        value["title"],
        _category_id(record, columns),
        value.get("channel_title", ""),
        value.get("publish_time", ""),
        _tags(value.get("tags", "")),
        _trending_day(columns.of(record, columns.trending)) if columns.trending else None,
    )


def _category_id(record: Sequence[str], columns: _Columns) -> int:
    """YouTube's id of a record's category, 0 if none is wanted; raises _Drop if it is not one of the 14."""
    if not columns.labelled:
        return 0
    number, name = columns.of(record, "category_id"), columns.of(record, CATEGORY)
    named = id_of(name) or _integer(name)
    if CATEGORY in columns.place and not number:
        if named not in IDS:
            raise _Drop("category outside the 14", name)
        return named
    category_id = _integer(number)
    if category_id is None:
        raise _Drop("category is no integer", number)
    if category_id not in IDS:
        raise _Drop("category outside the 14", number)
    if named in IDS and named != category_id:
        raise _Drop("category and category_id differ", f"{name}, {number}")
    return category_id


def _integer(text: str) -> int | None:
    match = _INTEGER.fullmatch(text)
    return int(match[1]) if match else None


def _trending_day(text: str) -> date | None:
    """The day in Kaggle's 17.14.11 (year, day, month), 14.11 (day, month: year 4) or 2017-11-14.

    None for anything else. Dates without a year sort wrongly across New Year.
    """
    try:
        if match := re.fullmatch(r"(\d\d)\.(\d\d)\.(\d\d)", text, re.ASCII):
            return date(2000 + int(match[1]), int(match[3]), int(match[2]))
        if match := re.fullmatch(r"(\d\d?)\.(\d\d?)", text, re.ASCII):
            return date(_NO_YEAR, int(match[2]), int(match[1]))
    except ValueError:  # the 31st of February
        return None
    return _iso_day(text)


def _iso_day(text: str) -> date | None:
    """The day at the beginning of a time in ISO 8601, None if there is none."""
    try:
        return date.fromisoformat(text[:10]) if re.match(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None


def _tags(text: str) -> str:
    """Tags separated by |, without Kaggle's quotes; "" for no tags, for which Kaggle writes [none]."""
    tags = [tag.strip().strip('"').strip() for tag in text.split("|")]
    return "" if text.lower() == "[none]" else "|".join(tag for tag in tags if tag)


def _first_and_last(days: Iterable[date | None]) -> tuple[str, str] | None:
    days = sorted(filter(None, days))
    return (days[0].isoformat(), days[-1].isoformat()) if days else None
