"""The reference runs in the repository: promised seeds, whole test sets, nothing of a video."""

import numpy as np
import pandas as pd
import pytest
from papermill import inspect_notebook

from ytcat import paths
from ytcat.models.fusion import FEATURES
from ytcat.reference_runs import (
    COLUMNS,
    FOLDER,
    FUSION_TUNING,
    IMAGE_TUNING,
    PREDICTIONS,
    TEXT_TUNING,
    first_with,
    key,
    read_all,
    table,
)
from ytcat.reference_runs.verify import verify
from ytcat.report.profiles import load_profile

REFERENCES = read_all()


def test_both_real_corpora_are_recorded_with_the_seeds_that_were_promised():
    results = {reference.name: reference.results for reference in REFERENCES}
    assert {"us-2017", "us-2020"} <= set(results)
    for split in ("random", "channel"):
        for name, model, seeds in (
            ("us-2017", "text", 5), ("us-2020", "text", 5), ("us-2020", "image", 3), ("us-2020", "fusion", 3),
        ):  # fmt: skip
            entry = results[name][key(model, split)]
            assert len(set(entry["seeds"])) >= seeds
            for baseline in ("majority", "tfidf"):
                assert key(baseline, split) in results[name]


def test_the_slides_own_source_is_the_first_with_titles_and_another_the_first_with_thumbnails():
    assert first_with("text").name == "us-2017"
    assert first_with("image").name == first_with("fusion").name == "us-2020"


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda r: r.name)
def test_every_recorded_figure_follows_from_the_probabilities(reference):
    assert verify(reference.folder) > 1000


def test_nothing_of_a_video_is_recorded_and_it_is_small():
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 20e6
    assert {path.suffix for path in files} <= {".json", ".csv", ".parquet"}
    for reference in REFERENCES:
        assert list(pd.read_parquet(reference.folder / PREDICTIONS).columns) == COLUMNS


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda r: r.name)
def test_runs_are_never_averaged_over_test_videos_of_different_splits(reference):
    """The random split has one test set for all seeds, the split by channel another for each."""
    for model in ("text", "majority"):
        random = reference.predictions(model)
        assert len({frozenset(group["row"]) for _, group in random.groupby("seed")}) == 1
        by_channel = reference.predictions(model, "channel")
        rows = [frozenset(group["row"]) for _, group in by_channel.groupby("seed")]
        assert sum(map(len, rows)) == len(frozenset.union(*rows))


def test_known_and_new_videos_add_up():
    for reference in REFERENCES:
        for run in reference.manifest["runs"]:
            entry = reference.results[key(run["model"], run["split"])]
            own = next(r for r in entry["runs"] if (r["seed"], r["fold"]) == (run["seed"], run["fold"]))
            for known_by in ("channel", "title"):
                parts = [run["overlap"][f"{state} {known_by}"] for state in ("known", "new")]
                assert sum(part["n"] for part in parts) == own["n"]
                assert sum(part["n_correct"] for part in parts) == pytest.approx(own["top1"] * own["n"])
            if run["split"] == "channel":
                assert run["overlap"]["known channel"]["n"] == 0


def test_the_recorded_matrix_has_every_test_video_of_every_seed():
    for reference in REFERENCES:
        for entry in reference.results.values():
            assert np.sum(entry["confusion"]) == sum(run["n"] for run in entry["runs"])


def test_the_trials_chose_the_settings_of_the_profile():
    """The lowest validation loss for the image model, the best validation top-1 for the text model."""
    full = load_profile("full")
    image, text = full["03_image_model"], full["04_text_model"]
    tried = table(IMAGE_TUNING)
    is_head = tried["trained"] == "head alone"
    head, normalization = (
        table.nsmallest(1, "val_loss").iloc[0] for table in (tried[is_head], tried[~is_head])
    )
    defaults = inspect_notebook(str(paths.NOTEBOOKS / "03_image_model.ipynb"))
    for name in ("side", "dropout", "batch_size"):
        assert image.get(name, float(defaults[name]["default"])) == head[name], name
    assert image["head_learning_rate"] == head["learning_rate"]
    assert (normalization["statistics"], normalization["learning_rate"]) == (
        "ImageNet",
        image["learning_rate"],
    )
    assert image["epochs"] == normalization["epochs"]
    epochs = table(TEXT_TUNING)
    assert epochs.loc[epochs["val_accuracy"].idxmax(), "epoch"] == text["epochs"]
    assert text["patience"] == 0
    joined = table(FUSION_TUNING).query("epochs > 0").nsmallest(1, "val_loss")["joined"].item()
    assert joined == f"{FEATURES} + {FEATURES} features"
