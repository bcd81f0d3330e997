"""The better models of chapter 07 against each other, the people and the slides."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ytcat import slides
from ytcat.evaluation import metrics
from ytcat.evaluation.statistics import mcnemar_exact, paired_bootstrap, wilson_of_share
from ytcat.reference_runs import ReferenceRuns, key

# In the order of every table and figure: titles, thumbnails, both.
NAMES = {
    "title_linear": "Title: TF-IDF, linear",
    "minilm_frozen": "Title: MiniLM frozen, linear",
    "minilm": "Title: MiniLM fine-tuned",
    "title_kernel": "Title: kernel",
    "best_title": "Title: late fusion",
    "thumbnail_kernel": "Thumbnail: kernel",
    "late_fusion": "Both: late fusion of the two",
    "joint_kernel": "Both: one kernel",
    "stacking_in_sample": "Both: stacking, in-sample",
    "stacking": "Both: stacking, out-of-fold",
    "gated_unit": "Both: gated unit",
    "cross_attention": "Both: cross-attention",
    "best": "Best model: late fusion of all",
}
SLIDES_MODELS = {"image": "Image model", "text": "Text model", "fusion": "Fusion model"}
SPLITS = {"random": "random, as the slides'", "channel": "by channel", "time": "by time"}


def overfitting(all_recorded: Sequence[ReferenceRuns]) -> pd.DataFrame:
    """Top-1 of the slides' models on training and on validation videos in the last epoch, mean over seeds.

    A row a corpus and model: `corpus`, `model`, `seeds`, `training`, `validation` (0..1).
    """
    rows = []
    for recorded in all_recorded:
        history = recorded.history()
        history = history[(history["split"] == "random") & history["model"].isin(SLIDES_MODELS)]
        for model, runs in history.groupby("model", sort=False):
            last = runs.groupby("seed").tail(1)
            rows.append(
                {
                    "corpus": recorded.name,
                    "model": SLIDES_MODELS[model],
                    "seeds": len(last),
                    "training": last["accuracy"].mean(),
                    "validation": last["val_accuracy"].mean(),
                }
            )
    return pd.DataFrame(rows, columns=["corpus", "model", "seeds", "training", "validation"])


def in_sample_table(accuracies: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """What stacking is told: the kernels' top-1 on training videos, learnt and out-of-fold, as text."""
    table = pd.DataFrame(accuracies).rename(
        index=NAMES,
        columns={"stacking_in_sample": "videos learnt before", "stacking": "out-of-fold"},
    )
    return table.map("{:.1%}".format)


def accuracies(figures: Mapping[str, Any], measure: str) -> pd.DataFrame:
    """Rows for `ytcat.figures.intervals`: people, the slides, and every model of a run, in `NAMES`'s order.

    `figures` is what `ytcat.runs.model_metrics` gives; `measure` is "top1" or "top5".
    """
    rows = []
    if measure == "top1":
        people = slides.HUMAN_ACCURACY["fusion"]
        rows.append(("People, both", "people", people, *wilson_of_share(people, slides.HUMAN_TRIALS)))
    for model in ("text", "fusion"):
        published = getattr(slides.RESULTS[model], measure)
        interval = wilson_of_share(published, slides.N_TEST)
        rows.append((SLIDES_MODELS[model], "slides", published, *interval))
    found = {**figures["baselines"], "best": figures}
    for name, label in NAMES.items():
        if name in found:
            source = "this run" if name == "best" else "baseline"
            limits = (found[name][f"{measure}_{end}"] for end in ("low", "high"))
            rows.append((label, source, found[name][measure], *limits))
    return pd.DataFrame(rows, columns=["label", "source", "value", "low", "high"])


