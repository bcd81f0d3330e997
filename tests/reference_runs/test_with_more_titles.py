"""What other years' titles bring: read from recorded trials, and from recorded runs on the same videos."""

import numpy as np
import pandas as pd
import pytest

import made_runs
from ytcat import reference_runs
from ytcat.reference_runs import with_more_titles


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(reference_runs, "FOLDER", tmp_path)
    return tmp_path


def test_nothing_recorded_gives_empty_tables_with_their_columns(folder):
    assert list(with_more_titles.tried()) == with_more_titles.TRIED
    assert list(with_more_titles.compared()) == with_more_titles.COMPARED


def test_recorded_runs_are_compared_on_the_runs_that_both_models_have(folder):
    half, more = np.arange(made_runs.N) % 2 == 0, np.arange(made_runs.N) % 4 != 1
    all_correct = np.ones(made_runs.N, bool)
    made_runs.recorded(
        folder / "us-0000",
        *(made_runs.run("best", half, seed) for seed in (0, 1)),
        made_runs.run("best", all_correct, 2),  # a seed that the other model does not have
        *(made_runs.run("best_with_more", more, seed) for seed in (0, 1)),
        *(made_runs.run("thumbnail_kernel", half, seed) for seed in (0, 1)),
    )
    [row] = with_more_titles.compared().to_dict("records")
    assert (row["corpus"], row["split"], row["model"], row["runs"]) == ("us-0000", "random", "best", 2)
    assert row["n"] == made_runs.N
    assert (row["own"], row["with_more"]) == pytest.approx((half.mean(), more.mean()))
    assert row["difference"][0] == pytest.approx(more.mean() - half.mean())


def test_trials_are_read_as_gains_over_the_own_titles(folder):
    (folder / "us-0000").mkdir()
    pd.DataFrame(
        {
            "model": "best",
            "n": 200,
            "n_correct": [120, 130],
            "loss": [1.0, 0.9],
            "difference": [0.0, 0.05],
            "low": [0.0, 0.01],
            "high": [0.0, 0.09],
            "weight": [0.0, 0.5],
            "split": "random",
        }
    ).to_csv(folder / "us-0000" / reference_runs.MORE_TITLES, index=False)
    [row] = with_more_titles.tried().to_dict("records")
    assert (row["own"], row["with_more"], row["weight"], row["loss"]) == (0.6, 0.65, 0.5, 0.9)
    assert row["difference"] == (0.05, 0.01, 0.09)
