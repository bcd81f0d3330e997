"""Kaggle's formats, real ones where they are there, and kagglehub itself against a local server."""

import csv
import gc
import gzip
import hashlib
import io
import json
import lzma
import os
import re
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from test_category_file import category_file

from ytcat import corpus
from ytcat.data import default_folder, provenance
from ytcat.data.kaggle import download, from_file
from ytcat.data.thumbnails import fetch
from ytcat.exceptions import YtcatError

# kagglehub leaves sockets open; they are collected before the next test (`serving`).
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
YTCAT = Path(sys.executable).with_name("ytcat")
OLDER = "datasnaek/youtube-new"
NEWER = "rsrishav/youtube-trending-video-dataset"
NEWER_HEADER = (
    "video_id,title,publishedAt,channelId,channelTitle,categoryId,trending_date,tags,view_count,likes,dislikes,"
    "comment_count,thumbnail_link,comments_disabled,ratings_disabled,description"
)
# Kaggle's forms with made-up videos: one that trends twice, one outside the 14, one that is broken.
OLDER_CSV = b"""\
video_id,trending_date,title,channel_title,category_id,publish_time,tags,views,description
video_00000,17.14.11,Earlier title,Channel,24,2017-11-13T17:13:01.000Z,"one|""two""|x",1,"Two\\nlines"
video_00001,17.14.11,Outside,Channel,43,2017-11-13T17:13:01.000Z,[none],1,
video_00000,17.15.11,"Later, and last",Channel,24,2017-11-13T17:13:01.000Z,"one|""two""|x",2,"Two
lines"
video_00002,18.01.02,Caf\xe9,Channel,10,2017-11-13T17:13:01.000Z,[none],1,
video_00003,18.02.02,Music,Channel,10,2018-01-31T17:13:01.000Z,[none],1,
"""


def newer_csv(rows=3):
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(NEWER_HEADER.split(","))
    for i in range(rows):
        writer.writerow(
            [
                *(f"video_{i:05d}", f"Title {i} 🎬", "2020-08-11T19:20:14Z", "UC0", "Channel", 24),
                *(f"2020-08-{12 + i}T00:00:00Z", "[None]" if i else "one|two", 1, 1, 1, 1),
                *(f"https://i.ytimg.com/vi/video_{i:05d}/default.jpg", False, False, "Several\nlines"),
            ]
        )
    return stream.getvalue().encode()


