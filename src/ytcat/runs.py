"""The run of a chapter: how a notebook begins it, what it writes, and what other chapters read of it.

A run is a folder `<results>/<chapter>/`, written whole or not at all: metrics, predictions, history, tables,
model and manifest.
"""

import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ytcat import environment, paths
from ytcat.atomic_files import atomic_path, sha256_file
from ytcat.categories import IDS, labels
from ytcat.corpus import Corpus, load
from ytcat.corpus.enough import too_few, too_few_tags, too_few_thumbnails
from ytcat.exceptions import YtcatError
from ytcat.fingerprints import fingerprint, modules_sha256
from ytcat.parameters import PATH_PARAMETERS, of_namespace
from ytcat.views import MODELS, VIEWS, view_of

if TYPE_CHECKING:
    from IPython.display import Markdown

    from ytcat.quiet_tensorflow import keras

PROBABILITY_COLUMNS = [f"p_{category_id}" for category_id in IDS]
MUST_MATCH = ("split", "fold", "limit", "seed")  # parameters that chapters reading each other have in common
MIN_FOR_SOFTMAX = 3  # categories: with two, scikit-learn's logistic regression is no softmax
CHECKPOINTS = "-checkpoints"  # the end of the name of a folder of unfinished trainings

# ---- what a notebook works with


@dataclass(frozen=True)
class Part:
    """The videos of one part of the split, n of them."""

    name: str  # "train", "validation" or "test"
    corpus: Corpus
    videos: pd.DataFrame  # the rows of `corpus.videos`, in their order, under their index

    def __len__(self) -> int:
        return len(self.videos)

    @property
    def rows(self) -> np.ndarray:
        """Row numbers in the corpus, (n,) int64, ascending."""
        return self.videos.index.to_numpy()

    @property
    def labels(self) -> np.ndarray:
        """Labels 0..13, (n,) int."""
        return self.videos["label"].to_numpy()

    @property
    def titles(self) -> list[str]:
        """The n titles."""
        return self.videos["title"].tolist()

    @cached_property
    def images(self) -> np.ndarray:
        """The thumbnails, (n, 90, 120, 3) uint8 RGB; raises ValueError if a video has none."""
        return self.corpus.images(self.rows)


class Parts(NamedTuple):
    """The three parts of a split."""

    train: Part
    validation: Part
    test: Part

    def counts(self) -> pd.DataFrame:
        """How many videos are in each part: one row per part, column `videos`."""
        return pd.DataFrame({"videos": {part.name: len(part) for part in self}})

    def check_size(self, split: str) -> None:
        """Raise YtcatError if a part is empty, or if training has fewer than two categories."""
        if self.train.videos["label"].nunique() < 2 or not len(self.validation) or not len(self.test):
            raise YtcatError(
                f"The split {split!r} of {self.train.corpus.name} leaves {len(self.train):,} videos to "
                f"train a model, {len(self.validation):,} to choose its settings and {len(self.test):,} to "
                "test it, which is too few: choose the split 'random', or add videos."
            )


@dataclass(frozen=True)
class Evaluation:
    """One model and its baselines on the test videos: their probabilities and every figure from them."""

    metrics: dict[str, Any]  # see `RunWriter.evaluate`
    predictions: pd.DataFrame  # see `predictions_table`
    baselines: dict[str, pd.DataFrame]  # a predictions table per key of `ytcat.views.MODELS`
    best_possible: dict[str, float] | None  # top-1 and top-5 that no model can exceed; None if not known

    @property
    def confusion(self) -> np.ndarray:
        """The (14, 14) confusion matrix, rows are the truth."""
        return np.array(self.metrics["confusion"])

    def accuracies(self, measure: str) -> pd.DataFrame:
        """Rows for `ytcat.figures.intervals`: people, slides, this run, baselines, the best possible.

        `measure` is "top1" or "top5".
        """
        from ytcat.evaluation.accuracy_table import accuracies

        best_possible = self.best_possible and self.best_possible[measure]
        metrics = self.metrics
        return accuracies(metrics["model"], metrics, metrics["baselines"], measure, best_possible)


