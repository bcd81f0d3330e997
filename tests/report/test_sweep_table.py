"""The table of a sweep, and what the book takes from it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tiny_runs import RIGHT, make_corpus, save_run
from ytcat import runs
from ytcat.evaluation.statistics import wilson_of_share
from ytcat.report import pages, sweep_table
from ytcat.report.execute import Outcome
from ytcat.report.sweep_plan import plan

CHAPTER = "04_text_model"
MODELS = ["text", *(name for name in RIGHT[CHAPTER] if name != "model")]


@pytest.fixture
def swept(tmp_path, monkeypatch):
    """A corpus, its sweep's table, and the finished folder of each task."""
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path))
    corpus = make_corpus()
    tasks = plan(corpus, "full", {"corpus": "tiny"}, [CHAPTER], [0, 1, 2], ["random", "channel"])
    folders = {task: save_run(corpus, CHAPTER, task.split, task.fold, task.seed) for task in tasks}
    done = {
        task: Outcome(task.chapter, 7.5, True, "", Path(), "", "") for task in reversed(tasks)
    }  # as they happened to end
    return corpus, pd.read_csv(sweep_table.write(corpus, "full", done)), folders


def test_a_row_a_model_of_each_run_with_its_figures(swept):
    _, table, folders = swept
    assert len(table) == len(folders) * len(MODELS)
    assert not table.duplicated(["chapter", "model", "split", "fold", "seed"]).any()
    assert table["model"].head(len(MODELS)).tolist() == MODELS
    assert (table["seconds"] == 7.5).all()
    for task, folder in folders.items():
        found = runs.Run(folder).metrics
        its = table[(table["split"] == task.split) & (table["seed"] == task.seed)].set_index("model")
        assert (its["fold"] == task.fold).all()
        assert (its["n_train"] == found["n_train"]).all()
        for name in ("top1", "top5", "macro_f1", "balanced_accuracy", "ece", "n"):
            expected = [found[name], *(found["baselines"][model][name] for model in MODELS[1:])]
            np.testing.assert_array_equal(its.loc[MODELS, name], expected)


def test_the_book_shows_means_spread_and_intervals(swept):
    corpus, table, _ = swept
    rows = pd.DataFrame(sweep_table.accuracy_rows(corpus, "full"))
    assert len(rows) == len(MODELS) * 2
    for split, shown in (("random", "random, as the slides'"), ("channel", "by channel")):
        its = table[(table["model"] == "text") & (table["split"] == split)]
        row = rows[(rows["Model"] == "Text model (title)") & (rows["Split"] == shown)].iloc[0]
        mean, sd = 100 * its["top1"].mean(), 100 * its["top1"].std(ddof=1)
        n_videos = its["n"].iloc[0] if split == "random" else its["n"].sum()  # each fold has other videos
        low, high = wilson_of_share(its["top1"].mean(), n_videos)
        assert row["Seeds"] == "3"
        assert row["Top-1 (%)"] == (
            f"**{mean:.1f}**\u00a0±\u00a0{sd:.1f} <br> <small>{100 * low:.0f}–{100 * high:.0f}</small>"
        )
        assert row["Macro F1"] == f"{its['macro_f1'].mean():.2f}"
    page = pages._sweep_table(corpus, "full")
    assert page.startswith("Corpus tiny, profile `full`:")
    assert rows["Top-1 (%)"].iloc[0] in page


def test_without_a_sweep_of_these_videos_the_page_says_so(swept):
    for corpus, profile in ((make_corpus(sha256="other"), "full"), (swept[0], "smoke")):
        assert sweep_table.accuracy_rows(corpus, profile) == []
        assert pages._sweep_table(corpus, profile).startswith("No sweep of tiny under the profile")
