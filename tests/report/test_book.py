"""Every notebook of the demo corpus through papermill, a strict book from them, in a real browser.

Chapters that `make book` has run are not run a second time, unless something that they depend on has changed.

With `YTCAT_SCREENSHOT=1` it makes the picture of the README again.
"""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.stats import binomtest
from test_captions import shown_without_caption

import pictures
import simulated
from ytcat import benchmarks, paths, runs
from ytcat.categories import IDS
from ytcat.corpus import load
from ytcat.corpus.splits import split
from ytcat.human import store as human_store
from ytcat.models import fusion, image
from ytcat.models.tokens import encode
from ytcat.pretrained.glove import glove
from ytcat.reference_runs import headline, read_all
from ytcat.report import execute, notebook_checks
from ytcat.report.chapters import CHAPTERS
from ytcat.views import VIEWS, view_of

YTCAT = Path(sys.executable).with_name("ytcat")
RESULTS = Path("results", "demo-demo-0")
MODELS = {"03_image_model": "image", "04_text_model": "text", "05_fusion": "fusion"}


def ytcat(build, *arguments):
    command = [YTCAT, *arguments]
    temporary = build / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"YTCAT_BUILD": str(build), "TMPDIR": str(temporary)}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=paths.ROOT, timeout=900
    )


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """A build folder with the book of the demo corpus."""
    folder = tmp_path_factory.mktemp("build with a space")
    demo = load("demo")
    for made in (demo.source, demo.folder, paths.build_folder() / RESULTS):
        if made.is_dir():
            shutil.copytree(made, folder / made.relative_to(paths.build_folder()))
    result = ytcat(folder, "book")
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


@pytest.fixture(scope="module")
def results(build):
    return build / RESULTS


@pytest.fixture(scope="module")
def html(build):
    return build / "book" / "_build" / "html"


def page_of(html, name):
    """The HTML of a chapter's page."""
    chapter = next(chapter for chapter in CHAPTERS if chapter.name == name)
    return (html / "notebooks" / chapter.folder / f"{name}.html").read_text(encoding="utf-8")


def test_all_chapters_ran_clean_and_the_book_is_there(results, html):
    for chapter in CHAPTERS:
        notebook_checks.check(results / chapter.name / "notebook.ipynb")
        assert (html / "notebooks" / chapter.folder / f"{chapter.name}.html").is_file()
    assert {path.name for path in results.iterdir()} == {chapter.name for chapter in CHAPTERS} | {"book"}
    assert "notebooks/00_results.html" in (html / "index.html").read_text()


def test_nothing_is_left_in_the_folder_for_temporary_files(build):
    """Chapter 11, say, trains a model there."""
    assert list((build / "tmp").iterdir()) == []


def test_a_second_build_changes_nothing_and_says_so(build, html):
    before = {path: path.stat().st_mtime_ns for path in html.rglob("*")}
    started = time.monotonic()
    result = ytcat(build, "book")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("up to date") == len(CHAPTERS)
    assert "nothing changed" in result.stdout
    assert {path: path.stat().st_mtime_ns for path in html.rglob("*")} == before
    assert time.monotonic() - started < 60  # 2 s on an idle machine: see the page on speed and scale


def test_a_build_with_nothing_to_do_imports_nothing_heavy(build):
    code = (
        "import sys; from ytcat.cli import cli; cli(['book'], standalone_mode=False);"
        "print({'papermill', 'tensorflow', 'sklearn', 'matplotlib', 'nbformat', 'scipy'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"YTCAT_BUILD": str(build)},
        capture_output=True, text=True, check=False, cwd=paths.ROOT,
    )  # fmt: skip
    assert result.stdout.splitlines()[-1] == "set()", result.stdout + result.stderr


