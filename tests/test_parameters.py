"""Wrong parameters stop before any kernel starts, and in a notebook that somebody runs by hand."""

import subprocess
import sys

import nbformat
import papermill
import pytest
import yaml
from papermill.exceptions import PapermillExecutionError

from ytcat import parameters
from ytcat.exceptions import YtcatError
from ytcat.report.chapters import CHAPTERS

IMAGE = next(chapter for chapter in CHAPTERS if chapter.name == "03_image_model")
NAME = IMAGE.name
DECLARED = parameters.declared_by(IMAGE.notebook)


@pytest.mark.parametrize(
    "given, says",
    [
        ({"epoch": 3}, "03_image_model has no parameter 'epoch'. Did you mean 'epochs'"),
        ({"epochs": "3"}, "wants epochs: int, got '3'"),
        ({"epochs": True}, "wants epochs: int, got True"),
        ({"train_batch_normalization": 1}, "wants train_batch_normalization: bool, got 1"),
        ({"fold": 5}, "got fold = 5, but it should be less than or equal to 4"),
        ({"fold": -1}, "got fold = -1, but it should be greater than or equal to 0"),
        ({"epochs": 0}, "got epochs = 0"),
        ({"learning_rate": 0.0}, "got learning_rate = 0.0"),
        ({"dropout": 1.0}, "got dropout = 1.0, but it should be less than 1"),
        ({"split": "chanel"}, "got split = 'chanel', but it should be 'random', 'channel' or 'time'"),
        ({"zzz": 1}, "There is: corpus, split"),
    ],
)
def test_wrong_parameters_are_named(given, says):
    with pytest.raises(YtcatError, match=says):
        parameters.check(NAME, DECLARED, given, "somewhere")


def test_a_parameter_that_no_chapter_knows_is_named_with_the_nearest():
    with pytest.raises(
        YtcatError, match=r"declares 'epohcs', which no chapter knows\. Did you mean 'epochs'"
    ):
        parameters.check(NAME, {"epohcs": "int"}, {"epohcs": 3}, "somewhere")


def test_a_float_parameter_takes_a_whole_number():
    checked = parameters.check(NAME, DECLARED, {"dropout": 0}, "somewhere")
    assert checked["dropout"] == 0.0
    assert isinstance(checked["dropout"], float)


def test_a_split_may_be_given_by_an_earlier_name():
    assert parameters.check(NAME, DECLARED, {"split": "slides"}, "somewhere") == {"split": "random"}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_every_notebook_declares_known_parameters_by_type_default_and_help(chapter):
    inspected = papermill.inspect_notebook(str(chapter.notebook))
    declared = parameters.declared_by(chapter.notebook)
    assert declared == {name: about["inferred_type_name"] for name, about in inspected.items()}
    assert "results" in declared
    assert all(about["help"] for about in inspected.values())
    namespace = {"__annotations__": {name: parameters.TYPES[kind] for name, kind in declared.items()}}
    namespace |= {name: eval(about["default"]) for name, about in inspected.items()}
    assert parameters.of_namespace(chapter.name, namespace).keys() == declared.keys()


def test_a_name_has_one_type_in_all_notebooks():
    types: dict[str, set[str]] = {}
    for chapter in CHAPTERS:
        for name, kind in parameters.declared_by(chapter.notebook).items():
            types.setdefault(name, set()).add(kind)
    assert {name: kinds for name, kinds in types.items() if len(kinds) > 1} == {}
    assert types.keys() == parameters.KNOWN.keys()


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A function that runs a tiny notebook through plain papermill and returns what its last cell printed."""
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    v4 = nbformat.v4
    declared = """results: str = "here"  # where
split: str = "random"  # how
epochs: int = 3  # how many
dropout: float = 0.5  # how much"""
    cells = [
        v4.new_code_cell(declared, metadata={"tags": ["parameters"]}),
        v4.new_code_cell(
            'from ytcat import runs\nrun = runs.begin("tiny", globals())\nprint(run.parameters)'
        ),
    ]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    path = tmp_path / "tiny.ipynb"
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)

    def run(**given):
        executed = papermill.execute_notebook(
            path, tmp_path / "out.ipynb", given, progress_bar=False, kernel_name="python3"
        )
        return executed.cells[-1].outputs[0].text

    return run


