"""Full disks, places that cannot be written to, kills, two at once: a sentence, and what was there stays."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from ytcat import cli, paths
from ytcat.report.execute import build_lock

HEADER = "video_id,category_id,p_1\n"


@contextmanager
def full_disk(limit=100):
    """No file may grow beyond some bytes: what is written beyond fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def ytcat(monkeypatch, capsys):
    """Calls the command line in this process: (exit status, stdout, stderr)."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["ytcat", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.app()
        return ended.value.code, *capsys.readouterr()

    return call


@pytest.fixture
def place(tmp_path, monkeypatch, corpus_folder):
    """The current folder, with a build folder and a corpus `tiny` of 42 videos."""
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    monkeypatch.chdir(tmp_path)
    corpus_folder(42)
    return tmp_path


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model of titles, trained for real."""
    from ytcat.corpus import load
    from ytcat.future_directions.better_models.trainer import TrainingSettings, train

    folder = tmp_path_factory.mktemp("trained")
    (folder / "c").mkdir()
    lines = [
        f"video_{i:05d},{'goal' if i % 2 else 'soup'} number {i},{17 if i % 2 else 26}" for i in range(20)
    ]
    (folder / "c" / "videos.csv").write_text("video_id,title,category_id\n" + "\n".join(lines) + "\n")
    train(load(folder / "c", folder / "build"), folder / "m", TrainingSettings("title_linear"))
    return folder / "m"


def contents(folder):
    return {
        path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"
    }


def check_refused(result, *says):
    code, _, stderr = result
    assert code == 1
    assert stderr.startswith("error: ") and "Traceback" not in stderr
    for words in says:
        assert words in stderr


TRIALS = (17, 26, 17)  # the answers of a person, in order


def answer_file(corpus, participant):
    """A person's answers as the experiment writes them."""
    from ytcat.human.events import Answer, Begin

    about = {"corpus": corpus.name, "corpus_sha256": corpus.sha256, "split": "random", "fold": 0}
    begin = Begin(participant=participant, limit=0, seed=1, **about)
    shown = [
        Answer(
            trial=n, video_id=f"video_{n:05d}", condition="text", response_ms=9, started=begin.at, answer=i
        )
        for n, i in enumerate(TRIALS, start=1)
    ]
    return "".join(event.model_dump_json() + "\n" for event in (begin, *shown))


# ---- a full disk

