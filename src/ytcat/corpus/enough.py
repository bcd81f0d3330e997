"""Whether a corpus has enough videos to train and test a model."""

import pandas as pd

from ytcat.categories import NAMES
from ytcat.views import VIEWS

MIN_CATEGORIES = 2
MIN_VIDEOS = 3  # per category: one each to train, validate and test
MIN_TAGGED = 10  # videos of one tag: about five of them train
MIN_THUMBNAILS = 100  # with fewer, and not all, the videos without one teach more than the pictures do


def too_few(videos: pd.DataFrame, view: str, name: str, categories: int = MIN_CATEGORIES) -> str:
    """A sentence that says why `videos` are too few to train and test a model of a view, "" if they are not.

    `videos` has the columns `label`, `title` and `has_thumbnail`; `view` is a key of `ytcat.views.VIEWS`;
    `name` is the corpus's. At least so many `categories` need three videos each that the model can read:
    with a letter or digit (of any script) in the title for the view "title", with a thumbnail for the other
    two.
    """
    if view == "title":
        usable, need = (
            videos["title"].str.contains(r"[^\W_]", regex=True),
            "with a letter or digit in the title",
        )
    else:
        usable, need = videos["has_thumbnail"], "with a thumbnail that can be read"
    counts = videos.loc[usable, "label"].value_counts().sort_index()
    if (counts >= MIN_VIDEOS).sum() >= categories:
        return ""
    present = ", ".join(f"{NAMES[label]} {count:,}" for label, count in counts.items()) or "none"
    return (
        f"The corpus {name} is too small to train a model of the view {VIEWS[view].label.lower()!r}: that "
        f"needs at least {categories} of the 14 categories with at least {MIN_VIDEOS} videos each (one "
        f"each to train, validate and test) {need}. It has {usable.sum():,} such videos of {len(videos):,}: "
        f"{present}. Add videos to its CSV, or their thumbnails to thumbnails/."
    )


def too_few_thumbnails(videos: pd.DataFrame, name: str) -> str:
    """A sentence that says why the thumbnails of a corpus are too few to learn from, "" if they are not.

    `videos` and `name` are as for `too_few`. Beside what that asks for the view "thumbnail", each video must
    have a thumbnail, or MIN_THUMBNAILS of them.
    """
    count, n = int(videos["has_thumbnail"].sum()), len(videos)
    if count < min(MIN_THUMBNAILS, n):
        return (
            f"The corpus {name} has thumbnails that can be read for {count:,} of {n:,} videos, too few to "
            f"learn from: at least {MIN_THUMBNAILS} are needed, or one for each video. Add them to "
            "thumbnails/."
        )
    return too_few(videos, "thumbnail", name)


def too_few_tags(videos: pd.DataFrame, name: str) -> str:
    """A sentence that says why tags cannot be learned from, "" if one is on MIN_TAGGED videos.

    `videos` has the column `tags`, separated by | or missing; `name` is the corpus's.
    """
    tags = videos["tags"].dropna().str.lower().str.split("|").map(set).explode()
    most = int(tags.value_counts().max()) if len(tags) else 0
    if most >= MIN_TAGGED:
        return ""
    return (
        f"The corpus {name} has too few tags to learn from: the most frequent one is on {most:,} of "
        f"{len(videos):,} videos, and {MIN_TAGGED} are needed. Add tags to the column tags, separated by |."
    )
