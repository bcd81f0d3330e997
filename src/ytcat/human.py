"""The human baseline: people's answers, kept as a CSV file with one row a trial."""

from pathlib import Path

import pandas as pd

from ytcat.categories import IDS
from ytcat.errors import YtcatError
from ytcat.evaluation.statistics import wilson

CONDITIONS = ("image", "text", "fusion")  # what a person saw: the thumbnail, the title, both
COLUMNS = ("condition", "category_id", "answer")


def load_trials(path: Path) -> pd.DataFrame:
    """Trials with `condition` (image, text or fusion), `category_id` (the truth) and `answer` (YouTube ids).

    Raises YtcatError naming the file, the row, the value and what is wanted.
    """
    try:
        trials = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise YtcatError(f"{path} cannot be read as a CSV file of trials: {error}") from error
    missing = [name for name in COLUMNS if name not in trials]
    if missing:
        raise YtcatError(f"{path} lacks the columns {missing}; a file of trials has {list(COLUMNS)}.")
    for column, allowed in (("condition", CONDITIONS), ("category_id", IDS), ("answer", IDS)):
        wrong = trials[~trials[column].isin(allowed)]
        if len(wrong):
            row = wrong.index[0]
            raise YtcatError(
                f"{path}, line {row + 2}: {column} is {wrong[column].iloc[0]!r}, not one of {list(allowed)}."
            )
    return trials


def accuracy_by_condition(trials: pd.DataFrame) -> pd.DataFrame:
    """A row a condition that has trials: `condition`, `n`, `value`, `low`, `high` (0..1, Wilson 95 %)."""
    right = trials["answer"].eq(trials["category_id"]).groupby(trials["condition"])
    table = pd.DataFrame({"n": right.size(), "value": right.mean(), "right": right.sum()})
    limits = [wilson(int(row.right), int(row.n)) for row in table.itertuples()]
    table[["low", "high"]] = limits
    return table.reindex([c for c in CONDITIONS if c in table.index]).reset_index().drop(columns="right")
