"""How alike videos are: kernels on frozen features of both views, with numpy and scipy alone.

A kernel measures how alike two videos are; under a sum of kernels they are alike if they are under any of
them.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import iadd

import numpy as np
import scipy.sparse


@dataclass(frozen=True)
class KernelSettings:
    """Widths of the Gaussian kernels on features of unit length, exp(-width (1 - cosine)), and the ridges.

    Chosen on held-out videos of training and validation; `tuning` repeats that out-of-fold.
    """

    sentence_width: float = 4.0
    thumbnail_width: float = 2.0
    title_ridge: float = 0.3
    thumbnail_ridge: float = 0.1
    both_ridge: float = 0.3


CHOSEN = KernelSettings()


@dataclass(frozen=True)
class Features:
    """What the kernels compare, one row per video."""

    words: scipy.sparse.csr_matrix  # TF-IDF of words and of characters, each of the two of unit length
    sentence: np.ndarray  # (n, 384) float32 of unit length
    thumbnail: np.ndarray | None  # (n, 5336) float32 of unit length; None for titles alone


def kernel(view: str, a: Features, b: Features, settings: KernelSettings = CHOSEN) -> np.ndarray:
    """How alike the videos of `a` and `b` are, (n_a, n_b) float64, by "title", "thumbnail" or "both"."""
    return reduce(iadd, _parts(view, a, b, settings))  # in place: each part is as large as the sum


def kernels_of(views: Collection[str], a: Features, b: Features) -> dict[str, np.ndarray]:
    """The kernel of each of several views; that of "both" is the sum of the others where these are known."""
    grams = {view: kernel(view, a, b) for view in views if view != "both"}
    if "both" in views:
        known = {"title", "thumbnail"} <= grams.keys()
        grams["both"] = grams["title"] + grams["thumbnail"] if known else kernel("both", a, b)
    return grams


def _parts(view: str, a: Features, b: Features, settings: KernelSettings) -> Iterator[np.ndarray]:
    if view != "thumbnail":
        yield (a.words @ b.words.T).toarray() / 2
        yield _gaussian(a.sentence, b.sentence, settings.sentence_width)
    if view != "title":
        yield _gaussian(a.thumbnail, b.thumbnail, settings.thumbnail_width)


def _gaussian(a: np.ndarray, b: np.ndarray, width: float) -> np.ndarray:
    gram = a.astype(np.float64) @ b.T.astype(np.float64)
    gram -= 1
    gram *= width
    return np.exp(gram, out=gram)
