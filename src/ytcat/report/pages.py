"""What the book's prose pages show of a run: tables and figures, computed from results and the slides.

The pages themselves are `book/*.md`; they name these values as MyST substitutions, `{{ name }}`.
"""

import platform
from pathlib import Path

import numpy as np
import pandas as pd

from ytcat import figures, runs, slides
from ytcat.corpus import Corpus
from ytcat.evaluation.statistics import wilson_of_share
from ytcat.report.execute import Outcome

VIEWS = {"image": "thumbnail", "text": "title", "fusion": "thumbnail and title"}
CHAPTERS = {"image": "03_image_model", "text": "04_text_model", "fusion": "05_fusion"}


def substitutions(corpus: Corpus, profile: str, results: Path, stage: Path) -> dict[str, str]:
    """Markdown by name for the prose pages; figures are written below `stage`."""
    values = {
        "this_run": _this_run(corpus, profile),
        "results_table": _results_table(results),
        "best_possible": _best_possible(results, corpus),
        "versions_table": _versions_table(results),
        "example_title": slides.EXAMPLE.title,
        "example_friend_1": slides.EXAMPLE.friends[0],
        "example_friend_2": slides.EXAMPLE.friends[1],
        "example_truth": slides.EXAMPLE.truth,
        "n_train": f"{slides.N_TRAIN:,}",
        "n_test": f"{slides.N_TEST:,}",
        "human_trials": str(slides.HUMAN_TRIALS),
    }
    values["headline"] = _placed(headline(results), "headline", stage)
    for model in VIEWS:
        values[f"confusion_{model}"] = _placed(
            _confusion(model, corpus, results), f"confusion-{model}", stage
        )
    return values


def _this_run(corpus: Corpus, profile: str) -> str:
    kind = "a **synthetic** corpus, not YouTube" if corpus.synthetic else "real videos"
    return f"corpus `{corpus.name}` ({kind}, {corpus.report.kept:,} videos), profile `{profile}`"


def _results_table(results: Path) -> str:
    rows = []
    for model, view in VIEWS.items():
        run = runs.finished(results, CHAPTERS[model])
        ours = run.metrics if run else {}
        published = slides.RESULTS[model]
        rows.append(
            {
                "Input": view,
                "People (slides)": _with_interval(slides.HUMAN_ACCURACY[model], slides.HUMAN_TRIALS),
                "Slides, top-1": _with_interval(published.top1, slides.N_TEST),
                "Slides, top-5": f"{published.top5:.1%}",
                "This run, top-1": _measured(ours, "top1"),
                "This run, top-5": f"{ours['top5']:.1%}" if "top5" in ours else "no thumbnails",
                "Majority class here": f"{ours['majority_top1']:.1%}" if "top1" in ours else "–",
            }
        )
    return _markdown(pd.DataFrame(rows))


def _measured(metrics: dict, name: str) -> str:
    if name not in metrics:
        return "no thumbnails"
    low, high = metrics[f"{name}_low"], metrics[f"{name}_high"]
    return f"**{metrics[name]:.1%}** <br> {_interval(low, high)}"


def _with_interval(share: float, n: int) -> str:
    return f"{share:.1%} <br> {_interval(*wilson_of_share(share, n))}"


def _interval(low: float, high: float) -> str:
    return f"<small>{100 * low:.0f}–{100 * high:.0f}</small>"


def _best_possible(results: Path, corpus: Corpus) -> str:
    """On the demo corpus the generator is known, and with it what no model can beat."""
    run = runs.finished(results, "01_data_exploration")
    best = run.metrics.get("best_possible") if run and corpus.synthetic else None
    if not best:
        return ""
    shares = ", ".join(f"{best[view]['top1']:.1%} from {name}" for view, name in _BEST_VIEWS.items())
    return (
        "The generator of the demo corpus is known, so the best top-1 accuracy that anyone could reach on "
        f"its test videos is known too: {shares}. That makes it a positive control: a pipeline "
        "that works must come near these figures and may not pass them by more than chance."
    )


_BEST_VIEWS = {"thumbnail": "the thumbnail", "title": "the title", "both": "both"}


def _confusion(model: str, corpus: Corpus, results: Path) -> figures.ThemedFigure:
    """The slides' matrix beside this run's, or alone where this run has none."""
    run = runs.finished(results, CHAPTERS[model])
    matrix = run.metrics.get("confusion") if run else None
    theirs = slides.CONFUSION[model]
    if matrix is None:
        return figures.confusion(theirs, "Slides")
    return figures.confusion_pair(theirs, np.array(matrix), "Slides", f"This run: {corpus.label}")


def headline(results: Path | None = None) -> figures.ThemedFigure:
    """People, the slides and, where there is one, this run on one axis; the README shows it without a run."""
    rows = []
    for model, view in VIEWS.items():
        people, published = slides.HUMAN_ACCURACY[model], slides.RESULTS[model].top1
        label = view.capitalize()
        rows.append((label, "people", people, *wilson_of_share(people, slides.HUMAN_TRIALS)))
        rows.append((label, "slides", published, *wilson_of_share(published, slides.N_TEST)))
        run = runs.finished(results, CHAPTERS[model]) if results else None
        if run and "top1" in run.metrics:
            rows.append(
                (label, "this run", *(run.metrics[name] for name in ("top1", "top1_low", "top1_high")))
            )
    majority = slides.TEST_COUNTS.max() / slides.N_TEST
    return figures.intervals(
        pd.DataFrame(rows, columns=["label", "source", "value", "low", "high"]),
        reference=("always Entertainment (slides)", majority),
    )


def _placed(figure: figures.ThemedFigure, name: str, stage: Path) -> str:
    """Put the figure's files where pages find them; returns the HTML that shows them."""
    folder = stage / "_static" / "figures"
    folder.mkdir(exist_ok=True)
    figure.save(folder, name)
    return figure.html(f"_static/figures/{name}-light.svg", f"_static/figures/{name}-dark.svg")


def status_table(outcomes: list[Outcome]) -> str:
    """Each chapter's seconds, and whether it ran for this book or was cached."""
    rows = [
        {
            "Chapter": f"[{o.chapter.name}](notebooks/{o.chapter.name}.ipynb)",
            "Seconds": f"{o.seconds:.0f}",
            "In this build": f"ran: {o.reason}" if o.ran else "cached",
            "Key": f"`{o.key[:12]}`",
        }
        for o in outcomes
    ]
    return _markdown(pd.DataFrame(rows))


def _versions_table(results: Path) -> str:
    manifest = runs.need(results, "01_data_exploration").manifest
    rows = [{"What": name, "Version": version} for name, version in manifest["versions"].items()]
    rows.append({"What": "processor", "Version": manifest["processor"]})
    rows.append({"What": "operating system", "Version": f"{platform.system()} {platform.machine()}"})
    return _markdown(pd.DataFrame(rows))


def _markdown(table: pd.DataFrame) -> str:
    lines = ["| " + " | ".join(table.columns) + " |", "|" + " --- |" * len(table.columns)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in table.itertuples(index=False)]
    return "\n".join(lines)
