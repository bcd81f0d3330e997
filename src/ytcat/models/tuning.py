"""Settings that the slides leave open, tried on validation videos; no test video is read."""

import time
from typing import Any

import numpy as np
import pandas as pd

from ytcat.models import fusion, image, training
from ytcat.models.text import text_model
from ytcat.models.tokens import encode
from ytcat.pretrained.glove import glove
from ytcat.pretrained.xception import xception_base
from ytcat.quiet_tensorflow import keras

Images = tuple[np.ndarray, np.ndarray]  # (n, 90, 120, 3) uint8, labels (n,)
Titles = tuple[list[str], np.ndarray]  # titles and labels (n,)

HEAD = {"side": 96, "dropout": 0.5, "batch_size": 128, "learning_rate": 3e-4}
# What each run changes in `HEAD`: one setting, but a smaller batch comes with a smaller learning rate.
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
# While batch normalization is trained: the statistics it normalizes by, and the learning rate.
NORMALIZATION = (("ImageNet", 1e-4), ("ImageNet", 1e-5), ("batch", 1e-4))
TEXT_EPOCHS = 20  # in `fusion_tuning`, as chosen by `text_tuning`


def image_tuning(train: Images, validation: Images, epochs: int = 30) -> pd.DataFrame:
    """The head alone with each of `HEAD_CHANGES`; then, from the best, one epoch with each `NORMALIZATION`.

    One row per run: its settings, `epochs` until it stopped, `val_loss` and `val_accuracy` of the epoch with
    the lowest validation loss, `seconds`.
    """
    runs = [
        _head_alone(train, validation, HEAD | change, epochs)
        for change in sorted(HEAD_CHANGES, key=lambda change: change.get("side", HEAD["side"]))
    ]
    head, best = min(runs, key=lambda run: run[1]["val_loss"])
    start = head.get_weights()
    rows = [row for _, row in runs]
    for statistics, learning_rate in NORMALIZATION:
        rows.append(_normalization(train, validation, best, start, statistics, learning_rate))
    return pd.DataFrame(rows)


def text_tuning(train: Titles, validation: Titles, epochs: int = 28) -> pd.DataFrame:
    """The slides' text model, trained past its lowest loss to choose the number of epochs.

    One row per epoch: `epoch` and Keras's history with `top5`.
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
    """Which layers of the two models to join: their 128 features each, or their 14 log probabilities each.

    `train`, `validation`: images, titles and labels. `head`: settings as in `HEAD`, for an image model with a
    frozen base. One row per run, as in `image_tuning`, after one for each model alone.
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
    probabilities = [[model.predict(x, verbose=0) for x in inputs] for model, inputs in pairs]
    features = [fusion.features(model, inputs) for model, inputs in pairs]
    rows = [
        {"joined": f"nothing: {name} alone", "epochs": 0} | _measured(labels[1], of_model[1])
        for name, of_model in zip(("image", "text"), probabilities, strict=True)
    ]
    scores = [[np.log(p + keras.config.epsilon()) for p in of_model] for of_model in probabilities]
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
        rows.append({"joined": name} | _best_epoch(fit))
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
) -> tuple[keras.Model, training.TrainingResult]:
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
    trained: str, statistics: str, settings: dict[str, Any], fit: training.TrainingResult, started: float
) -> dict[str, Any]:
    seconds = round(time.monotonic() - started)
    return {"trained": trained, "statistics": statistics} | settings | _best_epoch(fit) | {"seconds": seconds}


def _best_epoch(fit: training.TrainingResult) -> dict[str, float]:
    best = fit.history.set_index("epoch").loc[fit.best_epoch]
    return {"epochs": len(fit.history)} | {
        name: round(float(best[name]), 4) for name in ("val_loss", "val_accuracy")
    }


def _measured(truth: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    loss = float(keras.losses.SparseCategoricalCrossentropy()(truth, probabilities))
    accuracy = float((probabilities.argmax(axis=1) == truth).mean())
    return {"val_loss": round(loss, 4), "val_accuracy": round(accuracy, 4)}
