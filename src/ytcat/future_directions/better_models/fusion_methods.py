"""The ways of chapter 07 to answer from title and thumbnail, all on the same videos.

Each function gives probabilities (n, 14) float32 of the test videos, by the model's key in
`ytcat.views.MODELS`. `test_scores` are the scores of the ensemble's parts on the test videos.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ytcat.future_directions.better_models import fusion_networks, kernels, sentence_encoder
from ytcat.future_directions.better_models.ensemble import (
    FittedEnsemble,
    FrozenParts,
    Videos,
    kernel_features,
)
from ytcat.models import baselines, late_fusion, training
from ytcat.views import view_of

SENTENCE_STRENGTHS = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)  # of the linear model on frozen sentence embeddings
STACKED = ("title_kernel", "thumbnail_kernel")  # the parts that are fast enough to fit once per fold
LEARNING_RATES = {"gated_unit": 3e-3, "cross_attention": 5e-4}
BATCH_SIZE = 64  # of the networks


def single_models(fitted: FittedEnsemble, test_scores: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Each part alone, its temperature fitted on validation; and "best_title", all parts of the title."""
    alone = {}
    for part, scores in fitted.validation_scores.items():
        weights = late_fusion.fit_weights([scores], fitted.validation_labels)
        alone[part] = late_fusion.combine([test_scores[part]], weights)
    return alone | {"best_title": fitted.ensemble.probabilities(test_scores, "title")}


def frozen_sentences(train: Videos, validation: Videos, test: Videos) -> dict[str, np.ndarray]:
    """Logistic regression on the published encoder's embeddings: the baseline of fine-tuning."""
    parts = ((videos.sentences, videos.labels) for videos in (train, validation))
    chosen = baselines.linear_probe(*parts, SENTENCE_STRENGTHS)
    return {"minilm_frozen": baselines.predict(chosen.classifier, test.sentences)}


def two_views(fitted: FittedEnsemble, test_scores: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Late fusion of the title's probabilities with the thumbnail's."""
    model = fitted.ensemble
    validation, test = (
        [late_fusion.log_scores(model.probabilities(scores, view)) for view in ("title", "thumbnail")]
        for scores in (fitted.validation_scores, test_scores)
    )
    weights = late_fusion.fit_weights(validation, fitted.validation_labels)
    return {"late_fusion": late_fusion.combine(test, weights)}


class Stacking(NamedTuple):
    """Stacking on scores of videos that the kernels were fitted on, and on out-of-fold scores."""

    probabilities: dict[str, np.ndarray]  # of the test videos, by "stacking_in_sample" and "stacking"
    accuracies: dict[str, dict[str, float]]  # top-1 of each part on training videos, by the same keys


def stacking(
    fitted: FittedEnsemble, train: Videos, folds: np.ndarray, test_scores: Mapping[str, np.ndarray]
) -> Stacking:
    """Logistic regression on the scores of the kernels of title and thumbnail.

    Fitted once on scores of training videos that the kernels were fitted on, as the slides fit their joint
    layer, and once on out-of-fold scores; `folds` (n,) int are the folds of the training videos.
    (`sklearn.ensemble.StackingClassifier` would fit the kernels anew, on training videos alone.)
    """
    frozen = fitted.ensemble.frozen
    features = kernel_features(train, frozen.tfidf, frozen.scaler)
    in_sample = frozen.scores(train, STACKED)
    ways = {
        "stacking_in_sample": [in_sample[part] for part in STACKED],
        "stacking": [
            kernels.out_of_fold(view_of(part).key, features, train.labels, folds) for part in STACKED
        ],
    }
    test = np.hstack([test_scores[part] for part in STACKED])
    probabilities, accuracies = {}, {}
    for name, scores in ways.items():
        probabilities[name] = baselines.predict(late_fusion.stacker(scores, train.labels), test)
        top1 = [float((part_scores.argmax(axis=1) == train.labels).mean()) for part_scores in scores]
        accuracies[name] = dict(zip(STACKED, top1, strict=True))
    return Stacking(probabilities, accuracies)


def networks(
    frozen: FrozenParts,
    videos: Sequence[Videos],
    maps: Sequence[np.ndarray],
    epochs: int,
    seed: int,
    checkpoints: Path | None = None,
) -> dict[str, np.ndarray]:
    """The gated unit and the cross-attention on frozen features, each stopped early on validation.

    `videos` and `maps` (n, 2, 4, 2048), the thumbnails' feature maps, are those of training, validation and
    test. `epochs` is the most. For `checkpoints` see `training.through_epochs`; each network has a folder of
    its name there.
    """
    inputs = {
        "gated_unit": [
            [part.sentences, kernel_features(part, frozen.tfidf, frozen.scaler).thumbnail] for part in videos
        ],
        "cross_attention": [
            [_token_states(part.titles), _places(part_maps)]
            for part, part_maps in zip(videos, maps, strict=True)
        ],
    }
    probabilities = {}
    for name, (train, validation, test) in inputs.items():
        print(f"epoch by epoch: {name}", flush=True)
        training.make_deterministic(seed)
        model = (
            fusion_networks.cross_attention()
            if name == "cross_attention"
            else fusion_networks.gated_unit(train[0].shape[1], train[1].shape[1])
        )
        training.fit(
            model,
            (train, videos[0].labels),
            (validation, videos[1].labels),
            epochs=epochs,
            learning_rate=LEARNING_RATES[name],
            batch_size=BATCH_SIZE,
            checkpoints=checkpoints and checkpoints / name,
        )
        probabilities[name] = model.predict(test, batch_size=BATCH_SIZE, verbose=0)
    return probabilities


def _token_states(titles: list[str]) -> np.ndarray:
    return sentence_encoder.token_states(titles, fusion_networks.TITLE_TOKENS).astype(np.float32)


def _places(maps: np.ndarray) -> np.ndarray:
    return maps.reshape(len(maps), -1, maps.shape[-1]).astype(np.float32)
