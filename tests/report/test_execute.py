"""Small notebooks through real papermill: what runs, what is up to date, and what a failure says."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import psutil
import pytest

from ytcat import paths
from ytcat.atomic_files import sha256_file
from ytcat.corpus import load
from ytcat.exceptions import YtcatError
from ytcat.human import store
from ytcat.report import chapters, execute
from ytcat.report import notebook as notebooks
from ytcat.report.chapters import Chapter
from ytcat.report.notebook import ChapterError
from ytcat.report.profiles import RunSettings

V4 = nbformat.v4
PARAMETERS = """corpus: str = "demo"  # a corpus
second_corpus: str = ""  # a second one
results: str = "build"  # where
shown: int = 4  # a number"""
NO_CORPUS = """results: str = "build"  # where"""
# As `RunWriter.save` does, without its imports.
SAVE = """import json, shutil
from ytcat import paths
folder = paths.build_folder() / results / "{name}"
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)
(folder / "metrics.json").write_text(json.dumps(dict(shown=globals().get("shown"))))
(folder / "manifest.json").write_text(json.dumps(dict(sha256=dict(code="c0de"))))
print("epoch  1/1  saved by {name}")"""


def notebook(folder, name, *cells, parameters=PARAMETERS):
    cells = [V4.new_markdown_cell(f"# {name}?"), V4.new_code_cell(parameters), *cells]
    cells[1].metadata["tags"] = ["parameters"]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(V4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / f"{name}.ipynb")


def saving(name, more=""):
    return V4.new_code_cell(SAVE.format(name=name) + more)


def published(outcome):
    return notebooks.published(outcome.chapter, outcome.notebook)


def use(monkeypatch, *listed):
    monkeypatch.setattr(chapters, "CHAPTERS", listed)


