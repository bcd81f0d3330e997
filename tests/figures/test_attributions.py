import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from PIL import Image

from ytcat import figures
from ytcat.figures.attributions import AGAINST, FOR, STRONGEST
from ytcat.figures.style import DARK, LIGHT

NASTY = "$x$ <script>alert('1')</script> \"q\" --> & "
ARABIC = "مرحبا"
NAN = float("nan")


class Parsed(HTMLParser):
    """All tags with their attributes; the text; the titled spans as (text, attributes)."""

    def __init__(self, shown):
        super().__init__()
        self.tags, self.text, self.words, self.open = [], "", [], []
        self.feed(shown._repr_html_())
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag != "img":
            self.open.append(tag)
        if tag == "span" and "title" in dict(attributes):
            self.words.append(["", dict(attributes)])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open[-1] == "span" and self.words:
            self.words[-1][0] += data

    def images(self):
        return [attributes for tag, attributes in self.tags if tag == "img"]


def jpeg(seed=0, size=(120, 90)):
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="JPEG")
    return buffer.getvalue()


def one_hot(row, column, side=3):
    weights = np.zeros((side, side), np.float32)
    weights[row, column] = 1
    return weights


def pixels(image):
    data = base64.b64decode(image["src"].removeprefix("data:image/jpeg;base64,"))
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=float)


def test_heat_maps_escape_titles_and_describe_images():
    items = [figures.GalleryItem(jpeg(), NASTY, [NASTY]), figures.GalleryItem(jpeg(1), ARABIC, ["answer"])]
    maps = np.stack([one_hot(0, 0), np.zeros((3, 3), np.float32)])
    shown = figures.heat(items, maps)
    parsed = Parsed(shown)
    assert {tag for tag, _ in parsed.tags} == {"div", "img", "span"}
    alts = [image["alt"] for image in parsed.images()]
    assert alts == [NASTY, "Heat map, most weight: top left", ARABIC, "Heat map, most weight: nowhere"]
    assert parsed.text.count(NASTY) == 2 and ARABIC in parsed.text
    assert sum(attributes.get("dir") == "auto" for _, attributes in parsed.tags) == 4
    assert parsed.tags[0][1]["class"] == "ytcat-gallery tex2jax_ignore mathjax_ignore"
    assert len(repr(shown)) < 100  # no images: notebooks store it
    assert figures.heat(items, maps)._repr_html_() == shown._repr_html_()
    assert Parsed(figures.heat([], np.empty((0, 3, 3)))).images() == []


