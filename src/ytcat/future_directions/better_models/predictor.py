"""A model for use, the best or another by name: trained on a corpus into a folder, asked about videos."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ytcat import runs
from ytcat.atomic_files import atomic_path
from ytcat.categories import IDS
from ytcat.corpus import Corpus, image_from_bytes
from ytcat.corpus.ingest import Unlabelled
from ytcat.corpus.splits import split as split_videos
from ytcat.evaluation import leakage, metrics
from ytcat.exceptions import YtcatError
from ytcat.future_directions.better_models import ensemble, model_card, persistence, sentence_encoder
from ytcat.future_directions.thumbnail_features import encoder as enlarged
from ytcat.future_directions.thumbnail_features import openvino as engines
from ytcat.future_directions.thumbnail_features import store
from ytcat.models import training

EPOCHS, LEARNING_RATE = 4, 1e-4  # as in the profile `full`: see chapter 07
BLOCK = 128  # thumbnails in memory at a time


def train(
    corpus: Corpus,
    folder: Path,
    split: str = "random",
    fold: int = 0,
    seed: int = 0,
    epochs: int = EPOCHS,
    limit: int | None = None,
    model: str = ensemble.BEST,
    checkpoints: Path | None = None,
    engine: str = engines.KERAS,
) -> dict[str, Any]:
    """Train a model on a corpus's training and validation videos; write it, whole or not at all.

    `model` is a name of `ensemble.MODELS`.
    `folder` must not exist, or be empty. It will hold what `Predictor` reads, and a model card. Where the
    corpus has thumbnails, only videos with one are used. For `checkpoints` see
    `ytcat.models.training.through_epochs`, for `engine` `openvino`. Returns what the card says of
    the model.
    Raises YtcatError if the folder has content, or if there is no such model or it needs thumbnails that the
    corpus lacks.
    """
    if model not in ensemble.MODELS:
        raise YtcatError(f"There is no model {model!r}: choose one of {', '.join(ensemble.MODELS)}.")
    views = ensemble.answerable(model, corpus.has_thumbnails)
    if not views:
        raise YtcatError(f"The model {model} needs thumbnails, and the corpus {corpus.name} has none.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise YtcatError(f"{folder} exists already: remove it, or give another folder.")
    videos = corpus.videos[corpus.videos["has_thumbnail"]] if corpus.has_thumbnails else corpus.videos
    part = split_videos(videos, split, fold=fold, limit=limit)
    rows = {name: videos.index[part == name].to_numpy() for name in ("train", "validation", "test")}
    labels = {name: videos.loc[its, "label"].to_numpy() for name, its in rows.items()}
    asked = {part for its in views.values() for part in its}
    parts = {name: read(corpus, its, name == "train", asked, engine) for name, its in rows.items()}
    training.make_deterministic(seed)
    fitted = ensemble.fit(
        parts["train"],
        parts["validation"],
        (labels["train"], labels["validation"]),
        epochs=epochs,
        learning_rate=LEARNING_RATE,
        seed=seed,
        name=model,
        checkpoints=checkpoints,
    )
    its = fitted.ensemble
    scores = its.scores(parts["test"], its.widest)
    answers = {view: its.probabilities(scores, view) for view in its.views}
    widest = answers[its.widest]
    right = pd.Series(metrics.in_top_k(labels["test"], widest, 1), index=rows["test"])
    about = {
        "model": model,
        "parts": its.views[its.widest],
        "corpus": corpus.name,
        "synthetic": corpus.synthetic,
        "corpus_sha256": corpus.sha256,
        "split": split,
        "fold": fold,
        "seed": seed,
        "epochs": epochs,
        "engine": engines.name(store.encoder(engine)) if parts["test"].thumbnails is not None else None,
        "videos": {name: len(its) for name, its in rows.items()},
        "without_thumbnail": len(corpus.videos) - len(videos),
        "figures": {view: metrics.summary(labels["test"], p) for view, p in answers.items()},
        "recall": metrics.per_category(metrics.confusion(labels["test"], widest.argmax(axis=1)))[
            ["category", "support", "recall"]
        ].to_dict("records"),
        "overlap": leakage.by_overlap(videos, part, right),
        "git": runs.git_state(),
    }
    with atomic_path(folder) as temporary:
        temporary.mkdir(parents=True)
        persistence.save(its, temporary, about)
        (temporary / "README.md").write_text(model_card.write(about), encoding="utf-8")
    return about


class Predictor:
    """A trained model that answers about titles, thumbnails, or both."""

    VIEWS = model_card.VIEWS

    def __init__(self, folder: Path, engine: str = engines.KERAS) -> None:
        """Read the model; `engine` is to compute thumbnails' features. Raises YtcatError if it is none."""
        self.engine = engine
        self.ensemble, self.about = persistence.load(folder)

    def answer(self, titles: list[str], pictures: list[bytes | None]) -> tuple[np.ndarray, np.ndarray]:
        """The view that each of n videos was answered from, (n,) str, and (n, 14) float32 in label order.

        A title may be "", a picture (the bytes of an image file) None. Raises YtcatError for a video with
        neither, or with a thumbnail alone if the model has learnt from titles alone; ValueError for a
        picture that cannot be read.
        """
        views = np.array([self._view(*video) for video in zip(titles, pictures, strict=True)], dtype=str)
        answers = np.empty((len(titles), len(IDS)), dtype=np.float32)
        for view in np.unique(views):
            rows = np.flatnonzero(views == view)
            scores = self._scores(view, [titles[row] for row in rows], [pictures[row] for row in rows])
            answers[rows] = self.ensemble.probabilities(scores, view)
        return views, answers

    def table(self, videos: Unlabelled) -> tuple[pd.DataFrame, dict[str, int]]:
        """A row a video, and how many were answered from which view.

        The columns: `video_id`, `category_id`, and `p_<YouTube id>` of each of the 14.
        """
        views, answers = self.answer(videos.titles, videos.pictures)
        table = pd.DataFrame(answers, columns=runs.PROBABILITY_COLUMNS)
        table.insert(0, "video_id", videos.video_ids)
        table.insert(1, "category_id", np.array(IDS)[answers.argmax(axis=1)])
        return table, pd.Series(views).value_counts().to_dict()

    def _view(self, title: str, picture: bytes | None) -> str:
        """The view of a video with this title and picture; of both, the one that the model has learnt."""
        can = self.ensemble.views
        there = [view for view, is_there in (("title", title.strip()), ("thumbnail", picture)) if is_there]
        if len(there) == 2 and "both" in can:
            return "both"
        if found := [view for view in there if view in can]:
            return found[0]
        ways = " or ".join(self.VIEWS[view] for view in can)
        raise YtcatError(f"This model answers from {ways}: give that.")

    def _scores(self, view: str, titles: list[str], pictures: list[bytes | None]) -> dict[str, np.ndarray]:
        """The encoders of titles and thumbnails at once: neither keeps two cores busy on its own."""
        its = self.ensemble
        with ThreadPoolExecutor(1) as pool:
            seen = None if view == "title" else pool.submit(self._thumbnails, pictures)
            tuned = its.tuned_scores(titles, view)
            sentences = sentence_encoder.embed(titles) if its.frozen.kernels else None
        videos = ensemble.Videos(titles, sentences, seen and seen.result())
        return its.frozen.scores(videos, its.views[view]) | tuned

    def _thumbnails(self, pictures: list[bytes]) -> np.ndarray:
        encoder, blocks = store.encoder(self.engine), []
        for start in range(0, len(pictures), BLOCK):
            images = np.stack([image_from_bytes(picture) for picture in pictures[start : start + BLOCK]])
            blocks.append(enlarged.encode(encoder, enlarged.prepare(images))["pooled"])
        return np.concatenate(blocks)


def read(
    corpus: Corpus,
    rows: np.ndarray,
    mirrored: bool,
    parts: Collection[str],
    engine: str = engines.KERAS,
) -> ensemble.Videos:
    """What those parts of a model read of some videos; for the rest see `store.thumbnails`."""
    titles = corpus.videos.loc[rows, "title"].tolist()
    read_by = {ensemble.KERNELS[part] for part in parts if part in ensemble.KERNELS}
    sees = corpus.has_thumbnails and read_by - {"title"}
    return ensemble.Videos(
        titles,
        sentence_encoder.embed(titles) if read_by else None,
        store.thumbnails(corpus, rows, mirrored, engine) if sees else None,
    )
