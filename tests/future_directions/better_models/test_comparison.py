"""The better models' tables and sentences say what the answers say."""

import json

import numpy as np
import pandas as pd
import pytest

from ytcat import runs, slides
from ytcat.categories import N_CATEGORIES
from ytcat.future_directions.better_models import comparison
from ytcat.reference_runs import ReferenceRuns, read_all


@pytest.fixture
def answers():
    """200 videos; the best model is right on 150 of them, the title on 100 of these, one kernel on none."""
    labels = np.resize(np.arange(N_CATEGORIES), 200)
    right = {
        "best": np.arange(200) < 150,
        "best_title": np.arange(200) < 100,
        "joint_kernel": np.zeros(200, bool),
    }
    found = {}
    for name, its in right.items():
        answer = np.where(its, labels, (labels + 1) % N_CATEGORIES)
        found[name] = (0.1 / 13 + (0.9 - 0.1 / 13) * np.eye(N_CATEGORIES)[answer]).astype(np.float32)
    return labels, found


def test_against_counts_the_videos_that_only_one_has_right(answers):
    labels, found = answers
    channels = pd.Series([f"c{i // 2}" if i % 5 else None for i in range(200)])
    table = comparison.against(found, "best_title", labels, channels, seed=0).set_index("model")
    assert table.index.tolist() == ["joint_kernel", "best"]  # in the order of NAMES
    best = table.loc["best"]
    assert (best["n"], best["n_correct"], best["only_this"], best["only_other"]) == (200, 150, 50, 0)
    assert best["difference"] == pytest.approx(0.25)
    assert best["low"] < 0.25 < best["high"]
    assert best["channel_low"] < 0.25 < best["channel_high"]
    # Pairs of neighbours are right or wrong together, so whole channels vary more.
    assert best["channel_high"] - best["channel_low"] > best["high"] - best["low"]
    assert best["p"] == pytest.approx(2 * 0.5**50)
    assert (table.loc["joint_kernel", ["only_this", "only_other"]] == [0, 100]).all()
    shown = comparison.shown(table.reset_index())
    assert shown.loc[comparison.NAMES["best"], "difference"] == "+25.0"


def test_the_figure_has_people_slides_and_every_model_once(answers):
    labels, found = answers
    rows = np.arange(200)
    tables = {
        name: runs.predictions_table(rows, np.full(200, "test"), labels, p) for name, p in found.items()
    }
    best = tables.pop("best")
    figures = runs.model_metrics("best", "random", best, labels, tables)
    table = comparison.accuracies(figures, "top1")
    assert table["source"].tolist() == ["people", "slides", "slides", "baseline", "baseline", "this run"]
    assert table["value"].tolist()[:3] == [
        slides.HUMAN_ACCURACY["fusion"], slides.RESULTS["text"].top1, slides.RESULTS["fusion"].top1,
    ]  # fmt: skip
    assert table["value"].iloc[-1] == 0.75
    assert comparison.accuracies(figures, "top5")["source"].tolist()[0] == "slides"  # people gave one answer
    against = comparison.against(found, "best_title", labels, pd.Series([None] * 200), seed=0)
    said = comparison.conclusion(figures, against, 140, synthetic=True)
    assert "**75.0%** of 200 test videos" in said
    assert "**better than the people**" in said and "synthetic" in said
    assert "**not shown to be better than the people**" in comparison.conclusion(figures, against, 151, False)


def test_overfitting_is_read_from_the_last_epoch_of_each_seed(tmp_path):
    history = pd.DataFrame(
        {
            "model": ["text"] * 4 + ["best"],
            "split": "random",
            "fold": 0,
            "seed": [0, 0, 1, 1, 0],
            "epoch": [1, 2, 1, 2, 1],
            "accuracy": [0.1, 0.8, 0.1, 0.6, 0.9],
            "val_accuracy": [0.5, 0.4, 0.5, 0.2, 0.9],
        }
    )
    history.to_csv(tmp_path / "history.csv", index=False)
    table = comparison.overfitting([ReferenceRuns(tmp_path)])
    assert table.to_dict("records") == [
        {
            "corpus": tmp_path.name,
            "model": "Text model",
            "seeds": 2,
            "training": pytest.approx(0.7),
            "validation": pytest.approx(0.3),
        }
    ]


def test_recorded_models_overfit_and_the_table_holds_what_is_recorded(tmp_path):
    gaps = comparison.overfitting(read_all())
    assert {"us-2017", "us-2020"} <= set(gaps["corpus"])
    assert gaps["training"].between(0, 1).all() and gaps["validation"].between(0, 1).all()
    assert comparison.recorded_table(
        [ReferenceRuns(tmp_path)] if (tmp_path / "results.json").exists() else []
    ).empty
    entry = {"seeds": [0], "top1": 0.7, "top1_sd": None, "top1_low": 0.6, "top1_high": 0.8}
    entry |= {"top5": 0.9, "macro_f1": 0.5}
    (tmp_path / "results.json").write_text(json.dumps({"best": entry, "minilm": entry, "image": entry}))
    table = comparison.recorded_table([ReferenceRuns(tmp_path)]).reset_index()
    assert table["model"].tolist() == [comparison.NAMES["minilm"], comparison.NAMES["best"]]
    assert table["top-1"].tolist() == ["70.0", "70.0"]