@pytest.mark.parametrize("chapter", ["03_image_model", "04_text_model"])
def test_the_saved_features_are_those_that_the_saved_model_has_of_each_video(results, chapter):
    run, corpus = runs.finished_run(results, chapter), load("demo")
    rows = pd.read_parquet(run.folder / "features.parquet").sample(8, random_state=0).index.to_numpy()
    model = run.model()
    if chapter == "03_image_model":
        inputs = image.prepare(corpus.images(rows), model.input_shape[1])
    else:
        inputs = encode(corpus.videos.loc[rows, "title"].tolist(), glove().index)
    [expected] = fusion.features(model, [inputs])
    assert expected.std(axis=0).any()
    np.testing.assert_allclose(run.features_of(rows), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("chapter", MODELS)
def test_model_chapters_keep_the_contract(results, chapter):
    run = runs.finished_run(results, chapter)
    figures, predictions = run.metrics, run.predictions
    assert list(predictions.columns) == ["row", "split", "y_true", *[f"p_{i}" for i in IDS]]
    np.testing.assert_allclose(runs.probabilities(predictions).sum(axis=1), 1, rtol=1e-4)
    matrix = np.array(figures["confusion"])
    assert matrix.sum() == figures["n_test"] == len(predictions)
    assert figures["top1"] == pytest.approx(matrix.trace() / matrix.sum())
    assert figures["model"] == MODELS[chapter]
    assert set(predictions["split"]) == {"test"}
    assert {"majority", "stratified_guess"} <= set(pd.read_parquet(run.folder / "baselines.parquet")["model"])
    assert {key: run.manifest["parameters"][key] for key in ("limit", "seed")} == {"limit": 0, "seed": 0}
    assert not list(run.history.filter(like="Unnamed"))
    for name in ("metrics.json", "predictions.parquet", "history.csv", "model.keras", "notebook.ipynb"):
        assert (run.folder / name).is_file()
        assert run.manifest["sha256"][name]


def test_nothing_is_loaded_from_the_network(html):
    """No script, style, image or font from another place; no page links outside either."""
    outside = re.compile(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//[^"'\s>]*""")
    for page in html.rglob("*.html"):
        assert not outside.findall(page.read_text(encoding="utf-8")), page.name
    for sheet in html.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.findall(r"""(?:url\(\s*["']?|@import\s+["'])(?:https?:)?//[^)"']*""", text), sheet.name


def test_the_landing_page_shows_people_slides_real_videos_and_this_run(html, results):
    """Of the book on synthetic videos, too: the real results stand beside the slides'."""
    text = page_of(html, "00_results")
    rows = headline.accuracies(results)
    for row in rows[rows["source"] != "this run"].itertuples():
        assert f"{100 * row.top1:.1f}" in text, row.label
    for _, here in rows[rows["source"] == "this run"].groupby("view"):
        assert f"{here['top1'].iloc[-1]:.1%}" in text
    assert "synthetic" in text


def test_the_page_of_the_reference_runs_shows_every_model(html):
    text = page_of(html, "reference_runs")
    for reference in read_all():
        for model, entry in reference.results.items():
            assert f"{100 * entry['top1']:.1f}" in text, (reference.name, model)


def test_the_audit_page_holds_every_finding(html):
    text = unescape(re.sub(r"</?(?!h3)\w+[^>]*>", "", page_of(html, "deck_audit")))
    source = nbformat.read(paths.NOTEBOOKS / "appendix" / "deck_audit.ipynb", as_version=4)
    prose = "\n".join(cell.source for cell in source.cells if cell.cell_type == "markdown")
    headings = re.findall(r"^### (.+)$", prose, re.MULTILINE)
    assert len(headings) == 21
    for heading in headings:
        assert f"<h3>{heading}" in text.replace("’", "'"), heading


def test_the_page_on_speed_holds_every_recorded_benchmark(html):
    text = unescape(page_of(html, "speed"))
    for name, benchmark in benchmarks.recorded().items():
        assert benchmark.machine.processor in text
        if name != benchmarks.GROWTH:
            assert benchmark.title in text
            for row in benchmark.rows:
                assert row.what.split("`")[0] in text, (name, row.what)


def test_the_page_of_this_build_tells_every_chapter_version_and_hash(html, results):
    text = unescape((html / "this_build.html").read_text(encoding="utf-8"))
    for chapter in CHAPTERS:
        manifest = runs.finished_run(results, chapter.name).manifest
        assert chapter.name in text
        assert manifest["fingerprint"][:12] in text
        for sha256 in filter(None, manifest["sha256"].values()):
            assert sha256[:16] in text
    for version in manifest["versions"].values():
        assert version in text
    assert text.count("sd-dropdown") >= len(CHAPTERS)
    assert "synthetic" in text


def test_a_notebook_runs_as_it_is_in_jupyterlab(build):
    """Nothing injected, the working folder being its own, as when somebody opens it."""
    notebook = paths.NOTEBOOKS / "02_human_baseline.ipynb"
    command = [sys.executable, "-m", "jupyter", "execute", notebook, f"--output={build / 'as_it_is.ipynb'}"]
    environment = os.environ | {"YTCAT_BUILD": str(build)}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    notebook_checks.check(build / "as_it_is.ipynb")
    assert runs.finished_run(build / "results" / "lab", "02_human_baseline").metrics["needed"]


def test_people_s_answers_run_their_chapters_again(build, results, tmp_path, monkeypatch):
    """With no and 300 recorded trials, of simulated annotators; the first chapter also with six, a few."""
    chapters = ("02_human_baseline", "06_error_analysis")
    copy = shutil.copytree(build, tmp_path / "build", copy_function=os.link)
    here = copy / results.relative_to(build)
    monkeypatch.setenv("YTCAT_BUILD", str(copy))
    demo = load("demo")
    part = split(demo.videos, "random")

    def answered(people, chapters=chapters):
        """Sit, run, and return what the chapters found."""
        for participant, n in people.items():
            simulated.sit(demo, part, participant, n, skips=0.05)
        result = ytcat(copy, "notebooks", *(f"--chapter={name}" for name in chapters))
        assert result.returncode == 0, result.stderr
        ran = [line.split()[0] for line in result.stdout.splitlines() if "running:" in line]
        assert sorted(ran) == [name for name in chapters if people]
        named = sorted(people)[: execute.CHANGES]
        assert all(f"the answers {name}.jsonl" in result.stdout for name in named)
        for name in chapters:
            notebook_checks.check(here / name / "notebook.ipynb")
        return [runs.finished_run(here, name).metrics for name in chapters]

    human, errors = answered({})
    assert human["own_trials"] is None
    assert errors["people"] == []
    assert "Nobody has answered on this corpus yet" in (here / chapters[0] / "notebook.ipynb").read_text()

    (human,) = answered({"sim-1": 6}, chapters[:1])
    assert sum(row["n"] + row["skipped"] for row in human["own_trials"]) == 6
    assert human["agreement"] == []

    human, errors = answered({f"sim-{number}": 42 for number in range(2, 9)})
    assert sum(row["n"] + row["skipped"] for row in human["own_trials"]) == 300
    assert [row["measure"] for row in human["agreement"]] == ["Fleiss"] * 3
    trials = human_store.trials(demo)
    for row in errors["people"]:
        correct = runs.correct(runs.finished_run(here, view_of(row["condition"]).chapter).predictions)
        seen = trials[~trials["skipped"] & (trials["condition"] == row["condition"])]["row"].unique()
        assert row["n"] == len(seen) <= (part == "test").sum()
        assert row["model"] == pytest.approx(correct[seen].mean())
        assert row["p"] == pytest.approx(
            binomtest(row["only_people"], row["only_people"] + row["only_model"]).pvalue
        )


def test_no_folder_of_this_machine_is_published(html, build):
    for page in html.rglob("*.html"):
        assert str(paths.ROOT) not in page.read_text(encoding="utf-8"), page.name


@pytest.mark.slow
def test_a_corpus_without_thumbnails_makes_a_book_that_says_so(build, corpus_folder, tmp_path):
    folder = corpus_folder(280, thumbnails=False, name="titles only")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    result = ytcat(tmp_path / "build", "book", "--profile", "smoke", "--corpus", str(folder))
    assert result.returncode == 0, result.stdout + result.stderr
    html = tmp_path / "build" / "book" / "_build" / "html"
    for chapter in ("03_image_model", "05_fusion"):
        assert "No video of this corpus has thumbnails" in page_of(html, chapter)
    results = tmp_path / "build" / "results" / "titles only-smoke-0"
    assert runs.finished_run(results, "04_text_model").metrics["n_test"] > 0
    assert "top1" not in runs.finished_run(results, "03_image_model").metrics
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["--profile", "smok"], "no profile 'smok'. Did you mean 'smoke'"),
        (["--corpus", "nowhere/at/all"], "nowhere/at/all"),
        (["--corpus", "book"], "videos.csv"),
    ],
)
def test_wrong_calls_stop_with_one_sentence(build, arguments, says):
    result = ytcat(build, "book", *arguments)
    assert result.returncode == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def pages_of(html):
    """The built pages; index.html only leads to the first of them, and the theme ships templates."""
    pages = {*html.glob("*.html"), *(html / "notebooks").rglob("*.html")}
    return sorted(pages - {html / "index.html"})


