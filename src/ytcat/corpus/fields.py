"""What a record of a CSV of videos must hold: the columns, the checks and the parsed values."""

import csv
import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ytcat.categories import CATEGORIES, IDS, id_of
from ytcat.corpus import schema

REQUIRED = ("video_id", "title", "category_id")
CATEGORY = "category"  # may hold the category by name, in place of category_id
OPTIONAL = ("channel_title", "publish_time", "tags")
TRENDING = ("trending_date", "date")  # Kaggle's names for the day on which a video trended
MAX_FIELD = 131_072  # characters of a text that is read

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

NO_YEAR = 4  # in place of a year that a date does not have: a leap year before all others
VIDEO_ID = re.compile(schema.VIDEO_ID)
_INTEGER = re.compile(r"([0-9]{1,9})(?:\.0+)?")  # pandas writes 24.0 once a column has had a gap
_SURROGATE = re.compile("[\ud800-\udfff]")  # what "surrogateescape" makes of a byte that is not UTF-8


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


class Drop(Exception):
    """A record cannot be kept; the arguments are the reason and the invalid value."""


class Columns:
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

    def category_of(self, record: Sequence[str]) -> int:
        """YouTube's id of a record's category; see the function `category_of`."""
        return category_of(self.of(record, "category_id"), self.of(record, CATEGORY), self)


def is_whole_record(line: str, columns: Columns) -> bool:
    """Whether a line by itself is a record, to judge by the number of columns, the id and the category."""
    record = next(csv.reader([line]), [])
    try:
        if len(record) != columns.n:
            return False
        columns.category_of(record)
        return bool(VIDEO_ID.fullmatch(columns.of(record, "video_id")))
    except Drop:
        return False


def checked_row(line: int, record: list[str] | Drop, columns: Columns) -> Row:
    """The checked values of a record; raises Drop."""
    if isinstance(record, Drop):
        raise record
    if len(record) != columns.n:
        amount = "few" if len(record) < columns.n else "many"
        raise Drop(f"too {amount} columns", f"{len(record)} of {columns.n}: {','.join(record)}")
    value = {name: columns.of(record, name) for name in columns.texts}
    for text in value.values():
        if len(text) > MAX_FIELD:
            raise Drop(f"field over {MAX_FIELD:,} characters", text)
        if "\0" in text:
            raise Drop("NUL byte", text)
        if not text.isascii() and _SURROGATE.search(text):
            raise Drop("not UTF-8", text)
    if not value["video_id"]:
        raise Drop("empty video id", value["title"])
    if not VIDEO_ID.fullmatch(value["video_id"]):
        raise Drop("invalid video id", value["video_id"])
    if not value["title"]:
        raise Drop("empty title", value["video_id"])
    return Row(
        line,
        value["video_id"],
        value["title"],
        columns.category_of(record),
        value.get("channel_title", ""),
        value.get("publish_time", ""),
        clean_tags(value.get("tags", "")),
        trending_day(columns.of(record, columns.trending)) if columns.trending else None,
    )


def category_of(number: str, name: str, columns: Columns) -> int:
    """YouTube's id of a category by number and by name ("" where not there); 0 if none is required.

    Raises Drop if it is not one of the 14.
    """
    if not columns.labelled:
        return 0
    named = id_of(name) or _integer(name)
    if CATEGORY in columns.place and not number:
        if named not in IDS:
            raise Drop("category outside the 14", name)
        return named
    category_id = _integer(number)
    if category_id is None:
        raise Drop("category is no integer", number)
    if category_id not in IDS:
        raise Drop("category outside the 14", number)
    if named in IDS and named != category_id:
        raise Drop("category and category_id differ", f"{name}, {number}")
    return category_id


def _integer(text: str) -> int | None:
    match = _INTEGER.fullmatch(text)
    return int(match[1]) if match else None


def trending_day(text: str) -> date | None:
    """The day in Kaggle's 17.14.11 (year, day, month), 14.11 (day, month: year 4) or 2017-11-14.

    None for anything else. Dates without a year sort wrongly across New Year.
    """
    try:
        if match := re.fullmatch(r"(\d\d)\.(\d\d)\.(\d\d)", text, re.ASCII):
            return date(2000 + int(match[1]), int(match[3]), int(match[2]))
        if match := re.fullmatch(r"(\d\d?)\.(\d\d?)", text, re.ASCII):
            return date(NO_YEAR, int(match[2]), int(match[1]))
    except ValueError:  # the 31st of February
        return None
    return iso_day(text)


def iso_day(text: str) -> date | None:
    """The day at the beginning of a time in ISO 8601, None if there is none."""
    try:
        return date.fromisoformat(text[:10]) if re.match(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None


def clean_tags(text: str) -> str:
    """Tags separated by |, without Kaggle's quotes; "" for no tags, for which Kaggle writes [none]."""
    tags = [tag.strip().strip('"').strip() for tag in text.split("|")]
    return "" if text.lower() == "[none]" else "|".join(tag for tag in tags if tag)
