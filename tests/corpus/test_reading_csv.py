"""The CSV reader beside Python's `csv` and pandas."""

import csv
import io

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ytcat.corpus.fields import Columns
from ytcat.corpus.records import read_file, read_records
from ytcat.corpus.stretches import read_plain
from ytcat.exceptions import YtcatError

COLUMNS = ["video_id", "title", "channel_title", "category_id", "publish_time", "tags", "note"]
READ = ["video_id", "title", "channel_title", "publish_time"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text('a ,"\r\n\\;|', max_size=8)


@st.composite
def well_formed(draw):
    """Any texts as a file of RFC 4180: fields quoted where they must be and elsewhere at will."""
    rows = draw(st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT, TEXT), min_size=1, max_size=6))
    order = draw(st.permutations(range(len(COLUMNS))))
    end = draw(st.sampled_from(["\n", "\r\n"]))

    def field(text):
        if any(sign in text for sign in ',"\r\n') or draw(st.booleans()):
            return '"' + text.replace('"', '""') + '"'
        return text

    table = [COLUMNS]
    table += [[f"v.{i}", *row[:2], "24", *row[2:]] for i, row in enumerate(rows)]
    lines = [",".join(field(row[place]) for place in order) for row in table]
    content = end.join(lines) + draw(st.sampled_from(["", end]))
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + content.encode()


def records_of(folder, content):
    (folder / "videos.csv").write_bytes(content)
    return read_records(folder)


@settings(deadline=None, max_examples=300)
@given(content=well_formed())
def test_a_well_formed_file_is_read_as_python_and_pandas_read_it(tmp_path_factory, content):
    records = records_of(tmp_path_factory.mktemp("well"), content)
    expected = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    wanted = [
        {name: row[name].strip() for name in READ}
        for row in expected
        if row["title"].strip() and "\0" not in "".join(row[name] for name in COLUMNS[:-1])
    ]
    assert records.videos.select(READ).to_pylist() == wanted
    assert records.read == len(expected)
    assert set(records.dropped) <= {"empty title", "NUL byte"}
    if b"\0" not in content:  # which ends a field for pandas
        table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
        titles = [title.strip() for title in table["title"] if title.strip()]
        assert records.videos["title"].to_pylist() == titles


@settings(deadline=None, max_examples=300)
@given(content=well_formed(), data=st.data())
def test_of_a_broken_file_all_is_accounted_for_and_nothing_is_made_up(tmp_path_factory, content, data):
    content = bytearray(content)
    for _ in range(data.draw(st.integers(1, 5))):
        at, length = data.draw(st.integers(0, len(content))), data.draw(st.integers(0, 6))
        content[at : at + length] = data.draw(
            st.sampled_from([b"", b'"', b'""', b",", b"\n", b"\r", b"\0", b"\xff", b'"\n"', b'\\"', b"24"])
        )
    try:
        records = records_of(tmp_path_factory.mktemp("broken"), bytes(content))
    except YtcatError as error:
        assert "lacks the column" in str(error) or "is there 2 times" in str(error)
        return
    assert len(records.videos) + sum(records.dropped.values()) == records.read
    text = bytes(content).decode("utf-8-sig", "surrogateescape")
    for row in records.videos.to_pylist():
        for value in (*(row[name] for name in READ), *row["tags"].split("|")):
            assert value in text or value.replace('"', '""') in text


VALUES = {
    "video_id": st.sampled_from(["a", "b", " c ", "", ".d", "é"]) | TEXT,
    "title": TEXT,
    "category_id": st.sampled_from(["24", "1", " 10.0", "18", "", "x"]),
    "category": st.sampled_from(["", "Music", "music ", "10", "Films", "?"]),
    "channel_title": TEXT,
    "publish_time": st.sampled_from(["2020-01-01T00:00:00Z", "", "now"]),
    "tags": st.text('a|" \u3000', max_size=6) | st.sampled_from(["[None]", "[none]", "a|b"]),
    "trending_date": st.sampled_from(["", "17.14.11", "17.15.11", "14.11", "2020-02-01", "31.02", "?"]),
    "note": TEXT | st.just("a,24,b\nc,d,24,Music,e,f,g,h,i\n"),
}
FAULTS = st.sampled_from([b"", b",", b'"', b"\n", b"\r", b"\0", b"\xff", b'"\n"', b'""'])


@st.composite
def tables(draw):
    """Files of rows with valid and invalid values, most of them well formed, some damaged at a few places."""
    stream, end = io.StringIO(), draw(st.sampled_from(["\n", "\r\n"]))
    names = draw(st.permutations(list(VALUES)))
    writer = csv.writer(stream, lineterminator=end, quoting=draw(st.sampled_from([0, 1])))
    writer.writerow(names)
    for _ in range(draw(st.integers(0, 8))):
        writer.writerow([draw(VALUES[name]) for name in names])
        stream.write(draw(st.sampled_from(["", "", "", end])))
    content = bytearray(draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + stream.getvalue().encode())
    header = content.index(b"\n") + 1
    for _ in range(draw(st.sampled_from([0, 0, 1, 2, 5]))):
        at = draw(st.integers(header, len(content)))
        content[at : at + draw(st.integers(0, 3))] = draw(FAULTS)
    return bytes(content)


@settings(deadline=None, max_examples=100)
@given(content=tables(), stretch=st.sampled_from([1, 50, 200, 2**20]), labelled=st.booleans())
def test_columns_at_once_and_one_by_one_give_the_same_records_and_report(
    tmp_path_factory, content, stretch, labelled
):
    path = tmp_path_factory.mktemp("both") / "videos.csv"
    path.write_bytes(content)
    by_column, one_by_one = read_file(path, labelled, stretch), read_file(path, labelled, stretch=0)
    assert by_column.videos.to_pylist() == one_by_one.videos.to_pylist()
    assert by_column.videos.schema == one_by_one.videos.schema
    for name in ("read", "last_by", "dropped", "examples", "unreadable_days", "lines_like_records"):
        assert getattr(by_column, name) == getattr(one_by_one, name), name


def test_a_plain_file_is_read_by_column_but_for_the_stretch_with_a_fault(tmp_path):
    rows = [f'v{i},"Title, {i}",24' for i in range(1_000)]
    rows[500] = 'v500,a lone " quote,24'
    content = "\n".join(["video_id,title,category_id", *rows, ""]).encode()
    columns = Columns(["video_id", "title", "category_id"], labelled=True)
    start, fault = content.index(b"v0"), content.index(b"v500")
    before = read_plain(content[start:fault], 2, columns, to_the_end=False)
    assert (before.n_lines, len(before.rows), before.drops) == (500, 500, [])
    assert read_plain(content[fault : fault + 99], 2, columns, to_the_end=False) is None
    (tmp_path / "videos.csv").write_bytes(content)
    assert read_file(tmp_path / "videos.csv", stretch=1_000).read == 1_000
