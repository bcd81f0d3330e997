import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import recall_score

from ytcat.categories import N_CATEGORIES
from ytcat.evaluation import metrics
from ytcat.evaluation.statistics import paired_bootstrap, wilson
from ytcat.future_directions.imbalance import metrics as imbalance
from ytcat.future_directions.imbalance.methods import FOCAL, METHODS, PLAIN, UNCORRECTED, Correction

a_label = st.integers(0, N_CATEGORIES - 1)
answered = st.lists(st.tuples(a_label, a_label, a_label), min_size=2, max_size=60).map(
    lambda rows: np.array(rows).T
)


def points(*rows):
    columns = ["method", "strength", "repeat", "n_correct", "n", "macro_f1"]
    return pd.DataFrame(rows, columns=columns).assign(balanced_accuracy=0.5)


def some(n=400, seed=0):
    """True labels, and the predictions of a better and a worse model."""
    rng = np.random.default_rng(seed)
    y = rng.choice([0, 1, 2, 9], n, p=[0.1, 0.2, 0.3, 0.4])
    better = np.where(rng.random(n) < 0.8, y, rng.integers(0, 10, n))
    return y, better, np.where(rng.random(n) < 0.4, y, 9)


# ---- tables


@settings(deadline=None, max_examples=40)
@given(answered)
def test_counts_and_scores_are_those_of_the_confusion_matrix(rows):
    y, a, b = rows
    predictions = {UNCORRECTED: a, Correction(FOCAL, 2.0): b}
    table = imbalance.score_table(predictions, y, "test").set_index("method")
    assert table.loc[PLAIN, "n_correct"] == (y == a).sum()
    assert table.loc[FOCAL, "macro_f1"] == metrics.macro_f1(metrics.confusion(y, b))
    counts = imbalance.category_table(predictions, y)
    assert len(counts) == 2 * N_CATEGORIES
    sums = counts.groupby("method")[["n_correct", "support", "predicted"]].sum()
    assert sums.loc[PLAIN].tolist() == [(y == a).sum(), len(y), len(y)]


def test_shares_have_wilson_limits_or_are_undefined():
    counts = pd.DataFrame({"n_correct": [3, 0], "support": [5, 0], "predicted": [4, 0]})
    shares = imbalance.with_shares(counts)
    assert shares.loc[0, ["recall", "precision"]].tolist() == [0.6, 0.75]
    assert tuple(shares.loc[0, ["recall_low", "recall_high"]]) == wilson(3, 5)
    assert tuple(shares.loc[0, ["precision_low", "precision_high"]]) == wilson(3, 4)
    assert shares.loc[1, ["recall", "recall_low", "precision", "precision_high"]].isna().all()
    assert imbalance.interval(shares, "recall")[0] == (0.6, *wilson(3, 5))
    assert imbalance.interval(shares, "recall").isna().tolist() == [False, True]


# ---- choosing


def test_the_best_affordable_strength_is_chosen():
    table = points(
        (PLAIN, 0.0, 0, 600, 1000, 0.50),
        ("a", 0.5, 0, 590, 1000, 0.52),  # a loss of exactly a point may be
        ("a", 1.0, 0, 589, 1000, 0.60),  # one of more may not
        ("b", 0.5, 0, 600, 1000, 0.49),  # worse than the plain model
        ("c", 0.5, 0, 600, 1000, 0.55),  # of equals the weaker
        ("c", 0.25, 0, 600, 1000, 0.55),
        ("d", 1.0, 0, 580, 1000, 0.70),  # by the mean over repeats
        ("d", 1.0, 1, 600, 1000, 0.60),
    )
    paths = imbalance.paths(table)
    assert imbalance.choose_strengths(paths) == {"a": 0.5, "b": 0.0, "c": 0.25, "d": 1.0}
    assert imbalance.choose_strengths(paths, cost=0.0) == {"a": 0.0, "b": 0.0, "c": 0.25, "d": 0.0}
    path = paths.set_index(["method", "strength"])
    assert path.loc[("d", 1.0), ["top1", "macro_f1"]].tolist() == pytest.approx([0.59, 0.65])