@pytest.fixture
def report(tmp_path, monkeypatch, corpus_folder):
    """Two chapters, `b` reading `a`, and a function that runs them: (outcomes, ran, what was said)."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in ("a", "b"):
        notebook(folder, name, saving(name))
    (tmp_path / "mine.yaml").write_text("all: {}")
    monkeypatch.setattr(paths, "NOTEBOOKS", folder)
    monkeypatch.setattr(paths, "PROFILES", tmp_path)
    use(monkeypatch, Chapter("a"), Chapter("b", reads=("a",), needs="thumbnails"))
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    videos = corpus_folder(28)

    def run(force=False, wanted=(), second="", corpus=videos):
        settings = RunSettings(str(corpus), "mine", second_corpus=str(second), chapters=tuple(wanted))
        said = []
        outcomes = execute.execute(settings, load(settings.corpus), said.append, force)
        return outcomes, [outcome.chapter.name for outcome in outcomes if outcome.reason], said

    run.folder, run.corpus, run.profile = folder, videos, tmp_path / "mine.yaml"
    run.results = RunSettings(str(videos), "mine").folder
    return run


def test_what_changed_runs_again_and_nothing_else(report):
    outcomes, ran, said = report()
    assert ran == ["a", "b"]
    assert any("epoch  1/1  saved by b" in line for line in said)
    assert report()[1] == []
    assert report()[2] == ["a                    up to date", "b                    up to date"]

    # Another chapter's code: that chapter only.
    notebook(report.folder, "b", saving("b", "\n# edited"))
    outcomes, ran, _ = report()
    assert ran == ["b"]
    assert outcomes[1].reason == "the notebook's code changed"

    # Prose: nothing runs, and the new prose is published with the old outputs.
    source = nbformat.read(report.folder / "b.ipynb", as_version=4)
    source.cells[0].source = "# Asked anew?"
    caption = "**Figure 4.3.** What is shown, and how to read it."
    source.cells.append(V4.new_markdown_cell(f"See Figure 4.2.\n\n{caption}"))
    nbformat.write(source, report.folder / "b.ipynb")
    outcomes, ran, _ = report()
    assert ran == []
    shown = published(outcomes[1])
    assert shown.cells[0].source == "# Asked anew?"
    assert "saved by b" in shown.cells[-2].outputs[0].text
    # A caption can be linked to from any page.
    assert shown.cells[-1].source == f"See Figure 4.2.\n\n(figure-4-3)=\n{caption}"
    # The parameters stand there once, with the values that it ran with.
    with_results = [cell.source for cell in shown.cells if "results: str = " in cell.source]
    assert len(with_results) == 1
    assert not any("# Parameters" in cell.source for cell in shown.cells)
    assert 'results: str = "build"' not in with_results[0]
    assert "shown: int = 4  # a number" in with_results[0]

    # A parameter and the corpus: everything, with the reason.
    report.profile.write_text("all: {shown: 5}")
    outcomes, ran, _ = report()
    assert ran == ["a", "b"]
    assert outcomes[0].reason == "parameter shown changed"
    with (report.corpus / "videos.csv").open("a") as videos:
        videos.write("video_99999,One more,Channel,1,2020-01-01T00:00:00Z,a\n")
    outcomes, ran, _ = report()
    assert outcomes[0].reason == "the corpus changed"
    assert outcomes[1].reason == "chapter a, the corpus changed"
    assert report(force=True)[1] == ["a", "b"]


def test_a_finished_chapter_is_one_folder_with_its_notebook_and_a_manifest_of_all_that_it_stood_on(report):
    outcomes, _, _ = report()
    for outcome in outcomes:
        assert outcome.folder == report.results / outcome.chapter.name
        assert {path.name for path in outcome.folder.iterdir()} == {
            "manifest.json", "metrics.json", "notebook.ipynb",
        }  # fmt: skip
        manifest = json.loads((outcome.folder / "manifest.json").read_text())
        assert manifest == outcome.manifest
        hashes = {name: sha256_file(outcome.folder / name) for name in ("metrics.json", "notebook.ipynb")}
        assert manifest["sha256"] == hashes | {"code": "c0de"}  # what the notebook wrote stays
        assert {"the notebook's code", "the corpus", "the lock file"} <= manifest["inputs"].keys()
        assert "src/ytcat/paths.py" in manifest["inputs"]
        assert manifest["seconds"] == outcome.seconds > 0
    assert "chapter a" in outcomes[1].manifest["inputs"]
    assert {path.name for path in report.results.iterdir()} == {"a", "b"}


DAMAGES = {
    "deleted": None,
    "emptied": lambda content: b"",
    "cut": lambda content: content[:-3],
    "scrambled": lambda content: (
        content[: len(content) // 2]
        + bytes([content[len(content) // 2] ^ 1])
        + content[len(content) // 2 + 1 :]
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named_and_its_chapter_runs_again(report, damage):
    outcomes, _, _ = report()
    for outcome in outcomes:
        for path in sorted(outcome.folder.iterdir()):
            content = path.read_bytes()
            if damage == "deleted":
                path.unlink()
            else:
                path.write_bytes(DAMAGES[damage](content))
            reason = execute._why_stale(outcome.folder, outcome.manifest["inputs"], "tiny")
            expected = str(path)
            if path.name == "manifest.json" and damage == "deleted":
                expected = "no finished run"
            assert expected in reason, path.name
            path.write_bytes(content)
            assert execute._why_stale(outcome.folder, outcome.manifest["inputs"], "tiny") == ""
    path = report.results / "a" / "metrics.json"
    if damage == "deleted":
        path.unlink()
    else:
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    _, ran, said = report()
    assert ran == ["a"]
    assert any("running: because" in line and str(path) in line for line in said), said
    assert report()[1] == []


def test_a_file_that_no_run_wrote_is_named_and_goes(report):
    report()
    stranger = report.results / "b" / "stranger.csv"
    stranger.write_text("?")
    _, ran, said = report()
    assert ran == ["b"]
    assert f"b                    running: because {stranger} was not written by the run" in said
    assert not stranger.exists()


def test_a_run_that_was_saved_and_failed_afterwards_is_not_finished(report):
    flag = report.folder / "fail"
    notebook(
        report.folder,
        "b",
        saving("b"),
        V4.new_code_cell(f"assert not __import__('os').path.exists({str(flag)!r})"),
    )
    assert report()[1] == ["a", "b"]
    flag.touch()
    with pytest.raises(ChapterError, match="AssertionError"):
        report(force=True)
    flag.unlink()
    _, ran, said = report()  # nothing that the chapter stands on has changed
    assert ran == ["b"]
    manifest = report.results / "b" / "manifest.json"
    assert f"b                    running: because {manifest} is of a run that no build has finished" in said


def test_a_notebook_that_saves_nothing_is_no_finished_chapter(report):
    report()
    notebook(report.folder, "b", V4.new_code_cell("done = True"))
    for _ in range(2):
        with pytest.raises(ChapterError, match=r"b ended without run\.save"):
            report()


def test_other_figures_of_a_chapter_that_is_read_run_the_reader(report):
    """The same code may give other figures, on another machine say."""
    where = report.folder.parent / "what"
    where.write_text("1")
    notebook(
        report.folder,
        "a",
        saving("a", f'\n(folder / "metrics.json").write_text(open({str(where)!r}).read())'),
    )
    assert report()[1] == ["a", "b"]
    where.write_text("2")
    assert report()[1] == []  # nothing can know
    (report.results / "a" / "metrics.json").unlink()
    outcomes, ran, _ = report()
    assert ran == ["a", "b"]
    assert outcomes[1].reason == "chapter a changed"


def test_a_chapter_that_runs_again_with_the_same_figures_does_not_run_its_readers(report):
    report()
    (report.results / "a" / "notebook.ipynb").unlink()
    assert report()[1] == ["a"]


def test_a_notebook_without_a_corpus_parameter_does_not_stand_on_the_corpus(report):
    notebook(report.folder, "a", saving("a"), parameters=NO_CORPUS)
    assert report()[1] == ["a", "b"]
    with (report.corpus / "videos.csv").open("a") as videos:
        videos.write("video_99999,One more,Channel,1,2020-01-01T00:00:00Z,a\n")
    outcomes, ran, _ = report()
    assert ran == ["b"]
    assert outcomes[1].reason == "the corpus changed"


def test_the_chapter_that_keeps_others_waiting_longest_starts_first(report, monkeypatch):
    use(monkeypatch, Chapter("a", seconds=1), *(Chapter(name, seconds=s) for name, s in (("c", 5), ("d", 9))))
    for name in ("c", "d"):
        notebook(report.folder, name, saving(name))
    outcomes, _, said = report()
    assert [outcome.chapter.name for outcome in outcomes] == ["a", "c", "d"]
    started = [line.split()[0] for line in said if "running" in line]
    assert (set(started[:2]), started[2]) == ({"c", "d"}, "a")


def test_what_killed_builds_left_is_swept_away(report):
    report()
    leftovers = [report.results / ".a-x1y2", report.results / ".a.ipynb"]
    leftovers[0].mkdir()
    (leftovers[0] / "half").write_text("h")
    leftovers[1].write_text("{")
    unfinished = report.results / ".a-checkpoints" / "key" / "epoch-0001"
    unfinished.parent.mkdir(parents=True)
    unfinished.write_text("of use")
    assert report()[1] == []
    assert unfinished.is_file()
    assert not any(path.exists() for path in leftovers)


# Ends its own process by SIGKILL when it is about to rename a file for the n-th time.
KILLED = """import os, signal, sys
from pathlib import Path
from ytcat import paths
from ytcat.corpus import load
from ytcat.report import chapters, execute
from ytcat.report.profiles import RunSettings
folder, corpus, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
paths.NOTEBOOKS, paths.PROFILES = folder / "notebooks", folder
chapters.CHAPTERS = (chapters.Chapter("a"),)
run = RunSettings(corpus, "mine")
loaded, renames = load(corpus), []
def kill(event, arguments):
    if event == "os.rename" and str(run.folder) in str(arguments[1]):
        renames.append(arguments[1])
        if len(renames) == number:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(kill)
