import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.multitest import multipletests

from ytcat.evaluation import statistics

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
pairs = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=80).map(
    lambda rows: tuple(np.array(column) for column in zip(*rows, strict=True))
)

# ---- Wilson


@settings(deadline=None)
@given(counts)
def test_wilson_is_scipys(count):
    k, n = count
    expected = binomtest(k, n).proportion_ci(0.95, method="wilson")
    assert statistics.wilson(k, n) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert statistics.wilson_of_share(k / n, n) == pytest.approx(statistics.wilson(k, n))


def test_wilson_of_the_human_trials():
    low, high = statistics.wilson_of_share(0.54, 100)
    assert (round(low, 2), round(high, 2)) == (0.44, 0.63)


@pytest.mark.parametrize(("k", "n"), [(-1, 10), (11, 10), (0, 0)])
def test_impossible_counts_are_refused(k, n):
    with pytest.raises(ValueError, match="not possible"):
        statistics.wilson(k, n)
    with pytest.raises(ValueError, match="not possible"):
        statistics.two_proportions(1, 2, k, n)


def test_a_percentage_is_no_share():
    with pytest.raises(ValueError, match="divide a percentage by 100"):
        statistics.wilson_of_share(54, 100)


# ---- two proportions


def test_two_proportions_gives_the_published_comparisons():
    assert round(statistics.two_proportions(522, 1020, 462, 1020), 3) == 0.009  # title against both
    assert round(statistics.two_proportions(462, 1020, 54, 100), 2) == 0.11  # both against people


def hypergeometric(k1, n1, k2, n2):
    """Fisher's two-sided p from its definition: all tables no more probable than the one observed."""
    right = k1 + k2
    ways = {
        k: math.comb(n1, k) * math.comb(n2, right - k) for k in range(max(0, right - n2), min(n1, right) + 1)
    }
    return sum(way for way in ways.values() if way <= ways[k1]) / sum(ways.values())


@settings(deadline=None, max_examples=50)
@given(counts, counts)
def test_two_proportions_is_fishers_exact_test(a, b):
    assert statistics.two_proportions(*a, *b) == pytest.approx(hypergeometric(*a, *b), rel=1e-6)
    assert statistics.two_proportions(*a, *b) == pytest.approx(statistics.two_proportions(*b, *a))


def test_smallest_significant_score_against_people():
    k = statistics.smallest_significant(1020, 54, 100)
    assert hypergeometric(k, 1020, 54, 100) < 0.05 <= hypergeometric(k - 1, 1020, 54, 100)
    assert math.ceil(200 * k / 1020) / 2 == 64.5  # per cent, in steps of half a point


def test_smallest_significant_needs_enough_videos():
    assert statistics.smallest_significant(20, 0, 20) == 5
    assert hypergeometric(5, 20, 0, 20) < 0.05 < hypergeometric(4, 20, 0, 20)
    with pytest.raises(ValueError, match="use more videos"):
        statistics.smallest_significant(3, 2, 3)
    with pytest.raises(ValueError, match="use more videos"):
        statistics.smallest_significant(100, 10, 10)


# ---- paired comparisons


@settings(deadline=None)
@given(pairs)
def test_mcnemar_is_a_fair_coin_on_the_differences(pair):
    a, b = pair
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    expected = binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    assert statistics.mcnemar_exact(a, b) == pytest.approx(expected)


@settings(deadline=None, max_examples=8)  # half a second each: see `holm`
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_is_statsmodels(p_values):
    expected = multipletests(p_values, method="holm")[1]
    np.testing.assert_array_equal(statistics.holm(p_values), expected)


@settings(deadline=None, max_examples=25)
@given(pairs, st.integers(0, 2**32 - 1))
def test_bootstrap_holds_the_difference_and_mirrors_it(pair, seed):
    a, b = pair
    difference, low, high = statistics.paired_bootstrap(a, b, seed, resamples=200)
    assert difference == pytest.approx(a.mean() - b.mean())
    assert -1 <= low <= high <= 1
    assert statistics.paired_bootstrap(a, b, seed, resamples=200) == (difference, low, high)
    mirrored = statistics.paired_bootstrap(b, a, seed, resamples=200)
    assert mirrored == pytest.approx((-difference, -high, -low), abs=1e-12)


def test_bootstrap_interval_is_the_normal_one_for_many_videos():
    rng = np.random.default_rng(3)
    a, b = rng.random(1000) < 0.55, rng.random(1000) < 0.45
    difference, low, high = statistics.paired_bootstrap(a, b, seed=1)
    error = np.std(a.astype(float) - b, ddof=1) / np.sqrt(1000)
    assert (low, high) == pytest.approx((difference - 1.96 * error, difference + 1.96 * error), abs=0.004)


eighths = st.integers(0, 8).map(lambda n: n / 8)
share_pairs = st.lists(st.tuples(eighths, eighths), min_size=2, max_size=40).map(
    lambda rows: tuple(np.array(column) for column in zip(*rows, strict=True))
)


