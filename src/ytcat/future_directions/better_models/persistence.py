"""A trained ensemble as one folder, and back. Nothing in the folder is code.

`model.json` (views, weights, terms, what the model card tells, the hash of every file), `arrays.npz` (see
`inference`) and the networks that the model uses: `minilm.keras`, and, where OpenVINO was installed at
training, `minilm`, `sentences` and `thumbnails` as `.xml` and `.bin`, with `tokenizer.json` for titles.
"""

import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ytcat.atomic_files import sha256_file
from ytcat.exceptions import YtcatError
from ytcat.fingerprints import fingerprint
from ytcat.future_directions.better_models import inference
from ytcat.future_directions.better_models.inference import InferenceModel
from ytcat.future_directions.thumbnail_features import openvino

if TYPE_CHECKING:
    from openvino import Model

    from ytcat.future_directions.better_models.ensemble import Ensemble
    from ytcat.quiet_tensorflow import keras

FORMAT = 5
CARD, MODEL, ARRAYS = "README.md", "model.json", "arrays.npz"
MINILM, TOKENIZER = "minilm.keras", "tokenizer.json"


class Arrays(Mapping[str, np.ndarray]):
    """The arrays of a file by name, each read when it is first asked for."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as file:
            self._path, self._names = path, file.files
        self._read: dict[str, np.ndarray] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._read:
            try:
                with np.load(self._path, allow_pickle=False) as file:
                    self._read[name] = file[name]
            except (ValueError, zipfile.BadZipFile) as error:  # such as an object, which is never unpickled
                raise YtcatError(f"{self._path}, {name}: no array of numbers ({error}).") from error
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names  # without reading it

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def save(ensemble: "Ensemble", folder: Path, about: dict[str, Any]) -> dict[str, str]:
    """Write the model into an existing folder, with `about`, which must be fit for JSON.

    Returns the SHA-256 of all files of the folder beside `model.json`, by name.
    """
    vectorizers, arrays = inference.export(ensemble)
    np.savez(folder / ARRAYS, allow_pickle=False, **arrays)
    if ensemble.minilm is not None:
        from ytcat.quiet_tensorflow import keras

        # Without the optimizer's state, which is as large as the model.
        keras.Model(ensemble.minilm.input, ensemble.minilm.output).save(folder / MINILM)
    files = {path.name: sha256_file(path) for path in sorted(folder.iterdir())}
    content = {
        "format": FORMAT,
        "about": about,
        "views": ensemble.views,
        "weights": {view: weights.tolist() for view, weights in ensemble.weights.items()},
        "vectorizers": vectorizers,
        "files": files,
    }
    sealed = content | {"sha256": fingerprint(**content)}
    (folder / MODEL).write_text(json.dumps(sealed, ensure_ascii=False), encoding="utf-8")
    return files


def load(folder: Path) -> tuple[InferenceModel, dict[str, Any], dict[str, str]]:
    """The model of a folder, the `about` that was saved with it, and the hashes of its files, by name.

    Raises YtcatError if the folder is no model of this version, or if a file in it is missing or damaged.
    """
    try:
        content = json.loads((folder / MODEL).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise YtcatError(
                f"{folder} has the format {content['format']}, this ytcat reads {FORMAT}: train again."
            )
        if content.pop("sha256") != fingerprint(**content):
            raise ValueError(f"{MODEL} is damaged")
        files = content["files"]
        for name in files:
            _check(folder / Path(name).name, files[name])
        arrays = Arrays(folder / ARRAYS)
        model = inference.restore(content["vectorizers"], arrays, content["views"], content["weights"])
        return model, content["about"], files
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
        zipfile.BadZipFile,
    ) as error:
        raise YtcatError(
            f"{folder} is not a whole model of `ytcat train` ({error}): give its folder, or train it again."
        ) from error


def load_minilm(folder: Path) -> "keras.Model":
    """The fine-tuned encoder of a model folder, whose hash `load` has checked."""
    from ytcat.quiet_tensorflow import keras

    try:
        return keras.saving.load_model(folder / MINILM, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise YtcatError(f"{folder / MINILM} is not the network of `ytcat train` ({error}).") from error


def _check(path: Path, sha256: str) -> None:
    if not path.is_file():
        raise ValueError(f"{path.name} is missing")
    if sha256_file(path) != sha256:
        raise ValueError(f"{path.name} is damaged: its SHA-256 is not {sha256[:12]}...")


def save_networks(ensemble: "Ensemble", folder: Path) -> None:
    """Write the networks that the ensemble uses as OpenVINO reads them, before `save`; nothing without it."""
    if not openvino.installed():
        return
    from ytcat.pretrained.minilm import minilm_folder

    networks: dict[str, Model] = {}
    if ensemble.minilm is not None:
        networks["minilm"] = openvino.convert(ensemble.minilm)
    if ensemble.frozen.kernels:
        networks["sentences"] = _published("sentences")
    if ensemble.frozen.scaler is not None:
        networks["thumbnails"] = _published("thumbnails")
    for name, network in networks.items():
        openvino.write(network, folder / f"{name}.xml")
    if networks.keys() - {"thumbnails"}:
        shutil.copyfile(minilm_folder() / TOKENIZER, folder / TOKENIZER)


@cache
def _published(name: str) -> "Model":
    """A network whose weights no training changes."""
    if name == "sentences":
        from ytcat.future_directions.better_models import sentence_encoder

        return openvino.convert(sentence_encoder.published())
    from ytcat.future_directions.thumbnail_features import store
    from ytcat.quiet_tensorflow import keras

    encoder = store.encoder(openvino.KERAS)
    return openvino.convert(keras.Model(encoder.input, {"pooled": encoder.output["pooled"]}))
