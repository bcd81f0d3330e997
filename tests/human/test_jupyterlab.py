"""The experiment in a real JupyterLab and a real browser, with a reload and a killed kernel in between.

`YTCAT_SCREENSHOT=$PWD/book/_static/labelling.png .venv/bin/pytest tests/human/test_jupyterlab.py` makes the
picture of the README and of chapter 02 again.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
from PIL import Image

from ytcat import paths
from ytcat.categories import IDS
from ytcat.corpus import load
from ytcat.human import store
from ytcat.views import SLIDES_MODELS, VIEWS

NOTEBOOK = "02_human_baseline.ipynb"
KEYS = "ABCDEFGHIJKLMN"
PATIENCE = 90  # seconds for a kernel to start and to reach the widget


class Lab:
    """A JupyterLab server on a copy of the notebooks, and what a person does in it."""

    def __init__(self, browser, folder):
        self.browser, self.folder = browser, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        shutil.copytree(paths.NOTEBOOKS, folder / "notebooks")
        settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        no_news = {"fetchNews": "false", "checkForUpdates": False}
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(no_news))
        self.environment = os.environ | {
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "YTCAT_BUILD": str(folder / "build"),
        }

    def __enter__(self):
        command = [sys.executable, "-m", "jupyter", "lab", self.folder / "notebooks", "--no-browser",
                   "--allow-root", "--ip=127.0.0.1", f"--port={self.port}", "--ServerApp.port_retries=0",
                   "--IdentityProvider.token=", "--ServerApp.password=",
                   "--expose-app-in-browser"]  # fmt: skip
        self.log = (self.folder / "log").open("w")
        self.server = subprocess.Popen(
            command, env=self.environment, stdout=self.log, stderr=subprocess.STDOUT, cwd=self.folder
        )
        self.wait(lambda: self.api("status"), "JupyterLab to start")
        return self

    def __exit__(self, *_):
        self.browser.get("about:blank")
        self.server.terminate()
        self.server.wait(30)
        self.log.close()

    def api(self, what):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/{what}", timeout=5) as answer:
                return json.load(answer)
        except OSError:
            return None

    def wait(self, condition, what, seconds=PATIENCE):
        """Until the condition gives something true; elements that are just being replaced are asked again."""
        from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException

        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if found := condition():
                    return found
            except (NoSuchElementException, StaleElementReferenceException):
                pass
            time.sleep(0.1)
        self.browser.save_screenshot(str(self.folder / "failed.png"))
        raise AssertionError(f"waited {seconds} s for {what}; see {self.folder}/failed.png and log")

    def script(self, code, *arguments):
        return self.browser.execute_script(code, *arguments)

    def command(self, name, **arguments):
        """Run one of JupyterLab's commands, as its menus do."""
        self.script("window.jupyterapp.commands.execute(arguments[0], arguments[1])", name, arguments)

    def open_and_run_all(self):
        self.browser.get(f"http://127.0.0.1:{self.port}/lab/tree/{NOTEBOOK}")
        self.run_all()

    def run_all(self):
        idle = (
            "const panel = window.jupyterapp?.shell?.currentWidget, session = panel?.sessionContext;"
            "return !!session?.isReady && panel.content.widgets.length > 3"
            " && session.session?.kernel?.status === 'idle'"
        )
        self.wait(lambda: self.script(idle), "the kernel")
        self.command("notebook:run-all-cells")

    def widget(self):
        return self.browser.find_element("css selector", ".ytcat-experiment")

    def find(self, selector):
        return self.widget().find_element("css selector", selector)

    def kind(self, kind):
        """Wait until the widget shows this kind of screen."""
        return self.wait(lambda: self.widget().get_attribute("data-kind") == kind, f"the screen {kind}")

    def sit(self, participant):
        self.wait(
            lambda: self.script("return !!document.querySelector('.ytcat-experiment input')"), "the widget"
        )
        self.script("document.querySelector('.ytcat-experiment').scrollIntoView()")
        code = self.find("input")
        code.click()
        code.send_keys(participant + "\n")

    def shown(self, trial):
        """Wait until the video of that trial is visible."""
        self.kind("trial")
        self.wait(lambda: self.widget().get_attribute("data-shown") == str(trial), f"trial {trial}")
        assert f"Trial {trial} of 60" in self.find(".ytcat-status").text

    def press(self, key):
        """A key, to whatever has the focus."""
        from selenium.webdriver import ActionChains

        ActionChains(self.browser).send_keys(key.lower()).perform()

    def click(self, category_id):
        self.find(f"[data-category='{category_id}']").click()

    def kill_kernel(self):
        (kernel,) = self.api("kernels")
        children = psutil.Process(self.server.pid).children(recursive=True)
        (process,) = [p for p in children if any(kernel["id"] in part for part in p.cmdline())]
        os.kill(process.pid, signal.SIGKILL)
        process.wait(20)

    def given(self, corpus):
        """What is on disk: (trial, answer) of all that stands."""
        trials = store.trials(corpus)
        return list(zip(trials["trial"], trials["answer"], strict=True))


@pytest.fixture
def lab(browser, tmp_path, monkeypatch):
    demo = load("demo")
    for folder in (demo.source, demo.folder):
        shutil.copytree(folder, tmp_path / "build" / "corpus" / folder.name)
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    device = {"width": 1400, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    with Lab(browser, tmp_path) as lab:
        yield lab


def test_a_person_sits_the_experiment_and_nothing_is_lost(lab, tmp_path):
    demo = load("demo")
    before = (paths.NOTEBOOKS / NOTEBOOK).read_bytes()
    lab.open_and_run_all()

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
    picture(lab, tmp_path)

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


def picture(lab, folder):
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
        lab.widget().screenshot(str(folder / f"{theme}.png"))
    if wanted := os.environ.get("YTCAT_SCREENSHOT"):
        with Image.open(folder / "Light.png") as image:
            image.convert("RGB").quantize(256, kmeans=8).save(wanted, optimize=True)
        assert Path(wanted).stat().st_size < 100_000


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
