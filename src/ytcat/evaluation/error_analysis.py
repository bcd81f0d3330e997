"""Which videos models classify wrongly, from the tables that `ytcat.runs.answers` gives."""

import numpy as np
import pandas as pd

from ytcat.categories import NAMES
from ytcat.evaluation import metrics


def overall(matrix: np.ndarray) -> pd.Series:
    """Accuracy, balanced accuracy and macro F1 (shares 0..1) of a (14, 14) matrix of counts."""
    return pd.Series(
        {
            "accuracy": metrics.accuracy(matrix),
            "balanced accuracy": metrics.balanced_accuracy(matrix),
            "macro F1": metrics.macro_f1(matrix),
        }
    )


def agreement(thumbnail: pd.DataFrame, title: pd.DataFrame) -> pd.DataFrame:
    """How many videos of each category both, one or neither of two models classify correctly.

    `thumbnail` and `title` are answers (`truth`, `correct`) indexed by row number; videos that only one of
    them holds are left out. One row per category, for `ytcat.figures.agreement`: `category`, `both right`,
    `only title`, `only thumbnail`, `neither` (numbers of videos).
    """
    rows = thumbnail.index.intersection(title.index)
    by_thumbnail, by_title = thumbnail.loc[rows, "correct"], title.loc[rows, "correct"]
    counts = pd.DataFrame(
        {
            "both right": by_thumbnail & by_title,
            "only title": by_title & ~by_thumbnail,
            "only thumbnail": by_thumbnail & ~by_title,
            "neither": ~by_thumbnail & ~by_title,
        }
    )
    category = pd.Categorical.from_codes(title.loc[rows, "truth"], NAMES, ordered=True)
    by_category = counts.groupby(category, observed=False).sum().astype(int)
    return by_category.rename_axis("category").reset_index()


def most_confident(answers: pd.DataFrame, n: int) -> pd.DataFrame:
    """The n answers with the highest `confidence`, highest first."""
    return answers.sort_values("confidence", ascending=False, kind="stable").head(n)
