"""A trained ensemble as one folder, and back. Nothing in the folder is code: JSON, arrays, and a Keras file.

`model.json` (weights, vocabularies, what is asked of a loader), `arrays.npz` (numbers) and, where the model
has that part, `minilm.keras`.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ytcat.exceptions import YtcatError
from ytcat.future_directions.better_models import kernels
from ytcat.future_directions.better_models.ensemble import Ensemble, FrozenViews
from ytcat.models import baselines
from ytcat.pretrained.minilm import import_keras_hub
from ytcat.quiet_tensorflow import keras

FORMAT = 2
MODEL, ARRAYS, MINILM = "model.json", "arrays.npz", "minilm.keras"


def save(ensemble: Ensemble, folder: Path, about: dict[str, Any]) -> None:
    """Write the model into an existing folder; `about` is kept with it, and must be fit for JSON."""
    frozen = ensemble.frozen
    words, linear = frozen.tfidf
    arrays = {"coef": linear.coef_, "intercept": linear.intercept_, "classes": linear.classes_}
    vocabularies = []
    for number, (_, vectorizer) in enumerate(words.transformer_list):
        vocabularies.append(sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.get))
        arrays[f"idf_{number}"] = vectorizer.idf_
    if frozen.scaler is not None:
        arrays |= {"mean": frozen.scaler.mean_, "scale": frozen.scaler.scale_}
    for name, model in frozen.kernels.items():
        arrays |= {f"{name}_coefficients": model.coefficients, "shares": model.shares}
    if frozen.kernels:
        learnt = model.learnt  # the same videos for every kernel
        arrays |= {"sentence": learnt.sentence} | {
            f"words_{part}": getattr(learnt.words, part) for part in ("data", "indices", "indptr", "shape")
        }
        if learnt.thumbnail is not None:
            arrays["thumbnail"] = learnt.thumbnail.astype(np.float32)
    np.savez(folder / ARRAYS, **arrays)
    if ensemble.minilm is not None:
        # Without the optimizer's state, which is as large as the model.
        keras.Model(ensemble.minilm.input, ensemble.minilm.output).save(folder / MINILM)
    content = {
        "format": FORMAT,
        "about": about,
        "views": ensemble.views,
        "weights": {view: weights.tolist() for view, weights in ensemble.weights.items()},
        "kernels": {name: model.view for name, model in frozen.kernels.items()},
        "vocabularies": vocabularies,
    }
    (folder / MODEL).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def load(folder: Path) -> tuple[Ensemble, dict[str, Any]]:
    """The model of a folder and what is kept about it.

    Raises YtcatError if the folder is no model of this version, or a file in it is missing or damaged.
    """
    try:
        content = json.loads((folder / MODEL).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise YtcatError(
                f"{folder} has the format {content['format']}, this ytcat reads {FORMAT}: train again."
            )
        # From memory: of a damaged file NumPy leaves the stream open.
        with np.load(io.BytesIO((folder / ARRAYS).read_bytes()), allow_pickle=False) as file:
            arrays = dict(file)
        views = {view: tuple(parts) for view, parts in content["views"].items()}
        weights = {view: np.array(its) for view, its in content["weights"].items()}
        minilm = _minilm(folder / MINILM) if any("minilm" in parts for parts in views.values()) else None
        return Ensemble(_frozen(content, arrays), minilm, views, weights), content["about"]
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise YtcatError(
            f"{folder} is not a whole model of `ytcat train` ({error}): give its folder, or train it again."
        ) from error


def _minilm(path: Path) -> keras.Model:
    import_keras_hub()  # the classes that the file is made of
    return keras.saving.load_model(path, compile=False, safe_mode=True)


def _frozen(content: dict[str, Any], arrays: dict[str, np.ndarray]) -> FrozenViews:
    scaler = None
    if "mean" in arrays:
        scaler = StandardScaler()
        scaler.mean_, scaler.scale_ = arrays["mean"], arrays["scale"]
        scaler.var_ = scaler.scale_**2
        scaler.n_features_in_ = len(scaler.mean_)
    fitted = {}
    if content["kernels"]:
        parts = tuple(arrays[f"words_{part}"] for part in ("data", "indices", "indptr"))
        words = scipy.sparse.csr_matrix(parts, tuple(arrays["words_shape"]))
        learnt = kernels.Features(words, arrays["sentence"], arrays.get("thumbnail"))
        fitted = {
            name: kernels.KernelClassifier(view, learnt, arrays[f"{name}_coefficients"], arrays["shares"])
            for name, view in content["kernels"].items()
        }
    return FrozenViews(_tfidf(content["vocabularies"], arrays), scaler, fitted)


def _tfidf(vocabularies: list[list[str]], arrays: dict[str, np.ndarray]) -> ClassifierMixin:
    words = baselines.title_features()
    for number, (_, vectorizer) in enumerate(words.transformer_list):
        vectorizer.vocabulary_ = {term: place for place, term in enumerate(vocabularies[number])}
        vectorizer.idf_ = arrays[f"idf_{number}"]
    linear = LogisticRegression()
    linear.coef_, linear.intercept_, linear.classes_ = (arrays[n] for n in ("coef", "intercept", "classes"))
    linear.n_features_in_ = linear.coef_.shape[1]
    return make_pipeline(words, linear)
