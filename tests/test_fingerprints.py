"""Which modules a chapter can reach."""

import shutil

import nbformat
import pytest

from ytcat import fingerprints, paths
from ytcat.corpus import Corpus
from ytcat.fingerprints import reachable
from ytcat.report import execute
from ytcat.report.chapters import CHAPTERS


def test_imports_are_followed():
    found = reachable("from ytcat.models.text import text_model")
    assert {"src/ytcat/__init__.py", "src/ytcat/models/__init__.py", "src/ytcat/words.py"} <= set(found)
    assert "src/ytcat/figures/style.py" not in found
    assert "src/ytcat/report/book.py" not in found


def test_modules_imported_from_a_package_count():
    assert "src/ytcat/slides.py" in reachable("from ytcat import slides")
    assert "src/ytcat/figures/results.py" in reachable("from ytcat import figures")


def test_other_packages_do_not():
    assert reachable("import pandas\nfrom IPython.display import Markdown") == {}


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A copy of modules and notebooks that may be edited; a function tells which chapters would run again."""
    for folder in ("src", "notebooks"):
        shutil.copytree(paths.ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprints, "_SOURCE", tmp_path / "src")
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path / "notebooks")

    def stands_on(sha256="c0ffee"):
        corpus = Corpus("tiny", False, tmp_path, None, None, sha256, tmp_path)
        return {chapter.name: execute._inputs(chapter, corpus, {"seed": 0}) for chapter in CHAPTERS}

    before = stands_on()

    def run_again(sha256="c0ffee"):
        now = stands_on(sha256)
        stale = {name for name in before if before[name] != now[name]}
        for chapter in CHAPTERS:  # in order: one that reads a stale chapter is stale
            stale |= {chapter.name} if stale & set(chapter.reads) else set()
        return sorted(stale)

    return tmp_path, run_again


def test_an_edit_runs_the_chapters_that_reach_it_and_those_that_read_them(checkout):
    folder, run_again = checkout
    assert run_again() == []
    with (folder / "src/ytcat/models/text.py").open("a") as file:
        file.write("# edited\n")
    readers = [chapter.name for chapter in CHAPTERS if "04_text_model" in chapter.reads]
    assert {"05_fusion", "06_error_analysis"} <= set(readers)
    assert run_again() == sorted(["04_text_model", *readers])


def test_prose_and_touch_run_nothing(checkout):
    folder, run_again = checkout
    path = folder / "notebooks/04_text_model.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += " Asked in other words."
    nbformat.write(notebook, path)
    for touched in (folder / "src").rglob("*.py"):
        touched.touch()
    assert run_again() == []


def test_another_corpus_runs_everything(checkout):
    assert checkout[1]("other") == [chapter.name for chapter in CHAPTERS]
