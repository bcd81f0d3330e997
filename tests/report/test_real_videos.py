"""The page of the recorded runs says what the recorded files hold, and nothing else."""

import numpy as np
import pandas as pd
import pytest
from papermill import inspect_notebook

from ytcat import paths, slides
from ytcat.evaluation.statistics import smallest_significant, two_proportions
from ytcat.models.fusion import FEATURES
from ytcat.reference_runs import (
    COLUMNS,
    FOLDER,
    FUSION_TUNING,
    IMAGE_TUNING,
    PREDICTIONS,
    TEXT_TUNING,
    key,
    read_all,
    table,
)
from ytcat.reference_runs.verify import verify
from ytcat.report import real_videos
from ytcat.report.profiles import load_profile

RECORDED = read_all()


def test_both_real_corpora_are_recorded_with_the_seeds_that_were_promised():
    found = {recorded.name: recorded.results for recorded in RECORDED}
    assert {"us-2017", "us-2020"} <= set(found)
    for split in ("random", "channel"):
        for name, model, seeds in (
            ("us-2017", "text", 5), ("us-2020", "text", 5), ("us-2020", "image", 3), ("us-2020", "fusion", 3),
        ):  # fmt: skip
            entry = found[name][key(model, split)]
            assert len(set(entry["seeds"])) >= seeds
            for baseline in ("majority", "tfidf"):
                assert key(baseline, split) in found[name]


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda r: r.name)
def test_every_recorded_figure_follows_from_the_probabilities(recorded):
    assert verify(recorded.folder) > 1000


def test_nothing_of_a_video_is_recorded_and_it_is_small():
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 20e6
    assert {path.suffix for path in files} <= {".json", ".csv", ".parquet"}
    for recorded in RECORDED:
        assert list(pd.read_parquet(recorded.folder / PREDICTIONS).columns) == COLUMNS


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda r: r.name)
def test_recorded_runs_never_averaged_over_test_videos_of_different_splits(recorded):
    """The random split has one test set for all seeds, the split by channel another for each."""
    for model in ("text", "majority"):
        table = recorded.predictions(model)
        rows = {frozenset(group["row"]) for _, group in table.groupby("seed")}
        assert len(rows) == 1
        by_channel = recorded.predictions(model, "channel")
        rows = [frozenset(group["row"]) for _, group in by_channel.groupby("seed")]
        assert sum(map(len, rows)) == len(frozenset.union(*rows))


def test_accuracies_are_the_recorded_ones():
    rows = pd.DataFrame(real_videos.accuracy_rows())
    assert len(rows) == sum(len(recorded.results) for recorded in RECORDED)
    for recorded in RECORDED:
        for split, said in real_videos.SPLITS.items():
            for model, name in real_videos.NAMES.items():
                if entry := recorded.results.get(key(model, split)):
                    row = rows[
                        (rows["Corpus"] == recorded.name) & (rows["Split"] == said) & (rows["Model"] == name)
                    ]
                    assert row["Top-1 (%)"].item().startswith(f"**{100 * entry['top1']:.1f}**")


def test_claims_say_what_the_tests_say():
    claims = "\n".join(real_videos.claims())
    for recorded in RECORDED:
        assert f"`{recorded.name}`" in claims
    entry = next(r for r in RECORDED if r.name == "us-2017").results["text"]
    people = slides.HUMAN_TRIALS, round(slides.HUMAN_ACCURACY["text"] * slides.HUMAN_TRIALS)
    p = two_proportions(round(entry["top1"] * entry["n_videos"]), entry["n_videos"], people[1], people[0])
    assert f"Fisher's exact p = {p:.2g}" in claims
    assert claims.count("McNemar") >= 6


def test_findings_agree_with_the_figures():
    found = real_videos.findings()
    text = next(r for r in RECORDED if r.name == "us-2017").results["text"]
    within = text["top1_low"] <= slides.RESULTS["text"].top1 <= text["top1_high"]
    assert ("lies within" if within else "lies outside") in found[0]
    us_2020 = next(r for r in RECORDED if r.name == "us-2020").results
    pairs = [("image", "majority"), ("image", "linear_probe"), ("fusion", "text"), ("fusion", "tfidf")]
    for (a, b), sentence in zip(pairs, found[2:], strict=False):
        assert f"On `us-2020`, {real_videos.NAMES[a]} is **" in sentence
        difference = 100 * (us_2020[a]["top1"] - us_2020[b]["top1"])
        if us_2020[a]["seeds"] == us_2020[b]["seeds"]:
            assert f"{real_videos.NAMES[b]}: {difference:+.1f} points" in sentence
        if "**better than**" in sentence:
            assert difference > 0


def test_who_beats_the_people_is_decided_by_the_counts():
    """At the least number of right answers that is significant, and not at one less."""
    said = dict(zip((recorded.name for recorded in RECORDED), real_videos.beats_people(), strict=True))
    right = round(slides.HUMAN_ACCURACY["fusion"] * slides.HUMAN_TRIALS)
    for recorded in RECORDED:
        better = said[recorded.name]
        for model, name in real_videos.NAMES.items():
            twice = model == "best" and "thumbnail_kernel" not in recorded.results  # it is best_title
            if model not in recorded.results or twice:
                continue
            entry = recorded.results[model]
            n, hits = entry["n_videos"], round(entry["top1"] * entry["n_videos"])
            enough = hits >= smallest_significant(n, right, slides.HUMAN_TRIALS)
            assert (f"{name} {entry['top1']:.1%}" in better) == enough, name


def test_known_and_new_videos_add_up():
    for recorded in RECORDED:
        for run in recorded.manifest["runs"]:
            entry = recorded.results[key(run["model"], run["split"])]
            own = next(r for r in entry["runs"] if (r["seed"], r["fold"]) == (run["seed"], run["fold"]))
            for what in ("channel", "title"):
                n = sum(run["overlap"][f"{state} {what}"]["n"] for state in ("known", "new"))
                right = sum(run["overlap"][f"{state} {what}"]["n_correct"] for state in ("known", "new"))
                assert n == own["n"]
                assert right == pytest.approx(own["top1"] * own["n"])
            if run["split"] == "channel":
                assert run["overlap"]["known channel"]["n"] == 0


def test_the_recorded_matrix_has_every_test_video_of_every_seed():
    for recorded in RECORDED:
        for entry in recorded.results.values():
            matrix = np.array(entry["confusion"])
            assert matrix.sum() == sum(run["n"] for run in entry["runs"])


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
