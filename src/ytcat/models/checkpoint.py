"""The state of a training after its last epochs, on disk, so that a killed one resumes and ends the same.

Keras's BackupAndRestore is not enough: it stores neither the history nor the state of early stopping, loads a
file that is damaged but readable, and resumes from the state of another training.
"""

import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from ytcat import paths
from ytcat.atomic_files import atomic_path, sha256_file
from ytcat.fingerprints import fingerprint
from ytcat.quiet_tensorflow import keras

EPOCHS_STORED = 2  # the last epoch, and the one before in case the file of the last one gets damaged
DIGEST_BYTES = 32  # length of the SHA-256 at the end of a file
STOPPING = ("wait", "stopped_epoch", "best", "best_epoch")  # state of EarlyStopping beside the best weights


def training_fingerprint(model: keras.Model, arrays: list[np.ndarray], settings: dict[str, Any]) -> str:
    """SHA-256 of the inputs of a training: the compiled model, its state, the data and the settings."""
    # Keras numbers layers without a name by how many this process has made.
    layers = re.sub(r'_\d+"', '"', model.to_json())
    state = [keras.ops.convert_to_numpy(variable) for variable in model.variables]
    hashes = [f"{values.dtype}{values.shape}{_sha256(values)}" for values in (*state, *arrays)]
    return fingerprint(layers=layers, settings=settings, arrays=hashes)


class Checkpoints(keras.callbacks.Callback):
    """Stores the state after each of the last two epochs in a folder, and starts from the newest of them.

    To be the last of the callbacks. A file that is damaged, or of a training with another fingerprint, is
    named in the log and not used. `rows` is the history, to which each epoch adds a row; it is filled with
    the rows of the stored epoch. `done` is the `initial_epoch` for `model.fit`.
    """

    def __init__(
        self,
        folder: Path,
        fingerprint: str,
        epochs: int,
        rows: list[dict[str, float]],
        stop: keras.callbacks.EarlyStopping | None,
    ) -> None:
        super().__init__()
        self.folder, self.fingerprint = folder, fingerprint
        self.epochs, self.rows, self.stop = epochs, rows, stop
        self.stored, facts = self._newest()
        self.rows += facts.get("rows", [])
        self.stopping = facts.get("stopping") or {}
        self.done = epochs if self.stopping.get("stopped_epoch") else len(self.rows)

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Bring model, optimizer and early stopping to the stored state."""
        start = self.model.get_weights()
        # Frozen weights (word vectors, ImageNet) are most of some models: unchanged ones are not stored.
        self.frozen = {
            number: _sha256(start[number])
            for number, weight in enumerate(self.model.weights)
            if not weight.trainable
        }
        self.model.optimizer.build(self.model.trainable_variables)
        if self.stored is None:
            return
        self.model.set_weights(self._weights("weight", start))
        for number, variable in enumerate(self._others()):
            variable.assign(self.stored[f"other_{number}"])
        if self.stop:
            for name, value in self.stopping.items():
                setattr(self.stop, name, value)
            kind = "weight" if self.stop.best_epoch + 1 == len(self.rows) else "best"
            self.stop.best_weights = self._weights(kind, start)
        self.stored = None  # as large as the model

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the epoch's file, whole or not at all, and remove the files before the last two."""
        arrays = self._arrays("weight", self.model.get_weights())
        for number, variable in enumerate(self._others()):
            arrays[f"other_{number}"] = keras.ops.convert_to_numpy(variable)
        stopping = self.stop and {name: getattr(self.stop, name) for name in STOPPING}
        if self.stop and self.stop.best_epoch != epoch:
            arrays |= self._arrays("best", self.stop.best_weights)
        facts = {"fingerprint": self.fingerprint, "rows": self.rows, "stopping": stopping}
        try:
            with atomic_path(self._path(epoch + 1)) as temporary:
                with temporary.open("wb") as stream:
                    np.savez(stream, facts=json.dumps(facts), **arrays)
                digest = sha256_file(temporary)
                with temporary.open("ab") as stream:
                    stream.write(bytes.fromhex(digest))
            last = {self._path(number) for number in range(epoch + 2 - EPOCHS_STORED, epoch + 2)}
            # Among the others are the temporary files of writes that were killed.
            for path in set(self.folder.glob("*epoch-*")) - last:
                path.unlink()
        except OSError as error:  # a full disk, say: no reason to lose the training itself
            self._log(epoch + 1, f"cannot be stored for a resumption: {error}")

    def _newest(self) -> tuple[dict[str, np.ndarray] | None, dict[str, Any]]:
        """Arrays and facts of the newest usable file; None and no facts if there is none."""
        stored = sorted(self.folder.glob("epoch-*"), reverse=True)
        for path in stored:
            number = int(path.name.removeprefix("epoch-"))
            arrays = read(path)
            if arrays is None:
                self._log(number, f"not used, the file is damaged: {paths.portable(path)}")
                continue
            facts = json.loads(str(arrays["facts"]))
            if facts["fingerprint"] == self.fingerprint:
                return arrays, facts
            self._log(number, f"not used, the file is of another training: {paths.portable(path)}")
        if stored:
            self._log(0, "from the beginning: no stored epoch can be used")
        return None, {}

    def _others(self) -> list[keras.Variable]:
        """The variables that change beside the weights: random states, and those of the optimizer."""
        weights = {id(weight) for weight in self.model.weights}
        own = [variable for variable in self.model.variables if id(variable) not in weights]
        return own + self.model.optimizer.variables

    def _arrays(self, kind: str, weights: list[np.ndarray]) -> dict[str, np.ndarray]:
        return {
            f"{kind}_{number}": values
            for number, values in enumerate(weights)
            if number not in self.frozen or _sha256(values) != self.frozen[number]
        }

    def _weights(self, kind: str, start: list[np.ndarray]) -> list[np.ndarray]:
        return [self.stored.get(f"{kind}_{number}", values) for number, values in enumerate(start)]

    def _path(self, number: int) -> Path:
        return self.folder / f"epoch-{number:04d}"

    def _log(self, number: int, text: str) -> None:
        print(f"epoch {number:2d}/{self.epochs}  {text}", flush=True)


def read(path: Path) -> dict[str, np.ndarray] | None:
    """The arrays of a file, or None if it is missing or damaged."""
    try:
        content = memoryview(path.read_bytes())
    except OSError:
        return None
    body, digest = content[:-DIGEST_BYTES], content[-DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        return None
    with np.load(io.BytesIO(body), allow_pickle=False) as file:
        return dict(file)


def _sha256(values: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values)).hexdigest()