def predictions_table(
    rows: np.ndarray, split: str, y_true: np.ndarray, probabilities: np.ndarray
) -> pd.DataFrame:
    """A predictions table: one row per video, with `row`, `split`, `y_true` and `p_<YouTube id>`.

    `rows` (n,) int are row numbers in the corpus, `split` is the part that holds them ("test"), `y_true` (n,)
    labels 0..13, which the table holds as YouTube ids, `probabilities` (n, 14).
    Raises ValueError if a row of probabilities does not sum to 1.
    """
    probabilities = np.asarray(probabilities, dtype=np.float32)
    if not np.allclose(probabilities.sum(axis=1), 1, atol=1e-4):
        raise ValueError("each row of probabilities must sum to 1")
    table = pd.DataFrame(probabilities, columns=PROBABILITY_COLUMNS)
    table.insert(0, "row", np.asarray(rows, dtype=np.int64))
    table.insert(1, "split", split)
    table.insert(2, "y_true", np.array(IDS)[y_true])
    return table


def features_table(parts: Parts, features: Sequence[np.ndarray]) -> pd.DataFrame:
    """What a model's layer before the last says of each video: one row per video, indexed by `row`.

    `features` holds one (n, k) float32 array per part; the k columns are named "0", "1" and so on.
    """
    rows = np.concatenate([part.rows for part in parts])
    table = pd.DataFrame(np.concatenate(features), index=pd.Index(rows, name="row"))
    return table.rename(columns=str)


def model_metrics(
    name: str,
    split: str,
    predictions: pd.DataFrame,
    y_train: np.ndarray,
    baselines: dict[str, pd.DataFrame],
) -> dict[str, Any]:
    """The figures of a model, from its test predictions alone; see `RunWriter.evaluate`.

    `predictions` and `baselines` are predictions tables; `y_train` (n,) are the labels of training.
    """
    from ytcat.evaluation import metrics  # scikit-learn takes a second to import

    y_test = labels(predictions["y_true"])
    majority = np.bincount(y_train, minlength=len(IDS)).argmax()
    return (
        {"model": name, "split": split, "n_train": len(y_train), "n_test": len(y_test)}
        | metrics.summary(y_test, probabilities(predictions))
        | {
            "majority_top1": float((y_test == majority).mean()),
            "confusion": metrics.confusion(y_test, probabilities(predictions).argmax(axis=1)),
            "baselines": {
                baseline: metrics.summary(labels(table["y_true"]), probabilities(table))
                for baseline, table in baselines.items()
            },
        }
    )


