"""Differences between recorded models, on predictions made so that the answer is known."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, ttest_1samp

from ytcat import runs
from ytcat.categories import IDS, N_CATEGORIES
from ytcat.reference_runs import COLUMNS, ReferenceRuns, key
from ytcat.reference_runs.compare import Difference, difference

N = 200
TRUTH = np.arange(N) % N_CATEGORIES
N_TRAIN = {"image": 100, "text": 100, "fusion": 90}


def run(model, right, seed=0, fold=0, split="random", rows=None, channels=None):
    """One run's predictions: the truth where `right`, else the next category; each video its own channel."""
    rows = np.arange(N) if rows is None else rows
    answers = np.where(right, TRUTH[rows], (TRUTH[rows] + 1) % N_CATEGORIES)
    table = pd.DataFrame(np.eye(N_CATEGORIES, dtype=np.float32)[answers], columns=runs.PROBABILITY_COLUMNS)
    which = {"model": model, "split": split, "fold": fold, "seed": seed, "row": rows}
    channels = rows if channels is None else channels[rows]
    return table.assign(**which, channel=channels, y_true=np.array(IDS)[TRUTH[rows]])[COLUMNS]


@pytest.fixture
def reference(tmp_path):
    def make(*tables):
        table = pd.concat(tables)
        table.to_parquet(tmp_path / "predictions.parquet", index=False)
        pairs = table[["model", "split"]].drop_duplicates().itertuples(index=False)
        entries = {key(*pair): {"n_train": N_TRAIN[pair.model]} for pair in pairs}
        (tmp_path / "results.json").write_text(json.dumps(entries))
        return ReferenceRuns(tmp_path)

    return make


def first(n):
    """Right on the first n videos only."""
    return np.arange(N) < n


def test_a_model_is_not_distinguishable_from_its_equal(reference):
    found = difference(reference(run("image", first(80)), run("text", first(80))), "image", "text")
    assert found == Difference(
        "image", "text", N, 0.0, 0.0, 0.0, (0.0,), (1.0,), 1.0, 100, 100, t_low=None, t_high=None
    )
    assert found.equal_training
    assert found.verdict == "not distinguishable from"


def test_a_clearly_better_model(reference):
    both = reference(run("text", first(150)), run("image", first(90)))
    found = difference(both, "text", "image")
    assert found.difference == pytest.approx(0.3)
    error = np.sqrt(0.3 * 0.7 / N)
    assert (found.low, found.high) == pytest.approx((0.3 - 1.96 * error, 0.3 + 1.96 * error), abs=0.01)
    assert found.low > 0
    assert found.p_values == pytest.approx((binomtest(60, 60).pvalue,))
    assert found.verdict == "better than"
    other = difference(both, "image", "text")
    assert other[3:6] == pytest.approx((-0.3, -found.high, -found.low), abs=0.005)
    assert other.p_values == found.p_values
    assert other.kappa == found.kappa
    assert other.verdict == "worse than"


def test_kappa_is_agreement_beyond_chance(reference):
    a, b = run("image", first(90)), run("text", first(150))
    answers = [table[runs.PROBABILITY_COLUMNS].to_numpy().argmax(axis=1) for table in (a, b)]
    shares = [np.bincount(one, minlength=N_CATEGORIES) / N for one in answers]
    chance = shares[0] @ shares[1]
    agreed = (answers[0] == answers[1]).mean()
    assert agreed == 0.7
    found = difference(reference(a, b), "image", "text")
    assert found.kappa == pytest.approx((agreed - chance) / (1 - chance))


def test_a_small_difference_is_not_distinguishable(reference):
    a = first(100)
    b = a.copy()
    b[:10], b[100:112] = False, True  # 10 lost, 12 won
    found = difference(reference(run("fusion", b), run("text", a)), "fusion", "text")
    assert found.difference == pytest.approx(0.01)
    assert found.low < 0 < found.high
    assert found.p_values == pytest.approx((binomtest(10, 22).pvalue,))
    assert found.verdict == "not distinguishable from"
    assert (found.n_train_a, found.n_train_b) == (90, 100)
    assert not found.equal_training


def test_videos_of_one_channel_are_drawn_together(reference):
    """A gain on a quarter of the channels, in all videos of each: 10 channels count as 10, not as 50."""
    channels = np.arange(N) // 5
    tables = [run(model, first(n), channels=channels) for model, n in (("image", 100), ("text", 50))]
    found = difference(reference(*tables), "image", "text")
    assert found.difference == pytest.approx(0.25)
    half = 1.96 * np.sqrt(0.25 * 0.75 / 40)
    assert (found.low, found.high) == pytest.approx((0.25 - half, 0.25 + half), abs=0.026)


def test_models_without_a_seed_are_tested_once(reference):
    tables = [run(model, first(n), seed) for model, n in (("text", 100), ("image", 80)) for seed in range(5)]
    found = difference(reference(*tables), "text", "image")
    assert found.by_seed == pytest.approx((0.1,))
    assert found.p_values == pytest.approx((binomtest(20, 20).pvalue,))
    tables[-1] = run("image", first(90), 4)  # one of the two changes with one seed
    found = difference(reference(*tables), "text", "image")
    assert found.by_seed == pytest.approx((0.1, 0.1, 0.1, 0.1, 0.05))
    assert len(found.p_values) == 5


def test_only_seeds_of_both_count(reference):
    tables = [run("image", first(n), seed) for seed, n in enumerate((200, 120, 140))]
    tables += [run("text", first(n), seed) for seed, n in ((1, 100), (2, 100), (3, 0))]
    found = difference(reference(*tables), "image", "text")
    assert found.difference == pytest.approx((20 + 40) / 2 / N)  # of seeds 1 and 2
    assert found.n_videos == N
    assert found.by_seed == pytest.approx((20 / N, 40 / N))
    assert found.p_values == pytest.approx((binomtest(20, 20).pvalue, binomtest(40, 40).pvalue))
    # Seeds are averaged on each video first: 20 videos gain 1, 20 gain a half.
    gain = np.repeat([1, 0.5, 0], [20, 20, 160])
    half = 1.96 * gain.std() / np.sqrt(N)
    assert (found.low, found.high) == pytest.approx((0.15 - half, 0.15 + half), abs=0.01)


def test_only_videos_and_runs_of_the_split_count(reference):
    some = np.arange(0, N, 2)  # the other model has no thumbnail for the rest
    tables = [
        run("image", some < 50, rows=some),
        run("text", first(100)),
        run("image", first(10), split="channel"),
    ]
    both = reference(*tables)
    found = difference(both, "image", "text")
    assert found.n_videos == 100
    assert found.difference == pytest.approx((25 - 50) / 100)
    for a, b, split in [("image", "text", "channel"), ("image", "fusion", "random")]:
        with pytest.raises(ValueError, match=f"{a} and {b} have no run in common on .*, split {split}"):
            difference(both, a, b, split)


def test_folds_add_up_their_videos(reference):
    halves = np.arange(100), np.arange(100, 200)
    tables = [run("text", rows < 130, f, f, "channel", rows) for f, rows in enumerate(halves)]
    tables += [run("image", rows < 60, f, f, "channel", rows) for f, rows in enumerate(halves)]
    found = difference(reference(*tables), "text", "image", "channel")
    assert found.n_videos == N
    assert found.difference == pytest.approx(70 / N)
    assert found.p_values == pytest.approx((binomtest(40, 40).pvalue, binomtest(30, 30).pvalue))
    interval = ttest_1samp([0.4, 0.3], 0).confidence_interval(0.95)
    assert (found.t_low, found.t_high) == pytest.approx((interval.low, interval.high))