execute.execute(run, loaded)
print(len(renames))
"""


def test_a_build_killed_at_any_rename_leaves_a_chapter_that_is_whole_or_runs_again(
    report, tmp_path, monkeypatch
):
    use(monkeypatch, Chapter("a"))
    report()
    for number in range(1, 10):
        report.profile.write_text(f"all: {{shown: {number}}}")
        command = [sys.executable, "-c", KILLED, tmp_path, report.corpus, str(number)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
        if ended.returncode == 0:
            break
        outcomes, ran, _ = report()
        assert ran == ["a"]
        assert json.loads((outcomes[0].folder / "metrics.json").read_text()) == {"shown": number}
        assert {path.name for path in outcomes[0].folder.iterdir()} == {
            "manifest.json", "metrics.json", "notebook.ipynb",
        }  # fmt: skip
        assert report()[1] == []
    assert number > 2, "the notebook and the manifest are renamed"
    assert report()[1] == []


def test_a_failure_names_notebook_cell_lines_and_file(report):
    report()
    notebook(
        report.folder, "b", V4.new_code_cell("print('so far')\nwrong = 1 / 0"), V4.new_code_cell("never = 1")
    )
    with pytest.raises(ChapterError) as error:
        report()
    text = str(error.value)
    saved = report.results / "b.failed.ipynb"
    assert "b failed in cell" in text
    assert "print('so far')" in text
    assert "ZeroDivisionError: division by zero" in text
    assert str(saved) in text
    assert saved.is_file()
    # The notebook of the last clean run is still there, and its chapter counts as stale.
    before = nbformat.read(report.results / "b" / "notebook.ipynb", as_version=4)
    assert "saved by b" in before.cells[-1].outputs[0].text
    with pytest.raises(ChapterError, match="b failed in cell"):
        report()
    # Mended, nothing is left of the failure.
    notebook(report.folder, "b", saving("b", "\nmended = True"))
    assert report()[1] == ["b"]
    assert not saved.exists()


def test_without_thumbnails_a_chapter_ends_at_its_note(report, corpus_folder):
    note = V4.new_code_cell("print('the chapter ends here')", metadata={"tags": ["needs-thumbnails"]})
    rest = V4.new_code_cell("raise RuntimeError('needs thumbnails')")
    notebook(report.folder, "b", saving("b"), note, rest)
    bare = corpus_folder(28, thumbnails=False, name="bare")
    outcomes, ran, _ = report(corpus=bare)
    assert ran == ["a", "b"]
    assert published(outcomes[1]).cells[-1].outputs[0].text == "the chapter ends here\n"
    assert report(corpus=bare)[1] == []


def test_a_chapter_needs_what_it_says_and_nothing_else(report, monkeypatch, corpus_folder):
    use(monkeypatch, Chapter("a"), Chapter("b", needs="tags"))
    cells = [
        V4.new_code_cell(f"print('no {what}')", metadata={"tags": [f"needs-{what}"]})
        for what in ("thumbnails", "tags")
    ]
    notebook(report.folder, "b", saving("b"), *cells, V4.new_code_cell("rest = 1"))
    bare = corpus_folder(28, thumbnails=False, name="bare")

    def last():
        return published(report(corpus=bare)[0][1]).cells[-1]

    assert last().source == "rest = 1"
    videos = pd.read_csv(bare / "videos.csv").drop(columns="tags")
    videos.to_csv(bare / "videos.csv", index=False)
    assert last().outputs[0].text == "no tags\n"


@pytest.mark.parametrize(
    "wanted, needed",
    [
        ([], [chapter.name for chapter in chapters.CHAPTERS]),
        (["04_text_model"], ["04_text_model"]),
        (["04_text_model", "01_data_exploration"], ["01_data_exploration", "04_text_model"]),
        (["05_fusion"], ["03_image_model", "04_text_model", "05_fusion"]),
        (
            ["06_error_analysis", "deck_audit"],
            ["03_image_model", "04_text_model", "05_fusion", "06_error_analysis", "deck_audit"],
        ),
        (
            ["00_results"],
            ["00_results", "01_data_exploration", "03_image_model", "04_text_model", "05_fusion",
             "07_better_models"],
        ),
    ],
)  # fmt: skip
def test_wanted_chapters_bring_those_that_they_read_in_order(wanted, needed):
    assert [chapter.name for chapter in chapters.with_read(wanted)] == needed


def test_a_second_corpus_counts_by_what_is_in_it_not_by_where_it_is(report, tmp_path, corpus_folder):
    def ran(folder):
        return report(wanted=["a"], second=folder)[1]

    first = corpus_folder(28, thumbnails=False, name="first")
    assert report(wanted=["a"])[1] == ["a"]
    assert ran(first) == ["a"]
    assert ran(first) == []
    assert ran(shutil.copytree(first, tmp_path / "moved")) == []
    _, again, said = report(wanted=["a"], second=corpus_folder(42, thumbnails=False, name="second"))
    assert again == ["a"]
    assert said[0] == "a                    running: because the second corpus changed"


def test_what_is_read_brings_what_it_reads_itself(monkeypatch):
    chain = (Chapter("a"), Chapter("b", reads=("a",)), Chapter("c", reads=("b",)), Chapter("d"))
    use(monkeypatch, *chain)
    assert chapters.with_read(["c"]) == list(chain[:3])


def test_an_unknown_chapter_is_named_with_those_there_are():
    with pytest.raises(YtcatError, match=r"no chapter '05'\. There is: 00_.*, 05_fusion, 06_"):
        chapters.with_read(["04_text_model", "05"])


def test_only_what_is_wanted_and_what_it_reads_runs(report):
    with pytest.raises(YtcatError, match=r"no chapter 'c'\. There is: a, b\."):
        report(wanted=["c"])
    assert report(wanted=["a"])[1] == ["a"]
    assert not (report.results / "b").exists()
    outcomes, ran, said = report(wanted=["b"])
    assert [outcome.chapter.name for outcome in outcomes] == ["a", "b"]
    assert ran == ["b"]
    assert said[0] == "a                    up to date"


def test_files_of_the_repository_that_changed_run_the_chapter_that_shows_them(report, tmp_path, monkeypatch):
    shown = tmp_path / "book" / "reference_runs" / "us-2020"
    shown.mkdir(parents=True)
    monkeypatch.setattr(paths, "BOOK", tmp_path / "book")
    use(monkeypatch, Chapter("a", shows=("reference_runs/*/x.csv",)), Chapter("b"))
    (shown / "x.csv").write_text("1")
    assert report()[1] == ["a", "b"]
    (shown / "y.csv").write_text("of no chapter")
    assert report()[1] == []
    (shown / "x.csv").write_text("2")
    _, ran, said = report()
    assert ran == ["a"]
    assert "a                    running: because reference_runs/us-2020/x.csv changed" in said


def test_every_chapter_s_files_are_in_the_repository():
    for chapter in chapters.CHAPTERS:
        for pattern in chapter.shows:
            assert list(paths.BOOK.glob(pattern)), (chapter.name, pattern)


def test_a_chapter_whose_notebook_reads_recorded_runs_depends_on_their_files():
    for chapter in chapters.CHAPTERS:
        cells = json.loads(chapter.notebook.read_text(encoding="utf-8"))["cells"]
        lines = [line for cell in cells if cell["cell_type"] == "code" for line in cell["source"]]
        reads = any(line.startswith("from ytcat") and "reference_runs" in line for line in lines)
        shown = any(pattern.startswith("reference_runs/") for pattern in chapter.shows)
        assert shown >= reads, chapter.name


def test_people_s_new_answers_run_the_chapter_that_reads_them(report, tmp_path, monkeypatch):
    use(monkeypatch, Chapter("a", reads_answers=True), Chapter("b"))
    assert report()[1] == ["a", "b"]
    file = store.path_of(load(str(report.corpus)), "p1")
    file.parent.mkdir(parents=True)
    file.write_text("{}\n")
    _, ran, said = report()
    assert ran == ["a"]
    assert "a                    running: because the answers p1.jsonl changed" in said
    assert report()[1] == []


def test_another_provenance_runs_the_data_card(report, monkeypatch):
    use(monkeypatch, Chapter("a", reads_provenance=True), Chapter("b"))
    assert report()[1] == ["a", "b"]
    (report.corpus / "provenance.json").write_text("{}")
    outcomes, ran, _ = report()
    assert ran == ["a"]
    assert outcomes[0].reason == "provenance.json changed"


BUSY = """import os, re
from pathlib import Path
Path("{pid}").write_text(str(os.getpid()))
re.match("(a+)+$", "a" * 60 + "b")  # for ever, and no other thread of its Python has a turn"""
BUILD = """from pathlib import Path
from ytcat import paths
from ytcat.corpus import Corpus
from ytcat.report import chapters, execute
from ytcat.report.profiles import RunSettings
paths.NOTEBOOKS = paths.PROFILES = Path("{folder}")
chapters.CHAPTERS = (chapters.Chapter("busy"),)
corpus = Corpus("tiny", False, Path(), None, None, "c0ffee", Path())
execute.up_to_date(chapters.CHAPTERS[0], RunSettings(profile="mine"), corpus, [])"""


