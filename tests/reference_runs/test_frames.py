"""The tables of the reference runs, on tiny runs whose figures are known."""

import shutil

import numpy as np
import pandas as pd
import pytest

from tiny_runs import RUNS
from ytcat import reference_runs
from ytcat.reference_runs import ReferenceRuns, compare, frames, key, slides_mix
from ytcat.reference_runs.store import to_json
from ytcat.views import MODELS, SPLITS


@pytest.fixture
def reference(all_recorded, tmp_path, monkeypatch):
    """The only reference runs that there are."""
    folder = shutil.copytree(all_recorded[1], tmp_path / "recorded" / "tiny")
    monkeypatch.setattr(reference_runs, "FOLDER", folder.parent)
    return ReferenceRuns(folder)


def test_accuracies_are_the_results_in_the_order_of_views(reference):
    table = frames.accuracies()
    assert len(table) == len(reference.results)
    for row in table.to_dict("records"):
        entry = reference.results[key(row["model"], row["split"])]
        for name in frames.MEASURES:
            assert np.isnan(row[name]) if entry[name] is None else row[name] == entry[name]
        assert row["corpus"] == "tiny"
    order = [(list(SPLITS).index(row.split), list(MODELS).index(row.model)) for row in table.itertuples()]
    assert order == sorted(order)


def test_a_model_without_a_seed_is_one_training_without_spread(reference):
    reference.results["text"] |= {"deterministic": True, "top1_sd": None}
    reference.results["image"] |= {"deterministic": False}
    (reference.folder / "results.json").write_text(to_json(reference.results))
    table = frames.accuracies().set_index(["split", "model"])
    assert table.loc[("random", "text"), "seeds"] == 1
    assert np.isnan(table.loc[("random", "text"), "top1_sd"])
    assert table.loc[("random", "image"), "seeds"] == 3
    assert table.loc[("channel", "image"), "seeds"] == 2


def test_differences_are_those_of_each_pair(reference):
    table = frames.paired_differences()
    present = [pair for pair in frames.PAIRS if {*pair} <= {"image", "text", "fusion", "majority", "tfidf",
               "linear_probe", "best_title", "best_title_with_more"}]  # fmt: skip
    assert list(zip(table["a"], table["b"], strict=True)) == present * 2
    for row in table.itertuples():
        found = compare.difference(reference, row.a, row.b, row.split)
        assert (row.difference, row.low, row.high, row.verdict) == (*found[3:6], found.verdict)
        assert (row.least, row.greatest) == (min(found.by_seed), max(found.by_seed))
        assert row.significant == sum(p < 0.05 for p in found.p_values)
        assert row.seeds == len(found.by_seed)
        assert np.isnan(row.kappa) if row.b == "majority" else row.kappa == found.kappa
        assert row.equal_training == (row.n_train_a == row.n_train_b) == found.equal_training


def test_without_thumbnail_models_of_our_own_the_chosen_model_is_compared_under_one_name(reference):
    assert "best" in reference.models()
    assert "best" not in reference.distinct_models()
    assert "best" not in {*frames.paired_differences()["a"], *frames.at_slides_mix()["model"]}
    reference.results["thumbnail_kernel"] = reference.results["image"]
    assert reference.distinct_models() == reference.models()


def test_every_model_that_reads_something_is_shown_at_the_slides_mix(reference):
    table = frames.at_slides_mix()
    read = [model for model in reference.distinct_models() if MODELS[model].view]
    assert table["model"].tolist() == read * 2  # on both splits
    for row in table.itertuples():
        for name, shift in (("mixed", False), ("shifted", True)):
            expected = slides_mix.accuracy(reference, row.model, row.split, shift)
            found = (getattr(row, name), getattr(row, f"{name}_low"), getattr(row, f"{name}_high"))
            assert found == expected[:3]
        assert row.covered == expected.covered


