"""Every recorded figure, computed from recorded probabilities: used to record and to verify."""

from typing import Any

import numpy as np
import pandas as pd

from ytcat import runs
from ytcat.categories import N_CATEGORIES, labels
from ytcat.evaluation import metrics
from ytcat.evaluation.statistics import mean_sd, wilson_of_share
from ytcat.reference_runs import RUN, key

MEASURES = ("top1", "top5", "macro_f1", "balanced_accuracy", "ece")


def summarize(predictions: pd.DataFrame, about: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every recorded figure, from the probabilities (`COLUMNS`) and the manifest's entries of the runs.

    By `key`: the means over seeds of top-1, top-5, macro F1, balanced accuracy and expected calibration
    error, mean and standard deviation of top-1 and top-5 with the Wilson interval of the mean over the
    distinct test videos, the confusion matrix summed over seeds, and each run's own figures under `runs`.
    Raises KeyError for predictions of a run that is not among `about`.
    """
    n_train = {
        (model, *(run[name] for name in RUN)): run["n_train"]
        for run in about
        for model in (run["model"], *run["baselines"])
    }
    entries = {}
    for (model, split), table in predictions.groupby(["model", "split"], sort=True):
        single_runs, matrix = [], np.zeros((N_CATEGORIES, N_CATEGORIES), dtype=np.int64)
        for (fold, seed), test in table.groupby(["fold", "seed"], sort=True):
            truth, probabilities = labels(test["y_true"]), runs.probabilities(test)
            matrix += metrics.confusion(truth, probabilities.argmax(axis=1))
            which = {"seed": int(seed), "fold": int(fold), "n_train": n_train[model, split, fold, seed]}
            single_runs.append(which | metrics.summary(truth, probabilities))
        entry = over_seeds(model, split, single_runs, table["row"].nunique())
        entries[key(model, split)] = entry | {"confusion": matrix.tolist(), "runs": single_runs}
    return entries


def over_seeds(model: str, split: str, single_runs: list[dict[str, Any]], n_videos: int) -> dict[str, Any]:
    """Mean, standard deviation and interval of a model's runs on one split.

    `single_runs`: the figures of each run (`ytcat.evaluation.metrics.summary`) with `seed` and `n_train`;
    `n_videos`: the distinct test videos of all runs.
    """
    seeds = [run["seed"] for run in single_runs]
    entry = {"model": model, "split": split, "seeds": seeds, "n_videos": n_videos}
    entry["n_train"] = round(np.mean([run["n_train"] for run in single_runs]))
    entry["n_test"] = round(np.mean([run["n"] for run in single_runs]))
    for name in MEASURES:
        mean, sd = mean_sd([run[name] for run in single_runs])
        entry |= {name: mean, f"{name}_mean": mean, f"{name}_sd": sd if len(single_runs) > 1 else None}
    for name in ("top1", "top5"):
        entry[f"{name}_low"], entry[f"{name}_high"] = wilson_of_share(entry[name], n_videos)
    return entry
