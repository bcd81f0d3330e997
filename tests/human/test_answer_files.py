"""Storage: nothing answered is lost, whatever is killed, cut short or open twice."""

import codecs
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulated import PLAN, corpus_of, session, sit
from ytcat import paths
from ytcat.exceptions import YtcatError
from ytcat.human import store
from ytcat.human.events import Answer, Begin, Finish, OutOfTurn, Skip, Undo, replay, whole_lines
from ytcat.human.store import Log

SITTING = """
import numpy as np
from simulated import corpus_of, session
from ytcat.human.events import OutOfTurn
sitting = session(corpus_of({n}), np.full({n}, "test"), "p1")
while sitting.current:
    sitting.resume()
    number = sitting.number
    try:
        sitting.answer(number, 24, {who})
        print(number, sitting.history.answers[-1].video_id, flush=True)
    except OutOfTurn:
        pass  # the other one was quicker
"""


def process(n=200, who=1):
    """A real process that answers trial after trial and says so after each."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), str(paths.ROOT / "src")])
    }
    code = SITTING.format(n=n, who=who)
    return subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True, cwd=paths.ROOT
    )


def test_a_killed_process_loses_nothing_that_it_has_confirmed(corpus):
    """SIGKILL at arbitrary moments, three times; the next process continues."""
    confirmed = []
    for _ in range(3):
        writer = process()
        for _ in range(9):
            confirmed.append(writer.stdout.readline().split())
        os.kill(writer.pid, signal.SIGKILL)
        rest, _ = writer.communicate()
        confirmed += [line.split() for line in rest.splitlines()]
        (path,) = store.files(corpus)
        answers = store.read(corpus, path).answers
        # At most one was on disk but not yet confirmed.
        assert len(confirmed) <= len(answers) <= len(confirmed) + 1
        on_disk = [[str(answer.trial), answer.video_id] for answer in answers]
        assert on_disk[: len(confirmed)] == confirmed
        confirmed = on_disk


def test_two_processes_at_once_record_each_trial_once(corpus):
    writers = [process(n=60, who=who) for who in (1, 2)]
    said = [writer.communicate(timeout=120)[0].splitlines() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    small = corpus_of(60)
    answers = store.read(small, *store.files(small)).answers
    assert len(answers) == len({answer.video_id for answer in answers}) == 60
    assert [answer.trial for answer in answers] == list(range(1, 61))
    for who, lines in enumerate(said, start=1):
        mine = [f"{a.trial} {a.video_id}" for a in answers if a.response_ms == who]
        assert mine == lines


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_a_file_cut_anywhere_keeps_its_whole_lines_and_goes_on(tmp_path_factory, data):
    corpus = corpus_of(200)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YTCAT_BUILD", str(tmp_path_factory.mktemp("build")))
        part = np.full(200, "test")
        sit(corpus, part, "p1", 4)
        path = store.path_of(corpus, "p1")
        whole = path.read_bytes()
        cut = data.draw(st.integers(0, len(whole)))
        path.write_bytes(whole[:cut])
        lacks_only_its_end = whole[cut : cut + 1] == b"\n"
        kept = whole[:cut].count(b"\n") + lacks_only_its_end
        again = session(corpus, part, "p1")
        assert again.done == max(kept - 1, 0)
        again.answer(again.number, 24, 1)
        after = path.read_bytes()
        assert after.startswith(b"".join(whole.splitlines(keepends=True)[:kept]))
        assert store.read(corpus, path).answers[-1].answer == 24
        assert after.endswith(b"\n")


def test_a_full_disk_is_told_and_the_answer_can_be_given_again(corpus, part):
    sitting = sit(corpus, part, "p1", 3)
    path = store.path_of(corpus, "p1")
    size = path.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, hard))
    try:
        with pytest.raises(YtcatError, match=r"p1.jsonl cannot be written \(only 20 of .*repeat the step"):
            sitting.answer(4, 24, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.stat().st_size == size + 20
    assert sitting.number == 4
    sitting.answer(4, 10, 1)
    assert [a.answer for a in store.read(corpus, path).answers][3:] == [10]


def as_windows_leaves_it(data: bytes, form: str) -> bytes:
    lines = data.splitlines()
    return {
        "bom": codecs.BOM_UTF8 + data,
        "crlf": b"\r\n".join(lines) + b"\r\n",
        "cr": b"\r".join(lines),
        "blank lines": b"\n \n" + b"\n\n\t\n".join(lines) + b"\n\n \n",
        "indented": b"\n".join(b"  " + line + b" " for line in lines),
        "no last newline": data.rstrip(),
        "utf-16": data.decode().encode("utf-16"),
        "utf-16-be": codecs.BOM_UTF16_BE + data.decode().encode("utf-16-be"),
        "all of it": codecs.BOM_UTF8 + b"\r\n\r\n".join(lines) + b"\r\n\r\n",
    }[form]


FORMS = [
    "bom",
    "crlf",
    "cr",
    "blank lines",
    "indented",
    "no last newline",
    "utf-16",
    "utf-16-be",
    "all of it",
]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_answers_are_the_same_however_an_editor_saved_them(corpus, part, form):
    sit(corpus, part, "p1", 4)
    path = store.path_of(corpus, "p1")
    original = path.read_bytes()
    before = store.trials(corpus)
    path.write_bytes(as_windows_leaves_it(original, form))
    pd.testing.assert_frame_equal(store.trials(corpus), before)
    sitting = session(corpus, part, "p1")
    assert sitting.number == 5
    sitting.answer(5, 24, 1)
    assert path.read_bytes().startswith(original)  # and goes on as the experiment writes it
    assert len(store.trials(corpus)) == 5


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(deadline=None)
def test_whatever_is_in_a_file_it_is_read_or_refused_by_line(data):
    try:
        replay(data, "p1.jsonl")
    except YtcatError as error:
        assert str(error).startswith("p1.jsonl, line ")


def test_a_line_of_many_brackets_is_refused_by_line():
    with pytest.raises(YtcatError, match=r"p1\.jsonl, line 1: "):
        replay(b"[" * 200_000 + b"\n", "p1.jsonl")
    assert whole_lines(b"[" * 200_000) == []


@pytest.mark.parametrize("name", ["anna", "P07", "../p1", "p" * 20 + "1"])
def test_a_code_that_is_none_is_told_with_the_rule(name):
    event = Begin(participant="p1", corpus="c", corpus_sha256="0" * 64, **PLAN).model_dump_json()
    line = event.replace('"p1"', f'"{name}"').encode() + b"\n"
    with pytest.raises(YtcatError, match=r"p1\.jsonl, line 1: '.*' is no participant code\. Take a code"):
        replay(line, "p1.jsonl")


@pytest.mark.parametrize("start", [b"{'a'", b"[]", b"p\0a\0", b"PK\x03\x04", b"participant,trial\n"])
def test_what_is_no_file_of_the_experiment_is_told_with_the_remedy(corpus, tmp_path, start):
    (tmp_path / "sent").write_bytes(start + b"\n")
    with pytest.raises(YtcatError, match=r"sent, line 1: .*Give the file as the experiment wrote it, <part"):
        store.read(corpus, tmp_path / "sent")


def test_an_answer_file_that_is_not_there_is_named(corpus, tmp_path):
    with pytest.raises(YtcatError, match=r"nowhere: No such file or directory\. Check the name"):
        store.read(corpus, tmp_path / "nowhere")


def test_hidden_files_beside_the_answers_are_passed_over(corpus, part):
    sit(corpus, part, "p1", 2)
    (store.folder(corpus) / "._p1.jsonl").write_bytes(b"\0\5\x16\7\0\2\0\0Mac OS X        ")
    assert [path.name for path in store.files(corpus)] == ["p1.jsonl"]
    assert len(store.trials(corpus)) == 2


def test_a_folder_that_cannot_be_made_is_named_in_a_sentence(corpus, part, tmp_path):
    (tmp_path / "build").write_text("a file in the place of the folder")
    with pytest.raises(YtcatError, match=r"p1.jsonl cannot be written \(.*Free disk space or make"):
        session(corpus, part, "p1")


def shown(trial, video=None, condition="text", kind=Answer, **more):
    video = f"video_{trial if video is None else video:05d}"
    more |= {"answer": 24} if kind is Answer else {}
    begin = Begin(participant="p1", corpus="c", corpus_sha256="0" * 64, **PLAN)
    return kind(trial=trial, video_id=video, condition=condition, response_ms=1, started=begin.at, **more)


@pytest.mark.parametrize(
    "events, says",
    [
        ([shown(2)], "this is trial 2; the next is 1"),
        ([shown(1), shown(1, 5)], "this is trial 1; the next is 2"),
        ([shown(1), shown(2, 1)], "video_00001 has an answer already"),
        ([shown(1), Undo(trial=1), shown(1, condition="image")], "was shown in another condition before"),
        ([Undo(trial=1)], "an undo of trial 1; the last is 0"),
        ([shown(1, kind=Skip), Finish(), shown(2)], "has seen the results, nothing may follow"),
    ],
)
def test_what_does_not_follow_is_not_written(corpus, events, says):
    log = Log(corpus, "p1", **PLAN)
    for event in events[:-1]:
        log.append(event)
    before = log.path.read_bytes()
    with pytest.raises(OutOfTurn, match=says):
        log.append(events[-1])
    assert log.path.read_bytes() == before


@pytest.mark.parametrize(
    "code", ["peter", "", "P07", "../p1", "p/1", "p 1", "p1\n", "é1", "a" * 20 + "1", "p1.jsonl", "-"]
)
def test_what_is_no_code_never_touches_a_path(corpus, part, code):
    with pytest.raises(YtcatError, match=r"is no participant code\. Take a code instead of a name"):
        session(corpus, part, code)
    assert not store.folder(corpus).exists()


def test_a_person_goes_on_with_the_same_plan_only(corpus, part):
    sit(corpus, part, "p1", 2)
    before = store.path_of(corpus, "p1").read_bytes()
    assert session(corpus, part, "p1").number == 3
    with pytest.raises(YtcatError, match=r"p1.jsonl was begun with split 'random', seed 0, and a video must"):
        session(corpus, part, "p1", split="channel", seed=1)
    assert store.path_of(corpus, "p1").read_bytes() == before


def test_a_file_begun_with_the_earlier_name_of_the_split_counts_as_random(corpus, part):
    sit(corpus, part, "p1", 2)
    path = store.path_of(corpus, "p1")
    path.write_text(path.read_text().replace('"split":"random"', '"split":"slides"'))
    before = path.read_bytes()
    assert b'"split":"slides"' in before
    assert session(corpus, part, "p1").number == 3  # continues with the split random
    assert session(corpus, part, "p1", split="slides").number == 3
    assert store.trials(corpus)["split"].tolist() == ["random", "random"]
    sit(corpus, part, "p1", 1)
    assert path.read_bytes().startswith(before)
    with pytest.raises(YtcatError, match="was begun with split 'random'"):
        session(corpus, part, "p1", split="channel")


def test_the_views_are_stored_by_the_slides_models_names(corpus, part):
    sit(corpus, part, "p1", 30)
    lines = store.path_of(corpus, "p1").read_text().splitlines()[1:]
    assert {json.loads(line)["condition"] for line in lines} == {"image", "text", "fusion"}
    assert set(store.trials(corpus)["condition"]) == {"image", "text", "fusion"}


def test_the_table_is_tidy_and_knows_the_truth(corpus, part):
    sitting = sit(corpus, part, "p1", 3)
    sitting.skip(4, 700)
    sitting.undo()
    sitting.undo()
    sitting.answer(3, 28, 900)
    sitting.skip(4, 800)
    sit(corpus, part, "p2", 1)
    table = store.trials(corpus)
    assert list(table.columns) == list(store.COLUMNS)
    assert table["participant"].tolist() == ["p1"] * 4 + ["p2"]
    assert table["trial"].tolist() == [1, 2, 3, 4, 1]
    assert table["undone"].tolist() == [0, 0, 1, 1, 0]
    assert table["skipped"].tolist() == [False, False, False, True, False]
    assert table["response_ms"].tolist()[2:4] == [900, 800]
    assert table["answer"].isna().tolist() == table["skipped"].tolist()
    videos = corpus.videos.loc[table["row"]]
    assert table["video_id"].tolist() == videos["video_id"].tolist()
    assert table["category_id"].tolist() == videos["category_id"].tolist()
    assert (table["started"] <= table["answered"]).all()
    assert table.dtypes["answered"] == store.trials(corpus_of(199)).dtypes["answered"]  # empty
    assert store.trials(corpus_of(199)).empty
