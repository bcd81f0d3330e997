"""The real client against a real server on 127.0.0.1, and real processes killed."""

import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from local_server import EPOCH, QUICK, Server, client, placeholder, thumbnail_of

from ytcat import corpus
from ytcat.atomic_files import sha256_folder
from ytcat.data import held, provenance
from ytcat.data.client import Politeness
from ytcat.data.kaggle import from_file
from ytcat.data.thumbnails import FOREIGN, fetch
from ytcat.exceptions import YtcatError

YTCAT = Path(sys.executable).with_name("ytcat")
# A process to fork others from, which has imported everything already.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["ytcat.data.thumbnails"])
# All kinds of trouble that end well, or in a video that is gone.
TROUBLE = {
    "good": ["good"],
    "slow": ["slow"],
    "gone": ["gone"],
    "grey": ["placeholder"],
    "busy": [(429, {"Retry-After": "0"}, b""), "good"],
    "error": ["error", "error", "good"],
    "cut": ["truncated", "good"],
    "half": ["half", "good"],
    "drop": ["dropped", "good"],
    "login": ["html", "good"],
}
N_TROUBLE = {"good": 20, "slow": 4, "gone": 5, "grey": 5, "busy": 3, "error": 3, "cut": 3, "half": 3} | {
    "drop": 3,
    "login": 3,
}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def of_kind(asked, kind):
    """The numbers of requests of each video of a kind, in no order."""
    return [n for video_id, n in asked.items() if video_id.startswith(f"{kind}_")]


# --- answers of all kinds ----------------------------------------------------------------------------


def test_every_kind_of_answer_comes_to_its_outcome(server, videos):
    folder = videos(**N_TROUBLE, html=2, deny=2, moved=2, huge=2)
    server.answers(**TROUBLE, html=["html"], deny=["forbidden"], moved=["redirect"], huge=["huge"])
    found = fetch(folder, server.url, QUICK)
    assert found.outcomes == {"ok": 42, "gone": 10, "failed": 8, "not asked": 0}
    assert found.fetched == 42
    assert found.failures == {
        "HTTP 403": 2,
        "more than 1,000,000 bytes": 2,
        "not a whole picture": 2,
        "redirected": 2,
    }
    assert not found.complete and not found.stopped
    for path in (folder / "thumbnails").iterdir():
        assert path.read_bytes() == thumbnail_of(path.stem)
    assert len(names(folder / "thumbnails")) == 42
    gone = (folder / "gone.csv").read_text().splitlines()
    assert gone[0] == "video_id,answer"
    assert gone[1:] == [f"gone____{i:03d},404" for i in range(5)] + [
        f"grey____{i:03d},placeholder" for i in range(5)
    ]
    requests = {kind: len(answers) for kind, answers in TROUBLE.items()}
    for kind, n in (requests | {"html": 3, "deny": 1, "moved": 1, "huge": 1}).items():
        assert set(of_kind(server.asked, kind)) == {n}, kind
    assert server.counts["/elsewhere"] == 0  # no redirect is followed


def test_a_second_run_asks_only_for_what_failed(server, videos):
    folder = videos(good=6, gone=3, deny=2)
    server.answers(gone=["gone"], deny=["forbidden", "good"])
    assert fetch(folder, server.url, QUICK).outcomes["failed"] == 2
    before = server.asked
    found = fetch(folder, server.url, QUICK)
    assert found.complete
    assert (found.outcomes["ok"], found.fetched) == (8, 2)
    assert {i: n for i, n in (server.asked - before).items()} == {"deny____000": 1, "deny____001": 1}
    assert fetch(folder, server.url, QUICK).fetched == 0
    assert server.asked.total() == 13


