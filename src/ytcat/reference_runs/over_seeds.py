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
    """Every recorded figure, from the probabilities (`COLUMNS`) and what the manifest says of each run.

    By `key`: the means over seeds of top-1, top-5, macro F1, balanced accuracy and expected calibration
    error, mean and standard deviation of top-1 and top-5 with the Wilson interval of the mean over the
    distinct test videos, the confusion matrix summed over seeds, and each run's own figures under `runs`.
    """
    trained = {
        (model, *(run[name] for name in RUN)): run["n_train"]
        for run in about
        for model in (run["model"], *run["baselines"])
    }
    entries = {}
    for (model, split), table in predictions.groupby(["model", "split"], sort=True):
        each, matrix = [], np.zeros((N_CATEGORIES, N_CATEGORIES), dtype=np.int64)
        for (fold, seed), answers in table.groupby(["fold", "seed"], sort=True):
            truth, probabilities = labels(answers["y_true"]), runs.probabilities(answers)
            matrix += metrics.confusion(truth, probabilities.argmax(axis=1))
            each.append(
                {"seed": int(seed), "fold": int(fold), "n_train": trained[model, split, fold, seed]}
                | metrics.summary(truth, probabilities)
            )
        entry = over_seeds(model, split, each, table["row"].nunique())
        entries[key(model, split)] = entry | {"confusion": matrix.tolist(), "runs": each}
    return entries


def over_seeds(model: str, split: str, each: list[dict[str, Any]], n_videos: int) -> dict[str, Any]:
    """Mean, spread and interval of a model's runs on one split, `each` the figures of one of them.

    `n_videos` counts the distinct test videos of all runs.
    """
    entry = {"model": model, "split": split, "seeds": [run["seed"] for run in each], "n_videos": n_videos}
    entry["n_train"] = round(np.mean([run["n_train"] for run in each]))
    entry["n_test"] = round(np.mean([run["n"] for run in each]))
    for name in MEASURES:
        mean, sd = mean_sd([run[name] for run in each])
        entry |= {name: mean, f"{name}_mean": mean, f"{name}_sd": sd if len(each) > 1 else None}
    for name in ("top1", "top5"):
        entry[f"{name}_low"], entry[f"{name}_high"] = wilson_of_share(entry[name], n_videos)
    return entry