def archive(path, **files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return path


# --- from a file -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["us-2017", "us-2017-09"])
def test_kaggles_own_files_come_through_as_they_are(shared, tmp_path, name):
    source = shared / "data" / name
    folder = from_file(tmp_path / "out", source / "USvideos.csv")
    assert (folder / "videos.csv").read_bytes() == (source / "USvideos.csv").read_bytes()
    made, direct = (corpus.load(path, tmp_path / "build") for path in (folder, source))
    assert made.sha256 == direct.sha256
    known = provenance.read(folder)
    assert (known.read, known.kept, known.dropped) == (
        direct.report.read,
        direct.report.kept,
        direct.report.dropped,
    )
    assert known.sources[0].sha256 == hashlib.sha256((source / "USvideos.csv").read_bytes()).hexdigest()
    if name == "us-2017":
        assert (folder / "US_category_id.json").is_file()
        assert known.trended == ("2017-11-14", "2018-06-14")
    else:
        assert known.trended is None  # its days have no year


def test_the_older_form(tmp_path):
    file = tmp_path / "GBvideos.csv"
    file.write_bytes(OLDER_CSV)
    known = provenance.read(from_file(tmp_path / "out", file))
    assert known.region == "GB"
    assert (known.read, known.kept) == (5, 2)
    assert known.dropped == {"category outside the 14": 1, "duplicate video": 1, "not UTF-8": 1}
    assert known.categories_absent is None  # there is no category file to tell
    assert known.published == ("2017-11-13", "2018-01-31")
    assert known.trended == ("2017-11-15", "2018-02-02")
    videos = corpus.load(tmp_path / "out", tmp_path / "build").videos
    assert videos["title"].tolist() == ["Later, and last", "Music"]


def test_the_columns_tell_the_newer_form_whatever_the_name(tmp_path):
    (tmp_path / "USvideos.csv").write_bytes(newer_csv())
    folder = from_file(tmp_path / "out", tmp_path / "USvideos.csv")
    assert provenance.read(folder).source == f"Kaggle {NEWER}"


def test_the_newer_form_gets_a_corpus_names(tmp_path):
    file = tmp_path / "MX_youtube_trending_data.csv"
    file.write_bytes(newer_csv())
    (tmp_path / "MX_category_id.json").write_bytes(category_file(c27=None))
    folder = from_file(tmp_path / "out", file)
    loaded = corpus.load(folder, tmp_path / "build")
    assert loaded.videos["title"].tolist() == [f"Title {i} 🎬" for i in range(3)]
    assert loaded.videos["channel_title"].notna().all() and loaded.videos["publish_time"].notna().all()
    assert loaded.videos["tags"].isna().tolist() == [False, True, True]
    assert loaded.report.last_by == "trending_date"
    known = provenance.read(folder)
    assert (known.region, known.source) == ("MX", f"Kaggle {NEWER}")
    assert known.trended == ("2020-08-12", "2020-08-14")
    assert known.categories_absent == [27]
    assert known.sources[0].sha256 == hashlib.sha256(newer_csv()).hexdigest()


def test_a_zip_of_either_set(tmp_path):
    both = {"USvideos.csv": OLDER_CSV, "DEvideos.csv": OLDER_CSV, "DE_category_id.json": category_file()}
    older = archive(tmp_path / "archive.zip", **both)
    known = provenance.read(from_file(tmp_path / "de", older, "DE"))
    assert (known.region, known.source) == ("DE", f"Kaggle {OLDER}")
    assert [source.name for source in known.sources] == ["DEvideos.csv", "DE_category_id.json"]
    assert provenance.read(from_file(tmp_path / "us", older)).region == "US"
    with pytest.raises(YtcatError, match=r"no videos of region 'GB'; it has DE, US. Give --region"):
        from_file(tmp_path / "gb", older, "GB")
    newer = archive(tmp_path / "newer.zip", **{"deep/US_youtube_trending_data.csv": newer_csv()})
    assert provenance.read(from_file(tmp_path / "newer", newer)).source == f"Kaggle {NEWER}"


def test_a_member_of_a_zip_never_leaves_the_corpus_folder(tmp_path):
    file = tmp_path / "evil.zip"
    with zipfile.ZipFile(file, "w") as out:
        out.writestr("../../USvideos.csv", OLDER_CSV)
        out.writestr("../../evil.txt", b"")
    folder = from_file(tmp_path / "deep" / "er" / "out", file)
    assert sorted(path.name for path in folder.iterdir()) == ["provenance.json", "videos.csv"]
    assert not list(tmp_path.rglob("evil.txt"))


@pytest.mark.parametrize(
    ("name", "content", "region", "says"),
    [
        ("USvideos.csv", b"id,name,category_id\n", None, r"lacks the column\(s\) video_id, title\..*rename"),
        ("USvideos.csv", b"", None, "lacks the column.* It is empty"),
        ("USvideos.csv", b"video_id,title,category_id\n", None, "has a header line but no videos"),
        (
            "USvideos.csv",
            b"video_id;title;category_id\n",
            None,
            "by semicolons: save it with commas",
        ),
        ("USvideos.csv", b'[{"video_id": 1}]', None, "It is JSON"),
        ("USvideos.csv", lzma.compress(OLDER_CSV), None, "It is compressed with xz: unpack it"),
        ("my.csv", OLDER_CSV, "us", "no region 'us'.*capital letters"),
        ("USvideos.csv", b"video_id,title,category_id\nb/d,T,24\n", None, "No video of USvideos.csv can"),
        ("USvideos.csv", OLDER_CSV, "GB", "not of region 'GB'. Give --region with one of BR, CA"),
        ("my.csv", OLDER_CSV, "../x", "have no region '../x'"),
        ("archive.zip", b"PK\x05\x06" + b"\0" * 18, None, "it has no videos at all"),
        ("archive.zip", b"PK\x03\x04 and then nothing", None, r"cannot be unpacked .*Download it again"),
        (
            "USvideos.csv.gz",
            gzip.compress(OLDER_CSV, mtime=0)[:90],
            None,
            r"cannot be unpacked .*Download it again",
        ),
        ("USvideos.csv.gz", b"\x1f\x8b and then nothing", None, r"cannot be unpacked .*Download it again"),
        ("USvideos.csv", b"\n <!DOCTYPE html><html>", None, "It is a web page: .*Download it again"),
        (
            "USvideos.csv",
            OLDER_CSV.decode("latin-1").encode("utf-16"),
            None,
            "It is in UTF-16: save it",
        ),
        ("USvideos.csv", b"\x89PNG\r\n\0\0", None, r"lacks the column"),
        ("USvideos.csv", b"\0\0\0\n", None, "It is no text in UTF-8"),
        ("USvideos.csv", b"x" * 240_000, None, "lacks the column"),
        ("USvideos.csv", b"video_id,title\rx,y\n", None, r"The first line of USvideos.csv cannot be read"),
        ("USvideos.csv", b"x," * 1_000_000, None, "has no line end in its first 1,048,576 bytes"),
        ("USvideos.csv", b"video_id,title,category_id,title\n", None, "has the column title more than once"),
    ],
)
def test_what_cannot_be_used_is_said_and_leaves_nothing(tmp_path, name, content, region, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(YtcatError, match=says) as error:
        from_file(tmp_path / "out", tmp_path / name, region)
    assert "\n" not in str(error.value)
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")) == [name]


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("KR_youtube_trending_data (2).csv", "KR"),
        ("KRvideos (1).csv", "KR"),
        ("Copy of KRvideos.csv", "KR"),
        ("KRvideos - Copy.csv", "KR"),
        ("KRvideos_1.csv", "KR"),
        ("KRvideos.csv", "KR"),
        ("KR_youtube_trending_data.csv.gz", "KR"),
        ("archive.csv", None),
        ("MYvideos.csv", None),  # none of Kaggle's
        ("allKRvideos.csv", None),
        ("KRvideos of USvideos.csv", None),
    ],
)
def test_a_browsers_copy_is_of_the_region_in_its_name_or_asks_for_it(tmp_path, name, region):
    file = tmp_path / name
    file.write_bytes(gzip.compress(OLDER_CSV, mtime=0) if name.endswith("gz") else OLDER_CSV)
    if region:
        assert provenance.read(from_file(tmp_path / "out", file)).region == region
        return
    with pytest.raises(YtcatError, match=r"does not tell the region of its videos. Give --region with one"):
        from_file(tmp_path / "out", file)
    assert not (tmp_path / "out").exists()
    assert provenance.read(from_file(tmp_path / "out", file, "KR")).region == "KR"


