"""Finished full runs gathered into `book/reference_runs/<corpus>/`."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from ytcat import paths, runs
from ytcat.atomic_files import atomic_path, atomic_write, sha256_file
from ytcat.corpus import Corpus
from ytcat.exceptions import YtcatError
from ytcat.future_directions.better_models import comparison
from ytcat.reference_runs import (
    ANSWERS,
    COLUMNS,
    FOLDER,
    HISTORY,
    MANIFEST,
    PREDICTIONS,
    RESULTS,
    RUN,
    ReferenceRuns,
)
from ytcat.reference_runs.over_seeds import summarize

# What is recorded of each chapter: its model, and those of its baselines that no other chapter records.
CHAPTERS = {
    "03_image_model": "image",
    "04_text_model": "text",
    "05_fusion": "fusion",
    "07_better_models": "best",
}
BASELINES = {
    "03_image_model": {"Linear probe": "linear_probe"},
    "04_text_model": {
        "Majority class": "majority",
        "Stratified guess": "stratified_guess",
        "TF-IDF, linear": "tfidf",
    },
    "05_fusion": {},
    "07_better_models": {name: name for name in comparison.NAMES if name != "best"},
}
# The tables of chapters whose results are no probabilities of the 14 categories, or more than these.
TABLES = {
    "07_better_models": ("against_title",),
    "08_auto_tagging": ("tag_scores", "tag_category"),
    "09_more_data": ("learning_curve", "drift"),
    "10_class_imbalance": ("imbalance_test",),
}
# Probabilities hardly repeat: without a dictionary and byte by byte they take two fifths less room.
_SMALL = {
    "compression": "zstd",
    "compression_level": 19,
    "use_dictionary": ["model", "split"],
    "use_byte_stream_split": list(runs.PROBABILITY_COLUMNS),
}
# What runs whose figures are averaged must have in common, beside the corpus and the parameters.
_SAME = ("code", "lock")


def record(corpus: Corpus, profile: str = "full") -> ReferenceRuns:
    """Store a corpus's finished runs under a profile, all seeds and splits, in `book/reference_runs/<corpus>/`.

    What is recorded there of chapters that have no finished run now is kept. Runs of an earlier state of the
    corpus are left out. Raises YtcatError if there are none, if the corpus
    is synthetic, or if runs to be averaged differ in code, lock file or a parameter other than split, fold
    and seed.
    """
    if corpus.synthetic:
        raise YtcatError("The demo corpus is synthetic: only runs on real videos are recorded.")
    found = _finished(corpus, profile)
    if not found:
        raise YtcatError(
            f"There is no finished {profile} run of {corpus.name} below {paths.build_folder() / 'results'}: "
            f"run `make notebooks CORPUS=... PROFILE={profile}` first."
        )
    _check_same(found)
    folder = FOLDER / corpus.name
    folder.mkdir(parents=True, exist_ok=True)
    kept = _kept(ReferenceRuns(folder), corpus, {run.manifest["chapter"] for run in found})
    answering = [run for run in found if run.manifest["chapter"] in CHAPTERS]
    abouts = sorted(kept.runs + [_about(run) for run in answering], key=lambda about: about["chapter"])
    if abouts:
        _write_answers(kept, answering, abouts, folder)
    tables = _write_tables(found, folder)
    manifest = {
        "corpus": corpus.name,
        "corpus_sha256": corpus.sha256,
        "runs": abouts,
        "tables": kept.tables + tables,
    }
    files = set(ANSWERS if abouts else ()) | {f"{about['table']}.csv" for about in manifest["tables"]}
    manifest["sha256"] = {name: sha256_file(folder / name) for name in sorted(files)}
    atomic_write(folder / MANIFEST, to_json(manifest))
    return ReferenceRuns(folder)


def _write_answers(
    kept: "_Kept", answering: list[runs.Run], abouts: list[dict[str, Any]], folder: Path
) -> None:
    """Write predictions, histories and the figures that follow from them."""
    predictions = pd.concat([*kept.predictions, *_predictions(answering)], ignore_index=True)
    predictions = predictions.sort_values(["model", *RUN, "row"], ignore_index=True)
    with atomic_path(folder / PREDICTIONS) as temporary:
        predictions.to_parquet(temporary, index=False, **_SMALL)
    histories = pd.concat([*kept.histories, *_histories(answering)], ignore_index=True)
    histories = histories.sort_values(["model", *RUN], kind="stable")
    atomic_write(folder / HISTORY, histories.to_csv(index=False))
    results = summarize(pd.read_parquet(folder / PREDICTIONS), abouts)
    atomic_write(folder / RESULTS, to_json(results))


def to_json(data: Any) -> str:
    """JSON as it is stored: indented, and no value that is not a number."""
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _finished(corpus: Corpus, profile: str) -> list[runs.Run]:
    found = []
    for results in sorted((paths.build_folder() / "results").glob(f"{corpus.name}-{profile}-*")):
        for chapter in CHAPTERS | TABLES:
            run = runs.finished(results, chapter)
            if run and _has_results(run) and run.manifest["sha256"]["corpus"] == corpus.sha256:
                found.append(run)
    return found


def _has_results(run: runs.Run) -> bool:
    """Whether the chapter came to its end; one of a corpus that lacks what it needs did not."""
    chapter = run.manifest["chapter"]
    if chapter in CHAPTERS:
        return "top1" in run.metrics
    return any((run.folder / f"{name}.csv").is_file() for name in TABLES[chapter])


class _Kept(NamedTuple):
    """What stays of an earlier recording."""

    predictions: list[pd.DataFrame]
    histories: list[pd.DataFrame]
    runs: list[dict[str, Any]]
    tables: list[dict[str, Any]]


def _kept(recorded: ReferenceRuns, corpus: Corpus, replaced: set[str]) -> _Kept:
    """What is recorded of the same videos by chapters that are not among the replaced."""
    manifest_there = (recorded.folder / MANIFEST).is_file()
    if not manifest_there or recorded.manifest["corpus_sha256"] != corpus.sha256:
        return _Kept([], [], [], [])
    abouts = [about for about in recorded.manifest["runs"] if about["chapter"] not in replaced]
    models = {model for about in abouts for model in (about["model"], *about["baselines"])}
    tables = [about for about in recorded.manifest.get("tables", []) if about["chapter"] not in replaced]
    if not abouts:
        return _Kept([], [], [], tables)
    predictions = pd.read_parquet(recorded.folder / PREDICTIONS)
    history = recorded.history()
    return _Kept(
        [predictions[predictions["model"].isin(models)]],
        [history[history["model"].isin({about["model"] for about in abouts})]],
        abouts,
        tables,
    )


def _write_tables(found: list[runs.Run], folder: Path) -> list[dict[str, Any]]:
    """Write the tables of the runs, one file for each name, and return what is kept of each."""
    abouts, tables = [], {}
    for run in found:
        chapter = run.manifest["chapter"]
        for name in TABLES.get(chapter, ()):
            if (run.folder / f"{name}.csv").is_file():
                where = {key: run.manifest["parameters"][key] for key in RUN}
                table = run.table(name)
                for place, (key, value) in enumerate(where.items()):
                    table.insert(place, key, value)
                tables.setdefault(name, []).append(table)
                abouts.append({"table": name, "chapter": chapter} | where | run.manifest)
    for name, parts in tables.items():
        table = pd.concat(parts).sort_values(RUN, kind="stable")
        atomic_write(folder / f"{name}.csv", table.to_csv(index=False))
    return abouts


def _check_same(found: list[runs.Run]) -> None:
    first: dict[str, runs.Run] = {}
    for run in found:
        chapter = run.manifest["chapter"]
        other = first.setdefault(chapter, run)
        different = [name for name in _SAME if run.manifest["sha256"][name] != other.manifest["sha256"][name]]
        ours, theirs = run.manifest["parameters"], other.manifest["parameters"]
        names = sorted(ours.keys() | theirs.keys())
        different += [name for name in names if name not in RUN and ours.get(name) != theirs.get(name)]
        if different:
            raise YtcatError(
                f"{run.folder} and {other.folder} differ in {', '.join(different)}, so their figures cannot "
                "be averaged: run one of them again, or remove it."
            )


def _predictions(found: list[runs.Run]) -> list[pd.DataFrame]:
    tables = []
    for run in found:
        chapter = run.manifest["chapter"]
        tables.append(_marked(run, run.predictions.assign(model=CHAPTERS[chapter])))
        others = pd.read_parquet(run.folder / "baselines.parquet")
        names = BASELINES[chapter]
        tables.append(_marked(run, others[others["model"].isin(names)].replace({"model": names})))
    return [table[COLUMNS] for table in tables]


def _marked(run: runs.Run, table: pd.DataFrame) -> pd.DataFrame:
    parameters = run.manifest["parameters"]
    return table.assign(**{name: parameters[name] for name in RUN})


def _histories(found: list[runs.Run]) -> list[pd.DataFrame]:
    tables = [_marked(run, run.history.assign(model=CHAPTERS[run.manifest["chapter"]])) for run in found]
    return [table.set_index(["model", *RUN]).reset_index() for table in tables]


def _about(run: runs.Run) -> dict[str, Any]:
    """What is kept of a run beside its predictions and history."""
    manifest, found = run.manifest, run.metrics
    kept = {name: found[name] for name in ("n_train", "overlap", "kept_phase") if name in found}
    where = {name: manifest["parameters"][name] for name in RUN}
    chapter = manifest["chapter"]
    models = {"model": CHAPTERS[chapter], "baselines": list(BASELINES[chapter].values())}
    return models | where | kept | manifest
