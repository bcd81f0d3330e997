"""The experiment in a real JupyterLab and a real browser, with a reload and a killed kernel in between.

With `YTCAT_SCREENSHOT=1` it makes the picture of the README and of chapter 02 again.
"""

import os
import signal

import pytest

import pictures
from lab import Lab, Sitting
from ytcat import paths
from ytcat.categories import IDS
from ytcat.corpus import load
from ytcat.human import store
from ytcat.views import SLIDES_MODELS, VIEWS

NOTEBOOK = "02_human_baseline.ipynb"
KEYS = "ABCDEFGHIJKLMN"


class ExperimentLab(Sitting, Lab):
    """JupyterLab with somebody who sits the experiment."""

    def kill_kernel(self):
        (process,) = self.kernels()
        os.kill(process.pid, signal.SIGKILL)
        process.wait(20)

    def given(self, corpus):
        """What is on disk: (trial, answer) of all that stands."""
        trials = store.trials(corpus)
        return list(zip(trials["trial"], trials["answer"], strict=True))


@pytest.fixture
def lab(browser, demo_build, tmp_path):
    device = {"width": 1400, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    with ExperimentLab(browser, tmp_path) as lab:
        yield lab


def test_a_person_sits_the_experiment_and_nothing_is_lost(lab, tmp_path):
    demo = load("demo")
    before = (paths.NOTEBOOKS / NOTEBOOK).read_bytes()
    lab.open_and_run_all(NOTEBOOK)

    # A name is refused, a code is taken.
    lab.sit("peter")
    lab.wait(lambda: "'peter' is no participant code" in lab.find(".ytcat-notice").text, "the refusal")
    assert not store.files(demo)
    lab.find("input").clear()
    lab.sit("p07")

    # Keyboard, mouse, an undo, a skip taken back; each is on disk when the next video shows.
    lab.shown(1)
    cells = lab.script("return window.jupyterapp.shell.currentWidget.content.widgets.length")
    lab.press(KEYS[0])  # also JupyterLab's key for a new cell
    lab.shown(2)
    assert lab.given(demo) == [(1, IDS[0])]
    lab.click(IDS[9])
    lab.shown(3)
    assert lab.given(demo) == [(1, IDS[0]), (2, IDS[9])]
    lab.press("S")
    lab.shown(4)
    lab.press("U")
    lab.shown(3)
    lab.press(KEYS[13])
    lab.shown(4)
    three = [(1, IDS[0]), (2, IDS[9]), (3, IDS[13])]
    assert lab.given(demo) == three
    assert lab.script("return window.jupyterapp.shell.currentWidget.content.widgets.length") == cells

    # The page is reloaded in the middle of a trial.
    lab.browser.refresh()
    lab.run_all()
    lab.sit("p07")
    lab.shown(4)
    assert lab.given(demo) == three
    lab.click(IDS[4])
    lab.shown(5)

    # A break hides the video.
    lab.press("P")
    lab.kind("break")
    assert not lab.widget().find_elements("css selector", ".ytcat-trial")
    lab.find(".ytcat-resume").click()
    lab.shown(5)
    assert "Thumbnail and title" in lab.find(".ytcat-status").text
    picture(lab)

    # The kernel dies in the middle of a trial; an answer that it did not get is not passed off as kept.
    four = [*three, (4, IDS[4])]
    lab.kill_kernel()
    lab.wait(
        lambda: lab.browser.find_element("css selector", ".jp-Dialog .jp-mod-accept"), "the dialog"
    ).click()
    lab.click(IDS[0])
    lab.wait(lambda: "this was not recorded" in lab.find(".ytcat-notice").text, "the warning")
    assert "up to trial 4 are on disk" in lab.find(".ytcat-notice").text
    assert lab.given(demo) == four
    lab.run_all()
    lab.sit("p07")
    lab.shown(5)
    lab.press(KEYS[6])
    lab.shown(6)
    lab.click(IDS[2])
    lab.shown(7)

    trials = store.trials(demo)
    assert lab.given(demo) == [*four, (5, IDS[6]), (6, IDS[2])]
    assert sorted(trials["condition"]) == sorted(SLIDES_MODELS * 2)
    assert trials["undone"].tolist() == [0, 0, 1, 0, 0, 0]
    assert (trials["response_ms"] > 0).all()
    assert trials["answered"].is_monotonic_increasing

    # The end: only now the truth, as a count.
    lab.press("P")
    lab.kind("break")
    lab.find(".ytcat-finish").click()
    lab.kind("results")
    n_correct = (trials["answer"] == trials["category_id"])[trials["condition"] == "text"].sum()
    assert f"{VIEWS['title'].label} {n_correct} of 2" in lab.find("tbody").text
    assert store.read(demo, *store.files(demo)).finished
    assert (paths.NOTEBOOKS / NOTEBOOK).read_bytes() == before


def picture(lab):
    """Both themes are readable; on request the light one is saved as the report's picture."""
    for theme in ("Dark", "Light"):
        lab.command("apputils:change-theme", theme=f"JupyterLab {theme}")
        light = "true" if theme == "Light" else "false"
        lab.wait(
            lambda light=light: lab.script("return document.body.dataset.jpThemeLight") == light, "the theme"
        )
        lab.wait(lambda: not lab.script("return document.querySelector('#jupyterlab-splash')"), "the theme")
        lab.wait(lambda: contrast(lab, ".ytcat-status") > 4.5, "colours that can be read", 10)
        assert contrast(lab, "button") > 4.5
    pictures.keep(lab.widget().screenshot_as_png, "labelling.png")


def contrast(lab, selector):
    """WCAG 2.1 contrast of an element's text with the first background behind it."""
    colors = lab.script(
        "let e = document.querySelector('.ytcat-experiment ' + arguments[0]);"
        "const text = getComputedStyle(e).color;"
        "while (getComputedStyle(e).backgroundColor === 'rgba(0, 0, 0, 0)') e = e.parentElement;"
        "return [text, getComputedStyle(e).backgroundColor]"
        ".map(color => color.match(/[\\d.]+/g).slice(0, 3).map(Number))",
        selector,
    )
    dark, light = sorted(luminance(color) for color in colors)
    return (light + 0.05) / (dark + 0.05)


def luminance(color):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
