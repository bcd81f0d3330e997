import csv
import gzip
import io
import json
import lzma
import os
import struct
import subprocess
import sys
import warnings
import zlib

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from videos_schema import VIDEOS

from ytcat import corpus
from ytcat.atomic_files import sha256_folder
from ytcat.corpus import schema, thumbnails
from ytcat.corpus.ingest import Report, ingest, read_unlabelled, source_sha256
from ytcat.exceptions import YtcatError

HEADER = "video_id,title,channel_title,category_id,publish_time,tags"
GOOD = "video_00000,First title,Channel,24,2020-01-02T03:04:05Z,one|two"
ALSO = "video_00001,Second title,Channel,10,2020-01-02T03:04:05.000Z,[none]"
LAST = "video_00002,Third title,Other,1,,"


def write(tmp_path, *lines, header=HEADER, name="videos.csv"):
    """A corpus folder with a CSV of these lines (bytes or str)."""
    folder = tmp_path / "source"
    folder.mkdir()
    content = [line if isinstance(line, bytes) else line.encode() for line in (header, *lines)]
    (folder / name).write_bytes(b"\n".join(content) + b"\n")
    return folder


def read(tmp_path, *lines, **options):
    """The report and the videos of a corpus of these lines."""
    report = ingest(write(tmp_path, *lines, **options), tmp_path / "out")
    return report, pd.read_parquet(tmp_path / "out" / "corpus.parquet")


def read_with_thumbnail(tmp_path, content):
    folder = write(tmp_path, GOOD)
    (folder / "thumbnails").mkdir()
    (folder / "thumbnails" / "video_00000.jpg").write_bytes(content)
    report = ingest(folder, tmp_path / "out")
    return report.thumbnails, pd.read_parquet(tmp_path / "out" / "corpus.parquet")["thumbnail"][0]


def picture(size=(120, 90), mode="RGB", image_format="JPEG"):
    """A noisy picture file, `size` = (width, height)."""
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(stream, image_format)
    return stream.getvalue()


def gray_picture(ground, sign=None, size=(120, 90)):
    """A plain picture file, with a small sign in its middle like that of YouTube's placeholder."""
    image = Image.new("RGB", size, (ground,) * 3)
    if sign is not None:
        image.paste((sign,) * 3, (50, 40, 70, 50))
    stream = io.BytesIO()
    image.save(stream, "JPEG")
    return stream.getvalue()


# --- the columns and what is kept --------------------------------------------------------------------


def test_good_rows(tmp_path):
    report, videos = read(tmp_path, GOOD, ALSO, LAST)
    assert (report.read, report.kept, report.dropped) == (3, 3, {})
    assert list(videos.columns) == schema.PARQUET.names
    assert videos["video_id"].tolist() == ["video_00000", "video_00001", "video_00002"]
    assert videos["category_id"].tolist() == [24, 10, 1]
    assert videos["label"].tolist() == [9, 2, 0]
    assert videos["publish_time"][1] == pd.Timestamp("2020-01-02 03:04:05", tz="UTC")
    assert videos["publish_time"].isna().tolist() == [False, False, True]
    assert videos["tags"][0] == "one|two"
    assert videos["tags"].isna().tolist() == [False, True, True]
    assert report.without == {"channel_title": 0, "publish_time": 1, "tags": 2}
    assert report.thumbnails == {"missing": 3}


def test_only_id_title_and_category_are_needed(tmp_path):
    report, videos = read(tmp_path, "24,A title,video_00000", header="category_id,title,video_id")
    assert report.kept == 1
    assert videos[["channel_title", "publish_time", "tags"]].isna().all(axis=None)


def test_the_report_file_is_the_report(tmp_path):
    report, _ = read(tmp_path, GOOD, "bad")
    text = (tmp_path / "out" / "report.json").read_text()
    assert Report.model_validate_json(text) == report
    assert json.loads(text)["dropped"] == {"too few columns": 1}
    assert set(report.sources) == {"videos.csv", "thumbnails/"}


def test_kaggles_form_with_a_row_a_trending_day(tmp_path):
    header = (
        "video_id,title,channel_title,category_id,tags,views,likes,dislikes,comment_total,thumbnail_link,date"
    )
    rows = [
        'video_00000,"old",Channel,24,"a|""b""|c",1,1,1,1,link,30.09',
        'video_00000,"newest",Channel,24,a|b,2,1,1,1,link,01.10',
        'video_00000,"middle",Channel,24,a|b,2,1,1,1,link,30.09',
        'video_00001,"other",Channel,24,a|"b"|c,2,1,1,1,link,30.09',
    ]
    report, videos = read(tmp_path, *rows, header=header, name="USvideos.csv")
    assert (report.read, report.kept, report.dropped) == (4, 2, {"duplicate video": 2})
    assert report.last_by == "date"
    assert videos["title"].tolist() == ["newest", "other"]
    assert videos["tags"].tolist() == ["a|b", "a|b|c"]


