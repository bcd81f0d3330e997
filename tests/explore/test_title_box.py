"""The title box: what its model may hold; a page in a real browser answers as scikit-learn does."""

import shutil
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from ytcat import corpus, paths, slides
from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.explore import title_box

STATIC = paths.BOOK / "_static"
MODEL = title_box.MODEL
ODD_TITLES = (
    "",
    "   ",
    "a",
    "Official Video",
    "OFFICIAL official Official VIDEO",
    "😂😂 funny 👨‍👩‍👧 moments",
    "مقطع موسيقى جديد",
    "שיר חדש official",
    "ΣΊΣΥΦΟΣ ΟΔΟΣ İstanbul STRASSE ẞ",
    "snake_case 2020 ½ ① x² 漢字 テスト",
    "tab\tand\u00a0no\u2003break\u3000space",
    "<img src=x onerror=document.title='broken'> & <b>bold</b>",
    "trailer " * 1250,
)


def made(n_channels=10, per_channel=2):
    """Titles of one category per word, used by `n_channels` channels, and rare words beside them."""
    titles, labels, channels = [], [], []
    for label in range(N_CATEGORIES):
        for channel in range(n_channels):
            for video in range(per_channel):
                titles.append(f"word{label:02} common rare{label}x{channel}y{video}")
                labels.append(label)
                channels.append(f"{label} {channel}")
    return titles, np.array(labels), np.array(channels)


def test_only_terms_of_enough_videos_and_channels_are_published():
    model = title_box.fit(*made())
    words = model.terms[0]
    assert {"word00", "common", "word13 common"} <= set(words)
    assert not any("rare" in word for word in words)
    assert model.predict([f"word{label:02}" for label in range(14)]).argmax(axis=1).tolist() == list(
        range(14)
    )
    # The same words in as many videos of nine channels only, or in 18 videos: none of a single category.
    for titles in (made(n_channels=9, per_channel=3), made(n_channels=9, per_channel=2)):
        assert set(title_box.fit(*titles).terms[0]) == {"common"}


def test_a_model_without_a_frequent_term_or_without_a_category_is_refused():
    titles, labels, channels = made()
    with pytest.raises(ValueError, match="is in 20 titles of 10 channels"):
        title_box.fit([f"{title}{i:05}"[-5:] for i, title in enumerate(titles)], labels, channels)
    with pytest.raises(ValueError, match="no title of Film and Animation"):
        title_box.fit(titles[20:], labels[20:], channels[20:])


def test_a_written_model_is_read_back_as_it_was(tmp_path):
    model = title_box.fit(*made())
    title_box.write(model, {"corpus": "made"}, tmp_path / "model.js")
    again, about = title_box.read(tmp_path / "model.js")
    assert about == {"corpus": "made"}
    titles = made()[0]
    np.testing.assert_array_equal(again.predict(titles), model.predict(titles))


def test_the_committed_model_is_small_and_says_what_it_scores():
    model, about = title_box.read(MODEL)
    assert MODEL.stat().st_size < 1_500_000
    assert about["n_terms"] == model.weights.shape[1] == sum(map(len, model.terms))
    assert 0 < about["top1_new_channels"] < about["top1"] < 1
    assert model.predict(list(ODD_TITLES)).shape == (len(ODD_TITLES), N_CATEGORIES)


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """A page with the box and nothing else, opened as a file."""
    folder = tmp_path_factory.mktemp("page")
    for name in ("title_box.js", "title_model.js", "ytcat.css"):
        shutil.copy(STATIC / name, folder)
    box = title_box.html([slides.EXAMPLE.title, "Official Music Video"]).data
    (folder / "index.html").write_text(
        '<!doctype html><meta charset="utf-8"><title>box</title><link rel="stylesheet" href="ytcat.css">'
        f'{box}<script src="title_box.js"></script>',
        encoding="utf-8",
    )
    browser.get((folder / "index.html").as_uri())
    return browser


