"""A training's state after its last epochs, on disk, so that one that was killed goes on and ends the same.

Keras's own BackupAndRestore is not enough: it keeps neither history nor early stopping, loads a file that is
damaged but can be read, and would go on from the state of another training.
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
from ytcat.quiet_tensorflow import keras

KEPT = 2  # the last epoch, and the one before in case the last one's file gets damaged
DIGEST_BYTES = 32  # of SHA-256, which ends the file
STOPPING = ("wait", "stopped_epoch", "best", "best_epoch")  # of EarlyStopping, beside the best weights


def fingerprint(model: keras.Model, *inputs: np.ndarray, **settings: Any) -> str:
    """SHA-256 of what a training starts from: the compiled model, its state, the data and the settings."""
    # Keras numbers the layers that have no name of their own by how many this process has made.
    layers = re.sub(r'_\d+"', '"', model.to_json())
    digest = hashlib.sha256(json.dumps([layers, settings], sort_keys=True).encode())
    for values in [*(keras.ops.convert_to_numpy(variable) for variable in model.variables), *inputs]:
        digest.update(f"{values.dtype}{values.shape}{_sha256(values)}".encode())
    return digest.hexdigest()


class Checkpoints(keras.callbacks.Callback):
    """Keeps the state after each of the last two epochs in a folder, and begins with the newest of them.

    To be the last of the callbacks. A file that is damaged, or of a training with another fingerprint, is
    named in the log and not used. `rows` is the history that grows an epoch a row; it is filled with what is
    found, and `done` is the `initial_epoch` for `model.fit`.
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
        self.found, facts = self._newest()
        self.rows += facts.get("rows", [])
        self.stopping = facts.get("stopping") or {}
        self.done = epochs if self.stopping.get("stopped_epoch") else len(self.rows)

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Bring model, optimizer and early stopping to the state that was found."""
        start = self.model.get_weights()
        # Frozen weights (word vectors, ImageNet) are most of some models: what has not changed is not kept.
        self.frozen = {
            number: _sha256(start[number])
            for number, weight in enumerate(self.model.weights)
            if not weight.trainable
        }
        self.model.optimizer.build(self.model.trainable_variables)
        if self.found is None:
            return
        self.model.set_weights(self._weights("weight", start))
        for number, variable in enumerate(self._others()):
            variable.assign(self.found[f"other_{number}"])
        if self.stop:
            for name, value in self.stopping.items():
                setattr(self.stop, name, value)
            kept = "weight" if self.stop.best_epoch + 1 == len(self.rows) else "best"
            self.stop.best_weights = self._weights(kept, start)
        self.found = None  # as large as the model

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the epoch's file, whole or not at all, and remove those before the last two."""
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
            kept = {self._path(number) for number in range(epoch + 2 - KEPT, epoch + 2)}
            # Among the others are the temporary files of writes that were killed.
            for path in set(self.folder.glob("*epoch-*")) - kept:
                path.unlink()
        except OSError as error:  # a full disk, say: no reason to lose the training itself
            self._say(epoch + 1, f"cannot be kept for a resumption: {error}")

    def _newest(self) -> tuple[dict[str, np.ndarray] | None, dict[str, Any]]:
        """Arrays and facts of the newest file that can be used; None and no facts if there is none."""
        paths_found = sorted(self.folder.glob("epoch-*"), reverse=True)
        for path in paths_found:
            number = int(path.name.removeprefix("epoch-"))
            arrays = read(path)
            if arrays is None:
                self._say(number, f"not used, the file is damaged: {paths.portable(path)}")
                continue
            facts = json.loads(str(arrays["facts"]))
            if facts["fingerprint"] == self.fingerprint:
                return arrays, facts
            self._say(number, f"not used, the file is of another training: {paths.portable(path)}")
        if paths_found:
            self._say(0, "from the beginning: no epoch is kept that can be used")
        return None, {}

    def _others(self) -> list[keras.Variable]:
        """What changes beside the weights: the states of random numbers, and the optimizer's variables."""
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
        return [self.found.get(f"{kind}_{number}", values) for number, values in enumerate(start)]

    def _path(self, number: int) -> Path:
        return self.folder / f"epoch-{number:04d}"

    def _say(self, number: int, text: str) -> None:
        print(f"epoch {number:2d}/{self.epochs}  {text}", flush=True)


def read(path: Path) -> dict[str, np.ndarray] | None:
    """The arrays of a file, or None if it is not as it was written."""
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
