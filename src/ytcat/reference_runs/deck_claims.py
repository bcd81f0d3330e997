"""The deck's claims, one by one: what it prints, what the reference runs say, and a verdict by rule."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from ytcat import slides
from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.reference_runs import compare, first_with, people
from ytcat.views import VIEWS, View

REPRODUCED, CONTRADICTED, OPEN = "reproduced", "contradicted", "cannot be settled"  # the verdicts


class Claim(NamedTuple):
    """One claim of the deck against the reference runs."""

    claim: str
    printed: str  # the deck's figures
    real: str  # those of real videos
    verdict: str
    chapter: str  # where the evidence is


def claims(compared: pd.DataFrame) -> list[Claim]:
    """The deck's claims in its order, as far as runs of its three models are recorded.

    Real videos are those nearest to the deck's: its own source for the title, 2020 videos where a thumbnail
    is needed, all on known channels. Accuracies that are held against people are at the slides' class mix.
    `compared` is `people.table()`.
    """
    listed = [_human_level(compared, view) for view in VIEWS.values()]
    return [claim for claim in (*listed, _fusion_loses(), _one_answer(), _same_confusions()) if claim]


def reaches(printed: float, top1: float, goal: float, verdict: str) -> str:
    """The verdict on a claim about a goal, such as people's accuracy; all shares 0..1.

    `printed` tells the claim: the goal is reached if it is at least `goal`, else missed. `top1` is the
    accuracy on real videos, `verdict` what `people.table` says of it against people. The claim is reproduced
    where `top1` is on the same side of the goal, but a missed goal only if people are shown to be better;
    contradicted where it is shown to be on the other side.
    """
    if printed >= goal:
        if top1 >= goal:
            return REPRODUCED
        return CONTRADICTED if verdict.startswith(people.WORSE) else OPEN
    if verdict.startswith(people.WORSE):
        return REPRODUCED
    return CONTRADICTED if verdict.startswith(people.BETTER) else OPEN


def _human_level(compared: pd.DataFrame, view: View) -> Claim | None:
    reference = first_with(view.slides_model)
    if reference is None:
        return None
    of_model = (compared["corpus"] == reference.name) & (compared["model"] == view.slides_model)
    at_mix = (compared["mix"] == people.SLIDES_MIX) & (compared["split"] == "random")
    row = compared[of_model & at_mix].iloc[0]
    printed, goal = slides.RESULTS[view.slides_model].top1, slides.HUMAN_ACCURACY[view.slides_model]
    reads = {"thumbnail": "From the thumbnail", "title": "From the title", "both": "From both"}[view.key]
    claim = f"{reads} the model {'is at human level' if printed >= goal else 'misses human level'}"
    return Claim(
        claim,
        f"{printed:.2%}, people {goal:.0%}",
        f"{row.top1:.1%} ({row.low:.1%} to {row.high:.1%})",
        reaches(printed, row.top1, goal, row.verdict),
        view.chapter,
    )


def _fusion_loses() -> Claim | None:
    reference = first_with("fusion")
    if reference is None:
        return None
    compared = compare.difference(reference, "fusion", "text")
    printed = slides.RESULTS["fusion"].top1 - slides.RESULTS["text"].top1
    verdict = OPEN
    if not compared.low <= 0 <= compared.high:
        verdict = REPRODUCED if compared.difference < 0 else CONTRADICTED
    return Claim(
        "Joining both is worse than the title alone",
        f"{100 * printed:+.1f} points",
        f"{100 * compared.difference:+.1f} points ({100 * compared.low:+.1f} to {100 * compared.high:+.1f})",
        verdict,
        VIEWS["both"].chapter,
    )


def _one_answer() -> Claim | None:
    """The deck's image model answers with one category more often than with all others together."""
    reference = first_with("image")
    if reference is None:
        return None
    shares = [_answer_shares(slides.CONFUSION["image"]), _answer_shares(_recorded("image"))]
    most, real = (int(share.argmax()) for share in shares)
    same = most == real and shares[1].max() > 0.5
    return Claim(
        f"The image model takes most videos for {NAMES[most]}",
        f"{shares[0].max():.0%} of the answers",
        f"{shares[1][most]:.0%}; most often {NAMES[real]}, {shares[1].max():.0%}",
        REPRODUCED if same else CONTRADICTED,
        VIEWS["thumbnail"].chapter,
    )


def _same_confusions() -> Claim | None:
    """Whether the text model gives the videos of a category the same most frequent answer."""
    if first_with("text") is None:
        return None
    printed, real = np.asarray(slides.CONFUSION["text"]), _recorded("text")
    same = int((printed.argmax(axis=1) == real.argmax(axis=1)).sum())
    on_diagonal = int((printed.argmax(axis=1) == np.arange(N_CATEGORIES)).sum())
    return Claim(
        "Which category a title is taken for",
        f"{on_diagonal} of {N_CATEGORIES} most often correctly",
        f"the same most frequent answer in {same} of {N_CATEGORIES}",
        REPRODUCED if same > N_CATEGORIES / 2 else CONTRADICTED,
        VIEWS["title"].chapter,
    )


def _recorded(model: str) -> np.ndarray:
    """The recorded confusion matrix of a model, all seeds added up, (14, 14) counts."""
    return np.array(first_with(model).results[model]["confusion"])


def _answer_shares(matrix: np.ndarray) -> np.ndarray:
    """The share of the answers that each category gets, (14,), from a confusion matrix."""
    return np.asarray(matrix).sum(axis=0) / np.sum(matrix)
