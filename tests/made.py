"""Recordings and corpora made by hand, so that the answer of a computation is known."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from ytcat import reference_runs, runs
from ytcat.categories import IDS
from ytcat.corpus import Corpus


def corpus(titles, labels, channels, name="made", **columns):
    """A corpus of those titles without thumbnails."""
    videos = pd.DataFrame({"title": titles, "label": labels, "channel_title": channels})
    videos["category_id"] = np.array(IDS)[videos["label"]]
    videos["has_thumbnail"] = False
    return Corpus(name, False, Path(), videos.assign(**columns), None, "c0ffee", Path())


def predictions(model, truth, probabilities, rows, channels, split="random", fold=0, seed=0):
    """The recorded predictions of one run: labels (n,), probabilities (n, 14), rows (n,), channels (n,)."""
    table = pd.DataFrame(np.float32(probabilities), columns=runs.PROBABILITY_COLUMNS)
    about = {"model": model, "split": split, "fold": fold, "seed": seed}
    table = table.assign(**about, row=rows, channel=channels, y_true=np.array(IDS)[truth])
    return table[reference_runs.COLUMNS]


def recording(tables, name="made"):
    """Write those predictions as the recording of a corpus and return its folder."""
    folder = reference_runs.FOLDER / name
    folder.mkdir(parents=True)
    table = pd.concat(tables, ignore_index=True)
    table.to_parquet(folder / reference_runs.PREDICTIONS, index=False)
    keys = [reference_runs.key(*pair) for pair in table[["model", "split"]].drop_duplicates().to_numpy()]
    (folder / reference_runs.RESULTS).write_text(json.dumps({key: {} for key in keys}))
    (folder / reference_runs.MANIFEST).write_text(json.dumps({"runs": []}))
    return folder
