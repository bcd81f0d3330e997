"""The first page, on a run's results and without any; the README's one picture is its figure."""

import re

import pytest

import tiny_runs
from page_runs import run_page
from ytcat import paths, reference_runs, slides
from ytcat.reference_runs import deck_claims, first_with, headline, people
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


def test_the_first_page_answers_with_real_videos_and_puts_this_run_into_a_box(page, results):
    text = without_tags(page.text)
    compared = people.like_for_like(people.table())
    assert without_tags(headline.answer(compared)) in text
    first, *_ = page.figures
    for view in VIEWS.values():
        model = view.slides_model
        shown = (slides.HUMAN_ACCURACY[model], slides.RESULTS[model].top1)
        for share in (*shown, *compared.loc[compared["view"] == view.key, "top1"][:2]):
            assert f"{100 * share:.1f}" in first
        of_run = headline.accuracies(results).query("source == 'this run'")
        best_here = of_run.loc[of_run["view"] == view.key, "top1"].iloc[-1]
        assert f"{view.label}: {best_here:.1%}" in text
    for claim in deck_claims.claims(people.table()):
        assert claim.claim in text and claim.real in text and claim.verdict in text
    assert slides.EXAMPLE.title in text and slides.EXAMPLE.truth in text
    assert slides.TITLE in (paths.NOTEBOOKS / "00_results.ipynb").read_text(encoding="utf-8")
    assert page.heavy == "[]"


def test_the_matrices_of_slides_and_real_videos_stand_side_by_side(page):
    first, *matrices = page.figures
    assert "Accuracy in percent" in first
    for view, pair in zip(VIEWS.values(), matrices, strict=True):
        assert f"Real: {reference_runs.CORPORA[first_with(view.slides_model).name]}" in pair
        assert "Slides: " in pair


def test_it_saves_what_it_shows(page, results):
    saved = page.metrics["accuracies"]
    table = headline.accuracies(results)
    assert [row["top1"] for row in saved] == table["top1"].tolist()
    assert {row["source"] for row in saved} == {"people", "slides", "real videos", "this run"}


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


def test_the_readme_gives_the_answer_of_the_first_page_and_names_the_deck():
    readme = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    assert headline.answer(people.like_for_like(people.table())) in readme
    assert slides.TITLE in readme
