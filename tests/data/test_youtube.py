"""The reader of YouTube's API on answers of its form, from a local server that knows one key."""

import csv
import json
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from local_server import QUICK
from test_category_file import category_file

from ytcat import corpus
from ytcat.atomic_files import sha256_folder
from ytcat.data import provenance
from ytcat.data.youtube import collect
from ytcat.exceptions import YtcatError

YTCAT = Path(sys.executable).with_name("ytcat")
KEY = "AIza-a-key-of-nobody-0123456789"
DAY_1, DAY_2 = "1600000000", "1600090000"  # 13 and 14 September 2020


def video(number, title="Title", **changed):
    """An item of videos.list, part snippet."""
    snippet = {
        "publishedAt": "2020-09-12T14:00:03Z",
        "channelId": "UC0",
        "title": f"{title} {number}",
        "description": "Lines\nof it",
        "thumbnails": {
            "default": {"url": f"https://i.ytimg.com/vi/video_{number:05d}/default.jpg", "width": 120}
        },
        "channelTitle": f"Channel {number // 2}",
        "tags": ["one", "two|three"],
        "categoryId": "10" if number % 2 else "24",
        "liveBroadcastContent": "none",
    } | changed
    snippet = {name: value for name, value in snippet.items() if value is not None}
    return {"kind": "youtube#video", "etag": "x", "id": f"video_{number:05d}", "snippet": snippet}


def page(*videos, following=None):
    body = {"kind": "youtube#videoListResponse", "items": list(videos), "pageInfo": {"totalResults": 200}}
    return good(body | ({"nextPageToken": following} if following else {}))


def good(body):
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


def bad(status, reason, message="It is so", key="errors"):
    """An error in the API's form, with its reason in `errors` or, as newer ones have it, in `details`."""
    error = {"code": status, "message": message, "status": "INVALID_ARGUMENT", key: [{"reason": reason}]}
    return status, {"Content-Type": "application/json"}, json.dumps({"error": error}).encode()


@pytest.fixture
def api(server, monkeypatch):
    monkeypatch.setenv("YOUTUBE_API_KEY", KEY)
    monkeypatch.setenv("YTCAT_YOUTUBE_API", server.url)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY_1)
    server.script = {
        "/videoCategories": [(200, {}, category_file(c27=None))],
        "/videos": [page(video(0), video(1), following="CDIQAA"), page(video(2, tags=None))],
    }
    return server


def rows(folder):
    with (folder / "videos.csv").open(newline="") as stream:
        return [(row["trending_date"], row["video_id"], row["title"]) for row in csv.DictReader(stream)]


def test_all_pages_of_the_chart_become_a_corpus(api, tmp_path):
    folder = collect(tmp_path / "out", "GB", politeness=QUICK)
    loaded = corpus.load(folder, tmp_path / "build")
    assert loaded.videos["video_id"].tolist() == ["video_00000", "video_00001", "video_00002"]
    assert loaded.videos["title"].tolist() == ["Title 0", "Title 1", "Title 2"]
    assert loaded.videos["category_id"].tolist() == [24, 10, 24]
    assert loaded.videos["tags"][0] == "one|two three"
    assert loaded.videos["tags"].isna().tolist() == [False, False, True]
    assert loaded.videos["publish_time"][0].isoformat() == "2020-09-12T14:00:03+00:00"
    assert (folder / "GB_category_id.json").read_bytes() == category_file(c27=None)

    asked = [re.split(r"[?&]", path) for path, _ in api.headers]
    assert [path for path, *_ in asked] == ["/videoCategories", "/videos", "/videos"]
    assert set(asked[1][1:]) == {"part=snippet", "regionCode=GB", "chart=mostPopular", "maxResults=50"}
    assert set(asked[2][1:]) - set(asked[1][1:]) == {"pageToken=CDIQAA"}

    known = provenance.read(folder)
    assert (known.region, known.read, known.kept) == ("GB", 3, 3)
    assert known.trended == ("2020-09-13", "2020-09-13")
    assert known.categories_absent == [27]
    assert [source.name for source in known.sources] == [
        "videos.list 2020-09-13 page 1",
        "videos.list 2020-09-13 page 2",
        "videoCategories.list 2020-09-13",
    ]


