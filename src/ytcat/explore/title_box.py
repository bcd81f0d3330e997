"""The title box of the book: a linear title model small enough to run in the page.

`fit` trains it, `write` puts it into one script that `book/_static/title_box.js` reads. The script holds
words and word parts that many channels use, and their weights: nothing of a single video.
"""

import base64
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from IPython.display import HTML
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from ytcat import paths
from ytcat.atomic_files import atomic_write
from ytcat.categories import NAMES
from ytcat.corpus import Corpus
from ytcat.corpus.more_titles import may_be_learned
from ytcat.corpus.splits import N_FOLDS, Kind, split
from ytcat.models.baselines import SOLVER

LEAST_VIDEOS, LEAST_CHANNELS = 20, 10  # that must use a term before it is published
MODEL = paths.BOOK / "_static" / "title_model.js"
LEVELS = 127  # weights are whole numbers -127..127 times the scale of their category
# Words (1-2) and parts of words (2-5 characters, with a space at either end), as in `ytcat.models.baselines`.
ANALYZERS = (
    {"analyzer": "word", "ngram_range": (1, 2)},
    {"analyzer": "char_wb", "ngram_range": (2, 5)},
)


class TitleModel(NamedTuple):
    """Logistic regression on TF-IDF of published terms, with weights of 8 bits."""

    terms: tuple[tuple[str, ...], ...]  # of each of `ANALYZERS`
    idf: np.ndarray  # (k,) float64, rounded to 4 digits; k terms, those of the first analyzer first
    weights: np.ndarray  # (14, k) int8
    scale: np.ndarray  # (14,) float64: coefficient = weight x scale
    intercept: np.ndarray  # (14,) float64, rounded to 6 digits

    def features(self, titles: Sequence[str]) -> sparse.csr_matrix:
        """(n, k) float64: 1 + ln(count), times idf, each analyzer's part scaled to length 1."""
        blocks, start = [], 0
        for analyzer, terms in zip(ANALYZERS, self.terms, strict=True):
            counts = CountVectorizer(vocabulary=terms, dtype=np.float64, **analyzer).transform(titles)
            weighting = TfidfTransformer(sublinear_tf=True)
            weighting.idf_ = self.idf[start : start + len(terms)]
            blocks.append(weighting.transform(counts))
            start += len(terms)
        return sparse.hstack(blocks, format="csr")

    def predict(self, titles: Sequence[str]) -> np.ndarray:
        """Probabilities (n, 14) float64 by scikit-learn, which the page must equal."""
        classifier = LogisticRegression()
        classifier.classes_ = np.arange(len(NAMES))
        classifier.coef_ = self.weights * self.scale[:, np.newaxis]
        classifier.intercept_ = self.intercept
        return classifier.predict_proba(self.features(titles))


def fit(
    titles: Sequence[str], labels: np.ndarray, channels: np.ndarray, strength: float = 10.0
) -> TitleModel:
    """Train on n titles with labels (n,) 0..13 and channels (n,), any values that tell them apart.

    A term is read only if at least `LEAST_VIDEOS` of the titles, of at least `LEAST_CHANNELS` channels, have
    it. `strength` is logistic regression's C. Raises ValueError if no word or no word part is so
    frequent, or a category has no title.
    """
    if missing := sorted(set(range(len(NAMES))) - set(labels.tolist())):
        raise ValueError(f"no title of {NAMES[missing[0]]}: the box answers with all {len(NAMES)} categories")
    terms, idf = [], []
    for analyzer in ANALYZERS:
        vectorizer = CountVectorizer(binary=True, dtype=np.int64, **analyzer)
        occurs = vectorizer.fit_transform(titles).tocsc()
        published = np.flatnonzero(_published(occurs, np.unique(channels, return_inverse=True)[1]))
        terms.append(tuple(vectorizer.get_feature_names_out()[published].tolist()))
        idf.append(np.log((1 + len(titles)) / (1 + _n_videos(occurs)[published])) + 1)
    if not all(terms):
        raise ValueError(
            f"no word, or no word part, is in {LEAST_VIDEOS} titles of {LEAST_CHANNELS} channels"
        )
    shape = (len(NAMES), sum(map(len, terms)))
    empty = TitleModel(
        tuple(terms), np.round(np.concatenate(idf), 4), np.zeros(shape, np.int8), *[np.ones(len(NAMES))] * 2
    )
    classifier = LogisticRegression(C=strength, solver=SOLVER).fit(empty.features(titles), labels)
    scale = np.abs(classifier.coef_).max(axis=1) / LEVELS
    return empty._replace(
        weights=np.round(classifier.coef_ / scale[:, np.newaxis]).astype(np.int8),
        scale=np.array([float(f"{value:.6g}") for value in scale]),
        intercept=np.round(classifier.intercept_, 6),
    )


