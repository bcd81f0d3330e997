"""Frozen thumbnail features by OpenVINO and by Keras, and the accuracy of a linear probe on both."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from table import QUICK, Measured, alone, interleaved, report, row

from ytcat import paths

THUMBNAILS = 64 if QUICK else 2_048
ENLARGED = 32 if QUICK else 256  # of 128 x 228, which take five times as long
BATCH = 32
REAL = paths.ROOT.parent / "shared" / "data" / "us-2020"
NAME, CORPUS = ("us-2020", str(REAL)) if REAL.is_dir() and not QUICK else ("demo corpus", "demo")
CPU = Path("/proc/cpuinfo")
TARGET = 6 if CPU.is_file() and "amx_bf16" in CPU.read_text() else 1.7


def ours(*data: Any) -> Callable[[], np.ndarray]:
    """As `ytcat train --backend openvino`."""
    return _features("openvino", *data)


def stock(*data: Any) -> Callable[[], np.ndarray]:
    """Keras's `predict`."""
    return _features("keras", *data)


def probed(features: np.ndarray, corpus: str) -> Callable[[], float]:
    """Top-1 of logistic regression on a corpus's first thumbnails, in five-fold cross-validation."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import KFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    labels = _videos(corpus, len(features))[1]
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3, max_iter=1_000))
    folds = KFold(5, shuffle=True, random_state=0)
    return lambda: float(cross_val_score(probe, features, labels, cv=folds).mean())


def _features(backend: str, network: str, corpus: str, n: int) -> Callable[[], np.ndarray]:
    from ytcat.future_directions.thumbnail_features import encoder as enlarged
    from ytcat.future_directions.thumbnail_features import openvino
    from ytcat.models import image
    from ytcat.pretrained.xception import xception_base

    pictures = _videos(corpus, n)[0]
    if network == "enlarged":
        encoder, prepared = openvino.with_backend(backend, enlarged.encoder()), enlarged.prepare(pictures)
        enlarged.encode(encoder, prepared[:1])  # to warm up
        return lambda: enlarged.encode(encoder, prepared)["pooled"]
    base, prepared = openvino.with_backend(backend, xception_base(96)), image.prepare(pictures, 96)
    base.predict(prepared[:BATCH], batch_size=BATCH, verbose=0)
    return lambda: image.pooled(base.predict(prepared, batch_size=BATCH, verbose=0))


def _videos(corpus: str, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Thumbnails (n, 90, 120, 3) uint8 and labels of the first n videos that have one."""
    from ytcat.corpus import load

    data = load(corpus)
    chosen = data.videos[data.videos["has_thumbnail"]][:n]
    return data.images(chosen.index.to_numpy()), chosen["label"].to_numpy()


def compared(mine: list[Measured], theirs: list[Measured], corpus: str) -> str:
    """Compare the features of both sides."""
    a, b = mine[0].result, theirs[0].result
    cosine = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    ours, stock = (alone(probed, features, corpus).result for features in (a, b))
    return (
        f"cosine {cosine.mean():.4f} on average, {cosine.min():.4f} at least; "
        f"linear probe {ours:.1%}, on Keras's features {stock:.1%}"
    )


if __name__ == "__main__":
    rows = []
    for network, n in (("Xception, 96 x 96", THUMBNAILS), ("enlarged", ENLARGED)):
        mine, theirs = interleaved(ours, stock, network, CORPUS, n, repeats=3)
        rows.append(
            row(
                f"frozen features ({network}), {NAME}",
                len(mine[0].result),
                "thumbnails",
                mine,
                theirs,
                stock_way=f"Keras predict, {BATCH if network != 'enlarged' else 16} a batch",
                target_ratio=TARGET,
                note=compared(mine, theirs, CORPUS),
            )
        )
    report("xception", "Frozen features of thumbnails", rows)
