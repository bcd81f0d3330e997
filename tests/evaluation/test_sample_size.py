"""Sizes of experiments, held against simulation and against the intervals that they are about."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail, test_proportions_2indep

from ytcat.evaluation import sample_size

test_proportions_2indep.__test__ = False  # no test of ours
shares = st.floats(0.05, 0.95)


def test_four_times_the_videos_halve_the_interval():
    assert sample_size.interval_width(0.54, 100) == pytest.approx(0.192, abs=1e-3)
    ratio = sample_size.interval_width(0.54, 1020) / sample_size.interval_width(0.54, 4080)
    assert ratio == pytest.approx(2, rel=0.01)


@settings(deadline=None)
@given(shares, st.floats(0.01, 0.6))
def test_videos_needed_is_the_fewest(share, width):
    n = sample_size.videos_needed(share, width)
    assert sample_size.interval_width(share, n) <= width
    assert n == 1 or sample_size.interval_width(share, n - 1) > width


def test_no_interval_without_width():
    with pytest.raises(ValueError, match="width 0"):
        sample_size.videos_needed(0.5, 0)


@settings(deadline=None, max_examples=30)
@given(shares, shares, st.integers(200, 3000))
def test_trials_needed_is_the_fewest_or_impossible(people, model, n_model):
    n = sample_size.trials_needed(people, model, n_model)
    if math.isinf(n):
        assert sample_size.power(people, sample_size.MOST, model, n_model) < 0.8
    else:
        assert sample_size.power(people, n, model, n_model) >= 0.8
        assert n == 1 or sample_size.power(people, n - 1, model, n_model) < 0.8


def test_a_smaller_difference_or_fewer_test_videos_need_more_trials():
    assert sample_size.trials_needed(0.54, 0.65, 1020) < sample_size.trials_needed(0.54, 0.60, 1020)
    assert sample_size.trials_needed(0.54, 0.60, 10_200) < sample_size.trials_needed(0.54, 0.60, 1020)
    assert sample_size.trials_needed(0.54, 0.55, 1020) == math.inf


def test_equal_groups_are_as_in_statsmodels():
    expected = samplesize_proportions_2indep_onetail(0.15, 0.45, 0.8)
    assert sample_size.power(0.60, round(expected), 0.45, round(expected)) == pytest.approx(0.8, abs=0.005)


@pytest.mark.parametrize(("model", "n_model"), [(0.45, 1020), (0.65, 1020), (0.60, 3000)])
def test_the_power_is_that_of_simulated_tests(model, n_model):
    n_people = int(sample_size.trials_needed(0.54, model, n_model))
    rng = np.random.default_rng(0)
    people, machine = rng.binomial(n_people, 0.54, 2000), rng.binomial(n_model, model, 2000)
    significant = [
        test_proportions_2indep(k, n_people, m, n_model, method="score", correction=False).pvalue < 0.05
        for k, m in zip(people, machine, strict=True)
    ]
    assert np.mean(significant) == pytest.approx(0.8, abs=0.03)