@dataclass(repr=False)
class RunWriter:
    """The run of a chapter at work: made when the notebook starts (`begin`), saved once at its end."""

    name: str
    corpus: Corpus | None  # None for a page that reads no videos
    parameters: dict[str, Any]  # checked; with those that are folders
    code_sha256: str = field(default_factory=lambda: modules_sha256(*_imported()))  # of this process
    _started: float = field(default_factory=time.monotonic)
    _seconds: dict[str, dict[str, float]] = field(default_factory=dict)  # see `timed`

    def __post_init__(self) -> None:
        for folder in self._all_checkpoints.glob("*"):
            if folder != self.checkpoints:
                shutil.rmtree(folder, ignore_errors=True)  # of a run on other inputs

    def __repr__(self) -> str:
        """Without the paths of this machine: executed notebooks hold it, and are equal in any folder."""
        return f"<run of {self.name}>"

    def _repr_markdown_(self) -> str:
        return self.corpus.description if self.corpus else ""

    @property
    def results(self) -> Path:
        """The folder that holds this run and those that it reads."""
        return _results_folder(self.parameters["results"])

    @cached_property
    def part_of_videos(self) -> np.ndarray:
        """The part of each video of the corpus, (n,) str: see `ytcat.corpus.splits.split`."""
        from ytcat.corpus.splits import split  # scikit-learn takes a second to import

        kind, fold, limit = (self.parameters[name] for name in ("split", "fold", "limit"))
        return split(self.corpus.videos, kind, fold=fold, limit=limit or None)

    def parts(self, *, thumbnails: bool = False, usable: ArrayLike | None = None) -> Parts:
        """Training, validation and test videos.

        `thumbnails`: only videos with a thumbnail. `usable`: (n,) bool, only these videos of the corpus.
        Raises YtcatError if too few videos are left to train, validate or test.
        """
        videos = self.corpus.videos
        chosen = np.ones(len(videos), bool) if usable is None else np.asarray(usable)
        if thumbnails:
            chosen = chosen & videos["has_thumbnail"].to_numpy()
        masks = {name: chosen & (self.part_of_videos == name) for name in Parts._fields}
        parts = Parts(*(Part(name, self.corpus, videos[mask]) for name, mask in masks.items()))
        parts.check_size(self.parameters["split"])
        return parts

    @contextmanager
    def timed(self, model: str, step: Literal["training", "prediction"]) -> Iterator[None]:
        """Add the wall time of the body to a model's seconds of a step, which the manifest holds.

        `model` is a key of `ytcat.views.MODELS`. Of a training that goes on after an interruption only the
        rest is measured.
        """
        started = time.monotonic()
        yield
        seconds = self._seconds.setdefault(model, {})
        seconds[step] = round(seconds.get(step, 0.0) + time.monotonic() - started, 3)

    def require(self, what: str) -> "Markdown | None":
        """End the chapter here on a corpus with too few "thumbnails", "tags" or "categories".

        The run is saved with the one metric `ended_without`, and the cell shows a sentence. To be the last
        line of the cell with the tag `needs-thumbnails` (or whichever), after which the report stops.
        """
        if not (reason := lacking(self.corpus, what)):
            return None
        from IPython.display import Markdown

        self.save({"ended_without": what})
        return Markdown(f"**{reason} The chapter ends here.**")

    def evaluate(
        self, model: str, parts: Parts, probabilities: np.ndarray, baselines: Mapping[str, np.ndarray]
    ) -> Evaluation:
        """The figures of a model and of its baselines on the test videos.

        `model` and the names of `baselines` are keys of `ytcat.views.MODELS`, `probabilities` (n, 14) each,
        in the order of `parts.test`. The metrics are `model`, `split`, `n_train`, `n_validation`, `n_test`,
        those of `ytcat.evaluation.metrics.summary`, `majority_top1`, the `confusion` matrix, the summaries of
        the `baselines` by name, and the `overlap` with training (`ytcat.evaluation.leakage.by_overlap`).
        Raises ValueError if a row of probabilities does not sum to 1, KeyError for an unknown model.
        """
        from ytcat.evaluation import leakage

        unknown = [name for name in (model, *baselines) if name not in MODELS]
        if unknown:
            raise KeyError(f"{unknown[0]!r} is no model of ytcat.views.MODELS")
        test = parts.test
        predictions, *others = (
            predictions_table(test.rows, "test", test.labels, each)
            for each in (probabilities, *baselines.values())
        )
        tables = dict(zip(baselines, others, strict=True))
        metrics = model_metrics(model, self.parameters["split"], predictions, parts.train.labels, tables)
        metrics["n_validation"] = len(parts.validation)
        metrics["overlap"] = leakage.by_overlap(self.corpus.videos, self.part_of_videos, correct(predictions))
        best_possible = self.corpus.best_possible(test.rows)
        return Evaluation(metrics, predictions, tables, best_possible and best_possible[view_of(model).key])

    def save(
        self,
        metrics: dict[str, Any],
        evaluation: Evaluation | None = None,
        history: pd.DataFrame | None = None,
        model: "keras.Model | None" = None,
        tables: dict[str, pd.DataFrame] | None = None,
        features: pd.DataFrame | None = None,
    ) -> None:
        """Write the run folder, whole or not at all; it replaces that of an earlier run.

        `metrics` go to metrics.json, after those of `evaluation`; its predictions go to predictions.parquet,
        those of its baselines to baselines.parquet with a column `model`. `tables` are written to
        `<name>.csv` without their index, `features` (see `features_table`) to features.parquet.
        """
        final = self.results / self.name
        paths.refuse_input(final, self.corpus and self.corpus.source)
        with atomic_path(final) as folder:
            folder.mkdir()
            figures = (evaluation.metrics if evaluation else {}) | metrics
            (folder / "metrics.json").write_text(_json(figures), encoding="utf-8")
            if evaluation:
                evaluation.predictions.to_parquet(folder / "predictions.parquet", index=False)
            if evaluation and evaluation.baselines:
                named = [table.assign(model=name) for name, table in evaluation.baselines.items()]
                pd.concat(named).to_parquet(folder / "baselines.parquet", index=False)
            if history is not None:
                history.to_csv(folder / "history.csv", index=False)
            for name, table in (tables or {}).items():
                table.to_csv(folder / f"{name}.csv", index=False)
            if features is not None:
                features.to_parquet(folder / "features.parquet")
            if model is not None:
                model.save(folder / "model.keras")
            (folder / "manifest.json").write_text(_json(self._manifest(folder)), encoding="utf-8")
            # The manifest of an earlier run goes first: no part of a folder is ever taken for a run.
            (final / "manifest.json").unlink(missing_ok=True)
            shutil.rmtree(final, ignore_errors=True)
        shutil.rmtree(self._all_checkpoints, ignore_errors=True)

    @property
    def result_parameters(self) -> dict[str, Any]:
        """The parameters that a figure can depend on: all but folders."""
        return {k: v for k, v in self.parameters.items() if k not in PATH_PARAMETERS}

    @property
    def checkpoints(self) -> Path:
        """The folder where the chapter's trainings write their last epochs until the run is saved.

        The folder is named by the run's inputs, so that a run on other inputs never resumes from there.
        """
        key = fingerprint(
            corpus=self.corpus and self.corpus.sha256,
            parameters=self.result_parameters,
            code=self.code_sha256,
            lock=sha256_file(paths.LOCK_FILE),
        )
        return self._all_checkpoints / key[:16]

    @property
    def _all_checkpoints(self) -> Path:
        return self.results / f".{self.name}{CHECKPOINTS}"

    def read(self, name: str) -> "Run":
        """The finished run of another chapter, from the same folder of results.

        Raises YtcatError if there is none, if it is damaged, or if it had another corpus, split, fold, limit
        or seed: on another split its models may have been trained on test videos of this run.
        """
        run = finished_run(self.results, name)
        run.check()
        manifest, own = run.manifest, self.result_parameters
        differing = [key for key in MUST_MATCH if key in own and manifest["parameters"].get(key) != own[key]]
        if self.corpus and (manifest["sha256"]["corpus"], manifest["corpus"]) != (
            self.corpus.sha256,
            self.corpus.name,
        ):
            differing.insert(0, "corpus")
        if differing:
            raise YtcatError(
                f"{run.folder} is a run with another {' and '.join(differing)} than this chapter's: run "
                f"notebooks/{name}.ipynb again with the same, or choose another folder as `results`."
            )
        return run

    def read_models(self) -> dict[str, "Run"]:
        """The finished runs of the slides' models, by key of `ytcat.views.VIEWS`.

        The run on titles must be there; the others are left out if they are missing or ended without
        thumbnails. Raises YtcatError as `read` does.
        """
        models = {
            view.key: self.read(view.chapter)
            for view in VIEWS.values()
            if view.key == "title" or finished(self.results, view.chapter)
        }
        return {key: run for key, run in models.items() if "ended_without" not in run.metrics}

    def _manifest(self, folder: Path) -> dict[str, Any]:
        return {
            "chapter": self.name,
            "corpus": self.corpus and self.corpus.name,
            "git": git_state(),
            "sha256": {
                "corpus": self.corpus and self.corpus.sha256,
                "parameters": hashlib.sha256(_json(self.result_parameters).encode()).hexdigest(),
                "code": self.code_sha256,
                "lock": sha256_file(paths.LOCK_FILE),
            }
            | {path.name: sha256_file(path) for path in sorted(folder.iterdir())},
            "parameters": self.result_parameters,
            "versions": versions(),
            "processor": processor(),
            "environment": environment.recorded(),
            "seconds": round(time.monotonic() - self._started, 1),
            "seconds_by_model": self._seconds,
        }