@pytest.mark.parametrize(
    ("column", "days", "kept"),
    [
        ("trending_date", ("17.31.12", "18.01.01", "17.30.12"), "title 1"),  # year, day, month
        ("trending_date", ("2018-01-31", "2018-02-01", "2017-12-31"), "title 1"),
        ("trending_date", ("18.01.01", "18.01.01", "unknown"), "title 1"),  # of equals the later row
        ("week", ("3", "2", "1"), "title 2"),  # no such column: the last in the file
    ],
)
def test_the_last_row_of_a_video_is_kept(tmp_path, column, days, kept):
    rows = [f"video_00000,title {i},24,{day}" for i, day in enumerate(days)]
    report, videos = read(tmp_path, *rows, header=f"video_id,title,category_id,{column}")
    assert videos["title"].tolist() == [kept]
    assert report.dropped == {"duplicate video": 2}
    assert report.last_by == (column if column == "trending_date" else "place in the file")


def test_texts_of_all_kinds_come_through_a_byte_order_mark_too(tmp_path):
    titles = [
        "emoji 🎬👩‍👩‍👧",
        "مرحبا بالعالم",
        'a "quoted, word"',
        "two\nlines",
        "line\u2028separator",
        "x\u0085y",
    ]
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([f"video_{i:05d}", t, 24] for i, t in enumerate(titles))
    report, videos = read(
        tmp_path, stream.getvalue().rstrip("\n"), header=b"\xef\xbb\xbfvideo_id,title,category_id"
    )
    assert videos["title"].tolist() == titles
    assert report.dropped == {}


def test_windows_line_ends_and_blank_lines(tmp_path):
    report, videos = read(tmp_path, GOOD + "\r", "\r", ALSO + "\r", "", header=HEADER + "\r")
    assert (report.read, report.kept) == (2, 2)
    assert videos["tags"][0] == "one|two"


# --- records that cannot be kept ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("video_00009,Title,Channel,24", "too few columns"),
        (GOOD + ",more", "too many columns"),
        (b"video_00009,A \0 title,Channel,24,,", "NUL byte"),
        (b"video_00009,Caf\xe9,Channel,24,,", "not UTF-8"),
        (",Title,Channel,24,,", "empty video id"),
        ("../../../xx,Title,Channel,24,,", "invalid video id"),
        ("#NAME?,Title,Channel,24,,", "invalid video id"),
        ("vidéo_00009,Title,Channel,24,,", "invalid video id"),
        ("video_00009,  ,Channel,24,,", "empty title"),
        ("video_00009,Title,Channel,Music,,", "category is no integer"),
        ("video_00009,Title,Channel,24.5,,", "category is no integer"),
        ("video_00009,Title,Channel,٢٤,,", "category is no integer"),
        ("video_00009,Title,Channel,,,", "category is no integer"),
        ("video_00009,Title,Channel,43,,", "category outside the 14"),
        ("video_00001,Title,Channel,24,,", "duplicate video"),
        ('video_00009,"never closed,Channel,24,,', "unterminated quote"),
        ('video_00009,Title,Channel,24,,"never closed', "unterminated quote"),
        ('video_00009,"Best" of 2020,Channel,24,,', "text after a closing quote"),
        (r'video_00009,"say \"hi\", now",Channel,24,,', "text after a closing quote"),  # escaped as in MySQL
        (".hidden,Title,Channel,24,,", "invalid video id"),
        ("..,Title,Channel,24,,", "invalid video id"),
        ("a b,Title,Channel,24,,", "invalid video id"),
        ("x" * 101 + ",Title,Channel,24,,", "invalid video id"),
        ("video_00009," + "x" * 140_000 + ",Channel,24,,", "field over 131,072 characters"),
    ],
)
def test_a_record_at_fault_is_dropped_alone(tmp_path, line, reason):
    report, videos = read(tmp_path, GOOD, line, ALSO, LAST)
    assert (report.read, report.kept, report.dropped) == (4, 3, {reason: 1})
    assert videos["video_id"].tolist() == ["video_00000", "video_00001", "video_00002"]
    assert [(example.line, example.reason) for example in report.examples] == [(3, reason)]


