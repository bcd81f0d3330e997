"""Titles of other years beside the own ones: the curves, and what recorded runs and trials say of them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import page_runs
from ytcat import reference_runs
from ytcat.corpus import load
from ytcat.corpus.more_titles import MoreTitles
from ytcat.corpus.splits import split
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


def test_without_a_recorded_run_the_table_is_empty(tmp_path, monkeypatch):
    monkeypatch.setattr(reference_runs, "FOLDER", tmp_path)
    assert list(other_years.needed_in_runs()) == ["corpus", "split", *other_years.NEEDED]
    assert other_years.curve_in_runs("us-2020").empty


def test_the_curve_shown_is_that_of_the_first_seed_on_known_channels(tmp_path, monkeypatch):
    monkeypatch.setattr(reference_runs, "FOLDER", tmp_path)
    curve = pd.DataFrame({"view": [OWN, WITH], "n_train": 16, "value": [0.4, 0.5]})
    for corpus in ("b", "a"):
        (tmp_path / corpus).mkdir()
        tables = [
            curve.assign(split=split, fold=0, seed=seed) for split in ("channel", "random") for seed in (1, 0)
        ]
        pd.concat(tables).to_csv(tmp_path / corpus / "other_years_curve.csv", index=False)
    shown = other_years.curve_in_runs("b")
    assert len(shown) == 2
    assert (set(shown["corpus"]), set(shown["split"]), set(shown["seed"])) == ({"b"}, {"random"}, {0})
    assert other_years.curve_in_runs("c").empty


def test_of_several_seeds_and_folds_the_first_is_shown(tmp_path, monkeypatch):
    monkeypatch.setattr(reference_runs, "FOLDER", tmp_path)
    (tmp_path / "us-0000").mkdir()
    needed = pd.DataFrame(
        {"titles": OWN, "accuracy": 0.75, "n_train": 100, "needed": [7.0, np.inf], "low": 5}
    )
    tables = [
        needed.iloc[[i % 2]].assign(split=split, fold=seed, seed=seed, high=np.inf)
        for split in ("channel", "random", "time")
        for i, seed in enumerate((1, 0))
    ]
    pd.concat(tables).to_csv(tmp_path / "us-0000" / "videos_needed.csv", index=False)
    found = other_years.needed_in_runs()
    assert found["split"].tolist() == ["random", "channel"]
    assert (found["seed"] == 0).all() and np.isinf(found["needed"]).all()


def test_the_chapter_trains_on_the_titles_of_a_second_corpus(corpus_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    own, second = corpus_folder(84, thumbnails=False), corpus_folder(42, thumbnails=False, name="older")
    videos = pd.read_csv(second / "videos.csv")
    videos.assign(video_id="older_" + videos["video_id"]).to_csv(second / "videos.csv", index=False)
    given = {"corpus": str(own), "second_corpus": str(second), "split": "channel", "epochs": 1}
    page = page_runs.run_page("12_other_years", tmp_path, halvings=2, resamples=20, **given)
    videos = load(own).videos
    held_out = videos[split(videos, "channel") != "train"]["channel_title"]
    allowed = load(second).videos["channel_title"]
    n = int((~allowed.isin(held_out)).sum())  # the channels have the same names
    assert 0 < n < 42
    assert f"come {n} titles of older, each with weight 0.5" in page.text
    assert page.metrics["more_titles"] == {"older": n}
    assert page.metrics["model"] == "best_with_more"
    # Without thumbnails the chosen model reads the title alone.
    assert page.metrics["top1"] == page.metrics["baselines"]["best_title_with_more"]["top1"]
    assert page.run.table("videos_needed")["titles"].tolist() == [OWN, WITH]
    assert "they change a linear title model by" in page.text


def test_the_chapter_without_a_second_corpus_trains_nothing(corpus_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    page = page_runs.run_page("12_other_years", tmp_path, corpus=str(corpus_folder(42, thumbnails=False)))
    assert "This run has no second corpus" in page.text
    assert page.metrics == {"split": "random"}
    assert page.heavy == "[]"
    assert "Markdown object" not in page.text
