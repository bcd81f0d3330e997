"""What a model could know, on made recordings, and the figures of the recordings in the repository."""

import numpy as np
import pandas as pd
import pytest

from ytcat import reference_runs
from ytcat.categories import IDS, N_CATEGORIES
from ytcat.reference_runs import COLUMNS, limits, splits
from ytcat.reference_runs.splits import SPLITS_TABLE

MUSIC, SPORT, COMEDY = 2, 4, 8  # labels


def predictions_of(split, fold, seed, rows):
    """Predictions of the chosen model, of rows (row, channel, truth, answer)."""
    row, channel, truth, answer = map(np.array, zip(*rows, strict=True))
    probabilities = np.full((len(row), N_CATEGORIES), 0.3 / (N_CATEGORIES - 1), dtype=np.float32)
    probabilities[np.arange(len(row)), answer] = 0.7
    table = pd.DataFrame(probabilities, columns=[f"p_{i}" for i in IDS])
    about = {"model": "best", "split": split, "fold": fold, "seed": seed, "row": row, "channel": channel}
    return table.assign(**about, y_true=np.array(IDS)[truth])[COLUMNS]


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Eight videos of five channels: by channel all are tested, by time 4..7.

    On the random split 0..3 are tested, with two seeds; the channels of 0 and 1 are known.
    """
    monkeypatch.setattr(reference_runs, "FOLDER", tmp_path)
    folder = tmp_path / "made"
    folder.mkdir()
    M, S, C = MUSIC, SPORT, COMEDY
    tables = [
        predictions_of("random", 0, 0, [(0, 1, M, M), (1, 2, S, S), (2, 3, M, C), (3, 4, C, C)]),
        predictions_of("random", 0, 1, [(0, 1, M, M), (1, 2, S, M), (2, 3, M, C), (3, 4, C, C)]),
        predictions_of("channel", 0, 0, [(0, 1, M, S), (4, 1, M, M), (1, 2, S, M), (5, 2, S, S)]),
        predictions_of("channel", 1, 1, [(2, 3, M, C), (3, 4, C, C), (6, 5, M, M), (7, 5, M, M)]),
        predictions_of("time", 0, 0, [(4, 1, M, M), (5, 2, S, S), (6, 5, M, S), (7, 5, M, S)]),
    ]  # fmt: skip
    pd.concat(tables, ignore_index=True).to_parquet(folder / "predictions.parquet")
    (folder / "manifest.json").write_text('{"runs": [{}], "tables": []}')
    (folder / "results.json").write_text('{"best": {}, "best@channel": {}, "best@time": {}}')
    pd.DataFrame(
        {
            "split": "random", "fold": 0, "row": [0, 1, 2, 3], "known": [True, True, False, False],
            "answer": np.array(IDS)[[MUSIC, MUSIC, MUSIC, MUSIC]],
        }
    ).to_csv(folder / limits.LOOKUP, index=False)  # fmt: skip
    return folder


def test_the_look_up_stands_beside_the_model_on_known_and_on_new_channels(made):
    table = limits.known_channels().set_index("channels")
    assert table["videos"].to_dict() == {"all": 4, "known": 2, "new": 2}
    assert table["lookup"].to_dict() == {"all": 0.5, "known": 0.5, "new": 0.5}
    assert table["chosen"].to_dict() == {"all": 0.625, "known": 0.75, "new": 0.5}
    assert table.loc["all", "difference"] == pytest.approx(0.125)
    assert table.loc["known", ["chosen_low", "chosen_high"]].tolist() == [0.5, 1]


def test_the_same_videos_are_compared_with_and_without_their_channel(made):
    table = limits.same_videos_unknown().set_index("channels")
    assert table.loc["known", ["with_channel", "without_channel", "difference"]].tolist() == [0.75, 0, 0.75]
    assert table.loc["new", ["with_channel", "without_channel", "difference"]].tolist() == [0.5, 0.5, 0]


def test_errors_calibration_coverage_and_recall_are_of_all_seeds_and_folds(made):
    errors = limits.neighbour_errors().set_index("split")
    assert errors["top1"].to_dict() == {"random": 0.625, "channel": 0.625, "time": 0.5}
    assert (errors["value"] == 0).all()  # Music for Sport, Comedy for Music: not among neighbours
    calibration = limits.calibration().set_index("split")
    assert calibration.loc["time", "n_test"] == 4
    assert calibration.loc["time", "ece"] == pytest.approx(0.2, abs=1e-6)
    assert calibration.loc["random", "ece"] == pytest.approx((0.05 + 0.2) / 2, abs=1e-6)
    assert calibration.loc["time", "calibrated_high"] > calibration.loc["time", "calibrated"] > 0
    recall = limits.recall_by_category().set_index(["split", "category"])
    assert recall.loc[("random", "Music"), ["videos", "value"]].tolist() == [2, 0.5]
    assert recall.loc[("random", "Sport"), ["videos", "value"]].tolist() == [1, 0.5]
    assert recall.loc[("channel", "Music"), ["videos", "clusters", "value"]].tolist() == [5, 3, 0.6]
    coverage = limits.coverage().query("coverage == 1").set_index("split")["value"]
    assert coverage.to_dict() == {"random": 0.625, "channel": 0.625}


def test_the_loss_on_later_videos_is_split_into_mix_and_recall(made):
    """Random: Music 1 of 2, Sport 1/2, Comedy 1. Later: Music 1 of 3, Sport 1; no Comedy."""
    row = splits.later_videos(["best", "tfidf"]).iloc[0]
    assert row["random"] == 0.625
    assert row["time"] == 0.5
    assert row["time_at_mix"] == pytest.approx(
        (1 / 3 * 2 + 1 * 1) / 3
    )  # Music twice, Sport once; Comedy left out
    assert row["difference"] == -0.125
    assert row["by_mix"] == pytest.approx(0.5 - 5 / 9)
    assert row["by_mix_first"] == pytest.approx(0.5 - 0.625)


def test_splits_are_summed_over_folds(made):
    """Two folds by channel; by time ten days between training and test, none between validation and test."""
    rows = []
    for split, fold, part, n, first, last, known in (
        ("channel", 0, "train", 8, "2020-01-01", "2020-03-01", None),
        ("channel", 0, "validation", 1, "2020-01-01", "2020-03-01", None),
        ("channel", 0, "test", 4, "2020-01-05", "2020-03-02", 0),
        ("channel", 1, "train", 10, "2020-01-02", "2020-03-01", None),
        ("channel", 1, "validation", 1, "2020-01-01", "2020-03-03", None),
        ("channel", 1, "test", 2, "2020-01-07", "2020-03-01", 0),
        ("time", 0, "train", 9, "2020-01-01", "2020-01-31", None),
        ("time", 0, "validation", 1, "2020-02-01", "2020-02-10", None),
        ("time", 0, "test", 4, "2020-02-10", "2020-03-01", 3),
    ):
        row = {"split": split, "fold": fold, "part": part, "videos": n, "first": first, "last": last}
        mix = dict.fromkeys(splits.NAMES, 0) | {"Music": n - 1, "Sport": 1}
        rows.append(row | {"known_channel": known, "tried_on": n // 2} | mix)
    pd.DataFrame(rows).to_csv(made / SPLITS_TABLE, index=False)
    table = splits.summary().set_index("split")
    assert table.loc["channel", ["train", "validation", "test"]].tolist() == [9, 1, 3]
    assert table.loc["channel", ["train_first", "test_last"]].tolist() == ["2020-01-01", "2020-03-02"]
    assert table["gap"].to_dict() == {"channel": 0, "time": 10}
    assert table["gap_validation"].to_dict() == {"channel": 0, "time": 0}
    assert table["known_channel"].to_dict() == {"channel": 0, "time": 0.75}
    assert table["tried_on"].to_dict() == {"channel": 0.5, "time": 0.5}
    assert table.loc["channel", "mix_distance"] == pytest.approx(((1 / 4 - 1 / 8) + (1 / 2 - 1 / 10)) / 2)
    assert splits.class_mix().loc["Sport", ("made", "time", "test")] == 0.25


# ---- the recordings in the repository


def test_a_look_up_of_channels_beats_the_chosen_model_on_the_random_split():
    table = limits.known_channels().set_index(["corpus", "channels"])
    for corpus in ("us-2017", "us-2020"):
        assert table.loc[(corpus, "all"), "lookup"] == pytest.approx(0.764, abs=0.005)
        assert table.loc[(corpus, "all"), "difference_high"] < 0
        assert table.loc[(corpus, "new"), "difference_low"] > 0
    assert table.loc[("us-2020", "known"), "chosen"] == pytest.approx(0.751, abs=0.002)
    assert table.loc[("us-2020", "new"), "chosen"] == pytest.approx(0.590, abs=0.002)


def test_labels_agree_within_a_channel():
    table = limits.label_agreement().query("category == 'All'").set_index("corpus")["as_most"]
    assert table["us-2020"] == pytest.approx(0.973, abs=0.001)
    assert table["us-2017"] == pytest.approx(0.946, abs=0.001)


def test_the_split_by_time_of_us_2020_lies_thirteen_months_after_its_training_but_not_its_validation():
    row = splits.summary().set_index(["corpus", "split"]).loc[("us-2020", "time")]
    assert row[["train_last", "test_first", "test_last"]].tolist() == [
        "2020-11-27",
        "2021-12-03",
        "2021-12-29",
    ]
    assert row["gap"] == 371
    assert row["gap_validation"] == 0
    assert row["tried_on"] == pytest.approx(0.82, abs=0.01)
    loss = splits.later_videos(["best"]).set_index("corpus").loc["us-2020"]
    assert loss["difference"] == pytest.approx(-0.122, abs=0.001)
    assert loss["by_mix"] == pytest.approx(-0.038, abs=0.001)


def test_the_chosen_model_is_hardly_worse_calibrated_than_a_calibrated_one_except_on_later_videos():
    table = limits.calibration().set_index(["corpus", "split"])
    assert table.loc[("us-2020", "random"), "calibrated"] == pytest.approx(0.031, abs=0.001)
    assert table.loc[("us-2020", "random"), "ece"] < table.loc[("us-2020", "random"), "calibrated_high"]
    assert table.loc[("us-2020", "time"), "ece"] > table.loc[("us-2020", "time"), "calibrated_high"]