@dataclass(frozen=True)
class Run:
    """A finished chapter's folder, for the chapters and pages that read it."""

    folder: Path

    @property
    def metrics(self) -> dict[str, Any]:
        """The content of metrics.json."""
        return self._json("metrics.json")

    @property
    def manifest(self) -> dict[str, Any]:
        """The content of manifest.json."""
        return self._json("manifest.json")

    def check(self) -> None:
        """Raise YtcatError unless each file is as the run wrote it, and the folder has the chapter's name."""
        manifest = self.manifest
        if manifest.get("chapter") != self.folder.name:
            raise self._damaged(f"it is the run of {manifest.get('chapter')}")
        for name, sha256 in manifest["sha256"].items():
            path = self.folder / name
            if "." in name and not (path.is_file() and sha256_file(path) == sha256):
                raise self._damaged(f"{name} is not as the run wrote it")

    def _json(self, name: str) -> dict[str, Any]:
        try:
            content = json.loads((self.folder / name).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError) as error:
            raise self._damaged(f"{name} is missing or damaged") from error
        if not isinstance(content, dict):
            raise self._damaged(f"{name} is damaged")
        return content

    def _damaged(self, reason: str) -> YtcatError:
        return YtcatError(
            f"{self.folder} cannot be used, {reason}: run notebooks/{self.folder.name}.ipynb again, or "
            "`make notebooks` for all."
        )

    @property
    def predictions(self) -> pd.DataFrame:
        """The content of predictions.parquet, see `predictions_table`."""
        return pd.read_parquet(self.folder / "predictions.parquet")

    def probabilities_of(self, rows: ArrayLike) -> np.ndarray:
        """The probabilities for some test videos, (n, 14) float32, by their row numbers (n,) in the corpus.

        Raises KeyError for a row that is not among the run's predictions.
        """
        return probabilities(self.predictions.set_index("row").loc[rows])

    def features_of(self, rows: ArrayLike) -> np.ndarray:
        """The model's features of some videos, (n, k) float32, by their row numbers (n,) in the corpus.

        Raises KeyError for a row that was in no part of the run, YtcatError if the run has no features.
        """
        path = self.folder / "features.parquet"
        if not path.is_file():  # a run of an earlier version
            raise self._damaged(f"{path.name} is missing")
        return pd.read_parquet(path).loc[rows].to_numpy()

    @property
    def history(self) -> pd.DataFrame:
        """One row per epoch."""
        return pd.read_csv(self.folder / "history.csv")

    def table(self, name: str) -> pd.DataFrame:
        """One of the chapter's tables, by name; see `RunWriter.save`."""
        return pd.read_csv(self.folder / f"{name}.csv")

    def model(self) -> "keras.Model":
        """The trained model, loaded in safe mode: no code in the file runs."""
        from ytcat.quiet_tensorflow import keras

        return keras.saving.load_model(self.folder / "model.keras", compile=False, safe_mode=True)


