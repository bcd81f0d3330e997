"""Intervals, spread and training counts of recorded runs, on predictions made so that the answer is known."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from ytcat import runs
from ytcat.categories import IDS, N_CATEGORIES
from ytcat.evaluation.statistics import bootstrap_ratio
from ytcat.reference_runs import COLUMNS
from ytcat.reference_runs.over_seeds import summarize

N = 280
TRUTH = np.arange(N) % N_CATEGORIES
CHANNELS = np.arange(N) // 7  # 40 of seven videos


def run(correct, model="text", seed=0, fold=0, split="random", rows=None, confidence=0.9):
    """One run's predictions: `confidence` in the truth where `correct` (N,), else in the next category."""
    rows = np.arange(N) if rows is None else rows
    answers = np.where(correct[rows], TRUTH[rows], (TRUTH[rows] + 1) % N_CATEGORIES)
    chances = np.full((len(rows), N_CATEGORIES), (1 - confidence) / (N_CATEGORIES - 1), dtype=np.float32)
    chances[np.arange(len(rows)), answers] = confidence
    table = pd.DataFrame(chances, columns=runs.PROBABILITY_COLUMNS)
    which = {"model": model, "split": split, "fold": fold, "seed": seed, "row": rows}
    return table.assign(**which, channel=CHANNELS[rows], y_true=np.array(IDS)[TRUTH[rows]])[COLUMNS]


def figures(*tables, baselines=()):
    """What is recorded of these runs, by key; each was trained on 100 videos, with 10 for validation."""
    predictions = pd.concat(tables, ignore_index=True)
    which = predictions[["model", "split", "fold", "seed"]].drop_duplicates().to_dict("records")
    about = [
        one | {"n_train": 100, "n_validation": 10, "baselines": list(baselines)}
        for one in which
        if one["model"] not in baselines
    ]
    return summarize(predictions, about)


def at_random(share, seed):
    return np.random.default_rng(seed).random(N) < share


def test_videos_of_one_channel_are_drawn_together():
    """Where a channel's seven videos are all right or all wrong, 40 channels say as much as 40 videos."""
    by_channel = np.repeat(np.arange(40) % 2 == 0, 7)
    entry = figures(run(by_channel))["text"]
    assert entry["top1"] == 0.5
    assert entry["n_channels"] == 40
    assert entry["n_videos"] == N
    binomial = scipy.stats.binom(40, 0.5)
    assert (entry["top1_low"], entry["top1_high"]) == pytest.approx(
        (binomial.ppf(0.025) / 40, binomial.ppf(0.975) / 40), abs=0.026
    )
    within = np.arange(N) % 2 == 0  # half of each channel, but for one video
    narrow = figures(run(within))["text"]
    assert narrow["top1"] == 0.5
    assert narrow["top1_high"] - narrow["top1_low"] < 0.2 * (entry["top1_high"] - entry["top1_low"])


def test_the_interval_is_that_of_the_mean_over_seeds_on_each_video():
    tables = [run(at_random(share, seed), seed=seed) for seed, share in enumerate((0.5, 0.6, 0.7))]
    entry = figures(*tables)["text"]
    mean = np.mean([at_random(share, seed) for seed, share in enumerate((0.5, 0.6, 0.7))], axis=0)
    expected = bootstrap_ratio(mean, np.ones(N), seed=0, clusters=CHANNELS)
    assert (entry["top1"], entry["top1_low"], entry["top1_high"]) == pytest.approx(expected, rel=1e-9)
    for one, share in zip(entry["runs"], (0.5, 0.6, 0.7), strict=True):
        own = bootstrap_ratio(at_random(share, one["seed"]), np.ones(N), seed=0, clusters=CHANNELS)
        assert (one["top1"], one["top1_low"], one["top1_high"]) == pytest.approx(own, rel=1e-9)
    assert entry["top1_sd"] == pytest.approx(np.std([r["top1"] for r in entry["runs"]], ddof=1))
    assert entry["deterministic"] is False
    assert entry["top1_fold_sd"] is entry["top1_t_low"] is entry["top1_t_high"] is None


