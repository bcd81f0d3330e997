"""Titles of other corpora, tried out of fold and without the test videos (`ytcat tune --titles`)."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss

from ytcat import paths, reference_runs
from ytcat.atomic_files import atomic_path, atomic_write
from ytcat.categories import N_CATEGORIES
from ytcat.corpus import Corpus, more_titles
from ytcat.corpus.splits import Kind, channel_codes, cross_validation, missing_column
from ytcat.evaluation import metrics
from ytcat.evaluation.statistics import paired_bootstrap
from ytcat.fingerprints import fingerprint
from ytcat.future_directions.better_models import ensemble, sentence_encoder, trainer
from ytcat.models import baselines, late_fusion
from ytcat.progress import say
from ytcat.runs import Part
from ytcat.views import SPLITS

WEIGHTS = (0.0, 0.5, 1.0)  # of a title of another corpus in the loss; 0: the own corpus alone
N_FOLDS = 5
STRENGTH = 10.0  # of the linear model, logistic regression's C


def tune(corpus: Corpus, others: Sequence[Corpus]) -> Path:
    """Try the titles of other corpora on the random split, then on those by channel and by time.

    A split is left out, with a line that says so, if the corpus lacks a column that it needs. Stores the
    table beside the corpus's reference runs, after each split, and returns its path.
    """
    folder = paths.build_folder() / "title_tuning" / corpus.name
    path = reference_runs.FOLDER / corpus.name / reference_runs.MORE_TITLES
    tables = []
    for kind in SPLITS:
        if missing := missing_column(corpus.videos, kind):
            say(f"{kind} split: not tried, because no video has {missing}")
            continue
        tables.append(more_titles_tuning(corpus, others, kind, folder))
        atomic_write(path, pd.concat(tables).to_csv(index=False))
    return path


def more_titles_tuning(
    corpus: Corpus, others: Sequence[Corpus], kind: Kind, folder: Path, weights: Sequence[float] = WEIGHTS
) -> pd.DataFrame:
    """The title's parts and the models that they are part of, at each of the weights.

    Videos of the training and validation parts of a split (by channel: of its first fold) are answered by
    parts that have learned from others of them: see `_folds`. What the encoder says of a fold is stored in
    `folder`, so that a killed run goes on. One row per model and weight: `model`, `n`, `n_correct`, the log
    `loss` at the best weights of the model's parts, the `difference` in top-1 to the first weight with its
    95 % bootstrap interval over channels (`low`, `high`), `weight`, `split`.
    """
    parts, _ = trainer.split_corpus(corpus, trainer.TrainingSettings(split=kind))
    learnable = pd.concat([parts.train.videos, parts.validation.videos]).sort_index()
    own, test = Part("train", corpus, learnable), parts.test.videos
    videos = ensemble.read_videos(own, mirrored=True)
    folds = _folds(own.videos, kind)
    scores: dict[float, dict[str, np.ndarray]] = {weight: {} for weight in weights}
    for fold in range(folds.max() + 1):
        asked = folds == fold
        learned = folds < fold if kind == "time" else ~asked
        held_out = pd.concat([own.videos[asked], test])
        for weight in weights:
            more = more_titles.gather(others if weight else (), own.videos, held_out, kind)
            of_fold = (ensemble.select(videos, np.flatnonzero(rows)) for rows in (learned, asked))
            for part, answers in _scores(*of_fold, more, weight, folder).items():
                scores[weight].setdefault(part, np.zeros((len(folds), N_CATEGORIES)))[asked] = answers
            say(f"{kind} split, fold {fold + 1} of {folds.max() + 1}, weight {weight:g}: done")
    answered = folds >= 0
    of_answered = Part("train", corpus, own.videos[answered])
    by_weight = {
        weight: {part: answers[answered] for part, answers in found.items()}
        for weight, found in scores.items()
    }
    tables = [
        _figures(by_weight[weight], by_weight[weights[0]], of_answered).assign(weight=weight)
        for weight in weights
    ]
    return pd.concat(tables, ignore_index=True).assign(split=kind)


def _folds(videos: pd.DataFrame, kind: Kind) -> np.ndarray:
    """The fold of each video, (n,) int: its answers are those of parts that were not fitted on it.

    In the split "channel" no channel is in two folds. In the split "time" the folds are the third and the
    fourth quarter by time, answered by what has learned from all older videos; -1 is the older half, which
    is not asked about.
    """
    if kind != "time":
        return cross_validation(videos, kind, N_FOLDS)
    folds = np.full(len(videos), -1)
    by_time = videos.reset_index(drop=True).sort_values(["publish_time", "video_id"]).index.to_numpy()
    quarters = np.array_split(by_time, 4)
    folds[quarters[2]], folds[quarters[3]] = 0, 1
    return folds


def _scores(
    train: ensemble.Videos,
    asked: ensemble.Videos,
    more: more_titles.MoreTitles,
    weight: float,
    folder: Path,
) -> dict[str, np.ndarray]:
    """Scores (m, 14) of the chosen model's parts, fitted on `train` and `more`, for the m `asked`."""
    titles, weights = more.after(train.titles, train.labels, weight)
    questions = asked.titles, asked.labels
    views = ensemble.answerable(ensemble.BEST, train.thumbnails is not None)
    parts = {part for of_view in views.values() for part in of_view}
    linear = baselines.tfidf(titles, questions, (STRENGTH,), weights).classifier  # one strength: no choice
    frozen = ensemble.fit_frozen(train, linear, parts, more=more, weight=weight)
    return frozen.scores(asked, parts) | {"minilm": _encoder_scores(titles, weights, questions, folder)}