@pytest.mark.parametrize(
    ("lines", "dropped"),
    [
        # The next quote opens a title: after it comes neither a comma nor the end of the line.
        (['video_00009,"never closed,C,24,,', 'video_00000,"quoted",C,24,,'], {"unterminated quote": 1}),
        # The next quote happens to end a field, but both lines together have too many columns.
        (['video_00009,Title,C,24,"never closed,', 'video_00000,the 12",C,24,,'], {"unterminated quote": 1}),
        # The line after it is broken too.
        (['video_00009,"never closed,C,24', "short", GOOD], {"unterminated quote": 1, "too few columns": 1}),
        # The line after it opens a good record of two lines.
        (['video_00009,"never closed,C,24,,', 'video_00000,"two\nlines",C,24,,'], {"unterminated quote": 1}),
    ],
)
def test_an_unterminated_quote_swallows_nothing(tmp_path, lines, dropped):
    report, videos = read(tmp_path, *lines, ALSO)
    assert report.dropped == dropped
    assert videos["video_id"].tolist() == ["video_00000", "video_00001"]


def test_a_record_that_csv_readers_read_is_taken_so_and_lines_like_records_in_it_are_counted(tmp_path):
    lines = ['video_00009,"never closed,C,24,,', 'video_00000,the 12",C,24,,', ALSO]
    report, videos = read(tmp_path, *lines)
    assert (report.read, report.kept, report.lines_like_records) == (2, 2, 1)
    assert videos["title"].tolist() == ["never closed,C,24,,\nvideo_00000,the 12", "Second title"]
    assert "1 lines inside quoted texts look like records" in "\n".join(report.lines())


def test_a_long_text_that_nobody_reads_costs_no_video(tmp_path):
    lines = [f"inside_{i},Title,24,text" for i in range(4000)]
    transcript = ('say ""yes"", or no\r\n' + "\n".join(lines)) * 2
    assert len(transcript) > 131_072
    rows = [f'video_0000{i},Title {i},24,"{transcript}"' for i in range(2)]
    report, videos = read(tmp_path, *rows, header="video_id,title,category_id,transcript")
    assert (report.read, report.kept, report.dropped) == (2, 2, {})
    assert videos["title"].tolist() == ["Title 0", "Title 1"]


def test_line_breaks_inside_quotes_stay_as_they_are(tmp_path):
    _, videos = read(tmp_path, 'video_00000,"a\r\nb\nc\rd",Channel,24,,', ALSO)
    assert videos["title"].tolist() == ["a\r\nb\nc\rd", "Second title"]


def test_examples_are_few_and_show_the_value(tmp_path):
    report, _ = read(
        tmp_path, *[f"video_{i:05d},Title,Channel,{i + 100},," for i in range(9)], b"\xff,T,C,24,,"
    )
    shown = [(example.line, example.value) for example in report.examples]
    assert shown == [(2, "100"), (3, "101"), (4, "102"), (11, r"\udcff")]
    assert report.dropped == {"category outside the 14": 9, "not UTF-8": 1}


def test_a_time_that_cannot_be_read_keeps_the_row(tmp_path):
    rows = [f"video_0000{i},T,C,24,{text}," for i, text in enumerate(["now", "2020-13-45", "2020-01-02", ""])]
    report, videos = read(tmp_path, *rows)
    assert videos["publish_time"].isna().tolist() == [True, True, False, True]
    assert (report.without["publish_time"], report.unreadable_times) == (3, 2)
    assert "2 videos with a publish_time that is not ISO 8601" in "\n".join(report.lines())


@pytest.mark.parametrize(
    ("days", "unreadable", "last_by", "kept"),
    [
        (("17.14.11", "17.31.02", "soon"), 2, "trending_date", "title 0"),  # there is no 31 February
        (("14.11.2017", "", "yesterday"), 2, "place in the file", "title 2"),
        (("", "", ""), 0, "place in the file", "title 2"),
    ],
)
def test_a_trending_date_that_cannot_be_read_is_counted_and_decides_nothing(
    tmp_path, days, unreadable, last_by, kept
):
    rows = [f"video_00000,title {i},24,{day}" for i, day in enumerate(days)]
    report, videos = read(tmp_path, *rows, header="video_id,title,category_id,trending_date")
    assert videos["title"].tolist() == [kept]
    assert (report.unreadable_days, report.last_by) == (unreadable, last_by)
    assert f"The last row of a video was kept, by {last_by}." in "\n".join(report.lines())


