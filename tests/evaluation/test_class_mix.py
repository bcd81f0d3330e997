"""Accuracy at another class mix, on made cases with known answers."""

import numpy as np
import pytest

from ytcat.evaluation.class_mix import shifted, standardized_mean

EACH = np.arange(8)  # every video its own channel


def test_each_categorys_mean_is_weighted_by_the_mix():
    categories = np.repeat([0, 1], [6, 2])
    correct = [1, 1, 1, 1, 1, 0, 1, 0]  # recalls 5/6 and 1/2
    found = standardized_mean(correct, categories, [1, 3], EACH)
    assert found.value == pytest.approx((5 / 6 + 3 * 0.5) / 4)
    assert found.covered == 1
    assert found.low < found.value < found.high


def test_at_the_tests_own_mix_it_is_the_plain_mean():
    rng = np.random.default_rng(0)
    categories, correct = rng.integers(4, size=200), rng.random(200)
    found = standardized_mean(correct, categories, np.bincount(categories), np.arange(200))
    assert found.value == pytest.approx(correct.mean())


def test_a_category_without_videos_leaves_its_weight_to_the_others():
    found = standardized_mean([1, 1, 0, 1], [0, 0, 2, 2], [2, 5, 3], np.arange(4))
    assert found.value == pytest.approx((2 * 1 + 3 * 0.5) / 5)
    assert found.covered == pytest.approx(0.5)
    with pytest.raises(ValueError, match="no category of the class mix has videos"):
        standardized_mean([1, 0], [0, 0], [0, 1], [0, 1])


def test_the_interval_is_that_of_the_stratified_standard_error():
    n = 400
    categories, rng = np.repeat([0, 1], n // 2), np.random.default_rng(1)
    correct = (rng.random(n) < np.where(categories == 0, 0.8, 0.4)).astype(float)
    recalls = np.array([correct[:200].mean(), correct[200:].mean()])
    error = np.sqrt(np.sum(np.array([0.25, 0.75]) ** 2 * recalls * (1 - recalls) / 200))
    found = standardized_mean(correct, categories, [0.25, 0.75], np.arange(n))
    assert (found.low, found.high) == pytest.approx(
        (found.value - 1.96 * error, found.value + 1.96 * error), abs=0.01
    )


def test_videos_of_one_channel_count_as_one():
    """Copies of each video in the same channel make nothing more certain."""
    rng = np.random.default_rng(2)
    categories, correct = rng.integers(3, size=60), (rng.random(60) < 0.6).astype(float)
    once = standardized_mean(correct, categories, [1, 1, 1], np.arange(60))
    copies = (np.repeat(values, 9) for values in (correct, categories))
    assert standardized_mean(*copies, [1, 1, 1], np.repeat(np.arange(60), 9)) == pytest.approx(once)


def test_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="one category per value"):
        standardized_mean([1, 0], [0], [1, 1], [0, 1])


def test_shifting_to_the_training_mix_changes_nothing():
    probabilities = np.array([[0.2, 0.3, 0.5], [0.6, 0.4, 0.0]])
    assert shifted(probabilities, [5, 2, 3], [50, 20, 30]) == pytest.approx(probabilities)


def test_shifting_is_bayes_rule_with_another_prior():
    """Likelihoods 0.9 and 0.2; learned with equal shares, asked where the first is rare."""
    likelihood = np.array([0.9, 0.2])
    learned = likelihood / likelihood.sum()
    expected = likelihood * [0.1, 0.9] / (likelihood @ [0.1, 0.9])
    assert shifted([learned], [0.5, 0.5], [0.1, 0.9])[0] == pytest.approx(expected)


def test_a_category_that_training_lacks_is_never_the_answer():
    found = shifted([[0.1, 0.3, 0.6]], [1, 1, 0], [1, 1, 5])
    assert found[0] == pytest.approx([0.25, 0.75, 0])
