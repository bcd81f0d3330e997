"""The seconds of recorded runs, read from manifests."""

import json

import pytest

from ytcat import reference_runs
from ytcat.reference_runs import seconds


@pytest.fixture
def folder(all_recorded, tmp_path, monkeypatch):
    """A copy of the recorded runs of the tiny corpus, which `reference_runs` reads."""
    folder = tmp_path / "recorded" / "tiny"
    folder.mkdir(parents=True)
    for path in all_recorded[1].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(reference_runs, "FOLDER", tmp_path / "recorded")
    return folder


def test_seconds_are_those_of_the_manifests_by_chapter(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    for number, run in enumerate(run for run in manifest["runs"] if run["chapter"] == "04_text_model"):
        run["seconds"] = 10.0 * (number + 1)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    table = seconds.by_chapter().set_index("chapter")
    assert table.loc["04_text_model", ["runs", "seconds", "least", "most"]].tolist() == [5, 30, 10, 50]
    assert table.loc["04_text_model", "models"] == ["majority", "stratified_guess", "text", "tfidf"]
    assert table.loc["07_better_models", "models"] == ["title_linear", "best_title", "best"]
    trained = [run["n_train"] for run in manifest["runs"] if run["chapter"] == "04_text_model"]
    assert table.loc["04_text_model", "n_train"] == pytest.approx(sum(trained) / 5)


def test_seconds_of_a_model_are_the_median_of_its_timed_runs(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    for run in manifest["runs"]:
        run["seconds_by_model"] = {}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert seconds.by_model().empty
    for number, run in enumerate(run for run in manifest["runs"] if run["chapter"] == "04_text_model"):
        run["seconds_by_model"] = {
            "text": {"training": 10.0 * number, "prediction": 1.0},
            "tfidf": {"training": 2.0},
        }
        if number == 4:
            del run["seconds_by_model"]  # recorded before models were timed
    (folder / "manifest.json").write_text(json.dumps(manifest))
    table = seconds.by_model().set_index("model")
    assert table.loc["text", ["corpus", "runs", "training", "prediction"]].tolist() == ["tiny", 4, 15, 1]
    assert table.loc["tfidf", "training"] == 2
    assert table["prediction"].isna().tolist() == [False, True]
