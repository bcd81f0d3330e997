"""Small notebooks through real papermill: what runs, what is cached, and what a failure says."""

import json
import os
import shutil
import subprocess
import sys
import time

import nbformat
import pandas as pd
import psutil
import pytest

from ytcat import paths
from ytcat.corpus import Corpus
from ytcat.exceptions import YtcatError
from ytcat.report import execute
from ytcat.report import notebook as notebooks
from ytcat.report.chapters import Chapter
from ytcat.report.notebook import ChapterError

V4 = nbformat.v4
PARAMETERS = """corpus: str = "demo"  # a corpus
other: str = ""  # a second one
results: str = "build"  # where
seed: int = 0  # a seed"""
SAVE = """import json
from pathlib import Path
from ytcat.categories import NAMES
folder = Path(results) / "{name}"
folder.mkdir(parents=True, exist_ok=True)
for file in ("manifest.json", "metrics.json"):
    (folder / file).write_text(json.dumps({{"seed": seed}}))
print("epoch  1/1  saved by {name}")"""


def notebook(folder, name, *cells):
    cells = [V4.new_markdown_cell(f"# {name}?"), V4.new_code_cell(PARAMETERS), *cells]
    cells[1].metadata["tags"] = ["parameters"]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(V4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / f"{name}.ipynb")


def published(outcome):
    return notebooks.published(outcome.chapter, outcome.notebook)


