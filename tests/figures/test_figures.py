import base64
import functools
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from ytcat import figures, slides
from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.corpus import load
from ytcat.figures.style import DARK, LIGHT, SERIES, UPRIGHT, WIDTH, legend_above, style_of, styles_of, themed
from ytcat.views import VIEWS

NASTY = "$x$ \\frac <script>alert('1')</script> \"q\" --> & "
NAN = float("nan")
TEST_COUNTS = np.array([53, 2, 138, 16, 73, 5, 38, 76, 89, 302, 47, 98, 34, 49])
SLIDES = {name: np.asarray(slides.CONFUSION[name]) for name in ("image", "text", "fusion")}
NO_VIDEOS = np.zeros((N_CATEGORIES, N_CATEGORIES), dtype=int)
ONE_EMPTY_ROW = np.where(np.arange(N_CATEGORIES)[:, None] == 3, 0, SLIDES["text"])


def coverage(shares):
    return pd.DataFrame({"category": NAMES[: len(shares)], "covered": shares})


def per_category(matrix):
    right, support, answered = matrix.diagonal(), matrix.sum(1), matrix.sum(0)
    with np.errstate(invalid="ignore"):
        scores = {"precision": right / answered, "recall": right / support}
    return pd.DataFrame({"category": NAMES, "support": support, **scores})


def history(epochs):
    epoch = np.arange(1, epochs + 1)
    values = {"loss": 2 / epoch, "val_loss": 2.1 / epoch, "accuracy": 1 - 1 / epoch, "val_accuracy": 0.3}
    return pd.DataFrame({"epoch": epoch, **values})


def interval_table(rows):
    return pd.DataFrame(rows, columns=["label", "source", "value", "low", "high"])


def bins(count):
    middle = np.linspace(0.05, 0.95, 10)
    mean = np.where(count > 0, middle, NAN)
    return pd.DataFrame({"confidence": mean, "accuracy": mean**1.2, "count": count})


def agreement_table(counts):
    kinds = ["both right", "only title", "only thumbnail", "neither"]
    return pd.DataFrame(counts, columns=kinds).assign(category=NAMES[: len(counts)])


TRIPLE = [("Title", source, 0.5, 0.4, 0.6) for source in figures.SOURCES]
SCORES = {name: per_category(matrix) for name, matrix in SLIDES.items()}
BINS = bins(np.arange(10) * 30)
CASES = {  # by name; those without a comma are the usual ones
    "balance": lambda: figures.class_balance({"this corpus": TEST_COUNTS + 9, "slides": TEST_COUNTS}),
    "balance, one empty": lambda: figures.class_balance({NASTY: np.zeros(N_CATEGORIES)}),
    "lengths": lambda: figures.title_lengths(np.arange(1, 30).repeat(5), cut=20),
    "lengths, none": lambda: figures.title_lengths([], cut=20),
    "lengths, one": lambda: figures.title_lengths([60], cut=3),
    "coverage": lambda: figures.word_coverage(coverage(np.linspace(0.6, 1, N_CATEGORIES))),
    "coverage, nan": lambda: figures.word_coverage(coverage([0.9, NAN])),
    "coverage, only nan": lambda: figures.word_coverage(coverage([NAN])),
    "coverage, zero": lambda: figures.word_coverage(coverage([0.0])),
    "channels": lambda: figures.channels(np.arange(1, 300)),
    "channels, one": lambda: figures.channels([3]),
    "channels, none": lambda: figures.channels([]),
    "channels, zeros": lambda: figures.channels([0, 0]),
    "intervals": lambda: figures.intervals(interval_table(TRIPLE), goal=0.54, reference=("chance", 0.5)),
    "intervals, nasty": lambda: figures.intervals(
        interval_table([(NASTY, "slides", 0.3, NAN, NAN)]), reference=(NASTY, 0.0)
    ),
    "intervals, none": lambda: figures.intervals(interval_table([])),
    "curves": lambda: figures.learning_curves(history(20), best_epoch=7),
    "curves, one epoch": lambda: figures.learning_curves(history(1)),
    "curves, phases": lambda: figures.learning_curves(history(4).assign(phase=["a", "a", NASTY, NASTY]), 3),
    "matrix": lambda: figures.confusion(SLIDES["text"], "Title model"),
    "matrix, empty row": lambda: figures.confusion(ONE_EMPTY_ROW, NASTY),
    "matrix, zeros": lambda: figures.confusion(NO_VIDEOS, "None"),
    "pair": lambda: figures.confusion_pair(SLIDES["image"], SLIDES["text"], "Thumbnail", "Title"),
    "pair, one empty": lambda: figures.confusion_pair(NO_VIDEOS, SLIDES["fusion"], NASTY, "b"),
    "scores": lambda: figures.precision_recall(SCORES),
    "scores, zeros": lambda: figures.precision_recall({NASTY: per_category(NO_VIDEOS)}),
    "reliability": lambda: figures.reliability({"this run": BINS}),
    "reliability, two lines": lambda: figures.reliability(
        {"image": BINS, "text": BINS, "b": BINS, NASTY: BINS}
    ),
    "reliability, none": lambda: figures.reliability({"text": bins(np.zeros(10, dtype=int))}),
    "agreement": lambda: figures.agreement(agreement_table([[5, 3, 1, 2]] * N_CATEGORIES)),
    "agreement, one empty": lambda: figures.agreement(agreement_table([[0, 0, 0, 0], [1, 0, 0, 0]])),
}


