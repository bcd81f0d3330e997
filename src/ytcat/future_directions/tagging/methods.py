"""Tags for a video: a vocabulary of tags, and models that score each of them from title and thumbnail.

All models are scikit-learn regressors of the (n, tags) matrix of 0 and 1. One ridge regression per tag is the
one-vs-rest linear model: squared loss on 0 and 1 fits the probability of the tag, so that the scores of
different tags can be ranked together.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter

import numpy as np
import pandas as pd
from sklearn.base import RegressorMixin, TransformerMixin
from sklearn.dummy import DummyRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.kernel_ridge import KernelRidge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from ytcat.exceptions import YtcatError
from ytcat.future_directions.tagging.metrics import mean_average_precision
from ytcat.future_directions.thumbnail_features import store
from ytcat.models.baselines import predict, tfidf, title_features
from ytcat.runs import Parts

NO_TAGS = "[none]"  # what Kaggle writes for a video without tags

# The names of the models, in the order in which the chapter shows them.
FREQUENT, NEAREST, TITLE, THUMBNAIL, BOTH = MODELS = (
    "Baseline: frequent tags",
    "Nearest titles",
    "Title, one-vs-rest",
    "Thumbnail, one-vs-rest",
    "Both, scores averaged",
)

COMPARED = ((TITLE, FREQUENT), (TITLE, NEAREST), (BOTH, TITLE))  # pairs whose difference is of interest

# The candidates of each setting, chosen on validation.
NEIGHBOURS = (5, 10, 20, 40, 80)
ALPHAS = (0.3, 1.0, 3.0, 10.0, 30.0)  # strength of the ridge penalty
WEIGHTS = tuple(np.linspace(0, 1, 11).round(1).tolist())  # of the thumbnail's scores

# ---- tags


def clean(text: str) -> list[str]:
    """The different tags of a video in their order: `"Funny  Cats"|VLOG` gives "funny cats", "vlog".

    `text` holds tags separated by |, each with or without Kaggle's quotes. Case is folded and runs of white
    space become one space. Empty tags and `[none]` are left out.
    """
    tags = (" ".join(tag.strip().strip('"').split()).casefold() for tag in text.split("|"))
    return [tag for tag in dict.fromkeys(tags) if tag and tag != NO_TAGS]


@dataclass(frozen=True)
class Vocabulary:
    """The tags that a model can suggest, by descending frequency, then in alphabetical order."""

    tags: tuple[str, ...]
    n_videos: np.ndarray  # training videos with the tag, (tags,) int64, descending
    n_distinct: int  # different tags in training, with those too rare for the vocabulary

    def encode(self, tags: Iterable[Sequence[str]]) -> np.ndarray:
        """Which tags of the vocabulary each video has, (n, tags) bool; other tags are left out."""
        encoder = CountVectorizer(analyzer=list, vocabulary=self.tags, binary=True, dtype=bool)
        return encoder.transform(tags).toarray()

    def suggest(self, scores: np.ndarray, k: int) -> list[list[str]]:
        """The k tags with the highest scores (n, tags) of each video, best first."""
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return [[self.tags[column] for column in columns] for columns in best]

    def coverage(self, tags: Mapping[str, Sequence[Sequence[str]]]) -> pd.DataFrame:
        """How many of the uploaders' tags the vocabulary holds: one row per key of `tags`.

        Columns: `videos` (n), `tags` (of all videos together), `known` (those in the vocabulary), `without`
        (videos with no tag in the vocabulary).
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


def build_vocabulary(tags: Iterable[Sequence[str]], min_videos: int) -> Vocabulary:
    """The tags on at least `min_videos` of the training videos; `tags` holds the list of each video.

    Raises YtcatError if there is none.
    """
    counts = Counter(tag for of_video in tags for tag in set(of_video))
    frequent = sorted((-count, tag) for tag, count in counts.items() if count >= min_videos)
    if not frequent:
        raise YtcatError(
            f"No tag is on {min_videos} videos for training ({len(counts)} different tags are on fewer): "
            "lower min_videos, or choose a larger corpus or limit."
        )
    n_videos, names = zip(*frequent, strict=True)
    return Vocabulary(names, -np.array(n_videos, dtype=np.int64), len(counts))


# ---- models


@dataclass(frozen=True)
class Videos:
    """The inputs of n videos, and their tags."""

    titles: Sequence[str]
    tags: np.ndarray  # (n, tags) bool
    thumbnails: np.ndarray | None = None  # features (n, d), a row of nan for a video without thumbnail


@dataclass(frozen=True)
class Suggester:
    """A trained model of tags."""

    scores: Callable[[Videos], np.ndarray]  # (n, tags) float; the higher, the better the tag fits
    setting: str = ""  # the name of the setting that was chosen on validation, if any
    validation: Mapping[float, float] = field(default_factory=dict)  # mean average precision by its value

    @property
    def chosen(self) -> float:
        """The value of the setting with the highest mean average precision, of equal ones the first."""
        return max(self.validation, key=self.validation.__getitem__)


def inputs(parts: Parts, tags: pd.Series, vocabulary: Vocabulary) -> tuple[Videos, Videos, Videos]:
    """Training, validation and test videos; `tags` holds the list of each video, by row in the corpus.

    Thumbnail features are left out if no video of the three parts has a thumbnail.
    """
    corpus = parts.train.corpus
    have_thumbnails = any(part.videos["has_thumbnail"].any() for part in parts)
    return tuple(
        Videos(
            part.titles,
            vocabulary.encode(tags[part.rows]),
            store.thumbnails_where_any(corpus, part.rows) if have_thumbnails else None,
        )
        for part in parts
    )


