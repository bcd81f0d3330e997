import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from ytcat import slides
from ytcat.categories import NAMES
from ytcat.evaluation import metrics

labels = st.integers(1, 60).flatmap(lambda n: hnp.arrays(np.int64, n, elements=st.integers(0, 13)))
matrices = hnp.arrays(np.int64, (14, 14), elements=st.integers(0, 4)).filter(lambda m: m.sum() > 0)


@st.composite
def answers(draw):
    """Labels and probabilities, with ties."""
    y_true = draw(labels)
    weights = draw(hnp.arrays(np.float64, (len(y_true), 14), elements=st.sampled_from([0.5, 1, 2, 7])))
    return y_true, (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def drawn():
    """300 labels and untied probabilities."""
    rng = np.random.default_rng(7)
    return rng.integers(0, 14, 300), rng.dirichlet(np.ones(14), 300)


def truth_and_answers(matrix):
    """The videos of a confusion matrix, one by one, independently of the code under test."""
    pairs = [(i, j) for i in range(14) for j in range(14) for _ in range(matrix[i, j])]
    return tuple(map(list, zip(*pairs, strict=True)))


# ---- top-k


@settings(deadline=None)
@given(answers())
def test_top_k_grows_from_argmax_to_certainty(data):
    y_true, probabilities = data
    assert (metrics.in_top_k(y_true, probabilities, 1) == (probabilities.argmax(axis=1) == y_true)).all()
    shares = [metrics.in_top_k(y_true, probabilities, k).mean() for k in range(1, 15)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("k", [1, 2, 5, 13])
def test_top_k_agrees_with_scikit_learn(drawn, k):
    expected = sk.top_k_accuracy_score(*drawn, k=k, labels=range(14))
    assert metrics.in_top_k(*drawn, k).mean() == pytest.approx(expected)


def test_of_equal_probabilities_the_lower_label_goes_first():
    uniform = np.full((14, 14), 1 / 14)
    assert metrics.in_top_k(np.arange(14), uniform, 5).tolist() == [True] * 5 + [False] * 9


def test_a_guess_of_one_category_has_the_truth_in_its_top_5_by_luck():
    """The expectation is 1 for a correct guess, and 4 of the 13 other places for a wrong one."""
    guesses = np.eye(14)[[0, 0, 3, 13]]
    found = metrics.expected_in_top_k([0, 1, 13, 3], guesses, 5)
    assert found.tolist() == [1, 4 / 13, 4 / 13, 4 / 13]
    assert metrics.summary([0, 1, 13, 3], guesses)["top5"] == pytest.approx((1 + 12 / 13) / 4)
    assert metrics.expected_in_top_k([5, 9], np.full((2, 14), 1 / 14), 5).tolist() == [5 / 14] * 2


@settings(deadline=None)
@given(answers(), st.integers(1, 14))
def test_the_places_of_all_categories_in_the_top_k_add_up_to_k(data, k):
    y_true, probabilities = data
    places = [metrics.expected_in_top_k(np.full_like(y_true, label), probabilities, k) for label in range(14)]
    assert np.sum(places, axis=0) == pytest.approx(k)
    random = np.random.default_rng(0).random((100, *probabilities.shape)) * 1e-6  # breaks ties at random
    drawn = [metrics.in_top_k(y_true, probabilities.astype(float) + noise, k) for noise in random]
    assert np.mean(drawn, axis=0) == pytest.approx(metrics.expected_in_top_k(*data, k), abs=0.2)


@pytest.mark.parametrize("k", [1, 5])
def test_without_ties_the_expectation_is_what_is_there(drawn, k):
    assert (metrics.expected_in_top_k(*drawn, k) == metrics.in_top_k(*drawn, k)).all()


def test_top_k_of_one_known_video():
    probabilities = np.zeros((1, 14))
    probabilities[0, [3, 8, 9]] = 0.2, 0.5, 0.3
    assert metrics.in_top_k([8], probabilities, 1).all()
    assert not metrics.in_top_k([3], probabilities, 2).any()
    assert metrics.in_top_k([3], probabilities, 3).all()


@pytest.mark.parametrize(
    ("y_true", "shape", "k", "message"),
    [
        ([0, 1], (3, 14), 1, "shape"),
        ([0, 1], (2, 13), 1, "shape"),
        ([], (0, 14), 1, "y_true"),
        ([[0, 1]], (2, 14), 1, "y_true"),
        ([0, 14], (2, 14), 1, "holds 14"),
        ([-1, 3], (2, 14), 1, "holds -1"),
        ([0.0, 1.0], (2, 14), 1, "integer"),
        ([0, 1], (2, 14), 0, "between 1 and 14"),
        ([0, 1], (2, 14), 15, "between 1 and 14"),
    ],
)
def test_wrong_arguments_are_named(y_true, shape, k, message):
    with pytest.raises(ValueError, match=message):
        metrics.in_top_k(y_true, np.full(shape, 1 / 14), k)


def test_a_diverged_model_is_named():
    probabilities = np.full((3, 14), 1 / 14)
    probabilities[1, 4] = np.nan
    with pytest.raises(ValueError, match="row 1 is not finite"):
        metrics.in_top_k([0, 1, 2], probabilities, 1)


# ---- confusion matrices


@settings(deadline=None)
@given(labels, st.randoms(use_true_random=False))
def test_confusion_counts_every_pair(y_true, random):
    y_pred = np.array([random.randrange(14) for _ in y_true])
    expected = np.zeros((14, 14), dtype=int)
    for truth, answer in zip(y_true, y_pred, strict=True):
        expected[truth, answer] += 1
    matrix = metrics.confusion(y_true, y_pred)
    assert (matrix == expected).all()
    assert np.issubdtype(matrix.dtype, np.integer)


def test_confusion_needs_an_answer_for_each_video():
    with pytest.raises(ValueError, match="one answer per video"):
        metrics.confusion([1, 2], [1])


@settings(deadline=None, max_examples=30)
@given(matrices)
def test_figures_of_a_matrix_agree_with_scikit_learn(matrix):
    y_true, y_pred = truth_and_answers(matrix)
    assert metrics.accuracy(matrix) == pytest.approx(sk.accuracy_score(y_true, y_pred))
    assert metrics.macro_f1(matrix) == pytest.approx(
        sk.f1_score(y_true, y_pred, average="macro", zero_division=0)
    )
    recalls = [matrix[i, i] / matrix[i].sum() for i in range(14) if matrix[i].any()]
    assert metrics.balanced_accuracy(matrix) == pytest.approx(np.mean(recalls))


def test_per_category_of_the_slides_image_matrix():
    table = metrics.per_category(slides.CONFUSION["image"]).set_index("category")
    assert tuple(table.index) == NAMES
    assert table["support"].tolist() == slides.TEST_COUNTS.tolist()
    assert table.loc["Music", "recall"] == pytest.approx(45 / 138)
    assert table.loc["Music", "precision"] == pytest.approx(45 / 127)
    assert table.loc["Music", "f1"] == pytest.approx(2 * 45 / (138 + 127))
    never = table.index[table["precision"].isna()].tolist()
    assert never == ["Auto & Vehicles", "Travel and Events", "Gaming"]
    assert (table.loc[never, ["recall", "f1"]] == 0).all(axis=None)


def test_a_category_that_never_occurs_has_no_figures():
    matrix = np.zeros((14, 14), dtype=int)
    matrix[0, 0] = 3
    table = metrics.per_category(matrix)
    assert table.loc[0, ["precision", "recall", "f1"]].tolist() == [1, 1, 1]
    assert table.loc[1:, ["precision", "recall", "f1"]].isna().all(axis=None)
    assert metrics.macro_f1(matrix) == metrics.balanced_accuracy(matrix) == 1.0


@pytest.mark.parametrize(
    "matrix", [np.ones((13, 14), int), np.eye(14), -np.eye(14, dtype=int), np.zeros((14, 14), int)]
)
def test_what_is_no_confusion_matrix_is_refused(matrix):
    for figure in (metrics.accuracy, metrics.per_category):
        with pytest.raises(ValueError, match="confusion matrix"):
            figure(matrix)


# ---- calibration


def confident(share, n, right):
    """n videos answered "0" with that confidence, of which so many are right."""
    probabilities = np.full((n, 14), (1 - share) / 13)
    probabilities[:, 0] = share
    return np.where(np.arange(n) < right, 0, 1), probabilities


def test_calibration_of_known_answers():
    y_a, p_a = confident(0.9, 10, right=9)  # calibrated
    y_b, p_b = confident(0.5, 10, right=1)  # 40 points overconfident
    y_true, probabilities = np.concatenate([y_a, y_b]), np.concatenate([p_a, p_b])
    table = metrics.reliability(y_true, probabilities)
    assert table.columns.tolist() == ["confidence", "accuracy", "count"]
    assert np.allclose(table["confidence"], [0.5, 0.9])
    assert np.allclose(table["accuracy"], [0.1, 0.9])
    assert table["count"].tolist() == [10, 10]
    assert metrics.expected_calibration_error(y_true, probabilities) == pytest.approx(0.2)


def test_means_and_bins_are_those_of_scikit_learns_calibration_curve(drawn):
    y_true, probabilities = drawn
    hits, confidence = probabilities.argmax(axis=1) == y_true, probabilities.max(axis=1)
    accuracy, mean_confidence = calibration_curve(hits, confidence, n_bins=15)
    table = metrics.reliability(y_true, probabilities)
    np.testing.assert_allclose(table["accuracy"], accuracy)
    np.testing.assert_allclose(table["confidence"], mean_confidence)


def test_one_occupied_bin_compares_the_two_means():
    confidence = np.array([0.61, 0.62, 0.63, 0.66])  # all in (9/15, 10/15]
    probabilities = np.column_stack([confidence, 1 - confidence, *np.zeros((12, 4))])
    error = metrics.expected_calibration_error([0, 1, 1, 1], probabilities)
    assert error == pytest.approx(confidence.mean() - 0.25)


@settings(deadline=None)
@given(answers())
def test_reliability_counts_every_video_once(data):
    y_true, probabilities = data
    table = metrics.reliability(y_true, probabilities)
    assert table["count"].sum() == len(y_true)
    assert len(table) <= 15
    assert table["confidence"].is_monotonic_increasing
    assert 0 <= metrics.expected_calibration_error(y_true, probabilities) <= 1


def test_calibration_refuses_what_are_no_probabilities():
    for scores in (np.eye(14) * 3, np.eye(14) * 2 - 1 / 14):
        with pytest.raises(ValueError, match="summing to 1"):
            metrics.reliability(np.arange(14), scores)


# ---- summary


def test_summary_gathers_the_figures(drawn):
    y_true, probabilities = drawn
    summary = metrics.summary(y_true, probabilities)
    matrix = metrics.confusion(y_true, probabilities.argmax(axis=1))
    assert summary["n"] == 300
    assert summary["top1"] == pytest.approx(metrics.accuracy(matrix))
    assert summary["top5"] == metrics.in_top_k(y_true, probabilities, 5).mean()
    assert summary["macro_f1"] == metrics.macro_f1(matrix)
    assert summary["balanced_accuracy"] == metrics.balanced_accuracy(matrix)
    assert summary["ece"] == metrics.expected_calibration_error(y_true, probabilities)
    assert (
        summary["top1_low"] < summary["top1"] < summary["top1_high"] < summary["top5_low"] < summary["top5"]
    )
    assert summary["top5"] < summary["top5_high"]
    assert {type(value) for value in summary.values()} == {int, float}


def test_summary_of_a_perfect_model():
    summary = metrics.summary(np.arange(14), np.eye(14, dtype=np.float32))
    assert all(
        summary[name] == 1.0 for name in ("top1", "top5", "macro_f1", "balanced_accuracy", "top1_high")
    )
    assert summary["ece"] == 0.0
    assert summary["top1_low"] == pytest.approx(
        14 / (14 + 1.959964**2), abs=1e-6
    )  # Wilson's limit for n of n