@functools.cache
def drawn(case):
    return CASES[case]()


class Images(HTMLParser):
    """The attributes of all <img>, and the names of all tags."""

    def __init__(self, html):
        super().__init__()
        self.images, self.tags = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "img":
            self.images.append(dict(attributes))


@pytest.mark.parametrize("case", CASES)
def test_every_figure_is_described_and_valid(case):
    figure = drawn(case)
    assert len(figure.alt) > 20
    assert not re.search(r"\bnan\b", figure.alt)
    assert figure.light_svg != figure.dark_svg
    drawings = {
        (LIGHT, WIDTH): figure.light_svg,
        (DARK, WIDTH): figure.dark_svg,
        (LIGHT, UPRIGHT): figure.light_upright,
        (DARK, UPRIGHT): figure.dark_upright,
    }
    for (theme, width), svg in drawings.items():
        root = ElementTree.fromstring(svg)
        assert root.tag.endswith("svg")
        assert root.attrib["width"] == f"{72 * width:g}pt"
        assert theme.background.encode() in svg
        assert b"<text" not in svg  # drawn as paths
        assert b"scale(0.015625)" in svg  # glyphs in full size
        assert len(svg) < 150_000
    assert plt.get_fignums() == []


@pytest.mark.parametrize("case", [case for case in CASES if "," not in case])
def test_the_same_data_give_the_same_bytes_whatever_the_notebook_has_set(case):
    with matplotlib.rc_context({"lines.linewidth": 9, "font.size": 20}):
        assert CASES[case]() == drawn(case)


def test_drawing_leaves_matplotlib_settings_alone():
    before = dict(matplotlib.rcParams)
    CASES["lengths"]()
    assert dict(matplotlib.rcParams) == before


@given(st.lists(st.integers(1, 60), min_size=1, max_size=8))
@settings(max_examples=10)
def test_a_legend_stays_within_its_figure(lengths):
    seen = []

    def draw(theme):
        figure = Figure(figsize=(theme.width, 6))  # eight labels of three lines fit above its axes
        ax = figure.subplots()
        for length in lengths:
            ax.plot([0, 1], label=("Training with more words than fit " * 2)[:length])
        legend_above(figure, ax)
        figure.canvas.draw()
        seen.append((figure.legends, figure.bbox))
        return figure

    themed(draw, "")
    for legends, whole in seen:
        (legend,) = legends
        box = legend.get_window_extent()
        assert whole.x0 <= box.x0 and box.x1 <= whole.x1
        assert len(legend.get_texts()) == len(lengths)


def test_dollar_signs_are_text_not_formulas():
    assert drawn("matrix, empty row").light_svg.count(b"Cmmi10") == 0  # the font of formulas


def test_html_holds_both_drawings_and_hides_the_dark_one(tmp_path):
    figure = drawn("matrix, empty row")
    parsed = Images(figure._repr_html_())
    light, dark = parsed.images
    assert parsed.tags == ["figure", *["picture", "source", "img"] * 2]  # the nasty title is no tag
    assert (light["class"], dark["class"]) == ("ytcat-light", "ytcat-dark")
    assert "hidden" in dark and "hidden" not in light
    assert light["alt"] == dark["alt"] == figure.alt
    assert NASTY.strip() in figure.alt
    figure.save(tmp_path, "m")
    for image, name in ((light, "m-light.svg"), (dark, "m-dark.svg")):
        kind, data = image["src"].split(",")
        assert kind == "data:image/svg+xml;base64"
        assert base64.b64decode(data) == (tmp_path / name).read_bytes()
    assert len(repr(figure)) < 1000  # a notebook stores it as text/plain