class Links(HTMLParser):
    """What a page links to, its anchors, its title and its meta tags."""

    def __init__(self, page):
        super().__init__()
        self.targets, self.anchors, self.meta, self.title, self.in_title = [], set(), {}, "", False
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.targets += [attributes[name] for name in ("href", "src") if attributes.get(name)]
        self.anchors |= {attributes[name] for name in ("id", "name") if attributes.get(name)}
        if tag == "meta":
            for name in ("name", "property"):
                self.meta.setdefault(attributes.get(name), []).append(attributes.get("content"))
        self.in_title = tag == "title" and not self.title

    def handle_data(self, data):
        if self.in_title:
            self.title += data

    def handle_endtag(self, tag):
        self.in_title = False


def test_no_link_of_the_book_leads_nowhere(html):
    """Pages, downloads, pictures, scripts and styles, and the place in a page that a link names."""
    parsed = {page.resolve(): Links(page) for page in [html / "index.html", *pages_of(html)]}
    dead = []
    for page, links in parsed.items():
        for target in links.targets:
            parts = urlsplit(target)
            if parts.scheme or target == "#":
                continue
            file = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            place = unquote(parts.fragment)
            if not file.is_file() or (place and file in parsed and place not in parsed[file].anchors):
                dead.append(f"{page.relative_to(html.resolve())} -> {target}")
    assert dead == []
    assert sum(len(links.targets) for links in parsed.values()) > 1000


