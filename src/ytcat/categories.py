"""The 14 categories: YouTube ids, names, and the two orders in which the slides list them."""

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike


class Category(NamedTuple):
    """One category of the slides."""

    id: int  # YouTube's category id
    name: str  # as the slides' category list writes it
    slide_number: int  # position, 1-14, in the slides' category list


# In ascending order of YouTube's ids: the order of the slides' confusion matrices, and of every array,
# table and figure of this project. The position in this tuple is the label, 0..13.
CATEGORIES = (
    Category(1, "Film and Animation", 9),
    Category(2, "Auto & Vehicles", 13),
    Category(10, "Music", 2),
    Category(15, "Pets and Animals", 11),
    Category(17, "Sport", 7),
    Category(19, "Travel and Events", 14),
    Category(20, "Gaming", 12),
    Category(22, "People and Blogs", 6),
    Category(23, "Comedy", 4),
    Category(24, "Entertainment", 1),
    Category(25, "News and Politics", 5),
    Category(26, "How to and Style", 3),
    Category(27, "Education", 10),
    Category(28, "Science and Technology", 8),
)

N_CATEGORIES = len(CATEGORIES)
IDS = tuple(category.id for category in CATEGORIES)
NAMES = tuple(category.name for category in CATEGORIES)
# Labels in the order of the slides' category list (1 Entertainment ... 14 Travel and Events).
SLIDE_ORDER = tuple(sorted(range(N_CATEGORIES), key=lambda label: CATEGORIES[label].slide_number))

_LABEL_OF_ID = {category.id: label for label, category in enumerate(CATEGORIES)}


def plain(name: str) -> str:
    """A category's name without what slides and YouTube write differently: "and", plurals, spaces, case."""
    words = re.findall(r"[a-z]+", name.lower())
    return "".join(word.removesuffix("s") for word in words if word != "and")


_ID_OF_NAME = {plain(category.name): category.id for category in CATEGORIES}


def id_of(name: str) -> int | None:
    """The YouTube id of a name, as the slides or YouTube write it; None if it is none of the 14."""
    return _ID_OF_NAME.get(plain(name)) if re.fullmatch(r"[A-Za-z &,/-]+", name) else None


def labels(category_ids: "ArrayLike") -> "np.ndarray":
    """Labels 0..13, shape (n,) int64, of YouTube category ids, shape (n,).

    Raises KeyError for an id that is not one of the 14.
    """
    import numpy as np  # a tenth of a second that a command without arrays can spare

    return np.array([_LABEL_OF_ID[int(i)] for i in np.asarray(category_ids)], dtype=np.int64)


def name(category_id: int) -> str:
    """The name of a YouTube category id; raises KeyError if it is not one of the 14."""
    return NAMES[_LABEL_OF_ID[category_id]]
