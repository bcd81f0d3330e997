"""Recorded predictions made so that the figures are known, in a folder like one of the reference runs."""

import json

import numpy as np
import pandas as pd

from ytcat import runs
from ytcat.categories import IDS, N_CATEGORIES
from ytcat.reference_runs import COLUMNS, ReferenceRuns
from ytcat.reference_runs.over_seeds import summarize

N = 280  # 20 videos of each category, two a channel
TRUTH = np.arange(N) % N_CATEGORIES
CHANNELS = np.arange(N) // 2


def run(model, correct, seed=0, fold=0, split="random", rows=None):
    """One run's predictions of some of the videos: the truth where `correct` (N,), else the next category."""
    rows = np.arange(N) if rows is None else rows
    answers = np.where(np.asarray(correct)[rows], TRUTH[rows], (TRUTH[rows] + 1) % N_CATEGORIES)
    chances = np.full((len(rows), N_CATEGORIES), 0.02, dtype=np.float32)
    chances[np.arange(len(rows)), answers] = 1 - 0.02 * (N_CATEGORIES - 1)
    table = pd.DataFrame(chances, columns=runs.PROBABILITY_COLUMNS)
    which = {"model": model, "split": split, "fold": fold, "seed": seed, "row": rows}
    return table.assign(**which, channel=CHANNELS[rows], y_true=np.array(IDS)[TRUTH[rows]])[COLUMNS]


def recorded(folder, *tables):
    """The reference runs of these predictions, each trained on 100 videos, in `folder`, which is made."""
    folder.mkdir(parents=True)
    predictions = pd.concat(tables, ignore_index=True)
    predictions.to_parquet(folder / "predictions.parquet", index=False)
    which = predictions[["model", "split", "fold", "seed"]].drop_duplicates().to_dict("records")
    abouts = [one | {"n_train": 100, "n_validation": 10, "baselines": []} for one in which]
    (folder / "manifest.json").write_text(json.dumps({"runs": abouts}))
    (folder / "results.json").write_text(json.dumps(summarize(predictions, abouts)))
    return ReferenceRuns(folder)