def test_the_best_method_has_the_highest_macro_f1_at_the_chosen_strength():
    table = points(
        (PLAIN, 0.0, 0, 600, 1000, 0.50),
        *[(method, s, 0, 600, 1000, 0.4 + s / 10) for method in METHODS for s in (0.5, 1.0, 2.0)],
    )
    strengths = dict.fromkeys(METHODS, 0.5) | {METHODS[2]: 2.0}
    assert imbalance.best_method(imbalance.paths(table), strengths) == METHODS[2]
    assert imbalance.best_method(imbalance.paths(table), strengths | {METHODS[1]: 0.0}) == METHODS[2]
    assert imbalance.best_method(imbalance.paths(table), dict.fromkeys(METHODS, 0.0)) == METHODS[0]


# ---- the bootstrap


@settings(deadline=None, max_examples=40)
@given(answered)
def test_values_are_the_metrics_own(rows):
    y, a, b = rows
    table = imbalance.against_plain(y, a, b, np.arange(len(y)), seed=0, resamples=20).set_index("measure")
    for measure, score in (("macro_f1", metrics.macro_f1), ("balanced_accuracy", metrics.balanced_accuracy)):
        of_a, of_b = score(metrics.confusion(y, a)), score(metrics.confusion(y, b))
        assert table.loc[measure, "value"] == pytest.approx(of_a)
        assert table.loc[measure, "difference"] == pytest.approx(of_a - of_b, abs=1e-9)
    assert table.loc["top1", "value"] == pytest.approx((y == a).mean())
    assert (table["low"] <= table["high"]).all()


def test_of_top1_it_is_the_paired_bootstrap():
    y, a, b = some()
    ours = (
        imbalance.against_plain(y, a, b, np.arange(len(y)), seed=1, resamples=10_000)
        .set_index("measure")
        .loc["top1"]
    )
    difference, low, high = paired_bootstrap(y == a, y == b, seed=2)
    assert ours["difference"] == pytest.approx(difference)
    assert ours["difference_low"] == pytest.approx(low, abs=0.006)
    assert ours["difference_high"] == pytest.approx(high, abs=0.006)


def test_a_resample_is_scored_as_if_it_were_the_data():
    y, a, b = some(200)
    table = imbalance.against_plain(y, a, b, np.arange(len(y)), seed=5).set_index("measure")
    rng = np.random.default_rng(7)
    of_category = [np.flatnonzero(y == label) for label in np.unique(y)]
    gains = []
    for _ in range(1000):
        drawn = np.concatenate([rng.choice(videos, len(videos)) for videos in of_category])
        truth = y[drawn]
        scores = [
            recall_score(truth, answers[drawn], labels=np.unique(truth), average="macro")
            for answers in (a, b)
        ]
        gains.append(scores[0] - scores[1])
    low, high = np.percentile(gains, [2.5, 97.5])
    row = table.loc["balanced_accuracy"]
    assert row["difference_low"] == pytest.approx(low, abs=0.02)
    assert row["difference_high"] == pytest.approx(high, abs=0.02)


def test_a_model_does_not_differ_from_itself():
    y, a, _ = some()
    table = imbalance.against_plain(y, a, a, np.arange(len(y)), seed=0, resamples=50)
    assert (table[["difference", "difference_low", "difference_high"]] == 0).all(axis=None)
    assert not np.signbit(table["difference_low"]).any()


def test_videos_of_one_channel_are_drawn_together():
    y, a, b = (np.repeat(part, 5) for part in some(100))
    alone = imbalance.against_plain(y, a, b, np.arange(500), seed=0)
    together = imbalance.against_plain(y, a, b, np.repeat(np.arange(100), 5), seed=0)
    once = imbalance.against_plain(*some(100), np.arange(100), seed=0)
    width = [(t["difference_high"] - t["difference_low"]) for t in (alone, together, once)]
    assert (width[1] > 1.5 * width[0]).all()
    assert width[1].tolist() == pytest.approx(width[2].tolist())


