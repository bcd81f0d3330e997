"""Training: the same seed gives the same weights, one line of log an epoch, the best epoch is kept."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ytcat.models.checkpoint import Checkpoints, fingerprint
from ytcat.quiet_tensorflow import keras, tf

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
    checkpoints: Path | None = None,
) -> Fitted:
    """Train with Adam and early stopping on the validation loss; labels are (n,) ints in 0..13.

    The weights of the epoch with the lowest validation loss are restored at the end; those the model came
    with if no epoch's is below `loss_to_beat`, their own validation loss. With a patience of 0 nothing is
    stopped or restored: the last epoch's weights are kept. For `checkpoints` see `through_epochs`.
    """
    before = model.get_weights() if np.isfinite(loss_to_beat) else None
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    stop = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    x, y = train
    history = through_epochs(
        model,
        x,
        y,
        validation=validation,
        epochs=epochs,
        stop=stop if patience else None,
        checkpoints=checkpoints,
        stands_on=[array for inputs, truth in (train, validation) for array in (*_listed(inputs), truth)],
        batch_size=batch_size,
    )
    if not patience:
        return Fitted(history, len(history))
    best = history.loc[history["val_loss"].idxmin()]
    if best["val_loss"] >= loss_to_beat:
        model.set_weights(before)
        return Fitted(history, 0)
    return Fitted(history, int(best["epoch"]))


def through_epochs(
    model: keras.Model,
    *train: Any,
    validation: Any,
    epochs: int,
    stop: keras.callbacks.EarlyStopping | None = None,
    checkpoints: Path | None = None,
    stands_on: list[np.ndarray],
    **options: Any,
) -> pd.DataFrame:
    """Train a compiled model and return its history, a row an epoch; `options` are those of Keras's `fit`.

    With a folder for `checkpoints` the last epochs are kept there, and the same training, killed and called
    again, goes on after the last of them and ends with the same weights and history. It is the same if the
    model as it comes, the options, and the data that it `stands_on` are. Call `make_deterministic` first:
    only then does the order of the data, the same in each epoch, follow from the seed.
    """
    log = EpochLog(epochs)
    callbacks = [log, stop] if stop else [log]
    done = 0
    if checkpoints is not None:
        settings = {"epochs": epochs, "patience": stop and stop.patience, "options": options}
        kept = Checkpoints(checkpoints, fingerprint(model, *stands_on, **settings), epochs, log.rows, stop)
        callbacks.append(kept)
        done = kept.done
        log.show_resumed()
    model.fit(
        *train,
        validation_data=validation,
        epochs=epochs,
        initial_epoch=done,
        callbacks=callbacks,
        verbose=0,
        **options,
    )
    return pd.DataFrame(log.rows)


def _listed(inputs: Inputs) -> list[np.ndarray]:
    return inputs if isinstance(inputs, list) else [inputs]


class EpochLog(keras.callbacks.Callback):
    """One line an epoch: Keras's own progress lines are slow to render in a book."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.epochs = epochs
        self.rows: list[dict[str, float]] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Print the epoch's line and keep its figures."""
        self.rows.append({"epoch": epoch + 1} | {name: float(value) for name, value in logs.items()})
        self._show(self.rows[-1])

    def show_resumed(self) -> None:
        """Print the lines of the epochs that were trained before, if any, and that this is so."""
        for row in self.rows:
            self._show(row)
        if self.rows:
            print(f"epoch {len(self.rows):2d}/{self.epochs}  resumed after this epoch", flush=True)

    def _show(self, row: dict[str, float]) -> None:
        print(
            f"epoch {row['epoch']:2d}/{self.epochs}"
            f"  loss {row['loss']:.3f}  accuracy {row['accuracy']:.1%}"
            f"  validation {row['val_loss']:.3f}  {row['val_accuracy']:.1%}",
            flush=True,
        )
