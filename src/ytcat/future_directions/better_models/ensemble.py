"""The best model: kernels, TF-IDF and a fine-tuned sentence encoder, joined by late fusion.

It answers from the title, from the thumbnail, or from both, whichever are there.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin, clone
from sklearn.preprocessing import StandardScaler, normalize

from ytcat.categories import N_CATEGORIES
from ytcat.corpus.more_titles import NO_TITLES, MoreTitles
from ytcat.future_directions.better_models import kernels, sentence_encoder
from ytcat.future_directions.thumbnail_features import openvino, store
from ytcat.models import baselines, late_fusion
from ytcat.progress import tracked
from ytcat.runs import Part
from ytcat.views import view_of

if TYPE_CHECKING:
    from ytcat.quiet_tensorflow import keras

TITLE_PARTS = ("title_linear", "title_kernel", "minilm")
LEARN_MORE_TITLES = ("title_linear", "minilm")  # the parts that learn from titles of other corpora
MORE_TITLES_WEIGHT = 0.5  # of a title of another corpus; one of the own corpus has 1
KERNELS = ("title_kernel", "thumbnail_kernel", "joint_kernel")
BLOCK_SIZE = 2048  # videos that are compared at once
BEST = "best"
# The models that can be trained by name: by view, the parts whose scores are weighted.
TRAINABLE = {
    BEST: {
        "title": TITLE_PARTS,
        "thumbnail": ("thumbnail_kernel",),
        "both": (*TITLE_PARTS, "thumbnail_kernel", "joint_kernel"),
    },
    "late_fusion": {
        "title": ("title_kernel",),
        "thumbnail": ("thumbnail_kernel",),
        "both": ("title_kernel", "thumbnail_kernel"),
    },
    **{part: {"title": (part,)} for part in TITLE_PARTS},
    "thumbnail_kernel": {"thumbnail": ("thumbnail_kernel",)},
    "joint_kernel": {"both": ("joint_kernel",)},
}


@dataclass(frozen=True)
class Videos:
    """What the model reads, one row per video."""

    titles: list[str]
    sentences: np.ndarray | None  # (n, 384) float32, see `sentence_encoder.embed`; None without kernels
    thumbnails: np.ndarray | None  # (n, 5336) float32, see `store.thumbnails`; None for titles alone
    labels: np.ndarray | None = None  # (n,) int; None where they are not known


def read_videos(
    part: Part, mirrored: bool = False, parts: Collection[str] = KERNELS, backend: str = openvino.KERAS
) -> Videos:
    """What those `parts` of a model read of the videos; for the other arguments see `store.thumbnails`."""
    views = {view_of(name).key for name in parts if name in KERNELS}
    sees = part.corpus.has_enough_thumbnails and views - {"title"}
    return Videos(
        part.titles,
        sentence_encoder.embed(part.titles) if views else None,
        store.thumbnails(part.corpus, part.rows, mirrored, backend) if sees else None,
        part.labels,
    )


def concatenate(a: Videos, b: Videos) -> Videos:
    """The videos of both, those of `a` first."""
    pairs = (a.sentences, b.sentences), (a.thumbnails, b.thumbnails), (a.labels, b.labels)
    return Videos(a.titles + b.titles, *(None if pair[0] is None else np.concatenate(pair) for pair in pairs))


def select(videos: Videos, rows: slice | np.ndarray) -> Videos:
    """Those rows of the videos."""
    titles = np.array(videos.titles, dtype=object)[rows].tolist()
    arrays = videos.sentences, videos.thumbnails, videos.labels
    return Videos(titles, *(None if array is None else array[rows] for array in arrays))


def blocks_of(n: int) -> list[slice]:
    """The rows of n videos in blocks, so that memory does not grow with them."""
    return [slice(start, start + BLOCK_SIZE) for start in range(0, max(n, 1), BLOCK_SIZE)]


@dataclass(frozen=True)
class FrozenParts:
    """The parts that are fitted in seconds: TF-IDF with its linear model, and the kernels."""

    tfidf: ClassifierMixin  # a pipeline of features and linear model
    scaler: StandardScaler | None  # of the thumbnails' features
    features: kernels.Features | None  # of the videos that the kernels compare with; None without kernels
    kernels: dict[str, kernels.OneHotKernelRidge]

    def scores(self, videos: Videos, parts: Collection[str]) -> dict[str, np.ndarray]:
        """Scores (n, 14) by name of those of the parts that are frozen."""
        blocks = [self._scores(select(videos, block), parts) for block in blocks_of(len(videos.titles))]
        return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}

    def _scores(self, videos: Videos, parts: Collection[str]) -> dict[str, np.ndarray]:
        scores = {}
        if chosen := [name for name in self.kernels if name in parts]:
            views = {name: view_of(name).key for name in chosen}
            features = kernel_features(videos, self.tfidf, self.scaler)
            grams = kernels.kernels_of(views.values(), features, self.features)
            scores = {name: self.kernels[name].predict(grams[view]) for name, view in views.items()}
        if "title_linear" in parts:
            scores["title_linear"] = late_fusion.log_scores(baselines.predict(self.tfidf, videos.titles))
        return scores


def fit_frozen(
    videos: Videos,
    unfitted: ClassifierMixin,
    parts: Collection[str],
    landmarks: int = kernels.LANDMARKS,
    more: MoreTitles = NO_TITLES,
    weight: float = MORE_TITLES_WEIGHT,
) -> FrozenParts:
    """Fit those of the parts that need no training of a network; `unfitted` is a TF-IDF pipeline to clone.

    The linear model learns from `more` titles too, each with that `weight` in the loss, and the kernels use
    its TF-IDF weights.
    Time and memory of a kernel grow with the square of the number of videos, so only the kernels among
    `parts` are fitted, and on more videos than `landmarks` they compare with so many alone.
    """
    (titles, labels), weights = more.after(videos.titles, videos.labels, weight)
    tfidf = clone(unfitted)
    tfidf.fit(titles, labels, **{f"{tfidf.steps[-1][0]}__sample_weight": weights})
    chosen = [name for name in KERNELS if name in parts]
    if not chosen:
        return FrozenParts(tfidf, None, None, {})
    if len(videos.titles) > landmarks:
        return _fit_by_landmarks(videos, tfidf, chosen, landmarks)
    scaler = None if videos.thumbnails is None else StandardScaler().fit(videos.thumbnails)
    features = kernel_features(videos, tfidf, scaler)
    fitted = {}
    for name in chosen:
        view = view_of(name).key
        gram = kernels.kernel(view, features, features)
        fitted[name] = kernels.classifier(view).fit(gram, videos.labels)
    return FrozenParts(tfidf, scaler, features, fitted)


def _fit_by_landmarks(
    videos: Videos, tfidf: ClassifierMixin, names: Collection[str], landmarks: int
) -> FrozenParts:
    """Fit the kernels of those names on all videos, block by block, compared with landmarks alone."""
    n = len(videos.titles)
    scaler = None if videos.thumbnails is None else StandardScaler()
    if scaler is not None:
        for block in blocks_of(n):
            scaler.partial_fit(videos.thumbnails[block])
    rows = np.sort(np.random.default_rng(0).choice(n, landmarks, replace=False))
    compared = kernel_features(select(videos, rows), tfidf, scaler)
    priors = np.bincount(videos.labels, minlength=N_CATEGORIES) / n
    views = {name: view_of(name).key for name in names}
    fits = {
        name: kernels.LandmarkRidge(view, kernels.kernel(view, compared, compared), priors)
        for name, view in views.items()
    }
    blocks = blocks_of(n)
    for block in tracked(blocks, "Fitting kernels", " blocks", len(blocks)):
        features = kernel_features(select(videos, block), tfidf, scaler)
        grams = kernels.kernels_of(views.values(), features, compared)
        for name, view in views.items():
            fits[name].partial_fit(grams[view], videos.labels[block])
    solved = {name: fit_of_kernel.solve() for name, fit_of_kernel in fits.items()}
    return FrozenParts(tfidf, scaler, compared, solved)


def kernel_features(
    videos: Videos, tfidf: ClassifierMixin, scaler: StandardScaler | None
) -> kernels.Features:
    """What the kernels compare; thumbnails are standardized, then brought to unit length."""
    thumbnails = None
    if videos.thumbnails is not None and scaler is not None:
        thumbnails = normalize(scaler.transform(videos.thumbnails))
    return kernels.Features(tfidf[0].transform(videos.titles).tocsr(), videos.sentences, thumbnails)


@dataclass(frozen=True)
class Ensemble:
    """A fitted model: one of `TRAINABLE`."""

    frozen: FrozenParts
    minilm: "keras.Model | None"  # None where no view uses it
    views: dict[str, tuple[str, ...]]  # the parts of each view that the model answers from
    weights: dict[str, np.ndarray]  # of the parts of each view, in their order

    @property
    def widest(self) -> str:
        """The view with the most parts: "both", or the only view of a model of one view."""
        return max(self.views, key=lambda view: len(self.views[view]))

    @property
    def weights_by_part(self) -> dict[str, dict[str, float]]:
        """The weight of each part, by view and name."""
        return {view: dict(zip(self.views[view], self.weights[view], strict=True)) for view in self.views}

    def scores(self, videos: Videos, view: str) -> dict[str, np.ndarray]:
        """Scores (n, 14) by name of the parts of a view."""
        return self.frozen.scores(videos, self.views[view]) | self.encoder_scores(videos.titles, view)

    def encoder_scores(self, titles: list[str], view: str) -> dict[str, np.ndarray]:
        """Scores (n, 14) of the fine-tuned encoder by its name, or {} if the view does not use it."""
        if "minilm" not in self.views[view]:
            return {}
        return {"minilm": sentence_encoder.scores(self.minilm, titles)}

    def probabilities(self, scores: dict[str, np.ndarray], view: str) -> np.ndarray:
        """(n, 14) float32 from the scores of the parts, for "title", "thumbnail" or "both"."""
        return late_fusion.combine([scores[name] for name in self.views[view]], self.weights[view])


@dataclass(frozen=True)
class FittedEnsemble:
    """A model, and what its training leaves beside it."""

    ensemble: Ensemble
    history: pd.DataFrame  # of the sentence encoder, one row per epoch; empty without it
    validation_scores: dict[str, np.ndarray]  # (n, 14) of each part before it was fitted on validation too
    validation_labels: np.ndarray  # (n,)


def fit(
    train: Videos,
    validation: Videos,
    *,
    name: str = BEST,
    epochs: int,
    learning_rate: float,
    batch_size: int = 32,
    seed: int = 0,
    landmarks: int = kernels.LANDMARKS,
    more: MoreTitles = NO_TITLES,
    checkpoints: Path | None = None,
) -> FittedEnsemble:
    """Train one of `TRAINABLE`: fit its parts on `train`, their weights on `validation`.

    Then the frozen parts are fitted again on both, but not the sentence encoder, which takes minutes and, out
    of fold, gained nothing by it. Without thumbnails the model answers from the title alone. The parts
    `LEARN_MORE_TITLES` learn from `more` titles of other corpora. Call `training.make_deterministic` first.
    For `landmarks` see `fit_frozen`, for `checkpoints` `training.through_epochs`.
    """
    views = answerable(name, train.thumbnails is not None)
    parts = {part for parts_of_view in views.values() for part in parts_of_view}
    learned, title_weights = more.after(train.titles, train.labels, MORE_TITLES_WEIGHT)
    titles = learned, (validation.titles, validation.labels)
    pipeline = baselines.tfidf(*titles, weights=title_weights).classifier
    scores = fit_frozen(train, pipeline, parts, landmarks, more).scores(validation, parts)
    minilm, history = None, pd.DataFrame()
    if "minilm" in parts:
        minilm, history = sentence_encoder.fine_tune(
            *titles,
            weights=title_weights,
            epochs=epochs,
            learning_rate=learning_rate,
            batch_size=batch_size,
            seed=seed,
            checkpoints=checkpoints,
        )
        scores["minilm"] = sentence_encoder.scores(minilm, validation.titles)
    weights = {
        view: late_fusion.fit_weights([scores[part] for part in parts_of_view], validation.labels)
        for view, parts_of_view in views.items()
    }
    frozen = fit_frozen(concatenate(train, validation), pipeline, parts, landmarks, more)
    return FittedEnsemble(Ensemble(frozen, minilm, views, weights), history, scores, validation.labels)


def answerable(name: str, thumbnails: bool) -> dict[str, tuple[str, ...]]:
    """The parts of one of `TRAINABLE` by view; without thumbnails those of the title alone."""
    return {view: parts for view, parts in TRAINABLE[name].items() if thumbnails or view == "title"}
