"""Tags for a video: a vocabulary of tags, and models that score each of them from title and thumbnail.

All models are scikit-learn regressors of the (n, tags) matrix of 0 and 1. One ridge regression a tag is the
one-vs-rest linear model: what squared loss fits to 0 and 1 is the tag's probability, so that the scores of
different tags can be ranked together.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import RegressorMixin, TransformerMixin
from sklearn.dummy import DummyRegressor
from sklearn.impute import SimpleImputer
from sklearn.kernel_ridge import KernelRidge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ytcat.exceptions import YtcatError
from ytcat.future_directions.tagging.metrics import mean_average_precision
from ytcat.models.baselines import title_features

NO_TAGS = "[none]"  # as Kaggle writes that the uploader gave none

# The names of the models, in the order in which the chapter shows them.
FREQUENT, NEAREST, TITLE, THUMBNAIL, BOTH = MODELS = (
    "Baseline: frequent tags",
    "Nearest titles",
    "Title, one-vs-rest",
    "Thumbnail, one-vs-rest",
    "Both, scores averaged",
)

# To choose from, on validation.
NEIGHBOURS = (5, 10, 20, 40, 80)
ALPHAS = (0.3, 1.0, 3.0, 10.0, 30.0)  # strength of the ridge penalty
WEIGHTS = tuple(np.linspace(0, 1, 11).round(1).tolist())  # of the thumbnail's scores

# ---- tags


def clean(text: str) -> list[str]:
    """A video's tags, each once, in their order: `"Funny  Cats"|VLOG` gives "funny cats", "vlog".

    `text` holds tags separated by |, each with or without Kaggle's quotes. Case is folded and runs of white
    space become one space. Empty tags and `[none]` are left out.
    """
    tags = (" ".join(tag.strip().strip('"').split()).casefold() for tag in text.split("|"))
    return [tag for tag in dict.fromkeys(tags) if tag and tag != NO_TAGS]


@dataclass(frozen=True)
class Vocabulary:
    """The tags that a model can suggest, the most frequent first, equals in alphabetical order."""

    tags: tuple[str, ...]
    videos: np.ndarray  # of training that have the tag, (tags,) int64, descending
    distinct: int  # different tags in training, rare ones too

    def encode(self, tags: Iterable[Sequence[str]]) -> np.ndarray:
        """Which tags of the vocabulary each video has, (n, tags) bool; other tags are left out."""
        place = {tag: column for column, tag in enumerate(self.tags)}
        tags = list(tags)
        found = np.zeros((len(tags), len(self.tags)), dtype=bool)
        for row, of_video in enumerate(tags):
            found[row, [place[tag] for tag in of_video if tag in place]] = True
        return found

    def suggest(self, scores: np.ndarray, k: int) -> list[list[str]]:
        """The k tags with the highest scores (n, tags) of each video, best first."""
        first = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return [[self.tags[column] for column in columns] for columns in first]

    def coverage(self, tags: Mapping[str, Sequence[Sequence[str]]]) -> pd.DataFrame:
        """How much of what uploaders wrote the vocabulary holds: one row for each key of `tags`.

        Columns: `videos` (n), `tags` (written on them, all in all), `known` (those in the vocabulary),
        `without` (videos none of whose tags are in it).
        """
        known = {part: self.encode(lists).sum(axis=1) for part, lists in tags.items()}
        return pd.DataFrame(
            {
                part: {
                    "videos": len(lists),
                    "tags": sum(map(len, lists)),
                    "known": int(known[part].sum()),
                    "without": int((known[part] == 0).sum()),
                }
                for part, lists in tags.items()
            }
        ).T


def vocabulary(tags: Iterable[Sequence[str]], min_videos: int) -> Vocabulary:
    """The tags that at least `min_videos` of the training videos have; `tags` is a list of each video's.

    Raises YtcatError if there is none.
    """
    counts = Counter(tag for of_video in tags for tag in set(of_video))
    kept = sorted((-count, tag) for tag, count in counts.items() if count >= min_videos)
    if not kept:
        raise YtcatError(
            f"No tag is on {min_videos} videos for training ({len(counts)} different tags are on fewer): "
            "lower min_videos, or choose a larger corpus or limit."
        )
    videos, kept_tags = zip(*kept, strict=True)
    return Vocabulary(kept_tags, -np.array(videos, dtype=np.int64), len(counts))


# ---- models


class Chosen(NamedTuple):
    """A model and the setting that the validation videos preferred."""

    model: RegressorMixin  # its `predict` gives scores (n, tags)
    setting: float
    validation: dict[float, float]  # mean average precision by setting


# The inputs of n videos (titles, or features) and their tags, (n, tags) bool.
Videos = tuple[Sequence[str] | np.ndarray, np.ndarray]


def frequent(train: Videos) -> RegressorMixin:
    """Suggests the same tags for every video: those most frequent in training."""
    inputs, tags = train
    return DummyRegressor(strategy="mean").fit(np.zeros((len(inputs), 1)), tags)


def nearest(train: Videos, validation: Videos) -> Chosen:
    """The tags of the training videos with the most similar titles, by the cosine of their TF-IDF.

    Each neighbour votes for its tags with 1 / distance.
    """
    n = len(train[0])
    return _choose(
        title_features(),
        lambda k: KNeighborsRegressor(k, weights="distance", metric="cosine"),
        sorted({min(k, n) for k in NEIGHBOURS}),
        train,
        validation,
    )


def from_titles(train: Videos, validation: Videos) -> Chosen:
    """One-vs-rest ridge regression on the TF-IDF of titles."""
    return _choose(title_features(), lambda alpha: _ridge(alpha, 1.0), ALPHAS, train, validation)


def from_thumbnails(train: Videos, validation: Videos) -> Chosen:
    """One-vs-rest ridge regression on standardized features (n, d) of thumbnails.

    A video without a thumbnail has a row of nan, and counts as an average one.
    """
    # Divided by d, a video's standardized features have the length of 1 on average, as TF-IDF has.
    scale = 1 / train[0].shape[1]
    features = make_pipeline(
        StandardScaler(), SimpleImputer(strategy="constant", fill_value=0, keep_empty_features=True)
    )
    return _choose(features, lambda alpha: _ridge(alpha, scale), ALPHAS, train, validation)


def average(title: np.ndarray, thumbnail: np.ndarray, weight: float) -> np.ndarray:
    """Two models' scores (n, tags) averaged, the thumbnail's counting `weight`, 0..1."""
    return (1 - weight) * title + weight * thumbnail


def choose_weight(title: np.ndarray, thumbnail: np.ndarray, tags: np.ndarray) -> dict[float, float]:
    """Mean average precision of `average` for each of `WEIGHTS`; all arrays (n, tags), of validation."""
    return {weight: mean_average_precision(tags, average(title, thumbnail, weight)) for weight in WEIGHTS}


def _ridge(alpha: float, scale: float) -> KernelRidge:
    """Ridge regression with a constant, in its dual form: there are fewer videos than features."""
    return KernelRidge(alpha=alpha, kernel="polynomial", degree=1, gamma=scale, coef0=1)


def _choose(
    features: TransformerMixin,
    make: Callable[[float], RegressorMixin],
    settings: Sequence[float],
    train: Videos,
    validation: Videos,
) -> Chosen:
    x_train, tags = features.fit_transform(train[0]), train[1].astype(np.float64)  # once for all settings
    x_validation = features.transform(validation[0])
    fitted, precision = {}, {}
    for setting in settings:
        model = make(setting).fit(x_train, tags)
        precision[setting] = mean_average_precision(validation[1], model.predict(x_validation))
        fitted[setting] = make_pipeline(features, model)
    best = max(precision, key=precision.__getitem__)
    return Chosen(fitted[best], best, precision)