@settings(deadline=None, max_examples=25)
@given(share_pairs, st.integers(0, 2**32 - 1))
def test_bootstrap_takes_the_share_of_seeds_that_were_right(pair, seed):
    a, b = pair
    difference, low, high = statistics.paired_bootstrap(a, b, seed, resamples=200)
    assert difference == pytest.approx(a.mean() - b.mean())
    assert (a - b).min() - 1e-12 <= low <= high <= (a - b).max() + 1e-12
    shifted = statistics.paired_bootstrap(a / 2, b / 2, seed, resamples=200)
    assert shifted == pytest.approx((difference / 2, low / 2, high / 2), abs=1e-12)
    assert statistics.paired_bootstrap(a, a, seed, resamples=50) == (0, 0, 0)


def test_shares_of_0_and_1_are_right_and_wrong():
    rng = np.random.default_rng(4)
    a, b = rng.random(60) < 0.6, rng.random(60) < 0.4
    expected = statistics.paired_bootstrap(a, b, seed=0, resamples=500)
    for one, other in ((a.astype(float), b.astype(float)), (a, b.astype(np.float32))):
        assert statistics.paired_bootstrap(one, other, seed=0, resamples=500) == expected


def test_averaging_seeds_narrows_the_interval():
    rng = np.random.default_rng(6)
    easy = rng.random(400) < 0.5
    seeds = easy & (rng.random((5, 400)) < 0.8)  # each seed misses a fifth at random
    other = np.zeros(400)
    _, low, high = statistics.paired_bootstrap(seeds[0], other, seed=0, resamples=2000)
    _, low_5, high_5 = statistics.paired_bootstrap(seeds.mean(axis=0), other, seed=0, resamples=2000)
    ratio = seeds.mean(axis=0).std() / seeds[0].std()
    assert (high_5 - low_5) / (high - low) == pytest.approx(ratio, rel=0.08)


@pytest.mark.parametrize("wrong", [[0.5, 1.01], [-0.01, 0.5], [np.nan, 0.5], [50, 40], [1, 0], ["a", "b"]])
def test_what_is_no_share_is_refused(wrong):
    for pair in ((wrong, [0.5, 0.5]), ([0.5, 0.5], wrong)):
        with pytest.raises(ValueError, match=r"shares 0\.\.1"):
            statistics.paired_bootstrap(*pair, seed=0)
    with pytest.raises(ValueError, match="bool"):
        statistics.mcnemar_exact([0.5, 1.0], [0.5, 1.0])


def test_equal_models_have_no_interval():
    right = np.array([True, False, True])
    assert statistics.paired_bootstrap(right, right, seed=0, resamples=50) == (0, 0, 0)


def test_videos_of_one_channel_count_together():
    rng = np.random.default_rng(5)
    gains = rng.random(30) < 0.5
    channels = np.repeat(np.arange(30), 20)
    a, b = np.repeat(gains, 20), np.repeat(~gains, 20)  # 20 videos a channel, all alike
    _, low, high = statistics.paired_bootstrap(a, b, seed=0, resamples=2000)
    difference, low_c, high_c = statistics.paired_bootstrap(a, b, seed=0, resamples=2000, clusters=channels)
    assert difference == pytest.approx(a.mean() - b.mean())
    assert (high_c - low_c) / (high - low) == pytest.approx(np.sqrt(20), rel=0.15)
    names = np.array([f"channel {i}" for i in channels])
    assert statistics.paired_bootstrap(a, b, 0, 2000, names)[0] == pytest.approx(difference)


def test_unequal_clusters_weigh_by_their_videos():
    a = np.array([True] * 9 + [False])
    difference, low, high = statistics.paired_bootstrap(
        a, ~a, seed=0, resamples=500, clusters=np.array([0] * 9 + [1])
    )
    assert difference == pytest.approx(0.8)
    assert (low, high) == (-1, 1)


def test_what_is_not_paired_is_refused():
    right = np.array([True, False])
    for compare in (statistics.mcnemar_exact, lambda a, b: statistics.paired_bootstrap(a, b, seed=0)):
        with pytest.raises(ValueError, match="same videos"):
            compare(right, right[:1])
        with pytest.raises(ValueError, match="bool"):
            compare(right, np.array([1, 0]))
    with pytest.raises(ValueError, match="at least two"):
        statistics.paired_bootstrap(right[:1], right[:1], seed=0)
    with pytest.raises(ValueError, match="at least two"):
        statistics.paired_bootstrap(right, right, seed=0, clusters=["a", "a"])
    with pytest.raises(ValueError, match="one per video"):
        statistics.paired_bootstrap(right, right, seed=0, clusters=["a"])


# ---- seeds


def test_mean_and_deviation_of_seeds():
    assert statistics.mean_sd([0.50, 0.51, 0.52]) == pytest.approx((0.51, 0.01))
    mean, deviation = statistics.mean_sd([0.5])
    assert mean == 0.5
    assert math.isnan(deviation)
    with pytest.raises(ValueError, match="at least one"):
        statistics.mean_sd([])


