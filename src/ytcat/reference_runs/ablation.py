"""The chosen model with a part dropped, computed from the recorded probabilities.

The chosen model is a weighted product of the probabilities of its parts (`ytcat.models.late_fusion`). So its
weights follow from the recorded probabilities, and a part can be left out of the product.
"""

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from ytcat import runs
from ytcat.categories import labels
from ytcat.evaluation.statistics import paired_bootstrap
from ytcat.models import late_fusion
from ytcat.reference_runs import RUN, ReferenceRuns, read_all
from ytcat.views import SPLITS, VIEWS, view_of

CHOSEN = VIEWS["both"].chosen_model
PARTS = ("title_linear", "title_kernel", "minilm", "thumbnail_kernel", "joint_kernel")
TOLERANCE = 1e-3  # of a log probability: the recorded ones are float32
RESAMPLES = 2000


def dropped_parts() -> pd.DataFrame:
    """Top-1 of the chosen model without some of its parts; one row per corpus, split and dropped parts.

    Columns: `corpus`, `split`, `dropped` (a key of `ytcat.views.MODELS`; "thumbnail" or "title" for all parts
    that read it), `weight` (of the dropped parts in the product: their sum, mean over runs), `top1` without
    them, and `difference` from the whole model with its 95 % interval `low`, `high` (channels are drawn; each
    video counts with its mean over seeds). The weights of the other parts stay as they were fitted on
    validation videos. Raises ValueError as `weights` does.
    """
    rows = []
    for reference in read_all():
        for split in SPLITS:
            if CHOSEN in reference.models(split):
                about = {"corpus": reference.name, "split": split}
                rows += [about | row for row in _rows(reference, split)]
    return pd.DataFrame(rows)


def weights(whole: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """The weights (k,) of a product of probabilities: log `whole` = sum of weight x log part + a constant.

    `whole` (n, 14) are the probabilities of the product, `parts` (k, n, 14) those of the parts; the constant
    is one per video. Raises ValueError if no weights of at least 0 give the product.
    """
    target, logs = (_centred(late_fusion.log_scores(p, 1e-30)) for p in (whole, parts))
    found, _ = nnls(logs.reshape(len(parts), -1).T, target.ravel())
    distance = np.abs(np.tensordot(found, logs, 1) - target).max()
    if distance > TOLERANCE:
        raise ValueError(
            "the probabilities are no weighted product of those of the parts: "
            f"the best weights miss a log probability by {distance:.2g}"
        )
    return found


def without(parts: np.ndarray, weight: np.ndarray, dropped: np.ndarray) -> np.ndarray:
    """The weighted product, (n, 14) float32, of those parts that are not dropped.

    `parts`: probabilities (k, n, 14); `weight` (k,); `dropped` (k,) bool. All categories are equally probable
    if no part is left.
    """
    return late_fusion.combine(list(late_fusion.log_scores(parts, 1e-30)), np.where(dropped, 0.0, weight))


def _rows(reference: ReferenceRuns, split: str) -> list[dict[str, object]]:
    names = [part for part in PARTS if part in reference.models(split)]
    dropped = _sets(names)
    order = [*RUN, "row"]
    whole, *parts = (reference.predictions(name, split).sort_values(order) for name in (CHOSEN, *names))
    chances = np.stack([runs.probabilities(part) for part in parts])
    truth = labels(whole["y_true"])
    changed = {name: np.empty_like(chances[0]) for name in dropped}
    weight = {name: [] for name in dropped}
    for rows in whole.groupby(RUN).indices.values():
        fitted = weights(runs.probabilities(whole.iloc[rows]), chances[:, rows])
        for name, chosen in dropped.items():
            changed[name][rows] = without(chances[:, rows], fitted, chosen)
            weight[name].append(fitted[chosen].sum())
    videos = whole[["row", "channel"]].assign(whole=runs.probabilities(whole).argmax(axis=1) == truth)
    videos = videos.assign(**{name: answer.argmax(axis=1) == truth for name, answer in changed.items()})
    by_video = videos.groupby("row").mean()
    rows = []
    for name in dropped:
        pair = by_video[name], by_video["whole"]
        interval = paired_bootstrap(*pair, seed=0, resamples=RESAMPLES, clusters=by_video["channel"])
        about = {"dropped": name, "weight": float(np.mean(weight[name])), "top1": float(pair[0].mean())}
        rows.append(about | dict(zip(("difference", "low", "high"), interval, strict=True)))
    return rows


def _sets(names: list[str]) -> dict[str, np.ndarray]:
    """Which of the parts (k,) bool are dropped together, by what that is called."""
    views = np.array([view_of(name).key for name in names])
    sets = {part: np.array(names) == part for part in names}
    if "thumbnail" in views:  # without thumbnails all parts read the title alone
        sets |= {"thumbnail": views != "title", "title": views != "thumbnail"}
    return sets


def _centred(logs: np.ndarray) -> np.ndarray:
    return logs.astype(np.float64) - logs.mean(axis=-1, keepdims=True, dtype=np.float64)