def test_the_key_is_in_a_header_and_nowhere_else(api, tmp_path):
    result = subprocess.run(
        [YTCAT, "data", "youtube", "--out", tmp_path / "out", "--no-thumbnails"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    assert "3 videos of region US" in result.stdout
    for path, headers in api.headers:
        assert {name.lower(): value for name, value in headers.items()}["x-goog-api-key"] == KEY
        assert KEY not in path
    assert KEY not in result.stdout + result.stderr
    assert not [path for path in (tmp_path / "out").iterdir() if KEY in path.read_text()]


def test_a_chart_a_day_is_added_and_a_second_one_replaces_the_first(api, tmp_path, monkeypatch):
    collect(tmp_path / "out", politeness=QUICK)
    api.forget()
    api.script["/videos"] = [page(video(0, "Renamed"), video(3))]
    collect(tmp_path / "out", politeness=QUICK)
    assert rows(tmp_path / "out") == [
        ("2020-09-13", "video_00000", "Renamed 0"),
        ("2020-09-13", "video_00003", "Title 3"),
    ]
    assert len(provenance.read(tmp_path / "out").sources) == 2
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY_2)
    api.forget()
    api.script["/videos"] = [page(video(0, "Again"))]
    collect(tmp_path / "out", politeness=QUICK)
    assert rows(tmp_path / "out")[2:] == [("2020-09-14", "video_00000", "Again 0")]
    known = provenance.read(tmp_path / "out")
    assert (known.read, known.kept, known.dropped) == (3, 2, {"duplicate video": 1})
    assert known.trended == ("2020-09-13", "2020-09-14")
    assert len(known.sources) == 4
    videos = corpus.load(tmp_path / "out", tmp_path / "build").videos
    assert videos["title"].tolist() == ["Again 0", "Title 3"]  # a video as of its last day


def test_a_busy_api_is_asked_again(api, tmp_path):
    api.script["/videos"] = ["error", "dropped", page(video(0))]
    assert len(rows(collect(tmp_path / "out", politeness=QUICK))) == 1


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            bad(400, "badRequest", "API key not valid. Please pass a valid API key."),
            "does not accept the key",
        ),
        (bad(400, "keyInvalid"), "YouTube does not accept the key in YOUTUBE_API_KEY. Copy it again"),
        (bad(400, "API_KEY_INVALID", key="details"), "does not accept the key"),
        (bad(403, "API_KEY_HTTP_REFERRER_BLOCKED", key="details"), "check its restrictions"),
        (bad(403, "quotaExceeded"), "The quota of your YouTube API key is used up. .*try again then"),
        (bad(403, "rateLimitExceeded"), "The quota of your"),
        ("busy", "The quota of your"),
        (bad(403, "accessNotConfigured"), "is not enabled for the project of your key. Enable it"),
        (bad(400, "invalidRegionCode"), "has no chart of region 'US'. Choose another with --region"),
        (bad(404, "videoChartNotFound"), "has no chart of region 'US'"),
        (bad(403, "forbidden"), r"answered HTTP 403 \(INVALID_ARGUMENT, forbidden\). Check the project"),
        ((403, {}, b"<html>"), r"answered HTTP 403 \(no reason\)"),
        ("html", r"responses of videos.list hold no video: unknown form \(1\).*newer ytcat"),
        (page(video(0, categoryId=None)), r"hold no video: snippet.categoryId: Field required \(1\)"),
        (good({"items": "many"}), r"hold no video: unknown form \(1\)"),
        (good({"videos": []}), "The chart of region 'US' is empty"),
        (page(), "The chart of region 'US' is empty"),
        ("error", r"does not respond properly \(HTTP 500\). Check the connection"),
        ("redirect", "answered HTTP 302"),
    ],
)
def test_what_goes_wrong_is_one_sentence_with_the_remedy_and_writes_nothing(api, tmp_path, answer, says):
    api.script["/videos"] = [answer]
    with pytest.raises(YtcatError, match=says) as error:
        collect(tmp_path / "out", politeness=QUICK)
    assert "\n" not in str(error.value)
    assert KEY not in str(error.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("last", "dropped"),
    [
        (good({"kind": "youtube#videoListResponse", "pageInfo": {}}), {}),
        (good({"items": None}), {}),
        (good({"items": []}), {}),
        (good({"items": {}}), {"unknown form": 1}),
        (good({"items": [video(3)], "nextPageToken": 5}), {}),
        (good({"items": "many", "nextPageToken": ["a"]}), {"unknown form": 1}),
        (good({"items": [None, 7, {}]}), {"id: Field required": 1, "unknown form": 2}),
        (page(video(3, title=None), {"id": "x", "snippet": {}}), "id: String should match pattern"),
        (page(video(3), video(4, categoryId=None)), {"snippet.categoryId: Field required": 1}),
        ((200, {}, rb'{"items": [{"id": "video_00009", "snippet": {"title": "\ud800"}}]}'), "snippet."),
        ("html", {"unknown form": 1}),
        ((200, {}, b"[" * 100_000), {"unknown form": 1}),
    ],
)
def test_one_bad_item_or_page_leaves_the_others_and_is_counted_by_reason(api, tmp_path, last, dropped):
    api.script["/videos"] = [page(video(0), video(1), following="CDIQAA"), last]
    folder = collect(tmp_path / "out", politeness=QUICK)
    assert [row[1] for row in rows(folder)][:2] == ["video_00000", "video_00001"]
    known = provenance.read(folder)
    assert known.kept == len(rows(folder))
    assert known.read == known.kept + sum(known.dropped.values())
    assert known.sources[1].unusable == known.dropped
    if isinstance(dropped, dict):
        assert known.dropped == dropped
    else:
        assert sum(known.dropped.values()) == 1 and any(dropped in reason for reason in known.dropped)
    assert corpus.load(folder, tmp_path / "build").report.kept == known.kept


