"""The best model: kernels, TF-IDF and a fine-tuned sentence encoder, joined by late fusion.

It answers from the title, from the thumbnail, or from both, whichever are there.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin, clone
from sklearn.preprocessing import StandardScaler, normalize

from ytcat.future_directions.better_models import kernels, sentence_encoder
from ytcat.models import baselines, late_fusion
from ytcat.quiet_tensorflow import keras

TITLE = ("title_linear", "title_kernel", "minilm")
THUMBNAIL = ("thumbnail_kernel",)
VIEWS = {"title": TITLE, "thumbnail": THUMBNAIL, "both": (*TITLE, *THUMBNAIL, "joint_kernel")}
KERNELS = {"title_kernel": "title", "thumbnail_kernel": "thumbnail", "joint_kernel": "both"}
BEST = "best"
# The models that can be trained by name: the parts that answer from each view.
MODELS = {
    BEST: VIEWS,
    "late_fusion": {
        "title": ("title_kernel",),
        "thumbnail": ("thumbnail_kernel",),
        "both": ("title_kernel", "thumbnail_kernel"),
    },
    **{name: {"title": (name,)} for name in TITLE},
    "thumbnail_kernel": {"thumbnail": ("thumbnail_kernel",)},
    "joint_kernel": {"both": ("joint_kernel",)},
}


@dataclass(frozen=True)
class Videos:
    """What the model reads, a row a video."""

    titles: list[str]
    sentences: np.ndarray | None  # (n, 384) float32, see `sentence_encoder.embed`; None for no kernel
    thumbnails: np.ndarray | None  # (n, 5336) float32, see `store.thumbnails`; None without any

    def __getitem__(self, rows: np.ndarray) -> "Videos":
        arrays = [None if array is None else array[rows] for array in (self.sentences, self.thumbnails)]
        return Videos([self.titles[row] for row in rows], *arrays)


@dataclass(frozen=True)
class FrozenViews:
    """The parts that are fitted in seconds: TF-IDF with its linear model, and the kernels."""

    tfidf: ClassifierMixin  # a pipeline of features and linear model
    scaler: StandardScaler | None  # of the thumbnails' features
    kernels: dict[str, kernels.KernelClassifier]

    def scores(self, videos: Videos, parts: Collection[str]) -> dict[str, np.ndarray]:
        """The scores (n, 14) of those of the parts that are frozen, by name."""
        found = {}
        if asked := {name: model for name, model in self.kernels.items() if name in parts}:
            features = kernel_features(videos, self.tfidf, self.scaler)
            found = {name: model.scores(features) for name, model in asked.items()}
        if "title_linear" in parts:
            found["title_linear"] = late_fusion.log_scores(baselines.predict(self.tfidf, videos.titles))
        return found


@dataclass(frozen=True)
class Ensemble:
    """A fitted model, the best one or another of `MODELS`."""

    frozen: FrozenViews
    minilm: keras.Model | None  # None where no part of the model needs it
    views: dict[str, tuple[str, ...]]  # the parts of each view that it answers from
    weights: dict[str, np.ndarray]  # of the parts of each view, in their order

    @property
    def widest(self) -> str:
        """The view of the most parts: "both", or the only one of a model of one view."""
        return max(self.views, key=lambda view: len(self.views[view]))

    def scores(self, videos: Videos, view: str) -> dict[str, np.ndarray]:
        """The scores (n, 14) of each part of a view, by name."""
        return self.frozen.scores(videos, self.views[view]) | self.tuned_scores(videos.titles, view)

    def tuned_scores(self, titles: list[str], view: str) -> dict[str, np.ndarray]:
        """Of these the fine-tuned encoder's, which needs the titles alone; none if it is no part."""
        return (
            {"minilm": sentence_encoder.scores(self.minilm, titles)} if "minilm" in self.views[view] else {}
        )

    def probabilities(self, scores: dict[str, np.ndarray], view: str) -> np.ndarray:
        """(n, 14) float32 from the scores of the parts, for "title", "thumbnail" or "both"."""
        return late_fusion.combine([scores[name] for name in self.views[view]], self.weights[view])


