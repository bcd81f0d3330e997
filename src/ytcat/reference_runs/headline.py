"""The report's headline: how often people and models name the right category, per view.

The first page of the book shows it, and the picture in the README.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ytcat import figures, runs, slides
from ytcat.categories import NAMES
from ytcat.evaluation.sample_size import PEOPLE_TRIALS
from ytcat.evaluation.statistics import wilson_of_share
from ytcat.reference_runs import CORPORA, ReferenceRuns, compare, first_with, key, people, slides_mix
from ytcat.views import CHOSEN_CHAPTER, VIEWS, WITH_MORE, View

CONSTANT_ANSWER = slides.TEST_COUNTS.max() / slides.N_TEST  # always the slides' most frequent category
PEOPLE, ON_SLIDES, ON_REAL = "People", "Slides' model, on the slides", "Slides' model, real videos"
KNOWN, NEW = "Chosen model, known channels", "Chosen model, new channels"  # the labels of the rows
BLOCKS = {"thumbnail": "From the thumbnail", "title": "From the title", "both": "From both"}  # by view
# What a comparison with people shows, on channels that the model knows and on new ones, by its verdict.
_IF = people.ONLY_IF.format(max(PEOPLE_TRIALS))
_IN_WORDS = {
    people.BETTER: ("so the machine is better", "more than people"),
    people.BETTER + _IF: (f"so the machine is better,{_IF}", f"more than people,{_IF}"),
    people.NOT_SHOWN: ("in too few trials to call the machine better", "about as much as people"),
    people.WORSE + _IF: (f"so they are better,{_IF}", f"less than people,{_IF}"),
    people.WORSE: ("so they are better", "less than people"),
}
# What a comparison of the model that has read other years' titles with the one that has not shows.
_HELP = {compare.BETTER: "helps", compare.EQUAL: "is not shown to help", compare.WORSE: "harms"}
SOURCES = ("people", "slides", "real videos", "this run")
COLUMNS = ("view", "source", "label", "corpus", "split", "model", "top1", "low", "high", "outer_low",
           "outer_high", "own_mix", "top5", "top1_sd")  # fmt: skip


def accuracies(results: Path | str | None = None) -> pd.DataFrame:
    """One row per view and label, in the order of every table and figure.

    `results`: the folder of a run, which adds its rows; chapters that it lacks are left out. Columns: `view`
    (a key of `VIEWS`), `source` (one of `SOURCES`), `label` (`PEOPLE`, ... `NEW`), of real videos `corpus`,
    `split` and `model`, then shares 0..1, NaN where not known: `top1` with its 95 % interval `low`, `high`.
    Real videos are at the slides' class mix (`slides_mix.accuracy`), so that people, slides and models can be
    compared, with intervals over channels; `own_mix` is the mean over seeds on the test videos as they are,
    with its standard deviation `top1_sd`, and `top5` that of top-5. The interval of people is that for 100
    trials, `outer_low` to `outer_high` that for 50 (`ytcat.evaluation.sample_size.PEOPLE_TRIALS`).
    """
    rows: list[dict[str, Any]] = []
    for view in VIEWS.values():
        rows += [_of_people(view), _of_slides(view), *_of_real_videos(view)]
        if results is not None:
            rows += _of_run(results, view)
    numbers = dict.fromkeys(COLUMNS[COLUMNS.index("top1") :], float)
    return pd.DataFrame(rows, columns=COLUMNS).astype(numbers)


def answer(compared: pd.DataFrame) -> str:
    """The report's answer in a few sentences of Markdown, from the rows of `people.like_for_like`.

    The title's row is of another corpus than that of both views, so the last sentence takes each view alone
    on the videos that the first is about.
    """
    top1 = {(row.view, row.split): f"{row.top1:.0%}" for row in compared.itertuples()}
    verdict = {row.split: row.verdict for row in compared[compared["view"] == "both"].itertuples()}
    with_people = slides.HUMAN_ACCURACY[VIEWS["both"].slides_model]
    with_both_views = first_with(VIEWS["both"].slides_model)
    alone = {
        name: f"{slides_mix.accuracy(with_both_views, VIEWS[name].chosen_model).value:.0%}"
        for name in ("title", "thumbnail")
    }
    return (
        f"On channels that it knows, a machine puts **{top1['both', 'random']}** of videos into the right "
        f"one of {len(NAMES)} categories from thumbnail and title; people reach {with_people:.0%}, "
        f"{_IN_WORDS[verdict['random']][0]}. On a channel that it has never seen, it reaches "
        f"**{top1['both', 'channel']}**, {_IN_WORDS[verdict['channel']][1]}. On the same "
        f"{CORPORA[with_both_views.name]} the title alone reaches {alone['title']} on known channels, the "
        f"thumbnail alone {alone['thumbnail']}.{_with_more_titles(with_both_views)}"
    )


def _with_more_titles(reference: ReferenceRuns) -> str:
    """Whether it helps the model to have read other years' titles; "" if that is not recorded."""
    own, splits = VIEWS["both"].chosen_model, ("random", "channel")
    if any(key(WITH_MORE[own], split) not in reference.results for split in splits):
        return ""
    known, new = (
        _HELP[compare.difference(reference, WITH_MORE[own], own, split).verdict] for split in splits
    )
    helps = known if known == new else f"{known} on known channels, and {new} on new ones"
    return f" On the test videos, learning from other years' titles too {helps}."


