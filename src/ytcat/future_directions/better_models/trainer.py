"""Training a model for use, the best or another by name, on a corpus into a folder."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ytcat import paths
from ytcat.atomic_files import atomic_path
from ytcat.corpus import Corpus, more_titles
from ytcat.corpus.enough import MIN_THUMBNAILS, too_few
from ytcat.corpus.splits import split as split_videos
from ytcat.evaluation import leakage, metrics
from ytcat.exceptions import YtcatError
from ytcat.future_directions.better_models import ensemble, kernels, model_card, persistence
from ytcat.future_directions.thumbnail_features import openvino, store
from ytcat.runs import Part, Parts, git_state


@dataclass(frozen=True)
class TrainingSettings:
    """What a model is trained on, and how; the defaults are those of the profile `full` of chapter 07."""

    model: str = ensemble.BEST  # a name of `ensemble.TRAINABLE`
    split: str = "random"  # a key of `ytcat.views.SPLITS`
    fold: int = 0  # of the split by channel
    limit: int = 0  # the number of videos, 0 for all
    seed: int = 0
    epochs: int = 4  # of the sentence encoder
    backend: str = openvino.KERAS  # for thumbnail features
    landmarks: int = kernels.LANDMARKS  # training videos that a kernel compares with, at most
    mirrored: bool = True  # train on means with the mirrored thumbnails, which takes twice the time


LEARNING_RATE = 1e-4  # of the sentence encoder, at its highest


def train(
    corpus: Corpus,
    folder: Path,
    settings: TrainingSettings = TrainingSettings(),
    checkpoints: Path | None = None,
    others: Sequence[Corpus] = (),
) -> dict[str, Any]:
    """Train a model on a corpus's training and validation videos; write it, whole or not at all.

    `folder` must not exist, or be empty, and not lie in the corpus folder. It will hold what a `Predictor`
    reads, and a model card. For the videos that are used see `split_corpus`, for `checkpoints`
    `ytcat.models.training.through_epochs`. The parts `ensemble.LEARN_MORE_TITLES` learn from the titles of
    the `others`, too. Returns the facts that the model card tells.
    Raises YtcatError if the folder has content, if there is no such model, if it needs thumbnails that the
    corpus lacks, if there are too few videos, or if there are `others` and no part learns from them.
    """
    paths.check_output(folder, *(each.source for each in (corpus, *others) if not each.synthetic))
    _check(corpus, settings.model, others)
    parts, part_of_videos = split_corpus(corpus, settings)
    parts.check_size(settings.split)
    videos = corpus.videos.loc[part_of_videos.index]
    views = ensemble.answerable(settings.model, corpus.has_enough_thumbnails)
    used = {part for parts_of_view in views.values() for part in parts_of_view}
    train, validation, test = (
        ensemble.read_videos(part, settings.mirrored and part is parts.train, used, settings.backend)
        for part in parts
    )
    held_out = pd.concat([parts.validation.videos, parts.test.videos])
    more = more_titles.gather(others, parts.train.videos, held_out, settings.split)
    from ytcat.models import training  # TensorFlow takes seconds to import: what is refused comes before

    training.make_deterministic(settings.seed)
    model = ensemble.fit(
        train,
        validation,
        name=settings.model,
        epochs=settings.epochs,
        learning_rate=LEARNING_RATE,
        seed=settings.seed,
        landmarks=settings.landmarks,
        more=more,
        checkpoints=checkpoints,
    ).ensemble
    scores = model.scores(test, model.widest)
    probabilities = {view: model.probabilities(scores, view) for view in model.views}
    widest = probabilities[model.widest]
    correct = pd.Series(metrics.in_top_k(test.labels, widest, 1), index=parts.test.rows)
    recall = metrics.per_category(metrics.confusion(test.labels, widest.argmax(axis=1)))
    backend = None if test.thumbnails is None else openvino.backend_name(store.encoder(settings.backend))
    about = asdict(settings) | {
        "backend": backend,
        "parts": model.views[model.widest],
        "corpus": corpus.name,
        "synthetic": corpus.synthetic,
        "corpus_sha256": corpus.sha256,
        "more_titles": more.corpora,
        "more_titles_weight": ensemble.MORE_TITLES_WEIGHT,
        "more_titles_learned_by": [part for part in ensemble.LEARN_MORE_TITLES if part in used],
        "videos": {part.name: len(part) for part in parts},
        "compared_with": len(compared.words.indptr) - 1 if (compared := model.frozen.features) else 0,
        "without_thumbnail": len(corpus.videos) - len(videos),
        "thumbnails_not_used": 0
        if corpus.has_enough_thumbnails
        else int(corpus.videos["has_thumbnail"].sum()),
        "figures": {view: metrics.summary(test.labels, p) for view, p in probabilities.items()},
        "recall": recall[["category", "support", "recall"]].to_dict("records"),
        "overlap": leakage.by_overlap(videos, part_of_videos.to_numpy(), correct),
        "git": git_state(),
    }
    with atomic_path(folder) as temporary:
        temporary.mkdir(parents=True)
        persistence.save_networks(model, temporary)
        files = persistence.save(model, temporary, about)
        (temporary / persistence.CARD).write_text(model_card.write(about, files), encoding="utf-8")
    return about


def split_corpus(corpus: Corpus, settings: TrainingSettings) -> tuple[Parts, pd.Series]:
    """The parts of the split, and the part of each usable video (str, by row number in the corpus).

    Usable are the videos with a thumbnail where the corpus has enough of them, else all, by their titles.
    """
    videos = corpus.videos[corpus.videos["has_thumbnail"]] if corpus.has_enough_thumbnails else corpus.videos
    part_of_videos = split_videos(videos, settings.split, fold=settings.fold, limit=settings.limit or None)
    parts = Parts(*(Part(name, corpus, videos[part_of_videos == name]) for name in Parts._fields))
    return parts, pd.Series(part_of_videos, index=videos.index)


def _check(corpus: Corpus, model: str, others: Sequence[Corpus]) -> None:
    """Refuse what cannot be trained before anything is computed."""
    if model not in ensemble.TRAINABLE:
        raise YtcatError(f"There is no model {model!r}: choose one of {', '.join(ensemble.TRAINABLE)}.")
    learning = [
        name
        for name, views in ensemble.TRAINABLE.items()
        if any(part in parts for parts in views.values() for part in ensemble.LEARN_MORE_TITLES)
    ]
    if others and model not in learning:
        raise YtcatError(
            f"The model {model} learns from the titles of its own corpus only: choose one of "
            f"{', '.join(learning)}, or leave out --titles."
        )
    if not ensemble.answerable(model, corpus.has_enough_thumbnails):
        count, n = int(corpus.videos["has_thumbnail"].sum()), len(corpus.videos)
        there = f"{count:,} of {n:,}" if count else "none"
        raise YtcatError(
            f"The model {model} needs thumbnails, and the corpus {corpus.name} has {there}: at least "
            f"{MIN_THUMBNAILS} are needed, or one for each video."
        )
    for view in ensemble.answerable(model, corpus.has_enough_thumbnails):
        if reason := too_few(corpus.videos, view, corpus.name):
            raise YtcatError(reason)
