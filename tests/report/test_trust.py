"""A build on a hostile corpus, once left alone and once killed again and again: the same to the byte."""

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from PIL import Image

import hostile
from ytcat import paths
from ytcat.atomic_files import sha256_file
from ytcat.report.chapters import CHAPTERS

pytestmark = pytest.mark.slow
YTCAT = Path(sys.executable).with_name("ytcat")
KILLS = 20
SECRETS = {"YOUTUBE_API_KEY": "AIza-not-to-be-seen", "KAGGLE_KEY": "kaggle-not-to-be-seen"}


def start(build, corpus):
    command = [YTCAT, "book", "--profile", "smoke", "--corpus", str(corpus)]
    environment = os.environ | SECRETS | {"YTCAT_BUILD": str(build)}
    # In a group of its own, so that its kernels are killed with it, as when a machine goes down.
    return subprocess.Popen(
        command, env=environment, cwd=paths.ROOT, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return hostile.make(tmp_path_factory.mktemp("hostile") / "corpus")


@pytest.fixture(scope="module")
def undisturbed(corpus, tmp_path_factory):
    build = tmp_path_factory.mktemp("undisturbed")
    process = start(build, corpus)
    said, _ = process.communicate(timeout=1500)
    assert process.returncode == 0, said
    (build / "said.txt").write_text(said)
    return build


@pytest.fixture(scope="module")
def disturbed(corpus, tmp_path_factory):
    """Killed at 20 random moments, of chapters and of the book; what is at a final path is always whole."""
    build = tmp_path_factory.mktemp("disturbed")
    moments = random.Random(0)
    killed = 0
    for _ in range(3 * KILLS):
        process = start(build, corpus)
        try:
            said, _ = process.communicate(timeout=moments.uniform(2, 25))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            killed += 1
            check_whole(build)
        else:
            assert process.returncode == 0, said
            (build / "book" / "_build" / "html" / "index.html").unlink()  # so that there is something to do
        if killed == KILLS:
            break
    assert killed == KILLS
    process = start(build, corpus)
    said, _ = process.communicate(timeout=1500)
    assert process.returncode == 0, said
    return build


def check_whole(build):
    """Every file at a final path can be read, and is what its manifest says."""
    for path in build.rglob("*"):
        if any(part.startswith(".") for part in path.relative_to(build).parts) or not path.is_file():
            continue
        if "book-out" in path.parts or path.name.endswith(".failed.ipynb"):
            continue  # at work
        if path.suffix == ".json":
            json.loads(path.read_text())
        elif path.suffix == ".parquet":
            pd.read_parquet(path)
        elif path.suffix == ".ipynb":
            nbformat.read(path, as_version=4)
        elif path.suffix in (".keras", ".npz"):
            assert zipfile.ZipFile(path).testzip() is None
        elif path.suffix == ".csv":
            pd.read_csv(path)
        if path.name == "manifest.json":
            manifest = json.loads(path.read_text())
            for name, sha256 in manifest["sha256"].items():
                if "." in name:
                    assert sha256_file(path.parent / name) == sha256, path
            if "inputs" in manifest:  # finished by a build
                files = {file.name for file in path.parent.iterdir() if not file.name.startswith(".")}
                assert files == {name for name in manifest["sha256"] if "." in name} | {path.name}


def results_of(build):
    return build / "results" / "corpus-smoke-0"


def weights(path):
    """The arrays of a Keras file; the file itself holds the time of saving."""
    with zipfile.ZipFile(path) as archive:
        return archive.read("model.weights.h5")


def test_figures_predictions_and_weights_are_equal_to_the_byte(undisturbed, disturbed):
    compared = 0
    for chapter in CHAPTERS:
        one, other = (results_of(build) / chapter.name for build in (undisturbed, disturbed))
        names = sorted(path.name for path in one.iterdir())
        assert names == sorted(path.name for path in other.iterdir())
        for name in set(names) - {"manifest.json", "model.keras", "notebook.ipynb"}:
            assert (one / name).read_bytes() == (other / name).read_bytes(), f"{chapter.name}: {name}"
            compared += 1
        if "model.keras" in names:
            assert weights(one / "model.keras") == weights(other / "model.keras"), chapter.name
            compared += 1
    assert compared > 2 * len(CHAPTERS)


def test_executed_notebooks_are_equal_but_for_times_and_ids(undisturbed, disturbed):
    for chapter in CHAPTERS:
        one, other = (
            nbformat.read(results_of(build) / chapter.name / "notebook.ipynb", as_version=4)
            for build in (undisturbed, disturbed)
        )
        for a, b in zip(one.cells, other.cells, strict=True):
            assert a.source == b.source
            assert shown(a) == shown(b), f"{chapter.name}: {a.source[:60]}"


def shown(cell):
    """What a cell printed, without the lines that tell of a training resumed, and its other outputs."""
    outputs = cell.get("outputs", [])
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    lines = [line for line in printed.splitlines() if not line.endswith("resumed after this epoch")]
    return lines, [output for output in outputs if output.output_type != "stream"]


def pages(build):
    html = build / "book" / "_build" / "html"
    return {
        path.relative_to(html).as_posix(): path.read_bytes() for path in html.rglob("*") if path.is_file()
    }


def test_two_clean_builds_of_the_book_are_equal_to_the_byte(undisturbed, corpus):
    before = pages(undisturbed)
    (undisturbed / "book" / "_build" / "built-from").unlink()
    process = start(undisturbed, corpus)
    said, _ = process.communicate(timeout=900)
    assert process.returncode == 0, said
    assert "building" in said
    assert "ran in" not in said
    after = pages(undisturbed)
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == []


def test_what_cannot_be_used_is_counted_and_the_rest_is_not_touched(undisturbed, corpus):
    report = json.loads(next((undisturbed / "corpus").glob("*/report.json")).read_text())
    assert report["dropped"] == {"invalid video id": len(hostile.OUTSIDE)}
    assert report["kept"] == hostile.N
    assert report["thumbnails"]["too large"] == 1
    assert report["thumbnails"]["unreadable"] == 1
    assert not list(corpus.parent.glob("outside*"))


def test_a_browser_runs_nothing_of_a_title(undisturbed, browser):
    html = undisturbed / "book" / "_build" / "html"
    shown = 0
    for page in sorted(html.rglob("*.html")):
        browser.get(page.as_uri())
        time.sleep(0.2)  # for what would run on load or on error
        assert browser.execute_script(f"return window.{hostile.MARK}") is None, page.name
        links = browser.execute_script("return [...document.querySelectorAll('a')].map(a => a.href)")
        assert not [link for link in links if link.startswith("javascript:")], page.name
        shown += hostile.TITLES[0] in browser.execute_script("return document.body.textContent")
    assert shown  # as text


def test_pictures_in_the_book_are_pictures(undisturbed):
    """Galleries re-encode nothing that could not be decoded."""
    for path in (undisturbed / "book" / "_build" / "html" / "_images").glob("*.png"):
        Image.open(io.BytesIO(path.read_bytes())).verify()


def test_no_secret_is_in_a_manifest_a_notebook_or_a_log(undisturbed):
    files = [path for path in undisturbed.rglob("*") if path.is_file()]
    assert {"said.txt", "manifest.json", "notebook.ipynb", "index.html"} <= {path.name for path in files}
    for secret in SECRETS.values():
        assert not [path for path in files if secret.encode() in path.read_bytes()]
