"""A run's figures follow from its predictions, and its files are those that it wrote."""

import json

import pandas as pd
import pytest

from tiny_runs import ACCURACIES, make_corpus, save_run
from ytcat.atomic_files import sha256_file
from ytcat.exceptions import YtcatError
from ytcat.reference_runs.verify import all_runs, verify_run


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path))
    return [save_run(make_corpus(), chapter, "random", 0, 0) for chapter in ACCURACIES]


def test_every_run_is_found_and_every_figure_recomputed(folders, tmp_path):
    found = all_runs(tmp_path)
    assert sorted(run.folder for run in found) == sorted(folders)
    for run in found:
        n_models = len(ACCURACIES[run.folder.name])
        assert verify_run(run) >= 7 * n_models  # top-1, top-5, two intervals each, macro F1, ...


@pytest.mark.parametrize("name", ["predictions.parquet", "baselines.parquet", "history.csv", "metrics.json"])
@pytest.mark.parametrize("damage", ["cut", "missing"])
def test_a_file_that_is_not_the_runs_is_named(folders, tmp_path, name, damage):
    path = folders[0] / name
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-4])
    run = next(run for run in all_runs(tmp_path) if run.folder == folders[0])
    with pytest.raises(YtcatError, match=rf"{name}.*run {folders[0].name} again"):
        verify_run(run)


@pytest.mark.parametrize("of", ["model", "baseline"])
def test_a_figure_that_the_predictions_do_not_give_is_named(folders, tmp_path, of):
    """Even if somebody has put the changed file's hash into the manifest."""
    metrics, manifest = folders[0] / "metrics.json", folders[0] / "manifest.json"
    content = json.loads(metrics.read_text())
    changed = content if of == "model" else content["baselines"]["linear_probe"]
    changed["top1"] += 0.01
    metrics.write_text(json.dumps(content))
    about = json.loads(manifest.read_text())
    about["sha256"]["metrics.json"] = sha256_file(metrics)
    manifest.write_text(json.dumps(about))
    run = next(run for run in all_runs(tmp_path) if run.folder == folders[0])
    with pytest.raises(YtcatError, match=r"top1 is 0\.\d+, the predictions say"):
        verify_run(run)


def test_other_predictions_do_not_give_the_figures(folders, tmp_path):
    path, manifest = folders[0] / "predictions.parquet", folders[0] / "manifest.json"
    table = pd.read_parquet(path)
    table.loc[0, "y_true"] = table.loc[table["y_true"] != table.loc[0, "y_true"], "y_true"].iloc[0]
    table.to_parquet(path, index=False)
    about = json.loads(manifest.read_text())
    about["sha256"]["predictions.parquet"] = sha256_file(path)
    manifest.write_text(json.dumps(about))
    run = next(run for run in all_runs(tmp_path) if run.folder == folders[0])
    with pytest.raises(YtcatError, match="the predictions say"):
        verify_run(run)
