"""One model beside people, the slides and the baselines, as rows for `ytcat.figures.intervals`."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ytcat import slides
from ytcat.evaluation.statistics import wilson_of_share

NAMES = {"image": "Image model", "text": "Text model", "fusion": "Fusion model"}


def accuracies(
    model: str,
    summary: Mapping[str, float],
    baselines: Mapping[str, Mapping[str, float]],
    measure: str = "top1",
    best_possible: float | None = None,
) -> pd.DataFrame:
    """Rows `label`, `source`, `value`, `low`, `high` (0..1) for one of the slides' three models.

    `summary` and `baselines` hold what `ytcat.evaluation.metrics.summary` gives; `measure` is "top1" or
    "top5". People answered with one category, so they have no top-5. Of the demo corpus
    `best_possible` is known; it has no interval.
    """
    rows = []
    if measure == "top1":
        people = slides.HUMAN_ACCURACY[model]
        rows.append(("People", "people", people, *wilson_of_share(people, slides.HUMAN_TRIALS)))
    published = getattr(slides.RESULTS[model], measure)
    rows.append((NAMES[model], "slides", published, *wilson_of_share(published, slides.N_TEST)))
    rows.append((NAMES[model], "this run", *_interval(summary, measure)))
    rows += [(name, "baseline", *_interval(figures, measure)) for name, figures in baselines.items()]
    if best_possible is not None:
        rows.append(("Best possible here", "best possible", best_possible, np.nan, np.nan))
    return pd.DataFrame(rows, columns=["label", "source", "value", "low", "high"])


def _interval(summary: Mapping[str, float], measure: str) -> tuple[float, float, float]:
    return summary[measure], summary[f"{measure}_low"], summary[f"{measure}_high"]
