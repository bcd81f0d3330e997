"""The spread over random splits, on titles whose category is known."""

import numpy as np

from tiny_runs import make_corpus
from ytcat.categories import NAMES
from ytcat.corpus.splits import split
from ytcat.reference_runs import random_splits


def test_titles_that_name_their_category_are_classified_on_every_split(monkeypatch):
    monkeypatch.setattr(random_splits, "N_SPLITS", 2)
    corpus = make_corpus()
    names = np.array(NAMES)[corpus.videos["label"]]
    corpus.videos["title"] = [f"{name} {name} {i % 4}" for i, name in enumerate(names)]
    table = random_splits.tfidf(corpus)
    assert table["model"].tolist() == ["tfidf", "tfidf"]
    assert table["split_seed"].tolist() == [0, 1]
    assert table["top1"].tolist() == [1.0, 1.0]
    for row in table.itertuples():
        parts = split(corpus.videos, "random", seed=row.split_seed)
        assert (row.n_train, row.n_test) == ((parts == "train").sum(), (parts == "test").sum())
