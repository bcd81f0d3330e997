"""The reference runs of all corpora as tables of numbers: accuracies, differences, overlap with training.

Models, splits and views are keys of `ytcat.views`, rows come in their order; shares are 0..1.
"""

import pandas as pd

from ytcat import reference_runs
from ytcat.evaluation.statistics import SIGNIFICANCE, interval_with_seeds
from ytcat.reference_runs import CORPORA, RANDOM_SPLITS, RUN, first_with, key, read_all, slides_mix
from ytcat.reference_runs.compare import difference
from ytcat.views import MODELS, SLIDES_MODELS, SPLITS

# What is compared with what: a claim that the report makes or refutes.
PAIRS = (
    ("image", "majority"),
    ("image", "linear_probe"),
    ("text", "majority"),
    ("text", "tfidf"),
    ("fusion", "image"),
    ("fusion", "text"),
    ("fusion", "tfidf"),
    ("thumbnail_kernel", "image"),
    ("best_title", "text"),
    ("best_title", "tfidf"),
    ("best", "fusion"),
    ("best", "best_title"),
    ("best", "title_kernel"),
    ("best", "joint_kernel"),
    ("best", "stacking"),
    ("best_title_with_more", "best_title"),
    ("best_with_more", "best"),
    ("stacking", "stacking_in_sample"),
)


_WHOM = {"random": "known channels", "channel": "new channels"}
MEASURES = (
    "n_train", "n_videos", "n_channels", "top1", "top1_low", "top1_high", "top1_sd", "top1_t_low",
    "top1_t_high", "top5", "macro_f1", "balanced_accuracy", "ece",
)  # fmt: skip


def accuracies() -> pd.DataFrame:
    """One row per corpus, split and model, with figures of `ytcat.reference_runs.over_seeds.summarize`.

    Columns: `corpus`, `split`, `model`, `seeds` (how many trainings; one for a deterministic model on one
    test set), `deterministic` (bool), and `MEASURES`: `top1_low`, `top1_high` are the 95 % interval over
    channels, `top1_sd` the spread over seeds, `top1_t_low`, `top1_t_high` the interval over the folds of the
    split by channel; nan where there is none.
    """
    rows = []
    for reference in read_all():
        for split in SPLITS:
            for model in reference.models(split):
                entry = reference.results[key(model, split)]
                about = {"corpus": reference.name, "split": split, "model": model}
                one = entry["deterministic"] and entry["top1_t_low"] is None
                about |= {
                    "seeds": 1 if one else len(entry["seeds"]),
                    "deterministic": bool(entry["deterministic"]),
                }
                rows.append(about | {name: entry[name] for name in MEASURES})
    return pd.DataFrame(rows).astype(dict.fromkeys(["top1_sd", "top1_t_low", "top1_t_high", "ece"], float))


def with_real_videos(table: pd.DataFrame, model: str, measure: str) -> pd.DataFrame:
    """The rows of a run's `Evaluation.accuracies`, with those of real videos between slides and this run.

    `model` is one of the slides' models, `measure` "top1", then at the slides' class mix, which people and
    slides are known on, or "top5", on the test videos as they are. Adds the column `note`: whom the videos
    stand for, which a figure shows beside the second and later rows of a label.
    """
    rows = []
    reference = first_with(model)
    for split in ("random", "channel") if reference else ():
        if key(model, split) in reference.results:
            entry = reference.results[key(model, split)]
            value = entry[measure], entry[f"{measure}_low"], entry[f"{measure}_high"]
            if measure == "top1":
                value = slides_mix.accuracy(reference, model, split)[:3]
            row = dict(zip(("value", "low", "high"), value, strict=True))
            row |= {"label": MODELS[model].label, "source": "real videos"}
            rows.append(row | {"note": f"{CORPORA.get(reference.name, reference.name)}, {_WHOM[split]}"})
    table = table.assign(note=table["source"].where(table["source"] == "this run", ""))
    before = table["source"].isin(["people", "slides"])
    return pd.concat([table[before], pd.DataFrame(rows), table[~before]], ignore_index=True)


