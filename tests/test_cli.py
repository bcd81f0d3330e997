"""The command line: quick to start, clear about what is wrong."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ytcat.categories import CATEGORIES
from ytcat.paths import ROOT
from ytcat.pretrained import minilm, xception
from ytcat.report import doctor

YTCAT = Path(sys.executable).with_name("ytcat")


def call(*arguments, cwd=ROOT):
    return subprocess.run(
        [YTCAT, *arguments], capture_output=True, text=True, check=False, cwd=cwd, timeout=300
    )


def test_help_lists_the_verbs_without_loading_anything_heavy():
    result = call("--help")
    assert result.returncode == 0
    for verb in ("corpus", "notebooks", "book", "doctor"):
        assert verb in result.stdout
    heavy = "import sys, ytcat.cli; print({'tensorflow', 'pandas', 'papermill', 'numpy'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True).stdout == "set()\n"


def test_corpus_says_what_was_dropped_and_takes_paths_from_where_it_is_called(corpus_folder):
    folder = corpus_folder(28)
    with (folder / "videos.csv").open("a") as file:
        file.write("video_00000,Again,Channel,1,2020-01-01T00:00:00Z,a\nvideo_99999,Other,Channel,43,,a\n")
    result = call("corpus", folder.name, cwd=folder.parent)
    assert result.returncode == 0, result.stderr
    assert "28 kept + 2 dropped = 30 read" in result.stdout
    assert "line" in result.stdout


def test_a_second_corpus_that_is_not_there_is_named(tmp_path):
    missing = tmp_path / "nowhere"
    result = call(
        "notebooks", "--profile", "smoke", "--chapter", "09_more_data", "--second-corpus", str(missing)
    )
    assert result.returncode == 1
    assert result.stderr.startswith("error: ")
    assert "nowhere" in result.stderr
    assert re.match(r"corpus +demo, synthetic: \d[\d,]+ videos\n", result.stdout)


def test_the_version_is_that_of_the_package():
    import importlib.metadata

    result = call("--version")
    assert (result.returncode, result.stdout) == (0, f"ytcat {importlib.metadata.version('ytcat')}\n")


def test_the_help_on_a_corpus_has_all_categories_by_id_and_name():
    words = " ".join(re.sub("[│╭╮╰╯─]", " ", call("corpus", "--help").stdout).split())
    for category in CATEGORIES:
        assert f"{category.id} {category.name}" in words
    assert "videos.csv" in words and "video_id" in words


def test_paths_are_told_as_they_were_given(tmp_path):
    (tmp_path / "c").mkdir()
    for given in ("c", "./c", "../" + tmp_path.name + "/c", str(tmp_path / "c")):
        result = call("corpus", given, cwd=tmp_path)
        assert result.returncode == 1
        assert re.search(rf"(?<![\w/.]){re.escape(str(Path(given)))}(?![\w/])", result.stderr), result.stderr


def test_text_that_the_terminal_cannot_show_is_no_fault(corpus_folder):
    """In the C locale, without UTF-8: an id and a title of other letters are told all the same."""
    folder = corpus_folder(28, name="vidéos")
    with (folder / "videos.csv").open("a", encoding="utf-8") as file:
        file.write("vidéo/😀,Título 😀,Channel,1,2020-01-01T00:00:00Z,a\n")
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "YTCAT_BUILD": str(folder.parent / "build")}
    result = subprocess.run(
        [YTCAT, "corpus", folder], capture_output=True, check=False, env=environment, timeout=300
    )
    assert result.returncode == 0, result.stderr
    assert b"28 kept + 1 dropped = 29 read" in result.stdout


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_are_no_fault(closed, corpus_folder):
    folder = corpus_folder(28)
    environment = os.environ | {"YTCAT_BUILD": str(folder.parent / "build")}
    command = ["sh", "-c", f'"$0" corpus "$1" {closed}', YTCAT, folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_was_removed_under_one_is_told_in_a_sentence(tmp_path):
    (tmp_path / "gone").mkdir()
    command = ["sh", "-c", 'cd gone && rmdir ../gone && YTCAT_BUILD=b "$0" corpus c', YTCAT]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: The folder that you are in has been removed: go to another one.\n"


# ---- the doctor


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home and cache; the assets of this machine are copied on demand."""
    monkeypatch.setenv("YTCAT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    return tmp_path


def test_doctor_tells_what_is_there_and_how_to_mend_what_is_missing(home):
    checks = {check.what: check for check in doctor.examine(str(home / "nowhere"))}
    for what in ("packages", "Jupyter kernel python3", "GloVe 6B 50d"):
        assert checks[what].ok, checks[what]
    for what in ("Xception base", "MiniLM encoder"):
        assert not checks[what].ok
        assert checks[what].state.startswith("not fetched yet")
        assert "chapter" in checks[what].remedy
    corpus = checks[f"corpus {home / 'nowhere'}"]
    assert not corpus.ok and "There is no corpus folder" in corpus.state
    said = doctor.table(list(checks.values()))
    assert re.search(r"^ok +packages", said, re.MULTILINE)
    assert re.search(r"^missing +Xception base", said, re.MULTILINE)
    assert [path for path in home.rglob("*") if path.is_file()] == []  # nothing was changed


def test_doctor_looks_into_the_assets_as_loading_does(home, monkeypatch):
    def cut(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 1000)

    cut(xception.xception_file())
    for name in minilm.MINILM_SHA256:
        cut(minilm.cached_folder() / name)
    assert doctor._xception().state.startswith("damaged: ")
    assert doctor._minilm().state.startswith("damaged: ")
    monkeypatch.delenv("YTCAT_CACHE")
    good = xception.xception_file()
    monkeypatch.setenv("YTCAT_CACHE", str(home / "cache"))
    monkeypatch.setenv("YTCAT_XCEPTION", str(good))
    assert doctor._xception() == ("Xception base", True, str(good), doctor._xception().remedy)
    monkeypatch.setenv("YTCAT_XCEPTION", str(xception.xception_file()))
    check = doctor._tried("Xception base", doctor._xception)
    assert not check.ok and "is not a readable weights file" in check.state


def test_doctor_counts_what_can_be_used_of_a_corpus(corpus_folder):
    folder = corpus_folder(28)
    assert doctor._corpus(str(folder)).state == "28 of 28 records can be used"
    (folder / "videos.csv").write_text("a,b\n1,2\n")
    assert not doctor._tried("corpus", lambda: doctor._corpus(str(folder))).ok


def test_doctor_needs_no_environment(tmp_path):
    """A Python without any package: what cannot be known yet is told, with `make env`."""
    environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-S", "-B", "-m", "ytcat.report.doctor", "--corpus", "demo"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 1, result.stderr
    assert result.stderr == ""
    assert re.search(r"^ok +Python 3.11 to 3.13", result.stdout, re.MULTILINE)
    assert re.search(r"^missing +packages .*is not installed\n.*make env", result.stdout, re.MULTILINE)
    assert re.search(r"^ok +corpus demo", result.stdout, re.MULTILINE)
