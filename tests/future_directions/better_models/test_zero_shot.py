"""Titles that say their category are sorted without training."""

from made import corpus
from ytcat.categories import IDS, N_CATEGORIES
from ytcat.future_directions.better_models import zero_shot

MUSIC, PETS, GAMING = 2, 3, 6


def test_plain_titles_are_sorted_and_a_false_category_has_a_late_rank():
    titles = ["Listen to my new music", "Cute cats and dogs", "Playing a video game", "Cute cats and dogs"]
    table = zero_shot.ranks(corpus(titles, [MUSIC, PETS, GAMING, GAMING], None))
    assert table["row"].tolist() == [0, 1, 2, 3]
    assert table["answer"].tolist() == [IDS[label] for label in (MUSIC, PETS, GAMING, PETS)]
    assert table["rank"].tolist()[:3] == [1, 1, 1] and 1 < table["rank"][3] <= N_CATEGORIES