def test_the_interval_of_five_folds_by_students_t():
    values = np.array([0.58, 0.61, 0.62, 0.64, 0.65])
    expected = scipy.stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert statistics.t_interval(values) == pytest.approx((expected.low, expected.high))
    assert statistics.t_interval([0, 2]) == pytest.approx(
        (1 - 12.706, 1 + 12.706), abs=1e-3
    )  # tables: 12.706
    assert statistics.t_interval([0.5, 0.5]) == (0.5, 0.5)
    assert np.isnan(statistics.t_interval([0.5])).all()
    with pytest.raises(ValueError, match="at least one"):
        statistics.t_interval([])


# ---- the engine of every bootstrap


@pytest.mark.parametrize("batch", [1, 7, 500])
def test_the_bootstrap_is_scipys(batch):
    rng = np.random.default_rng(8)
    x, y = rng.random(30), rng.random(20)

    def difference(drawn_x, drawn_y):
        return np.array([x[drawn_x].mean(axis=1) - y[drawn_y].mean(axis=1), x[drawn_x].max(axis=1)])

    def scipys_statistic(x, y, axis):
        return np.array([x.mean(axis=axis) - y.mean(axis=axis), x.max(axis=axis)])

    expected = scipy.stats.bootstrap(
        (x, y), scipys_statistic, n_resamples=300, batch=batch, vectorized=True, method="percentile",
        rng=np.random.default_rng(5),
    ).confidence_interval  # fmt: skip
    interval = statistics.bootstrap(difference, [30, 20], seed=5, resamples=300, batch=batch)
    assert np.array_equal(interval, expected)


def test_resamples_of_one_size_do_not_depend_on_the_batch():
    x = np.random.default_rng(9).random(25)
    one, many = (
        statistics.bootstrap(lambda drawn: x[drawn].mean(axis=1), [25], seed=0, resamples=90, batch=batch)
        for batch in (1, 40)
    )
    assert np.array_equal(one, many)


def test_a_ratio_of_sums_is_scipys_paired_bootstrap():
    rng = np.random.default_rng(10)
    numerator, denominator = rng.random(40), rng.integers(1, 4, 40).astype(float)
    expected = scipy.stats.bootstrap(
        (numerator, denominator), lambda a, b, axis: a.sum(axis=axis) / b.sum(axis=axis),
        n_resamples=1000, paired=True, vectorized=True, method="percentile", rng=np.random.default_rng(3),
    ).confidence_interval  # fmt: skip
    found = statistics.bootstrap_ratio(numerator, denominator, seed=3, resamples=1000)
    assert found[1:] == pytest.approx(tuple(expected), rel=1e-12)  # sums in another order
    other = statistics.bootstrap_ratios([denominator, numerator], denominator, seed=3, resamples=1000)
    assert other[:, 0].tolist() == [1, 1, 1]
    assert other[:, 1] == pytest.approx(found, rel=1e-12)


def test_counts_are_the_draws_of_the_bootstrap():
    x = np.random.default_rng(11).random(30)
    counts = statistics.drawn_counts(statistics.units(30), seed=4, resamples=250)  # more than one batch
    expected = statistics.bootstrap(lambda drawn: x[drawn].mean(axis=1), [30], seed=4, resamples=250)
    assert statistics.percentile_interval(counts @ x / 30) == pytest.approx(expected, rel=1e-12)


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcde"), min_size=2, max_size=30), st.integers(0, 100))
def test_counts_are_of_whole_clusters(names, seed):
    if len(set(names)) < 2:
        names = [*names, "f"]
    unit = statistics.units(len(names), names)
    assert sorted(set(unit)) == list(range(len(set(names))))
    counts = statistics.drawn_counts(unit, seed, resamples=20)
    assert counts.shape == (20, len(names))
    by_cluster = np.array([counts[:, unit == number].max(axis=1) for number in range(len(set(names)))])
    assert (by_cluster.sum(axis=0) == len(set(names))).all()
    assert all((counts[:, unit == number] == by_cluster[number][:, None]).all() for number in set(unit))


def test_counts_within_strata_keep_the_clusters_of_each():
    strata = np.array([0, 0, 0, 0, 1, 1, 2])
    clusters = np.array([7, 7, 8, 9, 7, 8, 8])
    counts = statistics.drawn_counts_within(strata, clusters, seed=3, resamples=4000)
    assert (counts[:, 0] == counts[:, 1]).all()  # one channel in one category
    assert (counts[:, 0] + counts[:, 2] + counts[:, 3] == 3).all()
    assert (counts[:, 4] + counts[:, 5] == 2).all()
    assert (counts[:, 6] == 1).all()
    # A channel is drawn in each category by itself, each as often as any other.
    assert abs(np.corrcoef(counts[:, 0], counts[:, 4])[0, 1]) < 0.05
    assert counts.mean(axis=0) == pytest.approx(np.ones(7), abs=0.05)
    with pytest.raises(ValueError, match="one stratum and one cluster per video"):
        statistics.drawn_counts_within(strata, clusters[:3], seed=0, resamples=5)