@pytest.mark.parametrize("text", ["24", "24.0", " 24.00 ", "024"])
def test_an_integer_that_pandas_wrote_as_a_fraction_is_that_integer(tmp_path, text):
    _, videos = read(tmp_path, f"video_00000,Title,Channel,{text},,")
    assert videos["category_id"].tolist() == [24]


@pytest.mark.parametrize(
    ("text", "category_id"),
    [
        ("Music", 10),
        ("howto & style", 26),  # as YouTube writes it
        ("How to and Style", 26),  # as the slides write it
        ("Autos & Vehicles", 2),
        ("10", 10),
    ],
)
def test_a_category_may_be_a_name(tmp_path, text, category_id):
    report, videos = read(tmp_path, f"a.b-c_1,Title,{text}", header="video_id,title,category")
    assert report.dropped == {}
    assert videos[["video_id", "category_id"]].to_numpy().tolist() == [["a.b-c_1", category_id]]


def test_a_category_by_name_and_by_id_must_agree(tmp_path):
    rows = [
        "v1,T,Music,10",
        "v2,T,Music,24",
        "v3,T,viral,24",
        "v4,T,Music,",
        "v5,T,Shorts,",
        "v6,T,Comedy日本,",
    ]
    report, videos = read(tmp_path, *rows, header="video_id,title,category,category_id")
    assert videos[["video_id", "category_id"]].to_numpy().tolist() == [["v1", 10], ["v3", 24], ["v4", 10]]
    assert report.dropped == {"category and category_id differ": 1, "category outside the 14": 2}


@pytest.mark.parametrize("column", ["video_id", "title", "category_id", "tags", "date"])
def test_a_column_that_is_read_must_not_be_there_twice(tmp_path, column):
    folder = write(tmp_path, "1,2,3,4,5,6,7", header=f"video_id,title,category_id,tags,date,note, {column}")
    with pytest.raises(YtcatError, match=f"line 1: the column {column} is there 2 times. Keep one"):
        ingest(folder, tmp_path / "out")


def test_a_column_that_nobody_reads_may_be_there_twice(tmp_path):
    report, _ = read(tmp_path, "video_00000,T,24,a,b", header="video_id,title,category_id,note,note")
    assert report.kept == 1


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_kept_and_dropped_are_all_that_was_read(tmp_path_factory, data):
    rows = [f'video_{i:05d},"Title, {i}",Channel,{[24, 10, 43][i % 3]},2020-01-02,a|b' for i in range(8)]
    content = bytearray("\n".join(rows).encode())
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 20))
        content[at : at + length] = data.draw(
            st.sampled_from([b"", b'"', b",", b"\n", b"\0", b"\xff", b'"\n"', b"\r"])
        )
    folder = tmp_path_factory.mktemp("mutated")
    report, videos = read(folder, bytes(content))
    assert report.kept + sum(report.dropped.values()) == report.read
    assert report.kept == len(videos)
    VIDEOS.validate(videos.drop(columns="thumbnail").assign(has_thumbnail=videos["thumbnail"].notna()))
    # Every physical line that is still a whole good row is accounted for: nothing was swallowed unsaid.
    untouched = [row for row in rows if row.encode() in bytes(content).split(b"\n") and ",43," not in row]
    lost = {row[:11] for row in untouched} - set(videos["video_id"])
    assert len(lost) <= report.lines_like_records
    # No text that is not in the file.
    text = bytes(content).decode(errors="replace")
    for title in videos["title"]:
        assert title in text or title.replace('"', '""') in text


# --- the folder --------------------------------------------------------------------------------------


def test_missing_columns_are_named_with_those_found(tmp_path):
    folder = write(tmp_path, "1,2", header="id;title,category_id")
    with pytest.raises(
        YtcatError, match=r"videos.csv lacks .*video_id, title.*'id;title', 'category_id'.*Wanted"
    ):
        ingest(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b"\n", "video_id,title,category_id\n".encode("utf-16")])
