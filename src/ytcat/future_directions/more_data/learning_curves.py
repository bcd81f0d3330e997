"""Learning curves: the same models, trained on ever smaller parts of the training videos."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss

from ytcat.categories import N_CATEGORIES
from ytcat.corpus.splits import allocate
from ytcat.evaluation.metrics import in_top_k
from ytcat.evaluation.statistics import mean_sd, wilson_of_share
from ytcat.models import late_fusion
from ytcat.models.baselines import Chosen, predict

VIEWS = ("title", "thumbnail", "both")
FLOOR = np.finfo(np.float32).tiny  # of a probability: far below those of categories that a model knows
WEIGHTS = (0.1, 0.25, 0.5, 0.75, 1.0)  # of the thumbnail beside the title's 1, to choose from on validation


class View(NamedTuple):
    """What is seen of the videos, and the linear model that learns from it."""

    fit: Callable[..., Chosen]  # `baselines.tfidf` or `baselines.linear_probe`
    strengths: Sequence[float]  # to choose from
    train: np.ndarray  # inputs (n_train, ...): titles or features
    validation: np.ndarray
    test: np.ndarray


class Learnt(NamedTuple):
    """What one model got right."""

    view: str  # of `VIEWS`
    n_train: int
    repeat: int
    right: np.ndarray  # (n_test,) bool: the truth is the first answer
    right5: np.ndarray  # (n_test,) bool: it is among the first five


def sizes(n_train: int, halvings: int) -> list[int]:
    """`n_train` and what is left of it after each halving, ascending.

    Halves and not round numbers, since what a doubling brings is what a curve is read for. Sizes below the
    number of categories are left out.
    """
    return [n for k in range(halvings, -1, -1) if (n := n_train // 2**k) >= N_CATEGORIES or k == 0]


def subset(labels: np.ndarray, size: int, seed: int, repeat: int) -> np.ndarray:
    """Positions (size,), ascending, of a random part of the videos in which each category keeps its share.

    Nested: with the same `seed` and `repeat` a smaller part lies within a larger one. `labels` (n,) int.
    """
    order = np.random.default_rng([seed, repeat]).permutation(len(labels))
    counts = np.bincount(labels, minlength=N_CATEGORIES)
    wanted = allocate(size, counts, np.zeros_like(counts), counts)
    drawn = [order[labels[order] == label][:n] for label, n in enumerate(wanted)]
    return np.sort(np.concatenate(drawn))


def fused(title: np.ndarray, thumbnail: np.ndarray, weight: float) -> np.ndarray:
    """Late fusion of two models' probabilities, (n, 14) each: proportional to title x thumbnail^weight."""
    scores = [late_fusion.log_scores(view.astype(np.float64), FLOOR) for view in (title, thumbnail)]
    return late_fusion.combine(scores, np.array([1.0, weight]))


def curves(
    views: dict[str, View],
    labels: dict[str, np.ndarray],
    sizes: Sequence[int],
    repeats: int,
    seed: int,
) -> tuple[list[Learnt], dict[str, float]]:
    """Train each view, and `fused` two, on `repeats` subsets of each size; test on the same videos.

    `views` holds "title" and, where there are thumbnails, "thumbnail"; `labels` are those of "train",
    "validation" and "test". The settings, returned by view (regularization; of "both" the weight), are chosen
    on validation by log loss with all training videos, and kept for the smaller sizes. All training
    videos can be taken in one way only: that size has one repeat.
    """
    settings: dict[str, float] = {}
    learnt = []
    for n_train in sorted({*sizes, len(labels["train"])}, reverse=True):
        for repeat in range(repeats if n_train < len(labels["train"]) else 1):
            rows = subset(labels["train"], n_train, seed, repeat)
            answers = {}
            for name, view in views.items():
                chosen = view.fit(
                    (view.train[rows], labels["train"][rows]),
                    (view.validation, labels["validation"]),
                    (settings[name],) if name in settings else view.strengths,
                )
                settings[name] = chosen.strength
                answers[name] = [predict(chosen.classifier, x) for x in (view.validation, view.test)]
            if len(views) == 2:
                validation, test = zip(answers["title"], answers["thumbnail"], strict=True)
                if "both" not in settings:
                    settings["both"] = _choose_weight(*validation, labels["validation"])
                answers["both"] = [fused(*pair, settings["both"]) for pair in (validation, test)]
            for name, (_, probabilities) in answers.items():
                right, right5 = (in_top_k(labels["test"], probabilities, k) for k in (1, 5))
                learnt.append(Learnt(name, n_train, repeat, right, right5))
        print(f"trained on {n_train:,} videos", flush=True)
    return learnt, settings


def table(learnt: list[Learnt]) -> pd.DataFrame:
    """A row a model, in the order of views and sizes.

    Columns: `view`, `halvings` (of the training videos), `n_train`, `repeat`, `right`, `right5` and `n` (test
    videos).
    """
    most = max(model.n_train for model in learnt)
    rows = [
        {
            "view": m.view,
            "halvings": round(np.log2(most / m.n_train)),
            "n_train": m.n_train,
            "repeat": m.repeat,
        }
        | {"n_correct": int(m.right.sum()), "n_correct_top5": int(m.right5.sum()), "n": len(m.right)}
        for m in sorted(learnt, key=lambda m: (VIEWS.index(m.view), m.n_train, m.repeat))
    ]
    return pd.DataFrame(rows)


def summarize(table: pd.DataFrame, by: Sequence[str] = ("view", "halvings")) -> pd.DataFrame:
    """Means over the models that have `by` in common, in the order of the table.

    Adds `n_train`, `models`, `value` and `top5` (mean accuracies, 0..1), `sd` (of `value`, NaN for one model)
    and `low`, `high`: the 95 % Wilson interval of the mean over the test videos of one model.
    """
    rows = []
    for key, models in table.groupby(list(by), sort=False):
        value, sd = mean_sd(models["n_correct"] / models["n"])
        low, high = wilson_of_share(value, round(models["n"].mean()))
        rows.append(
            dict(zip(by, key, strict=True))
            | {"n_train": round(models["n_train"].mean()), "models": len(models), "value": value, "sd": sd}
            | {"low": low, "high": high, "top5": float((models["n_correct_top5"] / models["n"]).mean())}
        )
    return pd.DataFrame(rows)


def right_by_size(learnt: list[Learnt], view: str) -> dict[int, np.ndarray]:
    """What the models of one view got right, by training size, ascending: (repeats, n_test) bool."""
    found: dict[int, list[np.ndarray]] = {}
    for model in sorted(learnt, key=lambda model: (model.n_train, model.repeat)):
        if model.view == view:
            found.setdefault(model.n_train, []).append(model.right)
    return {n_train: np.array(right) for n_train, right in found.items()}


def _choose_weight(title: np.ndarray, thumbnail: np.ndarray, labels: np.ndarray) -> float:
    losses = {
        weight: log_loss(labels, fused(title, thumbnail, weight), labels=range(N_CATEGORIES))
        for weight in WEIGHTS
    }
    return min(losses, key=losses.__getitem__)
