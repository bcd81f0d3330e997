"""Recorded figures computed again from the recorded probabilities."""

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

from ytcat import runs
from ytcat.atomic_files import sha256_file
from ytcat.exceptions import YtcatError
from ytcat.reference_runs import COLUMNS, HISTORY, MANIFEST, PREDICTIONS, RESULTS, RUN, ReferenceRuns
from ytcat.reference_runs.over_seeds import summarize


class DifferenceError(YtcatError):
    """Recorded figures that do not follow from the recorded probabilities."""


def verify(folder: Path) -> int:
    """Recompute every recorded figure of a corpus from its probabilities; returns how many there are.

    Fractions may differ in their last digits (1e-9), since processors round sums differently. Raises
    DifferenceError with the first figures that differ, or YtcatError for a file that is missing, damaged
    or holds more than it may.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        if not ReferenceRuns(folder).has_answers:
            return _verify_tables(folder, manifest)
        stored = json.loads((folder / RESULTS).read_text())
        predictions = pd.read_parquet(folder / PREDICTIONS)
        pd.read_csv(folder / HISTORY)
    except (OSError, ValueError) as error:
        raise YtcatError(f"{folder} cannot be read ({error}): get it again, or record it anew.") from error
    if list(predictions.columns) != COLUMNS:
        raise YtcatError(f"{folder / PREDICTIONS} must hold the columns {', '.join(COLUMNS)} and no others.")
    if predictions.duplicated(["model", *RUN, "row"]).any():
        raise YtcatError(f"{folder / PREDICTIONS} holds a video twice in one run.")
    found = _numbers(stored)
    try:
        computed = _numbers(summarize(predictions, manifest["runs"]))
        others = _overlap_differences(predictions, manifest["runs"])
        recorded_files = {name: manifest["sha256"][name] for name in (RESULTS, PREDICTIONS, HISTORY)}
        recorded_files |= manifest["sha256"]
        others += _table_differences(folder, predictions)
    except (KeyError, TypeError, ValueError) as error:
        raise YtcatError(
            f"{folder}: {MANIFEST} and {PREDICTIONS} do not belong together, or one is damaged ({error!r}): "
            "get them again, or record them anew."
        ) from error
    differences = [
        f"{name}: recorded {found.get(name)}, recomputed {computed.get(name)}"
        for name in sorted(found.keys() | computed.keys())
        if name not in found or name not in computed or not equal(found[name], computed[name])
    ]
    _refuse(folder, differences + _file_differences(folder, recorded_files) + others)
    return len(found)


def _verify_tables(folder: Path, manifest: dict[str, Any]) -> int:
    """Hold the files against their hashes: tables alone cannot be computed again."""
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
        shown = "\n".join(f"  {line}" for line in differences[:10])
        raise DifferenceError(f"{folder}: {len(differences)} figures differ:\n{shown}")


def _overlap_differences(predictions: pd.DataFrame, about: list[dict[str, Any]]) -> list[str]:
    """Where the videos known and new to training do not add up to the run's videos and right answers."""
    differences = []
    for run in about:
        chosen = predictions[(predictions[["model", *RUN]] == [run[n] for n in ("model", *RUN)]).all(axis=1)]
        right = runs.correct(chosen)
        for what in {name.split(" ")[1] for name in run["overlap"]}:
            parts = [run["overlap"][f"{state} {what}"] for state in ("known", "new")]
            total = tuple(sum(part[name] for part in parts) for name in ("n", "n_correct"))
            if total != (len(right), int(right.sum())):
                name = " ".join(str(run[n]) for n in ("model", *RUN))
                differences.append(f"{name}: {what}s known and new add up to {total}")
    return differences


def _table_differences(folder: Path, predictions: pd.DataFrame) -> list[str]:
    """Where the table of models against the title alone does not count what the predictions say."""
    path = folder / "against_title.csv"
    if not path.is_file():
        return []
    right = predictions[["model", *RUN]].assign(right=runs.correct(predictions).to_numpy())
    counted = right.groupby(["model", *RUN])["n_correct"].sum()
    table = pd.read_csv(path).set_index(["model", *RUN])["n_correct"]
    both = table.to_frame("table").join(counted.rename("counted"), how="inner")
    wrong = both[both["table"] != both["counted"]]
    return [
        f"{path.name}: {' '.join(map(str, run))}: recorded {row['table']}, recomputed {row['counted']}"
        for run, row in wrong.iterrows()
    ]


def equal(recorded: Any, computed: Any) -> bool:
    """Whether two figures are the same, fractions but for their last digits."""
    if isinstance(recorded, float) and isinstance(computed, float):
        return math.isclose(recorded, computed, rel_tol=1e-9, abs_tol=1e-12)
    return recorded == computed


def _numbers(tree: Any, name: str = "") -> dict[str, Any]:
    """The leaves of nested dicts and lists, by path."""
    if isinstance(tree, dict):
        pairs = [(str(part), value) for part, value in tree.items()]
    elif isinstance(tree, list):
        pairs = [(str(part), value) for part, value in enumerate(tree)]
    else:
        return {name: tree}
    return {path: leaf for part, value in pairs for path, leaf in _numbers(value, f"{name}/{part}").items()}