def test_a_file_without_a_readable_header(tmp_path, content):
    folder = write(tmp_path)
    (folder / "videos.csv").write_bytes(content)
    with pytest.raises(YtcatError, match="lacks the column"):
        ingest(folder, tmp_path / "out")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "It is empty"),
        ("video_id,title,category_id\n".encode("utf-16"), "It is in UTF-16: save it as UTF-8"),
        (b'<!DOCTYPE html>\n<html lang="en">', "It is a web page: download the file itself"),
        (b"\xef\xbb\xbf\n <html>", "It is a web page"),
        (gzip.compress(HEADER.encode(), mtime=0), "compressed with gzip: unpack it"),
        (b"PK\x03\x04", "a zip file or an Excel workbook"),
        (b'{"items": []}', "It is JSON"),
        (b'[{"video_id": "a"}]', "It is JSON"),
        (lzma.compress(HEADER.encode()), "compressed with xz: unpack it"),
        (HEADER.encode("utf-16-le"), "It is no text in UTF-8"),
        (b"SQLite format 3\0\1\2", "It is no text in UTF-8"),
        (b"sep=,\nvideo_id,title,category_id\n", "Its first line is Excel's own: remove it"),
        (b"VIDEO ID,Title,categoryId\n", "Rename 'VIDEO ID' to 'video_id', 'Title' to 'title', 'categoryId'"),
        (b"video_id;title;category_id\n", "separated by semicolons: save it with commas"),
        (b"video_id\ttitle\tcategory_id\n", "separated by tabs: save it with commas"),
        (b"id,name\n", "Its first line has: ..id., .name.."),
        (b'video_id,title,category_id,"note\n1,2,3,4\n', "Its first line has: ..video_id,title"),
        (b"x" * 240_000, "240,004 characters"),
    ],
)
def test_what_a_file_is_that_has_no_header(tmp_path, content, message):
    folder = write(tmp_path)
    (folder / "videos.csv").write_bytes(content)
    with pytest.raises(YtcatError, match=message) as error:
        ingest(folder, tmp_path / "out")
    assert len(str(error.value)) < 800
    assert "videos.csv lacks the column(s) " in str(error.value)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["caf\xe9,caf\xe9,24"], r"1 of 1 records .*not UTF-8 .*line 2.*Save the file as UTF-8"),
        (["v1,T,Music", "v2,T,Comedy"], r"2 of 2 .*no integer .*line 2: 'Music'.*call the column category"),
        (["v1,T,43"], r"outside the 14 \(first in line 2: '43'\).* 1 Film and Animation, 2 Auto & Vehicles"),
        (["a/b,T,24"], r"invalid video id .*'a/b'.*at most 100"),
        (["bad"], r"too few columns .*'1 of 3: bad'.*double quotes"),
        ([], "has a header line but no videos"),
    ],
)
def test_a_corpus_without_a_usable_video_says_in_which_line_and_what_to_do(tmp_path, rows, message):
    rows = [row.encode("cp1252") for row in rows]
    folder = write(tmp_path, *rows, header="video_id,title,category_id")
    with pytest.raises(YtcatError, match=message):
        corpus.load(folder, tmp_path / "build")


def test_hidden_files_are_passed_over(tmp_path):
    folder = write(tmp_path, GOOD)
    (folder / "thumbnails").mkdir()
    (folder / "thumbnails" / "video_00000.jpg").write_bytes(picture())
    before = source_sha256(folder)
    for name in ("._videos.csv", "thumbnails/._video_00000.jpg", "thumbnails/.DS_Store"):
        (folder / name).write_bytes(b"\0\5\x16\7")
    assert source_sha256(folder) == before
    report = ingest(folder, tmp_path / "out")
    assert (report.thumbnails, report.unused_thumbnails) == ({"ok": 1}, 0)


@pytest.mark.parametrize(
    ("files", "found"),
    [([], "none"), (["USvideos.csv", "videos.csv"], "USvideos.csv, videos.csv"), (["a.csv"], "none")],
)
def test_not_exactly_one_csv(tmp_path, files, found):
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in files:
        (folder / name).write_text(HEADER)
    with pytest.raises(YtcatError, match=f"{folder} must have exactly one .*found: {found}"):
        ingest(folder, tmp_path / "out")


def test_no_folder(tmp_path):
    with pytest.raises(YtcatError, match=r'no corpus folder .*nowhere.*"demo"'):
        corpus.load(tmp_path / "nowhere", tmp_path / "build")


def test_a_csv_that_is_a_link_out_of_the_folder_is_refused(tmp_path):
    folder = write(tmp_path, GOOD)
    (folder / "videos.csv").rename(tmp_path / "elsewhere.csv")
    (folder / "videos.csv").symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(YtcatError, match="not a file in the corpus folder"):
        ingest(folder, tmp_path / "out")


def test_the_source_is_not_changed_even_if_it_is_read_only(tmp_path, corpus_folder):
    folder = corpus_folder(5)
    before = sha256_folder(folder), sorted(folder.rglob("*"))
    for path in (folder, folder / "thumbnails"):
        path.chmod(0o555)
    try:
        corpus.load(folder, tmp_path / "build")
    finally:
        for path in (folder, folder / "thumbnails"):
            path.chmod(0o755)
    assert (sha256_folder(folder), sorted(folder.rglob("*"))) == before


