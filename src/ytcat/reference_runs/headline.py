"""The report's headline: how often people and models name the right category, per view.

The first page of the book shows it, and the picture in the README.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from ytcat import figures, runs, slides
from ytcat.categories import NAMES
from ytcat.evaluation.statistics import wilson_of_share
from ytcat.reference_runs import read_all
from ytcat.views import CHOSEN_CHAPTER, VIEWS, View

CONSTANT_ANSWER = slides.TEST_COUNTS.max() / slides.N_TEST  # always the slides' most frequent category
PEOPLE, SLIDES_MODEL, CHOSEN_MODEL, MAJORITY = "people", "slides' model", "chosen model", "majority class"
IN_ORDER = {
    "view": pd.CategoricalDtype(list(VIEWS), ordered=True),
    "source": pd.CategoricalDtype(["people", "slides", "real videos", "this run"], ordered=True),
    "model": pd.CategoricalDtype([PEOPLE, SLIDES_MODEL, CHOSEN_MODEL, MAJORITY], ordered=True),
}
COLUMNS = ("view", "source", "corpus", "model", "top1", "top1_low", "top1_high", "top5", "top1_sd", "seeds")


def accuracies(results: Path | str | None = None) -> pd.DataFrame:
    """One row per view, source, corpus and model, in the order of every table and figure.

    `results`: the folder of a run, which adds its rows; chapters that it lacks are left out. Columns: `view`
    (a key of `VIEWS`), `source` ("people", "slides", "real videos", "this run") and `model` ("people",
    "slides' model", "chosen model", "majority class"), ordered categoricals; `corpus` of the real videos;
    `top1` (0..1) with its 95 % Wilson interval `top1_low`, `top1_high`; `top5`; over several `seeds`, `top1`
    is the mean and `top1_sd` the standard deviation. NaN where not known.
    """
    rows: list[dict[str, Any]] = []
    for view in VIEWS.values():
        people, printed = slides.HUMAN_ACCURACY[view.slides_model], slides.RESULTS[view.slides_model]
        rows += [
            _row(view, "people", "", PEOPLE, _of_share(people, slides.HUMAN_TRIALS)),
            _row(
                view, "slides", "", SLIDES_MODEL, _of_share(printed.top1, slides.N_TEST) | printed._asdict()
            ),
            _row(view, "slides", "", MAJORITY, _of_share(CONSTANT_ANSWER, slides.N_TEST)),
        ]
        for stored in read_all():
            rows += _rows(view, "real videos", stored.name, stored.results)
        if results is not None:
            rows += _rows(view, "this run", "", _this_run(results, view))
    numbers = dict.fromkeys(["top5", "top1_sd", "seeds"], float)
    return pd.DataFrame(rows, columns=COLUMNS).astype(IN_ORDER | numbers)


def figure(table: pd.DataFrame) -> figures.ThemedFigure:
    """The rows of `accuracies`, one block per view, the majority class as a line."""
    table = table[table["model"] != MAJORITY].astype(dict.fromkeys(IN_ORDER, str))
    chosen = table["model"].where(table["model"] == CHOSEN_MODEL, "")
    notes = (table["corpus"] + ", " + chosen).str.strip(", ")
    labels = table["view"].map({view.key: view.label for view in VIEWS.values()})
    accuracy = {"top1": "value", "top1_low": "low", "top1_high": "high"}
    return figures.intervals(
        table.rename(columns=accuracy).assign(label=labels, note=notes),
        reference=(f"always {NAMES[slides.TEST_COUNTS.argmax()]} (slides)", CONSTANT_ANSWER),
    )


def _rows(view: View, source: str, corpus: str, entries: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The models of a view; none where the slides' model has no figures, for lack of thumbnails."""
    if view.slides_model not in entries:
        return []
    models = {SLIDES_MODEL: view.slides_model, CHOSEN_MODEL: view.chosen_model, MAJORITY: "majority"}
    return [_row(view, source, corpus, name, entries[key]) for name, key in models.items() if key in entries]


def _row(view: View, source: str, corpus: str, model: str, entry: dict[str, Any]) -> dict[str, Any]:
    about = {"view": view.key, "source": source, "corpus": corpus, "model": model}
    return entry | about | {"seeds": len(entry.get("seeds", ())) or None}


def _of_share(share: float, n: int) -> dict[str, float]:
    low, high = wilson_of_share(share, n)
    return {"top1": share, "top1_low": low, "top1_high": high}


def _this_run(results: Path | str, view: View) -> dict[str, dict[str, Any]]:
    """The figures of a run, from the chapters on the view and on better models, by the keys of the models."""
    run, chosen = (runs.finished(results, chapter) for chapter in (view.chapter, CHOSEN_CHAPTER))
    if run is None or "top1" not in run.metrics:
        return {}
    entries = chosen.metrics["baselines"] | {"best": chosen.metrics} if chosen else {}
    return entries | run.metrics["baselines"] | {view.slides_model: run.metrics}
