"""Trains networks in child processes that are killed one after the other, until one is done.

python killable.py FOLDER NETWORK,... KILL ...

where a KILL is step=17, before that step of writing files, or time=0.5, after that part of the time that an
undisturbed training takes.

For each network FOLDER/<network> then holds killed.json and undisturbed.json. For `test_checkpoint.py`: every
training has a process of its own, as after a real kill, and none has to import TensorFlow again.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from ytcat.atomic_files import atomic_write
from ytcat.future_directions.better_models import fusion_networks, sentence_encoder
from ytcat.models import image, text, training
from ytcat.pretrained import weights_sha256
from ytcat.quiet_tensorflow import keras, tf

STEPS = {"open", "os.mkdir", "os.rename", "os.remove"}  # Python announces each of them


def early_stopped(checkpoints: Path | None) -> tuple[keras.Model, pd.DataFrame]:
    """Enough videos for epochs of some length, and a best epoch before the last."""
    labels = np.arange(6000) % 3
    inputs = np.eye(3, 8, dtype=np.float32)[labels] + normal(6000, 8)
    layers = [
        keras.Input((8,)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(3, activation="softmax"),
    ]
    model = keras.Sequential(layers)
    parts = (inputs[:4500], labels[:4500]), (inputs[4500:], labels[4500:])
    fitted = training.fit(model, *parts, epochs=18, learning_rate=0.02, patience=4, checkpoints=checkpoints)
    return model, fitted.history


def title(checkpoints: Path | None) -> tuple[keras.Model, pd.DataFrame]:
    """The slides' text model on a small vocabulary."""
    words = np.random.default_rng(1).integers(0, 50, (48, 20), np.int32)
    return fit_few(text.text_model(normal(50, 8)), words, checkpoints)


def batch_normalization(checkpoints: Path | None) -> tuple[keras.Model, pd.DataFrame]:
    """The second phase of the slides' image model, on a small base."""
    layers = [keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization()]
    base = keras.Sequential(layers, name="base")
    image.train_batch_normalization_only(base)
    model = image.with_fixed_statistics(base, image.head(base.output_shape[1:]))
    return fit_few(model, normal(48, 8, 8, 3), checkpoints)


def two_in_a_row(checkpoints: Path | None) -> tuple[keras.Model, pd.DataFrame]:
    """The two networks of chapter 07: the kill hits either, and what was finished is not trained again."""
    first = checkpoints and checkpoints / "gated_unit"
    fit_few(fusion_networks.gated_unit(6, 5), [normal(48, 6), normal(48, 5)], first)
    second = checkpoints and checkpoints / "cross_attention"
    return fit_few(fusion_networks.cross_attention(), [normal(48, 32, 384), normal(48, 8, 2048)], second)


def minilm(checkpoints: Path | None) -> tuple[keras.Model, pd.DataFrame]:
    """The fine-tuned sentence encoder on a few titles."""
    titles, labels = ["Trailer of the film", "Goals of the match"] * 8, np.array([0, 7] * 8)
    settings = {"epochs": 2, "learning_rate": 1e-3, "batch_size": 4, "checkpoints": checkpoints}
    return sentence_encoder.fine_tune((titles, labels), (titles[:4], labels[:4]), **settings)


def fit_few(
    model: keras.Model, inputs: training.Inputs, checkpoints: Path | None
) -> tuple[keras.Model, pd.DataFrame]:
    """Three epochs on 48 videos."""
    data = (inputs, np.arange(48) % 14)
    fitted = training.fit(model, data, data, epochs=3, learning_rate=0.01, checkpoints=checkpoints)
    return model, fitted.history


def normal(*shape: int) -> np.ndarray:
    """Normal noise, always the same."""
    return np.random.default_rng(0).normal(0, 0.8, shape).astype(np.float32)


def start(network: str, out: Path, checkpoints: Path | None, kill_before_step: int = 0) -> int:
    """The process id of a child that trains and writes all that a kill must not change."""
    if pid := os.fork():
        return pid
    steps = 0

    def count(event: str, arguments: tuple) -> None:
        nonlocal steps
        if event in STEPS and str(checkpoints) in str(arguments[0]):
            steps += 1
            if steps == kill_before_step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    training.make_deterministic(3)
    train: Callable[[Path | None], tuple[keras.Model, pd.DataFrame]] = globals()[network]
    model, history = train(checkpoints)
    found = {
        "weights": weights_sha256(model),
        "history": history.to_csv(),
        "best_epoch": int(history["val_loss"].idxmin()) + 1,
        "epochs": len(history),
        "drawn_next": [random.random(), np.random.random(), float(tf.random.uniform(()))],
    }
    atomic_write(out, json.dumps(found))
    os._exit(0)


def main(folder: Path, networks: str, kills: list[str]) -> None:
    """Train undisturbed, then with these kills and once without."""
    for network in networks.split(","):
        undisturbed, out = (folder / network / f"{name}.json" for name in ("undisturbed", "killed"))
        checkpoints = folder / network / "checkpoints"
        started = time.monotonic()
        assert os.waitpid(start(network, undisturbed, None), 0)[1] == 0
        seconds = time.monotonic() - started
        for kill in kills:
            how, number = kill.split("=")
            print(f"kill {kill}", flush=True)
            pid = start(network, out, checkpoints, int(number) if how == "step" else 0)
            if how == "time":
                time.sleep(float(number) * seconds)
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            if out.exists():  # the kill came too late: it is done, and the next kill has a new one
                assert out.read_text() == undisturbed.read_text()
                out.unlink()
                shutil.rmtree(checkpoints)
        assert os.waitpid(start(network, out, checkpoints), 0)[1] == 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
