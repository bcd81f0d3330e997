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
    RANDOM_SPLITS,
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


@pytest.mark.parametrize(
    ("name", "model", "channels", "folds"),
    [
        ("us-2020", "best", (0.596, 0.645), (0.584, 0.657)),
        ("us-2020", "thumbnail_kernel", (0.422, 0.473), (0.425, 0.468)),
        ("us-2017", "best_title", (0.499, 0.562), (0.486, 0.575)),
    ],
)
def test_intervals_by_channel_are_as_wide_as_channels_and_folds_differ(name, model, channels, folds):
    """Limits computed apart from this package; 5,543 independent videos would give 2.6 points."""
    entry = next(r for r in REFERENCES if r.name == name).results[key(model, "channel")]
    assert (entry["top1_low"], entry["top1_high"]) == pytest.approx(channels, abs=0.003)
    assert (entry["top1_t_low"], entry["top1_t_high"]) == pytest.approx(folds, abs=0.002)
    assert entry["top1_high"] - entry["top1_low"] > 0.04


def test_models_without_a_seed_are_known_as_such():
    for reference in REFERENCES:
        deterministic = {entry["model"]: entry["deterministic"] for entry in reference.results.values()}
        for model in ("majority", "tfidf", "title_linear", "title_kernel", "minilm_frozen"):
            assert deterministic[model] is True
        for model in ("text", "minilm", "best", "stratified_guess"):
            assert deterministic[model] is False
        for entry in reference.results.values():
            seeded = entry["split"] == "random" and not entry["deterministic"]
            assert (entry["top1_sd"] is not None) == seeded


def test_the_stratified_guess_has_its_expected_top_5():
    """Close to the expectation of a guess: correct, or one of 4 of the 13 other places."""
    for reference in REFERENCES:
        for split in ("random", "channel"):
            entry = reference.results[key("stratified_guess", split)]
            assert entry["top5"] == pytest.approx(0.4, abs=0.01)
            assert entry["ece"] is None


def test_models_fitted_on_validation_videos_too_say_so():
    for reference in REFERENCES:
        for split in ("random", "channel"):
            n_train = {
                model: reference.results[key(model, split)]["n_train"] for model in reference.models(split)
            }
            assert n_train["tfidf"] == n_train["text"] == n_train["minilm"] < n_train["title_linear"]
            assert n_train["title_linear"] == n_train["title_kernel"] == n_train["best"]
            runs = [r for r in reference.manifest["runs"] if (r["model"], r["split"]) == ("best", split)]
            both = [run["n_train"] + run["n_validation"] for run in runs]
            assert n_train["best"] == round(np.mean(both))
            assert n_train["text"] == round(np.mean([run["n_train"] for run in runs]))


def test_the_average_of_the_seeds_is_better_than_one_of_them():
    """The text model: its five trainings make different mistakes."""
    for reference in REFERENCES:
        entry = reference.results["text"]
        assert entry["average"]["top1"] > entry["top1"] + 0.02
        assert entry["average"]["top1_low"] < entry["average"]["top1"] < entry["average"]["top1_high"]
        assert reference.results[key("text", "channel")]["average"] is None


def test_the_spread_over_random_splits_is_recorded():
    """Of linear models; the first split is that of the recorded runs."""
    splits = table(RANDOM_SPLITS)
    for reference in REFERENCES:
        of_corpus = splits[splits["corpus"] == reference.name]
        for model in {"tfidf", *of_corpus["model"]}:
            top1 = of_corpus[of_corpus["model"] == model].set_index("split_seed")["top1"]
            assert top1.index.tolist() == list(range(8))
            assert 0.002 < top1.std() < 0.03
            assert top1[0] == pytest.approx(reference.results[model]["top1"], abs=0.003)


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
