"""A killed training ends as an undisturbed one; a damaged file is named and the one before is used."""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytcat.models import checkpoint, training
from ytcat.pretrained import weights_sha256
from ytcat.quiet_tensorflow import keras

KILLABLE = Path(__file__).with_name("killable.py")
EPOCHS = 4


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the trainings are forked")


def killed(folder, network, *kills):
    """What is left of a training that was killed so often, of an undisturbed one, and what was printed."""
    command = [sys.executable, str(KILLABLE), str(folder), network, *kills]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    ends = (folder / network / f"{name}.json" for name in ("killed", "undisturbed"))
    return *(json.loads(end.read_text()) for end in ends), done.stdout


def test_a_killed_training_ends_as_an_undisturbed_one(tmp_path):
    # The two first epochs take 8 steps each; the sixth step of a resumption is before its file is renamed.
    found, undisturbed, said = killed(tmp_path, "early_stopped", "step=17", "step=6", "time=0.4")
    assert found == undisturbed
    assert found["epochs"] > found["best_epoch"] > 0  # it was stopped early, at the same epoch
    for resumed in said.split("kill ")[2:4]:
        assert "epoch  2/18  resumed after this epoch" in resumed
    names = sorted(path.name for path in (tmp_path / "early_stopped" / "checkpoints").iterdir())
    assert names == [f"epoch-{number:04d}" for number in (found["epochs"] - 1, found["epochs"])]


@pytest.mark.slow
def test_killed_before_each_step_of_saving_and_at_random_moments(tmp_path):
    rng = random.Random(0)
    kills = ["step=17", *(f"step={number}" for number in range(1, 12))]
    times = [f"time={rng.uniform(0, 0.7):.2f}" for _ in range(8)]
    found, undisturbed, said = killed(tmp_path, "early_stopped", *kills, *times)
    assert found == undisturbed
    # The first step of a resumption is to read; a kill before it leaves no line.
    assert said.split("kill time")[0].count("resumed after") == len(kills) - 2


@pytest.mark.slow
@pytest.mark.parametrize("network", ["title", "batch_normalization", "two_in_a_row", "minilm"])
@pytest.mark.parametrize("kill", ["step=10", "step=27"])  # in the second epoch; after the third
def test_each_network_resumes_to_the_same_weights(tmp_path, network, kill):
    found, undisturbed, said = killed(tmp_path, network, kill)
    assert found == undisturbed
    assert "resumed after this epoch" in said or kill == "step=27"


def data(n=60):
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 3
    return np.eye(3, 8, dtype=np.float32)[labels] + rng.normal(0, 0.7, (n, 8)).astype(np.float32), labels


def small_model(dropout=0.5):
    layers = [keras.Input((8,)), keras.layers.Dense(8, "relu"), keras.layers.Dropout(dropout)]
    return keras.Sequential([*layers, keras.layers.Dense(3, "softmax")])


def train(folder, n=60, dropout=0.5, **changed):
    training.make_deterministic(1)
    model = small_model(dropout)
    settings = {"epochs": EPOCHS, "learning_rate": 0.01, "checkpoints": folder} | changed
    fitted = training.fit(model, data(n), data(30), **settings)
    return weights_sha256(model), fitted.history.to_csv(), fitted.best_epoch


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A training's checkpoints, which nobody changes, and what came out."""
    folder = tmp_path_factory.mktemp("finished")
    return folder, train(folder)


def newest(folder):
    return folder / f"epoch-{EPOCHS:04d}"


def emptied(content, at):
    return b""


def truncated(content, at):
    return content[: int(at * (len(content) - 1))]


def scrambled(content, at):
    place = int(at * (len(content) - 1))
    return content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]


