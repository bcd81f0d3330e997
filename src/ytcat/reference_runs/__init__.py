"""Full runs on real videos, kept in the repository so that every reader sees them without the data.

`book/reference_runs/<corpus>/` holds figures and class probabilities under row numbers: nothing of a video, no id,
title, image or feature. Every figure can be recomputed from what lies beside it.
"""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ytcat import paths, runs

FOLDER = paths.BOOK / "reference_runs"
RESULTS, PREDICTIONS, HISTORY, MANIFEST = (
    "results.json",
    "predictions.parquet",
    "history.csv",
    "manifest.json",
)
ANSWERS = (RESULTS, PREDICTIONS, HISTORY)
# On validation videos: see `ytcat.models.tuning`.
IMAGE_TUNING, TEXT_TUNING, FUSION_TUNING = "image_tuning.csv", "text_tuning.csv", "fusion_tuning.csv"
KERNEL_TUNING = "kernel_tuning.csv"
RUN = ["split", "fold", "seed"]  # what tells the runs of a model apart
COLUMNS = ["model", *RUN, "row", "y_true", *runs.PROBABILITY_COLUMNS]  # of the predictions


def key(model: str, split: str) -> str:
    """The name of a model's entry in results.json: plain on the slides' split, `image@channel` on another."""
    return model if split == "random" else f"{model}@{split}"


class ReferenceRuns:
    """What is recorded of one corpus; each file is read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name

    @property
    def has_answers(self) -> bool:
        """Whether models' answers are recorded, or should be, and not tables alone."""
        return any((self.folder / name).is_file() for name in ANSWERS) or bool(self.manifest["runs"])

    @cached_property
    def results(self) -> dict[str, dict[str, Any]]:
        """The content of results.json: a model's figures by `key`."""
        return json.loads((self.folder / RESULTS).read_text())

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The content of manifest.json: what is known of each run, and the files' hashes."""
        return json.loads((self.folder / MANIFEST).read_text())

    def predictions(self, model: str, split: str = "random") -> pd.DataFrame:
        """The test answers of all seeds: `COLUMNS`, empty where the model has no runs on that split."""
        wanted = [("model", "==", model), ("split", "==", split)]
        return pd.read_parquet(self.folder / PREDICTIONS, filters=wanted)

    def history(self) -> pd.DataFrame:
        """A row an epoch of each run: `model`, `split`, `fold`, `seed`, then as in a chapter's history."""
        return pd.read_csv(self.folder / HISTORY)


def table(name: str) -> pd.DataFrame:
    """A recorded CSV file (`IMAGE_TUNING`, ...) of all corpora that have it, each row with its `corpus`.

    Empty, without columns, where none has.
    """
    found = [pd.read_csv(path).assign(corpus=path.parent.name) for path in sorted(FOLDER.glob(f"*/{name}"))]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def folders() -> list[Path]:
    """The folders of all recorded corpora, by name; one that lacks a file is among them, for `verify`."""
    return sorted({path.parent for name in (MANIFEST, *ANSWERS) for path in FOLDER.glob(f"*/{name}")})


def read_all() -> list[ReferenceRuns]:
    """The recorded corpora that models have answered, by name; of others there are tables alone."""
    return [recorded for folder in folders() if (recorded := ReferenceRuns(folder)).has_answers]