def lacking(corpus: Corpus, what: str) -> str:
    """Why a corpus has not enough "thumbnails", "tags" or "categories" for a chapter; "" if it has."""
    if what == "categories":
        return too_few(corpus.videos, "title", corpus.name, MIN_FOR_SOFTMAX)
    if not getattr(corpus, f"has_{what}"):
        return f"No video of this corpus has {what}."
    return {"thumbnails": too_few_thumbnails, "tags": too_few_tags}[what](corpus.videos, corpus.name)


def finished(results: Path | str, chapter: str) -> Run | None:
    """The finished run of a chapter, or None if there is none."""
    folder = _results_folder(results) / chapter
    return Run(folder) if (folder / "manifest.json").is_file() else None


def finished_run(results: Path | str, chapter: str) -> Run:
    """The finished run of a chapter that another one reads; raises YtcatError if there is none."""
    run = finished(results, chapter)
    if run is None:
        raise YtcatError(
            f"This chapter reads the results of {chapter}, and {_results_folder(results) / chapter} is not "
            f"there: run notebooks/{chapter}.ipynb to its end first, or `make notebooks` for all of them."
        )
    return run


def begin(chapter: str, namespace: Mapping[str, Any]) -> RunWriter:
    """Begin a chapter's run: check the notebook's parameters and load the corpus.

    `namespace` is the notebook's `globals()`. Shown as the last line of a cell, the run says which corpus it
    reads. A relative folder of a corpus is as seen from where the notebook runs. Raises YtcatError for a
    parameter that does not exist, with the nearest right name, or that may not have its value.
    """
    checked = of_namespace(chapter, namespace)
    corpus = load(checked["corpus"]) if "corpus" in checked else None
    return RunWriter(chapter, corpus, checked)


