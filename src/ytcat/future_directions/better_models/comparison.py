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
from ytcat.reference_runs import ReferenceRuns, ablation, extra_models, key, seconds, slides_mix
from ytcat.views import CHOSEN_CHAPTER, MODELS, SLIDES_MODELS, SPLITS, VIEWS, label

RESAMPLES = 2_000  # of the bootstrap
# How each way of chapter 07 comes by its answers, by what it reads: the rows of `ways`.
WAYS = {
    "thumbnail": {
        "image": "dense layers",
        "linear_probe": "linear",
        extra_models.ENLARGED_PROBE: "linear",
        "thumbnail_kernel": "kernel",
    },
    "title": {
        extra_models.ZERO_SHOT: "not at all",
        "text": "two LSTM layers",
        "tfidf": "linear",
        "title_kernel": "kernel",
        "minilm": "fine-tuning",
        "best_title": "weights of 3 parts",
        "best_title_with_more": "weights of 3 parts",
    },
    "both": {
        "fusion": "dense layer",
        "gated_unit": "network",
        "cross_attention": "network",
        "stacking": "linear",
        "joint_kernel": "kernel",
        "late_fusion": "weights of 2 views",
        "best": "weights of 5 parts",
        "best_with_more": "weights of 5 parts",
    },
}
# How the row of `without_parts` is called that drops all parts of a view.
DROPPED = {view: f"all that read the {view}" for view in ("thumbnail", "title")}
REAL_ROWS = {"random": "known channels", "channel": "new channels"}


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


def accuracies(
    run_metrics: Mapping[str, Any], measure: str, real: ReferenceRuns | None = None
) -> pd.DataFrame:
    """Rows for `ytcat.figures.intervals`: people, the slides, real videos, and every model of a run.

    `run_metrics` is what `ytcat.runs.model_metrics` gives; `measure` is "top1" or "top5". People answered
    with one category, so they have no top-5. `real`: reference runs whose fusion model and chosen model are
    shown too, top-1 at the slides' class mix, on which people and slides are known; top-5 as it is.
    """
    rows = []
    if measure == "top1":
        people = slides.HUMAN_ACCURACY["fusion"]
        rows.append(("People", "people", people, *wilson_of_share(people, slides.HUMAN_TRIALS)))
    for model in ("text", "fusion"):
        published = getattr(slides.RESULTS[model], measure)
        interval = wilson_of_share(published, slides.N_TEST)
        rows.append((MODELS[model].label, "slides", published, *interval))
    rows += _of_real_videos(real, measure) if real else []
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
    interval = list(zip(table["difference"], table["channel_low"], table["channel_high"], strict=True))
    columns = {
        "model": [MODELS[name].label for name in table["model"]],
        "top-1": table["n_correct"] / table["n"],
        "only it": table["only_this"],
        "only title": table["only_other"],
        "difference": interval,
        "p": table["p"],
    }
    return tables.show(
        pd.DataFrame(columns), index="model", percent=["top-1"], points=["difference"], p_values=["p"]
    )


def ways(reference: ReferenceRuns) -> pd.DataFrame:
    """The reference runs of all `WAYS` to answer, one row per way with runs on the random split.

    Columns: `reads` and `way` (labels), `trained` (how it comes by its answers), `seconds` (of a recorded run
    of the chapter that ends in this model, median; nan for the others), and for each split its mean top-1
    (0..1; nan where nothing is recorded).
    """
    extra = extra_models.accuracies()
    if not extra.empty:
        extra = extra[extra["corpus"] == reference.name].set_index(["model", "split"])["top1"]
    top1 = extra.to_dict() | {
        (model, split): reference.results[key(model, split)]["top1"]
        for split in SPLITS
        for model in reference.models(split)
    }
    times = seconds.by_chapter()
    times = times[times["corpus"] == reference.name].set_index("chapter")["seconds"]
    ends = {view.slides_model: view.chapter for view in VIEWS.values()} | {"best": CHOSEN_CHAPTER}
    return pd.DataFrame(
        [
            {
                "reads": label(view),
                "way": extra_models.LABELS.get(model) or label(model),
                "trained": trained,
                "seconds": times.get(ends.get(model)),
            }
            | {split: top1.get((model, split)) for split in SPLITS}
            for view, models in WAYS.items()
            for model, trained in models.items()
            if (model, "random") in top1
        ]
    )


def without_parts(reference: ReferenceRuns) -> pd.DataFrame:
    """What the chosen model loses without some of its parts, one row per dropped part or view.

    Columns: `dropped` (a label), and for each split that is recorded the (difference, low, high) of
    `ytcat.reference_runs.ablation`, -1..1.
    """
    table = ablation.dropped_parts()
    table = table[table["corpus"] == reference.name]
    limits = table[["difference", "low", "high"]]
    table = table.assign(loss=list(limits.itertuples(index=False, name=None)))
    wide = table.pivot(index="dropped", columns="split", values="loss")
    wide = wide.reindex(index=table["dropped"].unique(), columns=[s for s in SPLITS if s in wide])
    wide.index = [DROPPED.get(part) or label(part) for part in wide.index]
    return wide.rename_axis(index="dropped", columns=None).reset_index()


def _of_real_videos(reference: ReferenceRuns, measure: str) -> list[tuple[str, str, float, float, float]]:
    rows = []
    for model in ("fusion", "best"):
        for split, whom in REAL_ROWS.items():
            if key(model, split) in reference.results:
                entry = reference.results[key(model, split)]
                value = entry[measure], entry[f"{measure}_low"], entry[f"{measure}_high"]
                if measure == "top1":
                    value = slides_mix.accuracy(reference, model, split)[:3]
                rows.append((f"{MODELS[model].label}, {whom}", "real videos", *value))
    return rows


def _in_order(models: Mapping[str, Any]) -> list[str]:
    return [name for name in MODELS if name in models]
