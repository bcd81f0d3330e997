"""The kernels' settings are tried one at a time, out-of-fold, on training videos alone."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from ytcat import reference_runs
from ytcat.corpus import load, splits
from ytcat.future_directions.better_models import kernels, title_tuning, trainer, tuning
from ytcat.models import tuning as slides_tuning


def test_each_value_changes_one_setting_and_the_chosen_one_is_marked():
    rng = np.random.default_rng(0)
    labels = np.resize([0, 5, 9], 60)
    near = (np.eye(12)[labels] + rng.normal(0, 0.2, (60, 12))).astype(np.float32)
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    words = scipy.sparse.csr_matrix(near)
    table = tuning.try_kernels(kernels.Features(words, near, near), labels, np.arange(60) % 5)
    assert table.groupby("setting").size().to_dict() == dict.fromkeys(tuning.KERNEL_CHANGES, 3)
    assert table.groupby("setting")["chosen"].sum().eq(1).all()
    assert (table["n"] == 60).all() and (table["n_correct"] > 50).all() and (table["loss"] < 0.5).all()
    titles = tuning.try_kernels(kernels.Features(words, near, None), labels, np.arange(60) % 5)
    assert titles.equals(table[table["view"] == "title"])


@pytest.mark.slow
def test_titles_of_others_are_tried_without_the_test_and_a_killed_run_goes_on(
    corpus_folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(title_tuning, "N_FOLDS", 2)
    monkeypatch.setattr(trainer.TrainingSettings, "epochs", 1)
    own = load(corpus_folder(112, thumbnails=True))
    more = dataclasses.replace(
        own, name="more", videos=own.videos.assign(video_id="m" + own.videos["video_id"])
    )
    table = title_tuning.more_titles_tuning(own, [more], "random", tmp_path / "stored", (0.0, 0.5))
    models = ["title_linear", "title_kernel", "minilm", "best_title", "best"]
    assert table["model"].tolist() == models * 2
    assert table["weight"].tolist() == [0.0] * 5 + [0.5] * 5
    n = (splits.split(own.videos, "random") != "test").sum()
    assert (table["n"] == n).all() and (table["n_correct"] <= n).all()
    # Titles that are the own ones, under other ids, are known by heart.
    linear = table[table["model"] == "title_linear"].set_index("weight")["n_correct"]
    assert linear[0.5] > linear[0.0]
    gains = table.set_index(["weight", "model"])
    assert not gains.loc[0.0, ["difference", "low", "high"]].to_numpy().any()
    gain = gains.loc[(0.5, "title_linear")]
    assert gain["difference"] == round((linear[0.5] - linear[0.0]) / n, 5)
    assert gain["low"] <= gain["difference"] <= gain["high"]
    fits = []
    monkeypatch.setattr(title_tuning.sentence_encoder, "fine_tune", lambda *_, **__: fits.append(1))
    again = title_tuning.more_titles_tuning(own, [more], "random", tmp_path / "stored", (0.0, 0.5))
    assert again.equals(table) and not fits


def test_by_time_only_what_is_older_has_been_learned_from():
    times = pd.to_datetime("2020-01-01") + pd.to_timedelta(np.random.default_rng(0).permutation(41), "D")
    videos = pd.DataFrame({"publish_time": times, "video_id": "v"})
    folds = title_tuning._folds(videos, "time")
    assert np.bincount(folds + 1).tolist() == [21, 10, 10]
    for fold in (0, 1):
        assert times[folds < fold].max() < times[folds == fold].min()


@pytest.mark.parametrize("thumbnails", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_all_tables_of_a_corpus_are_stored_beside_its_reference_runs(
    corpus_folder, tmp_path, monkeypatch, thumbnails
):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(reference_runs, "FOLDER", tmp_path / "reference_runs")
    monkeypatch.setattr(slides_tuning, "HEAD", slides_tuning.HEAD | {"side": 71})
    monkeypatch.setattr(slides_tuning, "HEAD_CHANGES", ({},))
    monkeypatch.setattr(slides_tuning, "NORMALIZATION", ())
    monkeypatch.setattr(slides_tuning, "TEXT_EPOCHS", 1)
    folder = tuning.tune(load(corpus_folder(112, thumbnails=thumbnails)))
    assert folder == tmp_path / "reference_runs" / "tiny"
    expected = {"kernel_tuning.csv", "image_tuning.csv", "fusion_tuning.csv"}
    assert {path.name for path in folder.iterdir()} == (
        expected if thumbnails else {"kernel_tuning.csv", "text_tuning.csv"}
    )
