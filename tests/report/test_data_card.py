"""The data card says what a corpus and its provenance hold, and what they do not hold."""

import re

import pytest

from ytcat import corpus, paths
from ytcat.data.kaggle import from_file
from ytcat.data.provenance import Thumbnails, read
from ytcat.reference_runs import read_all
from ytcat.report.data_card import contents_rows, provenance_rows, recorded_rows, without_provenance
from ytcat.report.pages import _data


@pytest.fixture
def fetched(tmp_path, corpus_folder):
    """A corpus with a provenance."""
    tiny = corpus_folder(28)
    with (tiny / "videos.csv").open("a") as stream:
        stream.write("video_99999,Other,Channel,43,2020-01-01T00:00:00Z,a\n")
    folder = from_file(tmp_path / "kaggle-US", tiny / "videos.csv")
    known = read(folder)
    known.thumbnails = Thumbnails(
        origin="https://example.invalid",
        finished="2020-09-13T12:26:40Z",
        outcomes={"ok": 20, "gone": 7, "failed": 1, "not asked": 0},
        sha256="0" * 64,
    )
    known.write(folder)
    return corpus.load(folder, tmp_path / "build")


def said(rows):
    return {row["What"]: row.get("Said", row.get("Number")) for row in rows}


def test_of_a_fetched_corpus_everything_is_told(fetched):
    contents = said(contents_rows(fetched))
    assert (contents["Records read"], contents["Videos kept"]) == ("29", "28")
    assert contents["Records dropped: category outside the 14"] == "1"
    assert contents["Without a thumbnail file"] == "28"
    provenance = said(provenance_rows(fetched))
    assert provenance["Region"] == "US"
    assert provenance["Published"] == "2020-01-01 to 2020-01-02"
    assert provenance["Thumbnails that YouTube no longer has"] == "7"
    assert "2020-09-13T12:26:40Z" in provenance["Thumbnails from"]
    assert read(fetched.source).sources[0].sha256[:16] in provenance["`videos.csv`"]
    page = _data(fetched)
    assert "| Region | US |" in page["data_provenance"]
    assert "videos are real" in page["data_corpus"]


def test_a_corpus_of_ones_own_says_that_nothing_is_known(tmp_path, corpus_folder):
    loaded = corpus.load(corpus_folder(5), tmp_path / "build")
    assert provenance_rows(loaded) == []
    assert "`tiny` has no `provenance.json`" in _data(loaded)["data_provenance"]


def test_the_demo_says_that_it_is_made_up():
    demo = corpus.load(corpus.DEMO)
    page = _data(demo)
    assert "synthetic" in page["data_corpus"]
    assert page["data_provenance"] == without_provenance(demo)
    assert "made it up" in page["data_provenance"]


def test_the_recorded_corpora_are_told_with_figures_of_the_files():
    rows = {row["Corpus"]: row for row in recorded_rows()}
    for recorded in read_all():
        entry = recorded.results["majority"]
        assert rows[f"`{recorded.name}`"]["For testing"] == f"{entry['n_test']:,}"


def test_the_page_names_only_what_is_computed():
    text = (paths.BOOK / "data_card.md").read_text()
    assert set(re.findall(r"{{ (\w+) }}", text)) == {
        "data_corpus",
        "data_contents",
        "data_provenance",
        "data_recorded",
    }