def figure(table: pd.DataFrame) -> figures.ThemedFigure:
    """The rows of `accuracies`, one block per view, the slides' majority class as a line."""
    block = table["view"].map(BLOCKS)
    return figures.blocks(
        table.rename(columns={"top1": "value"}).assign(block=block, hollow=table["label"] == NEW),
        reference=(f"always answering {NAMES[slides.TEST_COUNTS.argmax()]}", CONSTANT_ANSWER),
    )


def _of_people(view: View) -> dict[str, Any]:
    share = slides.HUMAN_ACCURACY[view.slides_model]
    (outer_low, outer_high), (low, high) = (wilson_of_share(share, trials) for trials in PEOPLE_TRIALS)
    limits = {"low": low, "high": high, "outer_low": outer_low, "outer_high": outer_high}
    return {"view": view.key, "source": "people", "label": PEOPLE, "top1": share} | limits


def _of_slides(view: View) -> dict[str, Any]:
    printed = slides.RESULTS[view.slides_model]
    low, high = wilson_of_share(printed.top1, slides.N_TEST)
    figures_of_model = {"top1": printed.top1, "low": low, "high": high, "top5": printed.top5}
    return {"view": view.key, "source": "slides", "label": ON_SLIDES} | figures_of_model


def _of_real_videos(view: View) -> list[dict[str, Any]]:
    """The slides' model and the chosen one, on the corpus that comes nearest to the slides' videos."""
    reference = first_with(view.slides_model)
    if reference is None:
        return []
    wanted = (
        (ON_REAL, view.slides_model, "random"),
        (KNOWN, view.chosen_model, "random"),
        (NEW, view.chosen_model, "channel"),
    )
    return [
        {"view": view.key, "label": label} | _recorded(reference, model, split)
        for label, model, split in wanted
        if key(model, split) in reference.results
    ]


def _recorded(reference: ReferenceRuns, model: str, split: str) -> dict[str, Any]:
    entry = reference.results[key(model, split)]
    top1, low, high, _ = slides_mix.accuracy(reference, model, split)
    about = {"source": "real videos", "corpus": reference.name, "split": split, "model": model}
    measured = {"own_mix": entry["top1"], "top5": entry["top5"], "top1_sd": entry["top1_sd"]}
    return about | {"top1": top1, "low": low, "high": high} | measured


def _of_run(results: Path | str, view: View) -> list[dict[str, Any]]:
    """The slides' and the chosen model in a run, on its test videos as they are."""
    run, chosen = (runs.finished(results, chapter) for chapter in (view.chapter, CHOSEN_CHAPTER))
    if run is None or "top1" not in run.metrics:
        return []
    entries = {"Slides' model, this run": run.metrics}
    if chosen:
        of_model = chosen.metrics["baselines"] | {"best": chosen.metrics}
        if view.chosen_model in of_model:
            entries["Chosen model, this run"] = of_model[view.chosen_model]
    return [
        {"view": view.key, "source": "this run", "label": label, "top1": entry["top1"]}
        | {"low": entry["top1_low"], "high": entry["top1_high"], "outer_low": np.nan, "outer_high": np.nan}
        | {"own_mix": entry["top1"], "top5": entry["top5"]}
        for label, entry in entries.items()
    ]