def test_output_inside_the_source_or_over_something_is_refused(tmp_path, corpus_folder):
    folder = corpus_folder(2)
    with pytest.raises(YtcatError, match="inside the corpus folder"):
        ingest(folder, folder / "out")
    with pytest.raises(YtcatError, match="inside the corpus folder"):
        corpus.load(folder, folder / "build")
    assert {path.name for path in folder.iterdir()} == {"videos.csv", "thumbnails"}
    ingest(folder, tmp_path / "out")
    with pytest.raises(YtcatError, match="exists already"):
        ingest(folder, tmp_path / "out")


def test_two_ingests_are_byte_identical(tmp_path, corpus_folder):
    first, second = corpus_folder(30), corpus_folder(30, name="copy")
    reports = [ingest(folder, tmp_path / f"{folder.name}-out") for folder in (first, second)]
    assert reports[0] == reports[1]
    assert sha256_folder(tmp_path / "tiny-out") == sha256_folder(tmp_path / "copy-out")


def test_the_corpus_hash_is_that_of_the_content(tmp_path):
    for name, header, rows in (
        ("a", HEADER, (GOOD, ALSO)),
        ("b", HEADER, (GOOD, "bad row", ALSO)),
        ("c", HEADER, (GOOD, ALSO.replace("Second", "2nd"))),
    ):
        (tmp_path / name).mkdir()
        ingest(write(tmp_path / name, *rows, header=header), tmp_path / name / "out")
    a, b, c = (
        Report.model_validate_json((tmp_path / n / "out" / "report.json").read_text()).sha256 for n in "abc"
    )
    assert a == b != c


# --- thumbnails --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (picture(), "ok"),
        (picture(mode="L"), "ok"),
        (picture(mode="CMYK"), "ok"),
        (picture(image_format="PNG"), "ok"),
        (picture(mode="P", image_format="PNG"), "ok"),
        (picture(size=(320, 180)), "ok"),
        (gray_picture(0), "ok"),  # creators do upload a black picture
        (gray_picture(255, 0), "ok"),
        (picture()[:-500], "unreadable"),
        (picture()[:300], "unreadable"),
        (picture(image_format="PNG")[:-500], "unreadable"),
        (b"", "unreadable"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "unreadable"),
        (gray_picture(128), "placeholder"),
        (gray_picture(204, 150), "placeholder"),
        (gray_picture(204, 150, size=(480, 360)), "ok"),
    ],
)
def test_thumbnail_states(tmp_path, content, state):
    states, kept = read_with_thumbnail(tmp_path, content)
    assert states == {state: 1}
    assert kept == (content if state == "ok" else None)


