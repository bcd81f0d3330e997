"""What was to be reached, set before the models were trained, and what was reached."""

from typing import NamedTuple

import pandas as pd

from ytcat.reference_runs import key, read_all
from ytcat.views import VIEWS

MET, MISSED, UNDECIDED = "met", "missed", "undecided"  # the verdicts


class Target(NamedTuple):
    """The top-1 accuracy, 0..1, that the chosen model of a view was to reach on a corpus and split."""

    corpus: str
    view: str
    split: str
    top1: float


TARGETS = (
    Target("us-2020", "thumbnail", "random", 0.50),
    Target("us-2020", "thumbnail", "channel", 0.45),
    Target("us-2017", "title", "random", 0.66),
    Target("us-2017", "title", "channel", 0.55),
    Target("us-2020", "both", "random", 0.75),
    Target("us-2020", "both", "channel", 0.62),
)


def table() -> pd.DataFrame:
    """One row per target whose runs are recorded, in the order of `TARGETS`.

    Columns: `corpus`, `view`, `split`, `target`, `top1` (mean over seeds, on the test videos as they are),
    `low`, `high` (95 %, over channels), `reached` (bool: `top1` is at least the target), `verdict`.
    """
    recorded = {reference.name: reference.results for reference in read_all()}
    rows = []
    for corpus, view, split, target in TARGETS:
        entry = recorded.get(corpus, {}).get(key(VIEWS[view].chosen_model, split))
        if entry:
            top1, low, high = (entry[name] for name in ("top1", "top1_low", "top1_high"))
            row = {"corpus": corpus, "view": view, "split": split, "target": target, "top1": top1}
            row |= {"low": low, "high": high, "reached": top1 >= target}
            rows.append(row | {"verdict": verdict(target, low, high)})
    return pd.DataFrame(rows)


def verdict(target: float, low: float, high: float) -> str:
    """`MET` if the whole interval is at least the target, `MISSED` if it is below, else `UNDECIDED`."""
    if low >= target:
        return MET
    return MISSED if high < target else UNDECIDED
