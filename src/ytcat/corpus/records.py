"""The CSV of a corpus folder, record by record: which rows are kept, and why the others are dropped."""

import csv
import itertools
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict
from tqdm import tqdm

from ytcat.categories import IDS
from ytcat.corpus import schema
from ytcat.exceptions import YtcatError

REQUIRED = ("video_id", "title", "category_id")
OPTIONAL = ("channel_title", "publish_time", "tags")
TRENDING = ("trending_date", "date")  # Kaggle's names for the day on which a video trended
EXAMPLES = 3  # invalid records that the report shows, per reason

_VIDEO_ID = re.compile(schema.VIDEO_ID)
_INTEGER = re.compile(r"[0-9]{1,9}")
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_SURROGATE = re.compile("[\ud800-\udfff]")  # what "surrogateescape" makes of a byte that is not UTF-8


class InvalidRecord(BaseModel):
    """One record that was dropped."""

    model_config = ConfigDict(frozen=True)

    line: int  # of the CSV file; the header is line 1
    reason: str
    value: str  # the invalid value, shortened


def find_csv(source: Path) -> Path:
    """The CSV of a corpus folder: `videos.csv`, or `??videos.csv` as in Kaggle's data set.

    Raises YtcatError if the folder does not exist, if it does not hold exactly one such file, or if that
    file is a link out of the folder.
    """
    if not source.is_dir():
        raise YtcatError(
            f"There is no corpus folder {source}. Give a folder with a videos.csv (or Kaggle's "
            'USvideos.csv), or "demo" for the generated corpus.'
        )
    paths = sorted({*source.glob("videos.csv"), *source.glob("??videos.csv")})
    if len(paths) != 1:
        names = ", ".join(path.name for path in paths) or "none"
        raise YtcatError(
            f"The corpus folder {source} must have exactly one videos.csv or ??videos.csv (such as Kaggle's "
            f"USvideos.csv); found: {names}. Put each corpus into a folder of its own."
        )
    (path,) = paths
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
    trended: tuple[int, int, int]  # year, month, day


class _Drop(Exception):
    """A record cannot be kept; the arguments are the reason and the invalid value."""


@dataclass
class Records:
    """The records of a CSV: the rows to keep, and the count and first examples of those dropped."""

    last_by: str  # see Report
    rows: list[Row] = field(default_factory=list)  # one per video, in order of first appearance
    dropped: Counter[str] = field(default_factory=Counter)
    examples: list[InvalidRecord] = field(default_factory=list)

    @property
    def read(self) -> int:
        """How many records the file has."""
        return len(self.rows) + self.dropped.total()

    @property
    def published(self) -> tuple[str, str] | None:
        """The first and the last day of publication, ISO 8601; None if there is none."""
        return _first_and_last(row.publish_time[:10] for row in self.rows if _DAY.match(row.publish_time))

    @property
    def trended(self) -> tuple[str, str] | None:
        """The first and the last day of trending of the rows to keep, ISO 8601; None if there is none."""
        return _first_and_last(
            "{:04}-{:02}-{:02}".format(*row.trended) for row in self.rows if row.trended[0]
        )

    def drop(self, line: int, reason: str, value: str) -> None:
        """Count a dropped record; keep it as an example if it is among the first for this reason."""
        self.dropped[reason] += 1
        if self.dropped[reason] <= EXAMPLES:
            # A byte that is not UTF-8 is shown as \\udcff.
            value = value[:80].encode("utf-8", "backslashreplace").decode()
            self.examples.append(InvalidRecord(line=line, reason=reason, value=value))


def read_records(source: Path, labelled: bool = True) -> Records:
    """Read the CSV of a corpus folder; without `labelled`, no `category_id` is required.

    Raises YtcatError as `find_csv` does, and if a required column is missing.
    """
    path = find_csv(source)
    # Universal newlines, as csv itself would see them; str.splitlines would also split at U+2028 in a title.
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
        return _read_lines(path, lines, labelled)