def against(
    answers: Mapping[str, np.ndarray], other: str, labels: np.ndarray, channels: pd.Series, seed: int
) -> pd.DataFrame:
    """Every model against `other` on the same test videos, in the order of `NAMES`.

    `answers`: probabilities (n, 14) by name; `channels` (n,) may hold missing values, each a channel of its
    own. Columns: `model`, `n`, `right`, `only_this` and `only_other` (videos that just one of the two has
    right), `p` of McNemar's exact test, `difference` of top-1 with its 95 % interval over videos (`low`,
    `high`) and over channels (`channel_low`, `channel_high`).
    """
    correct = {name: metrics.in_top_k(labels, p, 1) for name, p in answers.items()}
    codes = pd.factorize(channels)[0]
    codes = np.where(codes == -1, codes.max() + 1 + np.arange(len(codes)), codes)
    base = correct[other]
    rows = []
    for name in NAMES:
        if name in correct and name != other:
            difference, low, high = paired_bootstrap(correct[name], base, seed, 2_000)
            _, channel_low, channel_high = paired_bootstrap(correct[name], base, seed, 2_000, codes)
            rows.append(
                {
                    "model": name,
                    "n": len(labels),
                    "n_correct": int(correct[name].sum()),
                    "only_this": int((correct[name] & ~base).sum()),
                    "only_other": int((~correct[name] & base).sum()),
                    "p": mcnemar_exact(correct[name], base),
                    "difference": difference,
                    "low": low,
                    "high": high,
                    "channel_low": channel_low,
                    "channel_high": channel_high,
                }
            )
    return pd.DataFrame(rows)


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """The table of `against` as people read it: points, intervals, p-values, as text."""
    return pd.DataFrame(
        {
            "model": table["model"].map(NAMES),
            "top-1": (table["n_correct"] / table["n"]).map("{:.1%}".format),
            "only it right": table["only_this"],
            "only the title right": table["only_other"],
            "p": table["p"].map("{:.2g}".format),
            "difference": (100 * table["difference"]).map("{:+.1f}".format),
            "95% over videos": [_points(*pair) for pair in zip(table["low"], table["high"], strict=True)],
            "95% over channels": [
                _points(*pair) for pair in zip(table["channel_low"], table["channel_high"], strict=True)
            ],
        }
    ).set_index("model")


def recorded_table(all_recorded: Sequence[ReferenceRuns]) -> pd.DataFrame:
    """The recorded figures of these models on real videos, as text: a row a corpus, split and model."""
    rows = []
    for recorded in all_recorded:
        for split, split_name in SPLITS.items():
            for name, label in NAMES.items():
                entry = recorded.results.get(key(name, split))
                if entry and key("best", split) in recorded.results:
                    spread = f" ± {100 * entry['top1_sd']:.1f}" if entry["top1_sd"] is not None else ""
                    rows.append(
                        {
                            "corpus": recorded.name,
                            "split": split_name,
                            "model": label,
                            "runs": len(entry["seeds"]),
                            "top-1": f"{100 * entry['top1']:.1f}{spread}",
                            "95%": f"{100 * entry['top1_low']:.1f} to {100 * entry['top1_high']:.1f}",
                            "top-5": f"{100 * entry['top5']:.1f}",
                            "macro F1": f"{100 * entry['macro_f1']:.1f}",
                        }
                    )
    table = pd.DataFrame(rows)
    return table.set_index(["corpus", "split", "model"]) if rows else table


def conclusion(figures: Mapping[str, Any], table: pd.DataFrame, enough: int, synthetic: bool) -> str:
    """What a run found, as Markdown. `table`: of `against`; `enough`: the right answers that beat people."""
    right, n = round(figures["top1"] * figures["n_test"]), figures["n_test"]
    best = table.set_index("model").loc["best"]
    people = f"{slides.HUMAN_ACCURACY['fusion']:.0%} of {slides.HUMAN_TRIALS} people's answers"
    lines = [
        f"On {'the synthetic demo corpus' if synthetic else 'real videos'}, split "
        f"{SPLITS[figures['split']]}, the best model is right on **{figures['top1']:.1%}** of {n:,} test "
        f"videos (95% interval "
        f"{figures['top1_low']:.1%} to {figures['top1_high']:.1%}); the truth is among its first five "
        f"answers on {figures['top5']:.1%}.",
        f"To be significantly better than {people} takes {enough:,} of {n:,} right; it has {right:,}: "
        f"**{'better' if right >= enough else 'not shown to be better'} than the people**."
        + (" But people did not answer these made-up videos." if synthetic else ""),
    ]
    joined = table[table["model"].map(NAMES).str.startswith("Both")].sort_values("n_correct", ascending=False)
    if len(joined):
        ways = (
            f"{NAMES[row.model].removeprefix('Both: ')} {100 * row.difference:+.1f} (p = {row.p:.2g})"
            for row in joined.itertuples()
        )
        lines.append(
            f"Against the title alone the best model gains {100 * best['difference']:+.1f} points "
            f"(p = {best['p']:.2g}). The single ways to join, from the best: {', '.join(ways)}."
        )
    return "\n".join(f"- {line}" for line in lines)


def _points(low: float, high: float) -> str:
    unbroken = "\N{NO-BREAK SPACE}"  # a narrow column would break it into three lines
    return f"{100 * low:+.1f}{unbroken}to{unbroken}{100 * high:+.1f}"
