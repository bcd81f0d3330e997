"""Learning curves of titles, computed from a corpus alone."""

import numpy as np
import pandas as pd

from tiny_runs import make_corpus
from ytcat.categories import NAMES
from ytcat.corpus.splits import split
from ytcat.future_directions.more_data import title_curves


def test_every_video_is_tested_by_channel_and_the_test_videos_at_random(monkeypatch):
    monkeypatch.setattr(title_curves, "REPEATS", 1)
    monkeypatch.setattr(title_curves, "HALVINGS", 1)
    corpus = make_corpus()
    names = np.array(NAMES)[corpus.videos["label"]]
    corpus.videos["title"] = [f"{name} {name} {i % 4}" for i, name in enumerate(names)]
    table = title_curves.correct_by_video(corpus)
    assert table.columns.tolist()[:5] == ["split", "fold", "seed", "view", "row"]
    whole = table["halved 0, repeat 0"]
    assert whole.groupby([table["split"], table["fold"]]).mean().min() > 0.9  # titles name their category
    random = table[table["split"] == "random"]
    assert random["row"].tolist() == np.flatnonzero(split(corpus.videos, "random") == "test").tolist()
    by_channel = table[table["split"] == "channel"]
    assert sorted(by_channel["row"]) == list(range(len(corpus.videos)))
    for fold, rows in by_channel.groupby("fold")["row"]:
        assert set(rows) == set(np.flatnonzero(split(corpus.videos, "channel", fold=fold) == "test"))


def test_a_corpus_without_a_split_by_channel_has_the_random_one_alone(monkeypatch):
    monkeypatch.setattr(title_curves, "HALVINGS", 1)
    corpus = make_corpus()
    corpus.videos["channel_title"] = "one"
    table = title_curves.correct_by_video(corpus)
    assert table["split"].unique().tolist() == ["random"]
    assert isinstance(table, pd.DataFrame)