def _published(occurs: sparse.csc_matrix, channel: np.ndarray) -> np.ndarray:
    """Whether each term, a column of `occurs` (n, m) 0/1, is frequent enough: (m,) bool."""
    of_channel = sparse.csr_matrix((np.ones(len(channel), np.int64), (channel, np.arange(len(channel)))))
    n_channels = np.asarray(((of_channel @ occurs) > 0).sum(axis=0)).ravel()
    return (_n_videos(occurs) >= LEAST_VIDEOS) & (n_channels >= LEAST_CHANNELS)


def _n_videos(occurs: sparse.csc_matrix) -> np.ndarray:
    return np.asarray(occurs.sum(axis=0)).ravel()


def make(corpus: Corpus, others: Sequence[Corpus] = ()) -> tuple[TitleModel, dict[str, Any]]:
    """Train on a corpus and on the titles of others, and say what the model scores.

    The model learns from the training and validation videos of the random split and from all titles of
    `others` whose video is not in its test; it is then asked about the test videos. What it scores on new
    channels is the mean over the five folds of the split by channel, each with a model of its own, which
    learns from no channel of the test.
    """
    videos = with_channel(corpus.videos)
    rest = [with_channel(other.videos) for other in others]
    more = pd.concat(rest, ignore_index=True) if rest else videos.iloc[:0]

    def trained(kind: Kind, fold: int = 0) -> tuple[TitleModel, float]:
        train, test = train_and_test(videos, more, kind, fold)
        model = fit(train["title"].tolist(), train["label"].to_numpy(), train["channel"].to_numpy())
        return model, float((model.predict(test["title"].tolist()).argmax(axis=1) == test["label"]).mean())

    model, random = trained("random")
    about = {
        "corpus": corpus.name,
        "titles_also_of": [other.name for other in others],
        "n_terms": model.weights.shape[1],
        "top1": random,
        "top1_new_channels": float(np.mean([trained("channel", fold)[1] for fold in range(N_FOLDS)])),
    }
    return model, about


def train_and_test(
    videos: pd.DataFrame, more: pd.DataFrame, kind: Kind, fold: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The videos that a model learns from, and those it is asked about.

    `videos` are split; of `more`, the videos of other corpora, those are learned from that
    `may_be_learned`. Both have the column `channel`.
    """
    part = split(videos, kind, fold=fold)
    test, train = videos[part == "test"], videos[(part == "train") | (part == "validation")]
    return pd.concat([train, more[may_be_learned(more, test, kind)]]), test


def with_channel(videos: pd.DataFrame) -> pd.DataFrame:
    """The videos with a column `channel`: a video without a channel title is a channel of its own."""
    return videos.assign(channel=videos["channel_title"].fillna("video " + videos["video_id"]))


def write(model: TitleModel, about: dict[str, Any], path: Path) -> None:
    """Write the model as a script that sets `ytcatTitleModel`; `about` says what it scores, on what."""
    content = {
        "about": about,
        "categories": NAMES,
        "terms": [list(terms) for terms in model.terms],
        "idf": model.idf.tolist(),
        "weights": base64.b64encode(model.weights.tobytes()).decode(),
        "scale": model.scale.tolist(),
        "intercept": model.intercept.tolist(),
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    atomic_write(path, f"window.ytcatTitleModel = {text};\n")


def html(examples: Sequence[str]) -> HTML:
    """The place of the box on a page, with titles to click; the built book fills it, JupyterLab does not."""
    listed = escape(json.dumps(list(examples)))
    return HTML(
        f'<div class="ytcat-title-box" data-examples="{listed}">In the built book, and with JavaScript, '
        "a title can be typed here.</div>"
    )


def read(path: Path) -> tuple[TitleModel, dict[str, Any]]:
    """The model and what is said about it, as `write` left them."""
    content = json.loads(path.read_text(encoding="utf-8").removeprefix("window.ytcatTitleModel = ")[:-2])
    arrays = [np.array(content[name]) for name in ("idf", "scale", "intercept")]
    weights = np.frombuffer(base64.b64decode(content["weights"]), np.int8).reshape(len(NAMES), -1)
    terms = tuple(tuple(each) for each in content["terms"])
    return TitleModel(terms, arrays[0], weights, arrays[1], arrays[2]), content["about"]
