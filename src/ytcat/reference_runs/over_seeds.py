"""Every recorded figure, computed from recorded probabilities: used to record and to verify."""

from typing import Any

import numpy as np
import pandas as pd

from ytcat import runs
from ytcat.categories import labels
from ytcat.evaluation import metrics
from ytcat.evaluation.statistics import bootstrap_ratios, mean_sd, t_interval, wilson_of_share
from ytcat.reference_runs import RUN, key
from ytcat.views import MODELS, SLIDES_MODELS

MEASURES = ("top1", "top5", "macro_f1", "balanced_accuracy", "ece")
WITHOUT_CONFIDENCE = "stratified_guess"  # its probabilities are 0 and 1 by construction: it has no ECE


def summarize(predictions: pd.DataFrame, about: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every recorded figure, from the probabilities (`COLUMNS`) and the manifest's entries of the runs.

    By `key`: the figures of `over_seeds`, with these instead of the intervals and deviations there:

    - `top1_low`, `top1_high`, `top5_low`, `top5_high`: 95 % bootstrap interval of the mean over the runs.
      It draws the `n_channels` channels of the test videos, with their videos, since videos of one channel
      are not independent;
    - `deterministic`: whether all seeds gave the same probabilities on the same videos, on whichever split;
      None where no two seeds had the same videos;
    - `<measure>_sd`: the standard deviation over seeds on the same test videos; None where there is none: for
      a deterministic model, for one run, and by channel, where each run has other test videos;
    - `top1_fold_sd`, `top1_t_low`, `top1_t_high`: by channel, the standard deviation of top-1 over the folds,
      and the 95 % interval of its mean by Student's t; else None;
    - `n_train`: the videos that the model is fitted on, validation videos among them for some of `MODELS`,
      and the titles of other corpora;
    - `average`: for a slides' model with several seeds on the same test videos, the figures of the mean of
      their probabilities; else None;
    - the `confusion` matrix summed over the runs, and the figures of each under `runs`, intervals as above.

    Raises KeyError for predictions of a run that is not among `about`.
    """
    fitted_on = {
        (model, *(run[name] for name in RUN)): run["n_train"]
        + MODELS[model].on_validation * run["n_validation"]
        + sum(run.get("more_titles", {}).values())
        for run in about
        for model in (run["model"], *run["baselines"])
    }
    deterministic = {model: _deterministic(table) for model, table in predictions.groupby("model")}
    entries = {}
    # By split, so that all models on the same channels are resampled one after another.
    for (split, model), table in predictions.groupby(["split", "model"], sort=True):
        single_runs = [
            {"seed": int(seed), "fold": int(fold), "n_train": fitted_on[model, split, fold, seed]}
            | _figures(test)
            for (fold, seed), test in table.groupby(["fold", "seed"], sort=True)
        ]
        matrix = metrics.confusion(labels(table["y_true"]), runs.probabilities(table).argmax(axis=1))
        entry = over_seeds(model, split, single_runs, table["row"].nunique())
        entry |= _intervals(table) | {"n_channels": table["channel"].nunique()}
        entry |= {"deterministic": deterministic[model]} | _spread(single_runs, deterministic[model])
        averaged = model in SLIDES_MODELS and not deterministic[model] and _same_videos(single_runs)
        entry["average"] = _figures(_average(table)) if averaged else None
        entries[key(model, split)] = entry | {"confusion": matrix.tolist(), "runs": single_runs}
    return dict(sorted(entries.items()))


def over_seeds(model: str, split: str, single_runs: list[dict[str, Any]], n_videos: int) -> dict[str, Any]:
    """Mean and standard deviation of each of `MEASURES` over the runs of a model, and Wilson intervals.

    `single_runs`: the figures of each run (`ytcat.evaluation.metrics.summary`) with `seed` and `n_train`;
    `n_videos`: the distinct test videos of all runs. A measure that a run does not have (None) has no mean.
    """
    seeds = [run["seed"] for run in single_runs]
    entry = {"model": model, "split": split, "seeds": seeds, "n_videos": n_videos}
    entry["n_train"] = round(np.mean([run["n_train"] for run in single_runs]))
    entry["n_test"] = round(np.mean([run["n"] for run in single_runs]))
    for name in MEASURES:
        values = [run[name] for run in single_runs]
        mean, sd = (None, None) if None in values else mean_sd(values)
        entry |= {name: mean, f"{name}_mean": mean, f"{name}_sd": sd if len(single_runs) > 1 else None}
    for name in ("top1", "top5"):
        entry[f"{name}_low"], entry[f"{name}_high"] = wilson_of_share(entry[name], n_videos)
    return entry


def _figures(test: pd.DataFrame) -> dict[str, Any]:
    """`ytcat.evaluation.metrics.summary` of one run, with the intervals of `_intervals`."""
    figures = metrics.summary(labels(test["y_true"]), runs.probabilities(test)) | _intervals(test)
    without = (test["model"] == WITHOUT_CONFIDENCE).all()
    return figures | {"ece": None} if without else figures


def _intervals(table: pd.DataFrame) -> dict[str, float | None]:
    """The limits of top-1 and top-5, mean over the runs of a table; None with fewer than two channels."""
    truth, probabilities = labels(table["y_true"]), runs.probabilities(table)
    values = [
        metrics.in_top_k(truth, probabilities, 1),
        metrics.expected_in_top_k(truth, probabilities, 5),
    ]
    weights = run_weights(table)
    _, low, high = bootstrap_ratios(values * weights, weights, seed=0, clusters=table["channel"])
    limits = {"top1_low": low[0], "top1_high": high[0], "top5_low": low[1], "top5_high": high[1]}
    return {name: None if np.isnan(limit) else float(limit) for name, limit in limits.items()}


def run_weights(table: pd.DataFrame) -> np.ndarray:
    """One over the number of test videos of each row's run, (n,): sums are then means within each run."""
    return 1 / table.groupby(["fold", "seed"])["row"].transform("size").to_numpy()


def _deterministic(table: pd.DataFrame) -> bool | None:
    """Whether the runs of a model on the same videos all gave the same probabilities; None without two."""
    by_video = table.groupby(["split", "fold", "row"])[runs.PROBABILITY_COLUMNS]
    if (by_video.size() < 2).all():
        return None
    return bool((by_video.max() == by_video.min()).all(axis=None))


def _same_videos(single_runs: list[dict[str, Any]]) -> bool:
    """Whether these are several seeds on the same test videos, and not folds."""
    return len(single_runs) > 1 and len({run["fold"] for run in single_runs}) == 1


def _spread(single_runs: list[dict[str, Any]], deterministic: bool | None) -> dict[str, float | None]:
    """The deviations over seeds, and what the folds of the split by channel say; see `summarize`."""
    spread = dict.fromkeys(["top1_fold_sd", "top1_t_low", "top1_t_high"])
    if deterministic or not _same_videos(single_runs):
        spread |= dict.fromkeys(f"{name}_sd" for name in MEASURES)
    by_fold = pd.DataFrame(single_runs).groupby("fold")["top1"].mean()
    if len(by_fold) > 1:
        low, high = t_interval(by_fold)
        spread |= {"top1_fold_sd": mean_sd(by_fold)[1], "top1_t_low": low, "top1_t_high": high}
    return spread


def _average(table: pd.DataFrame) -> pd.DataFrame:
    """The predictions of one run whose probabilities are the means over the seeds of several."""
    table = table.astype(dict.fromkeys(runs.PROBABILITY_COLUMNS, np.float64))
    same = ["model", "row", "channel", "y_true"]
    means = table.groupby(same, as_index=False)[runs.PROBABILITY_COLUMNS].mean()
    return means.assign(fold=0, seed=0)