COMMANDS = {
    "corpus": ["corpus", "tiny"],
    "example": ["corpus", "--example", "mine"],
    "export": ["human", "export", "--corpus", "tiny", "--out", "trials.csv"],
    "predict": ["predict", "--model", "{model}", "--corpus", "tiny", "--out", "answers.csv"],
    "train": ["train", "--corpus", "tiny", "--out", "made", "--model", "title_linear"],
    "kaggle": ["data", "kaggle", "--from-file", "USvideos.csv", "--no-thumbnails", "--out", "fetched"],
    "merge": ["human", "merge", "p07.jsonl", "p08.jsonl", "--corpus", "tiny"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_told_in_a_sentence_and_leaves_what_was_there(ytcat, place, model, name):
    from ytcat.corpus import load

    if name != "corpus":
        sent = {f"{person}.jsonl": answer_file(load("tiny"), person) for person in ("p07", "p08")}
        for file, text in sent.items():
            (place / file).write_text(text)
    (place / "answers.csv").write_text(HEADER)
    (place / "trials.csv").write_text("participant,trial,rest\n")
    shutil.copy(place / "tiny" / "videos.csv", place / "USvideos.csv")
    if name == "kaggle":
        shutil.rmtree(place / "tiny")
    before = contents(place)
    with full_disk():
        result = ytcat(*(argument.format(model=model) for argument in COMMANDS[name]))
    check_refused(result, "The answers cannot be written" if name == "merge" else "File too large")
    assert contents(place) == before
    code, _, stderr = ytcat(*(argument.format(model=model) for argument in COMMANDS[name]))
    assert code == 0, stderr  # and when there is room again, it is done


# ---- places that cannot be written to


@contextmanager
def read_only(folder):
    """A prefix of a command for which a folder cannot be written to; root needs a mount of its own."""
    if os.geteuid():
        mode = folder.stat().st_mode
        folder.chmod(0o555)
        yield []
        folder.chmod(mode)
        return
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" && exec "$@"'
    prefix = ["unshare", "--mount", "sh", "-c", script, str(folder)]
    if shutil.which("unshare") is None or subprocess.run([*prefix, "true"], capture_output=True).returncode:
        pytest.skip("as root, a folder is only read-only by a mount, which is not allowed here")
    yield prefix


@pytest.mark.parametrize("name", ["corpus", "example", "export", "predict", "train"])
def test_a_place_that_cannot_be_written_to_is_told_in_a_sentence(place, model, name):
    before = contents(place)
    arguments = [argument.format(model=model) for argument in COMMANDS[name]]
    with read_only(place) as prefix:
        command = [*prefix, Path(sys.executable).with_name("ytcat"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=place)
    named = {"example": "error: mine", "predict": "error: answers.csv"}.get(name, str(place))
    check_refused((done.returncode, done.stdout, done.stderr), named, "YTCAT_BUILD=FOLDER")
    assert contents(place) == before


# ---- names that are no place


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "--out", "."], "give the name of a new folder"),
        (["train", "--out", "tiny/model", "--corpus", "tiny"], "would change tiny"),
        (
            ["train", "--out", "notes.txt/model", "--corpus", "tiny", "--model", "title_linear"],
            "Not a directory",
        ),
        (["human", "export", "--out", "."], "give the name of a new file"),
        (["human", "export", "--out", "build/human/x.csv"], "answers of people"),
        (["human", "export", "--out", "tiny/videos.csv", "--corpus", "tiny"], "would change tiny"),
        (["predict", "--model", "m", "--corpus", "tiny", "--out", "."], "give the name of a new file"),
        (["predict", "--model", "m", "--corpus", "tiny", "--out", "m/model.json"], "would change m"),
        (["predict", "--model", "m", "--corpus", "tiny", "--out", "tiny/x.csv"], "would change tiny"),
        (["predict", "--model", "m", "--corpus", "tiny", "--out", "notes.txt"], "no earlier output"),
        (["predict", "--model", "nowhere", "--title", "a"], "nowhere is no model folder"),
        (["predict", "--model", "m", "--corpus", "nowhere", "--out", "b.csv"], "no corpus folder nowhere"),
        (["predict", "--model", "m", "--thumbnail", "nowhere.jpg"], "nowhere.jpg cannot be read"),
        (["corpus", "--example", "tiny"], "lies in the corpus folder"),
        (["corpus", "tiny", "--example", "mine"], "not both"),
        (["data", "thumbnails", "~/c"], "your shell has left the ~"),
        (["corpus", "nowhere"], "There is no corpus folder nowhere"),
        (["data", "kaggle", "--from-file", "a.csv", "--out", "a.csv"], "would change a.csv"),
        (["data", "youtube", "--out", "build/human/a"], "answers of people"),
        (["data", "thumbnails", "build/human"], "answers of people"),
    ],
)
def test_a_place_that_may_not_be_written_is_refused_before_anything_is_opened(ytcat, place, arguments, says):
    (place / "m").mkdir()
    (place / "m" / "model.json").write_text("{}")
    (place / "notes.txt").write_text("mine")
    (place / "a.csv").write_text("video_id,title,category_id\n")
    before = {path for path in place.rglob("*") if "build" not in path.parts}
    check_refused(ytcat(*arguments), says)
    assert {path for path in place.rglob("*") if "build" not in path.parts} == before
    assert (place / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "arguments",
    [
        ["corpus", "tiny"],
        ["notebooks", "--corpus", "tiny", "--chapter", "deck"],
        ["run", "deck", "--corpus", "tiny"],
        ["sweep", "--chapters", "text", "--corpus", "tiny"],
        ["book", "--second-corpus", "tiny"],
        ["train", "--corpus", "tiny", "--out", "m", "--model", "title_linear"],
        ["human", "export", "--corpus", "tiny", "--out", "t.csv"],
        ["record", "tiny"],
        ["data", "thumbnails", "tiny"],
    ],
)
def test_a_build_folder_in_the_corpus_is_refused_before_anything_is_written(
    ytcat, place, monkeypatch, arguments
):
    monkeypatch.setenv("YTCAT_BUILD", str(place / "tiny" / "build"))
    before = set(place.rglob("*"))
    check_refused(ytcat(*arguments), "lies inside the corpus folder" if arguments[0] != "data" else "answers")
    assert set(place.rglob("*")) == before