def fit_all(train: Videos, validation: Videos) -> dict[str, Suggester]:
    """All `MODELS` by name, trained on `train`, with settings chosen on `validation`.

    Those that read thumbnails are left out if there are none.
    """
    models = {
        FREQUENT: frequent(train),
        NEAREST: nearest(train, validation),
        TITLE: from_titles(train, validation),
    }
    if train.thumbnails is not None:
        models[THUMBNAIL] = from_thumbnails(train, validation)
        models[BOTH] = average(models[TITLE], models[THUMBNAIL], validation)
    return models


def settings(models: Mapping[str, Suggester]) -> pd.DataFrame:
    """The settings chosen on validation: columns `model`, `setting`, `chosen`, `validation` (0..1)."""
    rows = [
        (name, model.setting, model.chosen, model.validation[model.chosen])
        for name, model in models.items()
        if model.setting
    ]
    return pd.DataFrame(rows, columns=["model", "setting", "chosen", "validation"])


def frequent(train: Videos) -> Suggester:
    """Suggests the same tags for every video: the most frequent of training."""
    model = DummyRegressor(strategy="mean").fit(np.zeros((len(train.titles), 1)), train.tags)
    return Suggester(lambda videos: model.predict(videos.titles))


def nearest(train: Videos, validation: Videos) -> Suggester:
    """The tags of the training videos with the most similar titles, by the cosine of their TF-IDF.

    Each neighbour votes for its tags with 1 / distance.
    """

    def neighbours(k: int) -> RegressorMixin:
        return KNeighborsRegressor(k, weights="distance", metric="cosine")

    values = sorted({min(k, len(train.titles)) for k in NEIGHBOURS})
    return _choose("neighbours", values, neighbours, _reads("titles", title_features()), train, validation)


def from_titles(train: Videos, validation: Videos) -> Suggester:
    """One-vs-rest ridge regression on the TF-IDF of titles."""
    features = _reads("titles", title_features())
    return _choose("ridge penalty", ALPHAS, partial(_ridge, scale=1.0), features, train, validation)


def from_thumbnails(train: Videos, validation: Videos) -> Suggester:
    """One-vs-rest ridge regression on standardized features of thumbnails.

    A video without a thumbnail counts as one with average features.
    """
    # Divided by d, the standardized features of a video have a mean squared length of 1, as TF-IDF has.
    ridge = partial(_ridge, scale=1 / train.thumbnails.shape[1])
    impute = SimpleImputer(strategy="constant", fill_value=0, keep_empty_features=True)
    features = _reads("thumbnails", StandardScaler(), impute)
    return _choose("ridge penalty", ALPHAS, ridge, features, train, validation)


def average(title: Suggester, thumbnail: Suggester, validation: Videos) -> Suggester:
    """The scores of two models averaged; the weight of the thumbnail's, 0..1, is chosen on validation."""

    def averaged(weight: float, of_title: np.ndarray, of_thumbnail: np.ndarray) -> np.ndarray:
        return (1 - weight) * of_title + weight * of_thumbnail

    scores = title.scores(validation), thumbnail.scores(validation)
    precision = {w: mean_average_precision(validation.tags, averaged(w, *scores)) for w in WEIGHTS}
    best = max(precision, key=precision.__getitem__)
    return Suggester(
        lambda videos: averaged(best, title.scores(videos), thumbnail.scores(videos)),
        "weight of the thumbnail",
        precision,
    )


def _ridge(alpha: float, scale: float) -> RegressorMixin:
    """Ridge regression with a constant, in its dual form: there are fewer videos than features."""
    return KernelRidge(alpha=alpha, kernel="polynomial", degree=1, gamma=scale, coef0=1)


def _reads(name: str, *steps: TransformerMixin) -> TransformerMixin:
    """A pipeline from `Videos` to features of their titles or thumbnails."""
    return make_pipeline(FunctionTransformer(attrgetter(name)), *steps)


def _choose(
    setting: str,
    values: Sequence[float],
    make: Callable[[float], RegressorMixin],
    features: TransformerMixin,
    train: Videos,
    validation: Videos,
) -> Suggester:
    """The model with the value of the setting that has the highest mean average precision on validation."""
    x_train, tags = features.fit_transform(train), train.tags.astype(np.float64)  # once for all values
    x_validation = features.transform(validation)
    models, precision = {}, {}
    for value in values:
        models[value] = make(value).fit(x_train, tags)
        precision[value] = mean_average_precision(validation.tags, models[value].predict(x_validation))
    best = models[max(precision, key=precision.__getitem__)]
    return Suggester(lambda videos: best.predict(features.transform(videos)), setting, precision)


# ---- categories from tags


def category_probabilities(parts: Parts, tags: pd.Series) -> dict[str, np.ndarray]:
    """Probabilities of the categories of the test videos, (n, 14) float32, by what the model reads.

    The model is `ytcat.models.baselines.tfidf`; it reads the title, the tags as text, or both one after the
    other. `tags` holds the list of each video, by row in the corpus.
    """
    title, tags_text = parts.train.corpus.videos["title"], tags.map(" | ".join)
    inputs = {"Title": title, "Tags": tags_text, "Title and tags": title + " | " + tags_text}
    probabilities = {}
    for name, texts in inputs.items():
        train, validation, test = ((texts[part.rows].tolist(), part.labels) for part in parts)
        probabilities[name] = predict(tfidf(train, validation).classifier, test[0])
    return probabilities
