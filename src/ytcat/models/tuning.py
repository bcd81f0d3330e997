"""Trials of what the slides leave open, on validation videos; no test video is read."""

import dataclasses
import time
from typing import Any

import numpy as np
import pandas as pd

from ytcat.future_directions.better_models import kernels
from ytcat.models import fusion, image, late_fusion, training
from ytcat.models.text import text_model
from ytcat.models.tokens import encode
from ytcat.pretrained.glove import glove
from ytcat.pretrained.xception import xception_base
from ytcat.quiet_tensorflow import keras

Images = tuple[np.ndarray, np.ndarray]  # (n, 90, 120, 3) uint8, labels (n,)
Titles = tuple[list[str], np.ndarray]  # titles and labels (n,)

HEAD = {"side": 96, "dropout": 0.5, "batch_size": 128, "learning_rate": 3e-4}
# What each trial of the head changes of `HEAD`: one thing, but that small batches want small steps.
HEAD_CHANGES = (
    {},
    {"side": 71},
    {"side": 84},
    {"side": 102},
    {"dropout": 0.3},
    {"dropout": 0.7},
    {"learning_rate": 1e-4},
    {"batch_size": 32, "learning_rate": 1e-4},
)
# By what batch normalization normalizes while its gammas and betas are trained, and how fast.
NORMALIZATION = (("ImageNet", 1e-4), ("ImageNet", 1e-5), ("batch", 1e-4))
# Of `kernels.Settings`.
KERNEL_CHANGES = {
    "sentence_width": (2.0, 4.0, 8.0),
    "title_ridge": (0.1, 0.3, 1.0),
    "thumbnail_width": (1.0, 2.0, 4.0),
    "thumbnail_ridge": (0.03, 0.1, 0.3),
    "both_ridge": (0.1, 0.3, 1.0),
}
TEXT_EPOCHS = 20  # for the fusion trials: as `text_tuning` chose


def image_tuning(train: Images, validation: Images, epochs: int = 30) -> pd.DataFrame:
    """The head alone in each way of `HEAD_CHANGES`; from the best, one epoch of each of `NORMALIZATION`.

    One row a trial: its settings, `epochs` until it stopped, `val_loss` and `val_accuracy` of the epoch
    with the lowest validation loss, `seconds`.
    """
    tried = [
        _head_alone(train, validation, HEAD | change, epochs)
        for change in sorted(HEAD_CHANGES, key=lambda change: change.get("side", HEAD["side"]))
    ]
    head, best = min(tried, key=lambda trial: trial[1]["val_loss"])
    start = head.get_weights()
    rows = [row for _, row in tried]
    for statistics, learning_rate in NORMALIZATION:
        rows.append(_normalization(train, validation, best, start, statistics, learning_rate))
    return pd.DataFrame(rows)


def text_tuning(train: Titles, validation: Titles, epochs: int = 28) -> pd.DataFrame:
    """The slides' text model trained longer than is good for its loss, to choose the number of epochs.

    One row an epoch: `epoch` and Keras's history with `top5`.
    """
    vectors = glove()
    training.make_deterministic(0)
    model = text_model(vectors.vectors)
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(5, name="top5")],
    )
    (x, y), (x_validation, y_validation) = (
        (encode(titles, vectors.index), labels) for titles, labels in (train, validation)
    )
    history = model.fit(
        x, y, validation_data=(x_validation, y_validation), epochs=epochs, batch_size=32, verbose=0
    ).history
    return pd.DataFrame(history).round(4).rename_axis("epoch").rename(index=lambda n: n + 1).reset_index()


def fusion_tuning(
    train: tuple[np.ndarray, list[str], np.ndarray],
    validation: tuple[np.ndarray, list[str], np.ndarray],
    head: dict[str, Any],
    epochs: int = 100,
) -> pd.DataFrame:
    """Which layers of the two models to join: their 128 features each, or the scores of their 14 answers.

    `train`, `validation`: images, titles and labels. `head`: settings as in `HEAD`, for an image model with a
    frozen base. One row a trial, as in `image_tuning`, after one for each model alone.
    """
    parts = (train, validation)
    labels = [part[2] for part in parts]
    maps = [image.feature_maps(xception_base(head["side"]), part[0]) for part in parts]
    image_head, _ = _fit_head(maps, labels, head, 30)
    vectors = glove()
    tokens = [encode(part[1], vectors.index) for part in parts]
    training.make_deterministic(0)
    title = text_model(vectors.vectors)
    data = [*zip(tokens, labels, strict=True)]
    training.fit(title, *data, epochs=TEXT_EPOCHS, learning_rate=1e-3, patience=0)
    pairs = [(image_head, maps), (title, tokens)]
    answers = [[model.predict(x, verbose=0) for x in inputs] for model, inputs in pairs]
    features = [[fusion.trunk(model).predict(x, verbose=0) for x in inputs] for model, inputs in pairs]
    rows = [
        {"joined": name, "epochs": 0} | _measured(labels[1], probabilities[1])
        for name, probabilities in zip(("nothing: image alone", "nothing: text alone"), answers, strict=True)
    ]
    scores = [[np.log(p + keras.config.epsilon()) for p in probabilities] for probabilities in answers]
    for name, views in (("128 + 128 features", features), ("14 + 14 scores", scores)):
        training.make_deterministic(0)
        joined = [fusion.join(*part) for part in zip(*views, strict=True)]
        fit = training.fit(
            fusion.joint_layer(joined[0].shape[1]),
            *zip(joined, labels, strict=True),
            epochs=epochs,
            learning_rate=1e-3,
            patience=5,
        )
        rows.append({"joined": name} | _kept(fit))
    return pd.DataFrame(rows)


