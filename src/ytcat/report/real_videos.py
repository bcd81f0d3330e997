"""What the page of the recorded runs shows: tables, tests and figures, computed from `book/reference_runs/`."""

import numpy as np
import pandas as pd

from ytcat import figures, slides
from ytcat.evaluation.statistics import smallest_significant, two_proportions
from ytcat.reference_runs import ReferenceRuns, key, read_all
from ytcat.reference_runs.compare import Difference, against_people, difference
from ytcat.views import MODELS, SLIDES_MODELS

NAMES = {
    "image": "Image model (thumbnail)",
    "text": "Text model (title)",
    "fusion": "Fusion model (both)",
    "linear_probe": "Linear probe (thumbnail)",
    "tfidf": "TF-IDF, linear (title)",
    "majority": "Majority class",
    "stratified_guess": "Stratified guess",
}
NAMES |= {name: model.label for name, model in MODELS.items() if name not in NAMES}
SPLITS = {"random": "random, as the slides'", "channel": "by channel", "time": "by time"}
# Whose share the people with the same input had right.
PEOPLE = {model: model for model in SLIDES_MODELS} | {
    "thumbnail_kernel": "image",
    "best_title": "text",
    "best": "fusion",
}
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


def best_recorded(model: str) -> ReferenceRuns | None:
    """The recorded corpus that one of the slides' models is compared on: one with its runs, by name."""
    return next((recorded for recorded in read_all() if model in recorded.results), None)


def accuracy_rows() -> list[dict[str, str]]:
    """A row a corpus, split and model: means over seeds, their spread, and the interval over the videos."""
    rows = []
    for recorded in read_all():
        for split, split_name in SPLITS.items():
            for model, name in NAMES.items():
                entry = recorded.results.get(key(model, split))
                if entry:
                    rows.append({"Corpus": recorded.name, "Split": split_name, "Model": name} | cells(entry))
    return rows


def claims() -> list[str]:
    """Each comparison of `PAIRS`, and of the models with people, as a sentence with its figures."""
    said = []
    for recorded in read_all():
        for split, split_name in SPLITS.items():
            where = f"`{recorded.name}`, split {split_name}"
            pairs = [p for p in PAIRS if all(key(model, split) in recorded.results for model in p)]
            pairs = [pair for pair in pairs if not ("best" in pair and _best_is_the_titles(recorded))]
            lines = [_paired_claim(difference(recorded, *pair, split)) for pair in pairs]
            if split == "random":
                lines += [_people_claim(recorded, m, PEOPLE[m]) for m in _against_people(recorded)]
            if lines:
                said.append(f"**{where}**\n\n" + "\n".join(f"- {line}" for line in lines))
    return said


def confusions(model: str) -> list[figures.ThemedFigure]:
    """The slides' matrix beside the recorded one on one scale, then their difference, if it is recorded."""
    recorded = best_recorded(model)
    if recorded is None:
        return []
    theirs, ours = slides.CONFUSION[model], np.array(recorded.results[model]["confusion"])
    title = f"ReferenceRuns: {recorded.name}, {_seeds(recorded.results[model])}"
    return [
        figures.confusion_pair(theirs, ours, "Slides", title),
        figures.confusion_difference(theirs, ours, f"{recorded.name} minus slides"),
    ]


def leakage_rows() -> list[dict[str, str]]:
    """How many test videos are known from training, and how the models do on them and on the others."""
    rows = []
    for recorded in read_all():
        about = pd.DataFrame(recorded.manifest["runs"])
        for (split, model), runs_of in about.groupby(["split", "model"], sort=False):
            for what in ("channel", "title"):
                known, new = (_added_up(runs_of["overlap"], f"{state} {what}") for state in ("known", "new"))
                rows.append(
                    {
                        "Corpus": recorded.name,
                        "Split": SPLITS[split],
                        "Model": NAMES[model],
                        "Known by": what,
                        "Test videos known": f"{known[0] / (known[0] + new[0]):.1%}",
                        "Top-1, known": _right_of(*known),
                        "Top-1, new": _right_of(*new),
                    }
                )
    return rows


def split_costs() -> list[str]:
    """What each model loses from the slides' split to the others, as sentences."""
    said = []
    for recorded in read_all():
        for model, name in NAMES.items():
            entry, *others = (recorded.results.get(key(model, split)) for split in SPLITS)
            costs = [
                f"{after['top1']:.1%} {SPLITS[after['split']]} ({_points(after['top1'] - entry['top1'])})"
                for after in others
                if entry and after and model != "stratified_guess"
            ]
            if costs:
                said.append(f"`{recorded.name}`, {name}: {entry['top1']:.1%} → {', '.join(costs)}")
    return said


