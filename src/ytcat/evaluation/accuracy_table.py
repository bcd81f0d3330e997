"""The accuracy of a model beside that of people, the slides and the baselines, for `figures.intervals`."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ytcat import slides
from ytcat.evaluation.sample_size import PEOPLE_TRIALS
from ytcat.evaluation.statistics import wilson_of_share
from ytcat.views import MODELS


def accuracies(
    model: str,
    summary: Mapping[str, float],
    baselines: Mapping[str, Mapping[str, float]],
    measure: str = "top1",
    best_possible: float | None = None,
) -> pd.DataFrame:
    """Accuracies of one of the slides' three models, one row per source.

    Columns: `label`, `source`, then shares 0..1: `value`, `low`, `high`, `outer_low`, `outer_high`.

    `model` is "image", "text" or "fusion". `summary` and `baselines` (by key of `ytcat.views.MODELS`) are
    what `ytcat.evaluation.metrics.summary` returns; `measure` is "top1" or "top5". People gave one category
    per video, so they have no top-5; their interval is that for 100 trials, the outer one that for 50.
    `best_possible` is known for the demo corpus alone and has no interval.
    """
    rows = []
    if measure == "top1":
        people = slides.HUMAN_ACCURACY[model]
        rows.append(("People", "people", people, *wilson_of_share(people, slides.HUMAN_TRIALS)))
    published, label = getattr(slides.RESULTS[model], measure), MODELS[model].label
    rows.append((label, "slides", published, *wilson_of_share(published, slides.N_TEST)))
    rows.append((label, "this run", *_value_and_interval(summary, measure)))
    for name, figures in baselines.items():
        rows.append((MODELS[name].label, "baseline", *_value_and_interval(figures, measure)))
    if best_possible is not None:
        rows.append(("Best possible here", "best possible", best_possible, np.nan, np.nan))
    return with_fewer_trials(pd.DataFrame(rows, columns=["label", "source", "value", "low", "high"]), model)


def with_fewer_trials(table: pd.DataFrame, model: str) -> pd.DataFrame:
    """The table with `outer_low` and `outer_high`: the interval of people if they had 50 trials, else nan.

    `table` has a column `source`; `model` is the slides' model that reads what the people saw.
    """
    low, high = wilson_of_share(slides.HUMAN_ACCURACY[model], min(PEOPLE_TRIALS))
    is_people = table["source"] == "people"
    return table.assign(
        outer_low=np.where(is_people, low, np.nan), outer_high=np.where(is_people, high, np.nan)
    )


def _value_and_interval(summary: Mapping[str, float], measure: str) -> tuple[float, float, float]:
    return summary[measure], summary[f"{measure}_low"], summary[f"{measure}_high"]