def test_a_gzipped_csv_gives_the_corpus_of_the_plain_one(tmp_path):
    plain, packed = tmp_path / "USvideos.csv", tmp_path / "USvideos.csv.gz"
    plain.write_bytes(OLDER_CSV)
    packed.write_bytes(gzip.compress(OLDER_CSV, mtime=0))
    one, other = (from_file(tmp_path / file.suffix, file) for file in (plain, packed))
    assert (one / "videos.csv").read_bytes() == (other / "videos.csv").read_bytes() == OLDER_CSV
    assert provenance.read(other).sources[0].sha256 == hashlib.sha256(OLDER_CSV).hexdigest()


def test_a_renamed_file_is_of_the_data_set_that_has_its_columns(tmp_path):
    for name, content, handle in (("a.csv", OLDER_CSV, OLDER), ("b.csv", newer_csv(), NEWER)):
        (tmp_path / name).write_bytes(content)
        made = from_file(tmp_path / f"out-{name}", tmp_path / name, "US")
        assert provenance.read(made).source == f"Kaggle {handle}"


def test_hidden_files_in_a_zip_are_passed_over_and_two_of_one_region_are_not_chosen_from(tmp_path):
    hidden = {"__MACOSX/._USvideos.csv": b"Mac OS X", "._USvideos.csv": b"Mac OS X"}
    file = archive(tmp_path / "archive.zip", **hidden, **{"USvideos (1).csv": OLDER_CSV})
    assert provenance.read(from_file(tmp_path / "out", file)).sources[0].name == "USvideos (1).csv"
    both = archive(tmp_path / "both.zip", **{"a/USvideos.csv": OLDER_CSV, "b/USvideos.csv": OLDER_CSV})
    with pytest.raises(YtcatError, match=r"holds a/USvideos.csv and b/USvideos.csv: unpack it"):
        from_file(tmp_path / "both", both)