def provenance_rows() -> list[dict[str, str]]:
    """Where the recorded runs come from: code, machine, time."""
    rows = []
    for recorded in read_all():
        about = recorded.manifest["runs"]
        rows.append(
            {
                "Corpus": recorded.name,
                "Runs": str(len(about)),
                "Commits": ", ".join(sorted({run["git"]["commit"][:10] for run in about})),
                "Processor": about[0]["processor"],
                "TensorFlow": about[0]["versions"]["tensorflow"],
                "Hours in all": f"{sum(run['seconds'] for run in about) / 3600:.1f}",
            }
        )
    return rows


def batch_normalization_rows() -> list[dict[str, str]]:
    """Validation before and after batch normalization was trained, of each recorded image run."""
    rows = []
    for recorded in read_all():
        history = recorded.history()
        image = history[history["model"] == "image"] if "image" in recorded.results else history[:0]
        for (split, _, seed), epochs in image.groupby(["split", "fold", "seed"], sort=False):
            best = {p: e.loc[e["val_loss"].idxmin()] for p, e in epochs.groupby("phase", sort=False)}
            rows.append({"Run": f"{recorded.name}, split {split}, seed {seed}"} | _phases(best))
    return rows


def findings() -> list[str]:
    """What the recorded runs say of the slides' claims, a sentence each; each verdict is a computed test."""
    said = []
    if title := best_recorded("text"):
        entry, theirs = title.results["text"], slides.RESULTS["text"].top1
        holds = entry["top1_low"] <= theirs <= entry["top1_high"]
        by_seed = [run["top1"] for run in entry["runs"]]
        said += [
            f"The slides' figure for the title, {theirs:.1%}, lies {'within' if holds else 'outside'} the "
            f"interval of the recorded runs on `{title.name}`: {entry['top1']:.1%} on average "
            f"({entry['top1_low']:.1%} to {entry['top1_high']:.1%}), {min(by_seed):.1%} to "
            f"{max(by_seed):.1%} seed by seed.",
            f"{_short(title, 'text', 'tfidf')}, which counts words and parts of words.",
        ]
    if thumbnail := best_recorded("image"):
        right = round(slides.RESULTS["image"].top1 * slides.N_TEST)
        p = two_proportions(right, slides.N_TEST, int(slides.TEST_COUNTS.max()), slides.N_TEST)
        said += [
            f"{_short(thumbnail, 'image', 'majority')}; on the slides, p = {p:.2f} (Fisher's exact test).",
            f"{_short(thumbnail, 'image', 'linear_probe')}, which reads the same frozen base.",
        ]
    if both := best_recorded("fusion"):
        loss = slides.RESULTS["fusion"].top1 - slides.RESULTS["text"].top1
        said += [
            f"{_short(both, 'fusion', 'text')}; on the slides the difference is {100 * loss:+.1f} points.",
            f"{_short(both, 'fusion', 'tfidf')}, which sees no thumbnail.",
        ]
    for recorded in read_all():
        pairs = (("best_title", "text"), ("best", "fusion"), ("best", "best_title"))
        seen = [pair for pair in pairs if all(model in recorded.results for model in pair)]
        said += [
            f"{_short(recorded, *pair)}."
            for pair in seen
            if not ("best" in pair and _best_is_the_titles(recorded))
        ]
    return said


def _points(difference: float) -> str:
    return f"{round(100 * difference, 1) + 0.0:+.1f} points"  # + 0.0: no "-0.0"


def beats_people() -> list[str]:
    """Which models are significantly better than people who saw title and thumbnail, a sentence a corpus."""
    said = []
    for recorded in read_all():
        models = [model for model in NAMES if model in recorded.results]
        models = [model for model in models if not (model == "best" and _best_is_the_titles(recorded))]
        compared = {model: against_people(recorded, model, "fusion") for model in models}
        better = [m for m, its in compared.items() if its.difference > 0 and its.p_value < 0.05]
        named = "; ".join(f"{NAMES[m]} {recorded.results[m]['top1']:.1%}" for m in better)
        n = recorded.results["majority"]["n_videos"]
        right = round(slides.HUMAN_ACCURACY["fusion"] * slides.HUMAN_TRIALS)
        needed = smallest_significant(n, right, slides.HUMAN_TRIALS) / n
        said.append(
            f"`{recorded.name}`, {n:,} test videos, {needed:.1%} needed: {named or 'none'}; "
            f"not the other {len(models) - len(better)} models."
        )
    return said


