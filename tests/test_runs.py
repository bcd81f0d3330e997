"""A run is written whole or not at all, and can be read back."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ytcat import runs
from ytcat.categories import IDS, N_CATEGORIES
from ytcat.corpus import Corpus
from ytcat.exceptions import YtcatError

CORPUS = Corpus("tiny", False, Path(), pd.DataFrame(), None, "c0ffee", Path())


@pytest.fixture
def predictions():
    rng = np.random.default_rng(0)
    return runs.predictions_table(
        np.arange(50), np.full(50, "test"), rng.integers(0, 14, 50), rng.dirichlet(np.ones(14), 50)
    )


def save(folder, predictions, **metrics):
    parameters = {"results": str(folder), "corpus": "somewhere", "seed": 3, "split": "random"}
    chapter = runs.begin("03_image_model", CORPUS, parameters)
    chapter.save(
        {"top1": 0.5} | metrics, predictions, {"Majority class": predictions}, pd.DataFrame({"epoch": [1]})
    )
    return runs.finished_run(folder, "03_image_model")


def test_predictions_follow_the_contract(predictions):
    assert list(predictions.columns) == ["row", "split", "y_true", *[f"p_{i}" for i in IDS]]
    assert set(predictions["y_true"]) <= set(IDS)
    assert runs.probabilities(predictions).shape == (50, N_CATEGORIES)
    with pytest.raises(ValueError, match="sum to 1"):
        runs.predictions_table(np.arange(1), np.array(["test"]), np.array([0]), np.ones((1, 14)))


def test_what_is_saved_comes_back(tmp_path, predictions):
    run = save(tmp_path, predictions, confusion=np.eye(2, dtype=int))
    assert run.metrics == {"top1": 0.5, "confusion": [[1, 0], [0, 1]]}
    pd.testing.assert_frame_equal(run.predictions, predictions)
    assert run.history["epoch"].tolist() == [1]
    manifest = run.manifest
    assert manifest["seed"] == 3
    assert manifest["parameters"] == {"seed": 3, "split": "random"}
    assert manifest["sha256"]["corpus"] == "c0ffee"
    assert {"parameters", "code", "lock", "metrics.json", "predictions.parquet"} <= set(manifest["sha256"])
    assert manifest["versions"]["tensorflow"]
    assert manifest["processor"]
    assert set(manifest["git"]) == {"commit", "dirty"}


def test_a_failed_save_leaves_the_run_before(tmp_path, predictions):
    save(tmp_path, predictions)
    with pytest.raises(TypeError, match="cannot be written to JSON"):
        save(tmp_path, predictions, wrong=object())
    assert runs.finished_run(tmp_path, "03_image_model").metrics == {"top1": 0.5}
    assert [path.name for path in tmp_path.iterdir()] == ["03_image_model"]
    save(tmp_path, predictions, again=True)
    assert runs.finished_run(tmp_path, "03_image_model").metrics["again"]
    assert [path.name for path in tmp_path.iterdir()] == ["03_image_model"]


def test_a_missing_run_is_named_with_the_remedy(tmp_path):
    assert runs.finished(tmp_path, "04_text_model") is None
    with pytest.raises(YtcatError, match=r"04_text_model.*make notebooks"):
        runs.finished_run(tmp_path, "04_text_model")


@pytest.mark.parametrize(
    "changes, says",
    [
        ({"split": "channel"}, "another split than"),
        ({"seed": 4}, "another seed than"),
        ({"sha256": "other", "limit": 9}, "another corpus and limit than"),
    ],
)
def test_a_run_of_another_corpus_or_split_is_not_read(tmp_path, predictions, changes, says):
    save(tmp_path, predictions)
    same = {"results": str(tmp_path), "seed": 3, "split": "random"}
    assert runs.begin("05_fusion", CORPUS, same).read("03_image_model").metrics == {"top1": 0.5}
    corpus = dataclasses.replace(CORPUS, sha256=changes.pop("sha256", CORPUS.sha256))
    with pytest.raises(YtcatError, match=rf"{says} this chapter's: run notebooks/03_image_model\.ipynb"):
        runs.begin("05_fusion", corpus, same | changes).read("03_image_model")


def test_model_metrics_are_those_of_the_predictions(predictions):
    figures = runs.model_metrics("image", "random", predictions, np.array([2, 2, 1]), {"same": predictions})
    matrix = figures["confusion"]
    assert matrix.sum() == figures["n_test"] == 50
    assert figures["top1"] == matrix.trace() / 50 == figures["baselines"]["same"]["top1"]
    assert figures["majority_top1"] == (predictions["y_true"] == IDS[2]).mean()
    assert figures["n_train"] == 3
    json.dumps(figures, default=lambda array: array.tolist())


def test_tables_are_kept_beside_the_metrics(tmp_path):
    chapter = runs.begin("09_more_data", CORPUS, {"results": str(tmp_path)})
    curve = pd.DataFrame({"n": [250, 500], "top1": [0.25, 1 / 3]})
    chapter.save({}, tables={"curve": curve})
    found = runs.finished_run(tmp_path, "09_more_data")
    pd.testing.assert_frame_equal(found.table("curve"), curve)
    assert "curve.csv" in found.manifest["sha256"]


def test_checkpoints_are_those_of_this_run_and_are_gone_when_it_is_saved(tmp_path, predictions):
    same = {"results": str(tmp_path), "seed": 3, "corpus": "anywhere"}

    def begun(**changed):
        corpus = dataclasses.replace(CORPUS, sha256=changed.pop("sha256", CORPUS.sha256))
        return runs.begin("04_text_model", corpus, same | changed)

    first = begun()
    first.checkpoints.mkdir(parents=True)
    (first.checkpoints / "epoch-0001").write_text("kept")
    assert first.checkpoints.is_relative_to(tmp_path)
    assert begun(corpus="elsewhere").checkpoints == first.checkpoints
    others = {begun(**changed).checkpoints for changed in ({"seed": 4}, {"sha256": "other"}, {"epochs": 1})}
    others.add(dataclasses.replace(first, code_sha256="edited").checkpoints)
    assert len(others | {first.checkpoints}) == 5
    assert not first.checkpoints.exists()  # the other runs removed it
    for chapter in (begun(), runs.begin("03_image_model", CORPUS, same)):
        (chapter.checkpoints / "text").mkdir(parents=True)
    begun().save({})
    kept = [".03_image_model-checkpoints", "04_text_model"]
    assert sorted(path.name for path in tmp_path.iterdir()) == kept
