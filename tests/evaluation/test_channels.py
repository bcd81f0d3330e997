"""Tests and intervals that respect channels and trainings, on made cases with known answers."""

import numpy as np
import pytest
from scipy.stats import binomtest, t

from ytcat.evaluation.statistics import (
    bootstrap_ratio,
    cluster_sign_flip,
    effective_n,
    interval_with_seeds,
    mcnemar_exact,
)

# ---- the sign-flip test


def test_with_videos_as_clusters_the_sign_flip_test_is_mcnemars():
    gain = np.repeat([1.0, -1.0, 0.0], [24, 10, 66])
    p = cluster_sign_flip(gain, np.arange(100))
    assert p == pytest.approx(mcnemar_exact(gain == 1, gain == -1), abs=0.004)


def test_few_clusters_are_exchanged_in_every_way():
    """Of 2 ** 6 exchanges of six channels with equal gains two are as far from 0 as the one observed."""
    assert cluster_sign_flip(np.ones(18), np.repeat(np.arange(6), 3)) == pytest.approx(2 / 64)


def test_videos_of_one_channel_are_exchanged_together():
    rng = np.random.default_rng(0)
    by_channel = rng.choice([-1.0, 1.0], 20, p=[0.35, 0.65])
    once = cluster_sign_flip(by_channel, np.arange(20))
    tenfold = cluster_sign_flip(np.repeat(by_channel, 10), np.repeat(np.arange(20), 10))
    assert tenfold == once
    assert cluster_sign_flip(np.repeat(by_channel, 10), np.arange(200)) < 0.05 < once


def test_equal_models_have_a_p_value_of_one():
    assert cluster_sign_flip(np.zeros(30), np.arange(30)) == 1
    assert cluster_sign_flip(np.ones(30), np.zeros(30)) == 1  # one channel tells nothing
    assert cluster_sign_flip([1.0, -1.0], [0, 1]) == 1
    with pytest.raises(ValueError, match="one cluster per video"):
        cluster_sign_flip([1.0], [0, 1])


def test_of_equal_models_about_one_in_twenty_is_called_different():
    rng = np.random.default_rng(1)
    gains = rng.choice([-1.0, 0.0, 1.0], (200, 40))
    p = [cluster_sign_flip(gain, np.arange(40), resamples=500) for gain in gains]
    assert 0.01 < np.mean(np.array(p) < 0.05) < 0.1


# ---- the number of videos that an interval is worth


@pytest.mark.parametrize("k, n", [(300, 1000), (54, 100), (3000, 5000)])
def test_an_interval_of_independent_videos_is_worth_them_all(k, n):
    share = k / n
    half = 1.96 * np.sqrt(share * (1 - share) / n)
    assert effective_n(share, share - half, share + half) == pytest.approx(n, rel=0.005)
    assert effective_n(share, share - 2 * half, share + 2 * half) == pytest.approx(n / 4, rel=0.02)


def test_an_interval_without_width_is_refused():
    with pytest.raises(ValueError, match="has no width"):
        effective_n(0.5, 0.5, 0.5)


# ---- an interval that holds trainings too


def test_the_interval_joins_those_over_videos_and_over_trainings():
    rng = np.random.default_rng(2)
    values = (rng.random((300, 5)) < [0.50, 0.55, 0.60, 0.52, 0.58]).astype(float)
    clusters = np.arange(300) // 3
    mean, low, high = interval_with_seeds(values, clusters=clusters)
    _, over_low, over_high = bootstrap_ratio(values.mean(axis=1), np.ones(300), 0, clusters=clusters)
    seeds = values.mean(axis=0)
    margin = t.ppf(0.975, 4) * seeds.std(ddof=1) / np.sqrt(5)
    assert mean == pytest.approx(values.mean())
    assert mean - low == pytest.approx(np.hypot(mean - over_low, margin))
    assert high - mean == pytest.approx(np.hypot(over_high - mean, margin))


def test_equal_trainings_add_nothing():
    correct = np.repeat([1.0, 0.0], [70, 30])
    found = interval_with_seeds(np.column_stack([correct] * 3))
    assert found == pytest.approx(bootstrap_ratio(correct, np.ones(100), 0))
    assert found[1:] == pytest.approx(binomtest(70, 100).proportion_ci(method="wilson"), abs=0.02)


def test_one_training_is_refused():
    with pytest.raises(ValueError, match="at least two trainings"):
        interval_with_seeds(np.ones((10, 1)))
