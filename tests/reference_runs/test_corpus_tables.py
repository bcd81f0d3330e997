"""Tables computed from a corpus alone: what each split sets apart, and what a look-up of channels answers."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tiny_runs import make_corpus, save_run
from ytcat.atomic_files import sha256_file
from ytcat.categories import IDS, N_CATEGORIES, NAMES
from ytcat.corpus import Corpus
from ytcat.corpus.splits import split
from ytcat.reference_runs import corpus_tables, limits, splits, store
from ytcat.reference_runs.verify import DifferenceError, verify


@pytest.fixture(scope="module")
def dated():
    """300 videos of 60 channels, one per day of 2020; a channel has one category and, rarely, another."""
    rng = np.random.default_rng(0)
    channel = rng.integers(0, 60, 300)
    label = np.where(rng.random(300) < 0.9, channel % N_CATEGORIES, rng.integers(0, N_CATEGORIES, 300))
    videos = pd.DataFrame(
        {
            "video_id": [f"video{i:06}" for i in range(300)],
            "title": "A title",
            "channel_title": [f"Channel {c}" for c in channel],
            "label": label,
            "publish_time": pd.date_range("2020-01-01", periods=300, tz="UTC"),
        }
    )
    return Corpus("dated", False, Path(), videos, None, "c0ffee", Path())


def test_each_part_is_described(dated):
    table = splits.describe(dated)
    assert table[["split", "fold"]].drop_duplicates().to_numpy().tolist() == [
        ["random", 0], *[["channel", fold] for fold in range(5)], ["time", 0],
    ]  # fmt: skip
    assert (table[list(NAMES)].sum(axis=1) == table["videos"]).all()
    assert (table.groupby(["split", "fold"])["videos"].sum() == 300).all()
    time = table.query("split == 'time'").set_index("part")
    # A fifth is test, a tenth of the rest validation: days 0..215, 216..239, 240..299 of 2020.
    assert time["videos"].to_dict() == {"train": 216, "validation": 24, "test": 60}
    assert time.loc["train", ["first", "last"]].tolist() == ["2020-01-01", "2020-08-03"]
    assert time.loc["test", ["first", "median", "last"]].tolist() == [
        "2020-08-28",
        "2020-09-26",
        "2020-10-26",
    ]
    assert (table.query("split == 'channel' and part == 'test'")["known_channel"] == 0).all()
    random = table.query("split == 'random'").set_index("part")
    assert random["tried_on"].tolist() == [
        random.loc["train", "videos"],
        random.loc["validation", "videos"],
        0,
    ]


def test_known_channels_and_videos_that_settings_were_tried_on_are_counted(dated):
    table = splits.describe(dated).query("part == 'test'").set_index(["split", "fold"])
    pool = split(dated.videos, "random") != "test"
    for kind in ("random", "time"):
        parts = split(dated.videos, kind)
        known = set(dated.videos["channel_title"][parts != "test"])
        test = dated.videos[parts == "test"]
        assert table.loc[(kind, 0), "known_channel"] == sum(name in known for name in test["channel_title"])
        assert table.loc[(kind, 0), "tried_on"] == pool[parts == "test"].sum()


def test_a_split_that_the_corpus_does_not_allow_is_left_out():
    table = splits.describe(make_corpus())  # without times
    assert set(table["split"]) == {"random", "channel"}
    assert table["first"].eq("").all()
    assert set(limits.look_up_channels(make_corpus())["split"]) == {"random"}


def test_the_look_up_answers_the_category_of_the_channel(dated):
    table = limits.look_up_channels(dated)
    parts = split(dated.videos, "random")
    random = table.query("split == 'random'").set_index("row")
    assert random.index.tolist() == np.flatnonzero(parts == "test").tolist()
    training = dated.videos[parts != "test"]
    for row, (known, answer) in random[["known", "answer"]].iterrows():
        of_channel = training["label"][training["channel_title"] == dated.videos.at[row, "channel_title"]]
        counts = of_channel.value_counts()
        assert known == (len(of_channel) > 0)
        if known:
            assert counts[IDS.index(answer)] == counts.max()


def test_tables_are_recorded_with_their_hash_and_stay_when_runs_are_recorded_anew(places):
    corpus = make_corpus()
    corpus.videos["has_thumbnail"] = False  # the made corpus has no files of pictures
    save_run(corpus, "04_text_model", "random", 0, seed=0)
    tables = corpus_tables.TABLES | {"nothing": lambda _: None}
    folder = store.record(corpus, tables=tables).folder
    names = {"splits.csv", "channel_lookup.csv", "label_agreement.csv"}
    sha256 = json.loads((folder / "manifest.json").read_text())["sha256"]
    assert names <= set(sha256)
    assert "nothing.csv" not in sha256
    assert not (folder / "nothing.csv").exists()
    for name in names:
        content = (folder / name).read_text()
        assert "Title " not in content
        assert "Channel " not in content
        assert sha256[name] == sha256_file(folder / name)
    save_run(corpus, "04_text_model", "random", 0, seed=1)
    again = json.loads((store.record(corpus).folder / "manifest.json").read_text())["sha256"]
    assert {name: again[name] for name in names} == {name: sha256[name] for name in names}
    assert verify(folder) > 0
    (folder / "splits.csv").write_text("split\n")
    with pytest.raises(DifferenceError, match=r"splits\.csv: it is not the file that was recorded"):
        verify(folder)


def test_tables_of_a_recorded_corpus_are_written_without_a_run_on_this_machine(places, all_recorded):
    _, recorded = all_recorded
    shutil.copytree(recorded, places / "tiny")
    before = (places / "tiny" / "predictions.parquet").read_bytes()
    corpus = make_corpus()
    corpus.videos["has_thumbnail"] = False  # the made corpus has no files of pictures
    folder = store.record(corpus, tables=corpus_tables.TABLES).folder
    assert (folder / "splits.csv").is_file()
    assert (folder / "predictions.parquet").read_bytes() == before
    assert verify(folder) > 1000
