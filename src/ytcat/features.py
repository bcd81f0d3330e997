"""Frozen features of a corpus's thumbnails, computed once and kept in the build folder.

They depend on nothing that is trained, so chapters, splits and seeds share them.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from filelock import FileLock
from numpy.typing import ArrayLike
from tqdm import tqdm

from ytcat import paths
from ytcat.corpus import Corpus
from ytcat.files import atomic_path, sha256_file
from ytcat.models import engine as engines
from ytcat.models import enlarged
from ytcat.pretrained import weights_sha256

if TYPE_CHECKING:
    import keras  # at run time `ytcat.models` is first, so that TensorFlow starts quietly

BLOCK = 128  # videos in memory at a time


def thumbnails(
    corpus: Corpus, rows: ArrayLike, mirrored: bool = False, engine: str = engines.KERAS
) -> np.ndarray:
    """Pooled features of the enlarged thumbnails of some rows, (m, 5336) float32.

    `mirrored`: their mean with those of the mirrored thumbnails, which takes twice the time. See
    `ytcat.models.enlarged`; for `engine`, whose features are kept apart, `ytcat.models.engine`.
    Raises ValueError if one of the rows has no thumbnail.
    """
    orientations = (False, True) if mirrored else (False,)
    found = [_computed_once(corpus, np.asarray(rows), m, encoder(engine))["pooled"] for m in orientations]
    return np.mean(found, axis=0)


def thumbnails_where_any(corpus: Corpus, rows: ArrayLike) -> np.ndarray:
    """As `thumbnails`, (m, 5336) float32, but with a row of nan for a video that has none."""
    rows = np.asarray(rows)
    found = np.full((len(rows), enlarged.DIMENSIONS), np.nan, dtype=np.float32)
    has_one = corpus.videos["has_thumbnail"].to_numpy()[rows]
    if has_one.any():
        found[has_one] = thumbnails(corpus, rows[has_one])
    return found


def thumbnail_maps(corpus: Corpus, rows: ArrayLike) -> np.ndarray:
    """Feature maps of the enlarged thumbnails of some rows, (m, 2, 4, 2048) float16."""
    return _computed_once(corpus, np.asarray(rows), False, encoder(engines.KERAS))["maps"]


@cache
def encoder(engine: str) -> "keras.Model":
    """The encoder of enlarged thumbnails, made once for each engine."""
    return engines.run_by(engine, enlarged.encoder())


def _computed_once(
    corpus: Corpus, rows: np.ndarray, mirrored: bool, encoder: "keras.Model"
) -> dict[str, np.ndarray]:
    """From the build folder, to which those are added that are not there yet."""
    stands_on = (corpus.sha256, mirrored, sha256_file(enlarged.__file__), weights_sha256(encoder))
    stands_on += engines.stands_on(encoder)
    key = hashlib.sha256(repr(stands_on).encode()).hexdigest()
    path = paths.build_folder() / "features" / f"{corpus.name}-{key[:16]}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):  # two chapters may ask at once
        kept = _read(path) if path.exists() else None
        missing = np.setdiff1d(rows, kept["rows"]) if kept else np.unique(rows)
        if len(missing):
            kept = _together(kept, _compute(encoder, corpus, missing, mirrored))
            with atomic_path(path) as temporary, temporary.open("wb") as file:
                np.savez(file, **kept)
    place = np.searchsorted(kept["rows"], rows)
    return {name: kept[name][place] for name in ("pooled", "maps")}


def _read(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as kept:
        return dict(kept)


def _together(kept: dict[str, np.ndarray] | None, new: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Both, in the order of the rows' numbers."""
    if kept is None:
        return new
    order = np.argsort(np.concatenate([kept["rows"], new["rows"]]))
    return {name: np.concatenate([kept[name], new[name]])[order] for name in new}


def _compute(
    encoder: "keras.Model", corpus: Corpus, rows: np.ndarray, mirrored: bool
) -> dict[str, np.ndarray]:
    pooled = np.empty((len(rows), enlarged.DIMENSIONS), dtype=np.float32)
    maps = np.empty((len(rows), *enlarged.PLACES, 2048), dtype=np.float16)
    for start in tqdm(range(0, len(rows), BLOCK), "thumbnail features", disable=None):
        block = slice(start, start + BLOCK)
        images = enlarged.prepare(corpus.images(rows[block]), mirrored)
        found = enlarged.encode(encoder, images)
        pooled[block], maps[block] = found["pooled"], found["maps"]
    return {"rows": rows, "pooled": pooled, "maps": maps}
