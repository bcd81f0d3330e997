"""Every way of chapter 07 to answer from title and thumbnail, on the same videos.

Each function gives probabilities (n, 14) float32 of the test videos by model name.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ytcat.future_directions.better_models import (
    ensemble,
    fusion_networks,
    kernels,
    sentence_encoder,
)
from ytcat.models import baselines, late_fusion, training

SENTENCE_STRENGTHS = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)  # of the linear model on frozen sentence embeddings
STACKED = ("title_kernel", "thumbnail_kernel")  # the parts that are cheap enough to fit once a fold
JOINT_LEARNING_RATE = {"gated_unit": 3e-3, "cross_attention": 5e-4}
JOINT_BATCH = 64


class Stacked(NamedTuple):
    """Stacking on answers to videos that the parts had learnt from, and to videos that they had not."""

    probabilities: dict[str, np.ndarray]  # of the test videos: "stacking_in_sample" and "stacking"
    accuracies: dict[str, dict[str, float]]  # top-1 on training videos of each part, by the same two names


def single_views(
    fitted: ensemble.Fitted, labels: np.ndarray, test: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Each part on its own, and all that read the title together, their temperatures fitted on validation.

    `labels` are the validation videos'; `test` holds the parts' scores of the test videos.
    """
    found = {}
    for name, held_out in fitted.validation.items():
        weights = late_fusion.fit_weights([held_out], labels)
        found[name] = late_fusion.combine([test[name]], weights)
    return found | {"best_title": fitted.ensemble.probabilities(test, "title")}


def frozen_sentences(
    train: tuple[np.ndarray, np.ndarray], validation: tuple[np.ndarray, np.ndarray], test: np.ndarray
) -> np.ndarray:
    """Logistic regression on the published encoder's embeddings (n, 384): the baseline of fine-tuning."""
    chosen = baselines.linear_probe(train, validation, SENTENCE_STRENGTHS)
    return baselines.predict(chosen.classifier, test)


def two_views(
    fitted: ensemble.Fitted, labels: np.ndarray, test: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Late fusion of the title's answer with the thumbnail's; arguments as for `single_views`."""
    model = fitted.ensemble
    held_out, answered = (
        [late_fusion.log_scores(model.probabilities(scores, view)) for view in ("title", "thumbnail")]
        for scores in (fitted.validation, test)
    )
    return {"late_fusion": late_fusion.combine(answered, late_fusion.fit_weights(held_out, labels))}


def stacking(
    fitted: ensemble.Fitted,
    train: ensemble.Videos,
    labels: np.ndarray,
    folds: np.ndarray,
    test: dict[str, np.ndarray],
) -> Stacked:
    """Logistic regression on the scores of the kernels of title and thumbnail.

    Once fitted on their scores of the training videos that they had learnt, as the slides fit their joint
    layer, and once on out-of-fold scores. `labels` are the training videos', `folds` (n,) int their folds.
    """
    frozen = fitted.ensemble.frozen
    features = ensemble.kernel_features(train, frozen.tfidf, frozen.scaler)
    ways = {
        "stacking_in_sample": [frozen.kernels[part].scores(features) for part in STACKED],
        "stacking": [
            kernels.out_of_fold(ensemble.KERNELS[part], features, labels, folds) for part in STACKED
        ],
    }
    answered = np.hstack([test[part] for part in STACKED])
    return Stacked(
        {
            name: baselines.predict(late_fusion.stacker(scores, labels), answered)
            for name, scores in ways.items()
        },
        {
            name: {
                part: float((view.argmax(axis=1) == labels).mean())
                for part, view in zip(STACKED, scores, strict=True)
            }
            for name, scores in ways.items()
        },
    )


def network_inputs(
    videos: dict[str, ensemble.Videos], maps: dict[str, np.ndarray], frozen: ensemble.FrozenViews
) -> dict[str, dict[str, list[np.ndarray]]]:
    """What `networks` reads: frozen features, and the thumbnails' maps (n, 2, 4, 2048), of each part."""
    return {
        "gated_unit": {
            part: [its.sentences, ensemble.kernel_features(its, frozen.tfidf, frozen.scaler).thumbnail]
            for part, its in videos.items()
        },
        "cross_attention": {
            part: [
                sentence_encoder.token_states(its.titles, fusion_networks.TITLE_TOKENS).astype(np.float32),
                maps[part].reshape(len(its.titles), -1, 2048).astype(np.float32),
            ]
            for part, its in videos.items()
        },
    }


def networks(
    inputs: dict[str, dict[str, list[np.ndarray]]],
    labels: dict[str, np.ndarray],
    epochs: int,
    seed: int,
    checkpoints: Path | None = None,
) -> dict[str, np.ndarray]:
    """The gated unit and the cross-attention, each stopped early on validation.

    `inputs`: for "gated_unit" and "cross_attention", the arrays [title, thumbnail] of each part ("train",
    "validation", "test") as `fusion_networks` wants them. `labels` of train and validation.
    For `checkpoints` see `training.through_epochs`; each network has a folder of its name there.
    """
    found = {}
    for name, parts in inputs.items():
        print(f"epoch by epoch: {name}", flush=True)
        training.make_deterministic(seed)
        title, thumbnail = parts["train"]
        model = (
            fusion_networks.cross_attention()
            if name == "cross_attention"
            else fusion_networks.gated_unit(title.shape[1], thumbnail.shape[1])
        )
        training.fit(
            model,
            (parts["train"], labels["train"]),
            (parts["validation"], labels["validation"]),
            epochs=epochs,
            learning_rate=JOINT_LEARNING_RATE[name],
            batch_size=JOINT_BATCH,
            checkpoints=checkpoints and checkpoints / name,
        )
        found[name] = model.predict(parts["test"], batch_size=JOINT_BATCH, verbose=0)
    return found
