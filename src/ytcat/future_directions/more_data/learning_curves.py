"""Learning curves: the same models, trained on ever smaller parts of the training videos."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import log_loss

from ytcat.categories import N_CATEGORIES
from ytcat.corpus.splits import allocate
from ytcat.evaluation.metrics import in_top_k
from ytcat.evaluation.statistics import bootstrap_ratio, mean_sd, paired_bootstrap
from ytcat.models import baselines, late_fusion
from ytcat.runs import Parts

WEIGHTS = (0.1, 0.25, 0.5, 0.75, 1.0)  # of the thumbnail, the title having 1; validation chooses one
RESAMPLES = 2_000  # of the bootstraps
FLOOR = np.finfo(
    np.float32
).tiny  # of probabilities: only 0, for a category without training videos, is below


class ViewInputs(NamedTuple):
    """The inputs of one view, and the linear model that reads them."""

    fit: Callable[..., baselines.LinearModel]  # `baselines.tfidf` or `baselines.linear_probe`
    strengths: Sequence[float]  # of regularization; validation chooses one
    train: np.ndarray  # (n_train, ...): titles or features
    validation: np.ndarray
    test: np.ndarray


class TrainedModel(NamedTuple):
    """Which test videos one model classified correctly."""

    view: str  # a key of `ytcat.views.VIEWS`
    n_train: int
    repeat: int
    correct: np.ndarray  # (n_test,) bool
    correct_top5: np.ndarray  # (n_test,) bool: the truth is among the first five answers


def inputs_by_view(parts: Parts) -> dict[str, ViewInputs]:
    """Titles and, where all videos have thumbnails, features of thumbnails, by view."""
    titles = [part.videos["title"].to_numpy(dtype=object) for part in parts]
    views = {"title": ViewInputs(baselines.tfidf, baselines.TEXT_STRENGTHS, *titles)}
    if all(part.videos["has_thumbnail"].all() for part in parts):
        from ytcat.future_directions.thumbnail_features import store  # loads TensorFlow

        features = [store.thumbnails(part.corpus, part.rows) for part in parts]
        views["thumbnail"] = ViewInputs(baselines.linear_probe, baselines.IMAGE_STRENGTHS, *features)
    return views


def sizes(n_train: int, halvings: int) -> list[int]:
    """`n_train` and the sizes after each of `halvings` halvings, ascending.

    Halves and not round numbers, since a curve is read for the gain of a doubling. Sizes below the number of
    categories are left out.
    """
    return [n for k in range(halvings, -1, -1) if (n := n_train // 2**k) >= N_CATEGORIES or k == 0]


def subset(labels: np.ndarray, size: int, seed: int, repeat: int) -> np.ndarray:
    """A stratified random subset of videos with `labels` (n,) int: positions (size,), ascending.

    Subsets are nested: with the same `seed` and `repeat` a smaller one lies within a larger one.
    """
    order = np.random.default_rng([seed, repeat]).permutation(len(labels))
    counts = np.bincount(labels, minlength=N_CATEGORIES)
    of_category = allocate(size, counts, np.zeros_like(counts), counts)
    drawn = [order[labels[order] == label][:n] for label, n in enumerate(of_category)]
    return np.sort(np.concatenate(drawn))


def fused(title: np.ndarray, thumbnail: np.ndarray, weight: float) -> np.ndarray:
    """Late fusion of two models' probabilities, (n, 14) each: proportional to title x thumbnail^weight."""
    scores = [late_fusion.log_scores(view.astype(np.float64), FLOOR) for view in (title, thumbnail)]
    return late_fusion.combine(scores, np.array([1.0, weight]))


def curves(
    views: Mapping[str, ViewInputs],
    labels: Mapping[str, np.ndarray],
    sizes: Sequence[int],
    repeats: int,
    seed: int,
) -> tuple[list[TrainedModel], dict[str, float]]:
    """Train a model per view, and fuse two, on `repeats` subsets of each size; all have the same test videos.

    `views` holds "title" and, where there are thumbnails, "thumbnail"; `labels` are those of "train",
    "validation" and "test". The size of all training videos is always included, with one repeat.
    The second result is the settings by view (regularization strength; for "both" the weight of the
    thumbnail): validation chooses them by log loss with all training videos, and smaller sizes use them too.
    """
    settings: dict[str, float] = {}
    models = []
    for n_train in sorted({*sizes, len(labels["train"])}, reverse=True):
        for repeat in range(repeats if n_train < len(labels["train"]) else 1):
            rows = subset(labels["train"], n_train, seed, repeat)
            answers = {}  # of validation and of test videos, by view
            for name, view in views.items():
                model = view.fit(
                    (view.train[rows], labels["train"][rows]),
                    (view.validation, labels["validation"]),
                    (settings[name],) if name in settings else view.strengths,
                )
                settings[name] = model.strength
                inputs = (view.validation, view.test)
                answers[name] = [baselines.predict(model.classifier, x) for x in inputs]
            if len(views) == 2:
                validation, test = zip(answers["title"], answers["thumbnail"], strict=True)
                if "both" not in settings:
                    settings["both"] = _choose_weight(*validation, labels["validation"])
                answers["both"] = [fused(*pair, settings["both"]) for pair in (validation, test)]
            for name, (_, probabilities) in answers.items():
                top1, top5 = (in_top_k(labels["test"], probabilities, k) for k in (1, 5))
                models.append(TrainedModel(name, n_train, repeat, top1, top5))
        print(f"trained on {n_train:,} videos", flush=True)
    return models, settings


