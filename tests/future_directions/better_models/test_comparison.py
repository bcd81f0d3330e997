"""The tables of the better models hold the numbers of their probabilities, and of the reference runs."""

import json

import numpy as np
import pandas as pd
import pytest

from ytcat import runs, slides
from ytcat.categories import N_CATEGORIES
from ytcat.future_directions.better_models import comparison
from ytcat.reference_runs import ReferenceRuns, read_all
from ytcat.views import MODELS

LABELS = np.resize(np.arange(N_CATEGORIES), 200)


@pytest.fixture
def probabilities():
    """200 videos; the best model is correct on 150, the title's on 100 of these, one kernel on none."""
    correct = {
        "best": np.arange(200) < 150,
        "best_title": np.arange(200) < 100,
        "joint_kernel": np.zeros(200, bool),
    }
    made = {}
    for name, of_model in correct.items():
        answer = np.where(of_model, LABELS, (LABELS + 1) % N_CATEGORIES)
        made[name] = (0.1 / 13 + (0.9 - 0.1 / 13) * np.eye(N_CATEGORIES)[answer]).astype(np.float32)
    return made


def test_against_counts_the_videos_that_only_one_classifies_correctly(probabilities):
    channels = np.array([i // 2 if i % 5 else 1_000 + i for i in range(200)])
    table = comparison.against("best_title", probabilities, LABELS, channels, seed=0).set_index("model")
    assert table.index.tolist() == ["joint_kernel", "best"]  # in the order of MODELS
    best = table.loc["best"]
    assert (best["n"], best["n_correct"], best["only_this"], best["only_other"]) == (200, 150, 50, 0)
    assert best["difference"] == pytest.approx(0.25)
    assert best["low"] < 0.25 < best["high"]
    assert best["channel_low"] < 0.25 < best["channel_high"]
    # Neighbouring pairs are correct or wrong together, so whole channels vary more.
    assert best["channel_high"] - best["channel_low"] > best["high"] - best["low"]
    assert best["p"] == pytest.approx(2 * 0.5**50)
    assert (table.loc["joint_kernel", ["only_this", "only_other"]] == [0, 100]).all()
    shown = comparison.shown(table.reset_index()).to_html()
    for text in (MODELS["best"].label, "75.0%", "+25.0 [+"):
        assert text in shown


def test_the_figure_has_people_slides_and_every_model_once(probabilities):
    tables = {
        name: runs.predictions_table(np.arange(200), "test", LABELS, p) for name, p in probabilities.items()
    }
    best = tables.pop("best")
    metrics = runs.model_metrics("best", "random", best, LABELS, tables)
    table = comparison.accuracies(metrics, "top1")
    assert table["source"].tolist() == ["people", "slides", "slides", "baseline", "baseline", "this run"]
    assert table["value"].tolist()[:3] == [
        slides.HUMAN_ACCURACY["fusion"], slides.RESULTS["text"].top1, slides.RESULTS["fusion"].top1,
    ]  # fmt: skip
    assert table["value"].iloc[-1] == 0.75
    assert table["label"].is_unique
    assert comparison.accuracies(metrics, "top5")["source"].tolist()[0] == "slides"  # people gave one answer


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


def test_the_slides_models_overfit_on_real_videos():
    gaps = comparison.overfitting(read_all())
    assert {"us-2017", "us-2020"} <= set(gaps["corpus"])
    assert gaps["training"].between(0, 1).all() and gaps["validation"].between(0, 1).all()


def test_the_table_of_the_reference_runs_holds_the_models_of_the_chapter_alone(tmp_path):
    assert comparison.reference_table([]).empty
    entry = {"seeds": [0], "top1": 0.7, "top1_sd": None, "top1_low": 0.6, "top1_high": 0.8}
    entry |= {"top5": 0.9, "macro_f1": 0.5}
    results = {"best": entry, "minilm": entry, "image": entry, "minilm@channel": entry}
    (tmp_path / "results.json").write_text(json.dumps(results))
    table = comparison.reference_table([ReferenceRuns(tmp_path)])
    assert table["model"].tolist() == [MODELS["minilm"].label, MODELS["best"].label]
    assert table["top1"].tolist() == [0.7, 0.7] and table["runs"].tolist() == [1, 1]
