"""The figures of a sweep: one tidy table, one row per model of a run, and its summary over seeds."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from ytcat import paths, runs
from ytcat.atomic_files import atomic_write
from ytcat.corpus import Corpus
from ytcat.reference_runs.over_seeds import over_seeds
from ytcat.report.execute import Outcome
from ytcat.report.sweep_plan import Task
from ytcat.views import MODELS, SPLITS

RUN = ["chapter", "split", "fold", "seed"]
PERCENT = {"Top-1 (%)": "top1", "sd": "top1_sd", "low": "top1_low", "high": "top1_high", "Top-5 (%)": "top5"}


def gather(done: dict[Task, Outcome]) -> pd.DataFrame:
    """The figures of finished tasks: columns `RUN`, `model`, `seconds`, then all numbers of metrics.json."""
    rows = [row for task, outcome in done.items() for row in _rows(task, outcome)]
    return pd.DataFrame(rows).sort_values(RUN, kind="stable", ignore_index=True)


def write(table: pd.DataFrame, corpus: Corpus, profile: str) -> Path:
    """Write the table of a sweep as CSV; it replaces that of the sweep before."""
    file = paths.sweeps_folder() / f"{corpus.name}-{profile}-{corpus.sha256[:12]}.csv"
    atomic_write(file, table.to_csv(index=False))
    return file


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Means over seeds, one row per chapter, model and split; no row if the table has no accuracies.

    Shares are in percent: the mean top-1, its standard deviation over seeds, and its 95 % interval (Wilson,
    over the distinct test videos).
    """
    rows = []
    measured = table.dropna(subset="top1") if "top1" in table else table.head(0)
    for (chapter, model, split), of_model in measured.groupby(["chapter", "model", "split"], sort=False):
        # The folds of the split by channel have no video in common; on the others all runs have the same.
        n_videos = int(of_model.drop_duplicates("fold")["n"].sum())
        entry = over_seeds(model, split, of_model.to_dict("records"), n_videos)
        label = MODELS[model].label if model in MODELS else model
        row = {"Chapter": chapter, "Model": label, "Split": SPLITS[split].label}
        row |= {"Seeds": len(entry["seeds"])}
        row |= {name: entry[key] and 100 * entry[key] for name, key in PERCENT.items()}
        rows.append(row | {"Macro F1": entry["macro_f1"]})
    return pd.DataFrame(rows)


def _rows(task: Task, outcome: Outcome) -> Iterable[dict[str, Any]]:
    """The chapter's own model, then the baselines, each with those of its figures that are one number."""
    metrics = runs.Run(outcome.folder).metrics
    run = task.run
    about = {"chapter": task.chapter.name, "split": run.split, "fold": run.fold, "seed": run.seed}
    shared = {name: metrics[name] for name in ("n_train",) if name in metrics}
    own = {metrics.get("model", ""): metrics}
    for model, figures in (own | metrics.get("baselines", {})).items():
        numbers = {name: value for name, value in figures.items() if type(value) in (int, float)}
        yield about | {"model": model, "seconds": outcome.seconds} | shared | numbers