def test_a_time_of_the_build_that_is_none_is_named(ytcat, place, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    shutil.copy(place / "tiny" / "videos.csv", place / "USvideos.csv")
    check_refused(ytcat(*COMMANDS["kaggle"]), "SOURCE_DATE_EPOCH=yesterday is no time")


def test_a_wrong_model_folder_is_told_before_tensorflow_is_imported(place):
    code = (
        "import sys; from ytcat.cli import app; sys.argv[1:] = ['predict', '--model', 'x', '--title', 'a'];"
    )
    code += "sys.excepthook = lambda *_: None;"
    code += (
        "import atexit; atexit.register(lambda: print({'pandas', 'tensorflow', 'keras'} & set(sys.modules)))"
    )
    code += "; app()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "set()\n")
    assert done.stderr.startswith("error: x is no model folder")


def test_a_fault_is_told_in_a_sentence_with_its_traceback_in_a_file(ytcat, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("ytcat.corpus.load", lambda source: 1 / 0)
    check_refused(ytcat("corpus"), "ZeroDivisionError", "please report it")
    assert "ZeroDivisionError" in next(tmp_path.glob("ytcat-*.txt")).read_text()


def test_a_thumbnail_that_the_model_does_not_read_is_told_and_looked_at_all_the_same(ytcat, place, model):
    picture = next((place / "tiny" / "thumbnails").iterdir())
    code, stdout, _ = ytcat("predict", "--model", model, "--title", "goal", "--thumbnail", picture)
    assert (code, stdout.splitlines()[0]) == (0, "from the title, since this model reads no thumbnails:")
    (place / "page.jpg").write_text("<html>")
    refused = ytcat("predict", "--model", model, "--title", "goal", "--thumbnail", "page.jpg")
    check_refused(refused, "page.jpg cannot be read as a thumbnail: not a readable picture")


# ---- killed in the middle

# Calls a command in a child process that is killed at the first change of a file, the second and so on,
# until none is left, and each time once more, not killed; keeps what each call leaves, and how it ends.
KILLED = """import importlib, os, shutil, signal, sys
from pathlib import Path
from ytcat import cli
before, place, *arguments = sys.argv[1:]
for module in MODULES.get(arguments[0], ()):
    importlib.import_module(module)  # once
CHANGES = {"os.rename", "os.mkdir", "os.remove", "os.rmdir"}
def run(number):
    count = 0
    def kill(event, details):
        nonlocal count
        writes = event == "open" and isinstance(details[2], int) and details[2] & (os.O_WRONLY | os.O_RDWR)
        if (event in CHANGES or writes) and os.path.abspath(str(details[0])).startswith(place + os.sep):
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
    os.chdir(place)
    sys.addaudithook(kill)
    sys.argv = ["ytcat", *arguments]
    try:
        cli.app()
    except SystemExit as end:
        sys.stderr.flush()
        os._exit(end.code or 0)
def call(number, left):
    child = os.fork()
    if child == 0:
        error = os.open(left + ".txt", os.O_WRONLY | os.O_CREAT)
        os.dup2(error, 2)
        run(number)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    shutil.copytree(place, left)
    return code
for number in range(1, 200):
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(before, place)
    first = call(number, f"{place}-{number}-killed")
    print(number, first, call(0, f"{place}-{number}-again"), flush=True)
    if first == 0:
        break
"""
MODULES = {
    "corpus": ["ytcat.corpus", "ytcat.corpus.demo.example", "pandera.pandas"],
    "human": ["ytcat.human.merge", "pandera.pandas"],
    "predict": ["ytcat.runs", "ytcat.future_directions.better_models.predictor"],
    "train": ["ytcat.future_directions.better_models.trainer", "pandera.pandas"],
}
KILLS = ("corpus", "merge", "example", "export", "predict", "train")
WHOLE_FOLDERS = {"mine": {"videos.csv", "thumbnails"}, "made": {"README.md", "arrays.npz", "model.json"}}


def check_whole(work, before):
    """Inputs are as they were; an output is as it was before, or whole."""
    now = contents(work)
    unchanged = {path for path in before if path.parts[0] not in ("build", "answers.csv", "trials.csv")}
    assert {path: now[work / path] for path in unchanged} == {path: before[path] for path in unchanged}
    for name, files in WHOLE_FOLDERS.items():
        if (work / name).exists():
            assert {path.name for path in (work / name).iterdir()} == files
    for name, n_lines in (("answers.csv", 1 + 42), ("trials.csv", 1 + len(TRIALS))):
        assert now[work / name] == before[Path(name)] or now[work / name].count(b"\n") == n_lines
    for path in work.glob("build/human/*/*.jsonl"):
        assert path.read_text() == (work / path.name).read_text()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in ("export", "predict") else pytest.mark.slow)  # many changes
        for name in KILLS
    ],
)
def test_what_is_killed_at_any_change_of_a_file_leaves_all_or_nothing(
    place, tmp_path_factory, monkeypatch, model, name
):
    """Killed at each write, rename and removal: what was there stays, and a second call finishes."""
    from ytcat.corpus import load
    from ytcat.human.store import path_of

    corpus = load("tiny")
    for person in ("p07", "p08"):
        (place / f"{person}.jsonl").write_text(answer_file(corpus, person))
    if name == "corpus":
        shutil.rmtree(place / "build")
    elif name == "export":
        path_of(corpus, "p07").parent.mkdir(parents=True)
        shutil.copy(place / "p07.jsonl", path_of(corpus, "p07"))
    (place / "answers.csv").write_text(HEADER + "of an earlier call")
    (place / "trials.csv").write_text("participant,trial,rest\nof an earlier call")
    before = {path.relative_to(place): content for path, content in contents(place).items()}
    arguments = [argument.format(model=model) for argument in COMMANDS[name]]
    work = tmp_path_factory.mktemp("killed") / "work"
    monkeypatch.setenv("YTCAT_BUILD", str(work / "build"))
    script = f"MODULES = {MODULES}\n{KILLED}"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, place, work, *arguments],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    codes = [tuple(map(int, line.split())) for line in done.stdout.splitlines() if line[:1].isdigit()]
    assert len(codes) > 2 and codes[-1][1] == 0
    for number, first, second in codes:
        killed, again = (work.with_name(f"work-{number}-{call}") for call in ("killed", "again"))
        assert first == (-signal.SIGKILL if number < len(codes) else 0)
        check_whole(killed, before)
        # A folder that was whole when the process was killed is not written a second time.
        told = again.with_name(f"{again.name}.txt").read_text()
        assert second == 0 or "exists already" in told or "mine lies in the corpus folder" in told, told
        check_whole(again, before)
        if name in ("corpus", "train"):
            assert not list(again.rglob(".*.tmp"))


# ---- two at once


def test_the_second_training_into_one_folder_is_refused(ytcat, place, model):
    checkpoints = place / ".made-checkpoints"
    checkpoints.mkdir()
    (checkpoints / "epoch-0001").write_text("of the first training")
    before = contents(place / "tiny")
    with FileLock(checkpoints / "lock"):
        check_refused(ytcat(*COMMANDS["train"]), "Another training is writing to made")
    assert (checkpoints / "epoch-0001").exists()
    assert contents(place / "tiny") == before
    code, stdout, _ = ytcat(*COMMANDS["train"])
    assert (code, checkpoints.exists()) == (0, False)
    assert "made: the model" in stdout
    check_refused(ytcat(*COMMANDS["train"]), "made exists already")


@pytest.mark.parametrize("command", ["record", "tune"])
def test_what_writes_to_the_reference_runs_waits_for_a_build(place, command):
    with build_lock():
        process = subprocess.Popen(
            [Path(sys.executable).with_name("ytcat"), command, "tiny"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=place,
        )
        assert "waiting until it has ended" in process.stdout.readline()
        process.kill()
        process.wait()
        process.stdout.close()
    assert not (paths.BOOK / "reference_runs" / "tiny").exists()
