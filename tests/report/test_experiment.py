"""The experiment for people without JupyterLab: two at once on the real page, one is killed in the middle."""

import os
import re
import signal
import socket
import sys
import urllib.error
import urllib.request

import numpy as np
import pytest

from lab import PATIENCE, Site, Sitting
from ytcat import runs
from ytcat.categories import IDS
from ytcat.corpus import load
from ytcat.exceptions import YtcatError
from ytcat.human import store
from ytcat.report.experiment import serve
from ytcat.report.profiles import RunSettings
from ytcat.views import VIEWS

PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
DESKTOP = {"width": 1200, "height": 900, "deviceScaleFactor": 1, "mobile": False}
MEMORY = 500e6  # bytes of a kernel, as README says


class Page(Sitting, Site):
    """The page of the experiment for at most two people, each in a window of the browser, with a token."""

    def __enter__(self):
        self.start([sys.executable, "-c", "from ytcat.cli import app; app()", "experiment",
                    "--host=localhost", f"--port={self.port}", "--people=2"])  # fmt: skip
        self.wait(lambda: "Ctrl+C" in (self.folder / "log").read_text(), "the link")
        self.wait(self.listens, "the server")
        return self

    @property
    def address(self):
        return re.search(r"http://localhost:\d+/\?token=\S+", (self.folder / "log").read_text())[0]

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("localhost", self.port)) == 0

    def come(self, participant, size):
        """Open the link in the current window and begin, or go on, with a code."""
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        touch = {"enabled": size["mobile"], "maxTouchPoints": 1}
        self.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", touch)
        self.browser.get(self.address)
        self.sit(participant)


@pytest.fixture
def page(browser, demo_build, tmp_path):
    title_model()
    first = browser.current_window_handle
    with Page(browser, tmp_path) as page:
        yield page
        for window in browser.window_handles:
            if window != first:
                browser.switch_to.window(window)
                browser.close()
        browser.switch_to.window(first)


def title_model():
    """A finished run of the title model that says Music of every video."""
    chapter = VIEWS["title"].chapter
    parameters = RunSettings().parameters[chapter] | {"limit": 0}
    run = runs.RunWriter(chapter, load("demo"), parameters)
    parts = run.parts()
    music = np.tile(np.eye(14)[IDS.index(10)], (len(parts.test), 1))
    run.save({}, run.evaluate("text", parts, music, {}))


def test_two_people_answer_at_once_and_neither_loses_an_answer(page, tmp_path):
    demo = load("demo")
    first = page.browser.current_window_handle
    page.come("p1", DESKTOP)
    page.shown(1)
    page.press("A")
    page.shown(2)
    (kernel_of_first,) = page.kernels()

    # The second has a phone: everything is large enough for a finger, and on one screen.
    page.browser.switch_to.new_window("window")
    second = page.browser.current_window_handle
    page.come("p2", PHONE)
    page.shown(1)
    buttons = page.script(
        "return [...document.querySelectorAll('[data-category]')].map(b => b.getBoundingClientRect())"
        ".map(r => [r.height, r.bottom, r.right])"
    )
    heights, bottoms, rights = zip(*buttons, strict=True)
    assert len(buttons) == 14 and min(heights) >= 40
    assert max(bottoms) <= PHONE["height"] and max(rights) <= PHONE["width"]
    assert page.script("return document.documentElement.scrollWidth") <= PHONE["width"]
    page.browser.save_screenshot(str(tmp_path / "phone.png"))
    tap(page, f"[data-category='{IDS[2]}']")
    page.shown(2)
    assert len(page.kernels()) == 2
    assert all(kernel.memory_info().rss < MEMORY for kernel in page.kernels())

    # There is room for two.
    with pytest.raises(urllib.error.HTTPError, match="503: 2 people are answering"):
        urllib.request.urlopen(page.address, timeout=PATIENCE)

    without_token = page.address.partition("?")[0]
    log = (page.folder / "log").read_text()
    assert "nothing is encrypted" in log
    assert "Kernel is running over TCP" not in log  # a port may be taken before the kernel has it
    assert "/login" in urllib.request.urlopen(without_token, timeout=PATIENCE).url

    # The first one's kernel dies; the second does not notice.
    os.kill(kernel_of_first.pid, signal.SIGKILL)
    tap(page, f"[data-category='{IDS[3]}']")
    page.shown(3)
    page.browser.switch_to.window(first)
    page.click(IDS[5])
    page.wait(lambda: "this was not recorded" in page.find(".ytcat-notice").text, "the warning")
    assert "Reload the page and give the same code" in page.find(".ytcat-notice").text
    page.come("p1", DESKTOP)
    page.shown(2)
    page.click(IDS[7])
    page.shown(3)

    # The second ends, and sees the model on the same videos.
    page.browser.switch_to.window(second)
    for trial in (3, 4):
        page.shown(trial)
        tap(page, ".ytcat-skip" if trial == 3 else f"[data-category='{IDS[2]}']")
    page.shown(5)
    tap(page, ".ytcat-pause")
    page.kind("break")
    tap(page, ".ytcat-finish")
    page.kind("results")
    trials = store.trials(demo)
    assert "The model, same videos" in page.find("thead").text
    titles = trials.query("participant == 'p2' and condition == 'text' and not skipped")
    music = int((titles["category_id"] == 10).sum())
    assert not len(titles) or f"{music} of {len(titles)}" in page.find("tbody").text
    assert trials.groupby("participant")["trial"].count().to_dict() == {"p1": 2, "p2": 4}
    assert trials.query("participant == 'p1'")["answer"].tolist() == [IDS[0], IDS[7]]


def tap(page, selector):
    """A finger on the middle of an element."""
    x, y = page.script(
        "const r = document.querySelector('.ytcat-experiment ' + arguments[0]).getBoundingClientRect();"
        "return [r.x + r.width / 2, r.y + r.height / 2]",
        selector,
    )
    for kind, points in (("touchStart", [{"x": x, "y": y}]), ("touchEnd", [])):
        page.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_port_that_is_taken_is_said_before_anything_is_served():
    said = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(YtcatError, match=rf"Nothing can be served at 127\.0\.0\.1:{port}"):
            serve(RunSettings(), "127.0.0.1", port, 2, said.append)
    assert said == []