def test_an_answer_that_never_comes_is_given_up(server, videos):
    folder = videos(good=3, hang=1)
    server.answers(hang=["hang"])
    found = fetch(folder, server.url, Politeness(2, 1000, attempts=2, backoff=0.01, timeout=0.3))
    assert found.failures == {"no response in time": 1}
    assert server.asked["hang____000"] == 2


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    troubles=st.lists(
        st.lists(
            st.sampled_from(
                ["busy", "error", "truncated", "half", "dropped", "html", "forbidden", "redirect"]
            ),
            max_size=5,
        ),
        min_size=1,
        max_size=6,
    ),
    ends=st.lists(st.sampled_from(["good", "gone", "placeholder"]), min_size=6, max_size=6),
)
def test_enough_runs_get_everything_and_ask_for_nothing_after_it_came(tmp_path_factory, troubles, ends):
    folder, server = tmp_path_factory.mktemp("corpus"), Server()
    ids = [f"video_{i:05d}" for i in range(len(troubles))]
    lines = "".join(f"{i},Title,24\n" for i in ids)
    (folder / "videos.csv").write_text("video_id,title,category_id\n" + lines)
    scripts = {i: [*trouble, end] for i, trouble, end in zip(ids, troubles, ends, strict=False)}
    server.script = {f"/vi/{i}/default.jpg": script for i, script in scripts.items()}
    for _ in range(12):
        found = fetch(folder, server.url, QUICK)
        assert sum(found.outcomes.values()) == len(ids)
        if found.complete:
            break
    server.die()
    assert found.complete
    assert server.asked == Counter({i: len(script) for i, script in scripts.items()})
    good = [i for i, script in scripts.items() if script[-1] == "good"]
    assert names(folder / "thumbnails") == [f"{i}.jpg" for i in good]
    assert len((folder / "gone.csv").read_text().splitlines()) == 1 + len(ids) - len(good)


# --- politeness --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_holds_all_requests(server, videos, form):
    folder = videos(busy=1, good=5)
    date = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=4)  # it has whole seconds only
    wait = "1" if form == "seconds" else format_datetime(date, usegmt=True)
    server.answers(busy=[(429, {"Retry-After": wait}, b""), "good"])
    assert fetch(folder, server.url, Politeness(1, 10_000, attempts=2, backoff=0.01, longest_wait=5)).complete
    first, second = server.times["/vi/busy____000/default.jpg"]
    until = first + 1 if form == "seconds" else date.timestamp() - time.time() + time.monotonic()
    assert second >= until - 0.01  # the two clocks are read one after the other
    # With one worker nothing else was under way.
    assert not [t for times in server.times.values() for t in times if first < t < until - 0.01]


def test_a_wait_that_is_too_long_ends_the_run_with_what_is_there(server, videos):
    folder = videos(good=30, busy=30)
    server.answers(busy=[(503, {"Retry-After": "3600"}, b""), "good"])
    found = fetch(folder, server.url, QUICK)
    assert "127.0.0.1 asks to wait 3,600 seconds" in found.stopped
    assert "Run the same command again" in found.stopped
    assert found.outcomes["not asked"] == 60 - found.outcomes["ok"] > 0
    assert len(of_kind(server.asked, "busy")) <= QUICK.concurrency


def test_requests_are_spread_and_few_at_once(server, videos):
    folder = videos(slow=12)
    server.answers(slow=["slow"])
    assert fetch(folder, server.url, Politeness(concurrency=3, per_second=25, backoff=0.01)).complete
    assert 2 <= server.most_at_once <= 3
    started = sorted(t for times in server.times.values() for t in times)
    assert started[-1] - started[0] >= 11 / 25 * 0.9


# --- killed, disturbed, alone ------------------------------------------------------------------------


def start(folder, server):
    process = PROCESSES.Process(target=client, args=(folder, server.url))
    process.start()
    return process


def ends(process):
    """How it ends."""
    process.join(60)
    return process.exitcode


def with_provenance(videos, name, **kinds):
    """A corpus folder as `ytcat data` leaves it before the thumbnails."""
    source = videos(f"source-{name}", **kinds)
    return from_file(source.with_name(name), source / "videos.csv", "US")


