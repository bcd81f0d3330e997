"""What models get wrong, from prediction tables (see `ytcat.runs.predictions_table`)."""

import numpy as np
import pandas as pd

from ytcat.categories import IDS, NAMES, labels
from ytcat.evaluation import metrics

_PROBABILITIES = [f"p_{category_id}" for category_id in IDS]


def overall(matrix: np.ndarray) -> pd.Series:
    """Accuracy, balanced accuracy and macro F1 (0..1) of a (14, 14) matrix of counts."""
    return pd.Series(
        {
            "accuracy": metrics.accuracy(matrix),
            "balanced accuracy": metrics.balanced_accuracy(matrix),
            "macro F1": metrics.macro_f1(matrix),
        }
    )


def agreement(thumbnail: pd.DataFrame, title: pd.DataFrame) -> pd.DataFrame:
    """A row a category: on how many test videos which of two models is right, for `figures.agreement`.

    Both are prediction tables indexed by `row`; videos that only one of them holds are left out.
    """
    rows = thumbnail.index.intersection(title.index)
    thumbnail, title = thumbnail.loc[rows], title.loc[rows]
    image_right, text_right = _right(thumbnail), _right(title)
    counts = pd.DataFrame(
        {
            "both right": image_right & text_right,
            "only title": text_right & ~image_right,
            "only thumbnail": image_right & ~text_right,
            "neither": ~image_right & ~text_right,
        }
    )
    category = pd.Categorical.from_codes(labels(title["y_true"]), NAMES, ordered=True)
    by_category = counts.groupby(category, observed=False).sum().astype(int)
    return by_category.rename_axis("category").reset_index()


def most_confident(predictions: pd.DataFrame, n: int, right: bool) -> pd.DataFrame:
    """The n right or wrong answers the model is surest of: `answer`, `truth` (labels), `confidence` (0..1).

    `predictions` is indexed by `row`, and so is the result, surest first.
    """
    probabilities = predictions[_PROBABILITIES].to_numpy()
    table = pd.DataFrame(
        {
            "answer": probabilities.argmax(axis=1),
            "truth": labels(predictions["y_true"]),
            "confidence": probabilities.max(axis=1),
        },
        index=predictions.index,
    )
    chosen = table[(table["answer"] == table["truth"]) == right]
    return chosen.sort_values("confidence", ascending=False, kind="stable").head(n)


def _right(predictions: pd.DataFrame) -> np.ndarray:
    answers = predictions[_PROBABILITIES].to_numpy().argmax(axis=1)
    return answers == labels(predictions["y_true"])
