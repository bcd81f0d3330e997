"""The comparisons named beforehand, and the targets: on made predictions, and on the recorded ones."""

import numpy as np
import pytest

from made_runs import N, recorded, run
from ytcat import reference_runs
from ytcat.reference_runs import compare, primary, read_all, targets
from ytcat.views import MODELS, SPLITS, VIEWS


def first(n):
    return np.arange(N) < n


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """Made runs of 2020: fusion is better than the title, the chosen model no better than its best part."""
    share = {"image": 60, "majority": 58, "fusion": 150, "text": 100, "best": 200}
    share |= dict.fromkeys(primary.PARTS, 150) | {"joint_kernel": 198}
    tables = [
        run(model, first(n), split=split) for model, n in share.items() for split in ("random", "channel")
    ]
    return recorded(tmp_path_factory.mktemp("made") / "us-2020", *tables)


@pytest.fixture
def made(reference, monkeypatch):
    """`reference`, which is all that is recorded."""
    monkeypatch.setattr(reference_runs, "FOLDER", reference.folder.parent)
    return reference


def test_at_most_five_comparisons_of_known_models_are_named():
    assert len(primary.PRIMARY) <= 5
    for comparison in primary.PRIMARY:
        assert comparison.a in MODELS and comparison.split in SPLITS
        assert comparison.b in MODELS or comparison.b == primary.STRONGEST_PART


def test_each_comparison_is_the_difference_over_channels_with_holms_correction(made):
    table = primary.table()
    assert table["a"].tolist() == ["image", "fusion", "best", "best"]  # 2017 is not recorded here
    assert set(table["b"].tolist()[2:]) == {"joint_kernel"}
    for row in table.itertuples():
        found = compare.difference(made, row.a, row.b, row.split)
        assert (row.difference, row.low, row.high) == (found.difference, found.low, found.high)
        assert (row.n_videos, row.n_channels) == (N, N // 2)
    by_models = table.set_index(["a", "split"])
    assert by_models.loc[("fusion", "random"), "p_value"] == pytest.approx(2 / 20_001)
    assert by_models.loc[("fusion", "random"), "holm"] == 4 * by_models.loc[("fusion", "random"), "p_value"]
    assert table["shown"].tolist() == [False, True, False, False]


def test_a_difference_within_a_single_channel_shows_nothing(made):
    image = primary.table().set_index("a").loc["image"]
    assert image["difference"] == pytest.approx(2 / N)  # two videos of one channel
    assert image["p_value"] == 1


def test_of_the_recorded_comparisons_the_slides_way_of_joining_gains_three_points():
    table = primary.table()
    assert len(table) == len(primary.PRIMARY)
    by_models = table.set_index(["a", "split"])
    fusion = by_models.loc[("fusion", "random")]
    assert fusion["difference"] == pytest.approx(0.035, abs=0.001)
    assert fusion["shown"]
    assert (
        by_models.loc[("minilm", "random"), "n_train_a"] == by_models.loc[("minilm", "random"), "n_train_b"]
    )
    assert not by_models.loc[("best", "random"), "shown"]  # against the strongest part, on known channels
    assert by_models.loc[("best", "channel"), "difference"] == pytest.approx(0.014, abs=0.001)
    assert (table["holm"] >= table["p_value"]).all()


def test_stacking_on_out_of_fold_scores_gains_what_in_sample_scores_cost():
    reference = next(reference for reference in read_all() if reference.name == "us-2020")
    for split, points in (("random", 3.7), ("channel", 2.2)):
        found = compare.difference(reference, "stacking", "stacking_in_sample", split)
        assert 100 * found.difference == pytest.approx(points, abs=0.06)
        assert found.low > 0


# ---- targets


@pytest.mark.parametrize(
    "low, high, expected",
    [(0.5, 0.6, "met"), (0.3, 0.49, "missed"), (0.49, 0.51, "undecided"), (0.4, 0.5, "undecided")],
)
def test_a_target_is_met_or_missed_by_the_whole_interval(low, high, expected):
    assert targets.verdict(0.5, low, high) == expected


def test_targets_are_held_against_their_models(made):
    table = targets.table().set_index(["model", "split"])
    of_each = [(model, split) for model in ("thumbnail_kernel", "best") for split in ("random", "channel")]
    assert table.index.tolist() == of_each
    thumbnail = table.loc[("thumbnail_kernel", "random")]
    assert thumbnail["top1"] == made.results["thumbnail_kernel"]["top1"] == 150 / N
    assert thumbnail["reached"]
    assert thumbnail["verdict"] == targets.verdict(0.5, thumbnail["low"], thumbnail["high"])


def test_every_target_of_a_recorded_model_has_a_row():
    table = targets.table()
    recorded = {reference.name: reference.results for reference in read_all()}
    expected = [t for t in targets.TARGETS if reference_runs.key(t.model, t.split) in recorded[t.corpus]]
    assert list(zip(table["corpus"], table["model"], table["split"], strict=True)) == [
        target[:3] for target in expected
    ]
    assert {view.chosen_model for view in VIEWS.values()} <= set(table["model"])
    both = table.set_index(["model", "split"]).loc[("best", "random")]
    assert both["verdict"] == targets.MISSED  # 70.7 % of 75 %