@pytest.mark.skipif(sys.platform != "linux", reason="others do not end a kernel that is held up")
def test_the_kernel_of_a_killed_build_ends_with_it_however_busy(tmp_path):
    pid = tmp_path / "pid"
    notebook(tmp_path, "busy", V4.new_code_cell(BUSY.format(pid=pid)))
    (tmp_path / "mine.yaml").touch()
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


# ---- the user's environment


def test_a_relative_corpus_is_the_same_in_the_kernel_which_runs_elsewhere(report, monkeypatch):
    monkeypatch.chdir(report.corpus.parent)
    code = "\nfrom ytcat.corpus import load\nprint('epoch', len(load(corpus).videos), corpus)"
    notebook(report.folder, "a", saving("a", code))
    _, _, said = report(wanted=["a"], corpus=report.corpus.name)
    assert f"a                    epoch 28 ../{report.corpus.name}" in said


def test_this_process_stays_where_it_is_while_a_chapter_runs_elsewhere(report, monkeypatch):
    """Chapters run side by side; a process has one working directory, where the next kernel would start."""
    here, change, places = Path.cwd(), os.chdir, set()

    def recorded(path):
        change(path)
        places.add(Path.cwd())

    monkeypatch.setattr(os, "chdir", recorded)
    where = f"\nimport os\nassert os.path.samefile('.', {str(paths.NOTEBOOKS)!r})"
    notebook(paths.NOTEBOOKS, "a", saving("a", where))
    report()
    assert places <= {here}