@pytest.fixture
def report(tmp_path, monkeypatch):
    """Two chapters, `b` reading `a`, and a function that runs them: (ran, what was said)."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in ("a", "b"):
        notebook(folder, name, V4.new_code_cell(SAVE.format(name=name)))
    monkeypatch.setattr(paths, "NOTEBOOKS", folder)
    monkeypatch.setattr(execute, "CHAPTERS", (Chapter("a"), Chapter("b", reads=("a",), needs="thumbnails")))
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path))
    results = tmp_path / "results"
    videos = pd.DataFrame({"has_thumbnail": [True]})
    corpora = {True: videos, False: ~videos}

    def run(seed=0, sha256="c0ffee", force=False, thumbnails=True, wanted=None, other=""):
        corpus = Corpus("tiny", False, tmp_path, corpora[thumbnails], None, sha256, tmp_path)
        values = {"corpus": "tiny", "results": str(results), "seed": seed}
        values |= {"other": other} if other else {}
        said = []
        profile = {"a": values, "b": values}
        outcomes = execute.execute(corpus, profile, results, said.append, force, wanted)
        return outcomes, [outcome.chapter.name for outcome in outcomes if outcome.ran], said

    run.folder, run.results, run.build = folder, results, tmp_path
    return run


def test_what_changed_runs_again_and_nothing_else(report):
    outcomes, ran, said = report()
    assert ran == ["a", "b"]
    assert any("epoch  1/1  saved by b" in line for line in said)
    assert report()[1] == []
    assert report()[2] == ["a                    cached", "b                    cached"]

    # Another chapter's code: that chapter only.
    notebook(report.folder, "b", V4.new_code_cell(SAVE.format(name="b") + "\n# edited"))
    outcomes, ran, _ = report()
    assert ran == ["b"]
    assert outcomes[1].reason == "the notebook's code changed"

    # Prose: nothing runs, and the new prose is published with the old outputs.
    source = nbformat.read(report.folder / "b.ipynb", as_version=4)
    source.cells[0].source = "# Asked anew?"
    nbformat.write(source, report.folder / "b.ipynb")
    outcomes, ran, _ = report()
    assert ran == []
    shown = published(outcomes[1])
    assert shown.cells[0].source == "# Asked anew?"
    assert "saved by b" in shown.cells[-1].outputs[0].text
    assert any("seed = 0" in cell.source for cell in shown.cells)

    # A parameter and the corpus: everything, with the reason.
    outcomes, ran, _ = report(seed=1)
    assert ran == ["a", "b"]
    assert outcomes[0].reason == "parameter seed changed"
    outcomes, ran, _ = report(seed=1, sha256="other")
    assert outcomes[0].reason == "the corpus changed"
    assert outcomes[1].reason == "chapter a, the corpus changed"
    assert report(seed=1, sha256="other", force=True)[1] == ["a", "b"]


def cached_files(report):
    return sorted(path for path in (report.build / "cache").rglob("*") if path.is_file())


@pytest.mark.parametrize("damage", ["deleted", "emptied", "cut", "scrambled"])
def test_a_damaged_cache_file_is_named_and_its_chapter_runs_again(report, damage):
    report()
    files = cached_files(report)
    assert len(files) == 2 * 4  # for both chapters: notebook, manifest, metrics, and the entry itself
    for path in files:
        content = path.read_bytes()
        if damage == "deleted":
            path.unlink()
        else:
            middle = len(content) // 2
            other = bytes([content[middle] ^ 1])
            path.write_bytes(
                {
                    "emptied": b"",
                    "cut": content[:-3],
                    "scrambled": content[:middle] + other + content[middle + 1 :],
                }[damage]
            )
        _, ran, said = report()
        assert len(ran) == 1
        relative = path.relative_to(report.build).as_posix()
        assert any("running: because" in line and relative in line for line in said), (relative, said)
        assert report()[1] == []


def test_results_that_were_changed_or_lost_are_put_back_without_a_run(report):
    report()
    metrics, executed = report.results / "b" / "metrics.json", report.results / "notebooks" / "b.ipynb"
    before = metrics.read_bytes(), executed.read_bytes()
    metrics.write_bytes(b"")
    executed.write_text("{}")
    (report.results / "b" / "stranger").write_text("?")
    shutil.rmtree(report.results / "a")
    _, ran, said = report()
    assert ran == []
    assert said == ["a                    cached, and put back", "b                    cached, and put back"]
    assert (metrics.read_bytes(), executed.read_bytes()) == before
    assert not (report.results / "b" / "stranger").exists()
    assert (report.results / "a" / "metrics.json").is_file()


def test_going_back_to_an_earlier_state_needs_no_new_run(report):
    report()
    assert report(seed=1)[1] == ["a", "b"]
    assert report()[1] == []
    assert json.loads((report.results / "b" / "metrics.json").read_text()) == {"seed": 0}
    # Another results folder, the same inputs.
    shutil.rmtree(report.results)
    assert report(seed=1)[1] == []
    assert json.loads((report.results / "b" / "metrics.json").read_text()) == {"seed": 1}


def test_other_figures_of_a_chapter_that_is_read_run_the_reader(report):
    """The same code may give other figures, on another machine say."""
    where = report.folder.parent / "what"
    where.write_text("1")
    cell = SAVE.format(name="a") + f'\n(folder / "metrics.json").write_text(open({str(where)!r}).read())'
    notebook(report.folder, "a", V4.new_code_cell(cell))
    assert report()[1] == ["a", "b"]
    where.write_text("2")
    assert report()[1] == []  # nothing can know
    shutil.rmtree(next(path.parent.parent for path in cached_files(report) if path.read_text() == "1"))
    assert report()[1] == ["a", "b"]


def test_the_cache_keeps_within_its_limit_what_was_of_use_last(report, monkeypatch):
    report()
    report(seed=1)
    keys = {path.name for path in (report.build / "cache").iterdir()}
    assert len(keys) == 4
    size = sum(path.stat().st_size for path in cached_files(report))
    monkeypatch.setenv("YTCAT_CACHE_GB", str(size * 0.8 / 1e9))
    outcomes, ran, _ = report()  # of use now
    assert ran == []
    left = {path.name for path in (report.build / "cache").iterdir()}
    assert {outcome.key for outcome in outcomes} <= left < keys
    monkeypatch.setenv("YTCAT_CACHE_GB", "0")
    assert report()[1] == []  # what this build stands on stays
    assert {path.name for path in (report.build / "cache").iterdir()} == {o.key for o in outcomes}


def test_what_killed_builds_left_is_swept_away(report):
    report()
    leftovers = [report.results / ".a-x1y2", report.build / "cache" / ".key.abc.tmp"]
    for folder in leftovers:
        folder.mkdir()
        (folder / "half").write_text("h")
    leftovers.append(report.results / "notebooks" / "a.prepared.ipynb")
    leftovers[-1].write_text("{")
    unfinished = report.results / ".a-checkpoints" / "key" / "epoch-0001"
    unfinished.parent.mkdir(parents=True)
    unfinished.write_text("of use")
    assert report()[1] == []
    assert unfinished.is_file()
    assert not any(path.exists() for path in leftovers)


def test_a_failure_names_notebook_cell_lines_and_file(report):
    report()
    notebook(
        report.folder, "b", V4.new_code_cell("print('so far')\nwrong = 1 / 0"), V4.new_code_cell("never = 1")
    )
    with pytest.raises(ChapterError) as error:
        report()
    text = str(error.value)
    saved = report.results / "notebooks" / "b.failed.ipynb"
    assert "b failed in cell" in text
    assert "print('so far')" in text
    assert "ZeroDivisionError: division by zero" in text
    assert str(saved) in text
    assert saved.is_file()
    # The notebook of the last clean run is still there, and its chapter counts as stale.
    before = nbformat.read(report.results / "notebooks" / "b.ipynb", as_version=4)
    assert "saved by b" in before.cells[-1].outputs[0].text
    with pytest.raises(ChapterError, match="b failed in cell"):
        report()


def test_without_thumbnails_a_chapter_ends_at_its_note(report):
    note = V4.new_code_cell("print('the chapter ends here')", metadata={"tags": ["needs-thumbnails"]})
    rest = V4.new_code_cell("raise RuntimeError('needs thumbnails')")
    notebook(report.folder, "b", V4.new_code_cell(SAVE.format(name="b")), note, rest)
    outcomes, ran, _ = report(thumbnails=False)
    assert ran == ["a", "b"]
    assert published(outcomes[1]).cells[-1].outputs[0].text == "the chapter ends here\n"
    assert report(thumbnails=False)[1] == []


def test_a_chapter_needs_what_it_says_and_nothing_else(report, monkeypatch):
    monkeypatch.setattr(execute, "CHAPTERS", (Chapter("a"), Chapter("b", needs="tags")))
    cells = [
        V4.new_code_cell(f"print('no {what}')", metadata={"tags": [f"needs-{what}"]})
        for what in ("thumbnails", "tags")
    ]
    notebook(
        report.folder, "b", V4.new_code_cell(SAVE.format(name="b")), *cells, V4.new_code_cell("rest = 1")
    )

    def last():
        return published(report(thumbnails=False)[0][1]).cells[-1]

    monkeypatch.setattr(Corpus, "has_tags", False)
    assert last().outputs[0].text == "no tags\n"
    monkeypatch.setattr(Corpus, "has_tags", True)
    assert report(sha256="with tags", thumbnails=False)[1] == ["a", "b"]
    assert published(report(sha256="with tags", thumbnails=False)[0][1]).cells[-1].source == "rest = 1"


@pytest.mark.parametrize(
    "wanted, needed",
    [
        (None, ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11"]),
        ([], []),
        (["04_text_model"], ["04"]),
        (["04_text_model", "01_data_exploration"], ["01", "04"]),
        (["05_fusion"], ["03", "04", "05"]),
        ({"06_error_analysis", "02_human_baseline"}, ["02", "03", "04", "05", "06"]),
    ],
)
def test_wanted_chapters_bring_those_that_they_read_in_order(wanted, needed):
    assert [chapter.name[:2] for chapter in execute.with_read(wanted)] == needed


def test_a_second_corpus_counts_by_what_is_in_it_not_by_where_it_is(report, tmp_path, corpus_folder):
    def ran(folder):
        return report(wanted=["a"], other=str(folder))[1]

    first = corpus_folder(28, thumbnails=False, name="first")
    assert report(wanted=["a"])[1] == ["a"]
    assert ran(first) == ["a"]
    assert ran(first) == []
    assert ran(shutil.copytree(first, tmp_path / "moved")) == []
    _, again, said = report(wanted=["a"], other=str(corpus_folder(42, thumbnails=False, name="second")))
    assert again == ["a"]
    assert said[0] == "a                    running: because the other corpus changed"


def test_what_is_read_brings_what_it_reads_itself(monkeypatch):
    chain = (Chapter("a"), Chapter("b", reads=("a",)), Chapter("c", reads=("b",)), Chapter("d"))
    monkeypatch.setattr(execute, "CHAPTERS", chain)
    assert execute.with_read(["c"]) == list(chain[:3])


def test_an_unknown_chapter_is_named_with_those_there_are():
    with pytest.raises(YtcatError, match=r"no chapter '05'\. There is: 01_.*, 05_fusion, 06_"):
        execute.with_read(["04_text_model", "05"])


def test_only_what_is_wanted_and_what_it_reads_runs(report):
    with pytest.raises(YtcatError, match=r"no chapter 'c'\. There is: a, b\."):
        report(wanted=["c"])
    assert report(wanted=["a"])[1] == ["a"]
    assert not (report.results / "b").exists()
    outcomes, ran, said = report(wanted=["b"])
    assert [outcome.chapter.name for outcome in outcomes] == ["a", "b"]
    assert ran == ["b"]
    assert said[0] == "a                    cached"


def test_recorded_trials_that_changed_run_the_chapter_that_shows_them(report, tmp_path, monkeypatch):
    recorded = tmp_path / "recorded" / "us-2020"
    recorded.mkdir(parents=True)
    monkeypatch.setattr("ytcat.report.chapters.FOLDER", recorded.parent)
    monkeypatch.setattr(execute, "CHAPTERS", (Chapter("a", shows=("x.csv",)), Chapter("b")))
    (recorded / "x.csv").write_text("1")
    assert report()[1] == ["a", "b"]
    (recorded / "y.csv").write_text("of no chapter")
    assert report()[1] == []
    (recorded / "x.csv").write_text("2")
    _, ran, said = report()
    assert ran == ["a"]
    assert "a                    running: because recorded us-2020/x.csv changed" in said


def test_people_s_new_answers_run_the_chapter_that_reads_them(report, tmp_path, monkeypatch):
    monkeypatch.setattr(execute, "CHAPTERS", (Chapter("a", reads_people=True), Chapter("b")))
    assert report()[1] == ["a", "b"]
    folder = tmp_path / "human" / "tiny-c0ffee"
    folder.mkdir(parents=True)
    (folder / "p1.jsonl").write_text("{}\n")
    _, ran, said = report()
    assert ran == ["a"]
    assert "a                    running: because people's p1.jsonl changed" in said
    assert report()[1] == []


BUSY = """import os, re
from pathlib import Path
Path("{pid}").write_text(str(os.getpid()))
re.match("(a+)+$", "a" * 60 + "b")  # for ever, and no other thread of its Python has a turn"""
BUILD = """from pathlib import Path
from ytcat import paths
from ytcat.corpus import Corpus
from ytcat.report import execute
from ytcat.report.chapters import Chapter
paths.NOTEBOOKS = Path("{folder}")
corpus = Corpus("tiny", False, Path(), None, None, "c0ffee", Path())
execute.up_to_date(Chapter("busy"), corpus, {{}}, Path("{folder}"), [])"""


@pytest.mark.skipif(sys.platform != "linux", reason="others do not end a kernel that is held up")
def test_the_kernel_of_a_killed_build_ends_with_it_however_busy(tmp_path):
    pid = tmp_path / "pid"
    notebook(tmp_path, "busy", V4.new_code_cell(BUSY.format(pid=pid)))
    build = subprocess.Popen(
        [sys.executable, "-c", BUILD.format(folder=tmp_path)], env=os.environ | {"YTCAT_BUILD": str(tmp_path)}
    )
    while not (pid.exists() and pid.read_text()):
        assert build.poll() is None
        time.sleep(0.1)
    kernel = psutil.Process(int(pid.read_text()))
    assert kernel.ppid() == build.pid
    build.kill()
    build.wait()
    assert psutil.wait_procs([kernel], timeout=30)[1] == []
