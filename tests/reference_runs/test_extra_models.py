"""Figures computed from recorded ranks, on recordings made by hand."""

import numpy as np
import pandas as pd
import pytest

from made import predictions, recording
from ytcat.categories import IDS, N_CATEGORIES
from ytcat.reference_runs import extra_models
from ytcat.reference_runs.extra_models import ENLARGED_PROBE, ZERO_SHOT
from ytcat.views import SPLITS

N = 40
TRUTH = np.arange(N) % N_CATEGORIES
CHANNELS = np.arange(N) // 4


def run(model, correct, rows=None, **which):
    """A run that is correct on those of its rows, `correct` (n,) bool."""
    rows = np.arange(N) if rows is None else rows
    answers = np.where(correct[rows], TRUTH[rows], (TRUTH[rows] + 1) % N_CATEGORIES)
    return predictions(model, TRUTH[rows], np.eye(N_CATEGORIES)[answers], rows, CHANNELS[rows], **which)


def write(folder, model, ranks, **columns):
    table = pd.DataFrame({"row": np.arange(len(ranks)), "answer": 1, "rank": ranks} | columns)
    table.to_csv(folder / f"{model}.csv", index=False)


def test_the_table_of_ranks_counts_the_categories_before_the_truth():
    scores = np.zeros((2, N_CATEGORIES))
    scores[0, [3, 5]] = 2, 1
    scores[1, 0] = 1
    table = extra_models.ranks_table(np.array([8, 9]), np.array([5, 0]), scores)
    assert table.to_dict("list") == {"row": [8, 9], "answer": [IDS[3], IDS[0]], "rank": [2, 1]}


def test_a_model_without_training_is_measured_on_the_test_videos_of_each_split(places):
    """Correct on the first 10 videos, within five answers on 30; 20 are test at random, all by channel."""
    yes = np.ones(N, bool)
    folds = [run("text", yes, np.arange(N)[half], split="channel", fold=fold, seed=fold)
             for fold, half in enumerate((slice(0, 20), slice(20, N)))]  # fmt: skip
    same_videos = [run("text", yes, np.arange(20), seed=seed) for seed in (0, 1)]
    folder = recording([*folds, *same_videos])
    write(folder, ZERO_SHOT, np.repeat([1, 5, 5, 6], 10))
    table = extra_models.accuracies().set_index("split")
    assert table["n_videos"].to_dict() == {"random": 20, "channel": 40}
    assert table.loc["random", ["top1", "top5", "top5_low"]].tolist() == [0.5, 1, 1]
    assert table.loc["channel", ["top1", "top5"]].tolist() == [0.25, 0.75]
    # Ten channels of four videos, two and a half of them all correct: much wider than 40 videos would have.
    width = table.loc["channel", "top1_high"] - table.loc["channel", "top1_low"]
    assert width > 1.4 * 2 * 1.96 * np.sqrt(0.25 * 0.75 / N)


def test_a_trained_model_is_measured_in_the_fold_that_held_the_video_out(places):
    folder = recording([run("text", np.ones(N, bool), split="channel", fold=1, seed=1)])
    write(folder, ENLARGED_PROBE, np.full(N, 1), split="channel", fold=np.where(np.arange(N) < 30, 1, 0))
    table = extra_models.accuracies()
    assert table[["model", "n_videos", "top1"]].to_numpy().tolist() == [[ENLARGED_PROBE, 30, 1.0]]


def test_steps_compare_the_same_videos(places):
    """The probe is correct on 10 of 40, enlarged on 20 that hold them, the kernel on all."""
    number = np.arange(N)
    folder = recording([
        *(run("linear_probe", number < 10, seed=seed) for seed in (0, 1)),
        run("thumbnail_kernel", number < N),
    ])  # fmt: skip
    assert extra_models.thumbnail_steps().empty
    write(folder, ENLARGED_PROBE, np.where(number < 20, 1, 9), split="random", fold=0)
    table = extra_models.thumbnail_steps()
    assert table["step"].tolist() == list(extra_models.STEPS)
    assert table[["before", "after"]].to_numpy().tolist() == [[0.25, 0.5], [0.5, 1.0]]
    assert table["difference"].tolist() == pytest.approx([0.25, 0.5])
    assert (table["low"] < table["difference"]).all() and (table["difference"] < table["high"]).all()


def test_nothing_recorded_gives_empty_tables(places):
    recording([run("text", np.ones(N, bool))])
    assert extra_models.accuracies().empty and extra_models.thumbnail_steps().empty


def test_zero_shot_is_recorded_for_the_test_videos_of_every_split():
    table = extra_models.accuracies()
    zero_shot = table[table["model"] == ZERO_SHOT].set_index(["corpus", "split"])
    assert set(zero_shot.index) == {(c, s) for c in ("us-2017", "us-2020") for s in SPLITS}
    assert (zero_shot["top1"] > 1 / N_CATEGORIES).all()


def test_the_enlarged_probe_is_recorded_for_the_same_videos_and_better_than_the_small_one():
    table = extra_models.accuracies().set_index(["corpus", "split"])
    probe = table[table["model"] == ENLARGED_PROBE]
    if probe.empty:
        pytest.skip(f"{ENLARGED_PROBE}.csv is not recorded yet: `ytcat record` writes it in minutes")
    zero_shot = table[table["model"] == ZERO_SHOT]
    assert probe["n_videos"].to_dict() == zero_shot.loc[probe.index, "n_videos"].to_dict()
    steps = extra_models.thumbnail_steps().set_index(["step", "split"]).loc[next(iter(extra_models.STEPS))]
    assert (steps.loc[["random", "channel"], "low"] > 0).all()
