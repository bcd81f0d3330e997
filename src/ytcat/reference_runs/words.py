"""The words and word parts by which the linear title model knows each category.

A term is recorded only if it stands in at least 20 titles of at least 10 channels, so that it belongs to
nobody's video.
"""

import numpy as np
import pandas as pd
import scipy.sparse
from sklearn.pipeline import Pipeline

from ytcat import reference_runs
from ytcat.categories import NAMES
from ytcat.corpus import Corpus
from ytcat.corpus.splits import split
from ytcat.models import baselines
from ytcat.reference_runs.aggregates import MIN_CHANNELS, MIN_VIDEOS

WORDS = "words.csv"
KINDS = ("word", "part")  # of terms: one or two words; two to five characters of a word
TERMS = 10  # at most, of each kind per category


def weights(corpus: Corpus) -> pd.DataFrame | None:
    """The heaviest terms of the model recorded as `tfidf` on the random split; see `strongest`.

    None if no term stands in enough titles of enough channels, as in a corpus without channels.
    """
    videos, parts = corpus.videos, split(corpus.videos, "random")
    train, validation = (videos[parts == name] for name in ("train", "validation"))
    fitted = baselines.tfidf(
        *((part["title"].tolist(), part["label"].to_numpy()) for part in (train, validation))
    )
    table = strongest(fitted.classifier, train)
    return None if table.empty else table.round({"weight": 4})


def strongest(classifier: Pipeline, videos: pd.DataFrame) -> pd.DataFrame:
    """The terms with the highest weights of a linear model on `baselines.title_features`, per category.

    `videos` are those it was trained on, with `title` and `channel_title`. Columns: `category`, `kind` (of
    `KINDS`), `term`, `weight` (the coefficient, above 0), `videos` and `channels` (how many hold the term; a
    video without a channel counts for none). A term in fewer than `MIN_VIDEOS` or of fewer than
    `MIN_CHANNELS` is left out. So is a part that contains a heavier one of the category, or lies in one. A
    space in a part is the start or the end of a word.
    """
    features, model = classifier
    kinds, terms, counts = [], [], []
    for kind, (_, vectorizer) in zip(KINDS, features.transformer_list, strict=True):
        terms.append(vectorizer.get_feature_names_out())
        kinds.append(np.full(len(terms[-1]), kind))
        counts.append(_videos_and_channels(vectorizer.transform(videos["title"]), videos["channel_title"]))
    table = pd.DataFrame(np.concatenate(counts), columns=["videos", "channels"])
    table.insert(0, "kind", np.concatenate(kinds))
    table.insert(1, "term", np.concatenate(terms))
    common = ((table["videos"] >= MIN_VIDEOS) & (table["channels"] >= MIN_CHANNELS)).to_numpy()
    listed = [pd.DataFrame(columns=["category", "kind", "term", "weight", "videos", "channels"])]
    for name, weight in zip(NAMES, baselines.coefficients(model), strict=True):
        heavy = table.assign(category=name, weight=weight)[common & (weight > 0)]
        heavy = heavy.sort_values(["weight", "term"], ascending=[False, True])
        listed += [_listed(heavy[heavy["kind"] == kind]) for kind in KINDS]
    return pd.concat([terms for terms in listed if len(terms)] or listed[:1], ignore_index=True)[
        listed[0].columns
    ]


def recorded() -> pd.DataFrame:
    """The recorded terms of all corpora, each row with its `corpus`; see `strongest`."""
    paths = reference_runs.files(WORDS)
    # "nan" and "null" are terms.
    tables = [pd.read_csv(path, keep_default_na=False).assign(corpus=path.parent.name) for path in paths]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _videos_and_channels(features: scipy.sparse.csr_matrix, channels: pd.Series) -> np.ndarray:
    """In how many videos and of how many channels each of k terms stands, (k, 2) int64."""
    present = (features > 0).astype(np.int64)
    codes = pd.factorize(channels)[0]
    named = np.flatnonzero(codes >= 0)
    shape = (codes.max(initial=-1) + 1, len(codes))
    of_channel = scipy.sparse.csr_matrix((np.ones(len(named), np.int64), (codes[named], named)), shape)
    n_channels = ((of_channel @ present) > 0).sum(axis=0)
    return np.column_stack([present.sum(axis=0).A1, np.asarray(n_channels).ravel()])


def _listed(terms: pd.DataFrame) -> pd.DataFrame:
    """The first `TERMS`, of parts only those that neither contain an earlier one nor lie in it."""
    chosen: list[int] = []
    for place, (kind, term) in enumerate(zip(terms["kind"], terms["term"], strict=True)):
        earlier = terms["term"].iloc[chosen] if kind == "part" else ()
        if not any(term in other or other in term for other in earlier):
            chosen.append(place)
        if len(chosen) == TERMS:
            break
    return terms.iloc[chosen]
