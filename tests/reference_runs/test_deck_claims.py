"""The deck's claims against the reference runs: the rule of each verdict, and what the recording gives."""

import re

import pandas as pd
import pytest

from ytcat.reference_runs import deck_claims, headline, people
from ytcat.reference_runs.deck_claims import CONTRADICTED, OPEN, REPRODUCED


@pytest.mark.parametrize(
    ("printed", "top1", "verdict", "expected"),
    [
        (0.52, 0.51, people.NOT_SHOWN, REPRODUCED),  # a goal that is reached, and reached again
        (0.52, 0.60, people.BETTER, REPRODUCED),
        (0.52, 0.48, people.NOT_SHOWN, OPEN),
        (0.52, 0.30, people.WORSE, CONTRADICTED),
        (0.45, 0.30, people.WORSE, REPRODUCED),  # a goal that is missed
        (0.45, 0.48, people.NOT_SHOWN, OPEN),
        (0.45, 0.70, people.BETTER, CONTRADICTED),
        (0.45, 0.70, people.BETTER + people.ONLY_IF.format(100), CONTRADICTED),
    ],
)
def test_a_goal_is_reproduced_contradicted_or_open(printed, top1, verdict, expected):
    assert deck_claims.reaches(printed, top1, 0.5, verdict) == expected


def test_every_claim_of_the_deck_is_answered_in_its_order():
    claims = deck_claims.claims(people.table())
    assert [claim.chapter[:2] for claim in claims] == ["03", "04", "05", "05", "03", "04"]
    assert claims[0].printed == "30.39%, people 30%"
    assert {claim.verdict for claim in claims} <= {REPRODUCED, CONTRADICTED, OPEN}
    assert claims[3].verdict == CONTRADICTED  # joining both helps, over five seeds


def compared(verdict):
    rows = [
        {"view": view, "split": split, "top1": top1, "verdict": verdict}
        for view, top1 in (("thumbnail", 0.44), ("title", 0.671), ("both", 0.635))
        for split in ("random", "channel")
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (people.BETTER, ("so the machine is better", "more than people")),
        (
            people.BETTER + people.ONLY_IF.format(100),
            ("so the machine is better, if each view had 100 trials", "more than people, if each"),
        ),
        (people.NOT_SHOWN, ("in too few trials to call the machine better", "about as much as people")),
        (people.WORSE, ("so they are better", "less than people")),
    ],
)
def test_the_answer_says_what_the_comparison_shows(verdict, words):
    answer = headline.answer(compared(verdict))
    assert all(word in answer for word in words)
    # Three sentences, and one on other years' titles where that is recorded.
    assert answer.count(". ") == 2 + ("other years" in answer)
    assert "**64%**" in answer
    alone = re.search(
        r"On the same 2020 videos the title alone reaches (\d+)% .*, the thumbnail alone (\d+)%", answer
    )
    title, thumbnail = map(int, alone.groups())
    assert thumbnail < title < 64  # like for like: one view of the videos whose both views give 64%
