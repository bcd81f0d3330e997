"""Stretches of a CSV that pyarrow reads column by column, with the outcome of `records` for each record."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from ytcat.corpus import schema
from ytcat.corpus.fields import (
    CATEGORY,
    MAX_FIELD,
    Columns,
    Drop,
    Row,
    category_of,
    checked_row,
    clean_tags,
    is_whole_record,
    trending_day,
)

# The fields of a `Row`.
ROWS = pa.schema(
    [
        pa.field("line", pa.int64()),
        pa.field("video_id", pa.string()),
        pa.field("title", pa.string()),
        pa.field("category_id", pa.int64()),
        pa.field("channel_title", pa.string()),
        pa.field("publish_time", pa.string()),
        pa.field("tags", pa.string()),
        pa.field("trended", pa.date32()),
    ]
)

_NEWLINE, _COMMA, _QUOTE = b'\n,"'
_OPENS_AFTER = np.isin(np.arange(256), list(b'\n,"'))  # bytes before a quote that opens a text
_CLOSES_BEFORE = np.isin(np.arange(256), list(b'\r\n,"'))  # bytes behind one that closes it
_SPACE = "".join(rf"\x{{{ord(sign):x}}}" for sign in map(chr, range(0x3001)) if sign.isspace())
# Tags that `clean_tags` may change: quotes, a tag that is empty or has spaces around it, [none].
_UNCLEAN_TAGS = rf'(?i)"|\|[|{_SPACE}]|[{_SPACE}]\||^\||\|$|^\[none\]$'


class Stretch(NamedTuple):
    """Some consecutive records of a CSV."""

    n_bytes: int
    n_lines: int
    rows: pa.Table  # the valid records, with the columns of ROWS
    drops: list[tuple[int, str, str]]  # line, reason and invalid value of the others
    unreadable_days: int  # valid records with a trending date that cannot be read
    lines_like_records: int  # lines inside a quoted text that would be records


def table_of(rows: list[Row]) -> pa.Table:
    """Rows as a table with the columns of ROWS."""
    columns = zip(*rows, strict=True) if rows else [()] * len(ROWS)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, ROWS, strict=True)]
    return pa.table(arrays, schema=ROWS)


def read_plain(block: bytes, line: int, columns: Columns, to_the_end: bool) -> Stretch | None:
    """The whole records at the beginning of a block of a CSV, or None if they must be read one by one.

    The block begins with a record, in line `line`; with `to_the_end` it ends the file. Records are read here
    if each quote opens or closes a text (RFC 4180) and each record has the columns of the header; the outcome
    is then, to the value, that of reading them one by one.
    """
    data = np.frombuffer(block, np.uint8)
    quotes, newlines = np.flatnonzero(data == _QUOTE), np.flatnonzero(data == _NEWLINE)
    outside = np.searchsorted(quotes, newlines) % 2 == 0  # newlines that end a record
    n_bytes = len(block) if to_the_end else int(newlines[outside].max(initial=-1)) + 1
    n_lines = int(np.searchsorted(newlines, n_bytes))
    block, data, quotes = block[:n_bytes], data[:n_bytes], quotes[quotes < n_bytes]
    newlines, outside = newlines[:n_lines], outside[:n_lines]
    texts = _texts(block, columns) if _is_well_quoted(block, data, quotes) else None
    if texts is None:
        return None
    starts = np.append(0, newlines[outside] + 1)
    starts = starts[starts < n_bytes]
    starts = starts[~np.isin(data[starts], list(b"\r\n"))]  # a blank line is no record
    if len(starts) != len(texts["video_id"]):
        return None
    lines = line + np.searchsorted(newlines, starts)
    rows, bad, unreadable_days = _checked(texts, lines, columns)
    drops = [_why_dropped(int(lines[place]), texts, place, columns) for place in np.flatnonzero(bad)]
    inside = np.flatnonzero(~outside)
    continued = zip(newlines[inside] + 1, np.append(newlines, n_bytes)[inside + 1] + 1, strict=True)
    like_records = _lines_like_records(block, data, list(continued), columns)
    return Stretch(n_bytes, n_lines, rows, drops, unreadable_days, like_records)


def _is_well_quoted(block: bytes, data: np.ndarray, quotes: np.ndarray) -> bool:
    """Whether each quote opens or closes a text, and only \\n and \\r\\n end a line."""
    if len(quotes) % 2 or b"\0" in block or block.count(b"\r") != block.count(b"\r\n"):
        return False
    before, behind = quotes[::2] - 1, quotes[1::2] + 1
    # Two quotes for one inside a text are here the end of a text and the beginning of the next.
    before, behind = data[before[before >= 0]], data[behind[behind < len(data)]]
    return bool(_OPENS_AFTER[before].all() and _CLOSES_BEFORE[behind].all())


def _texts(block: bytes, columns: Columns) -> dict[str, pa.Array] | None:
    """The stripped texts of the columns that are read, by name; None if a record has other columns."""
    names = [*columns.texts, *filter(None, [columns.trending])]
    place = {name: str(columns.place[name]) for name in names}
    try:
        table = csv.read_csv(
            pa.BufferReader(block),
            csv.ReadOptions(
                use_threads=False,
                block_size=len(block) + 1,
                column_names=[str(column) for column in range(columns.n)],
            ),
            csv.ParseOptions(newlines_in_values=True),
            csv.ConvertOptions(
                include_columns=list(place.values()),
                column_types=dict.fromkeys(place.values(), pa.string()),
            ),
        )
    except pa.ArrowInvalid:
        return None
    return {name: pc.utf8_trim_whitespace(table[place[name]]).combine_chunks() for name in names}


def _checked(
    texts: dict[str, pa.Array], lines: np.ndarray, columns: Columns
) -> tuple[pa.Table, np.ndarray, int]:
    """The valid rows, a mask of the others, and how many of the valid ones have an unreadable day."""
    missing = pa.repeat("", len(lines))
    category_ids = _category_ids(texts, missing, columns)
    long = [pc.greater(pc.utf8_length(texts[name]), MAX_FIELD) for name in columns.texts]
    bad = np.logical_or.reduce(
        [
            *long,
            pc.invert(pc.match_substring_regex(texts["video_id"], rf"\A(?:{schema.VIDEO_ID})\z")),
            pc.equal(texts["title"], ""),
            category_ids < 0,
        ]
    )
    days = texts.get(columns.trending, missing)
    trended = _by_distinct(trending_day, days, pa.date32())
    rows = pa.table(
        [
            pa.array(lines),
            texts["video_id"],
            texts["title"],
            pa.array(category_ids),
            texts.get("channel_title", missing),
            texts.get("publish_time", missing),
            _clean_tags(texts.get("tags", missing)),
            trended,
        ],
        schema=ROWS,
    ).filter(~bad)
    unreadable = ~bad & np.asarray(trended.is_null()) & np.asarray(pc.not_equal(days, ""))
    return rows, bad, int(unreadable.sum())


def _category_ids(texts: dict[str, pa.Array], missing: pa.Array, columns: Columns) -> np.ndarray:
    """YouTube's ids of the categories, -1 where there is none, shape (n,) int64."""

    def of(both: str) -> int:
        try:
            return category_of(*both.split("\0"), columns)
        except Drop:
            return -1

    both = [texts.get(name, missing) for name in ("category_id", CATEGORY)]
    return np.asarray(_by_distinct(of, pc.binary_join_element_wise(*both, "\0"), pa.int64()))


