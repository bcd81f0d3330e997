"""Reference runs at the class mix of the slides' test videos, which are what people and slides are known on.

The test videos of us-2020 have more Music, Sport and Gaming, categories that are easy, so their accuracy is
not that on the slides' videos. Each category's recall is weighted by `ytcat.slides.TEST_COUNTS` instead.
"""

import numpy as np
import pandas as pd

from ytcat import runs, slides
from ytcat.categories import N_CATEGORIES, labels
from ytcat.evaluation.class_mix import Estimate, shifted, standardized_mean
from ytcat.reference_runs import ReferenceRuns


def accuracy(reference: ReferenceRuns, model: str, split: str = "random", shift: bool = False) -> Estimate:
    """Top-1 of a model at the slides' class mix, over its seeds, with an interval that draws channels.

    `shift`: after the model's probabilities are adapted to the slides' mix, see `by_video`. A category
    without test videos is left out; `Estimate.covered` is the share of the slides' videos of the others.
    """
    videos = by_video(reference, model, split, shift)
    return standardized_mean(videos["correct"], videos["label"], slides.TEST_COUNTS, videos["channel"])


def by_video(
    reference: ReferenceRuns, model: str, split: str = "random", shift: bool = False
) -> pd.DataFrame:
    """One row per test video, by row number: `label` (0..13), `channel`, `correct` (share of seeds, 0..1).

    `shift`: the probabilities of each run are first multiplied by the slides' share of a category over the
    training share (`ytcat.evaluation.class_mix.shifted`). The training shares are those of all recorded
    videos that are not test videos of the run: training and validation together, and on us-2017 the videos
    that the random split leaves out in the same proportions.
    """
    table = reference.predictions(model, split)
    truth, probabilities = labels(table["y_true"]), runs.probabilities(table)
    if shift:
        probabilities = _shifted(reference, table, probabilities)
    correct = probabilities.argmax(axis=1) == truth
    columns = {"row": table["row"], "label": truth, "channel": table["channel"], "correct": correct}
    videos = (
        pd.DataFrame(columns).groupby("row").agg({"label": "first", "channel": "first", "correct": "mean"})
    )
    return videos


def _shifted(reference: ReferenceRuns, table: pd.DataFrame, probabilities: np.ndarray) -> np.ndarray:
    everything = reference.labels
    adapted = np.empty(probabilities.shape)
    for _, positions in table.groupby(["fold", "seed"]).indices.items():
        learned = everything.drop(table["row"].iloc[positions])
        counts = np.bincount(learned, minlength=N_CATEGORIES)
        adapted[positions] = shifted(probabilities[positions], counts, slides.TEST_COUNTS)
    return adapted