def paired_differences() -> pd.DataFrame:
    """One row per corpus, split and pair of `PAIRS` that both models have runs of: descriptive.

    Columns: `corpus`, `split`, `a`, `b`, `n_videos`, `difference` (of top-1, a minus b), `low`, `high` (95 %,
    over channels), `verdict`, `least` and `greatest` (the difference of one training), `seeds` (how many
    trainings), `significant` (how many of them have p < 0.05 by McNemar's exact test), `kappa` (nan for the
    majority class), `n_train_a`, `n_train_b`, `equal_training` (bool).
    """
    rows = []
    for reference in read_all():
        for split in SPLITS:
            models = reference.distinct_models(split)
            for a, b in PAIRS:
                if a in models and b in models:
                    comparison = difference(reference, a, b, split)
                    by_seed = comparison.by_seed
                    rows.append(
                        {
                            "corpus": reference.name,
                            "split": split,
                            "a": a,
                            "b": b,
                            "n_videos": comparison.n_videos,
                            "difference": comparison.difference,
                            "low": comparison.low,
                            "high": comparison.high,
                            "verdict": comparison.verdict,
                            "least": min(by_seed),
                            "greatest": max(by_seed),
                            "seeds": len(by_seed),
                            "significant": sum(p < SIGNIFICANCE for p in comparison.p_values),
                            "kappa": float("nan") if b == "majority" else comparison.kappa,
                            "n_train_a": comparison.n_train_a,
                            "n_train_b": comparison.n_train_b,
                            "equal_training": comparison.equal_training,
                        }
                    )
    return pd.DataFrame(rows)


def at_slides_mix() -> pd.DataFrame:
    """One row per corpus, split and model: top-1 at the class mix of the slides' test videos.

    Columns: `corpus`, `split`, `model`, `top1` (mean over seeds on the test videos as they are), `mixed`
    (each recall weighted by the slides' test counts), `mixed_low`, `mixed_high` (95 %, over channels),
    `shifted`, `shifted_low`, `shifted_high` (the same after the answers are adapted to the slides' mix),
    `covered` (share of the slides' videos whose categories have test videos): see
    `ytcat.reference_runs.slides_mix`. Guesses that read nothing are left out.
    """
    rows = []
    for reference in read_all():
        for split in SPLITS:
            for model in reference.distinct_models(split):
                if MODELS[model].view is None:
                    continue
                row = {"corpus": reference.name, "split": split, "model": model}
                row["top1"] = reference.results[key(model, split)]["top1"]
                for name, shift in (("mixed", False), ("shifted", True)):
                    value, low, high, covered = slides_mix.accuracy(reference, model, split, shift)
                    row |= {name: value, f"{name}_low": low, f"{name}_high": high, "covered": covered}
                rows.append(row)
    return pd.DataFrame(rows)


def with_seeds() -> pd.DataFrame:
    """The slides' models on the random split, with intervals that hold other videos and other trainings.

    One row per corpus and model, and one for the fusion model minus the text model. Columns: `corpus`, `a`,
    `b` (None, or the model whose top-1 is subtracted), `seeds` (how many), `least`, `greatest` (of one seed),
    `value`, `low`, `high`: see `ytcat.evaluation.statistics.interval_with_seeds`.
    """
    rows = []
    for reference in read_all():
        correct = {
            model: reference.correct_by_seed(model)
            for model in SLIDES_MODELS
            if len(reference.results.get(model, {"seeds": ()})["seeds"]) > 1
        }
        compared = {(model, None): table for model, table in correct.items()}
        if {"fusion", "text"} <= correct.keys():
            compared["fusion", "text"] = (correct["fusion"] - correct["text"]).dropna()
        for (a, b), table in compared.items():
            channels = table.index.get_level_values("channel")
            value, low, high = interval_with_seeds(table, clusters=channels)
            row = {"corpus": reference.name, "a": a, "b": b, "seeds": table.shape[1]}
            row |= {"least": table.mean().min(), "greatest": table.mean().max()}
            rows.append(row | {"value": value, "low": low, "high": high})
    return pd.DataFrame(rows)