@pytest.mark.parametrize("side", [3, 4, 5])
def test_heat_lies_where_the_map_has_it_and_is_named_so(side):
    last = side - 1
    places = {(0, last): "top right", (last, 0): "bottom left", (last, last): "bottom right"}
    if side % 2:
        places[side // 2, side // 2] = "middle centre"
    grey = io.BytesIO()
    Image.new("RGB", (120, 90), (128, 128, 128)).save(grey, format="JPEG")
    for (row, column), name in places.items():
        item = figures.GalleryItem(grey.getvalue(), "", [])
        _, overlay = Parsed(figures.heat([item], one_hot(row, column, side)[np.newaxis])).images()
        assert overlay["alt"].endswith(f": {name}")
        brightness = pixels(overlay).mean(axis=2)
        assert brightness.shape == (180, 240)
        middle_y, middle_x = int(180 * (row + 0.5) / side), int(240 * (column + 0.5) / side)
        assert brightness[middle_y, middle_x] > brightness.max() - 12
        assert (
            brightness[179 - middle_y if row != last / 2 else 0, 0 if column else 239] < brightness.min() + 12
        )


def test_the_picture_stays_recognizable_below_the_heat():
    item = figures.GalleryItem(jpeg(3, (24, 18)), "", [])  # other sizes are letterboxed, as for the model
    for weights in (np.zeros((1, 3, 3)), np.ones((1, 3, 3))):
        plain, overlay = map(pixels, Parsed(figures.heat([item], weights)).images())
        grey = np.asarray(
            Image.fromarray(plain.astype(np.uint8)).convert("L").resize((240, 180)), dtype=float
        )
        assert np.corrcoef(overlay.mean(axis=2).ravel(), grey.ravel())[0, 1] > 0.9


def test_heat_maps_need_a_picture_and_a_map_for_each():
    item = figures.GalleryItem(jpeg(), "a", [])
    with pytest.raises(ValueError, match="missing for \\['b'\\]"):
        figures.heat([item, figures.GalleryItem(None, "b", [])], np.zeros((2, 3, 3)))
    with pytest.raises(ValueError):
        figures.heat([item], np.zeros((2, 3, 3)))


# ---- words


def test_words_say_for_and_against_without_colour():
    titles = [[NASTY, "b", "c", "d"], [ARABIC]]
    shown = figures.token_weights(titles, [[0.5, -0.25, 0.0, NAN], [0.1]], [[NASTY], ["answer"]])
    parsed = Parsed(shown)
    assert {tag for tag, _ in parsed.tags} <= {"div", "span", "small"}
    assert parsed.text.count(NASTY) == 2
    (_, much), (_, against), (_, none), (_, unread), (arabic, some) = parsed.words
    assert ARABIC in arabic
    assert [w["title"] for w in (much, against, none)] == ["+50 points", "−25 points", "+0 points"]
    assert unread["title"] == "not read by the model"
    assert f"border-bottom: 2px solid {FOR}" in much["style"]
    assert f"border-bottom: 2px dotted {AGAINST}" in against["style"]
    assert "border" not in none["style"] and "background" not in unread["style"]
    assert "rgba(0, 114, 178, 0.450)" in much["style"]
    assert "rgba(213, 94, 0, 0.225)" in against["style"]
    assert "rgba(0, 114, 178, 0.090)" in some["style"]  # one scale for all titles
    for number in ("+50", "−25", "+10"):
        assert number in parsed.text  # without a mouse, too
    small = [attributes for tag, attributes in parsed.tags if tag == "small"]
    assert len(small) == 3 and all(attributes["dir"] == "ltr" for attributes in small)
    assert sum(attributes.get("dir") == "auto" for _, attributes in parsed.tags) == 4
    assert "full colour: 50)" in parsed.text
    assert len(repr(shown)) < 100


@pytest.mark.parametrize("color", [FOR, AGAINST])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_text_on_the_strongest_shade_has_enough_contrast(theme, color):
    def luminance(rgb):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
        return np.dot(linear, [0.2126, 0.7152, 0.0722]) + 0.05

    def contrast(a, b):
        low, high = sorted([luminance(a), luminance(b)])
        return high / low

    background, color = np.array(to_rgb(theme.background)), np.array(to_rgb(color))
    shade = STRONGEST * color + (1 - STRONGEST) * background
    assert contrast(to_rgb(theme.foreground), shade) >= 4.5
    assert contrast(color, background) >= 3  # of the underline


@given(
    st.lists(
        st.lists(
            st.tuples(st.text("ab<&\"'ب $", max_size=8), st.one_of(st.just(NAN), st.floats(-1, 1, width=32))),
            max_size=5,
        ),
        max_size=3,
    )
)
def test_any_words_and_weights_can_be_shown(titles):
    words = [[word for word, _ in title] for title in titles]
    weights = [np.array([weight for _, weight in title]) for title in titles]
    lines = [["line"]] * len(titles)
    shown = figures.token_weights(words, weights, lines)
    html = shown._repr_html_()
    assert {tag for tag, _ in Parsed(shown).tags} <= {"div", "span", "small"}
    assert not re.search(r"\bnan[ ,;)]", html)
    assert figures.token_weights(words, weights, lines)._repr_html_() == html


@pytest.mark.parametrize("weights, lines", [([[0.1]], [[]]), ([[0.1, 0.2], []], [[]]), ([[0.1, 0.2]], [])])
def test_every_word_needs_a_weight_and_every_title_its_lines(weights, lines):
    with pytest.raises(ValueError):
        figures.token_weights([["a", "b"]], weights, lines)
