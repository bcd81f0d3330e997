from pathlib import Path

import numpy as np
import pytest

from ytcat import categories

SLIDES_TEXT = Path(__file__).parents[2] / "shared" / "design" / "slides.txt"


def test_fourteen_categories_by_ascending_youtube_id():
    assert categories.N_CATEGORIES == 14
    assert categories.IDS == (1, 2, 10, 15, 17, 19, 20, 22, 23, 24, 25, 26, 27, 28)
    assert len(set(categories.NAMES)) == 14


def test_slide_order_is_the_numbered_list():
    assert [categories.CATEGORIES[label].slide_number for label in categories.SLIDE_ORDER] == list(
        range(1, 15)
    )
    in_order = [categories.NAMES[label] for label in categories.SLIDE_ORDER]
    assert in_order[:3] == ["Entertainment", "Music", "How to and Style"]
    assert in_order[-1] == "Travel and Events"


@pytest.mark.skipif(not SLIDES_TEXT.exists(), reason="the slides' text is not on this machine")
def test_slide_order_is_that_of_the_slides_text():
    lines = SLIDES_TEXT.read_text().splitlines()
    numbered = [line.split(". ", 1) for line in lines if line.split(". ")[0].isdigit()]
    listed = {int(number): name for number, name in numbered if name in categories.NAMES}
    assert listed == {category.slide_number: category.name for category in categories.CATEGORIES}


def test_labels_are_positions():
    labels = categories.labels([28, 1, 24, 24])
    assert labels.tolist() == [13, 0, 9, 9]
    assert labels.dtype == np.int64
    assert categories.labels(categories.IDS).tolist() == list(range(14))
    assert categories.labels([]).shape == (0,)


def test_names_of_ids():
    assert categories.name(24) == "Entertainment"
    assert [categories.name(i) for i in categories.IDS] == list(categories.NAMES)


@pytest.mark.parametrize("unknown", [0, 29, 43])
def test_a_category_outside_the_fourteen_is_refused(unknown):
    with pytest.raises(KeyError):
        categories.labels([1, unknown])
    with pytest.raises(KeyError):
        categories.name(unknown)
