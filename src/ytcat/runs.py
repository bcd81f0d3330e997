"""What a chapter leaves behind: metrics, predictions, history, model and manifest.

A run is a folder `<results>/<chapter>/`, written whole or not at all.
"""

import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ytcat import paths
from ytcat.atomic_files import atomic_path, sha256_file
from ytcat.categories import IDS, labels
from ytcat.corpus import Corpus
from ytcat.exceptions import YtcatError

if TYPE_CHECKING:
    from ytcat.quiet_tensorflow import keras

PROBABILITY_COLUMNS = [f"p_{category_id}" for category_id in IDS]
SHARED = ("split", "fold", "limit", "seed")  # parameters that chapters reading each other must have in common
PLACES = ("corpus", "other", "results")  # parameters that are folders
CHECKPOINTS = "-checkpoints"  # ends the name of a folder of unfinished trainings
VERSIONS_OF = ("tensorflow", "keras", "numpy", "pandas", "scikit-learn", "papermill", "jupyter-book")


def predictions_table(
    rows: np.ndarray, split: np.ndarray, y_true: np.ndarray, probabilities: np.ndarray
) -> pd.DataFrame:
    """One row a video: `row` in the corpus, `split`, `y_true` (YouTube id) and `p_<YouTube id>`.

    `rows` (n,) int, `split` (n,) str, `y_true` (n,) labels 0..13, `probabilities` (n, 14).
    Raises ValueError if a row of probabilities does not sum to 1.
    """
    probabilities = np.asarray(probabilities, dtype=np.float32)
    if not np.allclose(probabilities.sum(axis=1), 1, atol=1e-4):
        raise ValueError("each row of probabilities must sum to 1")
    table = pd.DataFrame(probabilities, columns=PROBABILITY_COLUMNS)
    table.insert(0, "row", np.asarray(rows, dtype=np.int64))
    table.insert(1, "split", np.asarray(split, dtype=str))
    table.insert(2, "y_true", np.array(IDS)[y_true])
    return table


def model_metrics(
    name: str,
    split: str,
    predictions: pd.DataFrame,
    y_train: np.ndarray,
    baselines: dict[str, pd.DataFrame],
) -> dict[str, Any]:
    """The figures a model's chapter records, from its test predictions alone.

    `predictions` and `baselines` are prediction tables; `y_train` (n,) are the labels of training.
    """
    from ytcat.evaluation import metrics  # scikit-learn takes a second to import

    y_test = labels(predictions["y_true"])
    answers = probabilities(predictions).argmax(axis=1)
    majority = np.bincount(y_train, minlength=len(IDS)).argmax()
    return (
        {"model": name, "split": split, "n_train": len(y_train), "n_test": len(y_test)}
        | metrics.summary(y_test, probabilities(predictions))
        | {
            "majority_top1": float((y_test == majority).mean()),
            "confusion": metrics.confusion(y_test, answers),
            "baselines": {
                baseline: metrics.summary(labels(table["y_true"]), probabilities(table))
                for baseline, table in baselines.items()
            },
        }
    )


@dataclass
class Chapter:
    """A chapter at work: made when the notebook starts, saved once when it is done."""

    name: str
    results: Path
    parameters: dict[str, Any]  # what was computed, not where: without `PLACES`
    corpus: str
    corpus_sha256: str
    code_sha256: str = field(default_factory=lambda: source_sha256())  # of what this process has imported
    _started: float = field(default_factory=time.monotonic)

    def save(
        self,
        figures: dict[str, Any],
        predictions: pd.DataFrame | None = None,
        baselines: dict[str, pd.DataFrame] | None = None,
        history: pd.DataFrame | None = None,
        model: "keras.Model | None" = None,
        tables: dict[str, pd.DataFrame] | None = None,
    ) -> None:
        """Write the run folder, whole or not at all; it replaces that of the run before.

        `figures` go to metrics.json. `baselines` are prediction tables by model name; they are kept in
        one file, told apart by a column `model`. `tables` are kept as `<name>.csv`, without their index.
        """
        final = self.results / self.name
        with atomic_path(final) as folder:
            folder.mkdir()
            (folder / "metrics.json").write_text(_json(figures), encoding="utf-8")
            if predictions is not None:
                predictions.to_parquet(folder / "predictions.parquet", index=False)
            if baselines:
                named = [table.assign(model=name) for name, table in baselines.items()]
                pd.concat(named).to_parquet(folder / "baselines.parquet", index=False)
            if history is not None:
                history.to_csv(folder / "history.csv", index=False)
            for name, table in (tables or {}).items():
                table.to_csv(folder / f"{name}.csv", index=False)
            if model is not None:
                model.save(folder / "model.keras")
            (folder / "manifest.json").write_text(_json(self._manifest(folder)), encoding="utf-8")
            shutil.rmtree(final, ignore_errors=True)  # the run before
        shutil.rmtree(self._all_checkpoints, ignore_errors=True)

    @property
    def checkpoints(self) -> Path:
        """Where the chapter's trainings keep their last epochs until it is saved.

        The folder is named by what the run stands on, so that a changed one never goes on from there.
        """
        stands_on = [self.corpus_sha256, self.parameters, self.code_sha256, sha256_file(paths.LOCK_FILE)]
        return self._all_checkpoints / hashlib.sha256(_json(stands_on).encode()).hexdigest()[:16]

    @property
    def _all_checkpoints(self) -> Path:
        return self.results / f".{self.name}{CHECKPOINTS}"

    def read(self, name: str) -> "Run":
        """The finished run of a chapter that this one stands on.

        Raises YtcatError if there is none, or if it is of another corpus, split, limit or seed: on another
        split its models may have learnt from what is test here.
        """
        run = need(self.results, name)
        theirs, ours = run.manifest, self.parameters
        other = [key for key in SHARED if theirs["parameters"].get(key) != ours.get(key)]
        if theirs["sha256"]["corpus"] != self.corpus_sha256:
            other.insert(0, "corpus")
        if other:
            raise YtcatError(
                f"{run.folder} is a run with another {' and '.join(other)} than this chapter's: run "
                f"notebooks/{name}.ipynb again with the same, or choose another folder as `results`."
            )
        return run

    def _manifest(self, folder: Path) -> dict[str, Any]:
        return {
            "chapter": self.name,
            "corpus": self.corpus,
            "git": git_state(),
            "sha256": {
                "corpus": self.corpus_sha256,
                "parameters": hashlib.sha256(_json(self.parameters).encode()).hexdigest(),
                "code": self.code_sha256,
                "lock": sha256_file(paths.LOCK_FILE),
            }
            | {path.name: sha256_file(path) for path in sorted(folder.iterdir())},
            "parameters": self.parameters,
            "seed": self.parameters.get("seed"),
            "versions": {"python": platform.python_version()}
            | {name: importlib.metadata.version(name) for name in VERSIONS_OF},
            "processor": processor(),
            "seconds": round(time.monotonic() - self._started, 1),
        }