def test_what_a_day_lacked_stays_counted_on_later_days(api, tmp_path, monkeypatch):
    api.script["/videos"] = [page(video(0), video(1, categoryId=None))]
    collect(tmp_path / "out", politeness=QUICK)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY_2)
    api.forget()
    api.script["/videos"] = [page(video(2))]
    known = provenance.read(collect(tmp_path / "out", politeness=QUICK))
    assert (known.read, known.kept) == (3, 2)
    assert known.dropped == {"snippet.categoryId: Field required": 1}


def test_tags_that_are_none_and_a_bad_category_item_are_no_trouble(api, tmp_path):
    api.script["/videos"] = [page(video(0) | {"snippet": video(0)["snippet"] | {"tags": None}})]
    listed = json.loads(category_file())
    api.script["/videoCategories"] = [good(listed | {"items": [{"id": "77"}, None, *listed["items"]]})]
    known = provenance.read(collect(tmp_path / "out", politeness=QUICK))
    assert (known.kept, known.dropped, known.categories_absent) == (1, {}, [])


def test_a_damaged_provenance_is_written_anew_and_earlier_days_stay(api, tmp_path, monkeypatch, caplog):
    folder = collect(tmp_path / "out", politeness=QUICK)
    (folder / "provenance.json").write_text('{"source": "YouTu')
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY_2)
    api.forget()
    api.script["/videos"] = [page(video(9))]
    collect(folder, politeness=QUICK)
    assert "provenance.json was damaged and is written anew" in caplog.text
    assert [row[:2] for row in rows(folder)][2:] == [
        ("2020-09-13", "video_00002"),
        ("2020-09-14", "video_00009"),
    ]
    assert (provenance.read(folder).read, provenance.read(folder).region) == (4, "US")
    (folder / "provenance.json").write_text("{")
    with pytest.raises(YtcatError, match=r"provenance.json is damaged"):
        collect(folder, "GB", politeness=QUICK)  # another region's


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (lambda text: text.replace("tags", "tag"), 2),
        (lambda text: text + "one,two\n", 5),
        (lambda text: text + "a,b,c,d,e,f,g,h\n", 5),
        (lambda text: text + '"never closed', 5),
    ],
)
def test_a_chart_that_somebody_has_edited_is_named_with_its_line_and_stays(api, tmp_path, damage, line):
    folder = collect(tmp_path / "out", politeness=QUICK)
    path = folder / "videos.csv"
    path.write_text(damage(path.read_text()))
    before = path.read_bytes()
    api.forget()
    with pytest.raises(YtcatError, match=rf"videos.csv, line {line}: not as `ytcat data youtube` wrote it"):
        collect(folder, politeness=QUICK)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (
            "ALL_PROXY",
            "socks5://me:secret@127.0.0.1:1080",
            r"A SOCKS proxy \(ALL_PROXY=socks5://127.0.0.1:1080",
        ),
        (
            "https_proxy",
            "ftp://me:secret@127.0.0.1",
            r"connection cannot be used \(.*https_proxy=ftp://127.0.0.1.*Correct or unset",
        ),
        (
            "SSL_CERT_FILE",
            "/nowhere.pem",
            r"connection cannot be used \(.*SSL_CERT_FILE=/nowhere.pem.*No such file",
        ),
        ("YTCAT_YOUTUBE_API", "example.org", "'example.org/videoCategories' is no address"),
    ],
)
def test_settings_that_allow_no_connection_are_named_without_secrets(
    api, tmp_path, monkeypatch, name, value, says
):
    monkeypatch.setenv(name, value)
    with pytest.raises(YtcatError, match=says) as error:
        collect(tmp_path / "out", politeness=QUICK)
    assert "secret" not in str(error.value) and "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_a_full_disk_leaves_the_chart_of_before(api, tmp_path, monkeypatch):
    folder = collect(tmp_path / "out", politeness=QUICK)
    before = sha256_folder(folder)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY_2)
    api.forget()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((folder / "videos.csv").stat().st_size, hard))
    try:
        with pytest.raises(YtcatError, match=r"File too large.*Free disk space"):
            collect(folder, politeness=QUICK)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sha256_folder(folder) == before