def test_checkpoints_change_nothing_and_what_is_finished_is_not_trained_again(finished, tmp_path, capfd):
    folder, expected = finished
    assert train(None) == expected
    shutil.copytree(folder, tmp_path / "copy")
    capfd.readouterr()
    assert train(tmp_path / "copy") == expected
    lines = capfd.readouterr().out.splitlines()
    assert [line[:10] for line in lines] == [f"epoch  {n}/4" for n in (1, 2, 3, 4, 4)]
    assert lines[-1] == "epoch  4/4  resumed after this epoch"
    for path in folder.iterdir():
        assert (tmp_path / "copy" / path.name).read_bytes() == path.read_bytes()


@given(st.sampled_from([emptied, truncated, scrambled]), st.floats(0, 1))
@settings(max_examples=200, deadline=None)
def test_any_damage_is_noticed(finished, damage, at):
    content = newest(finished[0]).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "epoch-0001"
        path.write_bytes(damage(content, at))
        assert checkpoint.read(path) is None
        path.write_bytes(content)
        assert {"facts", "weight_0"} <= set(checkpoint.read(path))


@pytest.mark.parametrize("damage", [emptied, truncated, scrambled, None])
def test_a_damaged_file_is_named_and_the_epoch_before_is_used(finished, tmp_path, capfd, damage):
    folder, expected = finished
    copy = shutil.copytree(folder, tmp_path / "copy")
    if damage is None:
        newest(copy).unlink()
    else:
        newest(copy).write_bytes(damage(newest(copy).read_bytes(), 0.6))
    capfd.readouterr()
    assert train(copy) == expected
    said = capfd.readouterr().out.splitlines()
    if damage is not None:
        assert said[0].startswith("epoch  4/4  not used, the file is damaged: ")
        assert said[0].endswith("copy/epoch-0004")
    assert "epoch  3/4  resumed after this epoch" in said
    assert newest(copy).read_bytes() == newest(folder).read_bytes()


def test_with_both_damaged_it_starts_over_and_says_so(finished, tmp_path, capfd):
    folder, expected = finished
    for path in shutil.copytree(folder, tmp_path / "copy").iterdir():
        path.write_bytes(scrambled(path.read_bytes(), 0.5))
    capfd.readouterr()
    assert train(tmp_path / "copy") == expected
    said = capfd.readouterr().out.splitlines()
    assert [line[:21] for line in said[:3]] == [
        "epoch  4/4  not used,",
        "epoch  3/4  not used,",
        "epoch  0/4  from the ",
    ]
    assert len(said) == 3 + EPOCHS


@pytest.mark.parametrize(
    "changed", [{"n": 61}, {"dropout": 0.4}, {"learning_rate": 0.02}, {"epochs": 5}, {"patience": 2}]
)
def test_another_training_does_not_go_on_from_there(finished, tmp_path, capfd, changed):
    copy = shutil.copytree(finished[0], tmp_path / "copy")
    (copy / ".epoch-0005.0123456789ab.tmp").write_bytes(b"left by a write that was killed")
    expected = train(None, **changed)
    capfd.readouterr()
    assert train(copy, **changed) == expected
    assert "not used, the file is of another training" in capfd.readouterr().out
    assert len([*copy.iterdir()]) == 2  # those of the training before are gone


def test_a_checkpoint_that_cannot_be_written_does_not_end_the_training(finished, tmp_path, capfd):
    (tmp_path / "file").write_text("in the way")
    assert train(tmp_path / "file") == finished[1]
    assert capfd.readouterr().out.count("cannot be stored for a resumption") == EPOCHS


def test_what_is_frozen_is_not_kept(tmp_path):
    """Neither in the last epoch's weights nor in the best ones."""
    training.make_deterministic(1)
    model = small_model()
    model.layers[0].trainable = False
    fitted = training.fit(model, data(), data(30), epochs=3, learning_rate=30.0, checkpoints=tmp_path)
    assert fitted.best_epoch < 3  # so that the best weights are in the file, too
    kept = {name: values.shape for name, values in checkpoint.read(tmp_path / "epoch-0003").items()}
    assert {name: shape for name, shape in kept.items() if name[0] in "wb"} == {
        "weight_2": (8, 3),
        "weight_3": (3,),
        "best_2": (8, 3),
        "best_3": (3,),
    }