def kernel_tuning(features: kernels.Features, labels: np.ndarray, folds: np.ndarray) -> pd.DataFrame:
    """The kernels' settings, one changed at a time, by out-of-fold answers to training videos.

    `labels` and `folds` are (n,). One row a trial: `view`, `setting`, `value`, whether it is `chosen`, `n`,
    `right`, and the log `loss` at the best temperature.
    """
    rows = []
    for setting, values in KERNEL_CHANGES.items():
        view = setting.split("_")[0].replace("sentence", "title")
        if view != "title" and features.thumbnail is None:
            continue
        for value in values:
            settings = dataclasses.replace(kernels.CHOSEN, **{setting: value})
            scores = kernels.out_of_fold(view, features, labels, folds, settings)
            probabilities = late_fusion.combine([scores], late_fusion.fit_weights([scores], labels))
            measured = _measured(labels, probabilities)
            rows.append(
                {"view": view, "setting": setting, "value": value}
                | {"chosen": settings == kernels.CHOSEN, "n": len(labels)}
                | {"n_correct": int((scores.argmax(axis=1) == labels).sum()), "loss": measured["val_loss"]}
            )
    return pd.DataFrame(rows)


def _head_alone(
    train: Images, validation: Images, settings: dict[str, Any], epochs: int
) -> tuple[keras.Model, dict[str, Any]]:
    base = xception_base(settings["side"])
    maps = [image.feature_maps(base, images) for images, _ in (train, validation)]
    started = time.monotonic()
    head, fit = _fit_head(maps, [train[1], validation[1]], settings, epochs)
    return head, _row("head alone", "ImageNet", settings, fit, started)


def _fit_head(
    maps: list[np.ndarray], labels: list[np.ndarray], settings: dict[str, Any], epochs: int
) -> tuple[keras.Model, training.Fitted]:
    training.make_deterministic(0)
    head = image.head(maps[0].shape[1:], settings["dropout"])
    fit = training.fit(
        head,
        *zip(maps, labels, strict=True),
        epochs=epochs,
        batch_size=settings["batch_size"],
        learning_rate=settings["learning_rate"],
    )
    return head, fit


def _normalization(
    train: Images,
    validation: Images,
    best: dict[str, Any],
    start: list[np.ndarray],
    statistics: str,
    learning_rate: float,
) -> dict[str, Any]:
    settings = {name: best[name] for name in HEAD} | {"learning_rate": learning_rate}
    base = xception_base(settings["side"])
    image.train_batch_normalization_only(base)
    training.make_deterministic(0)
    head = image.head(base.output_shape[1:], settings["dropout"])
    head.set_weights(start)
    build = image.with_fixed_statistics if statistics == "ImageNet" else image.image_model
    squares = [(image.prepare(images, settings["side"]), labels) for images, labels in (train, validation)]
    started = time.monotonic()
    fit = training.fit(
        build(base, head),
        *squares,
        epochs=1,
        learning_rate=learning_rate,
        batch_size=settings["batch_size"],
    )
    return _row("and batch normalization", statistics, settings, fit, started)


def _row(
    trained: str, statistics: str, settings: dict[str, Any], fit: training.Fitted, started: float
) -> dict[str, Any]:
    seconds = round(time.monotonic() - started)
    return {"trained": trained, "statistics": statistics} | settings | _kept(fit) | {"seconds": seconds}


def _kept(fit: training.Fitted) -> dict[str, float]:
    kept = fit.history.set_index("epoch").loc[fit.best_epoch]
    measures = {name: round(float(kept[name]), 4) for name in ("val_loss", "val_accuracy")}
    return {"epochs": len(fit.history)} | measures


def _measured(truth: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    loss = float(keras.losses.SparseCategoricalCrossentropy()(truth, probabilities))
    right = float((probabilities.argmax(axis=1) == truth).mean())
    return {"val_loss": round(loss, 4), "val_accuracy": round(right, 4)}
