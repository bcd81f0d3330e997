"""The seconds of recorded runs, read from manifests."""

import json

import pytest

from ytcat import reference_runs
from ytcat.reference_runs import seconds


def test_seconds_are_those_of_the_manifests_by_chapter(all_recorded, tmp_path, monkeypatch):
    folder = tmp_path / "recorded" / "tiny"
    folder.mkdir(parents=True)
    for path in all_recorded[1].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    manifest = json.loads((folder / "manifest.json").read_text())
    for number, run in enumerate(run for run in manifest["runs"] if run["chapter"] == "04_text_model"):
        run["seconds"] = 10.0 * (number + 1)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(reference_runs, "FOLDER", tmp_path / "recorded")
    table = seconds.by_chapter().set_index("chapter")
    assert table.loc["04_text_model", ["runs", "seconds", "least", "most"]].tolist() == [5, 30, 10, 50]
    assert table.loc["04_text_model", "models"] == ["majority", "stratified_guess", "text", "tfidf"]
    assert table.loc["07_better_models", "models"] == ["title_linear", "best_title", "best"]
    trained = [run["n_train"] for run in manifest["runs"] if run["chapter"] == "04_text_model"]
    assert table.loc["04_text_model", "n_train"] == pytest.approx(sum(trained) / 5)