def in_page(page, title):
    """The page's probabilities for a title set as typing would."""
    return page.execute_script(
        """const box = document.querySelector(".ytcat-title-box"), input = box.querySelector("input");
        input.value = arguments[0];
        input.dispatchEvent(new Event("input", { bubbles: true }));
        return box.probabilities;""",
        title,
    )


@pytest.mark.parametrize("title", ODD_TITLES, ids=range(len(ODD_TITLES)))
def test_the_page_answers_as_scikit_learn_does(page, title):
    expected = title_box.read(MODEL)[0].predict([title])[0]
    np.testing.assert_allclose(in_page(page, title), expected, atol=1e-6)
    assert page.title == "box"


# Characters that Python's Unicode data knows; the browser's are newer. A text field holds no line break.
ASSIGNED = st.characters(exclude_categories=("Cs", "Cn", "Cc")).filter(
    lambda c: unicodedata.category(c) != "Cn"
)
FREQUENT = title_box.read(MODEL)[0].terms[0] if MODEL.is_file() else ("official",)
TITLES = st.lists(st.one_of(st.sampled_from(FREQUENT), st.text(ASSIGNED, max_size=12)), max_size=15).map(
    " ".join
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TITLES)
def test_any_title_is_answered_as_by_scikit_learn(page, title):
    np.testing.assert_allclose(in_page(page, title), title_box.read(MODEL)[0].predict([title])[0], atol=1e-6)


def test_typing_and_clicking_show_bars_words_and_what_is_said(page):
    page.refresh()
    box = page.find_element(By.CLASS_NAME, "ytcat-title-box")
    field = box.find_element(By.TAG_NAME, "input")
    assert field.get_attribute("value") == slides.EXAMPLE.title
    assert field.accessible_name == "Type a title"
    field.clear()
    field.send_keys("Official Music <b>Video</b>")
    bars = box.find_elements(By.CSS_SELECTOR, ".ytcat-title-bars li")
    assert len(bars) == 5
    assert bars[0].text.startswith("Music")
    assert box.find_element(By.CLASS_NAME, "ytcat-title-words").text == "Official Music <b>Video</b>"
    assert box.find_element(By.CLASS_NAME, "ytcat-title-said").text.startswith("Music, ")
    assert "speaks for Music" in box.get_attribute("innerHTML")
    # By keyboard alone: from the field to the first example, and back into the field with its title.
    field.send_keys(Keys.TAB)
    page.switch_to.active_element.send_keys(Keys.ENTER)
    assert field.get_attribute("value") == slides.EXAMPLE.title
    assert page.switch_to.active_element == field
    widest = page.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
    assert widest <= 0


def test_the_box_says_what_the_model_scores_and_what_it_is_not_for(page):
    about = title_box.read(MODEL)[1]
    text = page.find_element(By.CLASS_NAME, "ytcat-title-about").text
    assert f"{about['top1']:.0%}".replace("%", " %") in text
    assert f"{about['top1_new_channels']:.0%}".replace("%", " %") in text
    assert "Do not decide anything about people" in text
    assert set(NAMES) == set(page.execute_script("return window.ytcatTitleModel.categories"))


def test_no_test_video_is_learned_from_and_in_the_split_by_channel_none_of_the_channels(corpus_folder):
    videos = title_box.with_channel(corpus.load(corpus_folder(280, thumbnails=False)).videos)
    more = videos.iloc[::2]  # of another corpus that has half of the same videos
    for kind in ("random", "channel"):
        train, test = title_box.train_and_test(videos, more, kind, 0)
        assert len(train) > len(videos) - len(test) and len(test)
        assert not set(train["video_id"]) & set(test["video_id"])
        assert bool(set(train["channel"]) & set(test["channel"])) == (kind == "random")


def test_a_video_without_a_channel_is_a_channel_of_its_own():
    videos = pd.DataFrame({"video_id": ["a", "b", "c"], "channel_title": ["x", None, None]})
    assert title_box.with_channel(videos)["channel"].nunique() == 3
