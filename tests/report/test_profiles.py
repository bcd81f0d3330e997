"""What a run is, and wrong ones that stop before any kernel starts, with the nearest right name."""

import pickle

import pytest

from ytcat import parameters, paths
from ytcat.exceptions import YtcatError
from ytcat.report import profiles
from ytcat.report.chapters import CHAPTERS
from ytcat.report.profiles import RunSettings


@pytest.mark.parametrize("name", ["smoke", "demo", "full"])
def test_the_profiles_fit_the_notebooks(name):
    assert set(profiles.load_profile(name)) == {chapter.name for chapter in CHAPTERS}


@pytest.mark.parametrize(
    "content, says",
    [
        ("03_image_modle: {}", "no chapter '03_image_modle'. Did you mean '03_image_model'"),
        ("all: {sed: 1}", "no chapter has a parameter 'sed'. Did you mean 'seed'"),
        ("03_image_model: {epoch: 1}", "03_image_model has no parameter 'epoch'. Did you mean 'epochs'"),
        ("all: {limit: -1}", "got limit = -1"),
        ('03_image_model: {epochs: "3"}', r"wants epochs: int, got '3' \(str\)"),
        ("03_image_model: {epochs: [3]}", "wants epochs: int"),
        ("03_image_model: 3", "mine.yaml is no profile: give a chapter"),
        ("- a", "mine.yaml is no profile: give a chapter"),
        ("a: [", "mine.yaml cannot be read"),
        ("all: {seed: 1, limit: 2, seed: 3}", "mine.yaml cannot be read .*'seed' comes twice"),
        ("all: {}\n04_text_model: {}\nall: {}\n", "mine.yaml cannot be read .*'all' comes twice"),
        ("all: " + "[" * 3000, "mine.yaml cannot be read"),
    ],
)
def test_wrong_profiles_are_named(tmp_path, monkeypatch, content, says):
    (tmp_path / "mine.yaml").write_text(content)
    monkeypatch.setattr(paths, "PROFILES", tmp_path)
    with pytest.raises(YtcatError, match=says):
        RunSettings(profile="mine")
    with pytest.raises(YtcatError, match=r"no profile 'mien'\. Did you mean 'mine'"):
        RunSettings(profile="mien")


@pytest.mark.parametrize(
    "settings, results",
    [
        ({}, "results/demo-demo-0"),
        ({"profile": "smoke", "seed": 3}, "results/demo-smoke-3"),
        ({"corpus": "some/where/us-2020", "profile": "full"}, "results/us-2020-full-0"),
        ({"corpus": "../there/tiny", "split": "channel", "fold": 2}, "results/tiny-demo-channel2-0"),
        ({"split": "slides"}, "results/demo-demo-0"),
        ({"split": "random", "fold": 1}, "results/demo-demo-0"),
        ({"split": "time"}, "results/demo-demo-time0-0"),
        (
            {"chapters": ("04_text_model",), "changes": ("epochs=3", "dropout=0.2")},
            "results/demo-demo-0-epochs=3-dropout=0.2",
        ),
    ],
)
def test_the_same_run_has_the_same_results_folder(settings, results, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path))
    run = RunSettings(**settings)
    assert run.results == results
    assert run.folder == tmp_path / results
    again = RunSettings(**settings)
    assert run == again
    assert hash(run) == hash(again)
    assert pickle.loads(pickle.dumps(run)).parameters == run.parameters


def test_a_chapter_gets_the_parameters_that_it_declares_and_no_others():
    run = RunSettings("us", "smoke", 7, "channel", 2, second_corpus="elsewhere")
    given = {"corpus": "us", "second_corpus": "elsewhere", "seed": 7, "split": "channel", "fold": 2}
    given |= {"results": "results/us-smoke-channel2-7", "interactive": False, "limit": 210}
    for chapter in CHAPTERS:
        declared = parameters.declared_by(chapter.notebook)
        own = run.parameters[chapter.name]
        assert own.keys() <= declared.keys()
        assert given.keys() & declared.keys() <= own.keys()
        assert all(own[name] == value for name, value in given.items() if name in own), chapter.name


def test_a_change_is_for_its_chapter_but_for_what_chapters_that_read_each_other_share():
    run = RunSettings(chapters=("05_fusion",), changes=("epochs=3", "limit=300", "split=slides"))
    assert run.parameters["05_fusion"]["epochs"] == 3
    assert "epochs" not in run.parameters["04_text_model"]
    for chapter in ("03_image_model", "04_text_model", "05_fusion"):
        assert run.parameters[chapter]["limit"] == 300
        assert run.parameters[chapter]["split"] == "random"


@pytest.mark.parametrize(
    "settings, says",
    [
        ({"split": "chanel"}, "split = 'chanel', but it should be 'random', 'channel' or 'time'"),
        ({"fold": 5}, "got fold = 5"),
        ({"seed": -1}, "got seed = -1"),
        ({"changes": ("epoch=3",)}, "04_text_model has no parameter 'epoch'. Did you mean 'epochs'"),
        ({"changes": ("epochs=many",)}, "wants epochs: int, got 'many'"),
        ({"changes": ("results=here",)}, "results is an option of its own"),
        ({"changes": ("epochs",)}, "give it as name=value"),
    ],
)
def test_wrong_settings_are_named(settings, says):
    with pytest.raises(YtcatError) as error:
        RunSettings(chapters=("04_text_model",), **settings)
    assert says in str(error.value)


def test_a_second_corpus_goes_to_the_chapters_that_read_two():
    declaring = [c.name for c in CHAPTERS if "second_corpus" in parameters.declared_by(c.notebook)]
    assert declaring == ["09_more_data", "12_other_years"]


def test_a_long_change_has_a_short_name(tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path))
    runs = [
        RunSettings(chapters=("11_your_own_videos",), changes=(f"title={'long ' * 90}{end}",)) for end in "ab"
    ]
    assert all(len(run.folder.name) < 60 for run in runs)
    assert runs[0].folder != runs[1].folder


def test_numbers_in_a_profile_are_decimal(tmp_path, monkeypatch):
    content = "03_image_model:\n  learning_rate: 1e-3\n  epochs: 010\n04_text_model:\n"
    (tmp_path / "mine.yaml").write_text(content)
    monkeypatch.setattr(paths, "PROFILES", tmp_path)
    given = RunSettings(profile="mine").parameters["03_image_model"]
    assert (given["learning_rate"], given["epochs"]) == (0.001, 10)
