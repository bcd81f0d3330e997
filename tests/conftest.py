"""Fixtures shared by the tests."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ytcat.categories import IDS
from ytcat.corpus import load

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real corpora beside the repository; the test is skipped where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"the real corpora are not at {SHARED / 'data'}")
    return SHARED


@pytest.fixture(scope="session")
def openvino_installed() -> None:
    """The test is skipped without OpenVINO, which is optional.

    OpenVINO is not imported here: only `thumbnail_features.openvino` keeps it from reporting its use.
    """
    if importlib.util.find_spec("openvino") is None:
        pytest.skip("OpenVINO is not installed: pip install '.[fast]'")


@pytest.fixture(scope="module")
def browser():
    """A real headless Chromium."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("chromium and chromedriver are not installed")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-background-networking",
                     "disable-component-update", "disable-sync", "no-first-run"):  # fmt: skip
        options.add_argument(f"--{argument}")
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield driver
    driver.quit()


@pytest.fixture
def demo_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build folder of its own with the demo corpus, for this process and those that it starts."""
    demo = load("demo")
    for folder in (demo.source, demo.folder):
        shutil.copytree(folder, tmp_path / "build" / "corpus" / folder.name)
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    return tmp_path / "build"


@pytest.fixture
def corpus_folder(tmp_path: Path) -> Callable[..., Path]:
    """Makes a tiny good corpus folder: n videos, three a channel, with a noisy thumbnail for each."""

    def make(n: int = 28, *, thumbnails: bool = True, name: str = "tiny") -> Path:
        folder = tmp_path / name
        (folder / "thumbnails").mkdir(parents=True)
        number = np.arange(n)
        videos = pd.DataFrame(
            {
                "video_id": [f"video_{i:05d}" for i in number],
                "title": [f"Title {i}" for i in number],
                "channel_title": [f"Channel {i // 3}" for i in number],
                "category_id": np.resize(IDS, n),
                "publish_time": (
                    pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(number, "h")
                ).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "tags": "one|two",
            }
        )
        videos.to_csv(folder / "videos.csv", index=False)
        rng = np.random.default_rng(0)
        for video_id in videos["video_id"] if thumbnails else ():
            pixels = rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / "thumbnails" / f"{video_id}.jpg")
        return folder

    return make


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers, started as on other machines; the workers' processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    where = os.environ | {"YTCAT_BUILD": str(tmp_path / "not the build of the caller")}
    where.pop("DASK_SCHEDULER_ADDRESS", None)
    log = (tmp_path / "dask.log").open("w")

    def start(*arguments):
        return subprocess.Popen(
            [Path(sys.executable).with_name("dask"), *arguments],
            env=where,
            stdout=log,
            stderr=log,
            cwd=tmp_path,
        )

    scheduler = start("scheduler", "--host", address, "--no-dashboard")
    workers = [
        start("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name)
        for name in ("one", "two")
    ]
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()
    log.close()