def test_every_page_has_a_title_and_a_description_of_its_own(html):
    titles, descriptions = [], []
    for page in pages_of(html):
        links = Links(page)
        (description,) = links.meta["description"]
        assert links.meta["og:description"] == [description], page.name
        assert 30 < len(description) < 200, (page.name, description)
        first, *rest = links.title.rsplit(" · ", 1)  # a chapter's title may hold the sign too
        assert first and first not in rest, (page.name, links.title)
        assert links.meta["og:title"] == [first] or page.name == "search.html"  # titled by the theme
        titles.append(links.title)
        descriptions.append(description)
    assert len(set(titles)) == len(set(descriptions)) == len(titles) > len(CHAPTERS)


# Elements that reach beyond the right edge of the page, but for those that a box around them scrolls or cuts.
TOO_WIDE = """
const inBox = (e) => {
  for (e = e.parentElement; e; e = e.parentElement)
    if (e !== document.body && ["auto", "scroll", "hidden"].includes(getComputedStyle(e).overflowX))
      return true;
  return false;
};
return [...document.querySelectorAll("article *")]
  .filter((e) => e.getBoundingClientRect().right > arguments[0] + 1 && e.offsetWidth > 0 && !inBox(e))
  .map((e) => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 40)}`);
"""


def test_no_page_is_wider_than_a_phone_or_reports_an_error(browser, html):
    device = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    wide, errors = {}, {}
    for page in pages_of(html):
        browser.get(page.as_uri())
        if browser.execute_script("return document.documentElement.scrollWidth") > 390:
            wide[page.name] = browser.execute_script(TOO_WIDE, 390)
        elif too_wide := browser.execute_script(TOO_WIDE, 390):
            wide[page.name] = too_wide
        logged = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
        if logged:
            errors[page.name] = logged
    assert (wide, errors) == ({}, {})


def test_no_empty_bar_stands_above_a_page(browser, html):
    device = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    browser.get((html / "notebooks" / "00_results.html").as_uri())
    shown = "return [...document.querySelectorAll(arguments[0])].filter((e) => e.offsetHeight > 0).length"
    assert browser.execute_script(shown, "header.bd-header") == 0
    assert browser.execute_script(shown, ".search-button, .search-button-field") == 1
    assert browser.execute_script(shown, "[class*=download]") == 0


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_the_first_screen_answers_in_words_and_with_a_picture(browser, html, width, height):
    device = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    browser.get((html / "notebooks" / "00_results.html").as_uri())
    bottom_of_text, picture = browser.execute_script(
        "const find = (selector) => [...document.querySelectorAll(selector)];"
        "const text = find('main p').find((p) => p.textContent.startsWith('On channels that it knows'));"
        "const image = find('main .ytcat-figure img').find((i) => i.offsetWidth > 0);"
        "const {top, height} = image.getBoundingClientRect();"
        "return [text.getBoundingClientRect().bottom, {top, height}];"
    )
    blocks = len(VIEWS)  # of equal height, the first of them on top
    assert 0 < bottom_of_text < picture["top"]
    assert picture["top"] + picture["height"] / blocks < height