def test_folds_have_an_interval_by_students_t_and_no_deviation_over_seeds():
    halves = [np.arange(0, 140), np.arange(140, N)]
    correct = np.arange(N) < 168  # all of the first fold, a fifth of the second
    tables = [
        run(correct, seed=fold, fold=fold, split="channel", rows=rows) for fold, rows in enumerate(halves)
    ]
    entry = figures(*tables)["text@channel"]
    assert entry["top1"] == pytest.approx(0.6)
    expected = scipy.stats.ttest_1samp([1.0, 0.2], 0).confidence_interval(0.95)
    assert (entry["top1_t_low"], entry["top1_t_high"]) == pytest.approx((expected.low, expected.high))
    assert entry["top1_fold_sd"] == pytest.approx(np.std([1.0, 0.2], ddof=1))
    assert entry["top1_sd"] is entry["macro_f1_sd"] is None
    assert entry["deterministic"] is None  # no two seeds had the same videos
    assert entry["average"] is None
    expected = bootstrap_ratio(correct, np.ones(N), seed=0, clusters=CHANNELS)
    assert (entry["top1_low"], entry["top1_high"]) == pytest.approx(expected[1:], rel=1e-9)


def test_folds_of_unequal_size_count_alike():
    parts = [np.arange(0, 210), np.arange(210, N)]
    tables = [
        run(np.arange(N) < 210, fold=fold, split="channel", rows=rows) for fold, rows in enumerate(parts)
    ]
    entry = figures(*tables)["text@channel"]
    assert entry["top1"] == 0.5
    assert entry["top1_low"] < 0.5 < entry["top1_high"]


def test_a_model_without_a_seed_has_no_deviation():
    correct = at_random(0.6, 0)
    channel = [run(correct, "tfidf", f, f, "channel", np.arange(140) + 140 * f) for f in (0, 1)]
    results = figures(*[run(correct, "tfidf", seed) for seed in (0, 1, 2)], *channel)
    entry = results["tfidf"]
    assert entry["deterministic"] is True
    assert results["tfidf@channel"]["deterministic"] is True  # the same model
    assert entry["seeds"] == [0, 1, 2]
    assert {entry[f"{name}_sd"] for name in ("top1", "top5", "macro_f1", "ece")} == {None}
    one = figures(run(correct, "tfidf", 4))["tfidf"]
    assert one["deterministic"] is None
    assert one["top1_sd"] is None
    assert (one["top1_low"], one["top1_high"]) == pytest.approx((entry["top1_low"], entry["top1_high"]))


def test_of_three_seeds_two_outvote_the_third_in_the_average():
    first, second, third = (np.arange(N) % 3 != number for number in range(3))  # each video: two of three
    seeds = enumerate((first, second, third))
    entry = figures(*[run(correct, "image", seed) for seed, correct in seeds])["image"]
    assert entry["top1"] == pytest.approx(2 / 3, abs=0.002)
    average = entry["average"]
    assert average["top1"] == average["top5"] == 1.0
    assert (average["top1_low"], average["top1_high"]) == (1, 1)
    assert average["n"] == N
    # Confidence in the truth: (0.9 + 0.9 + 0.1 / 13) / 3.
    assert average["ece"] == pytest.approx(1 - (1.8 + 0.1 / 13) / 3, abs=1e-6)
    assert figures(*[run(c, "minilm", s) for s, c in enumerate((first, second))])["minilm"]["average"] is None


def test_each_model_has_the_number_of_videos_that_it_is_fitted_on():
    correct = at_random(0.6, 0)
    models = ("best", "title_kernel", "minilm")
    results = figures(*[run(correct, model) for model in models], baselines=models[1:])
    assert {name: entry["n_train"] for name, entry in results.items()} == {
        "best": 110, "title_kernel": 110, "minilm": 100,
    }  # fmt: skip
    assert results["title_kernel"]["runs"][0]["n_train"] == 110


def test_the_stratified_guess_has_no_calibration_and_a_top_5_by_luck():
    guess = figures(*[run(at_random(0.15, s), "stratified_guess", s, confidence=1) for s in (0, 1)])
    entry = guess["stratified_guess"]
    assert entry["top5"] == pytest.approx(entry["top1"] + (1 - entry["top1"]) * 4 / 13)
    assert entry["top5_low"] < entry["top5"] < entry["top5_high"]
    assert entry["ece"] is entry["ece_mean"] is entry["ece_sd"] is entry["runs"][0]["ece"] is None


def test_a_single_channel_has_no_interval():
    entry = figures(run(at_random(0.5, 0), rows=np.arange(7)))["text"]
    assert entry["top1_low"] is entry["top5_high"] is None