def test_a_rare_category_is_in_every_resample():
    """One of 300 videos is rare: drawn from all videos, a third of the resamples would lack it."""
    y = np.array([0] * 149 + [1] * 150 + [9])
    a, b = y.copy(), np.where(y == 9, 0, y)
    row = (
        imbalance.against_plain(y, a, b, np.arange(300), seed=0).set_index("measure").loc["balanced_accuracy"]
    )
    # Only the rare video differs between the models: a third of the mean recall in each resample.
    assert row[["difference", "difference_low", "difference_high"]].tolist() == pytest.approx([1 / 3] * 3)


def test_unequal_or_single_videos_are_refused():
    y, a, b = some(10)
    with pytest.raises(ValueError, match="same videos"):
        imbalance.against_plain(y, a[:5], b, np.arange(10), seed=0)
    with pytest.raises(ValueError, match="clusters"):
        imbalance.against_plain(y, a, b, [1, 2], seed=0)
    with pytest.raises(ValueError, match="at least two"):
        imbalance.against_plain(y, a, b, np.zeros(10), seed=0)


# ---- the comparison


def test_the_comparison_has_every_method_and_the_spread_of_repeats():
    y, a, b = some()
    worse = np.where(np.arange(len(y)) % 4, a, 9)
    predictions = {UNCORRECTED: b, Correction("s", 0.5, 0): a, Correction("s", 0.5, 1): worse}
    compared = imbalance.compare(predictions, {"s": 0.5, "f": 0.0}, y, np.arange(len(y)), seed=0)
    table = compared.set_index(["method", "measure"])
    assert [*table.index.get_level_values(0).unique()] == [PLAIN, "s", "f"]
    row = table.loc[("s", "top1")]
    shares = [(y == labels).mean() for labels in (a, worse)]
    assert row["value"] == pytest.approx(np.mean(shares))
    assert row["spread"] == pytest.approx(np.std(shares, ddof=1))
    assert (row["n_correct"], row["n"], row["repeats"]) == ((y == a).sum(), len(y), 2)
    assert row["p_value"] < 0.01
    assert np.isnan(table.loc[("s", "macro_f1"), "p_value"])
    # A method whose strength is 0 is the plain model.
    assert (table.loc["f", "difference"] == 0).all()
    assert table.loc[("f", "top1"), "p_value"] == 1
    shown = imbalance.with_intervals(compared)
    assert shown.index.tolist() == [(PLAIN, 0.0), ("s", 0.5), ("f", 0.0)]
    assert shown.loc[("s", 0.5), "top1"] == tuple(row[["value", "low", "high"]])


def test_the_price_is_told_in_videos_over_all_runs():
    y, a, b = some()
    runs = [
        imbalance.compare(
            {UNCORRECTED: b, Correction("s", 1.0): labels}, {"s": 1.0}, y, np.arange(len(y)), seed=0
        )
        for labels in (a, b)
    ]
    tables = [t.assign(corpus="c", split="random", fold=0, seed=n) for n, t in enumerate(runs)]
    row = imbalance.price(pd.concat(tables)).set_index("method").loc["s"]
    assert (row["corpus"], row["split"], row["n"]) == ("c", "random", 2 * len(y))
    gained = int((y == a).sum()) - int((y == b).sum())
    assert gained != 0 and row["videos"] == pytest.approx(gained)
    first = runs[0].set_index(["method", "measure"])["difference"]["s"]
    for measure in ("macro_f1", "balanced_accuracy"):
        assert row[measure] == pytest.approx(first[measure] / 2)


def test_runs_that_are_lacking_have_no_price():
    assert imbalance.price(pd.DataFrame()).empty