def table(models: Sequence[TrainedModel]) -> pd.DataFrame:
    """One row per model, ordered by view, size and repeat.

    Columns: `view`, `halvings` (of the training videos), `n_train`, `repeat`, `n_correct`, `n_correct_top5`
    and `n` (test videos).
    """
    views = list(dict.fromkeys(model.view for model in models))
    most = max(model.n_train for model in models)
    rows = [
        {
            "view": model.view,
            "halvings": round(np.log2(most / model.n_train)),
            "n_train": model.n_train,
            "repeat": model.repeat,
            "n_correct": int(model.correct.sum()),
            "n_correct_top5": int(model.correct_top5.sum()),
            "n": len(model.correct),
        }
        for model in sorted(models, key=lambda model: (views.index(model.view), model.n_train, model.repeat))
    ]
    return pd.DataFrame(rows)


def per_video(models: Sequence[TrainedModel], rows: np.ndarray) -> pd.DataFrame:
    """Which test videos each model classified correctly: one row per view and test video.

    Columns: `view`, `row` (number of the video in the corpus, `rows` (n_test,)), then one of 0 and 1 per
    model: "halved 2, repeat 0" for the first subset of a quarter of the training videos.
    """
    most = max(model.n_train for model in models)
    tables: dict[str, dict[str, np.ndarray]] = {}
    for model in sorted(models, key=lambda model: (model.n_train, model.repeat)):
        name = f"halved {round(np.log2(most / model.n_train))}, repeat {model.repeat}"
        tables.setdefault(model.view, {})[name] = model.correct.astype(int)
    return pd.concat(
        [pd.DataFrame({"view": view, "row": rows} | columns) for view, columns in tables.items()],
        ignore_index=True,
    )


def by_size(correct: Mapping[int, np.ndarray], channels: ArrayLike, seed: int = 0) -> pd.DataFrame:
    """Mean accuracy per number of training videos, for one view's of `correct_by_size`.

    Columns: `n_train`, `models`, `value`, `low`, `high` (0..1) and `sd` (between the models' accuracies, NaN
    for one). The interval is a bootstrap that draws whole channels of test videos, (n_test,) labels: the one
    rule for all intervals of this chapter.
    """
    rows = []
    for n_train, of_size in correct.items():
        value, low, high = bootstrap_ratio(
            of_size.mean(axis=0), np.ones(of_size.shape[1]), seed, RESAMPLES, channels
        )
        sd = mean_sd(of_size.mean(axis=1))[1]
        row = {"n_train": n_train, "models": len(of_size), "value": value, "low": low, "high": high}
        rows.append(row | {"sd": sd})
    return pd.DataFrame(rows)


def correct_by_size(models: Sequence[TrainedModel]) -> dict[str, dict[int, np.ndarray]]:
    """Correct answers by view and by number of training videos, ascending: (repeats, n_test) bool each."""
    by_view: dict[str, dict[int, list[np.ndarray]]] = {}
    for model in sorted(models, key=lambda model: (model.n_train, model.repeat)):
        by_view.setdefault(model.view, {}).setdefault(model.n_train, []).append(model.correct)
    return {
        view: {n_train: np.array(correct) for n_train, correct in by_size.items()}
        for view, by_size in by_view.items()
    }


def last_doubling(
    correct: Mapping[int, np.ndarray], channels: ArrayLike, seed: int
) -> tuple[float, float, float]:
    """By how much the last doubling of the training videos raised the mean accuracy: gain, low, high.

    `correct` is one view's of `correct_by_size`, with two sizes or more; the interval is that of
    `paired_bootstrap` over channels of test videos, -1..1.
    """
    half, whole = (correct[n].mean(axis=0) for n in sorted(correct)[-2:])
    return paired_bootstrap(whole, half, seed, clusters=channels)


def _choose_weight(title: np.ndarray, thumbnail: np.ndarray, labels: np.ndarray) -> float:
    losses = {
        weight: log_loss(labels, fused(title, thumbnail, weight), labels=range(N_CATEGORIES))
        for weight in WEIGHTS
    }
    return min(losses, key=losses.__getitem__)
