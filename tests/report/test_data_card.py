"""The data card says what a corpus and its provenance hold, and what they do not hold."""

import re

import pytest

from page_runs import run_page
from ytcat.data.kaggle import from_file
from ytcat.data.provenance import Thumbnails, read
from ytcat.reference_runs import read_all


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A build folder of its own, for what is ingested from a corpus that is made here."""
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))


@pytest.fixture
def fetched(tmp_path, corpus_folder, build):
    """The folder of a corpus with a provenance."""
    tiny = corpus_folder(28)
    with (tiny / "videos.csv").open("a") as stream:
        stream.write("video_99999,Other,Channel,43,2020-01-01T00:00:00Z,a\n")
    folder = from_file(tmp_path / "kaggle-US", tiny / "videos.csv", "US")
    known = read(folder)
    known.thumbnails = Thumbnails(
        origin="https://example.invalid",
        finished="2020-09-13T12:26:40Z",
        outcomes={"ok": 20, "gone": 7, "failed": 1, "not asked": 0},
        sha256="0" * 64,
    )
    known.write(folder)
    return folder


def test_of_a_fetched_corpus_everything_is_told(fetched, tmp_path):
    page = run_page("appendix/data_card", tmp_path, corpus=str(fetched))
    contents, origin = page.metrics["contents"], page.metrics["origin"]
    assert (contents["Records read"], contents["Videos kept"]) == (29, 28)
    assert contents["Records dropped: category outside the 14"] == 1
    assert contents["Without a thumbnail file"] == 28
    assert origin["Region"] == "US"
    assert origin["Published"] == "2020-01-01 to 2020-01-02"
    assert origin["Thumbnails that YouTube no longer has"] == "7"
    assert "2020-09-13T12:26:40Z" in origin["Thumbnails from"]
    assert read(fetched).sources[0].sha256[:16] in origin["videos.csv"]
    assert re.search(r">Region</th>\s*<td[^>]*>US</td>", page.text)
    assert "videos are real" in page.text
    assert page.heavy == "[]"


def test_only_the_first_sources_are_shown_one_by_one(fetched, tmp_path):
    known = read(fetched)
    known.sources = [known.sources[0].model_copy(update={"name": f"chart {day}"}) for day in range(9)]
    known.write(fetched)
    origin = run_page("appendix/data_card", tmp_path, corpus=str(fetched)).metrics["origin"]
    assert [name for name in origin if name.startswith("chart")] == [f"chart {day}" for day in range(6)]
    assert origin["Further sources"].startswith("3, to ")


def test_a_corpus_of_ones_own_says_that_nothing_is_known(tmp_path, corpus_folder, build):
    page = run_page("appendix/data_card", tmp_path, corpus=str(corpus_folder(5)))
    assert page.metrics["origin"] == {}
    assert "`tiny` has no `provenance.json`" in page.text


def test_the_demo_says_that_it_is_made_up_and_the_reference_runs_are_those_of_the_files(tmp_path):
    page = run_page("appendix/data_card", tmp_path)
    assert "synthetic" in page.text and "made it up" in page.text
    assert page.metrics["origin"] == {}
    rows = {row["corpus"]: row for row in page.metrics["reference_runs"]}
    for stored in read_all():
        entry = stored.results["majority"]
        assert rows[stored.name]["n_test"] == entry["n_test"]
        assert f"{entry['top1']:.1%}" in page.text
