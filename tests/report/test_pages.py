"""The first page, on a run's results and without any; the README's one picture is its figure."""

import re

import pytest

import tiny_runs
from page_runs import run_page
from ytcat import paths, runs, slides
from ytcat.reference_runs import first_with, headline, slides_mix
from ytcat.views import VIEWS

CHAPTERS = [view.chapter for view in VIEWS.values()] + ["07_better_models"]


def without_tags(text):
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The folder of a run's results, those of the tiny corpus."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YTCAT_BUILD", str(tmp_path_factory.mktemp("build")))
        corpus = tiny_runs.make_corpus()
        folders = [tiny_runs.save_run(corpus, chapter, "random", 0, 0) for chapter in CHAPTERS]
        return folders[0].parent


@pytest.fixture(scope="module")
def page(results, tmp_path_factory):
    return run_page("00_results", tmp_path_factory.mktemp("page"), results=str(results))


def test_the_first_page_shows_people_slides_real_videos_and_this_run(page, results):
    text = without_tags(page.text)
    for view in VIEWS.values():
        model = view.slides_model
        here = runs.finished_run(results, view.chapter).metrics
        real = first_with(model).results
        shown = (slides.HUMAN_ACCURACY[model], slides.RESULTS[model].top1, here["top1"], real[model]["top1"])
        for share in shown:
            assert f"{share:.1%}" in text
    for reference, model, split in (("fusion", "best", "random"), ("text", "best_title", "channel")):
        at_mix = slides_mix.accuracy(first_with(reference), model, split).value
        assert f"{at_mix:.1%}" in text and f"({100 * at_mix:.0f} against" in text
    assert slides.EXAMPLE.title in text and slides.TITLE in text
    assert page.heavy == "[]"


def test_the_matrices_of_slides_and_real_videos_stand_side_by_side_and_this_runs_below(page):
    first, *matrices = page.figures
    assert "Accuracy in percent" in first
    assert len(matrices) == 6
    for view, pair, single in zip(VIEWS.values(), matrices[:3], matrices[3:], strict=True):
        assert f"Real videos: {first_with(view.slides_model).name}" in pair and "Slides: " in pair
        assert single.count("right") == 1 and view.label in single


def test_it_saves_what_it_shows(page, results):
    saved = page.metrics["accuracies"]
    table = headline.accuracies(results)
    assert [row["top1"] for row in saved] == table["top1"].tolist()
    assert {row["source"] for row in saved} == {"people", "slides", "real videos", "this run"}
    assert page.metrics["matrices_of_this_run"] == list(VIEWS)


def test_without_any_chapter_the_first_page_is_whole(tmp_path):
    page = run_page("00_results", tmp_path)
    assert len(page.figures) == 4
    assert {row["source"] for row in page.metrics["accuracies"]} == {"people", "slides", "real videos"}
    assert "synthetic" in page.text


def test_the_readme_shows_the_headline_figure():
    drawn = paths.BOOK / "_static" / "readme.svg"
    assert drawn.read_bytes() == headline.figure(headline.accuracies()).light_svg, (
        'draw it again: python -c "from ytcat.reference_runs import headline; '
        "open('book/_static/readme.svg', 'wb').write(headline.figure(headline.accuracies()).light_svg)\""
    )
    assert f"({drawn.relative_to(paths.ROOT)})" in (paths.ROOT / "README.md").read_text()


def test_every_percentage_of_the_readme_is_the_slides():
    written = set(re.findall(r"\d+\.\d+%", (paths.ROOT / "README.md").read_text()))
    assert written == {f"{result.top1:.2%}" for result in slides.RESULTS.values()}
