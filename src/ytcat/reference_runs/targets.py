"""What was to be reached, set before the models were trained, and what was reached."""

from typing import NamedTuple

import pandas as pd

from ytcat.reference_runs import key, read_all

MET, MISSED, UNDECIDED = "met", "missed", "undecided"  # the verdicts


class Target(NamedTuple):
    """The top-1 accuracy, 0..1, that a model (a key of `ytcat.views.MODELS`) was to reach."""

    corpus: str
    model: str
    split: str
    top1: float


TARGETS = (
    Target("us-2020", "thumbnail_kernel", "random", 0.50),
    Target("us-2020", "thumbnail_kernel", "channel", 0.45),
    Target("us-2017", "best_title", "random", 0.66),
    Target("us-2017", "best_title", "channel", 0.55),
    Target("us-2020", "best", "random", 0.75),
    Target("us-2020", "best", "channel", 0.62),
    Target("us-2017", "best_title_with_more", "random", 0.68),
    Target("us-2017", "best_title_with_more", "channel", 0.55),
    Target("us-2020", "best_with_more", "random", 0.72),
    Target("us-2020", "best_with_more", "channel", 0.64),
)


def table() -> pd.DataFrame:
    """One row per target whose runs are recorded, in the order of `TARGETS`.

    Columns: `corpus`, `model`, `split`, `target`, `top1` (mean over seeds, on the test videos as they are),
    `low`, `high` (95 %, over channels), `reached` (bool: `top1` is at least the target), `verdict`.
    """
    recorded = {reference.name: reference.results for reference in read_all()}
    rows = []
    for corpus, model, split, target in TARGETS:
        entry = recorded.get(corpus, {}).get(key(model, split))
        if entry:
            top1, low, high = (entry[name] for name in ("top1", "top1_low", "top1_high"))
            row = {"corpus": corpus, "model": model, "split": split, "target": target, "top1": top1}
            row |= {"low": low, "high": high, "reached": top1 >= target}
            rows.append(row | {"verdict": verdict(target, low, high)})
    return pd.DataFrame(rows)


def verdict(target: float, low: float, high: float) -> str:
    """`MET` if the whole interval is at least the target, `MISSED` if it is below, else `UNDECIDED`."""
    if low >= target:
        return MET
    return MISSED if high < target else UNDECIDED
