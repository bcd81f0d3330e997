"""The page `notebooks/appendix/deck.ipynb`: nothing that the deck prints goes unshown."""

import re
from html import unescape

import nbformat
import pytest

from page_runs import run_page
from printed import printed_texts, public_names
from ytcat import paths, reference_runs, slides
from ytcat.views import VIEWS

NOTEBOOK = paths.NOTEBOOKS / "appendix" / "deck.ipynb"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return run_page("appendix/deck", tmp_path_factory.mktemp("deck"))


@pytest.fixture(scope="module")
def frames(page):
    """What the page shows in frames, as what the deck prints."""
    return unescape("\n".join(re.findall(r'<div class="ytcat-slide">.*?</div>', page.text, re.DOTALL)))


def test_the_page_reads_every_name_of_the_slides():
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert [name for name in public_names() if not re.search(rf"\bslides\.{name}\b", code)] == []


def test_every_printed_text_is_in_a_frame(frames):
    translated = {video.age for video in slides.VEVO_STRIP}
    assert sorted(text for text in printed_texts() - translated if text not in frames) == []


def test_every_printed_number_is_in_a_frame(frames):
    for network in (slides.IMAGE_NETWORK, slides.TEXT_NETWORK):
        for layer in network.layers:
            shape = ", ".join(map(str, layer.output_shape))
            line = rf"{layer.name} \({layer.kind}\) +\(None, {shape}\) +{layer.parameters}[\n<]"
            assert re.search(line, frames), layer
        for count in (network.total, network.trainable, network.non_trainable):
            assert f"{count:,}" in frames
    for model, result in slides.RESULTS.items():
        line = f"{slides.INPUTS[model]}: TOP-1: {result.top1:.2%} ACCURACY, TOP-5: {result.top5:.2%} ACCURACY"
        assert f"{line}, GOAL: {result.goal:.0%}" in frames
        assert f"{slides.INPUTS[model]}: {slides.HUMAN_ACCURACY[model]:.0%} ACCURACY" in frames


def test_the_matrices_are_shown_digit_by_digit(frames):
    rows = [list(map(int, row.split())) for row in re.findall(r"\[((?:\s*\d+){14})\]", frames)]
    assert rows == [row for matrix in slides.CONFUSION.values() for row in matrix.tolist()]


def test_views_and_ages_of_the_strip_are_translated(page):
    for video in slides.VEVO_STRIP:
        assert f"{video.views:,} views, {video.age}" in page.text


def test_the_results_stand_beside_those_on_real_videos(page):
    for view, row in zip(VIEWS.values(), page.metrics["results"], strict=True):
        real = reference_runs.first_with(view.slides_model).results[view.slides_model]
        assert (row["top-1"], row["top-5"], row["goal"]) == slides.RESULTS[view.slides_model]
        assert (row["top-1 there"], row["top-5 there"]) == (real["top1"], real["top5"])


def test_every_slide_says_what_became_of_it():
    """Each section ends in prose with a link, and has no typed number."""
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    sections = prose.split("\n## ")[1:]
    assert len(sections) == 12
    assert [section.splitlines()[0] for section in sections if "](" not in section] == []
    named = r"\]\([^)]*\)|\[?[Cc]hapters? \d\d|\*\*Table D\.\d\.\*\*|us-2017|GloVe 6B|top-[15]|F1"
    assert not re.findall(r"\d+", re.sub(named, "", prose))


def test_the_page_says_that_the_deck_is_not_public():
    assert "not public" in nbformat.read(NOTEBOOK, as_version=4).cells[0].source
    assert "not public" in (paths.BOOK / "references.md").read_text(encoding="utf-8")