def test_a_series_keeps_its_look_and_no_two_look_the_same():
    assert style_of("slides' test set") == style_of("slides") == SERIES["slides"]
    assert style_of("this corpus") == style_of("this run")
    assert style_of("Majority class") == SERIES["baseline"]
    for view in VIEWS.values():  # key, label and slides' model mean the same
        assert style_of(view.label) == style_of(view.slides_model) == SERIES[view.key]
    assert style_of("something else") is None
    styles = styles_of(["something else", "real videos, 2017", "real videos, 2020", "best possible", "text"])
    assert styles["real videos, 2017"] == SERIES["real videos"]
    assert len(set(styles.values())) == 5
    assert len(set(styles_of(map(str, range(9))).values())) == 9
    with pytest.raises(ValueError, match="10 series"):
        styles_of(map(str, range(10)))


def test_alternative_texts_carry_the_numbers():
    assert "510 of 1,020 right (50.0%)" in drawn("matrix").alt
    assert "Entertainment is largest with 29.6%" in drawn("balance").alt
    assert "Title (slides): 50.0 [40.0, 60.0]" in drawn("intervals").alt
    rows = [("Title", "real videos", 0.5, 0.4, 0.6), ("Title", "real videos", 0.7, 0.6, 0.8)]
    noted = figures.intervals(interval_table(rows).assign(note=["", "us-2020"]))
    assert "Title (real videos): 50.0 [40.0, 60.0]; Title (real videos us-2020): 70.0" in noted.alt
    assert figures.channels([6, 1, 1, 2]).alt.endswith("1 of 4 channels hold half of the videos.")


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="unknown source"):
        figures.intervals(interval_table([("a", "gossip", 0.1, 0, 0.2)]))
    with pytest.raises(ValueError, match=r"54 % is 0\.54"):
        figures.intervals(interval_table([("a", "slides", 54, 44, 63)]))
    with pytest.raises(ValueError, match="14 x 14"):
        figures.confusion(np.zeros((3, 3)), "small")
    with pytest.raises(ValueError, match="14 counts"):
        figures.class_balance({"a": [1, 2]})
    with pytest.raises(ValueError, match="at least one column"):
        figures.gallery([], columns=0)


def test_gallery_escapes_titles_and_describes_images():
    jpeg = b"\xff\xd8\xff"
    arabic = "مرحبا 😂"
    items = [figures.GalleryItem(jpeg, NASTY, [NASTY]), figures.GalleryItem(None, arabic, [])]
    shown = figures.gallery(items, columns=3)
    html = shown._repr_html_()
    parsed = Images(html)
    assert set(parsed.tags) == {"div", "img"}
    assert [image["alt"] for image in parsed.images] == [NASTY]
    assert parsed.images[0]["src"] == "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
    assert "no thumbnail" in html and arabic in html
    assert 'class="ytcat-gallery tex2jax_ignore mathjax_ignore"' in html
    assert html.count('dir="auto"') == 3
    assert len(repr(shown)) < 100
    assert Images(figures.gallery([])._repr_html_()).tags == ["div"]


def test_gallery_items_are_the_videos_of_the_rows(corpus_folder, tmp_path):
    corpus = load(corpus_folder(), tmp_path / "build")
    answers = pd.DataFrame({"answer": [0, 1], "truth": [0, 2], "confidence": [0.914, 0.5]}, index=[3, 1])
    items = figures.gallery_items(corpus, answers.index, figures.answer_lines(answers))
    assert [item.title for item in items] == ["Title 3", "Title 1"]
    assert [item.thumbnail for item in items] == corpus.thumbnail_bytes([3, 1])
    assert items[0].lines == [f"answered {NAMES[0]}, 91% sure", f"is {NAMES[0]}"]
    assert items[1].lines == [f"answered {NAMES[1]}, 50% sure", f"is {NAMES[2]}"]
    nothing = answers.head(0)
    assert figures.gallery_items(corpus, nothing.index, figures.answer_lines(nothing)) == []


def test_the_slides_matrix_stands_beside_that_of_this_run():
    pair = figures.confusion_pair(SLIDES["text"], NO_VIDEOS, "Slides", "This run: tiny")
    assert figures.confusion_beside_slides("text", NO_VIDEOS, "tiny") == pair


def test_the_stylesheet_knows_every_class():
    css = (Path(__file__).parents[2] / "book" / "_static" / "ytcat.css").read_text()
    used = {"ytcat-figure", "ytcat-light", "ytcat-dark", "ytcat-gallery", "ytcat-slide"}
    assert used == {
        name for name in re.findall(r"\.(ytcat-[\w-]+)", css) if not name.startswith("ytcat-title-")
    }
    script = (Path(__file__).parents[2] / "book" / "_static" / "title_box.js").read_text()
    assert set(re.findall(r"\.(ytcat-title-[\w-]+)", css)) <= {
        *re.findall(r"ytcat-title-[\w-]+", script), "ytcat-title-for", "ytcat-title-against",
    }  # fmt: skip