def kill_after(process, server, n, pause):
    """SIGKILL, once the server has had `n` requests and `pause` seconds have passed."""
    while server.asked.total() < n and process.is_alive():
        time.sleep(0.001)
    time.sleep(pause)
    process.kill()
    return ends(process)


@pytest.fixture
def undisturbed(server, videos, monkeypatch):
    """The folder of a run that nothing disturbed, and the number of requests per image."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    server.answers(**TROUBLE)
    folder = with_provenance(videos, "undisturbed", **N_TROUBLE)
    assert fetch(folder, server.url, QUICK).complete
    needed = server.asked
    server.forget()
    return folder, needed


@pytest.mark.parametrize("seed", range(6))
def test_a_killed_download_goes_on_and_ends_in_the_same_folder(server, videos, undisturbed, seed):
    expected, needed = undisturbed
    chance = random.Random(seed)
    folder = with_provenance(videos, "killed", **N_TROUBLE)
    killed = kill_after(start(folder, server), server, chance.randint(1, 60), chance.uniform(0, 0.03))
    assert killed == -signal.SIGKILL
    assert ends(start(folder, server)) == 0
    assert_same(folder, expected)
    for video_id, n in server.asked.items():
        assert n <= needed[video_id] + 1, video_id
    assert set(server.asked) == set(needed)


def test_a_download_killed_again_and_again_ends_in_the_same_folder(server, videos, undisturbed):
    expected, needed = undisturbed
    folder = with_provenance(videos, "killed", **N_TROUBLE)
    kills = 0
    for more in (5, 12, 3, 20):
        process = start(folder, server)
        kills += kill_after(process, server, server.asked.total() + more, 0.005) == -signal.SIGKILL
    assert ends(start(folder, server)) == 0
    assert kills >= 2
    assert_same(folder, expected)
    assert all(n <= needed[video_id] + kills for video_id, n in server.asked.items())


def assert_same(folder, expected):
    """Byte for byte, and no file or folder more."""
    listed = [sorted(p.relative_to(f).as_posix() for p in f.rglob("*")) for f in (folder, expected)]
    assert listed[0] == listed[1]
    assert sha256_folder(folder) == sha256_folder(expected)


def test_a_server_that_dies_in_the_middle_ends_the_run_and_the_next_goes_on(server, videos):
    folder = videos(slow=40)
    server.answers(slow=["slow"])
    process = start(folder, server)
    while server.asked.total() < 12:
        time.sleep(0.001)
    server.die()
    assert ends(process) == 1
    there = len(names(folder / "thumbnails"))
    assert 4 <= there < 40
    assert fetch(folder, server.url, QUICK).stopped.startswith("The last 8 thumbnails requested from http")
    server.rise()
    found = fetch(folder, server.url, QUICK)
    assert (found.complete, found.fetched) == (True, 40 - there)


def test_without_a_network_the_run_stops_with_one_sentence_and_the_remedy(server, videos):
    server.die()
    found = fetch(videos(good=500), server.url, QUICK)
    assert "no connection" in found.stopped
    assert "Check the connection, and HTTPS_PROXY" in found.stopped
    assert found.outcomes["not asked"] > 480
    server.rise()


def test_what_killed_runs_left_is_removed_and_never_taken_for_a_thumbnail(server, videos):
    folder = videos(good=2)
    (folder / "thumbnails").mkdir()
    for path in (
        folder / "thumbnails" / ".good____000.jpg.0123456789ab.tmp",
        folder / ".gone.csv.0123456789ab.tmp",
        folder.with_name(f".{folder.name}.0123456789ab.tmp"),
    ):
        path.write_bytes(b"half")
    (folder / ".mine.tmp").write_bytes(b"not ours")
    assert fetch(folder, server.url, QUICK).fetched == 2
    assert names(folder) == [".mine.tmp", "gone.csv", "thumbnails", "videos.csv"]
    assert names(folder / "thumbnails") == ["good____000.jpg", "good____001.jpg"]
    assert not list(folder.parent.glob("*.tmp")) and not list(folder.parent.glob(".*.tmp"))


def test_a_line_of_gone_that_a_kill_cut_short_is_asked_for_again(server, videos):
    folder = videos(gone=3)
    server.answers(gone=["gone"])
    whole = "video_id,answer\ngone____002,404\ngone____000,placeholder\n"
    (folder / "gone.csv").write_text(whole + "gone____0")
    assert fetch(folder, server.url, QUICK).complete
    assert server.asked == Counter({"gone____001": 1})
    assert (folder / "gone.csv").read_text() == (
        "video_id,answer\ngone____000,placeholder\ngone____001,404\ngone____002,404\n"
    )


def test_what_is_gone_stays_known_when_an_editor_has_saved_the_list(server, videos):
    folder = videos(gone=2)
    server.answers(gone=["gone"])
    fetch(folder, server.url, QUICK)
    saved = (folder / "gone.csv").read_bytes()
    (folder / "gone.csv").write_bytes(b"\xef\xbb\xbf" + saved.replace(b"\n", b"\r\n") + b"\r\n")
    assert fetch(folder, server.url, QUICK).complete
    assert server.asked.total() == 2
    assert (folder / "gone.csv").read_bytes() == saved


def test_a_second_process_says_that_the_first_is_at_work(server, videos):
    folder = videos(good=1)
    with held(folder), pytest.raises(YtcatError, match=r"Another process is writing to .*corpus"):
        fetch(folder, server.url, QUICK)
    assert fetch(folder, server.url, QUICK).complete


def test_a_folder_that_is_not_there_is_named_and_not_made(tmp_path):
    with pytest.raises(YtcatError, match=r"There is no corpus folder .*not there"):
        fetch(tmp_path / "nor" / "not there")
    assert names(tmp_path) == []


def test_ids_that_are_none_touch_neither_paths_nor_addresses(server, videos, tmp_path):
    folder = videos(good=1)
    with (folder / "videos.csv").open("a") as stream:
        stream.write("../../../xx,T,24\n..%2F..%2Fxxx,T,24\n/etc/passwd,T,24\nhttp://evil,T,24\n")
    assert fetch(folder, server.url, QUICK).outcomes == {"ok": 1, "gone": 0, "failed": 0, "not asked": 0}
    assert list(server.counts) == ["/vi/good____000/default.jpg"]


def test_what_is_there_but_cannot_be_read_is_fetched_again(server, videos):
    """Cut off, empty, a web page, YouTube's placeholder: none of them is a thumbnail."""
    folder = videos(good=6)
    fetch(folder, server.url, QUICK)
    expected = sha256_folder(folder)
    whole = thumbnail_of("good____000")
    for number, damaged in enumerate([whole[:300], b"", b"<html>", placeholder()]):
        (folder / "thumbnails" / f"good____{number:03d}.jpg").write_bytes(damaged)
    server.forget()
    found = fetch(folder, server.url, QUICK)
    assert (found.outcomes["ok"], found.fetched, found.complete) == (6, 4, True)
    assert server.asked == Counter({f"good____{number:03d}": 1 for number in range(4)})
    assert sha256_folder(folder) == expected


