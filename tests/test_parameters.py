"""Wrong parameters stop before any kernel starts, with the nearest right name."""

import papermill
import pytest

from ytcat import parameters
from ytcat.exceptions import YtcatError
from ytcat.report.chapters import CHAPTERS

IMAGE = next(chapter for chapter in CHAPTERS if chapter.name == "03_image_model")


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
        parameters.check(IMAGE, given, "somewhere")


def test_a_float_parameter_takes_a_whole_number():
    checked = parameters.check(IMAGE, {"dropout": 0}, "somewhere")
    assert checked["dropout"] == 0.0


def test_every_notebook_documents_its_parameters():
    for chapter in CHAPTERS:
        declared = papermill.inspect_notebook(str(chapter.notebook))
        assert {"corpus", "split", "limit", "seed", "results"} <= set(declared), chapter.name
        assert all(p["help"] and p["inferred_type_name"] in parameters.TYPES for p in declared.values()), (
            chapter.name
        )


def test_every_number_has_a_range():
    for chapter in CHAPTERS:
        for name, declared in papermill.inspect_notebook(str(chapter.notebook)).items():
            if declared["inferred_type_name"] in ("int", "float"):
                assert name in parameters.RANGES, (chapter.name, name)


@pytest.mark.parametrize(
    "texts, found",
    [
        (["epochs=3"], {"epochs": 3}),
        (["learning_rate=1.0e-3", "other=a/b"], {"learning_rate": 0.001, "other": "a/b"}),
        (["mirrored=true", "title=a=b"], {"mirrored": True, "title": "a=b"}),
    ],
)
def test_parameters_as_texts(texts, found):
    assert parameters.from_texts(texts) == found


@pytest.mark.parametrize("text", ["epochs", "=3", "title=[", ""])
def test_texts_that_are_no_parameters(text):
    with pytest.raises(YtcatError, match=r"name=value|cannot be read"):
        parameters.from_texts([text])