def png_header(width, height):
    """A PNG that says it is that large and has next to no data."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])  # 64 megapixels, Pillow's warning, Pillow's error
def test_a_decompression_bomb_is_refused_by_its_header(tmp_path, side):
    with warnings.catch_warnings(record=True) as leaked:
        warnings.simplefilter("always")
        states, kept = read_with_thumbnail(tmp_path, png_header(side, side))
    assert states == {"too large": 1}
    assert kept is None
    assert not leaked


def test_a_thumbnail_file_too_large_is_not_read(tmp_path):
    folder = write(tmp_path, GOOD)
    (folder / "thumbnails").mkdir()
    with (folder / "thumbnails" / "video_00000.jpg").open("wb") as stream:
        stream.truncate(thumbnails.MAX_BYTES + 1)
    assert ingest(folder, tmp_path / "out").thumbnails == {"too large": 1}


@pytest.mark.parametrize("name", ["x.jpg", "x.JPG", "x.jpeg", "x.JPEG", "x.png", "x.Png", "x.webp"])
def test_a_thumbnail_may_have_any_of_the_extensions_in_any_case(tmp_path, name):
    folder = write(tmp_path, "x,Title,24", header="video_id,title,category_id")
    (folder / "thumbnails").mkdir()
    (folder / "thumbnails" / name).write_bytes(picture(image_format="PNG"))
    report = ingest(folder, tmp_path / "out")
    assert (report.thumbnails, report.unused_thumbnails) == ({"ok": 1}, 0)


def test_the_first_usable_of_several_files_of_a_video_counts(tmp_path):
    folder = write(
        tmp_path, "x,Title,24", "X,Title,24", "y.jpg,Title,24", header="video_id,title,category_id"
    )
    (folder / "thumbnails").mkdir()
    good = picture(image_format="PNG")
    for name, content in (("x.jpg", b"broken"), ("x.png", good), ("x.webp", b"broken"), ("y.jpg", good)):
        (folder / "thumbnails" / name).write_bytes(content)
    report = ingest(folder, tmp_path / "out")
    assert report.thumbnails == {"ok": 1, "missing": 2}
    assert report.unused_thumbnails == 3
    assert pd.read_parquet(tmp_path / "out" / "corpus.parquet")["thumbnail"][0] == good


def test_a_folder_of_thumbnails_may_be_a_link_but_ids_do_not_leave_it(tmp_path):
    folder, shared = write(tmp_path, GOOD, ALSO), tmp_path / "shared"
    shared.mkdir()
    (shared / "video_00000.jpg").write_bytes(picture())
    (tmp_path / "outside.jpg").write_bytes(picture())
    (shared / "video_00001.jpg").symlink_to(tmp_path / "outside.jpg")
    (folder / "thumbnails").symlink_to(shared, target_is_directory=True)
    before = source_sha256(folder)
    unlabelled = read_unlabelled(folder)
    assert [bool(content) for content in unlabelled.pictures] == [True, False]
    assert unlabelled.thumbnails == {"link out of the folder": 1, "ok": 1}
    report = ingest(folder, tmp_path / "out")
    assert report.thumbnails == unlabelled.thumbnails
    assert "not followed: make thumbnails/ itself the link" in "\n".join(report.lines())
    (shared / "video_00000.jpg").write_bytes(gray_picture(0))
    assert source_sha256(folder) != before


def test_thumbnails_that_are_no_files_of_the_folder(tmp_path):
    folder = write(tmp_path, GOOD, ALSO, LAST)
    (folder / "thumbnails" / "video_00001.jpg").mkdir(parents=True)
    (tmp_path / "outside.jpg").write_bytes(picture())
    (folder / "thumbnails" / "video_00000.jpg").symlink_to(tmp_path / "outside.jpg")
    os.mkfifo(folder / "thumbnails" / "video_00002.jpg")
    (folder / "thumbnails" / "unknown.jpg").write_bytes(picture())
    report = ingest(folder, tmp_path / "out")
    assert report.thumbnails == {"link out of the folder": 1, "unreadable": 2}
    assert report.unused_thumbnails == 1


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_image_from_bytes_is_rgb(mode):
    image = corpus.image_from_bytes(picture(mode=mode))
    assert image.shape == (90, 120, 3)
    assert image.dtype == np.uint8
    assert (mode == "L") == bool((image[..., 0] == image[..., 2]).all())


def test_image_from_bytes_letterboxes_another_size():
    stream = io.BytesIO()
    Image.new("RGB", (320, 180), "white").save(stream, "PNG")
    image = corpus.image_from_bytes(stream.getvalue())
    assert image.shape == (90, 120, 3)
    assert (image[[0, 10, 80, 89]] == 0).all()
    assert (image[15:75] == 255).all()


def test_image_from_bytes_of_a_broken_picture():
    with pytest.raises(ValueError, match="not a readable picture"):
        corpus.image_from_bytes(picture()[:-500])


# --- load --------------------------------------------------------------------------------------------


def test_load_ingests_once(tmp_path, corpus_folder):
    folder = corpus_folder(28)
    first = corpus.load(folder, tmp_path / "build")
    written = (first.folder / "corpus.parquet").stat().st_mtime_ns
    second = corpus.load(str(folder), tmp_path / "build")
    assert first.folder == second.folder
    assert first.folder.name.startswith("tiny-")
    assert (first.folder / "corpus.parquet").stat().st_mtime_ns == written
    pd.testing.assert_frame_equal(first.videos, VIDEOS.validate(second.videos))
    assert (first.name, first.synthetic, first.sha256) == ("tiny", False, first.report.sha256)
    assert first.has_thumbnails and first.has_tags


def test_a_changed_source_is_ingested_anew(tmp_path, corpus_folder):
    folder = corpus_folder(3)
    first = corpus.load(folder, tmp_path / "build")
    path = folder / "thumbnails" / "video_00001.jpg"
    stat = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # neither its size nor its time tells
    assert corpus.load(folder, tmp_path / "build").folder != first.folder


def test_a_corpus_of_titles_only(tmp_path):
    loaded = corpus.load(
        write(tmp_path, "video_00000,T,24", header="video_id,title,category_id"), tmp_path / "build"
    )
    assert not (loaded.has_thumbnails or loaded.has_tags)
    assert loaded.thumbnail_bytes([0]) == [None]
    with pytest.raises(ValueError, match="no thumbnail"):
        loaded.images([0])


def test_thumbnails_of_rows_come_in_their_order_from_all_row_groups(tmp_path, corpus_folder):
    folder = corpus_folder(1100, thumbnails=False)
    for number in (0, 511, 512, 1099):
        Image.new("RGB", (120, 90), (number % 256, 0, 0)).save(
            folder / "thumbnails" / f"video_{number:05d}.jpg", "PNG"
        )
    loaded = corpus.load(folder, tmp_path / "build")
    assert pq.ParquetFile(loaded.folder / "corpus.parquet").num_row_groups == 3
    assert np.flatnonzero(loaded.videos["has_thumbnail"]).tolist() == [0, 511, 512, 1099]
    images = loaded.images([1099, 0, 512, 511, 511])
    assert images.shape == (5, 90, 120, 3)
    assert images.dtype == np.uint8
    assert images[:, 0, 0, 0].tolist() == [1099 % 256, 0, 512 % 256, 511 % 256, 511 % 256]
    np.testing.assert_array_equal(
        loaded.images(loaded.videos["has_thumbnail"]), loaded.images([0, 511, 512, 1099])
    )
    assert loaded.thumbnail_bytes(slice(0, 2))[1] is None
    assert loaded.images([]).shape == (0, 90, 120, 3)
    with pytest.raises(IndexError):
        loaded.images([1100])


def test_processes_may_load_the_same_corpus_at_once(tmp_path, corpus_folder):
    folder, build = corpus_folder(60), tmp_path / "build"
    code = "import pathlib, sys, ytcat.corpus as c; print(c.load(*map(pathlib.Path, sys.argv[1:])).folder)"
    command = [sys.executable, "-c", code, folder, build]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    printed = {process.communicate()[0].strip() for process in processes}
    assert printed == {str(path) for path in (build / "corpus").iterdir() if path.is_dir()}
    assert len(printed) == 1
    assert len(corpus.load(folder, build).images(slice(None))) == 60


# --- the real corpora --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "read", "kept", "dropped"),
    [
        ("us-2017", 6281, 6263, {"category outside the 14": 18}),
        (
            "us-2017-09",  # 2,364 videos in the readable rows, 6 of them outside the 14 categories
            7995,
            2358,
            {"category outside the 14": 16, "duplicate video": 5618, "too many columns": 3},
        ),
        ("us-2020", 5546, 5543, {"category outside the 14": 3}),
    ],
)
def test_real_corpora(shared, tmp_path, name, read, kept, dropped):
    loaded = corpus.load(shared / "data" / name, tmp_path / "build")
    assert (loaded.report.read, loaded.report.kept, loaded.report.dropped) == (read, kept, dropped)
    assert len(loaded.videos) == kept
    assert loaded.report.thumbnails == {("ok" if name == "us-2020" else "missing"): kept}
    assert loaded.videos["channel_title"].notna().any()
    assert loaded.videos["publish_time"].notna().any() == (name != "us-2017-09")
    assert loaded.has_tags == (name != "us-2017")


def test_a_value_that_is_shown_stays_on_its_line(tmp_path):
    """A line break would break the report, and a terminal would follow what an escape says."""
    folder = tmp_path / "c"
    folder.mkdir()
    (folder / "videos.csv").write_text(
        'video_id,title,category\nok,T,Music\n"a\nb",T,Music\n\x1b[2J,T,Music\n'
    )
    lines = ingest(folder, tmp_path / "out").lines()
    assert "  line 3: a\\nb" in lines and "  line 5: \\x1b[2J" in lines


@pytest.mark.parametrize(
    "beside", ["~$videos.csv", "._videos.csv", ".~lock.videos.csv#", "my videos.csv", "10videos.csv"]
)
def test_what_lies_beside_the_table_is_not_taken_for_it(tmp_path, beside):
    folder = tmp_path / "c"
    folder.mkdir()
    (folder / "videos.csv").write_text("video_id,title,category\nok,T,Music\n")
    (folder / beside).write_bytes(b"\0\1")
    assert ingest(folder, tmp_path / "out").kept == 1


def test_byte_order_marks_are_passed_over_however_many(tmp_path):
    folder = tmp_path / "c"
    folder.mkdir()
    (folder / "videos.csv").write_bytes(b"\xef\xbb\xbf" * 2 + b"video_id,title,category\nok,T,Music\n")
    assert ingest(folder, tmp_path / "out").kept == 1
