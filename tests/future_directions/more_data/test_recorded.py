"""Recorded learning curves of a made corpus: folds joined, forecasts that know what they missed."""

import numpy as np
import pandas as pd
import pytest

from ytcat import reference_runs
from ytcat.categories import IDS
from ytcat.future_directions.more_data import learning_curves, recorded
from ytcat.future_directions.more_data.learning_curves import TrainedModel
from ytcat.future_directions.more_data.power_law import PowerLaw
from ytcat.reference_runs import COLUMNS

LAW = PowerLaw(0.2, 3.0, 0.4)
SIZES = [250, 500, 1000, 2000, 4000]


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Two folds of 300 test videos, of 100 channels each; the title's accuracy follows `LAW`."""
    monkeypatch.setattr(reference_runs, "FOLDER", tmp_path)
    folder = tmp_path / "made"
    folder.mkdir()
    videos, counts, predictions = [], [], []
    for fold in (0, 1):
        rows, hard = np.arange(300) * 2 + fold, (np.arange(300) + 0.5) / 300
        models = [
            TrainedModel("title", n + fold, repeat, hard < LAW.accuracy(n), hard < 1)
            for n in SIZES
            for repeat in range(2 if n < SIZES[-1] else 1)
        ]
        run = {"split": "channel", "fold": fold, "seed": fold}
        videos.append(learning_curves.per_video(models, rows).assign(**run))
        counts.append(learning_curves.table(models).assign(**run))
        table = pd.DataFrame({"model": "tfidf", **run, "row": rows, "channel": rows % 200, "y_true": IDS[0]})
        predictions.append(table.assign(**{f"p_{i}": np.float32(1 / 14) for i in IDS})[COLUMNS])
    pd.concat(videos).to_csv(folder / "learning_curve_videos.csv", index=False)
    pd.concat(counts).to_csv(folder / "learning_curve.csv", index=False)
    pd.concat(predictions).to_parquet(folder / "predictions.parquet")
    (folder / "manifest.json").write_text('{"runs": [{}]}')


def test_the_folds_of_a_split_are_one_curve(made):
    (curve,) = recorded.read_curves()
    assert curve.about == {"corpus": "made", "split": "channel", "view": "title"}
    assert list(curve.correct) == SIZES  # means of 250 and 251, ..., to even
    assert [of_size.shape for of_size in curve.correct.values()] == [(2, 600)] * 4 + [(1, 600)]
    assert len(np.unique(curve.channels)) == 200
    table = recorded.accuracies([curve])
    np.testing.assert_allclose(table["value"], LAW.accuracy(SIZES), atol=2e-3)
    assert (table["view"] == "title").all()


def test_curves_computed_from_the_corpus_stand_in_where_no_run_is_recorded(made, tmp_path):
    """They have no table of counts: the sizes follow from the training videos of each fold."""
    folder = tmp_path / "made"
    videos = pd.read_csv(folder / "learning_curve_videos.csv")
    videos.assign(split="channel").to_csv(folder / "title_curve.csv", index=False)
    parts = {"split": "channel", "fold": [0, 1], "part": "train", "videos": [4000, 4001]}
    pd.DataFrame(parts).to_csv(folder / "splits.csv", index=False)
    (of_runs,) = recorded.read_curves()  # the same split: that of the runs
    (folder / "learning_curve_videos.csv").unlink()
    (of_corpus,) = recorded.read_curves()
    assert of_corpus.about == of_runs.about
    assert list(of_corpus.correct) == list(of_runs.correct) == SIZES
    for n in SIZES:
        assert (of_corpus.correct[n] == of_runs.correct[n]).all()


def test_more_videos_bring_what_the_law_says(made):
    table = recorded.forecasts(recorded.read_curves(), resamples=50).set_index("multiple")
    assert table["n_train"].to_dict() == {1: 4000, 2: 8000, 4: 16_000, 10: 40_000}
    expected = LAW.accuracy(40_000) - LAW.accuracy(4000)
    assert table.loc[10, "gain"] == pytest.approx(expected, abs=0.02)
    assert table.loc[10, "gain_low"] < expected < table.loc[10, "gain_high"]
    assert table.loc[1, "gain"] == 0


def test_one_and_two_hidden_doublings_are_forecast(made):
    table = recorded.held_out(recorded.read_curves(), resamples=50).set_index("doublings")
    assert table["n_train"].tolist() == [4000, 4000]
    assert table["measured"].tolist() == pytest.approx([LAW.accuracy(4000)] * 2, abs=2e-3)
    assert table["missed"].abs().max() < 0.02
    assert ((table["low"] < 0.005) & (table["high"] > -0.005)).all()


def test_without_recorded_curves_there_is_nothing_to_forecast(tmp_path, monkeypatch):
    monkeypatch.setattr(reference_runs, "FOLDER", tmp_path)
    assert recorded.read_curves() == []
    assert recorded.forecasts([]).empty and recorded.held_out([]).empty and recorded.accuracies([]).empty


# ---- the recordings in the repository


def test_recorded_answers_per_video_add_up_to_the_recorded_counts():
    checked = 0
    for reference in reference_runs.read_all():
        path = reference.folder / "learning_curve_videos.csv"
        if path.is_file():
            counts = pd.read_csv(reference.folder / "learning_curve.csv")
            counts = counts.set_index(["split", "fold", "view", "halvings", "repeat"])[["n_correct", "n"]]
            for run, table in pd.read_csv(path).groupby(["split", "fold", "view"]):
                for name in table.filter(regex="^halved"):
                    halvings, repeat = (int(part.split(" ")[1]) for part in name.split(", "))
                    n_correct, n = counts.loc[(*run, halvings, repeat)]
                    assert (table[name].sum(), len(table)) == (n_correct, n)
                    checked += 1
    assert checked


def test_recorded_curves_of_titles_are_of_every_video_by_channel():
    """On the random split they are what the chapter's run found, but for rounding on another processor."""
    recorded_ones = [r for r in reference_runs.read_all() if (r.folder / "title_curve.csv").is_file()]
    if not recorded_ones:
        pytest.skip("title_curve.csv is not recorded yet: `ytcat record` writes it in some ten minutes")
    for reference in recorded_ones:
        table = pd.read_csv(reference.folder / "title_curve.csv")
        by_channel = table[table["split"] == "channel"]
        assert by_channel["fold"].nunique() == 5
        assert sorted(by_channel["row"]) == reference.labels.index.tolist()
        run = reference.folder / "learning_curve_videos.csv"
        if run.is_file():
            both = [of.query("split == 'random' and view == 'title'").set_index("row").filter(like="halved")
                    for of in (pd.read_csv(run), table)]  # fmt: skip
            assert (both[0] != both[1]).to_numpy().mean() < 0.002


def test_the_curve_of_2017_still_rises_and_its_doublings_were_forecast_well():
    """Ten times the titles would add about eleven points, if the power law holds on."""
    curve = next(c for c in recorded.read_curves() if (c.corpus, c.split) == ("us-2017", "random"))
    gain = recorded.forecasts([curve]).set_index("multiple").loc[10]
    assert gain["gain"] == pytest.approx(0.106, abs=0.002)
    assert 0.04 < gain["gain_low"] < gain["gain_high"] < 0.13
    checks = recorded.held_out([curve])
    assert ((checks["low"] <= 0) & (checks["high"] >= 0)).all()
