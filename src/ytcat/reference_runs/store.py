"""Finished full runs gathered into `book/reference_runs/<corpus>/`."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ytcat import paths, reference_runs, runs
from ytcat.atomic_files import atomic_path, sha256_file
from ytcat.corpus import Corpus
from ytcat.corpus.splits import channel_codes
from ytcat.exceptions import YtcatError
from ytcat.reference_runs import (
    BEFORE,
    COLUMNS,
    HISTORY,
    MANIFEST,
    MODEL_FILES,
    PREDICTIONS,
    RESULTS,
    RUN,
    ReferenceRuns,
    corpus_tables,
)
from ytcat.reference_runs.corpus_tables import CorpusTables
from ytcat.reference_runs.over_seeds import summarize
from ytcat.views import CHOSEN_CHAPTER, MODELS, VIEWS, WITH_MORE

# The model of each chapter whose predictions are recorded.
CHAPTERS = {view.chapter: view.slides_model for view in VIEWS.values()} | {
    CHOSEN_CHAPTER: VIEWS["both"].chosen_model,
    "12_other_years": WITH_MORE[VIEWS["both"].chosen_model],
}
# Of its baselines those that no other chapter records, by its model.
_OF_OTHERS = {"image": ("linear_probe",), "text": ("majority", "stratified_guess", "tfidf"), "fusion": ()}
_OF_OTHERS |= {WITH_MORE["best"]: (WITH_MORE["best_title"],)}
BASELINES = _OF_OTHERS | {
    VIEWS["both"].chosen_model: tuple(
        model for model in MODELS if model not in (*CHAPTERS.values(), *sum(_OF_OTHERS.values(), ()))
    )
}
# The recorded tables, of whichever chapter: results that are no probabilities of the 14 categories, or more.
TABLES = ("against_title", "tag_scores", "tag_category", "imbalance_test")
TABLES += ("learning_curve", "learning_curve_videos", "drift", "other_years_curve", "videos_needed")
_OWN_FILES = {MANIFEST, *MODEL_FILES, *(f"{name}.csv" for name in TABLES)}
# BYTE_STREAM_SPLIT without dictionary encoding of the probabilities saves 40 %.
_PARQUET = {
    "compression": "zstd",
    "compression_level": 19,
    "use_dictionary": ["model", "split"],
    "use_byte_stream_split": list(runs.PROBABILITY_COLUMNS),
}
# What runs whose figures are averaged must have in common, beside the corpus and the parameters.
_SAME = ("code", "lock")


def record(corpus: Corpus, profile: str = "full", tables: CorpusTables | None = None) -> ReferenceRuns:
    """Store the finished runs of a corpus under a profile, all seeds and splits, in its folder of `FOLDER`.

    The folder is replaced whole, at the end: a recording that is killed leaves the one before. What is
    recorded there of chapters that have no finished run now stays, and so do files that no recording writes,
    such as the tables of tuning; without any finished run the recorded figures are computed anew. `tables` of
    the corpus, by name, are computed and written; those recorded before stay. Runs of an earlier state of the
    corpus are left out. Raises YtcatError if nothing is left, if the corpus is
    synthetic, or if runs to be averaged differ in code, lock file or a parameter other than split, fold and
    seed.
    """
    if corpus.synthetic:
        raise YtcatError("The demo corpus is synthetic: only runs on real videos are recorded.")
    finished = _finished(corpus, profile)
    _check_same(finished)
    folder = reference_runs.FOLDER / corpus.name
    reference_runs.put_back()
    earlier = _earlier(ReferenceRuns(folder), corpus, {run.manifest["chapter"] for run in finished})
    if not (finished or earlier.runs or earlier.tables):
        raise YtcatError(
            f"There is no finished {profile} run of {corpus.name} below {paths.build_folder() / 'results'}: "
            f"run `make notebooks CORPUS=... PROFILE={profile}` first."
        )
    with _replacing(folder) as new:
        _copy_others(folder, new, {f"{about['table']}.csv" for about in earlier.tables})
        with_models = [run for run in finished if run.manifest["chapter"] in CHAPTERS]
        abouts = sorted(earlier.runs + list(map(_about, with_models)), key=lambda about: about["chapter"])
        if abouts:
            predictions = [*earlier.predictions, *_predictions(with_models)]
            histories = [*earlier.histories, *_histories(with_models)]
            _write_models(new, predictions, histories, abouts, anonymous_channels(corpus))
        run_tables = earlier.tables + _write_tables(finished, new)
        files = {*(MODEL_FILES if abouts else ()), *(f"{about['table']}.csv" for about in run_tables)}
        sha256 = earlier.sha256 | {name: sha256_file(new / name) for name in files}
        sha256 |= corpus_tables.write(new, corpus, tables or {})
        manifest = {
            "corpus": corpus.name,
            "corpus_sha256": corpus.sha256,
            "runs": abouts,
            "tables": run_tables,
            "sha256": dict(sorted(sha256.items())),
        }
        (new / MANIFEST).write_text(to_json(manifest), encoding="utf-8")
    return ReferenceRuns(folder)


def anonymous_channels(corpus: Corpus) -> np.ndarray:
    """The channel of each video as a number, (n,) int32; a video without a channel has a number of its own.

    The numbers are a permutation, so their order tells nothing; the same corpus always gets the same ones.
    """
    codes = channel_codes(corpus.videos)
    return np.random.default_rng(0).permutation(codes.max() + 1)[codes].astype(np.int32)


def to_json(data: Any) -> str:
    """JSON as it is stored: indented; raises ValueError for a number that is not finite."""
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """Yield an empty folder; what the body leaves there replaces `folder`, whole, when it ends.

    Prepared and synced beside the folders that are read. Between the two renames at the end `folder` is not
    there: `reference_runs.put_back`, which every reader calls, restores it after a kill at that moment.
    """
    workplace = reference_runs.workplace(folder.name)
    reference_runs.put_back()
    shutil.rmtree(workplace, ignore_errors=True)
    try:
        with atomic_path(workplace / "prepared") as prepared:
            prepared.mkdir()
            yield prepared
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():
            folder.rename(workplace / BEFORE)
        (workplace / "prepared").rename(folder)
    finally:
        reference_runs.put_back()
        shutil.rmtree(workplace, ignore_errors=True)
        with suppress(OSError):  # another corpus is being recorded
            workplace.parent.rmdir()


def _copy_others(folder: Path, new: Path, tables: set[str]) -> None:
    """Copy the files that this recording does not write: the tables that stay, and what is no recording's."""
    for path in folder.glob("*"):
        if path.name in tables or path.name not in _OWN_FILES:
            (shutil.copytree if path.is_dir() else shutil.copy2)(path, new / path.name)


