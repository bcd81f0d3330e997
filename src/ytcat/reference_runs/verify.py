"""Figures computed again from the probabilities beside them: of reference runs and of this machine's runs."""

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

from ytcat import runs
from ytcat.atomic_files import sha256_file
from ytcat.categories import labels
from ytcat.evaluation import metrics
from ytcat.exceptions import YtcatError
from ytcat.reference_runs import (
    COLUMNS,
    HISTORY,
    MANIFEST,
    MODEL_FILES,
    PREDICTIONS,
    RESULTS,
    RUN,
    ReferenceRuns,
)
from ytcat.reference_runs.over_seeds import summarize


class DifferenceError(YtcatError):
    """Recorded figures that do not follow from the recorded probabilities."""


# ---- reference runs


def verify(folder: Path) -> int:
    """Recompute every recorded figure of a corpus from its probabilities; returns how many there are.

    Fractions may differ in their last digits (1e-9), since processors round sums differently. Raises
    DifferenceError with the first figures that differ, or YtcatError for a file that is missing, damaged
    or holds more than it may.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if not ReferenceRuns(folder).has_models:
            return _verify_tables(folder, manifest)
        results = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
        predictions = pd.read_parquet(folder / PREDICTIONS)
        pd.read_csv(folder / HISTORY)
    except (OSError, ValueError) as error:
        raise YtcatError(f"{folder} cannot be read ({error}): get it again, or record it anew.") from error
    if list(predictions.columns) != COLUMNS:
        raise YtcatError(f"{folder / PREDICTIONS} must hold the columns {', '.join(COLUMNS)} and no others.")
    if predictions.duplicated(["model", *RUN, "row"]).any():
        raise YtcatError(f"{folder / PREDICTIONS} holds a video twice in one run.")
    _check_channels(folder, predictions)
    stored = _leaves(results)
    try:
        computed = _leaves(summarize(predictions, manifest["runs"]))
        sha256 = {name: manifest["sha256"][name] for name in MODEL_FILES} | manifest["sha256"]
        n_correct = _n_correct(predictions)
        other_differences = _overlap_differences(n_correct, manifest["runs"])
        other_differences += _table_differences(folder, n_correct)
    except (KeyError, TypeError, ValueError) as error:
        raise YtcatError(
            f"{folder}: {MANIFEST} and {PREDICTIONS} do not belong together, or one is damaged ({error!r}): "
            "get them again, or record them anew."
        ) from error
    differences = [
        f"{name}: recorded {stored.get(name)}, recomputed {computed.get(name)}"
        for name in sorted(stored.keys() | computed.keys())
        if name not in stored or name not in computed or not _equal(stored[name], computed[name])
    ]
    _refuse(folder, differences + _file_differences(folder, sha256) + other_differences)
    return len(stored)


def _check_channels(folder: Path, predictions: pd.DataFrame) -> None:
    """Raise YtcatError if a video has two channels, or a channel is tested in two folds of its split."""
    by_channel = predictions[predictions["split"] == "channel"]
    for table, one, of in ((predictions, "channel", "row"), (by_channel, "fold", "channel")):
        pairs = table[[of, one]].drop_duplicates()
        twice = pairs.loc[pairs[of].duplicated(), of]
        if len(twice):
            raise YtcatError(
                f"{folder / PREDICTIONS}: {of} {twice.iloc[0]} has more than one {one}: get the file again, "
                "or record the runs anew."
            )


def _verify_tables(folder: Path, manifest: dict[str, Any]) -> int:
    """Compare the files with their hashes: tables alone cannot be computed again."""
    _refuse(folder, _file_differences(folder, manifest["sha256"]))
    return 0


def _file_differences(folder: Path, sha256: dict[str, str]) -> list[str]:
    return [
        f"{name}: it is not the file that was recorded"
        for name, recorded in sha256.items()
        if not (folder / name).is_file() or sha256_file(folder / name) != recorded
    ]


def _refuse(folder: Path, differences: list[str]) -> None:
    if differences:
        lines = "\n".join(f"  {line}" for line in differences[:10])
        raise DifferenceError(f"{folder}: {len(differences)} figures differ:\n{lines}")


def _n_correct(predictions: pd.DataFrame) -> pd.DataFrame:
    """By model and `RUN`: `n`, the test videos, and `n_correct`, those classified correctly."""
    correct = runs.correct(predictions).to_numpy()
    by_run = predictions[["model", *RUN]].assign(correct=correct).groupby(["model", *RUN])["correct"]
    return by_run.agg(n="size", n_correct="sum")


def _overlap_differences(n_correct: pd.DataFrame, about: list[dict[str, Any]]) -> list[str]:
    """Where the test videos known and new to training do not add up to those of the run."""
    differences = []
    for run in about:
        which = tuple(run[name] for name in ("model", *RUN))
        expected = tuple(n_correct.loc[which].tolist())
        for known_by in {name.split(" ")[1] for name in run["overlap"]}:
            parts = [run["overlap"][f"{state} {known_by}"] for state in ("known", "new")]
            total = tuple(sum(part[name] for part in parts) for name in ("n", "n_correct"))
            if total != expected:
                differences.append(
                    f"{' '.join(map(str, which))}: {known_by}s known and new add up to {total}"
                )
    return differences


def _table_differences(folder: Path, n_correct: pd.DataFrame) -> list[str]:
    """Where the table of models against the title alone counts otherwise than the predictions."""
    path = folder / "against_title.csv"
    if not path.is_file():
        return []
    table = pd.read_csv(path).set_index(["model", *RUN])[["n_correct"]]
    both = table.join(n_correct["n_correct"].rename("counted"), how="inner")
    return [
        f"{path.name}: {' '.join(map(str, run))}: recorded {row['n_correct']}, recomputed {row['counted']}"
        for run, row in both[both["n_correct"] != both["counted"]].iterrows()
    ]


# ---- this machine's runs


def all_runs(build: Path) -> list[runs.Run]:
    """Every finished run below a build folder, whatever its corpus and profile."""
    return [runs.Run(path.parent) for path in sorted((build / "results").glob("*/[!.]*/manifest.json"))]


def verify_run(run: runs.Run) -> int:
    """Check the hash of each file of a run, and compute its figures again; returns how many there are.

    Raises YtcatError that names the first file or figure that is not what it should be, and the remedy.
    """
    remedy = f"remove {run.folder} and run {run.folder.name} again"
    try:
        files = {name: value for name, value in run.manifest["sha256"].items() if "." in name}
        for name, sha256 in files.items():
            if sha256_file(run.folder / name) != sha256:
                raise YtcatError(f"{run.folder / name} is not the file that the run wrote: {remedy}.")
        stored, computed = _figures(run)
    except (OSError, ValueError, KeyError) as error:
        raise YtcatError(f"{run.folder} cannot be read ({error}): {remedy}.") from error
    for name, value in computed.items():
        if not _equal(stored.get(name), value):
            raise YtcatError(
                f"{run.folder / 'metrics.json'}: {name} is {stored.get(name)}, "
                f"the predictions say {value}: {remedy}."
            )
    return len(computed)


def _figures(run: runs.Run) -> tuple[dict[str, Any], dict[str, Any]]:
    """The figures of the run that follow from predictions, as stored and as computed, by name."""
    if not (run.folder / "predictions.parquet").is_file():
        return {}, {}
    stored_metrics = run.metrics
    tables = {"": (run.predictions, stored_metrics)}
    if (run.folder / "baselines.parquet").is_file():
        baselines = pd.read_parquet(run.folder / "baselines.parquet")
        tables |= {
            f"{name}: ": (table, stored_metrics["baselines"][name])
            for name, table in baselines.groupby("model")
        }
    stored, computed = {}, {}
    for prefix, (table, of_model) in tables.items():
        truth, probabilities = labels(table["y_true"]), runs.probabilities(table)
        figures = metrics.summary(truth, probabilities)
        if not prefix:
            figures["confusion"] = metrics.confusion(truth, probabilities.argmax(axis=1)).tolist()
        computed |= {f"{prefix}{name}": value for name, value in figures.items()}
        stored |= {f"{prefix}{name}": of_model.get(name) for name in figures}
    return stored, computed


# ---- both


def _equal(stored: Any, computed: Any) -> bool:
    """Whether two figures are the same, fractions but for their last digits."""
    if isinstance(stored, float) and isinstance(computed, float):
        return math.isclose(stored, computed, rel_tol=1e-9, abs_tol=1e-12)
    return stored == computed


def _leaves(tree: Any, name: str = "") -> dict[str, Any]:
    """The leaves of nested dicts and lists, by path."""
    if isinstance(tree, dict):
        pairs = [(str(part), value) for part, value in tree.items()]
    elif isinstance(tree, list):
        pairs = [(str(part), value) for part, value in enumerate(tree)]
    else:
        return {name: tree}
    return {path: leaf for part, value in pairs for path, leaf in _leaves(value, f"{name}/{part}").items()}
