"""A trained ensemble as one folder, and back. Nothing in the folder is code.

`model.json` (views, weights, vocabularies, what the model card tells), `parts.skops` (arrays, and the names
of the types that hold them: one that is not trusted is refused) and, where the model uses it, `minilm.keras`.
"""

import copy
import dataclasses
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from scipy.sparse import csr_matrix

from ytcat.exceptions import YtcatError
from ytcat.future_directions.better_models.ensemble import Ensemble, FrozenParts
from ytcat.future_directions.better_models.kernels import Features, OneHotKernelRidge
from ytcat.pretrained.minilm import import_keras_hub
from ytcat.quiet_tensorflow import keras

FORMAT = 3
MODEL, PARTS, MINILM = "model.json", "parts.skops", "minilm.keras"
TRUSTED = [FrozenParts, Features, OneHotKernelRidge, csr_matrix]  # beside those that skops trusts itself


def save(ensemble: Ensemble, folder: Path, about: dict[str, Any]) -> None:
    """Write the model into an existing folder, with `about`, which must be fit for JSON."""
    # In skops each entry of a dictionary takes 600 bytes: 45 MB and 5 s for the vocabularies of 5,000 titles.
    frozen = dataclasses.replace(ensemble.frozen, tfidf=copy.deepcopy(ensemble.frozen.tfidf))
    vocabularies = []
    for _, vectorizer in frozen.tfidf[0].transformer_list:
        vocabularies.append(sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.get))
        del vectorizer.vocabulary_
    skops.io.dump(frozen, folder / PARTS)
    if ensemble.minilm is not None:
        # Without the optimizer's state, which is as large as the model.
        keras.Model(ensemble.minilm.input, ensemble.minilm.output).save(folder / MINILM)
    content = {
        "format": FORMAT,
        "about": about,
        "views": ensemble.views,
        "weights": {view: weights.tolist() for view, weights in ensemble.weights.items()},
        "vocabularies": vocabularies,
    }
    (folder / MODEL).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def load(folder: Path) -> tuple[Ensemble, dict[str, Any]]:
    """The model of a folder, and the `about` that was saved with it.

    Raises YtcatError if the folder is no model of this version, or a file in it is missing, damaged, or holds
    a type that is not trusted.
    """
    try:
        content = json.loads((folder / MODEL).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise YtcatError(
                f"{folder} has the format {content['format']}, this ytcat reads {FORMAT}: train again."
            )
        frozen = skops.io.load(folder / PARTS, trusted=TRUSTED)
        for (_, vectorizer), terms in zip(
            frozen.tfidf[0].transformer_list, content["vocabularies"], strict=True
        ):
            vectorizer.vocabulary_ = {term: column for column, term in enumerate(terms)}
        views = {view: tuple(parts) for view, parts in content["views"].items()}
        weights = {view: np.array(values) for view, values in content["weights"].items()}
        minilm = _minilm(folder / MINILM) if any("minilm" in parts for parts in views.values()) else None
        return Ensemble(frozen, minilm, views, weights), content["about"]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise YtcatError(
            f"{folder} is not a whole model of `ytcat train` ({error}): give its folder, or train it again."
        ) from error


def _minilm(path: Path) -> keras.Model:
    import_keras_hub()  # the classes that the file is made of
    return keras.saving.load_model(path, compile=False, safe_mode=True)