def test_without_a_network(api, tmp_path):
    api.die()
    with pytest.raises(YtcatError, match=r"no connection.*Check the connection, and HTTPS_PROXY"):
        collect(tmp_path / "out", politeness=QUICK)
    api.rise()


@pytest.mark.parametrize(
    ("key", "says"),
    [
        (
            "",
            "The environment variable YOUTUBE_API_KEY holds no key .*Create one at console.cloud",
        ),
        ("two words", "The value of YOUTUBE_API_KEY is no key"),
        ("kéy", "The value of YOUTUBE_API_KEY is no key"),
    ],
)
def test_no_key(api, tmp_path, monkeypatch, key, says):
    monkeypatch.setenv("YOUTUBE_API_KEY", key)
    with pytest.raises(YtcatError, match=says):
        collect(tmp_path / "out", politeness=QUICK)
    assert not api.counts


def test_an_unknown_region_and_another_corpus_are_refused(api, tmp_path, corpus_folder):
    with pytest.raises(YtcatError, match=r"'usa' is no region. Give two capital letters"):
        collect(tmp_path / "out", "usa", politeness=QUICK)
    with pytest.raises(YtcatError, match=r"tiny holds something that .*did not make"):
        collect(corpus_folder(3), politeness=QUICK)
    collect(tmp_path / "out", politeness=QUICK)
    with pytest.raises(YtcatError, match=r"out holds YouTube Data API v3.*region US. Give another --out"):
        collect(tmp_path / "out", "GB", politeness=QUICK)


def test_pages_without_an_end_are_not_followed_for_ever(api, tmp_path):
    api.script["/videos"] = [page(video(0), following="again")]
    collect(tmp_path / "out", politeness=QUICK)
    assert api.counts["/videos"] == 40
