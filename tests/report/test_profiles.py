"""Wrong parameters stop before any kernel starts, with the nearest right name."""

import pytest

from ytcat import paths
from ytcat.errors import YtcatError
from ytcat.report import profiles
from ytcat.report.chapters import CHAPTERS

IMAGE = next(chapter for chapter in CHAPTERS if chapter.name == "03_image_model")


@pytest.mark.parametrize("name", ["smoke", "demo", "full"])
def test_the_profiles_fit_the_notebooks(name):
    assert set(profiles.load_profile(name)) == {chapter.name for chapter in CHAPTERS}


@pytest.mark.parametrize(
    "given, says",
    [
        ({"epoch": 3}, "03_image_model has no parameter 'epoch'. Did you mean 'epochs'"),
        ({"epochs": "3"}, "wants epochs: int, got '3'"),
        ({"epochs": True}, "wants epochs: int, got True"),
        ({"train_batch_normalization": 1}, "wants train_batch_normalization: bool, got 1"),
        ({"zzz": 1}, "There is: corpus, split"),
    ],
)
def test_wrong_parameters_are_named(given, says):
    with pytest.raises(YtcatError, match=says):
        profiles.check_parameters(IMAGE, given, "somewhere")


def test_a_float_parameter_takes_a_whole_number():
    checked = profiles.check_parameters(IMAGE, {"dropout": 0}, "somewhere")
    assert checked["dropout"] == 0.0


@pytest.mark.parametrize(
    "content, says",
    [
        ("03_image_modle: {}", "no chapter '03_image_modle'. Did you mean '03_image_model'"),
        ("all: {sed: 1}", "Did you mean 'seed'"),
    ],
)
def test_wrong_profiles_are_named(tmp_path, monkeypatch, content, says):
    (tmp_path / "mine.yaml").write_text(content)
    monkeypatch.setattr(paths, "PROFILES", tmp_path)
    with pytest.raises(YtcatError, match=says):
        profiles.load_profile("mine")
    with pytest.raises(YtcatError, match=r"no profile 'mien'\. Did you mean 'mine'"):
        profiles.load_profile("mien")


def test_a_second_corpus_goes_to_the_chapters_that_read_one():
    import papermill

    for chapter in CHAPTERS:
        declared = papermill.inspect_notebook(str(chapter.notebook))
        assert chapter.reads_other == ("other" in declared), chapter.name


def test_every_notebook_documents_its_parameters():
    import papermill

    for chapter in CHAPTERS:
        declared = papermill.inspect_notebook(str(chapter.notebook))
        assert {"corpus", "split", "limit", "seed", "results"} <= set(declared), chapter.name
        assert all(p["help"] and p["inferred_type_name"] in profiles.TYPES for p in declared.values()), (
            chapter.name
        )
