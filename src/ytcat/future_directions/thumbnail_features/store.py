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
from ytcat.atomic_files import atomic_path, sha256_file
from ytcat.corpus import Corpus
from ytcat.future_directions.thumbnail_features import encoder as enlarged
from ytcat.future_directions.thumbnail_features import openvino as engines
from ytcat.pretrained import weights_sha256

if TYPE_CHECKING:
    from ytcat.quiet_tensorflow import keras

BLOCK = 128  # videos in memory, and in a file, at most
KEPT = {"pooled": ((enlarged.DIMENSIONS,), np.float32), "maps": ((*enlarged.PLACES, 2048), np.float16)}


def thumbnails(
    corpus: Corpus, rows: ArrayLike, mirrored: bool = False, engine: str = engines.KERAS
) -> np.ndarray:
    """Pooled features of the enlarged thumbnails of some rows, (m, 5336) float32.

    `mirrored`: their mean with those of the mirrored thumbnails, which takes twice the time. See
    `encoder`; for `engine`, whose features are kept apart, `openvino`.
    Raises ValueError if one of the rows has no thumbnail.
    """
    orientations = (False, True) if mirrored else (False,)
    found = [_computed_once(corpus, rows, m, encoder(engine), "pooled") for m in orientations]
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
    return _computed_once(corpus, rows, False, encoder(engines.KERAS), "maps")


@cache
def encoder(engine: str) -> "keras.Model":
    """The encoder of enlarged thumbnails, made once for each engine."""
    return engines.run_by(engine, enlarged.encoder())


def folder(corpus: Corpus, mirrored: bool, encoder: "keras.Model") -> Path:
    """Where features are kept, a file a block; its name stands for all that they depend on."""
    stands_on = (corpus.sha256, mirrored, sha256_file(enlarged.__file__), weights_sha256(encoder))
    stands_on += engines.stands_on(encoder)
    key = hashlib.sha256(repr(stands_on).encode()).hexdigest()
    return paths.build_folder() / "features" / f"{corpus.name}-{key[:16]}"


def compute(corpus: Corpus, rows: ArrayLike, mirrored: bool, encoder: "keras.Model", kept: Path) -> None:
    """Add to the folder `kept` the features of those rows that it does not hold yet, block by block.

    What is computed stays if the rest is interrupted, and memory does not grow with the number of videos.
    """
    kept.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(kept.with_suffix(".lock")):  # two chapters may ask at once
        there = [np.empty(0, np.int64), *map(_rows, kept.glob("*.npz"))]
        missing = np.setdiff1d(rows, np.concatenate(there))
        starts = tqdm(range(0, len(missing), BLOCK), "thumbnail features", disable=None)
        for start in starts if len(missing) else ():
            block = missing[start : start + BLOCK]
            found = enlarged.encode(encoder, enlarged.prepare(corpus.images(block), mirrored))
            arrays = {name: found[name].astype(dtype) for name, (_, dtype) in KEPT.items()}
            # Named after its first row, which no other file holds, whatever was deleted in between.
            with atomic_path(kept / f"{block[0]:09}.npz") as temporary, temporary.open("wb") as file:
                np.savez(file, rows=block, **arrays)


def _computed_once(
    corpus: Corpus, rows: ArrayLike, mirrored: bool, encoder: "keras.Model", name: str
) -> np.ndarray:
    """What is kept of the rows under that name, in their order."""
    rows, kept = np.asarray(rows), folder(corpus, mirrored, encoder)
    compute(corpus, rows, mirrored, encoder, kept)
    shape, dtype = KEPT[name]
    found = np.empty((len(rows), *shape), dtype=dtype)
    for path in kept.glob("*.npz"):
        its = _rows(path)
        asked = np.flatnonzero(np.isin(rows, its))
        if len(asked):
            with np.load(path) as file:
                found[asked] = file[name][np.searchsorted(its, rows[asked])]
    return found


def _rows(path: Path) -> np.ndarray:
    """Those of a file, rising; the rest of it is not read."""
    with np.load(path) as file:
        return file["rows"]
