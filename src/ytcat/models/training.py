"""Training: the same seed gives the same weights, one line of log an epoch, the best epoch is kept."""

from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

Inputs = np.ndarray | list[np.ndarray]


def make_deterministic(seed: int) -> None:
    """Seed Python, NumPy and Keras, and let TensorFlow use deterministic kernels only.

    `keras.utils.set_random_seed` alone does not make two runs equal.
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


@dataclass(frozen=True)
class Fitted:
    """What training leaves beside the model's weights."""

    history: pd.DataFrame  # a row an epoch: epoch (from 1), loss, accuracy, val_loss, val_accuracy
    best_epoch: int  # whose weights the model has, from 1; 0 if those from before were better


def fit(
    model: keras.Model,
    train: tuple[Inputs, np.ndarray],
    validation: tuple[Inputs, np.ndarray],
    *,
    epochs: int,
    learning_rate: float,
    batch_size: int = 32,
    patience: int = 3,
    loss_to_beat: float = np.inf,
) -> Fitted:
    """Train with Adam and early stopping on the validation loss; labels are (n,) ints in 0..13.

    The weights of the epoch with the lowest validation loss are restored at the end; those the model came
    with if no epoch's is below `loss_to_beat`, their own validation loss. With a patience of 0 nothing is
    stopped or restored: the last epoch's weights are kept.
    """
    before = model.get_weights() if np.isfinite(loss_to_beat) else None
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    log = EpochLog(epochs)
    stop = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    callbacks = [log, stop] if patience else [log]
    model.fit(
        *train,
        validation_data=validation,
        epochs=epochs,
        batch_size=batch_size,
        callbacks=callbacks,
        verbose=0,
    )
    history = pd.DataFrame(log.rows)
    if not patience:
        return Fitted(history, len(history))
    best = history.loc[history["val_loss"].idxmin()]
    if best["val_loss"] >= loss_to_beat:
        model.set_weights(before)
        return Fitted(history, 0)
    return Fitted(history, int(best["epoch"]))


class EpochLog(keras.callbacks.Callback):
    """One line an epoch: Keras's own progress lines are slow to render in a book."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.epochs = epochs
        self.rows: list[dict[str, float]] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Print the epoch's line and keep its figures."""
        self.rows.append({"epoch": epoch + 1} | {name: float(value) for name, value in logs.items()})
        print(
            f"epoch {epoch + 1:2d}/{self.epochs}"
            f"  loss {logs['loss']:.3f}  accuracy {logs['accuracy']:.1%}"
            f"  validation {logs['val_loss']:.3f}  {logs['val_accuracy']:.1%}",
            flush=True,
        )