def test_the_readme_shows_the_first_page_as_it_is_built(browser, html):
    """But for the letters' edges, which are another machine's fonts."""
    device = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    browser.get((html / "notebooks" / "00_results.html").as_uri())
    browser.execute_script("document.documentElement.dataset.theme = 'light'")
    screen = browser.get_screenshot_as_png()
    pictures.keep(screen, "book.png")
    assert re.search(r"!\[[^]]{40,}\]\(book/_static/book.png\)", (paths.ROOT / "README.md").read_text())
    difference = coarse(pictures.FOLDER / "book.png") - coarse(io.BytesIO(screen))
    assert np.abs(difference).mean() < 8


def coarse(file):
    """The brightness of a picture's 32 x 24 parts."""
    with Image.open(file) as image:
        return np.asarray(image.convert("L").resize((32, 24)), dtype=float)


# About so many pixels at a width of 1280: a reader's patience.
LONGEST = {"00_results": 4_500, "reference_runs": 6_300}


def test_no_page_is_too_long(browser, html):
    device = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    heights = {}
    for chapter in CHAPTERS:
        browser.get((html / "notebooks" / chapter.folder / f"{chapter.name}.html").as_uri())
        heights[chapter.name] = browser.execute_script("return document.documentElement.scrollHeight")
    assert {name: h for name, h in heights.items() if h > LONGEST.get(name, 8_500)} == {}


def test_no_table_is_wider_than_a_phone(browser, html):
    """Folds aside, which hold the details."""
    device = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    wide = {}
    for page in pages_of(html):
        browser.get(page.as_uri())
        wide[page.name] = browser.execute_script(
            "return [...document.querySelectorAll('main table')]"
            ".filter((t) => t.offsetWidth && t.getBoundingClientRect().right > innerWidth + 1)"
            ".map((t) => t.textContent.trim().slice(0, 80))"
        )
    assert {name: tables for name, tables in wide.items() if tables} == {}


def test_every_figure_and_table_that_is_shown_has_a_caption(results):
    pages = {path.stem: path for path in (results / "book" / "notebooks").rglob("*.ipynb")}
    missing = {
        name: without for name, path in pages.items()
        if (without := shown_without_caption(nbformat.read(path, as_version=4).cells))
    }  # fmt: skip
    assert missing == {}


@pytest.mark.parametrize(
    "page", ["00_results", "03_image_model", "06_error_analysis", "appendix/reference_runs", "appendix/speed"]
)
@pytest.mark.parametrize("width", [1280, 400])
def test_pages_in_a_browser(browser, html, page, width):
    """Every picture is drawn, none twice, in both themes; nothing spills over a narrow screen."""
    device = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)
    browser.get((html / "notebooks" / f"{page}.html").as_uri())
    shown = {}
    for theme in ("light", "dark"):
        browser.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
        pictures = browser.execute_script(
            "return [...document.querySelectorAll('main img')].map(i => [i.src, i.alt, i.complete,"
            " i.naturalWidth, i.offsetWidth > 0])"
        )
        visible = [src for src, alt, complete, width, is_shown in pictures if is_shown]
        assert visible
        assert all(alt and complete and width for _, alt, complete, width, _ in pictures)
        shown[theme] = {src for src in visible if "image/svg+xml" in src or src.endswith(".svg")}
    assert shown["light"].isdisjoint(shown["dark"])
    assert len(shown["light"]) == len(shown["dark"]) > 0
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_published_notebooks_are_valid(results):
    published = list((results / "book" / "notebooks").rglob("*.ipynb"))
    assert len(published) == len(CHAPTERS)
    for path in published:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert json.dumps(notebook)
