"""The models of chapter 07 against each other, the people and the slides, as tables of numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ytcat import slides
from ytcat.evaluation import metrics
from ytcat.evaluation.accuracy_table import with_fewer_trials
from ytcat.evaluation.statistics import mcnemar_exact, paired_bootstrap, wilson_of_share
from ytcat.figures import tables
from ytcat.figures.tables import Table
from ytcat.reference_runs import ReferenceRuns, key
from ytcat.views import MODELS, SLIDES_MODELS, SPLITS

RESAMPLES = 2_000  # of the bootstrap
OF_OTHER_CHAPTERS = (*SLIDES_MODELS, "majority", "stratified_guess", "linear_probe", "tfidf")


def overfitting(all_runs: Sequence[ReferenceRuns]) -> pd.DataFrame:
    """Top-1 of the slides' models on training and validation videos in the last epoch, mean over seeds.

    One row per corpus and model: `corpus`, `model` (label), `seeds`, `training`, `validation` (0..1).
    """
    rows = []
    for reference in all_runs:
        history = reference.history()
        history = history[(history["split"] == "random") & history["model"].isin(SLIDES_MODELS)]
        for model, epochs in history.groupby("model", sort=False):
            last = epochs.groupby("seed").tail(1)
            rows.append(
                {
                    "corpus": reference.name,
                    "model": MODELS[model].label,
                    "seeds": len(last),
                    "training": last["accuracy"].mean(),
                    "validation": last["val_accuracy"].mean(),
                }
            )
    return pd.DataFrame(rows, columns=["corpus", "model", "seeds", "training", "validation"])


def accuracies(run_metrics: Mapping[str, Any], measure: str) -> pd.DataFrame:
    """Rows for `ytcat.figures.intervals`: people, the slides, and every model of a run.

    `run_metrics` is what `ytcat.runs.model_metrics` gives; `measure` is "top1" or "top5". People answered
    with one category, so they have no top-5.
    """
    rows = []
    if measure == "top1":
        people = slides.HUMAN_ACCURACY["fusion"]
        rows.append(("People", "people", people, *wilson_of_share(people, slides.HUMAN_TRIALS)))
    for model in ("text", "fusion"):
        published = getattr(slides.RESULTS[model], measure)
        interval = wilson_of_share(published, slides.N_TEST)
        rows.append((MODELS[model].label, "slides", published, *interval))
    by_model = {**run_metrics["baselines"], "best": run_metrics}
    for name in _in_order(by_model):
        source = "this run" if name == "best" else "baseline"
        limits = (by_model[name][f"{measure}_{end}"] for end in ("low", "high"))
        rows.append((MODELS[name].label, source, by_model[name][measure], *limits))
    table = pd.DataFrame(rows, columns=["label", "source", "value", "low", "high"])
    return with_fewer_trials(table, "fusion")


def against(
    reference: str,
    probabilities: Mapping[str, np.ndarray],
    labels: np.ndarray,
    channels: np.ndarray,
    seed: int,
) -> pd.DataFrame:
    """Every other model against `reference` on the same n test videos, in the order of `MODELS`.

    `probabilities` (n, 14) by model; `labels` (n,); `channels` (n,) as `ytcat.corpus.splits.channel_codes`
    gives them. Columns: `model`, `n`, `n_correct`, `only_this` and `only_other` (videos that only this model,
    or only the reference, classifies correctly), `p` of McNemar's exact test, the `difference` in top-1 with
    its 95 % bootstrap interval over videos (`low`, `high`) and over channels (`channel_low`, `channel_high`).
    """
    correct = {name: metrics.in_top_k(labels, p, 1) for name, p in probabilities.items()}
    base = correct.pop(reference)
    rows = []
    for name in _in_order(correct):
        this = correct[name]
        difference, low, high = paired_bootstrap(this, base, seed, RESAMPLES)
        _, channel_low, channel_high = paired_bootstrap(this, base, seed, RESAMPLES, channels)
        rows.append(
            {
                "model": name,
                "n": len(labels),
                "n_correct": int(this.sum()),
                "only_this": int((this & ~base).sum()),
                "only_other": int((~this & base).sum()),
                "p": mcnemar_exact(this, base),
                "difference": difference,
                "low": low,
                "high": high,
                "channel_low": channel_low,
                "channel_high": channel_high,
            }
        )
    return pd.DataFrame(rows)


def shown(table: pd.DataFrame) -> Table:
    """The table of `against` as readers see it: labels, shares, and differences with their intervals."""
    limits = {"over videos": ("low", "high"), "over channels": ("channel_low", "channel_high")}
    intervals = {
        f"difference, 95% {over}": list(zip(table["difference"], table[low], table[high], strict=True))
        for over, (low, high) in limits.items()
    }
    columns = {
        "model": [MODELS[name].label for name in table["model"]],
        "top-1": table["n_correct"] / table["n"],
        "only it correct": table["only_this"],
        "only the title correct": table["only_other"],
        "p": table["p"],
    }
    readable = pd.DataFrame(columns | intervals)
    return tables.show(readable, index="model", percent=["top-1"], p_values=["p"], points=list(intervals))


def reference_table(all_runs: Sequence[ReferenceRuns]) -> pd.DataFrame:
    """The reference runs of chapter 07's models on real videos, one row per corpus, split and model.

    Columns: `corpus`, `split` and `model` (labels), `runs` (their number), then the mean `top1` with its
    standard deviation `sd` over the runs and its interval `low`, `high`, `top5` and `macro_f1`, all 0..1.
    """
    rows = []
    for reference in all_runs:
        for split in SPLITS.values():
            if key("best", split.key) not in reference.results:
                continue
            for name, model in MODELS.items():
                entry = reference.results.get(key(name, split.key))
                if name in OF_OTHER_CHAPTERS or not entry:
                    continue
                rows.append(
                    {
                        "corpus": reference.name,
                        "split": split.label,
                        "model": model.label,
                        "runs": len(entry["seeds"]),
                        "top1": entry["top1"],
                        "sd": entry["top1_sd"],
                        "low": entry["top1_low"],
                        "high": entry["top1_high"],
                        "top5": entry["top5"],
                        "macro_f1": entry["macro_f1"],
                    }
                )
    return pd.DataFrame(rows)


def _in_order(models: Mapping[str, Any]) -> list[str]:
    return [name for name in MODELS if name in models]
