"""The explorers without a browser: what passes a filter, what a click opens, what is said of a title."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from ytcat import corpus as corpora
from ytcat import runs
from ytcat.categories import IDS, N_CATEGORIES, NAMES
from ytcat.exceptions import YtcatError
from ytcat.explore import live
from ytcat.explore.bars import bars
from ytcat.explore.browser import FILTERS, PER_PAGE, browse
from ytcat.explore.confusion import confusion
from ytcat.explore.picture import PICTURES, picture
from ytcat.explore.trade_off import trade_off


@pytest.fixture
def corpus(corpus_folder, tmp_path):
    """30 videos, three a channel, categories in turn, each with a thumbnail."""
    return corpora.load(corpus_folder(30), build=tmp_path / "build")


@pytest.fixture
def answers(corpus):
    """Answers for the videos 10 to 29: every second one right, the later the surer."""
    rows = np.arange(10, 30)
    truth = corpus.videos["label"].loc[rows].to_numpy()
    answered = np.where(rows % 2 == 0, truth, (truth + 1) % N_CATEGORIES)
    probabilities = np.full((20, N_CATEGORIES), 0.0)
    sure = 0.5 + rows / 100
    probabilities[:] = ((1 - sure) / (N_CATEGORIES - 1))[:, np.newaxis]
    probabilities[np.arange(20), answered] = sure
    return runs.answers(runs.predictions_table(rows, "test", truth, probabilities))


def filtered(browser, **filters):
    browser.filters = FILTERS | filters
    return browser.matching().tolist()


def test_a_browser_without_filters_shows_the_first_page(corpus):
    browser = browse(corpus)
    assert browser.page["n"] == browser.page["of"] == 30
    assert [video["row"] for video in browser.page["videos"]] == list(range(PER_PAGE))
    assert browser.page["videos"][4] == {
        "row": 4,
        "title": "Title 4",
        "channel": "Channel 1",
        "truth": 4,
        "thumbnail": True,
    }


def test_filters_are_combined_and_read_no_pattern(corpus):
    browser = browse(corpus)
    assert filtered(browser, text=" TITLE 1") == [1, *range(10, 20)]
    assert filtered(browser, channel="channel 5") == [15, 16, 17]
    assert filtered(browser, truth=3) == [3, 17]
    assert filtered(browser, truth=3, channel="channel 5") == [17]
    assert filtered(browser, text=".*") == []
    assert browser.page["videos"] == [] and browser.page["first"] == 0


def test_a_model_adds_answers_confidence_and_an_order(corpus, answers):
    browser = browse(corpus, answers)
    assert browser.page["of"] == 20
    assert filtered(browser, correct="wrong") == list(range(11, 30, 2))
    assert filtered(browser, least=0.705, most=0.755) == [21, 22, 23, 24, 25]
    assert filtered(browser, correct="right", order="surest") == list(range(28, 9, -2))
    assert filtered(browser, order="least sure")[:2] == [10, 11]
    assert filtered(browser, answer=12) == [11, 12, 25, 26]
    video = browser.page["videos"][0]
    assert (video["answer"], video["truth"], round(video["confidence"], 2)) == (12, 11, 0.61)


def test_the_second_page_holds_the_rest(corpus):
    browser = browse(corpus)
    browser.filters = FILTERS | {"first": PER_PAGE}
    assert [video["row"] for video in browser.page["videos"]] == list(range(PER_PAGE, 30))
    browser.filters = FILTERS | {"first": 1_000}
    assert browser.page["first"] == PER_PAGE


def test_only_thumbnails_on_the_page_are_sent(corpus):
    rows, pictures = browse(corpus).thumbnails([2, 29, 5])
    assert rows == [2, 5]
    assert pictures == corpus.thumbnail_bytes([2, 5])


def test_a_cell_of_the_matrix_opens_its_videos(corpus, answers):
    matrix, browser = confusion(corpus, answers).children
    assert np.sum(matrix.counts) == 20
    assert matrix.counts[11][12] == 2
    matrix.cell = [11, 12]
    assert browser.matching().tolist() == [25, 11]
    assert browser.filters["truth"] == 11


def test_a_title_is_answered_by_the_published_model_as_it_is_typed():
    field, shown = live.ask().children
    assert "Type a title" in shown.value
    field.value = "Official music video"
    (probabilities,) = live.published([field.value], [None])[1]
    assert NAMES[probabilities.argmax()] in shown.value
    assert shown.value.count("<tr>") == live.SHOWN
    field.value = " "
    assert "Type a title" in shown.value


def test_a_model_that_refuses_is_quoted_as_text():
    def refusing(titles, pictures):
        raise YtcatError("This model answers from the <thumbnail>: give that.")

    *_, shown = live.ask(refusing, "a title", thumbnails=True).children
    assert "from the &lt;thumbnail&gt;: give that" in shown.value


def test_a_thumbnail_is_given_to_the_model():
    given = []

    def answering(titles, pictures):
        given.append((titles, pictures))
        return np.array(["both"]), np.eye(N_CATEGORIES)[[2]]

    _, upload, shown = live.ask(answering, "a title", thumbnails=True).children
    file = {"name": "a.jpg", "type": "image/jpeg", "size": 3, "content": b"jpg"}
    upload.value = (file | {"last_modified": datetime(2020, 1, 1, tzinfo=UTC)},)
    assert given == [(["a title"], [None]), (["a title"], [b"jpg"])]
    assert "Music" in shown.value and "thumbnail and title" in shown.value


def test_bars_hold_names_as_text_and_mark_what_is_beside():
    made = bars([("<b>", 0.5), ("b", 0.25)], beside=[0.1, 0.2])
    assert "&lt;b&gt;" in made and "<b>" not in made
    assert "width: 50.0%" in made and "left: 10.0%" in made


def test_the_slider_shows_scores_beside_those_of_the_plain_model():
    paths = pd.DataFrame(
        {
            "method": ["Plain", "Weights", "Weights"],
            "strength": [0.0, 0.5, 1.0],
            "Top-1": [0.6, 0.58, 0.5],
            "Macro F1": [0.4, 0.45, 0.48],
        }
    )
    categories = pd.DataFrame(
        [
            (method, strength, category, k, 10)
            for (method, strength), ks in {
                ("Plain", 0.0): (9, 1), ("Weights", 0.5): (8, 4), ("Weights", 1.0): (6, 7)
            }.items()
            for category, k in zip(("Music", "Sport"), ks, strict=True)
        ],
        columns=["method", "strength", "category", "n_correct", "support"],
    )  # fmt: skip
    method, slider, shown = trade_off(paths, categories).children
    assert method.options == ("Weights",) and slider.options == (0.0, 0.5, 1.0)
    assert "Top-1: 60.0% (+0.0 points)" in shown.value and "width: 90.0%" in shown.value
    slider.value = 1.0
    assert "Top-1: 50.0% (-10.0 points)" in shown.value
    assert "Macro F1: 48.0% (+8.0 points)" in shown.value
    assert "width: 70.0%" in shown.value and "left: 10.0%" in shown.value
    with pytest.raises(ValueError, match="no method has a strength above 0"):
        trade_off(paths[:1], categories)


@pytest.mark.parametrize("name", PICTURES)
def test_where_no_kernel_runs_a_picture_stands_for_an_explorer(name):
    html = picture(name).data
    assert 10_000 < len(html) < 150_000
    assert "make lab" in html


def test_category_ids_are_not_taken_for_labels(corpus):
    assert browse(corpus).page["videos"][2]["truth"] == 2 != IDS[2]
