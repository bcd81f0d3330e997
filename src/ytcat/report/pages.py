"""What the book's prose pages show of a run: tables and figures, computed from results and the slides.

The pages themselves are `book/*.md`; they name these values as MyST substitutions, `{{ name }}`.
"""

import platform
from pathlib import Path

import numpy as np
import pandas as pd

from ytcat import benchmarks, figures, runs, slides
from ytcat.corpus import Corpus
from ytcat.evaluation.audit import audit
from ytcat.evaluation.leakage import NEAR_IDENTICAL
from ytcat.evaluation.statistics import wilson_of_share
from ytcat.reference_runs import read_all
from ytcat.report import data_card, real_videos, sweep_table
from ytcat.report.execute import Outcome

VIEWS = {"image": "thumbnail", "text": "title", "fusion": "thumbnail and title"}
CHAPTERS = {"image": "03_image_model", "text": "04_text_model", "fusion": "05_fusion"}
BEST_CHAPTER = "07_better_models"
NOT_MEASURED = "Not measured yet: `make bench` does it."
BEST = {"image": "thumbnail_kernel", "text": "best_title", "fusion": "best"}  # by the view they read


def substitutions(corpus: Corpus, profile: str, results: Path, stage: Path) -> dict[str, str]:
    """Markdown by name for the prose pages; figures are written below `stage`."""
    values = {
        "this_run": _this_run(corpus, profile),
        "results_table": _results_table(corpus, results),
        "best_possible": _best_possible(results, corpus),
        "versions_table": _versions_table(results),
        "sweep_table": _sweep_table(corpus, profile),
        "example_title": slides.EXAMPLE.title,
        "example_friend_1": slides.EXAMPLE.friends[0],
        "example_friend_2": slides.EXAMPLE.friends[1],
        "example_truth": slides.EXAMPLE.truth,
        "n_train": f"{slides.N_TRAIN:,}",
        "n_test": f"{slides.N_TEST:,}",
        "human_trials": str(slides.HUMAN_TRIALS),
        "human_both": f"{slides.HUMAN_ACCURACY['fusion']:.0%}",
    }
    sources = [*CHAPTERS.values(), BEST_CHAPTER]
    values["headline"] = _placed(headline(results), "headline", stage, sources)
    for model, chapter in CHAPTERS.items():
        drawn = _confusion(model, corpus, results)
        values[f"confusion_{model}"] = _placed(drawn, f"confusion-{model}", stage, [chapter])
        recorded = real_videos.confusions(model)
        names = (f"recorded-{model}", f"recorded-difference-{model}")
        shown = [
            _placed(figure, name, stage, [chapter]) for figure, name in zip(recorded, names, strict=False)
        ]
        values[f"recorded_confusion_{model}"] = "\n\n".join(shown) or "Not recorded."
    return (
        values
        | _recorded()
        | _data(corpus)
        | speed_and_scale(benchmarks.recorded(), stage)
        | {"audit_findings": _audit(), "audit_count": str(len(audit()))}
    )


def _recorded() -> dict[str, str]:
    """What the page of the recorded runs names; the same for every corpus and profile."""
    tables = {
        "leakage": real_videos.leakage_rows(),
        "provenance": real_videos.provenance_rows(),
        "batch_normalization": real_videos.batch_normalization_rows(),
    }
    return {f"recorded_{name}": _markdown(pd.DataFrame(rows)) for name, rows in tables.items()} | {
        "recorded_accuracies": _accuracies(),
        "recorded_claims": "\n\n".join(real_videos.claims()),
        "near_identical": str(NEAR_IDENTICAL),
        "recorded_split_costs": _bullets(real_videos.split_costs()),
        "recorded_beats_people": _bullets(real_videos.beats_people()),
        "recorded_findings": _bullets(real_videos.findings()),
    }


def speed_and_scale(benchmarks: dict[str, benchmarks.Benchmark], stage: Path) -> dict[str, str]:
    """What the page on speed and scale names: benchmarks by name, the same for every corpus and profile."""
    tables = [
        f"### {found.title}\n\n{_markdown(pd.DataFrame(map(benchmarks.cells, found.rows), columns=benchmarks.HEADER))}"
        f"\n\n{benchmarks.measured_on(found.machine)}"
        for name, found in benchmarks.items()
        if name != benchmarks.GROWTH
    ]
    values = {
        "speed_findings": _bullets(benchmarks.findings(benchmarks)) or NOT_MEASURED,
        "speed_tables": "\n\n".join(tables) or NOT_MEASURED,
        "speed_growth": NOT_MEASURED,
    }
    if growth := benchmarks.get(benchmarks.GROWTH):
        drawn = _saved(figures.growth(benchmarks.growth_table(growth)), "growth", stage)
        table = _markdown(pd.DataFrame(benchmarks.growth_rows(growth)))
        said = _bullets(benchmarks.growth_findings(growth))
        values["speed_growth"] = "\n\n".join([said, drawn, table, benchmarks.measured_on(growth.machine)])
    return values


