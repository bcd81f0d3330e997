"""Trials of what the slides leave open, on validation videos; no test video is read."""

import time

import keras
import numpy as np
import pandas as pd

from ytcat.models import image, training
from ytcat.models.text import text_model
from ytcat.pretrained import glove, xception_base
from ytcat.words import encode

SIDE = 96
HEADS = ({"batch_size": 128, "learning_rate": 3e-4}, {"batch_size": 32, "learning_rate": 1e-4})
STATISTICS = ("ImageNet", "batch")  # by which batch normalization normalizes while it is trained


def image_trials(
    train: tuple[np.ndarray, np.ndarray], validation: tuple[np.ndarray, np.ndarray], head_epochs: int = 22
) -> pd.DataFrame:
    """The head alone in each way of `HEADS`, then one epoch of batch normalization in each of `STATISTICS`.

    `train`, `validation`: images (n, 90, 120, 3) uint8 and labels (n,). The second kind starts from the first
    head. One row a trial: its settings, `val_loss` and `val_accuracy` of the epoch kept, `seconds`.
    """
    base = xception_base(SIDE)
    parts = (train, validation)
    maps = [(image.feature_maps(base, pictures), labels) for pictures, labels in parts]
    heads = [_head_alone(base, maps, head_epochs, **settings) for settings in HEADS]
    start = heads[0][0].get_weights()
    squares = [(image.prepare(pictures, SIDE), labels) for pictures, labels in parts]
    return pd.DataFrame(
        [row for _, row in heads] + [_batch_normalization(squares, start, way) for way in STATISTICS]
    )


def text_trial(
    train: tuple[list[str], np.ndarray], validation: tuple[list[str], np.ndarray], epochs: int = 28
) -> pd.DataFrame:
    """The slides' text model trained longer than is good for its loss, to choose the number of epochs.

    `train`, `validation`: titles and labels (n,). One row an epoch: `epoch` and Keras's history with `top5`.
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


def _head_alone(
    base: keras.Model,
    maps: list[tuple[np.ndarray, np.ndarray]],
    epochs: int,
    batch_size: int,
    learning_rate: float,
) -> tuple[keras.Model, dict[str, object]]:
    training.make_deterministic(0)
    head = image.head(base.output_shape[1:])
    started = time.monotonic()
    fit = training.fit(head, *maps, epochs=epochs, batch_size=batch_size, learning_rate=learning_rate)
    return head, _row("head alone", "ImageNet", batch_size, learning_rate, fit, started)


def _batch_normalization(
    squares: list[tuple[np.ndarray, np.ndarray]], start: list[np.ndarray], statistics: str
) -> dict[str, object]:
    base = xception_base(SIDE)
    image.train_batch_normalization_only(base)
    training.make_deterministic(0)
    head = image.head(base.output_shape[1:])
    head.set_weights(start)
    build = image.with_fixed_statistics if statistics == "ImageNet" else image.image_model
    started = time.monotonic()
    fit = training.fit(build(base, head), *squares, epochs=1, learning_rate=1e-4, batch_size=32)
    return _row("and batch normalization", statistics, 32, 1e-4, fit, started)


def _row(
    trained: str, statistics: str, batch_size: int, learning_rate: float, fit: training.Fitted, started: float
) -> dict[str, object]:
    kept = fit.history.set_index("epoch").loc[fit.best_epoch]
    return {
        "trained": trained,
        "statistics": statistics,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "epochs": len(fit.history),
        "val_loss": round(kept["val_loss"], 4),
        "val_accuracy": round(kept["val_accuracy"], 4),
        "seconds": round(time.monotonic() - started),
    }