def test_the_slides_models_and_fusion_minus_title_have_intervals_with_seeds(reference):
    table = frames.with_seeds()
    assert table["a"].tolist() == ["image", "text", "fusion", "fusion"]
    assert table["b"].isna().tolist() == [True, True, True, False]
    text, fusion = (reference.correct_by_seed(model) for model in ("text", "fusion"))
    gain = (fusion - text).dropna()  # the title has videos without a thumbnail too
    row = table.iloc[3]
    assert row["value"] == pytest.approx(gain.to_numpy().mean())
    assert (row["least"], row["greatest"]) == pytest.approx((gain.mean().min(), gain.mean().max()))
    assert row["low"] < row["value"] < row["high"]
    assert (table["seeds"] == sum(split == "random" for split, *_ in RUNS)).all()


def test_known_and_new_videos_are_added_up_over_runs(reference):
    table = frames.overlap_with_training().set_index(["split", "model", "known_by"])
    about = pd.DataFrame(reference.manifest["runs"])
    assert len(table) == 2 * 5 * 2
    for (split, model, known_by), row in table.iterrows():
        overlaps = about[(about["split"] == split) & (about["model"] == model)]["overlap"]
        n_known = sum(overlap[f"known {known_by}"]["n"] for overlap in overlaps)
        n_new = sum(overlap[f"new {known_by}"]["n"] for overlap in overlaps)
        n_correct = sum(overlap[f"new {known_by}"]["n_correct"] for overlap in overlaps)
        assert row["known"] == n_known / (n_known + n_new)
        assert row["top1_new"] == n_correct / n_new if n_new else np.isnan(row["top1_new"])
    by_channel = table.loc["channel"].xs("channel", level="known_by")
    assert (by_channel["known"] == 0).all()
    assert by_channel["top1_known"].isna().all()


def test_the_best_epoch_of_each_phase_is_that_of_the_lowest_loss(reference):
    rows = [
        ("image", 0, 1, "head", 2.0, 0.3), ("image", 0, 2, "head", 1.5, 0.4),
        ("image", 0, 3, "head", 1.6, 0.9),
        ("image", 0, 4, "batch normalization", 1.4, 0.5), ("image", 0, 5, "batch normalization", 1.8, 0.6),
        ("text", 0, 1, None, 0.1, 0.1),
    ]  # fmt: skip
    columns = ["model", "seed", "epoch", "phase", "val_loss", "val_accuracy"]
    history = pd.DataFrame(rows, columns=columns).assign(split="random", fold=0)
    history.to_csv(reference.folder / "history.csv", index=False)
    table = frames.image_model_phases()
    assert table.to_dict("records") == [
        {
            "corpus": "tiny", "split": "random", "seed": 0,
            "head_loss": 1.5, "head_top1": 0.4, "both_loss": 1.4, "both_top1": 0.5, "kept": "head",
        }
    ]  # fmt: skip


def test_without_any_reference_runs_the_first_with_a_model_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(reference_runs, "FOLDER", tmp_path)
    assert reference_runs.first_with("text") is None
    assert reference_runs.table("x.csv").empty


def test_averages_stand_beside_one_training(reference):
    table = frames.averages_of_seeds().set_index("model")
    assert table.index.tolist() == ["image", "text", "fusion"]
    for model, row in table.iterrows():
        entry = reference.results[model]
        assert (row["seeds"], row["top1"], row["top1_sd"]) == (3, entry["top1"], entry["top1_sd"])
        assert row["average"] == entry["average"]["top1"]
        assert (row["low"], row["high"]) == (entry["average"]["top1_low"], entry["average"]["top1_high"])


def test_the_spread_over_splits_is_that_of_the_recorded_table(reference):
    assert frames.spread_over_splits().empty
    splits = pd.DataFrame({"model": "tfidf", "split_seed": [0, 1, 2], "top1": [0.5, 0.6, 0.7]})
    splits.to_csv(reference.folder / reference_runs.RANDOM_SPLITS, index=False)
    row = frames.spread_over_splits().iloc[0]
    assert row[["corpus", "model", "splits"]].tolist() == ["tiny", "tfidf", 3]
    assert row[["mean", "sd", "least", "greatest"]].tolist() == pytest.approx([0.6, 0.1, 0.5, 0.7])