def overlap_with_training() -> pd.DataFrame:
    """Top-1 on test videos known and new to training: one row per corpus, split, model and way to know one.

    Columns: `corpus`, `split`, `model`, `known_by` ("channel" or "title"), `known` (share of the test videos
    of all runs), `top1_known`, `top1_new` (nan where there are none).
    """
    rows = []
    for reference in read_all():
        for split in SPLITS:
            for model in reference.models(split):
                overlaps = [
                    run["overlap"]
                    for run in reference.manifest["runs"]
                    if (run["model"], run["split"]) == (model, split)
                ]
                for known_by in ("channel", "title") if overlaps else ():
                    about = {"corpus": reference.name, "split": split, "model": model, "known_by": known_by}
                    rows.append(about | _known_and_new(overlaps, known_by))
    return pd.DataFrame(rows)


def _known_and_new(overlaps: list[dict[str, dict[str, int]]], known_by: str) -> dict[str, float]:
    known, new = (
        pd.DataFrame([overlap[f"{state} {known_by}"] for overlap in overlaps]).sum()
        for state in ("known", "new")
    )
    return {
        "known": known["n"] / (known["n"] + new["n"]),
        "top1_known": known["n_correct"] / known["n"] if known["n"] else float("nan"),
        "top1_new": new["n_correct"] / new["n"] if new["n"] else float("nan"),
    }


def averages_of_seeds() -> pd.DataFrame:
    """The slides' models on the random split, one training beside the average: a row per corpus and model.

    Columns: `corpus`, `model`, `seeds` (how many), `top1` (mean over seeds), `top1_sd`, and `average`, the
    top-1 of the probabilities averaged over the seeds, with its 95 % interval over channels `low`, `high`.
    """
    rows = []
    for reference in read_all():
        for model in SLIDES_MODELS:
            entry = reference.results.get(model)
            if entry and entry["average"]:
                row = {"corpus": reference.name, "model": model, "seeds": len(entry["seeds"])}
                row |= {name: entry[name] for name in ("top1", "top1_sd")}
                names = {"average": "top1", "low": "top1_low", "high": "top1_high"}
                rows.append(row | {name: entry["average"][of] for name, of in names.items()})
    return pd.DataFrame(rows)


def spread_over_splits() -> pd.DataFrame:
    """Top-1 over random splits, one row per corpus and model that trains in seconds.

    Columns: `corpus`, `model`, `splits` (how many), `mean`, `sd` (n - 1), `least`, `greatest`.
    """
    columns = ["corpus", "model", "top1"]
    of_model = reference_runs.table(RANDOM_SPLITS).reindex(columns=columns).groupby(columns[:2])["top1"]
    return of_model.agg(splits="size", mean="mean", sd="std", least="min", greatest="max").reset_index()


def image_model_phases() -> pd.DataFrame:
    """Validation of each image model in the best epoch of both phases, by loss: one row per run.

    Columns: `corpus`, `split`, `seed`, `head_loss`, `head_top1` (the head alone was trained), `both_loss`,
    `both_top1` (batch normalization too, as on the slides), `kept` (the phase of the recorded model: "head"
    or "batch normalization"). Loss is cross-entropy in nats.
    """
    rows = []
    for reference in read_all():
        kept = {
            (run["split"], run["fold"], run["seed"]): run["kept_phase"]
            for run in reference.manifest["runs"]
            if run["model"] == "image"
        }
        history = reference.history().query("model == 'image'")
        for (split, fold, seed), epochs in history.groupby(RUN):
            best = epochs.loc[epochs.groupby("phase")["val_loss"].idxmin()].set_index("phase")
            row = {"corpus": reference.name, "split": split, "seed": seed}
            for name, phase in (("head", "head"), ("both", "batch normalization")):
                row[f"{name}_loss"], row[f"{name}_top1"] = best.loc[phase, ["val_loss", "val_accuracy"]]
            rows.append(row | {"kept": kept[split, fold, seed]})
    return pd.DataFrame(rows)