def probabilities(predictions: pd.DataFrame) -> np.ndarray:
    """The probabilities of a predictions table, (n, 14) float32, in label order."""
    return predictions[PROBABILITY_COLUMNS].to_numpy(dtype=np.float32)


def correct(predictions: pd.DataFrame) -> pd.Series:
    """Whether the most probable category is the true one: bool, indexed by `row` of the predictions table."""
    return answers(predictions)["correct"]


def answers(predictions: pd.DataFrame) -> pd.DataFrame:
    """The most probable category of each video of a predictions table, one row per video, indexed by `row`.

    Columns: `answer` and `truth` (labels 0..13), `confidence` (probability of the answer), `correct` (bool).
    """
    chances = probabilities(predictions)
    answer, truth = chances.argmax(axis=1), labels(predictions["y_true"])
    columns = {
        "answer": answer,
        "truth": truth,
        "confidence": chances.max(axis=1),
        "correct": answer == truth,
    }
    return pd.DataFrame(columns, index=predictions["row"].to_numpy())


def git_state(ignoring: Path | None = None) -> dict[str, Any]:
    """The commit of this repository's working tree and whether it has changes (`dirty`); nulls elsewhere.

    Changes below the folder `ignoring` do not count. Variables such as GIT_DIR do not count, nor does another
    repository that holds this folder.
    """
    others = ["--", ".", f":!{ignoring.relative_to(paths.ROOT).as_posix()}"] if ignoring else []

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(paths.ROOT), *arguments]
        clean = environment.without_git()
        return subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=True, env=clean
        ).stdout.strip()

    try:
        if Path(git("rev-parse", "--show-toplevel")).resolve() != paths.ROOT:
            return {"commit": None, "dirty": None}
        status = git("status", "--porcelain", "--untracked-files=normal", *others)
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(status)}
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None}


def versions() -> dict[str, str]:
    """The versions of Python and of what figures can depend on, by name."""
    try:
        tensorflow = importlib.metadata.version("tensorflow-cpu")  # without support for GPUs
    except importlib.metadata.PackageNotFoundError:
        tensorflow = importlib.metadata.version("tensorflow")
    packages = ("keras", "numpy", "pandas", "scikit-learn", "papermill", "jupyter-book")
    return {"python": platform.python_version(), "tensorflow": tensorflow} | {
        name: importlib.metadata.version(name) for name in packages
    }


def processor() -> str:
    """The processor's name and number of logical cores, from the operating system."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return f"{model}, {os.cpu_count()} cores"


def _imported() -> list[str]:
    """The modules of this package that the process has imported."""
    return sorted(name for name in sys.modules if name.split(".")[0] == "ytcat")


def _results_folder(results: Path | str) -> Path:
    return paths.build_folder() / results  # an absolute path stays as it is


def _json(data: Any) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"{value!r} cannot be written to JSON")
