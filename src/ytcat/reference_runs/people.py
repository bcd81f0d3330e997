"""Recorded models against people, who classified other videos in about a hundred trials.

The deck says "~100 trials" and not whether in all or for each view; one number for all three views prints the
deck's three percentages for 50 and for 100, among others, and thirds of about 100 do not (see
`ytcat.evaluation.deck_arithmetic`). So every comparison is made with both numbers.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ytcat import slides
from ytcat.evaluation.sample_size import PEOPLE_TRIALS
from ytcat.evaluation.statistics import SIGNIFICANCE, effective_n, holm, two_proportions, wilson_of_share
from ytcat.reference_runs import ReferenceRuns, first_with, key, read_all, slides_mix
from ytcat.views import SPLITS, VIEWS, View

OWN_MIX, SLIDES_MIX = "own", "slides"  # the class mixes at which a model is compared
CHOSEN, OF_SLIDES = "chosen", "slides"  # the kinds of model
BETTER, WORSE, NOT_SHOWN = "better", "worse", "not shown"  # the verdicts with both numbers of trials
ONLY_IF = " if each view had {} trials"  # after `BETTER` or `WORSE`: with the larger number of trials alone


class Against(NamedTuple):
    """A model's accuracy minus that of people in some number of trials."""

    low: float  # 95 % interval of the difference, -1..1
    high: float
    p_value: float


def against(top1: tuple[float, float, float], people: float, trials: int) -> Against:
    """A model's accuracy against that of people, who saw other videos.

    `top1`: accuracy, low and high end of its 95 % interval, 0..1. `people`: the share of `trials` that people
    classified correctly. The interval of the difference joins the two intervals, Wilson's for people, by
    adding the squares of the limits' distances (Zou & Donner 2008, "Construction of confidence limits about
    effect measures"; of two Wilson intervals it is Newcombe's, 1998). The p-value is that of Fisher's exact
    test, in which the model counts with as many videos as its interval is worth (`effective_n`): videos of
    one channel are not independent.
    """
    value, low, high = top1
    people_low, people_high = wilson_of_share(people, trials)
    difference = value - people
    n = effective_n(value, low, high)
    return Against(
        difference - float(np.hypot(value - low, people_high - people)),
        difference + float(np.hypot(high - value, people - people_low)),
        two_proportions(round(value * n), n, round(people * trials), trials),
    )


def table() -> pd.DataFrame:
    """Chosen and slides' models against the people who saw what they read, on every split with runs.

    One row per class mix, corpus, split, kind of model and view. Columns: `mix` (`OWN_MIX`: the mean over
    seeds on the test videos as they are; `SLIDES_MIX`: see `slides_mix.accuracy`), `corpus`, `split`, `kind`
    (`CHOSEN`, `OF_SLIDES`), `view`, `model`, `top1` with its 95 % interval over channels `low`, `high`,
    `people`, `difference`, and for each number in `PEOPLE_TRIALS` `low_50`, `high_50` (of the difference),
    `p_50`, `holm_50` (p corrected by Holm's method for the comparisons of one mix, split and kind), ..., and
    `verdict`.
    """
    rows = []
    for reference in read_all():
        for split in SPLITS:
            models = reference.distinct_models(split)
            for view in VIEWS.values():
                for kind, model in ((CHOSEN, view.chosen_model), (OF_SLIDES, view.slides_model)):
                    if model in models:
                        about = {"corpus": reference.name, "split": split, "kind": kind}
                        rows += [about | row for row in _rows(reference, split, view, model)]
    compared = pd.DataFrame(rows)
    for trials in PEOPLE_TRIALS:
        families = compared.groupby(["mix", "split", "kind"])[f"p_{trials}"]
        compared[f"holm_{trials}"] = families.transform(holm)
    compared["verdict"] = [
        verdict(row["difference"], {trials: row[f"holm_{trials}"] for trials in PEOPLE_TRIALS})
        for _, row in compared.iterrows()
    ]
    return compared.set_index("mix").loc[[SLIDES_MIX, OWN_MIX]].reset_index()


def like_for_like(compared: pd.DataFrame) -> pd.DataFrame:
    """The rows of `table` that answer the report's question: the chosen models at the slides' class mix.

    Each view on the corpus that comes nearest to the slides' videos: the title on their own source.
    """
    corpora = {
        view.key: reference.name for view in VIEWS.values() if (reference := first_with(view.slides_model))
    }
    nearest = compared["corpus"] == compared["view"].map(corpora)
    rows = compared[nearest & (compared["kind"] == CHOSEN) & (compared["mix"] == SLIDES_MIX)]
    orders = {"split": list(SPLITS), "view": list(VIEWS)}
    return rows.sort_values(list(orders), key=lambda keys: keys.map(orders[keys.name].index))


def verdict(difference: float, p_values: dict[int, float]) -> str:
    """What a comparison shows, from its p-value by number of trials, in words.

    `BETTER` or `WORSE` where every p-value is significant, with `ONLY_IF` where only that of the most trials
    is; else `NOT_SHOWN`.
    """
    word = BETTER if difference > 0 else WORSE
    most = max(p_values)
    if all(p < SIGNIFICANCE for p in p_values.values()):
        return word
    return word + ONLY_IF.format(most) if p_values[most] < SIGNIFICANCE else NOT_SHOWN


def sentence(compared: pd.DataFrame, split: str) -> str:
    """What `like_for_like` rows of one split show, in Markdown: one sentence, with rounded percentages."""
    parts = []
    for row in compared[compared["split"] == split].itertuples():
        view = "both" if row.view == "both" else f"the {row.view}"
        if row.verdict == NOT_SHOWN:
            said = "not shown to differ from people"
        else:
            word, _, condition = row.verdict.partition(" ")
            said = f"{word} than people" + (f" {condition}" if condition else "")
        parts.append(f"from {view} {said} ({100 * row.top1:.0f} against {100 * row.people:.0f} %)")
    label = SPLITS[split].label
    return f"**{label[0].upper()}{label[1:]}**: " + "; ".join(parts) + "."


def _rows(reference: ReferenceRuns, split: str, view: View, model: str) -> list[dict[str, object]]:
    """The comparison of a model at both class mixes."""
    entry = reference.results[key(model, split)]
    at_mix = slides_mix.accuracy(reference, model, split)
    people = slides.HUMAN_ACCURACY[view.slides_model]
    rows = []
    for mix, top1 in (
        (OWN_MIX, (entry["top1"], entry["top1_low"], entry["top1_high"])),
        (SLIDES_MIX, at_mix[:3]),
    ):
        row = {"view": view.key, "model": model, "mix": mix}
        row |= dict(zip(("top1", "low", "high"), top1, strict=True))
        row |= {"people": people, "difference": top1[0] - people}
        for trials in PEOPLE_TRIALS:
            compared = against(top1, people, trials)
            row |= {f"low_{trials}": compared.low, f"high_{trials}": compared.high}
            row[f"p_{trials}"] = compared.p_value
        rows.append(row)
    return rows
