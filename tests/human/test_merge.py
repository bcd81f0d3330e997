"""Other people's files are brought in whole, or refused with file, line and reason."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from test_answer_files import FORMS, as_windows_leaves_it

from simulated import corpus_of, sit
from ytcat import paths
from ytcat.corpus import load
from ytcat.corpus.splits import split
from ytcat.exceptions import YtcatError
from ytcat.human import store
from ytcat.human.merge import merge


@pytest.fixture
def theirs(corpus, part, tmp_path):
    """Files of p1 (4 trials) and p2 (6) from another machine, where there are none here."""
    sit(corpus, part, "p1", 4)
    sit(corpus, part, "p2", 6)
    folder = tmp_path / "theirs"
    folder.mkdir()
    return [path.rename(folder / path.name) for path in store.files(corpus)]


def test_files_are_brought_in_under_their_codes(corpus, theirs):
    renamed = theirs[0].rename(theirs[0].with_name("from a friend.txt"))
    assert merge(corpus, [renamed, theirs[1]]) == {"p1": 4, "p2": 6}
    assert [path.name for path in store.files(corpus)] == ["p1.jsonl", "p2.jsonl"]
    assert len(store.trials(corpus)) == 10
    assert merge(corpus, [renamed]) == {"p1": 4}  # again: nothing changes
    assert len(store.trials(corpus)) == 10


def test_a_file_that_goes_on_replaces_its_beginning_and_not_the_reverse(corpus, part, theirs, tmp_path):
    longer = theirs[1].read_bytes()
    shorter = tmp_path / "shorter.jsonl"
    shorter.write_bytes(b"".join(longer.splitlines(keepends=True)[:3]))
    for given in ([shorter, theirs[1]], [theirs[1], shorter], [shorter]):
        merge(corpus, given)
        assert store.path_of(corpus, "p2").read_bytes() == longer


def test_a_half_written_last_line_is_passed_over(corpus, theirs):
    whole = theirs[0].read_bytes()
    theirs[0].write_bytes(whole[:-9])
    assert merge(corpus, theirs) == {"p1": 3, "p2": 6}
    assert whole.startswith(store.path_of(corpus, "p1").read_bytes())


@pytest.mark.parametrize("form", FORMS)
def test_a_file_saved_by_another_editor_continues_the_same_person(corpus, theirs, tmp_path, form):
    longer = theirs[1].read_bytes()
    shorter, odd = tmp_path / "shorter.jsonl", tmp_path / "odd.jsonl"
    shorter.write_bytes(b"".join(longer.splitlines(keepends=True)[:3]))
    odd.write_bytes(as_windows_leaves_it(longer, form))
    for given in ([odd], [shorter, odd], [odd, theirs[1]], [odd, shorter]):
        assert merge(corpus, given) == {"p2": 6}
        assert store.path_of(corpus, "p2").read_bytes() == longer
    odd.write_bytes(as_windows_leaves_it(shorter.read_bytes(), form))
    assert merge(corpus, [odd]) == {"p2": 6}  # what is there already is not lost
    assert store.path_of(corpus, "p2").read_bytes() == longer


def test_hidden_files_are_passed_over(corpus, theirs):
    hidden = theirs[0].with_name("._p1.jsonl")
    hidden.write_bytes(b"\0\5\x16\7\0\2\0\0Mac OS X        ")
    assert merge(corpus, [hidden, *theirs]) == {"p1": 4, "p2": 6}


def test_a_full_disk_changes_nothing_and_is_told_in_a_sentence(corpus, theirs):
    merge(corpus, [theirs[0]])
    before = store.path_of(corpus, "p1").read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before), hard))
    try:
        with pytest.raises(YtcatError, match=r"cannot be written to .*Free disk space .*merge again"):
            merge(corpus, theirs)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in store.files(corpus)] == ["p1.jsonl"]
    assert store.path_of(corpus, "p1").read_bytes() == before
    assert not list(store.folder(corpus).glob("*.tmp"))
    assert merge(corpus, theirs) == {"p1": 4, "p2": 6}


def test_answers_of_a_person_who_answers_right_now_are_not_replaced(corpus, theirs, monkeypatch):
    monkeypatch.setattr(store, "LOCK_TIMEOUT", 0.05)
    store.folder(corpus).mkdir(parents=True, exist_ok=True)
    answering = store.lock_of(store.path_of(corpus, "p2"))
    with answering, pytest.raises(YtcatError, match="answering right now: merge again"):
        merge(corpus, theirs)
    assert not store.files(corpus)


def line_of(path, number, old, new):
    lines = path.read_text().splitlines(keepends=True)
    assert old in lines[number - 1]
    lines[number - 1] = lines[number - 1].replace(old, new)
    path.write_text("".join(lines))


@pytest.mark.parametrize(
    "number, old, new, says",
    [
        (1, '"begin"', '"other"', "p2.jsonl, line 1: Input tag 'other' found using 'event'"),
        (1, '"p2"', '"peter"', "line 1: 'peter' is no participant code"),
        (1, '"split"', '"spilt"', "line 1: split: Field required"),
        (3, '"answer":', '"answer":9', "line 3: answer: Input should be 1, 2, 10"),
        (3, '"trial":2', '"trial":3', "line 3: this is trial 3; the next is 2"),
        (
            3,
            '"condition":"',
            '"condition":"x',
            "line 3: condition: Input should be 'image', 'text' or 'fusion'",
        ),
        (4, "{", "", "line 4: Invalid JSON"),
        (
            4,
            '"response_ms":',
            '"response_ms":-',
            "line 4: response_ms: .*greater than or equal to 0; it is -",
        ),
        (4, "video_0", "video_9", r"trial 3: video_id 'video_9\d{4}' is not in tiny"),
    ],
)
def test_a_damaged_file_is_refused_with_line_value_and_reason_and_nothing_changes(
    corpus, theirs, number, old, new, says
):
    line_of(theirs[1], number, old, new)
    with pytest.raises(YtcatError, match=says):
        merge(corpus, theirs)
    assert not store.files(corpus)


def test_a_lost_line_in_the_middle_is_found(corpus, theirs):
    lines = theirs[0].read_bytes().splitlines(keepends=True)
    theirs[0].write_bytes(b"".join(lines[:2] + lines[3:]))
    with pytest.raises(YtcatError, match=r"p1.jsonl, line 3: this is trial 3; the next is 2"):
        merge(corpus, theirs)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n", b"a,b\n1,2\n", b"[1]\n", b"{}\n"]
)
def test_what_is_no_such_file_is_refused(corpus, tmp_path, content):
    (tmp_path / "x.jsonl").write_bytes(content)
    with pytest.raises(YtcatError, match=r"x.jsonl, line 1: "):
        merge(corpus, [tmp_path / "x.jsonl"])
    with pytest.raises(YtcatError, match=r"missing.jsonl: No such file or directory\. Check the name"):
        merge(corpus, [tmp_path / "missing.jsonl"])


def test_another_corpus_s_file_is_foreign(theirs):
    with pytest.raises(YtcatError, match=r"line 1: corpus is 'tiny' .* give the corpus that these videos"):
        merge(corpus_of(100), theirs)


def test_two_people_of_one_code_are_not_mixed(corpus, part, theirs):
    sit(corpus, part, "p2", 5, seed=1)
    before = store.path_of(corpus, "p2").read_bytes()
    with pytest.raises(YtcatError, match=r"line 1: another participant p2 is at .* another code"):
        merge(corpus, theirs)
    assert [path.name for path in store.files(corpus)] == ["p2.jsonl"]
    assert store.path_of(corpus, "p2").read_bytes() == before


def test_a_file_under_another_person_s_name_is_found(corpus, theirs):
    merge(corpus, theirs)
    store.path_of(corpus, "p1").rename(store.path_of(corpus, "p9"))
    with pytest.raises(YtcatError, match=r"p9.jsonl, line 1: participant is 'p1'"):
        store.trials(corpus)


def test_the_commands_merge_and_export(corpus_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    folder = corpus_folder(140)
    corpus = load(folder)
    sit(corpus, split(corpus.videos, "random"), "p1", 5)
    given = store.path_of(corpus, "p1").rename(tmp_path / "p1.jsonl")

    def ytcat(*arguments):
        command = [Path(sys.executable).with_name("ytcat"), "human", *arguments, "--corpus", folder]
        return subprocess.run(
            command, env=os.environ, capture_output=True, text=True, check=False, cwd=paths.ROOT
        )

    result = ytcat("merge", given)
    assert result.returncode == 0, result.stderr
    assert "p1: 5 trials" in result.stdout
    out = tmp_path / "trials.csv"
    result = ytcat("export", "--out", out)
    assert f"{out}: 5 trials of 1 people" in result.stdout
    table = pd.read_csv(out)
    assert list(table.columns) == list(store.COLUMNS)
    assert table["answer"].tolist() == [a.answer for a in store.read(corpus, given).answers]
    given.write_text("{")
    result = ytcat("merge", given)
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: {given}, line 1: ")
