"""The command line: quick to start, clear about what is wrong."""

import re
import subprocess
import sys
from pathlib import Path

from ytcat.paths import ROOT

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
    heavy = "import sys, ytcat.cli; print({'tensorflow', 'pandas', 'papermill'} & set(sys.modules))"
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


def test_doctor_tells_what_is_there_and_how_to_mend_what_is_missing(tmp_path):
    result = call("doctor")
    assert "GloVe 6B 50d" in result.stdout
    assert "Xception" in result.stdout
    missing = call("doctor", "--corpus", str(tmp_path))
    assert missing.returncode == 1
    assert "missing" in missing.stdout
    assert "CORPUS=FOLDER" in " ".join(missing.stdout.split())
