"""Titles of other years beside the own ones: the curves, and what recorded runs and trials say of them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import made_runs
from ytcat import reference_runs
from ytcat.corpus.more_titles import MoreTitles
from ytcat.future_directions.more_data import other_years
from ytcat.future_directions.more_data.other_years import OWN, WITH
from ytcat.runs import Part, Parts

WORDS = ["film", "music", "travel", "comedy"]


def part(name, n, seed, words=WORDS):
    """Each title has the word of its category, and a number that says nothing."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(len(WORDS), size=n)
    titles = [f"{words[label]} number{rng.integers(10_000)}" for label in labels]
    return Part(name, SimpleNamespace(), pd.DataFrame({"title": titles, "label": labels}))


def curves(more):
    few_words = ["film", "music", "", ""]  # the own titles do not tell two of the categories apart
    parts = Parts(part("train", 64, 0, few_words), part("validation", 20, 1), part("test", 60, 2))
    return other_years.curves(parts, more, 0.5, 10.0, halvings=2, repeats=1, seed=0)


def test_titles_that_name_the_category_help():
    labels = np.repeat(range(4), 50)
    more = MoreTitles([f"{WORDS[label]} again{i}" for i, label in enumerate(labels)], labels, {"old": 200})
    by_curve = curves(more)
    assert list(by_curve) == [OWN, WITH]
    assert list(by_curve[OWN]) == list(by_curve[WITH]) == [16, 32, 64]  # own training videos
    own, with_more = (by_curve[name][16].mean() for name in (OWN, WITH))
    assert with_more == 1.0 > own
    channels = np.arange(60)
    value, low, high = other_years.gain(by_curve, channels, seed=0)
    assert low <= value <= high
    assert value == pytest.approx(by_curve[WITH][64].mean() - by_curve[OWN][64].mean())
    table = other_years.measured(by_curve, channels)
    assert table.groupby("view")["n_train"].apply(list).tolist() == [[16, 32, 64]] * 2
    further = other_years.forecasts(by_curve, channels, seed=0, resamples=20)
    assert [further[name]["n_train"].tolist() for name in (OWN, WITH)] == [[64, 128, 256, 640]] * 2
    needed = other_years.videos_needed(by_curve, channels, seed=0, resamples=20).set_index("titles")
    assert needed.loc[WITH, "needed"] <= needed.loc[OWN, "needed"]


def test_wrong_titles_of_others_harm():
    labels = np.repeat(range(4), 200)
    wrong = [f"{WORDS[(label + 1) % 4]} again{i}" for i, label in enumerate(labels)]
    value, _, high = other_years.gain(curves(MoreTitles(wrong, labels, {"old": 800})), np.arange(60), seed=0)
    assert value <= high < 0


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(reference_runs, "FOLDER", tmp_path)
    return tmp_path


def test_nothing_recorded_gives_empty_tables_with_their_columns(folder):
    assert list(other_years.tried()) == other_years.TRIED
    assert list(other_years.compared()) == other_years.COMPARED
    assert list(other_years.needed_in_runs()) == ["corpus", "split", *other_years.NEEDED]


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
    [row] = other_years.compared().to_dict("records")
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
            "loss": 1.0,
            "difference": [0.0, 0.05],
            "low": [0.0, 0.01],
            "high": [0.0, 0.09],
            "weight": [0.0, 0.5],
            "split": "random",
        }
    ).to_csv(folder / "us-0000" / reference_runs.MORE_TITLES, index=False)
    [row] = other_years.tried().to_dict("records")
    assert (row["own"], row["with_more"], row["weight"]) == (0.6, 0.65, 0.5)
    assert row["difference"] == (0.05, 0.01, 0.09)
