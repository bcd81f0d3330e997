"""What a sweep found: one tidy table, a row a model of a run, and its means, spreads and intervals."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from ytcat import paths, runs
from ytcat.atomic_files import atomic_write
from ytcat.corpus import Corpus
from ytcat.reference_runs.over_seeds import over_seeds
from ytcat.report import real_videos
from ytcat.report.execute import Outcome
from ytcat.report.sweep_plan import Task

RUN = ["chapter", "split", "fold", "seed"]


def path(corpus: Corpus, profile: str) -> Path:
    """Where the table of the last sweep of a corpus under a profile is."""
    return paths.sweeps_folder() / f"{corpus.name}-{profile}-{corpus.sha256[:12]}.csv"


def write(corpus: Corpus, profile: str, done: dict[Task, Outcome]) -> Path:
    """Gather the figures of a sweep's finished tasks into its table; it replaces that of the sweep before."""
    rows = [row for task, outcome in done.items() for row in _rows(task, outcome)]
    table = pd.DataFrame(rows).sort_values(RUN, kind="stable")
    file = path(corpus, profile)
    atomic_write(file, table.to_csv(index=False))
    return file


def accuracy_rows(corpus: Corpus, profile: str) -> list[dict[str, str]]:
    """A row a chapter, model and split, for the book; none where there was no sweep."""
    file = path(corpus, profile)
    if not file.is_file():
        return []
    table = pd.read_csv(file)
    if "top1" not in table:
        return []
    rows = []
    measured = table.dropna(subset="top1")
    for (chapter, model, split), its in measured.groupby(["chapter", "model", "split"], sort=False):
        # The folds of the split by channel have no video in common; on the others all runs have the same.
        n_videos = int(its.drop_duplicates("fold")["n"].sum())
        entry = over_seeds(model, split, its.to_dict("records"), n_videos)
        about = {"Chapter": chapter, "Model": real_videos.NAMES.get(model, model)}
        rows.append(about | {"Split": real_videos.SPLITS[split]} | real_videos.cells(entry))
    return rows


def _rows(task: Task, outcome: Outcome) -> Iterable[dict[str, Any]]:
    """The chapter's own model, then its baselines, each with its figures that are one number."""
    run = runs.finished(task.results, task.chapter.name)
    found = run.metrics if run else {}
    about = {"chapter": task.chapter.name, "split": task.split, "fold": task.fold, "seed": task.seed}
    shared = {name: found[name] for name in ("n_train",) if name in found}
    own = {found.get("model", ""): found}
    for model, figures in (own | found.get("baselines", {})).items():
        numbers = {name: value for name, value in figures.items() if type(value) in (int, float)}
        yield about | {"model": model, "seconds": outcome.seconds} | shared | numbers
