"""Whether a corpus has enough videos to train and test a model."""

import pandas as pd

from ytcat.categories import NAMES
from ytcat.exceptions import YtcatError
from ytcat.views import VIEWS

MIN_CATEGORIES = 2
MIN_VIDEOS = 3  # per category: one each to train, validate and test

_USABLE = {
    "thumbnail": "with a thumbnail that can be read",
    "title": "with a letter or digit in the title",
    "both": "with a thumbnail that can be read, or a letter or digit in the title",
}


def refuse_too_few(videos: pd.DataFrame, view: str, name: str) -> None:
    """Raise YtcatError unless `videos` allow training, validating and testing a model of a view.

    `videos` has the columns `label`, `title` and `has_thumbnail`, `view` is a key of `ytcat.views.VIEWS`, and
    `name` the corpus's. At least two categories need three videos each that the model can read: a thumbnail,
    a title with a letter or digit (in any script), or for "both" one of the two.
    """
    readable = {
        "thumbnail": videos["has_thumbnail"],
        "title": videos["title"].str.contains(r"[^\W_]", regex=True),
    }
    usable = readable["thumbnail"] | readable["title"] if view == "both" else readable[view]
    counts = videos.loc[usable, "label"].value_counts().sort_index()
    n_enough = int((counts >= MIN_VIDEOS).sum())
    if n_enough >= MIN_CATEGORIES:
        return
    present = ", ".join(f"{NAMES[label]} {count:,}" for label, count in counts.items()) or "none"
    raise YtcatError(
        f"The corpus {name} is too small to train a model of the view {VIEWS[view].label.lower()!r}: that "
        f"needs at least {MIN_CATEGORIES} of the 14 categories with at least {MIN_VIDEOS} videos each (one "
        f"each to train, validate and test) {_USABLE[view]}. It has {usable.sum():,} such videos of "
        f"{len(videos):,}: {present}. Add videos to its CSV, or their thumbnails to thumbnails/."
    )