def _short(recorded: ReferenceRuns, a: str, b: str) -> str:
    d = difference(recorded, a, b)
    return (
        f"On `{recorded.name}`, {NAMES[a]} is **{d.verdict}** {NAMES[b]}: {100 * d.difference:+.1f} points "
        f"({100 * d.low:+.1f} to {100 * d.high:+.1f})"
    )


def _phases(best: dict[str, pd.Series]) -> dict[str, str]:
    names = {"head": "Head alone", "batch normalization": "And batch normalization"}
    return {
        f"{names[phase]}: {measure}": form.format(epoch[column])
        for phase, epoch in best.items()
        for measure, column, form in (("loss", "val_loss", "{:.3f}"), ("top-1", "val_accuracy", "{:.1%}"))
    }


def cells(entry: dict) -> dict[str, str]:
    """The figures of `recorded.summary.over_seeds`, as they are shown."""
    low, high = entry["top1_low"], entry["top1_high"]
    spread = f"\u00a0±\u00a0{100 * entry['top1_sd']:.1f}" if entry["top1_sd"] is not None else ""
    interval = f"<small>{100 * low:.0f}–{100 * high:.0f}</small>"
    return {
        "Seeds": str(len(entry["seeds"])),
        "Top-1 (%)": f"**{100 * entry['top1']:.1f}**{spread} <br> {interval}",
        "Top-5 (%)": f"{100 * entry['top5']:.1f}",
        "Macro F1": f"{entry['macro_f1']:.2f}",
        "Balanced (%)": f"{100 * entry['balanced_accuracy']:.1f}",
        "ECE (%)": f"{100 * entry['ece']:.1f}",
    }


def _paired_claim(d: Difference) -> str:
    below = sum(p < 0.05 for p in d.p_values)
    constant = d.b == "majority"  # of one answer only, kappa is always 0
    kappa = "" if constant else f" Cohen's kappa of their answers: {d.kappa:.2f}."
    seed_by_seed = f"from {100 * min(d.by_seed):+.1f} to {100 * max(d.by_seed):+.1f} seed by seed"
    return (
        f"{NAMES[d.a]} is **{d.verdict}** {NAMES[d.b]}: {100 * d.difference:+.1f} points "
        f"({100 * d.low:+.1f} to {100 * d.high:+.1f}) over {d.n_videos:,} videos, {seed_by_seed}. "
        f"McNemar's exact test gives p < 0.05 with {below} of {len(d.p_values)} seeds.{kappa}"
    )


def _against_people(recorded: ReferenceRuns) -> list[str]:
    """The models that people with the same input can be held against; the best model where it sees both."""
    models = [model for model in PEOPLE if model in recorded.results]
    return [model for model in models if not (model == "best" and _best_is_the_titles(recorded))]


def _best_is_the_titles(recorded: ReferenceRuns) -> bool:
    """Without thumbnails the best model is that of the title, under two names."""
    return "thumbnail_kernel" not in recorded.results


def _people_claim(recorded: ReferenceRuns, model: str, people_of: str) -> str:
    d = against_people(recorded, model, people_of)
    verdict = (
        "not told apart from" if d.p_value >= 0.05 else "better than" if d.difference > 0 else "worse than"
    )
    people = f"{slides.HUMAN_ACCURACY[people_of]:.0%} of about {slides.HUMAN_TRIALS} trials on other videos"
    return (
        f"{NAMES[model]} is **{verdict}** people with the same input, who had {people} right: "
        f"{100 * d.difference:+.1f} points "
        f"({100 * d.low:+.1f} to {100 * d.high:+.1f}), Fisher's exact p = {d.p_value:.2g}."
    )


def _added_up(overlaps: pd.Series, name: str) -> tuple[int, int]:
    chosen = [overlap[name] for overlap in overlaps if name in overlap]
    return sum(part["n"] for part in chosen), sum(part["n_correct"] for part in chosen)


def _right_of(n: int, right: int) -> str:
    return f"{right / n:.1%}" if n else "–"


def _seeds(entry: dict) -> str:
    return f"{len(entry['seeds'])} seeds added up"
