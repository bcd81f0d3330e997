"""The tables of the better models hold the numbers of their probabilities, and of the reference runs."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

from ytcat import runs, slides
from ytcat.categories import N_CATEGORIES
from ytcat.future_directions.better_models import comparison, figures
from ytcat.reference_runs import (
    ReferenceRuns,
    ablation,
    extra_models,
    first_with,
    read_all,
    seconds,
    slides_mix,
)
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


def test_the_ways_hold_the_recorded_figures_of_each_model_and_the_seconds_of_its_chapter():
    real = first_with("stacking")
    table = comparison.ways(real).set_index("way")
    assert table.index.is_unique
    chosen = table.loc[MODELS["best"].label]
    assert chosen["random"] == real.results["best"]["top1"]
    assert chosen["channel"] == real.results["best@channel"]["top1"]
    times = seconds.by_chapter().set_index(["corpus", "chapter"])["seconds"]
    assert chosen["seconds"] == times[real.name, "07_better_models"]
    assert table.loc[MODELS["text"].label, "seconds"] == times[real.name, "04_text_model"]
    assert np.isnan(table.loc[MODELS["minilm"].label, "seconds"])
    extra = extra_models.accuracies().set_index(["corpus", "split", "model"])["top1"]
    zero_shot = table.loc[extra_models.LABELS[extra_models.ZERO_SHOT]]
    assert zero_shot["time"] == extra[real.name, "time", extra_models.ZERO_SHOT]
    assert table[["random", "channel", "time"]].stack().dropna().between(0, 1).all()


def test_the_chosen_model_without_its_parts_has_a_row_for_each_part_and_view():
    real = first_with("stacking")
    table = comparison.without_parts(real).set_index("dropped")
    assert table.index.tolist() == [MODELS[part].label for part in ablation.PARTS] + [
        *comparison.DROPPED.values()
    ]
    recorded = ablation.dropped_parts().set_index(["corpus", "split", "dropped"])
    for dropped, name in (("minilm", MODELS["minilm"].label), ("title", comparison.DROPPED["title"])):
        row = recorded.loc[(real.name, "channel", dropped)]
        assert table.loc[name, "channel"] == (row["difference"], row["low"], row["high"])


def test_real_videos_stand_between_the_slides_and_this_run(probabilities):
    tables = {
        name: runs.predictions_table(np.arange(200), "test", LABELS, p) for name, p in probabilities.items()
    }
    metrics = runs.model_metrics("best", "random", tables.pop("best"), LABELS, tables)
    real = first_with("stacking")
    table = comparison.accuracies(metrics, "top1", real)
    assert table["source"].tolist()[2:8] == ["slides", *["real videos"] * 4, "baseline"]
    mixed = slides_mix.accuracy(real, "best", "channel")
    assert tuple(table.loc[6, ["value", "low", "high"]]) == mixed[:3]  # new channels
    assert table["label"].is_unique
    top5 = comparison.accuracies(metrics, "top5", real)
    assert top5.loc[2, "value"] == real.results["fusion"]["top5"]


def test_the_ways_to_join_are_drawn_the_same_each_time_wide_and_upright():
    drawn = figures.ways_to_join()
    assert drawn.light_svg == figures.ways_to_join().light_svg
    width, height = (
        [float(ElementTree.fromstring(svg).get(side)[:-2]) for svg in (drawn.light_svg, drawn.light_upright)]
        for side in ("width", "height")
    )
    assert width[0] > height[0] and width[1] < height[1]
    assert "Cross-attention" in drawn.alt
