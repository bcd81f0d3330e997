"""The CSV reader beside Python's `csv` and pandas."""

import csv
import io

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ytcat.corpus.records import read_records
from ytcat.exceptions import YtcatError

COLUMNS = ["video_id", "title", "channel_title", "category_id", "publish_time", "tags", "note"]
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
        [row["video_id"], row["title"].strip(), row["channel_title"].strip(), row["publish_time"].strip()]
        for row in expected
        if row["title"].strip() and "\0" not in "".join(row[name] for name in COLUMNS[:-1])
    ]
    assert [[r.video_id, r.title, r.channel_title, r.publish_time] for r in records.rows] == wanted
    assert records.read == len(expected)
    assert set(records.dropped) <= {"empty title", "NUL byte"}
    if b"\0" not in content:  # which ends a field for pandas
        table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
        titles = [title.strip() for title in table["title"] if title.strip()]
        assert [row.title for row in records.rows] == titles


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
    assert len(records.rows) + sum(records.dropped.values()) == records.read
    text = bytes(content).decode("utf-8-sig", "surrogateescape")
    for row in records.rows:
        for value in (row.video_id, row.title, row.channel_title, row.publish_time, *row.tags.split("|")):
            assert value in text or value.replace('"', '""') in text