def test_what_cannot_be_read_and_is_gone_from_youtube_counts_as_gone(server, videos):
    folder = videos(good=1, gone=1)
    (folder / "thumbnails").mkdir()
    (folder / "thumbnails" / "gone____000.jpg").write_bytes(b"half")
    server.answers(gone=["gone"])
    for _ in range(2):
        assert fetch(folder, server.url, QUICK).outcomes == {"ok": 1, "gone": 1, "failed": 0, "not asked": 0}
    assert server.asked["gone____000"] == 1


@pytest.mark.parametrize(
    "name", ["good____000.JPG", "good____000.jpeg", "good____000.Png", "good____000.webp"]
)
def test_a_thumbnail_of_another_name_is_there(server, videos, name):
    folder = videos(good=2)
    (folder / "thumbnails").mkdir()
    (folder / "thumbnails" / name).write_bytes(thumbnail_of("mine"))
    (folder / "thumbnails" / "._good____001.jpg").write_bytes(b"Mac OS X")
    assert fetch(folder, server.url, QUICK).fetched == 1
    assert list(server.asked) == ["good____001"]


def test_videos_of_ones_own_are_counted_and_not_asked_for(server, videos):
    folder = videos(good=1)
    with (folder / "videos.csv").open("a") as stream:
        stream.write("my video.1,T,24\nholiday.2024,T,24\nbirthday,T,24\n")
    (folder / "thumbnails").mkdir()
    (folder / "thumbnails" / "birthday.png").write_bytes(thumbnail_of("mine"))
    found = fetch(folder, server.url, QUICK)
    assert found.outcomes == {"ok": 2, "gone": 0, "failed": 0, "not asked": 0, FOREIGN: 1}
    assert found.complete
    assert list(server.asked) == ["good____000"]


