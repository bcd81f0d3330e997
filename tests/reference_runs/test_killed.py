"""A recording that is killed leaves the old folder or the new one, whole: never a mixture, never nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tiny_runs import make_corpus, save_run
from ytcat import reference_runs
from ytcat.reference_runs import store
from ytcat.reference_runs.verify import verify

TUNING = "text_tuning.csv"


def contents(folder):
    """Every file below a folder, by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """Folders of recordings, each killed one change later than the one before, and what was there before."""
    folder = tmp_path_factory.mktemp("killed")
    corpus = make_corpus()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YTCAT_BUILD", str(folder / "build"))
        patch.setattr(reference_runs, "FOLDER", folder / "recorded")
        save_run(corpus, "07_better_models", "random", 0, 0)
        store.record(corpus)
        (folder / "recorded" / "tiny" / TUNING).write_text("epoch,val_loss\n1,2.5\n")
        (folder / "recorded" / "tiny" / "notes").mkdir()
        (folder / "recorded" / "tiny" / "notes" / "read.me").write_text("by hand")
        before = contents(folder / "recorded")
        save_run(corpus, "04_text_model", "random", 0, 0)
        save_run(corpus, "07_better_models", "random", 0, 1)
    script = Path(__file__).with_name("killed.py")
    command = [sys.executable, "-W", "ignore", script, folder]
    env = {"PYTHONPATH": f"{script.parent.parent}:{Path(reference_runs.__file__).parents[2]}"}
    subprocess.run(command, check=True, env=env)
    places = sorted((path for path in folder.iterdir() if path.name.isdigit()), key=lambda p: int(p.name))
    return before, places


def test_at_every_moment_the_old_recording_or_the_new_one_is_whole(killed, monkeypatch):
    before, places = killed
    after = contents(places[-1] / "recorded")
    assert len(places) > 20  # moments
    assert before["tiny/results.json"] != after["tiny/results.json"]
    states, missing = [], 0
    for place in places:
        monkeypatch.setattr(reference_runs, "FOLDER", place / "recorded")
        missing += not (place / "recorded" / "tiny").exists()
        assert [reference.name for reference in reference_runs.read_all()] == ["tiny"]
        found = contents(place / "recorded")
        assert found in (before, after), f"killed before change {place.name}"
        states.append(found == after)
        assert verify(place / "recorded" / "tiny") > 100
    assert missing == 1  # killed between the two renames, and put back
    assert states == sorted(states)  # the old one up to a moment, the new one from it on
    assert states.count(False) > 15
    assert states.count(True) > 1


def test_files_that_no_recording_writes_stay(killed):
    before, places = killed
    after = contents(places[-1] / "recorded")
    for name in (f"tiny/{TUNING}", "tiny/notes/read.me"):
        assert after[name] == before[name]


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Make a copy of what a killed recording left, to go on from there; returns it."""

    def copy(place):
        copied = Path(shutil.copytree(place, tmp_path / "place"))
        monkeypatch.setattr(reference_runs, "FOLDER", copied / "recorded")
        return copied

    return copy


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8, 0.85, 0.9, 0.95, 1])
def test_the_next_recording_ends_whole_and_leaves_nothing_behind(killed, copied, monkeypatch, share):
    _, places = killed
    place = copied(places[round(share * (len(places) - 1))])
    monkeypatch.setenv("YTCAT_BUILD", str(places[0].parent / "build"))
    store.record(make_corpus())
    assert contents(place / "recorded") == contents(places[-1] / "recorded")
    assert [path.name for path in place.iterdir()] == ["recorded"]


def test_a_recording_that_fails_leaves_the_old_one(killed, copied, monkeypatch, tmp_path):
    before, places = killed
    place = copied(places[0])
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    run = save_run(make_corpus(), "04_text_model", "random", 0, 0)
    (run / "predictions.parquet").write_bytes(b"no Parquet file")
    with pytest.raises(ValueError, match="Parquet"):
        store.record(make_corpus())
    assert contents(place / "recorded") == before
    assert [path.name for path in place.iterdir()] == ["recorded"]


def test_tables_of_an_earlier_state_of_the_corpus_go(places):
    save_run(make_corpus(), "07_better_models", "random", 0, 0)
    folder = store.record(make_corpus()).folder
    assert (folder / "against_title.csv").is_file()
    (folder / TUNING).write_text("epoch,val_loss\n1,2.5\n")
    save_run(make_corpus(sha256="another"), "04_text_model", "random", 0, 0)
    store.record(make_corpus(sha256="another"))
    assert not (folder / "against_title.csv").exists()
    assert (folder / TUNING).is_file()
    assert verify(folder) > 100
