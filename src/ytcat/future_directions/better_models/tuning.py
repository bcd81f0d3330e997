"""The settings that the slides leave open, and the kernels', tried without the test videos (`ytcat tune`)."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ytcat import reference_runs
from ytcat.atomic_files import atomic_write
from ytcat.categories import N_CATEGORIES
from ytcat.corpus import Corpus
from ytcat.corpus.splits import cross_validation, split
from ytcat.future_directions.better_models import ensemble, kernels
from ytcat.models import baselines, late_fusion, tuning
from ytcat.runs import Part

# The values of each of `kernels.KernelSettings`; the others stay as they are.
KERNEL_CHANGES = {
    "sentence_width": (2.0, 4.0, 8.0),
    "title_ridge": (0.1, 0.3, 1.0),
    "thumbnail_width": (1.0, 2.0, 4.0),
    "thumbnail_ridge": (0.03, 0.1, 0.3),
    "both_ridge": (0.1, 0.3, 1.0),
}


def tune(corpus: Corpus) -> Path:
    """Try the kernels' and the slides' models' settings on the random split; store the tables.

    The folder, which is returned, is that of the corpus's reference runs. Without enough thumbnails the
    title's models alone are tried.
    """
    folder = reference_runs.FOLDER / corpus.name
    part_of_videos = split(corpus.videos, "random")
    usable = corpus.videos["has_thumbnail"] if corpus.has_enough_thumbnails else True
    masks = {name: usable & (part_of_videos == name) for name in ("train", "validation")}
    parts = [Part(name, corpus, corpus.videos[mask]) for name, mask in masks.items()]
    tables = {reference_runs.KERNEL_TUNING: kernel_tuning(parts[0])}
    if corpus.has_enough_thumbnails:
        images = tuning.image_tuning(*((part.images, part.labels) for part in parts))
        tables[reference_runs.IMAGE_TUNING] = images
        heads = images[images["trained"] == "head alone"]
        best = heads.nsmallest(1, "val_loss")[list(tuning.HEAD)].to_dict("records")[0]
        inputs = ((part.images, part.titles, part.labels) for part in parts)
        tables[reference_runs.FUSION_TUNING] = tuning.fusion_tuning(*inputs, best)
    else:
        titles = ((part.titles, part.labels) for part in parts)
        tables[reference_runs.TEXT_TUNING] = tuning.text_tuning(*titles)
    for name, table in tables.items():
        atomic_write(folder / name, table.to_csv(index=False))
    return folder


def kernel_tuning(train: Part) -> pd.DataFrame:
    """The kernels' settings, one changed at a time, by out-of-fold scores of the training videos.

    One row per setting and value: `view`, `setting`, `value`, whether it is `chosen`, `n`, `n_correct`, and
    the log `loss` at the best temperature.
    """
    videos = ensemble.read_videos(train, mirrored=True)
    words = make_pipeline(baselines.title_features()).fit(videos.titles)
    scaler = None if videos.thumbnails is None else StandardScaler().fit(videos.thumbnails)
    features = ensemble.kernel_features(videos, words, scaler)
    folds = cross_validation(train.videos, "random", 5)
    return try_kernels(features, train.labels, folds)


def try_kernels(features: kernels.Features, labels: np.ndarray, folds: np.ndarray) -> pd.DataFrame:
    """As `kernel_tuning`, from features, labels (n,) and folds (n,) int."""
    rows = []
    for setting, values in KERNEL_CHANGES.items():
        view = setting.split("_")[0].replace("sentence", "title")
        if view != "title" and features.thumbnail is None:
            continue
        for value in values:
            settings = dataclasses.replace(kernels.CHOSEN, **{setting: value})
            scores = kernels.out_of_fold(view, features, labels, folds, settings)
            probabilities = late_fusion.combine([scores], late_fusion.fit_weights([scores], labels))
            rows.append(
                {
                    "view": view,
                    "setting": setting,
                    "value": value,
                    "chosen": settings == kernels.CHOSEN,
                    "n": len(labels),
                    "n_correct": int((scores.argmax(axis=1) == labels).sum()),
                    "loss": round(log_loss(labels, probabilities, labels=range(N_CATEGORIES)), 4),
                }
            )
    return pd.DataFrame(rows)