def test_a_full_disk_ends_the_run_in_a_sentence_and_the_next_goes_on(server, videos):
    folder = videos(good=12)
    room = len((folder / "videos.csv").read_bytes())  # enough for gone.csv, not for a thumbnail
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(YtcatError, match=r"File too large.*Nothing is left half-written.*goes on"):
            fetch(folder, server.url, QUICK)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert names(folder / "thumbnails") == []
    assert fetch(folder, server.url, QUICK).complete
    assert len(names(folder / "thumbnails")) == 12


def test_a_place_that_cannot_be_written_is_named(server, videos):
    folder = videos(good=1)
    (folder / "thumbnails").write_text("a file in the place of the folder")
    with pytest.raises(YtcatError, match=r"thumbnails cannot be read or written \(File exists\)"):
        fetch(folder, server.url, QUICK)


# --- provenance and messages ---------------------------------------------------------------------------


def test_provenance_keeps_the_outcomes_and_the_corpus_ingests(server, videos, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    folder = with_provenance(videos, "tiny", good=5, gone=2, deny=1)
    server.answers(gone=["gone"], deny=["forbidden"])
    fetch(folder, server.url, QUICK)
    known = provenance.read(folder)
    assert known.thumbnails.outcomes == {"ok": 5, "gone": 2, "failed": 1, "not asked": 0}
    assert known.thumbnails.finished == "2020-09-13T12:26:40Z"
    assert known.thumbnails.sha256 == sha256_folder(folder, ["thumbnails/*"])
    assert known.thumbnails.origin == server.url
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    fetch(folder, server.url, QUICK)  # nothing new
    assert provenance.read(folder) == known
    report = corpus.load(folder, folder.with_name("build")).report
    assert (report.kept, report.thumbnails, report.unused_thumbnails) == (8, {"missing": 3, "ok": 5}, 0)


def test_a_damaged_provenance_is_named_and_the_thumbnails_come_all_the_same(server, videos, caplog):
    folder = with_provenance(videos, "tiny", good=2)
    (folder / "provenance.json").write_text("{")
    assert fetch(folder, server.url, QUICK).complete
    assert "provenance.json is damaged" in caplog.text and "downloaded all the same" in caplog.text
    assert (folder / "provenance.json").read_text() == "{"


@pytest.mark.parametrize(("deny", "code"), [(0, 0), (1, 1)])
def test_the_command_fails_only_if_something_can_be_tried_again(server, videos, deny, code):
    folder = videos(good=4, gone=2, deny=deny)
    server.answers(gone=["gone"], deny=["forbidden"])
    result = subprocess.run(
        [YTCAT, "data", "thumbnails", folder],
        env=os.environ | {"YTCAT_THUMBNAIL_HOST": server.url},
        capture_output=True,
        text=True,
    )
    assert result.returncode == code, result.stderr
    assert "4 present, 4 of them new" in result.stdout
    assert "2 gone from YouTube" in result.stdout
    assert ("1: HTTP 403" in result.stdout) == bool(deny)
    assert ("can be tried again" in result.stderr) == bool(deny)
    assert "Traceback" not in result.stderr
