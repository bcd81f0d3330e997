"""The explorers in a real JupyterLab and a real browser: filter, click a cell of the matrix, try a title.

With `YTCAT_SCREENSHOT=1` it makes the pictures of the chapters and of the README again.
"""

import nbformat
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

import pictures
from lab import Lab
from ytcat.categories import NAMES
from ytcat.corpus import load
from ytcat.explore import live

TALLEST = 900  # px of a picture
CELLS = (
    """import numpy as np, pandas as pd
from ytcat import runs
from ytcat.corpus import load
from ytcat.explore import browser, confusion, live, trade_off
demo = load("demo")
some = demo.videos[:300]
_, chances = live.published(some["title"].tolist(), [None] * len(some))
answers = runs.answers(runs.predictions_table(some.index, "test", some["label"].to_numpy(), chances))
paths = pd.DataFrame({"method": ["Plain", "Weights"], "strength": [0.0, 1.0], "Top-1": [0.6, 0.5]})
names = ["Music", "Sport"]
categories = pd.DataFrame({"method": np.repeat(["Plain", "Weights"], 2), "strength": [0.0, 0, 1, 1],
    "category": names * 2, "n_correct": [9, 1, 6, 7], "support": 10})""",
    "browser.browse(demo)",
    "confusion.confusion(demo, answers)",
    "live.ask(title='Full match highlights')",
    "trade_off.trade_off(paths, categories)",
)


@pytest.fixture
def lab(browser, demo_build, tmp_path):
    device = {"width": 1300, "height": 1600, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    with Lab(browser, tmp_path) as lab:
        cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        nbformat.write(
            nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "notebooks" / "explorers.ipynb"
        )
        yield lab


def test_a_reader_filters_opens_a_cell_tries_a_title_and_moves_the_slider(lab):
    demo = load("demo")
    lab.open_and_run_all("explorers.ipynb")
    lab.wait(lambda: lab.browser.find_element(By.CSS_SELECTOR, ".ytcat-trade-off"), "the explorers")

    # The browser of videos: thumbnails come into view, filters change what is counted.
    videos = lab.browser.find_elements(By.CSS_SELECTOR, ".ytcat-explore")[0]
    lab.script("arguments[0].scrollIntoView()", videos)
    count = videos.find_element(By.CSS_SELECTOR, ".ytcat-count")
    assert count.text == f"1 to 24 of {len(demo.videos):,} videos ({len(demo.videos):,} in all)"
    lab.wait(lambda: first_picture(lab, videos), "a thumbnail")
    unseen = "return [...arguments[0].querySelectorAll('img')].filter(i => !i.hasAttribute('src')).length"
    assert lab.script(unseen, videos) > 0
    gaming = NAMES.index("Gaming")
    Select(videos.find_element(By.CSS_SELECTOR, "[data-filter=truth]")).select_by_visible_text("Gaming")
    n = int((demo.videos["label"] == gaming).sum())
    lab.wait(lambda: count.text.startswith(f"1 to 24 of {n} videos"), "the category")
    lab.wait(lambda: first_picture(lab, videos), "a thumbnail")
    pictures.keep(videos.screenshot_as_png, "explore_browser.png", colors=64, tallest=TALLEST)
    word = demo.videos["title"][demo.videos["label"] == gaming].iloc[0].split()[0].lower()
    of_word = demo.videos["title"].str.casefold().str.contains(word, regex=False)
    videos.find_element(By.CSS_SELECTOR, "[data-filter=text]").send_keys(word.upper())
    n = int(((demo.videos["label"] == gaming) & of_word).sum())
    lab.wait(lambda: f" of {n} videos" in count.text, "the word")
    videos.find_element(By.CSS_SELECTOR, "[data-filter=text]").send_keys(" zzz")
    lab.wait(lambda: count.text.startswith("None of"), "nothing")

    # The confusion matrix: a cell opens its videos.
    box = lab.browser.find_element(By.CSS_SELECTOR, ".ytcat-confusion")
    lab.script("arguments[0].scrollIntoView()", box)
    cells = box.find_elements(By.CSS_SELECTOR, ".ytcat-matrix button")
    cell = max(cells, key=lambda each: int(each.text))
    n, (truth, answer) = cell.text, map(int, cell.get_attribute("data-cell").split())
    cell.click()
    lab.wait(
        lambda: f" of {n} videos" in box.find_element(By.CSS_SELECTOR, ".ytcat-count").text, "its videos"
    )
    assert cell.get_attribute("aria-pressed") == "true"
    chosen = Select(box.find_element(By.CSS_SELECTOR, "[data-filter=answer]")).first_selected_option
    assert chosen.text == NAMES[answer]
    shown = box.find_element(By.CSS_SELECTOR, "article").text
    assert NAMES[truth] in shown and "% sure" in shown
    lab.wait(lambda: first_picture(lab, box), "a thumbnail")
    pictures.keep(box.screenshot_as_png, "explore_confusion.png", colors=64, tallest=TALLEST)

    # A title is answered as it is typed.
    box = lab.browser.find_element(By.CSS_SELECTOR, ".ytcat-live")
    lab.script("arguments[0].scrollIntoView()", box)
    field = box.find_element(By.CSS_SELECTOR, "input")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys("official music video")
    (probabilities,) = live.published(["official music video"], [None])[1]
    top = f"{NAMES[probabilities.argmax()]} {probabilities.max():.0%}"
    lab.wait(lambda: " ".join(box.text.split()).find(top) > 0, "the answer")

    # The slider moves the scores.
    box = lab.browser.find_element(By.CSS_SELECTOR, ".ytcat-trade-off")
    lab.script("arguments[0].scrollIntoView()", box)
    assert "Top-1: 60.0%" in box.text
    box.find_element(By.CSS_SELECTOR, ".noUi-handle").send_keys(Keys.ARROW_RIGHT)
    lab.wait(lambda: "Top-1: 50.0% (-10.0 points)" in box.text, "the scores")

    # The start page is shown as a page, not as its source.
    lab.browser.get(f"http://127.0.0.1:{lab.port}/lab/tree/README.md")
    lab.wait(lambda: lab.browser.find_element(By.CSS_SELECTOR, ".jp-MarkdownViewer table a"), "the page")
    assert lab.browser.find_element(By.CSS_SELECTOR, ".jp-MarkdownViewer h1").text.startswith("Start here")


def first_picture(lab, element):
    return lab.script("return arguments[0].querySelector('article img')?.naturalWidth > 0", element)
