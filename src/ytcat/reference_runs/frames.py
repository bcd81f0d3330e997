"""The reference runs of all corpora as tables of numbers: accuracies, differences, overlap with training.

Models, splits and views are keys of `ytcat.views`, rows come in their order; shares are 0..1.
"""

import pandas as pd

from ytcat import slides
from ytcat.evaluation.statistics import SIGNIFICANCE
from ytcat.reference_runs import RUN, key, read_all
from ytcat.reference_runs.compare import against_people, difference
from ytcat.views import SPLITS, VIEWS

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
)


def accuracies() -> pd.DataFrame:
    """One row per corpus, split and model: means over seeds, their spread, and the interval over the videos.

    Columns: `corpus`, `split`, `model`, `seeds` (how many), `n_videos`, `top1`, `top1_sd` (nan for one seed),
    `top1_low`, `top1_high` (95 %, Wilson), `top5`, `macro_f1`, `balanced_accuracy`, `ece`.
    """
    measures = ("n_videos", "top1", "top1_sd", "top1_low", "top1_high", "top5")
    measures += ("macro_f1", "balanced_accuracy", "ece")
    rows = []
    for reference in read_all():
        for split in SPLITS:
            for model in reference.models(split):
                entry = reference.results[key(model, split)]
                about = {"corpus": reference.name, "split": split, "model": model}
                about["seeds"] = len(entry["seeds"])
                rows.append(about | {name: entry[name] for name in measures})
    return pd.DataFrame(rows).astype({"top1_sd": float})


def paired_differences() -> pd.DataFrame:
    """One row per corpus, split and pair of `PAIRS` that both models have runs of.

    Columns: `corpus`, `split`, `a`, `b`, `n_videos`, `difference` (of top-1, a minus b), `low`, `high`
    (95 %), `verdict`, `least` and `greatest` (the difference of one seed), `seeds` (how many), `significant`
    (how many of them have p < 0.05 by McNemar's exact test), `kappa` (nan for the majority class).
    Takes about a second per row with 5,000 videos, most of it the bootstrap.
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
                        }
                    )
    return pd.DataFrame(rows)


def differences_from_people() -> pd.DataFrame:
    """One row per corpus, model and view: the model on the random split against the people who saw that view.

    Columns: `corpus`, `model`, `people` (a view), `n_videos`, `top1`, `top1_people`, `difference`, `low`,
    `high` (95 %), `p_value` (Fisher's exact test), `verdict`.
    """
    rows = []
    for reference in read_all():
        for model in reference.distinct_models():
            entry = reference.results[model]
            for view in VIEWS.values():
                comparison = against_people(reference, model, view.slides_model)
                about = {"corpus": reference.name, "model": model, "people": view.key}
                about |= {"n_videos": entry["n_videos"], "top1": entry["top1"]}
                about["top1_people"] = slides.HUMAN_ACCURACY[view.slides_model]
                rows.append(about | comparison._asdict() | {"verdict": comparison.verdict})
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


def image_model_phases() -> pd.DataFrame:
    """Validation of each image model in the best epoch of both phases, by loss: one row per run.

    Columns: `corpus`, `split`, `seed`, `head_loss`, `head_top1` (the head alone was trained), `both_loss`,
    `both_top1` (batch normalization too). Loss is cross-entropy in nats.
    """
    rows = []
    for reference in read_all():
        history = reference.history().query("model == 'image'")
        for (split, _, seed), epochs in history.groupby(RUN):
            best = epochs.loc[epochs.groupby("phase")["val_loss"].idxmin()].set_index("phase")
            row = {"corpus": reference.name, "split": split, "seed": seed}
            for name, phase in (("head", "head"), ("both", "batch normalization")):
                row[f"{name}_loss"], row[f"{name}_top1"] = best.loc[phase, ["val_loss", "val_accuracy"]]
            rows.append(row)
    return pd.DataFrame(rows)