@pytest.mark.parametrize(
    "given, says",
    [
        ({"epoch": 4}, "tiny has no parameter 'epoch'. Did you mean 'epochs'"),
        ({"epochs": "4"}, "tiny wants epochs: int, got '4'"),
        ({"dropout": 1.5}, "tiny got dropout = 1.5, but it should be less than 1"),
        ({"split": "chanel"}, "tiny got split = 'chanel', but it should be 'random', 'channel' or 'time'"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*")  # of papermill and its kernel's sockets
def test_plain_papermill_refuses_wrong_parameters(notebook, given, says):
    with pytest.raises(PapermillExecutionError) as error:
        notebook(**given)
    assert error.value.ename == "YtcatError"
    assert says in error.value.evalue


@pytest.mark.filterwarnings("ignore:.*")
def test_plain_papermill_runs_with_the_notebook_s_own_parameters_and_with_an_alias(notebook):
    own = {"results": "here", "split": "random", "epochs": 3, "dropout": 0.5}
    assert notebook() == f"{own}\n"
    assert notebook(split="slides", dropout=0) == f"{own | {'dropout': 0.0}}\n"


@pytest.mark.filterwarnings("ignore:.*")
def test_plain_papermill_takes_a_corpus_as_seen_from_where_one_is(tmp_path, monkeypatch, corpus_folder):
    """The notebook lies elsewhere; the command is called beside the corpus."""
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    corpus_folder(28)
    v4, kernel = nbformat.v4, {"name": "python3", "language": "python", "display_name": "Python 3"}
    declared = 'corpus: str = "demo"  # which\nresults: str = "here"  # where'
    begin = 'from ytcat import runs\nprint(len(runs.begin("tiny", globals()).corpus.videos))'
    cells = [v4.new_code_cell(declared, metadata={"tags": ["parameters"]}), v4.new_code_cell(begin)]
    (tmp_path / "elsewhere").mkdir()
    path = tmp_path / "elsewhere" / "tiny.ipynb"
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    command = [sys.executable, "-m", "papermill", path, tmp_path / "out.ipynb", "-p", "corpus", "tiny"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[-1].outputs[0].text == "28\n"


@pytest.mark.parametrize(
    "text, value",
    [
        ("epochs=3", 3),
        ("epochs=010", 10),
        ("learning_rate=1e-3", 0.001),
        ("learning_rate=1.0E-3", 0.001),
        ("learning_rate=.5", 0.5),
        ("dropout=0", 0.0),
        ("train_batch_normalization=True", True),
        ("train_batch_normalization=off", False),
        ("corpus=a/b=c", "a/b=c"),
        ("corpus='a b'", "a b"),
        ("corpus=yes", "yes"),
        ("split=slides", "random"),
    ],
)
def test_a_value_means_what_people_mean_by_it(tmp_path, text, value):
    """On the command line, and in a profile."""
    name = text.partition("=")[0]
    checked = parameters.check(NAME, DECLARED, parameters.from_texts([text]), "somewhere")
    assert checked == {name: value} and type(checked[name]) is type(value)
    profile = yaml.load(text.replace("=", ": ", 1), parameters.AsWritten)
    assert parameters.check(NAME, DECLARED, profile, "somewhere") == {name: value}


@pytest.mark.parametrize("text", ["epochs", "=3", ""])
def test_texts_that_are_no_parameters(text):
    with pytest.raises(YtcatError, match=r"name=value"):
        parameters.from_texts([text])


@pytest.mark.parametrize(
    "text", ["epochs=1e3", "epochs=3.0", "epochs=", "epochs=0x10", "learning_rate=nan", "learning_rate=1,5",
             "train_batch_normalization=1", "epochs=null"]
)  # fmt: skip
def test_a_text_of_another_type_is_refused_as_it_was_written(text):
    with pytest.raises(YtcatError, match=f"wants {text.partition('=')[0]}: .*{text.partition('=')[2]!r}"):
        parameters.check(NAME, DECLARED, parameters.from_texts([text]), "somewhere")


@pytest.mark.parametrize("second", ["epochs=4", " epochs = 3"])
def test_a_parameter_that_is_given_twice_is_refused(second):
    with pytest.raises(YtcatError, match="'epochs' is given twice"):
        parameters.from_texts(["epochs=3", second])
