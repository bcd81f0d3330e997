"""Which modules a chapter can reach."""

import shutil

import nbformat
import pytest

from ytcat import fingerprints, paths
from ytcat.corpus import Corpus
from ytcat.fingerprints import reachable
from ytcat.report import execute
from ytcat.report.chapters import CHAPTERS, with_read
from ytcat.report.profiles import RunSettings


def test_imports_are_followed():
    found = reachable("from ytcat.models.text import text_model")
    assert {"src/ytcat/__init__.py", "src/ytcat/models/__init__.py", "src/ytcat/models/tokens.py"} <= set(
        found
    )
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

    def inputs(sha256="c0ffee"):
        corpus = Corpus("tiny", False, tmp_path, None, None, sha256, tmp_path)
        run = RunSettings()
        return {chapter.name: execute.inputs_of(chapter, run, corpus) for chapter in CHAPTERS}

    before = inputs()

    def run_again(sha256="c0ffee"):
        now = inputs(sha256)
        stale = {name for name in before if before[name] != now[name]}
        for chapter in sorted(CHAPTERS, key=lambda chapter: len(with_read([chapter.name]))):
            stale |= {chapter.name} if stale & set(chapter.reads) else set()
        return sorted(stale)

    return tmp_path, run_again


def edit(path):
    with path.open("a") as file:
        file.write("# edited\n")


def readers_of(name):
    return {chapter.name for chapter in CHAPTERS if name in {read.name for read in with_read([chapter.name])}}


def modules(wing):
    return sorted((paths.ROOT / "src/ytcat/future_directions" / wing).glob("*.py"))


@pytest.mark.parametrize(
    ("wing", "chapters"),
    [
        ("tagging", ["08_auto_tagging"]),
        ("more_data", ["09_more_data", "12_other_years"]),
        ("imbalance", ["10_class_imbalance"]),
    ],
)
def test_an_edit_in_a_wing_runs_the_chapters_of_the_wing_and_nothing_else(checkout, wing, chapters):
    _, run_again = checkout
    assert run_again() == []
    for module in modules(wing):
        before = module.read_bytes()
        edit(module)
        again = run_again()
        assert again and set(again) <= set(chapters), module.name
        module.write_bytes(before)
        assert run_again() == []


def test_an_edit_in_the_better_models_runs_their_chapters_and_the_results(checkout):
    _, run_again = checkout
    for module in modules("better_models"):
        edit(module)
    assert run_again() == sorted(readers_of("07_better_models") | {"11_your_own_videos", "12_other_years"})


def test_an_edit_of_the_text_model_runs_the_title_chapter_and_what_reads_it(checkout):
    folder, run_again = checkout
    edit(folder / "src/ytcat/models/text.py")
    expected = {"00_results", "04_text_model", "05_fusion", "06_error_analysis"}
    assert readers_of("04_text_model") == expected
    assert run_again() == sorted(expected)


def test_an_edit_of_a_figure_of_a_wing_runs_no_page_of_evidence(checkout):
    """Neither audit nor data card, reference runs nor speed stand on a model."""
    folder, run_again = checkout
    for module in (folder / "src/ytcat/future_directions").rglob("*.py"):
        edit(module)
    assert not {chapter.name for chapter in CHAPTERS if chapter.folder} & set(run_again())


def test_prose_and_touch_run_nothing(checkout):
    folder, run_again = checkout
    path = folder / "notebooks/04_text_model.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += " Asked in other words."
    nbformat.write(notebook, path)
    for touched in (folder / "src").rglob("*.py"):
        touched.touch()
    assert run_again() == []


def test_another_corpus_runs_what_reads_a_corpus(checkout):
    stand_alone = {"deck", "deck_audit", "reference_runs", "speed"}
    assert checkout[1]("other") == sorted({chapter.name for chapter in CHAPTERS} - stand_alone)
