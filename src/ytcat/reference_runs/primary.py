"""The comparisons of models on which the report rests, named once; every other one is descriptive.

They were named when the report was reviewed, before these tests were computed, but after the recorded runs
had been seen, so they are no preregistration. `n_train_a` and `n_train_b` of the table tell where the two
models did not learn from equally many videos.
"""

from typing import NamedTuple

import pandas as pd

from ytcat.evaluation.statistics import SIGNIFICANCE, cluster_sign_flip, holm
from ytcat.reference_runs import ReferenceRuns, compare, key, read_all

# What late fusion weighs in the chosen model: see `future_directions.better_models.ensemble`.
PARTS = ("title_linear", "title_kernel", "minilm", "thumbnail_kernel", "joint_kernel")
STRONGEST_PART = "strongest part"  # of `PARTS` that with the highest top-1 on the split


class Comparison(NamedTuple):
    """A question about two models on one corpus and split."""

    question: str
    corpus: str
    split: str
    a: str
    b: str  # or `STRONGEST_PART`


PRIMARY = (
    Comparison(
        "Does the slides' image model know more than the most frequent category?",
        "us-2020", "random", "image", "majority",
    ),
    Comparison(
        "Does the slides' way to join thumbnail and title gain over the title?",
        "us-2020", "random", "fusion", "text",
    ),
    Comparison(
        "Does a sentence encoder read more from the title than the slides' text model?",
        "us-2017", "random", "minilm", "text",
    ),
    Comparison(
        "Does the chosen model know more than the strongest of its parts?",
        "us-2020", "random", "best", STRONGEST_PART,
    ),
    Comparison(
        "And on channels that it has never seen?",
        "us-2020", "channel", "best", STRONGEST_PART,
    ),
)  # fmt: skip


def table() -> pd.DataFrame:
    """One row per comparison of `PRIMARY` whose runs are recorded, in that order.

    Columns: `question`, `corpus`, `split`, `a`, `b` (models), `n_videos`, `n_channels` (distinct, of the test
    videos), `difference` (of top-1, a minus b, over seeds), `low`, `high` (95 %, bootstrap over channels),
    `p_value` (`cluster_sign_flip` over channels), `holm` (p corrected for all rows by Holm's method), `shown`
    (bool, holm < 0.05), `n_train_a`, `n_train_b`. The strongest part is the strongest on these test videos,
    since no other figure is recorded for all parts: the comparison favours the part.
    """
    recorded = {reference.name: reference for reference in read_all()}
    rows = []
    for comparison in PRIMARY:
        reference = recorded.get(comparison.corpus)
        if reference and {comparison.a, *_alternatives(comparison)} <= set(
            reference.models(comparison.split)
        ):
            rows.append(_row(reference, comparison))
    compared = pd.DataFrame(rows)
    compared["holm"] = holm(compared["p_value"])
    compared["shown"] = compared["holm"] < SIGNIFICANCE
    return compared


def strongest_part(reference: ReferenceRuns, split: str) -> str:
    """That of `PARTS` with the highest mean top-1 on a split; of equal ones the first."""
    return max(PARTS, key=lambda model: reference.results[key(model, split)]["top1"])


def _alternatives(comparison: Comparison) -> tuple[str, ...]:
    return PARTS if comparison.b == STRONGEST_PART else (comparison.b,)


def _row(reference: ReferenceRuns, comparison: Comparison) -> dict[str, object]:
    split = comparison.split
    b = strongest_part(reference, split) if comparison.b == STRONGEST_PART else comparison.b
    compared = compare.difference(reference, comparison.a, b, split)
    videos = compare.paired(reference, comparison.a, b, split)
    return comparison._asdict() | {
        "b": b,
        "n_videos": compared.n_videos,
        "n_channels": videos["channel"].nunique(),
        "difference": compared.difference,
        "low": compared.low,
        "high": compared.high,
        "p_value": cluster_sign_flip(videos["gain"] * videos["weight"], videos["channel"]),
        "n_train_a": compared.n_train_a,
        "n_train_b": compared.n_train_b,
    }