def _encoder_scores(
    train: tuple[list[str], np.ndarray],
    weights: np.ndarray | None,
    asked: tuple[list[str], np.ndarray],
    folder: Path,
) -> np.ndarray:
    from ytcat.models import training  # TensorFlow takes seconds to import

    epochs = trainer.TrainingSettings.epochs
    counts = None if weights is None else weights.tolist()
    name = fingerprint(train=[train[0], train[1].tolist()], weights=counts, asked=asked[0], epochs=epochs)[
        :16
    ]
    stored = folder / f"{name}.npy"
    if not stored.exists():
        training.make_deterministic(0)
        model, _ = sentence_encoder.fine_tune(
            train,
            asked,
            weights=weights,
            epochs=epochs,
            learning_rate=trainer.LEARNING_RATE,
            checkpoints=folder / name,
        )
        with atomic_path(stored) as temporary, temporary.open("wb") as file:
            np.save(file, sentence_encoder.scores(model, asked[0]))
        shutil.rmtree(folder / name)  # the last epochs: a quarter of a gigabyte
    return np.load(stored)


def _models(parts: dict[str, np.ndarray]) -> dict[str, list[np.ndarray]]:
    """The parts of each model: the title's parts alone, then the chosen model of title and of both."""
    models = {name: [parts[name]] for name in ensemble.TITLE_PARTS}
    for view, name in (("title", "best_title"), ("both", ensemble.BEST)):
        needed = ensemble.TRAINABLE[ensemble.BEST][view]
        if set(needed) <= set(parts):
            models[name] = [parts[part] for part in needed]
    return models


def _figures(scores: dict[str, np.ndarray], base: dict[str, np.ndarray], own: Part) -> pd.DataFrame:
    """What the models of the parts' `scores` reach, and what they gain over those of the parts' `base`."""
    base_models, channels, rows = _models(base), channel_codes(own.videos), []
    for model, parts in _models(scores).items():
        probabilities, others = (
            late_fusion.combine(each, late_fusion.fit_weights(each, own.labels))
            for each in (parts, base_models[model])
        )
        correct, before = (metrics.in_top_k(own.labels, each, 1) for each in (probabilities, others))
        difference, low, high = paired_bootstrap(correct, before, 0, clusters=channels)
        rows.append(
            {
                "model": model,
                "n": len(own),
                "n_correct": int(correct.sum()),
                "loss": round(log_loss(own.labels, probabilities, labels=range(N_CATEGORIES)), 4),
                "difference": round(difference, 5),
                "low": round(low, 5),
                "high": round(high, 5),
            }
        )
    return pd.DataFrame(rows)
