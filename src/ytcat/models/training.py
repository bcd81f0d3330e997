"""Training: the same seed gives the same weights; one line of log per epoch; the best epoch's weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ytcat.models.batches import Inputs, in_batches
from ytcat.models.checkpoint import Checkpoints, training_fingerprint
from ytcat.models.optimizers import adam
from ytcat.progress import Progress, say
from ytcat.quiet_tensorflow import keras, tf

# Steps that TensorFlow takes in one call of its graph, in a training of so many: the weights are the same to
# the bit, a step takes less time, and the graph a second more to build.
STEPS_AT_ONCE, MANY_STEPS = 8, 250


def make_deterministic(seed: int) -> None:
    """Seed Python, NumPy and Keras, and let TensorFlow use deterministic kernels only.

    `keras.utils.set_random_seed` alone does not make two runs equal.
    """
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


@dataclass(frozen=True)
class TrainingResult:
    """The history of a training and the epoch whose weights the model has."""

    history: pd.DataFrame  # one row per epoch: epoch (from 1), loss, accuracy, val_loss, val_accuracy
    best_epoch: int  # from 1; 0 if the model has the weights that it had before


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
) -> TrainingResult:
    """Train with Adam and early stopping on the validation loss; labels are (n,) ints in 0..13.

    At the end the model has the weights of the epoch with the lowest validation loss; if none is below
    `loss_to_beat`, the validation loss of the weights before training, it has those. With a patience of 0
    training runs to the end, and the model has the last epoch's weights. For `checkpoints` see
    `through_epochs`.
    """
    before = model.get_weights() if np.isfinite(loss_to_beat) else None
    steps = epochs * len(train[1]) // batch_size
    model.compile(
        optimizer=adam(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=STEPS_AT_ONCE if steps >= MANY_STEPS else 1,
    )
    stop = keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True)
    history = through_epochs(
        model,
        in_batches(*train, batch_size=batch_size, shuffle=True),
        validation=in_batches(*validation, batch_size=batch_size),
        epochs=epochs,
        stop=stop if patience else None,
        checkpoints=checkpoints,
        arrays=[array for inputs, truth in (train, validation) for array in (*_listed(inputs), truth)],
        settings={"batch_size": batch_size},
    )
    if not patience:
        return TrainingResult(history, len(history))
    best = history.loc[history["val_loss"].idxmin()]
    if best["val_loss"] >= loss_to_beat:
        model.set_weights(before)
        return TrainingResult(history, 0)
    return TrainingResult(history, int(best["epoch"]))


def through_epochs(
    model: keras.Model,
    train: tf.data.Dataset,
    *,
    validation: tf.data.Dataset,
    epochs: int,
    stop: keras.callbacks.EarlyStopping | None = None,
    rates: "ScheduledRate | None" = None,
    checkpoints: Path | None = None,
    arrays: list[np.ndarray],
    settings: Mapping[str, Any],
) -> pd.DataFrame:
    """Train a compiled model on batches and return its history, one row per epoch.

    `rates` sets the learning rate of each step; without it that of the optimizer stays. With a folder for
    `checkpoints`, the state after the last epochs is stored there, and the same training, killed and called
    again, resumes after the last of them and ends with the same weights and history. Two trainings are the
    same if the model, the data (`arrays`) and what their batches follow from (`settings`) are equal. Call
    `make_deterministic` first: only then does the order of the data, the same in each epoch, follow from the
    seed.
    """
    log = EpochLog(epochs)
    callbacks = [callback for callback in (rates, log, stop) if callback]
    done = 0
    if checkpoints is not None:
        settings = {"epochs": epochs, "patience": stop and stop.patience, **settings}
        stored = Checkpoints(
            checkpoints, training_fingerprint(model, arrays, settings), epochs, log.rows, stop
        )
        callbacks.append(stored)
        done = stored.done
        log.show_resumed()
    _create_variables(model)
    with Progress("Training", epochs, " epochs", done) as log.progress:
        model.fit(
            train,
            validation_data=validation,
            epochs=epochs,
            initial_epoch=done,
            callbacks=callbacks,
            verbose=0,
            shuffle=False,  # they are shuffled already
        )
    return pd.DataFrame(log.rows)


def _create_variables(model: keras.Model) -> None:
    """Make the variables of optimizer and metrics, which otherwise have the graph of a step traced twice."""
    model.optimizer.build(model.trainable_variables)
    model.compute_metrics(x=None, y=np.zeros(1, np.int64), y_pred=np.zeros((1, *model.output_shape[1:])))
    model.reset_metrics()


def in_phases(phases: Mapping[str, TrainingResult]) -> TrainingResult:
    """Trainings of one model, one after the other, as one; `phases` are their results by name.

    The history gets a column `phase` and counts epochs through all phases. The best epoch is that of the last
    phase with an epoch better than `loss_to_beat`.
    """
    named = [result.history.assign(phase=name) for name, result in phases.items()]
    history = pd.concat(named, ignore_index=True)
    history["epoch"] = range(1, len(history) + 1)
    best_epoch = epochs_before = 0
    for result in phases.values():
        if result.best_epoch:
            best_epoch = epochs_before + result.best_epoch
        epochs_before += len(result.history)
    return TrainingResult(history, best_epoch)


def _listed(inputs: Inputs) -> list[np.ndarray]:
    return inputs if isinstance(inputs, list) else [inputs]


class ScheduledRate(keras.callbacks.Callback):
    """Sets the learning rate before each step.

    An optimizer that is given the schedule itself builds it into the graph again for each weight that decays:
    for the sentence encoder a hundred times, which takes seconds before the first step.
    """

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule) -> None:
        super().__init__()
        self.schedule = schedule

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Assign the rate of the step that comes."""
        optimizer = self.model.optimizer
        optimizer.learning_rate = self.schedule(optimizer.iterations)


class EpochLog(keras.callbacks.Callback):
    """Prints one line per epoch: Keras's own progress lines are slow to render in a book."""

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.epochs = epochs
        self.rows: list[dict[str, float]] = []
        self.progress: Progress | None = None

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Print the epoch's line and add its figures to `rows`."""
        self.rows.append({"epoch": epoch + 1} | {name: float(value) for name, value in logs.items()})
        self._show(self.rows[-1])
        if self.progress:
            self.progress.add()

    def show_resumed(self) -> None:
        """Print the lines of the epochs that an earlier process trained, if any, and one that says so."""
        for row in self.rows:
            self._show(row)
        if self.rows:
            say(f"epoch {len(self.rows):2d}/{self.epochs}  resumed after this epoch")

    def _show(self, row: dict[str, float]) -> None:
        say(
            f"epoch {row['epoch']:2d}/{self.epochs}"
            f"  loss {row['loss']:.3f}  accuracy {row['accuracy']:.1%}"
            f"  validation {row['val_loss']:.3f}  {row['val_accuracy']:.1%}"
        )
