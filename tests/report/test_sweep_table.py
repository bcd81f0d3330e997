"""The figures of a sweep in one table, and their means over seeds."""

import numpy as np
import pandas as pd
import pytest

from tiny_runs import ACCURACIES, make_corpus, save_run
from ytcat import runs
from ytcat.evaluation.statistics import wilson_of_share
from ytcat.report import sweep_table
from ytcat.report.execute import Outcome
from ytcat.report.profiles import RunSettings
from ytcat.report.sweep_plan import plan
from ytcat.views import MODELS, SPLITS

CHAPTER = "04_text_model"
NAMES = list(ACCURACIES[CHAPTER])


@pytest.fixture
def swept(tmp_path, monkeypatch):
    """A sweep's table, as it was written and read again, and the finished folder of each task."""
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path))
    corpus = make_corpus()
    tasks = plan(RunSettings("tiny", "full", chapters=(CHAPTER,)), [0, 1, 2], ["random", "channel"])
    runs_of = {task: task.run for task in tasks}
    folders = {task: save_run(corpus, CHAPTER, r.split, r.fold, r.seed) for task, r in runs_of.items()}
    assert all(folder == task.run.folder / CHAPTER for task, folder in folders.items())
    done = {  # in the order in which they happened to end
        task: Outcome(task.chapter, folders[task], "forced", {"seconds": 7.5}) for task in reversed(tasks)
    }
    file = sweep_table.write(sweep_table.gather(done), corpus, "full")
    assert file == tmp_path / "results" / "sweeps" / "tiny-full-c0ffee.csv"
    return pd.read_csv(file), folders


def test_one_row_per_model_of_each_run_with_its_figures(swept):
    table, folders = swept
    assert len(table) == len(folders) * len(NAMES)
    assert not table.duplicated(["chapter", "model", "split", "fold", "seed"]).any()
    assert table["model"].head(len(NAMES)).tolist() == NAMES
    assert (table["seconds"] == 7.5).all()
    for task, folder in folders.items():
        metrics = runs.Run(folder).metrics
        of_task = (table["split"] == task.run.split) & (table["seed"] == task.run.seed)
        rows = table[of_task].set_index("model")
        assert (rows["fold"] == task.run.fold).all()
        assert (rows["n_train"] == metrics["n_train"]).all()
        for name in ("top1", "top5", "macro_f1", "balanced_accuracy", "ece", "n"):
            expected = [metrics[name], *(metrics["baselines"][model][name] for model in NAMES[1:])]
            np.testing.assert_array_equal(rows.loc[NAMES, name], expected)


def test_the_summary_has_means_spread_and_intervals(swept):
    table, _ = swept
    summary = sweep_table.summary(table)
    assert len(summary) == len(NAMES) * 2
    for split in ("random", "channel"):
        rows = table[(table["model"] == "text") & (table["split"] == split)]
        chosen = (summary["Model"] == MODELS["text"].label) & (summary["Split"] == SPLITS[split].label)
        shown = summary[chosen].iloc[0]
        n_videos = rows["n"].iloc[0] if split == "random" else rows["n"].sum()  # each fold has other videos
        low, high = wilson_of_share(rows["top1"].mean(), n_videos)
        assert shown["Seeds"] == 3
        expected = [rows["top1"].mean(), rows["top1"].std(ddof=1), low, high, rows["top5"].mean()]
        np.testing.assert_allclose(
            shown[["Top-1 (%)", "sd", "low", "high", "Top-5 (%)"]].astype(float), np.array(expected) * 100
        )
        assert shown["Macro F1"] == pytest.approx(rows["macro_f1"].mean())


def test_one_seed_has_no_spread_and_figures_without_accuracies_no_summary(swept):
    table, _ = swept
    one = sweep_table.summary(table[table["seed"] == 0])
    assert one["sd"].isna().all()
    assert sweep_table.summary(table.drop(columns="top1")).empty