def _read_lines(path: Path, lines: Iterator[str], labelled: bool) -> Records:
    header = [name.strip() for name in next(csv.reader([next(lines, "")]), [])]
    required = REQUIRED if labelled else REQUIRED[:2]
    missing = [name for name in required if name not in header]
    if missing:
        raise YtcatError(
            f"{path} lacks the column(s) {', '.join(missing)}. Its first line has: {header!r}. Wanted is a "
            f"comma-separated UTF-8 file with a header line and at least the columns {', '.join(required)}."
        )
    trending = next((name for name in TRENDING if name in header), None)

    records = Records(last_by=trending or "place in the file")
    row_of_video: dict[str, Row] = {}
    numbered = _split_records(lines, header)
    for line, record in tqdm(numbered, f"Reading {path.name}", leave=False, unit=" rows", disable=None):
        try:
            row = _row(line, record, header, trending, labelled)
        except _Drop as drop:
            records.drop(line, *drop.args)
            continue
        previous = row_of_video.get(row.video_id)
        if previous is not None and row.trended < previous.trended:
            row, previous = previous, row
        if previous is not None:
            records.drop(previous.line, "duplicate video", previous.video_id)
        row_of_video[row.video_id] = row
    records.rows = list(row_of_video.values())
    return records


def _split_records(lines: Iterator[str], header: list[str]) -> Iterator[tuple[int, list[str] | _Drop]]:
    """The records after the header, each with the number of its first line; a _Drop for an unreadable one.

    Lines are read as needed: a large file is never in memory as a whole.
    """
    start, ahead = 2, deque[str]()  # `ahead`: lines that were read, but belong to no record yet
    while next(_following(lines, ahead, 0), None) is not None:
        record, n_lines = _record(lines, ahead, header)
        if record:  # else a blank line
            yield start, record
        start += n_lines
        for _ in range(n_lines):
            ahead.popleft()


def _following(lines: Iterator[str], ahead: deque[str], start: int) -> Iterator[str]:
    """The next lines, from position `start` of `ahead` on, without consuming them: they stay in `ahead`."""
    for number in itertools.count(start):
        if number == len(ahead):
            line = next(lines, None)
            if line is None:
                return
            ahead.append(line)
        yield ahead[number]


def _record(lines: Iterator[str], ahead: deque[str], header: list[str]) -> tuple[list[str] | _Drop, int]:
    """The record that starts at the first line of `ahead`, and its number of lines, all of them in `ahead`.

    A quoted field may hold line breaks, so a quote that is never closed would swallow everything up to the
    next quote. Two signs tell: a following line is a complete record by itself, or the closing quote is not
    at the end of a field. Then the record ends with its first line.
    """
    first, following = ahead[0], _following(lines, ahead, 1)
    inside = itertools.takewhile(lambda line: not _is_whole_record(line, header), following)
    reader = csv.reader(itertools.chain([first], inside), strict=True)
    try:
        return next(reader), reader.line_num
    except csv.Error:
        pass
    # The line alone, leniently: an unquoted field may start with a "quoted" word.
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
) -> Row:
    """The checked values of a record; raises _Drop."""
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
    return Row(line, trended=trended, **value | {"category_id": category_id, "tags": _tags(value["tags"])})


def _category(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise _Drop("category is no integer", text)
    if int(text) not in IDS:
        raise _Drop("category outside the 14", text)
    return int(text)


def _trending_day(text: str) -> tuple[int, int, int]:
    """(year, month, day) of Kaggle's 17.14.11 (year, day, month), 14.11 (day, month: year 0) or 2017-11-14.

    Anything else is (0, 0, 0), which sorts first. Dates without a year sort wrongly across New Year.
    """
    if match := re.fullmatch(r"(\d\d)\.(\d\d)\.(\d\d)", text):
        return 2000 + int(match[1]), int(match[3]), int(match[2])
    if match := re.fullmatch(r"(\d\d?)\.(\d\d?)", text):
        return 0, int(match[2]), int(match[1])
    if match := _DAY.match(text):
        return int(match[1]), int(match[2]), int(match[3])
    return 0, 0, 0


def _tags(text: str) -> str:
    """Tags separated by |, without Kaggle's quotes; "" for no tags, for which Kaggle writes [none]."""
    tags = [tag.strip().strip('"').strip() for tag in text.split("|")]
    return "" if text.lower() == "[none]" else "|".join(tag for tag in tags if tag)


def _first_and_last(days: Iterable[str]) -> tuple[str, str] | None:
    days = sorted(days)
    return (days[0], days[-1]) if days else None