def _write_models(
    new: Path,
    predictions: list[pd.DataFrame],
    histories: list[pd.DataFrame],
    abouts: list[dict[str, Any]],
    channels: np.ndarray,
) -> None:
    """Write predictions, histories and the figures that follow from them.

    `channels`: the number of the channel of each video of the corpus, by row, (n,) int32.
    """
    table = pd.concat(predictions, ignore_index=True)
    table = table.assign(channel=channels[table["row"]]).sort_values(["model", *RUN, "row"])
    table[COLUMNS].to_parquet(new / PREDICTIONS, index=False, **_PARQUET)
    history = pd.concat(histories, ignore_index=True)
    history.sort_values(["model", *RUN], kind="stable").to_csv(new / HISTORY, index=False)
    results = summarize(pd.read_parquet(new / PREDICTIONS), abouts)
    (new / RESULTS).write_text(to_json(results), encoding="utf-8")


def _finished(corpus: Corpus, profile: str) -> list[runs.Run]:
    """The finished runs of the corpus under a profile that have something to record."""
    results = sorted((paths.build_folder() / "results").glob(f"{corpus.name}-{profile}-*"))
    chapters = [chapter for folder in results for chapter in sorted(folder.glob("[!.]*"))]
    finished = [run for chapter in chapters if (run := runs.finished(chapter.parent, chapter.name))]
    return [
        run for run in finished if _has_results(run) and run.manifest["sha256"]["corpus"] == corpus.sha256
    ]


def _has_results(run: runs.Run) -> bool:
    """Whether the chapter has results that are recorded, and came to its end on this corpus."""
    if run.manifest["chapter"] in CHAPTERS:
        return "top1" in run.metrics
    return any((run.folder / f"{name}.csv").is_file() for name in TABLES)


class _Earlier(NamedTuple):
    """What stays of an earlier recording."""

    predictions: list[pd.DataFrame]
    histories: list[pd.DataFrame]
    runs: list[dict[str, Any]]
    tables: list[dict[str, Any]]
    sha256: dict[str, str]  # of the tables of the corpus, by file name


