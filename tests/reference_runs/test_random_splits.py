"""The spread over random splits, on videos whose category is known."""

from functools import partial

import numpy as np
import pytest

from tiny_runs import make_corpus
from ytcat.categories import NAMES
from ytcat.corpus.splits import split
from ytcat.models import baselines
from ytcat.reference_runs import random_splits


@pytest.fixture
def corpus(monkeypatch):
    """140 videos whose titles name their category; four of five have a thumbnail."""
    monkeypatch.setattr(random_splits, "N_SPLITS", 2)
    corpus = make_corpus()
    names = np.array(NAMES)[corpus.videos["label"]]
    corpus.videos["title"] = [f"{name} {name} {i % 4}" for i, name in enumerate(names)]
    return corpus


def test_titles_that_name_their_category_are_classified_on_every_split(corpus):
    corpus.videos["has_thumbnail"] = False
    table = random_splits.linear_models(corpus)
    assert table["model"].tolist() == ["tfidf", "tfidf"]
    assert table["split_seed"].tolist() == [0, 1]
    assert table["top1"].tolist() == [1.0, 1.0]
    for row in table.itertuples():
        parts = split(corpus.videos, "random", seed=row.split_seed)
        assert (row.n_train, row.n_test) == ((parts == "train").sum(), (parts == "test").sum())


def test_a_model_of_some_videos_is_trained_and_tested_on_those(corpus):
    """Features that tell seven categories: all videos of these are classified, of the others one category."""
    rows = np.flatnonzero(corpus.videos["has_thumbnail"])
    labels = corpus.videos["label"].to_numpy()[rows]
    features = np.eye(len(NAMES))[labels] * (labels < 7)[:, np.newaxis]
    probe = partial(baselines.linear_probe, strengths=(1.0,))
    for row in random_splits.over_splits(corpus.videos, probe, features, rows).itertuples():
        parts = split(corpus.videos, "random", seed=row.split_seed)[rows]
        test = labels[parts == "test"]
        assert (row.n_train, row.n_test) == ((parts == "train").sum(), len(test))
        guessed = row.top1 - (test < 7).mean()
        assert 0 <= guessed <= np.bincount(test)[7:].max() / len(test)
