"""Frozen features of a corpus's thumbnails, computed once and stored in the build folder.

They depend on nothing that is trained, so chapters, splits and seeds share them.
"""

import logging
import os
import zipfile
import zlib
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from filelock import FileLock
from numpy.typing import ArrayLike

from ytcat import cluster, paths
from ytcat.atomic_files import atomic_path
from ytcat.corpus import DEMO, Corpus, load
from ytcat.exceptions import YtcatError
from ytcat.fingerprints import fingerprint, modules_sha256
from ytcat.future_directions.thumbnail_features import encoder as enlarged
from ytcat.future_directions.thumbnail_features import openvino
from ytcat.pretrained import weights_sha256
from ytcat.progress import Progress

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
    features = _computed_once(corpus, rows, False, encoder(backend), "pooled")
    if mirrored:  # in place: of 100,000 videos they are 2 GB
        features += _computed_once(corpus, rows, True, encoder(backend), "pooled")
        features /= 2
    return features


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

    If it is interrupted, the blocks that are done stay. Memory does not grow with the number of videos. The
    blocks are computed on the cluster at `DASK_SCHEDULER_ADDRESS`, if it is set.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):  # two chapters may need the same features at once
        stored = [_array(path, "rows") for path in folder.glob("*.npz")]
        stored = [
            np.empty(0, np.int64),
            *(rows_of_block for rows_of_block in stored if rows_of_block is not None),
        ]
        missing = np.setdiff1d(rows, np.concatenate(stored))
        blocks = [missing[start : start + BLOCK_SIZE] for start in range(0, len(missing), BLOCK_SIZE)]
        if len(blocks) > 1 and cluster.address():
            _compute_on_cluster(corpus, blocks, mirrored, encoder, folder)
            return
        with Progress("Thumbnail features", len(missing), " thumbnails") as progress:
            for block in blocks:
                _compute_block(corpus, block, mirrored, encoder, folder)
                progress.add(len(block))


def _compute_block(
    corpus: Corpus, block: np.ndarray, mirrored: bool, encoder: "keras.Model", folder: Path
) -> None:
    features = enlarged.encode(encoder, enlarged.prepare(corpus.images(block), mirrored))
    arrays = {name: features[name].astype(dtype) for name, (_, dtype) in ARRAYS.items()}
    with atomic_path(_file(folder, block)) as temporary, temporary.open("wb") as file:
        np.savez(file, folder=folder.name, rows=block, **arrays)


def _file(folder: Path, block: np.ndarray) -> Path:
    """Named by its first row, which is in no other block: no file takes another's place."""
    return folder / f"{block[0]:09}.npz"


def _compute_on_cluster(
    corpus: Corpus, blocks: list[np.ndarray], mirrored: bool, encoder: "keras.Model", folder: Path
) -> None:
    """Each block as a task of the cluster."""
    source = DEMO if corpus.synthetic else str(corpus.source.absolute())
    where = source, mirrored, openvino.backend_of(encoder), str(paths.build_folder()), folder
    for _ in cluster.computed(_compute_on_worker, blocks, where, what="Thumbnail features"):
        pass  # they are in the folder


def _compute_on_worker(block: np.ndarray, where: tuple[str, bool, str, str, Path]) -> None:
    source, mirrored, backend, build, target = where
    os.environ["YTCAT_BUILD"] = build
    corpus = _loaded(source, target)
    if folder(corpus, mirrored, encoder(backend)) != target:
        raise YtcatError(
            f"A worker has another corpus at {source}, other code, or computes to other digits: all machines "
            "must share the build folder and the corpus, and have the same checkout and packages."
        )
    if not _file(target, block).exists():  # Dask repeats what a dead worker had finished
        _compute_block(corpus, block, mirrored, encoder(backend), target)


@lru_cache(maxsize=1)
def _loaded(source: str, target: Path) -> Corpus:
    """The corpus, loaded once for all blocks of the same features."""
    return load(source)


def _computed_once(
    corpus: Corpus, rows: ArrayLike, mirrored: bool, encoder: "keras.Model", name: str
) -> np.ndarray:
    """One of `ARRAYS` for the rows, in their order; what is not stored yet is computed."""
    rows, blocks = np.asarray(rows), folder(corpus, mirrored, encoder)
    shape, dtype = ARRAYS[name]
    features = np.empty((len(rows), *shape), dtype=dtype)
    waiting = np.arange(len(rows))
    while len(waiting):  # a second time only if a block is damaged where its rows are not
        compute(corpus, rows[waiting], mirrored, encoder, blocks)
        done = [np.empty(0, np.int64)]
        for path in blocks.glob("*.npz"):
            stored = _array(path, "rows")
            here = waiting[np.isin(rows[waiting], stored)]
            values = _array(path, name) if len(here) else None
            if values is not None:
                features[here] = values[np.searchsorted(stored, rows[here])]
                done.append(here)
        waiting = np.setdiff1d(waiting, np.concatenate(done))
    return features


def _array(path: Path, name: str) -> np.ndarray | None:
    """An array of a block; the other arrays stay unread.

    A block that is damaged, or was written for another folder, is removed, and the array is None.
    """
    try:
        with path.open("rb") as stream, np.load(stream) as file:
            if str(file["folder"]) != path.parent.name:
                raise ValueError(f"it is of {file['folder']}")
            return file[name]
    except (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, OSError) and error.errno:  # not damage: no permission, say
            raise
        logging.getLogger(__name__).warning("%s is not used (%s): computed again.", path, error)
        path.unlink(missing_ok=True)
        return None