@dataclass(frozen=True)
class Fitted:
    """What fitting leaves beside the model."""

    ensemble: Ensemble
    history: pd.DataFrame  # of the sentence encoder, a row an epoch; empty where it is no part
    validation: dict[str, np.ndarray]  # scores (n, 14) of each part before it saw the validation videos


def fit(
    train: Videos,
    validation: Videos,
    labels: tuple[np.ndarray, np.ndarray],
    *,
    epochs: int,
    learning_rate: float,
    batch_size: int = 32,
    seed: int = 0,
    name: str = BEST,
    checkpoints: Path | None = None,
) -> Fitted:
    """Fit the parts of one of `MODELS` on `train`, weigh them on `validation`, fit the frozen ones on both.

    Without thumbnails the views that need them are left out. The sentence encoder is trained once, since that
    takes minutes. Call `training.make_deterministic` first. For `checkpoints` see `training.through_epochs`.
    """
    views = answerable(name, train.thumbnails is not None)
    parts = {part for its in views.values() for part in its}
    chosen = baselines.tfidf((train.titles, labels[0]), (validation.titles, labels[1]))
    first = fit_frozen(train, labels[0], chosen.classifier, parts)
    held_out = first.scores(validation, parts)
    minilm, history = None, pd.DataFrame()
    if "minilm" in parts:
        minilm, history = sentence_encoder.fine_tune(
            (train.titles, labels[0]),
            (validation.titles, labels[1]),
            epochs=epochs,
            learning_rate=learning_rate,
            batch_size=batch_size,
            seed=seed,
            checkpoints=checkpoints,
        )
        held_out["minilm"] = sentence_encoder.scores(minilm, validation.titles)
    weights = {
        view: late_fusion.fit_weights([held_out[part] for part in its], labels[1])
        for view, its in views.items()
    }
    frozen = fit_frozen(together(train, validation), np.concatenate(labels), chosen.classifier, parts)
    return Fitted(Ensemble(frozen, minilm, views, weights), history, held_out)


def answerable(name: str, thumbnails: bool) -> dict[str, tuple[str, ...]]:
    """The views that one of `MODELS` answers from, and their parts; without thumbnails the title alone."""
    return {view: parts for view, parts in MODELS[name].items() if thumbnails or view == "title"}


def fit_frozen(
    videos: Videos, labels: np.ndarray, like: ClassifierMixin, parts: Collection[str]
) -> FrozenViews:
    """Those of the parts that need no training of a network; `like` is an unfitted or fitted TF-IDF pipeline.

    Time and memory of a kernel grow with the square of the number of videos: none is fitted unless asked for.
    """
    tfidf = clone(like).fit(videos.titles, labels)
    names = [name for name in KERNELS if name in parts]
    if not names:
        return FrozenViews(tfidf, None, {})
    scaler = None if videos.thumbnails is None else StandardScaler().fit(videos.thumbnails)
    features = kernel_features(videos, tfidf, scaler)
    return FrozenViews(tfidf, scaler, {name: kernels.fit(KERNELS[name], features, labels) for name in names})


def kernel_features(
    videos: Videos, tfidf: ClassifierMixin, scaler: StandardScaler | None
) -> kernels.Features:
    """What the kernels compare; thumbnails are standardized, then brought to unit length."""
    thumbnails = None
    if videos.thumbnails is not None and scaler is not None:
        thumbnails = normalize(scaler.transform(videos.thumbnails))
    return kernels.Features(tfidf[0].transform(videos.titles).tocsr(), videos.sentences, thumbnails)


def together(a: Videos, b: Videos) -> Videos:
    """The videos of both, those of `a` first."""
    pairs = (a.sentences, b.sentences), (a.thumbnails, b.thumbnails)
    return Videos(a.titles + b.titles, *(None if pair[0] is None else np.concatenate(pair) for pair in pairs))
