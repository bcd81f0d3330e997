"""What a reader waits for: a key in the title box of the book, and the browser of a corpus's videos."""

import shutil
import statistics
from collections.abc import Callable
from pathlib import Path

from generated import corpus
from table import QUICK, Measured, alone, report, row, scratch

from ytcat import paths

VIDEOS = 200 if QUICK else 5_543
KEYS = "Full match highlights: both goals, the penalty and every save"
MEGABYTES = 500


def opening(source: Path) -> Callable[[], int]:
    """Load an ingested corpus, open the browser, filter by a word, send the thumbnails of the first page."""
    from ytcat.corpus import load
    from ytcat.explore.browser import FILTERS, browse

    build = source.parent / "build"

    def work() -> int:
        browser = browse(load(source, build))
        _, pictures = browser.thumbnails([video["row"] for video in browser.page["videos"]])
        browser.filters = FILTERS | {"text": "the"}
        return len(pictures)

    return work


def keys(folder: Path) -> tuple[list[float], float]:
    """Seconds from a key in the title box to its answer in a real browser, for each letter of `KEYS`.

    The second value is the memory of the page's objects, in GB.
    """
    from selenium import webdriver

    from ytcat.explore import title_box

    for name in ("title_box.js", "title_model.js", "ytcat.css"):
        shutil.copy(paths.BOOK / "_static" / name, folder)
    (folder / "index.html").write_text(
        f'<!doctype html><meta charset="utf-8">{title_box.html(()).data}<script src="title_box.js"></script>',
        encoding="utf-8",
    )
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("headless=new", "no-sandbox", "disable-gpu"):
        options.add_argument(f"--{argument}")
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        browser.get((folder / "index.html").as_uri())
        milliseconds, heap = browser.execute_script(
            """const input = document.querySelector(".ytcat-title-box input");
            const times = [...arguments[0]].map((_, place) => {
              input.value = arguments[0].slice(0, place + 1);
              const start = performance.now();
              input.dispatchEvent(new Event("input", { bubbles: true }));
              document.body.offsetHeight; // the layout, too
              return performance.now() - start;
            });
            return [times, performance.memory.usedJSHeapSize];""",
            KEYS,
        )
    finally:
        browser.quit()
    return [each / 1000 for each in milliseconds], heap / 1e9


if __name__ == "__main__":
    with scratch() as folder:
        typed, page_gigabytes = keys(Path(folder))
        source = Path(folder) / "videos"
        corpus(source, VIDEOS, True)
        alone(opening, source)  # ingests
        opened = [alone(opening, source) for _ in range(1 if QUICK else 5)]
    slowest, median = max(typed), statistics.median(typed)
    note = f"the slowest of {len(typed)} keys; half take {1000 * median:.1f} ms or less"
    box = Measured(slowest, page_gigabytes, None)
    memory = max(one.gigabytes for one in opened)
    rows = [
        row("A key in the title box", 1, "keys", [box], target_seconds=0.05, note=note),
        row("Opening the browser of videos", VIDEOS, "videos", opened, target_seconds=2.0,
            note=f"{1000 * memory:.0f} MB at most, of {MEGABYTES} allowed"),
    ]  # fmt: skip
    report("explore", "Explorers", rows)