@dataclass(frozen=True)
class Run:
    """A finished chapter's folder, for the chapters and pages that read it."""

    folder: Path

    @property
    def metrics(self) -> dict[str, Any]:
        """The content of metrics.json."""
        return json.loads((self.folder / "metrics.json").read_text())

    @property
    def manifest(self) -> dict[str, Any]:
        """The content of manifest.json."""
        return json.loads((self.folder / "manifest.json").read_text())

    @property
    def predictions(self) -> pd.DataFrame:
        """The content of predictions.parquet, see `predictions_table`."""
        return pd.read_parquet(self.folder / "predictions.parquet")

    @property
    def history(self) -> pd.DataFrame:
        """A row an epoch."""
        return pd.read_csv(self.folder / "history.csv")

    def table(self, name: str) -> pd.DataFrame:
        """One of the tables that the chapter kept, see `Chapter.save`."""
        return pd.read_csv(self.folder / f"{name}.csv")

    def model(self) -> "keras.Model":
        """The trained model, loaded in safe mode: no code in the file runs."""
        from ytcat.quiet_tensorflow import keras

        return keras.saving.load_model(self.folder / "model.keras", compile=False, safe_mode=True)


def finished(results: Path | str, chapter: str) -> Run | None:
    """The finished run of a chapter, or None if there is none."""
    folder = _results_folder(results) / chapter
    return Run(folder) if (folder / "manifest.json").is_file() else None


def need(results: Path | str, chapter: str) -> Run:
    """The finished run of a chapter that another one stands on; raises YtcatError if there is none."""
    run = finished(results, chapter)
    if run is None:
        raise YtcatError(
            f"This chapter reads the results of {chapter}, and {_results_folder(results) / chapter} is not "
            f"there: run notebooks/{chapter}.ipynb to its end first, or `make notebooks` for all of them."
        )
    return run


def begin(chapter: str, corpus: Corpus, parameters: dict[str, Any]) -> Chapter:
    """Start a chapter's run with the notebook's parameters, `results` among them.

    `results` is a folder; a relative one is below the build folder. Checkpoints of a run of this chapter that
    stood on something else are removed from there.
    """
    kept = {name: value for name, value in parameters.items() if name not in PLACES}
    begun = Chapter(chapter, _results_folder(parameters["results"]), kept, corpus.name, corpus.sha256)
    for folder in begun.checkpoints.parent.glob("*"):
        if folder != begun.checkpoints:
            shutil.rmtree(folder, ignore_errors=True)
    return begun


def probabilities(predictions: pd.DataFrame) -> np.ndarray:
    """The (n, 14) float32 probabilities of a predictions table, in label order."""
    return predictions[PROBABILITY_COLUMNS].to_numpy(dtype=np.float32)


def right(predictions: pd.DataFrame) -> pd.Series:
    """Whether the most probable category is the true one: bool, indexed by the table's `row`."""
    answers = probabilities(predictions).argmax(axis=1)
    return pd.Series(answers == labels(predictions["y_true"]), index=predictions["row"].to_numpy())


def git_state(ignoring: Path | None = None) -> dict[str, Any]:
    """The commit the code stands on and whether it was changed since; nulls outside a checkout.

    Changes below the folder `ignoring` do not count.
    """
    others = ["--", ".", f":!{ignoring.relative_to(paths.ROOT).as_posix()}"] if ignoring else []

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(paths.ROOT), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain", *others))}
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None}


def source_sha256() -> str:
    """SHA-256 over the package's modules, names and contents."""
    digest = hashlib.sha256()
    package = paths.ROOT / "src" / "ytcat"
    for path in sorted(package.rglob("*.py")):
        digest.update(f"{path.relative_to(package).as_posix()}\0{sha256_file(path)}\n".encode())
    return digest.hexdigest()


def processor() -> str:
    """The processor's name and its logical cores, as the operating system tells them."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return f"{model}, {os.cpu_count()} cores"


def _results_folder(results: Path | str) -> Path:
    return paths.build_folder() / results  # an absolute path stays what it is


def _json(data: Any) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"{value!r} cannot be written to JSON")
