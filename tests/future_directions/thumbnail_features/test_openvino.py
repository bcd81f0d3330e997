"""OpenVINO computes nearly what Keras does; without it Keras computes; the features of the two stay apart."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ytcat.corpus import load
from ytcat.exceptions import YtcatError
from ytcat.future_directions.thumbnail_features import encoder as enlarged
from ytcat.future_directions.thumbnail_features import openvino, store
from ytcat.pretrained import weights_sha256
from ytcat.quiet_tensorflow import keras

COSINE = 0.998  # of each picture's pooled features with Keras's


@pytest.fixture(scope="module")
def thumbnails() -> np.ndarray:
    """More than a batch of pictures of coloured noise, coarse and fine."""
    rng = np.random.default_rng(0)
    made = []
    for size in (2, 5, 15, 30) * (enlarged.BATCH_SIZE // 3):
        coarse = rng.integers(0, 256, (90 // size + 1, 120 // size + 1, 3), dtype=np.uint8)
        made.append(coarse.repeat(size, axis=0).repeat(size, axis=1)[:90, :120])
    return enlarged.prepare(np.stack(made))


@pytest.fixture(scope="module")
def compiled(openvino_installed) -> openvino.CompiledModel:
    return store.encoder(openvino.OPENVINO)


def cosines(a, b):
    a, b = a.reshape(len(a), -1), b.reshape(len(b), -1)
    return (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def test_features_are_those_of_keras_nearly(compiled, thumbnails):
    keras_encoder = store.encoder(openvino.KERAS)
    assert weights_sha256(compiled) == weights_sha256(keras_encoder)
    ours, stock = (enlarged.encode(encoder, thumbnails) for encoder in (compiled, keras_encoder))
    assert ours.keys() == stock.keys()
    for name, expected in stock.items():
        assert ours[name].shape == expected.shape and ours[name].dtype == expected.dtype
    assert cosines(ours["pooled"], stock["pooled"]).min() > COSINE
    assert cosines(ours["maps"], stock["maps"]).mean() > COSINE


def test_features_of_a_picture_do_not_depend_on_what_it_is_with(compiled, thumbnails):
    together = enlarged.encode(compiled, thumbnails)
    for rows in ([0], [enlarged.BATCH_SIZE + 2], [5, 2, 9], np.arange(len(thumbnails))[::-1]):
        apart = enlarged.encode(compiled, thumbnails[rows])
        for name, values in together.items():
            np.testing.assert_array_equal(apart[name], values[rows])


def test_any_frozen_network_and_size_of_batch_will_do(compiled):
    model = keras.Sequential(
        [keras.Input((9, 9, 3)), keras.layers.Conv2D(16, 3), keras.layers.Flatten(), keras.layers.Dense(5)]
    )
    x = np.random.default_rng(0).normal(size=(7, 9, 9, 3)).astype(np.float32)
    found = openvino.with_backend(openvino.OPENVINO, model).predict(x, batch_size=3)
    expected = model.predict(x, verbose=0)
    assert found.shape == (7, 5)
    np.testing.assert_allclose(found, expected, atol=0.05 * np.abs(expected).max())


def test_the_features_of_two_backends_are_never_mixed(compiled, corpus_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    corpus = load(corpus_folder(4))
    first, others = np.array([0, 1]), np.array([2, 3])

    def found(rows, name):
        return store.thumbnails(corpus, rows, backend=name)

    by_openvino = found(first, openvino.OPENVINO)  # each computes some of the rows before the other
    by_keras = found(np.arange(4), openvino.KERAS)
    assert len([path for path in (tmp_path / "build" / "features").iterdir() if path.is_dir()]) == 2
    by_openvino = np.concatenate([by_openvino, found(others, openvino.OPENVINO)])
    images = enlarged.prepare(corpus.images(np.arange(4)))
    for name, kept in ((openvino.OPENVINO, by_openvino), (openvino.KERAS, by_keras)):
        anew = enlarged.encode(store.encoder(name), images)["pooled"]
        np.testing.assert_array_equal(kept, anew)
        np.testing.assert_array_equal(found(np.arange(4), name), kept)
    assert (by_openvino != by_keras).any(axis=1).all()


def test_the_features_of_keras_depend_on_no_backend():
    assert openvino.cache_key_parts(store.encoder(openvino.KERAS)) == {}
    assert openvino.backend_name(store.encoder(openvino.KERAS)) == "Keras"


def test_without_openvino_keras_answers_and_one_line_says_so(tmp_path):
    """In a process of its own, where the import fails as if it were not installed."""
    code = """
import sys
sys.modules["openvino"] = None
from ytcat.future_directions.thumbnail_features import openvino
from ytcat.quiet_tensorflow import keras
stock = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
model = openvino.with_backend("openvino", stock)
assert model is stock and openvino.cache_key_parts(model) == {}
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line == "OpenVINO is not installed (pip install '.[fast]'): Keras computes, which is slower."


def test_openvino_tells_nobody_and_prints_nothing(openvino_installed, tmp_path):
    """In a process with a home of its own: the telemetry package would keep its client's number there."""
    code = """
import sys
from ytcat.quiet_tensorflow import keras
from ytcat.future_directions.thumbnail_features import openvino
model = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
import numpy as np
openvino.with_backend("openvino", model).predict(np.ones((2, 4, 4, 3), np.float32))
assert not any(name.startswith("openvino_telemetry.") for name in sys.modules)
"""
    # A process without CI's variables, in which the telemetry would be off anyway.
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)}
    result = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert [path for path in Path(tmp_path).rglob("*") if "intel" in path.name] == []


def test_an_unknown_backend_is_refused():
    with pytest.raises(YtcatError, match="no backend 'opnvino': choose one of keras, openvino"):
        openvino.with_backend("opnvino", keras.Sequential())