def test_what_a_kernel_logs_while_it_ends_is_not_shown(report):
    quiet = "\nimport logging\nassert not logging.getLogger('tornado.general').isEnabledFor(logging.ERROR)"
    notebook(report.folder, "a", saving("a", quiet))
    assert report(wanted=["a"])[1] == ["a"]


def test_the_startup_files_of_the_user_s_ipython_do_not_run(report, tmp_path, monkeypatch):
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("leaked = 1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook(report.folder, "a", saving("a", "\nassert 'leaked' not in globals()"))
    assert report(wanted=["a"])[1] == ["a"]


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of nbclient, whose kernel never was
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_kernel_that_does_not_start_is_told_in_a_sentence(report, tmp_path, monkeypatch):
    spec = tmp_path / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = [str(tmp_path / "no python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "x", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    with pytest.raises(
        ChapterError, match=r"the Jupyter kernel python3 did not start .*no python.*make doctor"
    ):
        report(wanted=["a"])


def test_what_a_notebook_is_told_in_a_sentence_is_told_without_its_lines(report):
    notebook(
        report.folder,
        "a",
        V4.new_code_cell("from ytcat.exceptions import YtcatError\nraise YtcatError('So it is.')"),
    )
    with pytest.raises(ChapterError) as error:
        report(wanted=["a"])
    assert str(error.value).splitlines()[0] == "a failed: So it is."
    assert "Traceback" not in str(error.value)


def test_a_full_disk_while_a_chapter_runs_is_told_and_the_chapter_before_stays(report):
    report()
    before = {path: path.read_bytes() for path in report.results.rglob("*") if path.is_file()}
    full = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
    full += "from ytcat.atomic_files import atomic_write\nfrom ytcat import paths\n"
    full += "atomic_write(paths.build_folder() / results / 'b' / 'metrics.json', 'x' * 1000)"
    notebook(report.folder, "b", V4.new_code_cell(full))
    with pytest.raises(ChapterError, match=r"b failed: .*File too large"):
        report()
    (report.results / "b.failed.ipynb").unlink()
    assert {path: path.read_bytes() for path in report.results.rglob("*") if path.is_file()} == before


LOCALE = """import sys
from pathlib import Path
from ytcat import paths
from ytcat.corpus import load
from ytcat.report import book, chapters, execute
from ytcat.report.profiles import RunSettings
folder, corpus = Path(sys.argv[1]), sys.argv[2]
paths.NOTEBOOKS, paths.PROFILES = folder / "notebooks", folder
chapters.CHAPTERS = (chapters.Chapter("a"),)
run = RunSettings(corpus, "mine")
loaded = load(corpus)
said = []
outcomes = execute.execute(run, loaded, said.append)
book._stage(run.folder / "book", outcomes)
"""


def test_text_is_utf8_in_any_locale(report, tmp_path, corpus_folder):
    """In the C locale without Python's UTF-8 mode: prose, code and outputs with other letters."""
    folder = corpus_folder(28, name="videos")
    notebook(
        report.folder,
        "a",
        V4.new_markdown_cell("# Tak\u00e9?"),
        saving("a", "\nprint('epoch \u00e9 \u2713')"),
    )
    environment = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", LOCALE, tmp_path, folder], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    page = tmp_path / "build" / "results" / "videos-mine-0" / "book" / "notebooks" / "a.ipynb"
    cells = nbformat.read(page, as_version=4).cells
    assert cells[-2].source == "# Tak\u00e9?"
    assert "epoch \u00e9 \u2713" in cells[-1].outputs[0].text