def _earlier(reference: ReferenceRuns, corpus: Corpus, replaced: set[str]) -> _Earlier:
    """What is recorded of the same videos by chapters that are not among the replaced."""
    if not (reference.folder / MANIFEST).is_file() or reference.manifest["corpus_sha256"] != corpus.sha256:
        return _Earlier([], [], [], [], {})
    abouts = [about for about in reference.manifest["runs"] if about["chapter"] not in replaced]
    models = {model for about in abouts for model in (about["model"], *about["baselines"])}
    tables = [about for about in reference.manifest.get("tables", []) if about["chapter"] not in replaced]
    sha256 = {name: of for name, of in reference.manifest["sha256"].items() if name not in _OWN_FILES}
    if not abouts:
        return _Earlier([], [], [], tables, sha256)
    predictions = pd.read_parquet(reference.folder / PREDICTIONS)
    history = reference.history()
    return _Earlier(
        [predictions[predictions["model"].isin(models)]],
        [history[history["model"].isin({about["model"] for about in abouts})]],
        abouts,
        tables,
        sha256,
    )


def _write_tables(finished: list[runs.Run], new: Path) -> list[dict[str, Any]]:
    """Write the tables of the runs, one file per name, and return the manifest's entry for each run."""
    abouts, tables = [], {}
    for run in finished:
        for name in TABLES:
            if (run.folder / f"{name}.csv").is_file():
                which = _which(run)
                tables.setdefault(name, []).append(run.table(name).assign(**which))
                abouts.append({"table": name, "chapter": run.manifest["chapter"]} | which | _manifest(run))
    for name, parts in tables.items():
        table = pd.concat(parts).sort_values(RUN, kind="stable")
        table.set_index(RUN).to_csv(new / f"{name}.csv")
    return abouts


def _check_same(finished: list[runs.Run]) -> None:
    """Raise YtcatError for two runs of one chapter whose figures cannot be averaged."""
    first: dict[str, runs.Run] = {}
    for run in finished:
        other = first.setdefault(run.manifest["chapter"], run)
        different = [name for name in _SAME if run.manifest["sha256"][name] != other.manifest["sha256"][name]]
        ours, theirs = run.manifest["parameters"], other.manifest["parameters"]
        names = sorted(ours.keys() | theirs.keys())
        different += [name for name in names if name not in RUN and ours.get(name) != theirs.get(name)]
        if different:
            raise YtcatError(
                f"{run.folder} and {other.folder} differ in {', '.join(different)}, so their figures cannot "
                "be averaged: run one of them again, or remove it."
            )


def _predictions(finished: list[runs.Run]) -> list[pd.DataFrame]:
    """The prediction tables of the runs and of their recorded baselines: `COLUMNS` but for the channel."""
    tables = []
    for run in finished:
        model, which = CHAPTERS[run.manifest["chapter"]], _which(run)
        tables.append(run.predictions.assign(model=model, **which))
        baselines = pd.read_parquet(run.folder / "baselines.parquet")
        tables.append(baselines[baselines["model"].isin(BASELINES[model])].assign(**which))
    return [table[[name for name in COLUMNS if name != "channel"]] for table in tables]


def _histories(finished: list[runs.Run]) -> list[pd.DataFrame]:
    tables = [run.history.assign(model=CHAPTERS[run.manifest["chapter"]], **_which(run)) for run in finished]
    return [table.set_index(["model", *RUN]).reset_index() for table in tables]


def _which(run: runs.Run) -> dict[str, Any]:
    """Split, fold and seed of a run."""
    return {name: run.manifest["parameters"][name] for name in RUN}


def _manifest(run: runs.Run) -> dict[str, Any]:
    """The manifest of a run without what the build added, which is about files on this machine."""
    return {
        name: value for name, value in run.manifest.items() if name not in ("check", "inputs", "fingerprint")
    }


def _about(run: runs.Run) -> dict[str, Any]:
    """The manifest's entry for a run with predictions."""
    model, metrics = CHAPTERS[run.manifest["chapter"]], run.metrics
    names = ("n_train", "n_validation", "overlap", "kept_phase", "second_corpus", "more_titles")
    recorded = {name: metrics[name] for name in names if name in metrics}
    about = {"model": model, "baselines": list(BASELINES[model])} | _which(run) | recorded
    return about | _manifest(run)
