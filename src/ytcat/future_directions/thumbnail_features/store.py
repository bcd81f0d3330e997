"""Frozen features of a corpus's thumbnails, computed once and stored in the build folder.

They depend on nothing that is trained, so chapters, splits and seeds share them.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from filelock import FileLock
from numpy.typing import ArrayLike
from tqdm import tqdm

from ytcat import paths
from ytcat.atomic_files import atomic_path
from ytcat.corpus import Corpus
from ytcat.fingerprints import fingerprint, modules_sha256
from ytcat.future_directions.thumbnail_features import encoder as enlarged
from ytcat.future_directions.thumbnail_features import openvino
from ytcat.pretrained import weights_sha256

if TYPE_CHECKING:
    from ytcat.quiet_tensorflow import keras

BLOCK_SIZE = 8 * enlarged.PICTURES_PER_BATCH  # videos per file, and in memory, at most
# The arrays of a block: shape per video, and type on disk.
ARRAYS = {"pooled": ((enlarged.DIMENSIONS,), np.float32), "maps": (enlarged.MAP_SHAPE, np.float16)}


def thumbnails(
    corpus: Corpus, rows: ArrayLike, mirrored: bool = False, backend: str = openvino.KERAS
) -> np.ndarray:
    """Pooled features of the enlarged thumbnails of m rows, (m, 5336) float32; see `encoder`.

    `mirrored`: the mean with the features of the mirrored thumbnails, which takes twice the time.
    `backend`: one of `openvino.BACKENDS`, whose features are stored apart.
    Raises ValueError if one of the rows has no thumbnail.
    """
    orientations = (False, True) if mirrored else (False,)
    features = [_computed_once(corpus, rows, flip, encoder(backend), "pooled") for flip in orientations]
    return np.mean(features, axis=0)


def thumbnails_where_any(corpus: Corpus, rows: ArrayLike) -> np.ndarray:
    """As `thumbnails`, (m, 5336) float32, but with a row of nan for a video without a thumbnail."""
    rows = np.asarray(rows)
    features = np.full((len(rows), enlarged.DIMENSIONS), np.nan, dtype=np.float32)
    has_one = corpus.videos["has_thumbnail"].to_numpy()[rows]
    if has_one.any():
        features[has_one] = thumbnails(corpus, rows[has_one])
    return features


def thumbnail_maps(corpus: Corpus, rows: ArrayLike) -> np.ndarray:
    """Feature maps of the enlarged thumbnails of m rows, (m, 2, 4, 2048) float16; see `encoder`."""
    return _computed_once(corpus, rows, False, encoder(openvino.KERAS), "maps")


@cache
def encoder(backend: str) -> "keras.Model":
    """The encoder of enlarged thumbnails, made once per backend."""
    return openvino.with_backend(backend, enlarged.encoder())


def folder(corpus: Corpus, mirrored: bool, encoder: "keras.Model") -> Path:
    """Where features are stored, one file per block; the name is a fingerprint of all that they depend on."""
    key = fingerprint(
        corpus=corpus.sha256,
        mirrored=mirrored,
        code=modules_sha256(enlarged.__name__),
        weights=weights_sha256(encoder),
        **openvino.cache_key_parts(encoder),
    )
    return paths.build_folder() / "features" / f"{corpus.name}-{key[:16]}"


def compute(corpus: Corpus, rows: ArrayLike, mirrored: bool, encoder: "keras.Model", folder: Path) -> None:
    """Add to `folder` the features of those rows that it lacks, block by block.

    If it is interrupted, the blocks that are done stay. Memory does not grow with the number of videos.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):  # two chapters may need the same features at once
        stored = [np.empty(0, np.int64), *map(_rows, folder.glob("*.npz"))]
        missing = np.setdiff1d(rows, np.concatenate(stored))
        starts = tqdm(range(0, len(missing), BLOCK_SIZE), "thumbnail features", disable=None)
        for start in starts if len(missing) else ():
            block = missing[start : start + BLOCK_SIZE]
            features = enlarged.encode(encoder, enlarged.prepare(corpus.images(block), mirrored))
            arrays = {name: features[name].astype(dtype) for name, (_, dtype) in ARRAYS.items()}
            # Named by its first row, which is in no other block: no file takes another's place.
            with atomic_path(folder / f"{block[0]:09}.npz") as temporary, temporary.open("wb") as file:
                np.savez(file, rows=block, **arrays)


def _computed_once(
    corpus: Corpus, rows: ArrayLike, mirrored: bool, encoder: "keras.Model", name: str
) -> np.ndarray:
    """One of `ARRAYS` for the rows, in their order; what is not stored yet is computed."""
    rows, blocks = np.asarray(rows), folder(corpus, mirrored, encoder)
    compute(corpus, rows, mirrored, encoder, blocks)
    shape, dtype = ARRAYS[name]
    features = np.empty((len(rows), *shape), dtype=dtype)
    for path in blocks.glob("*.npz"):
        stored = _rows(path)
        here = np.flatnonzero(np.isin(rows, stored))
        if len(here):
            with np.load(path) as file:
                features[here] = file[name][np.searchsorted(stored, rows[here])]
    return features


def _rows(path: Path) -> np.ndarray:
    """Row numbers stored in a block, ascending; the arrays stay unread."""
    with np.load(path) as file:
        return file["rows"]
