"""Figures of this machine's runs, computed again from the predictions beside them."""

from pathlib import Path
from typing import Any

import pandas as pd

from ytcat import runs
from ytcat.atomic_files import sha256_file
from ytcat.categories import labels
from ytcat.evaluation import metrics
from ytcat.exceptions import YtcatError
from ytcat.reference_runs.verify import equal


def all_runs(build: Path) -> list[runs.Run]:
    """Every finished run below the build folder, whatever its corpus and profile."""
    return [runs.Run(path.parent) for path in sorted((build / "results").glob("*/[!.]*/manifest.json"))]


def verify(run: runs.Run) -> int:
    """Check the hash of each file of a run, and compute its figures again; returns how many there are.

    Raises YtcatError that names the first file or figure that is not what it should be, and the remedy.
    """
    remedy = f"remove {run.folder} and run {run.folder.name} again"
    try:
        expected = {name: value for name, value in run.manifest["sha256"].items() if "." in name}
        for name, sha256 in expected.items():
            if sha256_file(run.folder / name) != sha256:
                raise YtcatError(f"{run.folder / name} is not the file that the run wrote: {remedy}.")
        found, computed = _figures(run)
    except (OSError, ValueError, KeyError) as error:
        raise YtcatError(f"{run.folder} cannot be read ({error}): {remedy}.") from error
    for name, value in computed.items():
        if not equal(found.get(name), value):
            raise YtcatError(
                f"{run.folder / 'metrics.json'}: {name} is {found.get(name)}, "
                f"the predictions say {value}: {remedy}."
            )
    return len(computed)


def _figures(run: runs.Run) -> tuple[dict[str, Any], dict[str, Any]]:
    """The figures of the run that follow from predictions, as stored and as computed, by name."""
    if not (run.folder / "predictions.parquet").is_file():
        return {}, {}
    stored = run.metrics
    tables = {"": run.predictions}
    if (run.folder / "baselines.parquet").is_file():
        for name, table in pd.read_parquet(run.folder / "baselines.parquet").groupby("model"):
            tables[f"{name}: "] = table
    found, computed = {}, {}
    for prefix, table in tables.items():
        truth, probabilities = labels(table["y_true"]), runs.probabilities(table)
        its = metrics.summary(truth, probabilities)
        if not prefix:
            its["confusion"] = metrics.confusion(truth, probabilities.argmax(axis=1)).tolist()
        its_stored = stored["baselines"][prefix.removesuffix(": ")] if prefix else stored
        computed |= {f"{prefix}{name}": value for name, value in its.items()}
        found |= {f"{prefix}{name}": its_stored.get(name) for name in its}
    return found, computed