def test_a_damaged_provenance_is_written_anew_from_the_same_videos_only(tmp_path, caplog, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    (tmp_path / "USvideos.csv").write_bytes(OLDER_CSV)
    made = from_file(tmp_path / "out", tmp_path / "USvideos.csv")
    whole = (made / "provenance.json").read_bytes()
    for damaged in (b"", whole[:50], b"[]", b"\xff\xfe"):
        (made / "provenance.json").write_bytes(damaged)
        with pytest.raises(
            YtcatError, match=r"provenance.json is damaged .*Run the `ytcat data` command again"
        ):
            provenance.read(made)
        assert from_file(made, tmp_path / "USvideos.csv") == made
        assert (made / "provenance.json").read_bytes() == whole
        assert "provenance.json was damaged and is written anew" in caplog.text
    (made / "provenance.json").write_bytes(b"{")
    (tmp_path / "USvideos.csv").write_bytes(OLDER_CSV + b"video_00009,1,T,C,24,x,y,1,\n")
    with pytest.raises(YtcatError, match=r"is not what this download gives: give another folder with --out"):
        from_file(made, tmp_path / "USvideos.csv")
    assert (made / "videos.csv").read_bytes() == OLDER_CSV


def test_the_folder_that_one_is_in_is_not_replaced(tmp_path, monkeypatch):
    (tmp_path / "USvideos.csv").write_bytes(OLDER_CSV)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(YtcatError, match="The folder that you are in cannot be replaced"):
        from_file(Path(), tmp_path / "USvideos.csv")


@pytest.mark.parametrize("room", [100, 300, 700])
def test_a_full_disk_leaves_nothing_and_is_told_in_a_sentence(tmp_path, room):
    """`room`: the largest file that can be written, in bytes: the CSV, or provenance.json, does not fit."""
    (tmp_path / "USvideos.csv").write_bytes(OLDER_CSV)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(
            YtcatError, match=r"File too large.*Nothing is left half-written. Free disk space"
        ):
            from_file(tmp_path / "out", tmp_path / "USvideos.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".lock") == ["USvideos.csv"]


def test_a_zip_that_is_damaged_is_named(tmp_path):
    file = archive(tmp_path / "archive.zip", **{"USvideos.csv": OLDER_CSV * 50})
    content = bytearray(file.read_bytes())
    content[60:90] = b"x" * 30
    file.write_bytes(content)
    with pytest.raises(YtcatError, match=r"archive.zip cannot be unpacked .*Download it again"):
        from_file(tmp_path / "out", file)
    assert not (tmp_path / "out").exists()


def test_a_category_file_with_another_meaning_stops(tmp_path):
    (tmp_path / "USvideos.csv").write_bytes(OLDER_CSV)
    (tmp_path / "US_category_id.json").write_bytes(category_file(c24="Cooking"))
    with pytest.raises(YtcatError, match="category 24 is 'Cooking', not 'Entertainment'"):
        from_file(tmp_path / "out", tmp_path / "USvideos.csv")
    assert not (tmp_path / "out").exists()


def test_another_corpus_is_never_overwritten(tmp_path, corpus_folder):
    (tmp_path / "USvideos.csv").write_bytes(OLDER_CSV)
    mine = corpus_folder(3)
    with pytest.raises(
        YtcatError, match=r"tiny holds something .*did not make.*ytcat data thumbnails FOLDER"
    ):
        from_file(mine, tmp_path / "USvideos.csv")
    made = from_file(tmp_path / "out", tmp_path / "USvideos.csv")
    before = provenance.read(made)
    (tmp_path / "GBvideos.csv").write_bytes(OLDER_CSV)
    with pytest.raises(YtcatError, match=r"out holds Kaggle datasnaek/youtube-new, region US. Give another"):
        from_file(made, tmp_path / "GBvideos.csv")
    assert provenance.read(from_file(made, tmp_path / "USvideos.csv")) == before  # stays as it is


def test_without_a_place_it_goes_where_make_looks(tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    (tmp_path / "JPvideos.csv").write_bytes(OLDER_CSV)
    made = from_file(None, tmp_path / "JPvideos.csv")
    assert made == default_folder("kaggle", "JP") == (tmp_path / "build" / "data" / "kaggle-JP").resolve()


@pytest.mark.parametrize(
    ("region", "handle", "says"),
    [
        (
            "BR",
            OLDER,
            "has no region 'BR'. Give --region with one of: CA, DE, FR, GB, IN, JP, KR, MX, RU, US",
        ),
        ("us", NEWER, "has no region 'us'"),
        ("US", "someone/else", f"'someone/else' is not supported. Give --dataset {OLDER} or {NEWER}"),
    ],
)
def test_unknown_regions_and_sets_are_refused_before_anything_is_asked(tmp_path, region, handle, says):
    with pytest.raises(YtcatError, match=says):
        download(tmp_path / "out", region, handle)


# --- kagglehub ---------------------------------------------------------------------------------------


API = "/api/v1/datasets.DatasetApiService"


def answers(request):
    """What Kaggle would answer to a request of kagglehub: (status, headers, body)."""
    wanted = json.loads(request)
    name = wanted.get("fileName")
    files = {"USvideos.csv": OLDER_CSV, "MX_youtube_trending_data.csv": newer_csv()}
    body = category_file() if name.endswith("_category_id.json") else files[name]
    return 200, {"Content-Type": "application/octet-stream"}, body


@pytest.fixture
def serving(server, tmp_path, monkeypatch):
    """The local server as Kaggle: kagglehub asks http://localhost, and has the server for its proxy."""
    for name in (*filter(re.compile(r"(?i)kaggle|.*_proxy$").match, os.environ),):
        monkeypatch.delenv(name)
    for name, value in {
        "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
        "http_proxy": server.url,
        "HOME": str(tmp_path),
        "KAGGLE_CONFIG_DIR": str(tmp_path),  # no key of whoever runs the tests
        "KAGGLEHUB_CACHE": str(tmp_path / "cache"),
        "YTCAT_BUILD": str(tmp_path / "build"),
        "YTCAT_THUMBNAIL_HOST": "http://thumbnails.invalid",
    }.items():
        monkeypatch.setenv(name, value)
    server.script = {
        f"{API}/GetDataset": [
            (200, {"Content-Type": "application/json"}, json.dumps({"currentVersionNumber": 115}).encode())
        ],
        f"{API}/DownloadDataset": [answers],
    }
    yield server
    gc.collect()


def kaggle():
    """`ytcat data kaggle`, as a person would call it."""
    return subprocess.run([YTCAT, "data", "kaggle"], capture_output=True, text=True, timeout=120)


def test_a_person_without_a_key_gets_the_corpus_with_its_thumbnails(serving, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_THUMBNAIL_HOST", serving.url)
    serving.script["/vi/video_00003/default.jpg"] = ["gone"]
    result = kaggle()
    assert result.returncode == 0, result.stderr
    folder = tmp_path / "build" / "data" / "kaggle-US"
    assert sorted(path.name for path in folder.iterdir()) == [
        "US_category_id.json", "gone.csv", "provenance.json", "thumbnails", "videos.csv",
    ]  # fmt: skip
    known = provenance.read(folder)
    assert {source.origin for source in known.sources} == {f"Kaggle {OLDER}, version 115"}
    assert known.sources[0].sha256 == hashlib.sha256(OLDER_CSV).hexdigest()
    assert known.thumbnails.outcomes == {"ok": 1, "gone": 1, "failed": 0, "not asked": 0}
    assert "2 videos of region US" in result.stdout
    assert "1 gone from YouTube" in result.stdout
    assert f"make book CORPUS={folder}" in result.stdout
    assert not [headers for _, headers in serving.headers if "Authorization" in headers]
    assert len(corpus.load(folder, tmp_path / "ingested").videos) == 2
    asked = serving.counts.total()
    assert download(None) == folder
    assert fetch(folder).fetched == 0
    assert serving.counts.total() == asked


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "Kaggle refuses the API key (HTTP 401). Correct or remove KAGGLE_API_TOKEN"),
        (403, "Kaggle refuses the API key (HTTP 403)"),
        (404, "Kaggle has no such data set or file (HTTP 404): it was renamed or removed."),
        (503, "Kaggle answered HTTP 503. Try again later."),
    ],
)
def test_kaggles_refusals_are_one_sentence_with_the_remedy(serving, tmp_path, status, says):
    serving.script[f"{API}/DownloadDataset"] = [(status, {}, b"")]
    with pytest.raises(YtcatError) as error:
        download(tmp_path / "out")
    assert says in str(error.value)
    by_hand = f"download it by hand from kaggle.com/datasets/{OLDER} and give the file with --from-file"
    assert by_hand in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_a_set_that_is_gone_is_named(serving, tmp_path):
    serving.script[f"{API}/GetDataset"] = [(404, {}, b"")]
    with pytest.raises(YtcatError, match=r"USvideos.csv of datasnaek/youtube-new .*no such data set or file"):
        download(tmp_path / "out")


def test_a_changed_column_on_kaggle_is_named(serving, tmp_path):
    serving.script[f"{API}/DownloadDataset"] = [(200, {}, OLDER_CSV.replace(b"category_id", b"category"))]
    with pytest.raises(
        YtcatError, match=r"lacks the column\(s\) category_id\. Its first line has.*--from-file"
    ):
        download(tmp_path / "out")


def test_a_download_that_breaks_off_is_not_taken_for_the_file(serving, tmp_path):
    short = {"Content-Length": str(len(OLDER_CSV))}
    serving.script[f"{API}/DownloadDataset"] = [(200, short, OLDER_CSV[:200]), answers]
    with pytest.raises(YtcatError, match=r"could not be downloaded: .*--from-file"):
        download(tmp_path / "out")
    assert provenance.read(download(tmp_path / "out")).kept == 2


def test_the_newer_set_is_downloaded_too(serving, tmp_path):
    folder = download(None, "MX", NEWER)
    assert folder.name == "kaggle-newer-MX"
    assert provenance.read(folder).source == f"Kaggle {NEWER}"


def test_without_a_network_one_sentence_and_the_remedy(serving):
    serving.die()
    result = kaggle()
    assert result.returncode == 1
    assert "Kaggle cannot be reached (" in result.stderr
    assert "Check the connection" in result.stderr
    assert "Traceback" not in result.stderr
    serving.rise()