def _by_distinct(function: Callable[[str], object], texts: pa.Array, into: pa.DataType) -> pa.Array:
    """A function of texts, called once per distinct text."""
    encoded = texts.dictionary_encode()
    values = [function(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(values, into).take(encoded.indices)


def _clean_tags(tags: pa.Array) -> pa.Array:
    unclean = pc.match_substring_regex(tags, _UNCLEAN_TAGS)
    cleaned = [clean_tags(text) for text in tags.filter(unclean).to_pylist()]
    return pc.replace_with_mask(tags, unclean, pa.array(cleaned, pa.string()))


def _why_dropped(line: int, texts: dict[str, pa.Array], place: int, columns: Columns) -> tuple[int, str, str]:
    record = [""] * columns.n
    for name, values in texts.items():
        record[columns.place[name]] = values[place].as_py()
    try:
        raise AssertionError(f"line {line} is valid: {checked_row(line, record, columns)}")
    except Drop as drop:
        return line, *drop.args


def _lines_like_records(
    block: bytes, data: np.ndarray, continued: list[tuple[int, int]], columns: Columns
) -> int:
    """How many of the lines inside quoted texts, each from a byte to another, would be records."""
    if not continued:
        return 0
    commas = np.searchsorted(np.flatnonzero(data == _COMMA), continued)
    return sum(
        is_whole_record(block[start:end].decode("utf-8", "surrogateescape"), columns)
        for (start, end), (first, last) in zip(continued, commas, strict=True)
        if last - first >= columns.n - 1
    )