def _data(corpus: Corpus) -> dict[str, str]:
    """What the data card names."""
    provenance = pd.DataFrame(data_card.provenance_rows(corpus))
    return {
        "data_corpus": corpus.description,
        "data_contents": _markdown(pd.DataFrame(data_card.contents_rows(corpus))),
        "data_provenance": data_card.without_provenance(corpus)
        if provenance.empty
        else _markdown(provenance),
        "data_recorded": _markdown(pd.DataFrame(data_card.recorded_rows())),
    }


def _bullets(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _accuracies() -> str:
    """A table for each corpus and split."""
    rows = pd.DataFrame(real_videos.accuracy_rows())
    if rows.empty:
        return _markdown(rows)
    return "\n\n".join(
        f"**`{corpus}`, split {split}**\n\n{_markdown(table.drop(columns=['Corpus', 'Split']))}"
        for (corpus, split), table in rows.groupby(["Corpus", "Split"], sort=False)
    )


def _audit() -> str:
    """The findings, each under its topic: what the slides say, what recomputing shows, what follows."""
    return "\n\n".join(
        f"## {finding.topic[0].upper()}{finding.topic[1:]}\n\n*Slides:* {finding.claim}\n\n"
        f"*Found:* {finding.found}\n\n*So:* {finding.meaning}"
        for finding in audit()
    )


def _this_run(corpus: Corpus, profile: str) -> str:
    kind = "a **synthetic** corpus, not YouTube" if corpus.synthetic else "real videos"
    return f"corpus `{corpus.name}` ({kind}, {corpus.report.kept:,} videos), profile `{profile}`"


def _results_table(corpus: Corpus, results: Path) -> str:
    """People, the slides, the recorded real runs and this run: a line each, a column an input."""
    people = {m: _with_interval(slides.HUMAN_ACCURACY[m], slides.HUMAN_TRIALS) for m in VIEWS}
    published = {
        m: _with_interval(slides.RESULTS[m].top1, slides.N_TEST) + _top5(slides.RESULTS[m].top5)
        for m in VIEWS
    }
    always = _with_interval(slides.TEST_COUNTS.max() / slides.N_TEST, slides.N_TEST)
    lines = [
        ("**People**, on the slides", people),
        ("**Slides**", published),
        ("always Entertainment, slides", dict.fromkeys(VIEWS, always)),
    ]
    for recorded in read_all():
        entries = {m: recorded.results[m] for m in VIEWS if m in recorded.results}
        majority = _measured(recorded.results["majority"], "top1")
        lines.append(
            (f"**ReferenceRuns**: {recorded.name}", {m: _recorded_cell(e) for m, e in entries.items()})
        )
        best = _best_of(recorded.results)
        if best:
            cells = {m: _recorded_cell(entry) for m, entry in best.items()}
            lines.append((f"**Best models**, recorded: {recorded.name}", cells))
        lines.append((f"majority class, {recorded.name}", dict.fromkeys(entries | best, majority)))
    ran = {m: run.metrics for m in VIEWS if (run := runs.finished(results, CHAPTERS[m]))}
    ran = {m: found for m, found in ran.items() if "top1" in found}
    here = {m: _measured(found, "top1") + _top5(found["top5"]) for m, found in ran.items()}
    majority = {m: f"{found['majority_top1']:.1%}" for m, found in ran.items()}
    lines.append((f"**This run**: {corpus.label}", here))
    if best := _best_here(results):
        cells = {m: _measured(found, "top1") + _top5(found["top5"]) for m, found in best.items()}
        lines.append(("**Best models**, this run", cells))
    lines.append(("majority class, this run", majority))
    columns = {"Top-1 accuracy": [name for name, _ in lines]}
    for model, view in VIEWS.items():
        columns[view.capitalize()] = [cells.get(model, "no thumbnails") for _, cells in lines]
    return _markdown(pd.DataFrame(columns))


def _sweep_table(corpus: Corpus, profile: str) -> str:
    rows = sweep_table.accuracy_rows(corpus, profile)
    if not rows:
        return f"No sweep of {corpus.label} under the profile `{profile}` was made on this machine."
    return f"Corpus {corpus.label}, profile `{profile}`:\n\n{_markdown(pd.DataFrame(rows))}"


def _best_of(entries: dict[str, dict]) -> dict[str, dict]:
    """The better models' figures by view; "best" is the title's where there are no thumbnails."""
    found = {view: entries[name] for view, name in BEST.items() if name in entries}
    if "image" not in found:
        found.pop("fusion", None)
    return found


def _best_here(results: Path) -> dict[str, dict]:
    run = runs.finished(results, BEST_CHAPTER)
    return _best_of({**run.metrics["baselines"], "best": run.metrics}) if run else {}


def _recorded_cell(entry: dict) -> str:
    spread = (
        f"{len(entry['seeds'])} seeds, sd {100 * entry['top1_sd']:.1f}" if entry["top1_sd"] else "one seed"
    )
    return f"{_measured(entry, 'top1')} <br> <small>{spread}</small>{_top5(entry['top5'])}"


def _top5(share: float) -> str:
    return f" <br> <small>top-5 {share:.1%}</small>"


def _measured(metrics: dict, name: str) -> str:
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
    """People, the slides, the recorded runs and, where there is one, this run; the README has it without."""
    rows = []
    measured = ("top1", "top1_low", "top1_high")
    for model, view in VIEWS.items():
        people, published = slides.HUMAN_ACCURACY[model], slides.RESULTS[model].top1
        label = view.capitalize()
        rows.append((label, "people", "", people, *wilson_of_share(people, slides.HUMAN_TRIALS)))
        rows.append((label, "slides", "", published, *wilson_of_share(published, slides.N_TEST)))
        for recorded in read_all():
            if entry := recorded.results.get(model):
                rows.append((label, "real videos", recorded.name, *(entry[name] for name in measured)))
            if entry := _best_of(recorded.results).get(model):
                note = f"{recorded.name}, best model"
                rows.append((label, "real videos", note, *(entry[name] for name in measured)))
        run = runs.finished(results, CHAPTERS[model]) if results else None
        if run and "top1" in run.metrics:
            rows.append((label, "this run", "", *(run.metrics[name] for name in measured)))
        if results and (entry := _best_here(results).get(model)):
            rows.append((label, "this run", "best model", *(entry[name] for name in measured)))
    majority = slides.TEST_COUNTS.max() / slides.N_TEST
    return figures.intervals(
        pd.DataFrame(rows, columns=["label", "source", "note", "value", "low", "high"]),
        reference=("always Entertainment (slides)", majority),
    )


def _placed(figure: figures.ThemedFigure, name: str, stage: Path, chapters: list[str]) -> str:
    """Put the figure's files where pages find them; returns what shows them and names the notebooks."""
    shown = _saved(figure, name, stage)
    links = ", ".join(f"[{chapter}](notebooks/{chapter}.ipynb)" for chapter in chapters)
    return f"{shown}\n\n*Figures of runs are those of {links}.*"


def _saved(figure: figures.ThemedFigure, name: str, stage: Path) -> str:
    """Put the figure's files where pages find them; returns what shows them."""
    folder = stage / "_static" / "figures"
    folder.mkdir(exist_ok=True)
    figure.save(folder, name)
    return figure.html(f"_static/figures/{name}-light.svg", f"_static/figures/{name}-dark.svg")


def times(outcomes: list[Outcome], results: Path) -> dict[str, str]:
    """The substitutions that tell when and where each chapter ran: two runs differ in them alone."""
    return {"status_table": _status_table(outcomes), "manifests": _manifests(outcomes, results)}


def _status_table(outcomes: list[Outcome]) -> str:
    """Each chapter's seconds when it last ran, and its key: nothing that two builds could differ in."""
    total = sum(o.seconds for o in outcomes)
    rows = [
        {
            "Chapter": f"[{o.chapter.name}](notebooks/{o.chapter.name}.ipynb)",
            "Seconds": f"{o.seconds:.0f}",
            "Share": f"{o.seconds / total:.0%}",
            "Key": f"`{o.key[:12]}`",
        }
        for o in outcomes
    ]
    rows.append({"Chapter": "all, one after the other", "Seconds": f"{total:.0f}", "Share": "", "Key": ""})
    return _markdown(pd.DataFrame(rows))


def _manifests(outcomes: list[Outcome], results: Path) -> str:
    """Each chapter's manifest: what its run stood on, and the hashes of what it left."""
    sections = []
    for chapter in (outcome.chapter.name for outcome in outcomes):
        its = runs.finished_run(results, chapter).manifest
        commit = (
            f"`{(its['git']['commit'] or 'unknown')[:12]}`{' and changes' if its['git']['dirty'] else ''}"
        )
        lines = {
            "commit": commit,
            "parameters": ", ".join(
                f"`{name} = {value!r}`".replace("|", "\\|") for name, value in its["parameters"].items()
            ),
            "seconds": its["seconds"],
        } | {f"SHA-256, {name}": f"`{sha256[:16]}`" for name, sha256 in its["sha256"].items()}
        table = pd.DataFrame(lines.items(), columns=["What", "Value"])
        sections.append(f"## {chapter}\n\n[The notebook](notebooks/{chapter}.ipynb)\n\n{_markdown(table)}")
    return "\n\n".join(sections)


def _versions_table(results: Path) -> str:
    manifest = runs.finished_run(results, "01_data_exploration").manifest
    rows = [{"What": name, "Version": version} for name, version in manifest["versions"].items()]
    rows.append({"What": "processor", "Version": manifest["processor"]})
    rows.append({"What": "operating system", "Version": f"{platform.system()} {platform.machine()}"})
    return _markdown(pd.DataFrame(rows))


def _markdown(table: pd.DataFrame) -> str:
    if table.empty:
        return "Not recorded."
    lines = ["| " + " | ".join(table.columns) + " |", "|" + " --- |" * len(table.columns)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in table.itertuples(index=False)]
    return "\n".join(lines)
