"""Full runs on real videos, kept in the repository so that every reader sees them without the data.

`book/reference_runs/<corpus>/` holds figures and class probabilities under row numbers: nothing of a video,
no id, title, image or feature. Every figure can be recomputed from the probabilities beside it.
"""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ytcat import paths, runs
from ytcat.categories import labels
from ytcat.views import MODELS, VIEWS, WITH_MORE

FOLDER = paths.BOOK / "reference_runs"
RESULTS, PREDICTIONS, HISTORY, MANIFEST = (
    "results.json",
    "predictions.parquet",
    "history.csv",
    "manifest.json",
)
MODEL_FILES = (RESULTS, PREDICTIONS, HISTORY)  # what a corpus has beside the manifest if models were recorded
# On validation videos: see `ytcat.models.tuning`.
IMAGE_TUNING, TEXT_TUNING, FUSION_TUNING = "image_tuning.csv", "text_tuning.csv", "fusion_tuning.csv"
KERNEL_TUNING = "kernel_tuning.csv"
MORE_TITLES = "more_titles.csv"
HEAT_MAPS = "heat_maps.csv"  # see `ytcat.future_directions.better_models.heat_maps`
RANDOM_SPLITS = "random_splits.csv"  # see `ytcat.reference_runs.random_splits`
RUN = ["split", "fold", "seed"]  # tells the runs of one model apart
# Of the predictions. `channel` is an anonymous number, int32: see `ytcat.reference_runs.store`.
COLUMNS = ["model", *RUN, "row", "channel", "y_true", *runs.PROBABILITY_COLUMNS]
BEFORE = "before"  # the name of a corpus's folder while a recording replaces it


class _Named(dict[str, str]):
    def __missing__(self, folder: str) -> str:
        return folder


# How pages name the corpora; others by their folder.
CORPORA = _Named({"us-2017": "2017 titles", "us-2017-09": "autumn 2017 titles", "us-2020": "2020 videos"})


def key(model: str, split: str) -> str:
    """The name of a model's entry in results.json: plain on the random split, `image@channel` on another."""
    return model if split == "random" else f"{model}@{split}"


class ReferenceRuns:
    """The reference runs of one corpus; each file is read when it is needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name

    @property
    def has_models(self) -> bool:
        """Whether the predictions of models are recorded, or should be, and not tables alone."""
        return any((self.folder / name).is_file() for name in MODEL_FILES) or bool(self.manifest["runs"])

    @cached_property
    def results(self) -> dict[str, dict[str, Any]]:
        """The content of results.json: a model's figures by `key`."""
        return json.loads((self.folder / RESULTS).read_text(encoding="utf-8"))

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The content of manifest.json: what each run stood on, and the hashes of the files."""
        return json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))

    def predictions(self, model: str, split: str = "random") -> pd.DataFrame:
        """The test predictions of all seeds: `COLUMNS`, empty where the model has no runs on that split."""
        table = self._predictions
        return table[(table["model"] == model) & (table["split"] == split)]

    @cached_property
    def _predictions(self) -> pd.DataFrame:
        """Of all models and splits: comparing them reads each several times."""
        return pd.read_parquet(self.folder / PREDICTIONS)

    def correct_by_seed(self, model: str, split: str = "random") -> pd.DataFrame:
        """Whether each run is correct on each test video: one row per row number and channel, one column per
        seed, float (0 or 1)."""
        table = self.predictions(model, split)
        correct = runs.correct(table).to_numpy(dtype=float)
        return table.assign(correct=correct).pivot(index=["row", "channel"], columns="seed", values="correct")

    @cached_property
    def labels(self) -> pd.Series:
        """The label (0..13) of every video that is a test video of some run, by row number.

        The folds of the split by channel test every video, so these are all videos of the corpus that a model
        can learn from.
        """
        videos = self._predictions[["row", "y_true"]].drop_duplicates("row").set_index("row")["y_true"]
        return pd.Series(labels(videos), index=videos.index).sort_index()

    @cached_property
    def channels(self) -> pd.Series:
        """The anonymous number of the channel of every test video of some run, by row number."""
        videos = self._predictions[["row", "channel"]].drop_duplicates("row")
        return videos.set_index("row")["channel"].sort_index()

    def history(self) -> pd.DataFrame:
        """One row per epoch of each run: `model`, `split`, `fold`, `seed`, then as in a chapter's history."""
        return pd.read_csv(self.folder / HISTORY)

    def models(self, split: str = "random") -> list[str]:
        """The models with runs on a split, in the order of `ytcat.views.MODELS`."""
        return [model for model in MODELS if key(model, split) in self.results]

    def distinct_models(self, split: str = "random") -> list[str]:
        """`models`, each once: without thumbnails the chosen model for both views is that for the title."""
        thumbnail, _, both = (view.chosen_model for view in VIEWS.values())
        models = self.models(split)
        if thumbnail in models:
            return models
        return [model for model in models if model not in (both, WITH_MORE[both])]


def folders() -> list[Path]:
    """The folders of all corpora, by name; one that lacks a file is among them, for `verify`."""
    return sorted({path.parent for name in (MANIFEST, *MODEL_FILES) for path in files(name)})


def read_all() -> list[ReferenceRuns]:
    """The corpora with recorded models, by name; of others there are tables alone."""
    return [reference for folder in folders() if (reference := ReferenceRuns(folder)).has_models]


def first_with(model: str) -> ReferenceRuns | None:
    """The first corpus, by name, with runs of a model on the random split; None where none has."""
    return next((reference for reference in read_all() if model in reference.results), None)


def files(name: str) -> list[Path]:
    """The files of that name of all corpora, by the corpus's name."""
    put_back()
    return sorted(FOLDER.glob(f"*/{name}"))


def table(name: str) -> pd.DataFrame:
    """A recorded CSV file (`IMAGE_TUNING`, ...) of all corpora that have it, each row with its `corpus`.

    Empty, without columns, where none has.
    """
    tables = [pd.read_csv(path).assign(corpus=path.parent.name) for path in files(name)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def workplace(corpus: str) -> Path:
    """Where a recording of a corpus is prepared and the one before is moved aside: beside `FOLDER`."""
    return FOLDER.with_name(f".{FOLDER.name}") / corpus


def put_back() -> None:
    """Move a folder back that a recording moved aside and, killed at that moment, did not replace."""
    for aside in workplace("").glob(f"*/{BEFORE}"):
        folder = FOLDER / aside.parent.name
        if not folder.exists():
            aside.rename(folder)
