"""The three views of a video, the splits, and the models: keys, labels and order, defined here alone.

Arrays, tables and files use the keys; pages show the labels. Dictionaries are in the order in which every
table and figure shows their entries.
"""

from typing import NamedTuple


class View(NamedTuple):
    """What a model, or a person, sees of a video."""

    key: str
    label: str
    slides_model: str  # the slides' model that reads it, a key of `MODELS` and of the tables in `slides`
    chapter: str  # where that model is trained
    chosen_model: str  # this report's own model for it, fixed before the test: a key of `MODELS`


VIEWS = {
    view.key: view
    for view in (
        View("thumbnail", "Thumbnail", "image", "03_image_model", "thumbnail_kernel"),
        View("title", "Title", "text", "04_text_model", "best_title"),
        View("both", "Thumbnail and title", "fusion", "05_fusion", "best"),
    )
}
CHOSEN_CHAPTER = "07_better_models"  # where the chosen models are trained


class Split(NamedTuple):
    """How test videos are set apart."""

    key: str
    label: str  # whom the test videos stand for
    description: str


SPLITS = {
    split.key: split
    for split in (
        Split("random", "known channels (random split)", "at random, as on the slides"),
        Split("channel", "new channels", "by channel: no channel is on both sides"),
        Split("time", "later videos", "by time: the newest videos are the test"),
    )
}
SPLIT_ALIASES = {"slides": "random"}  # the name in earlier versions


class Model(NamedTuple):
    """A model, or a baseline."""

    label: str
    view: str | None  # the key of what it reads; None: nothing
    on_validation: bool = False  # whether it is fitted on the validation videos too


MODELS = {
    "majority": Model("Majority class", None),
    "stratified_guess": Model("Stratified guess", None),
    # the thumbnail
    "image": Model("Image model", "thumbnail"),
    "linear_probe": Model("Linear probe", "thumbnail"),
    "thumbnail_kernel": Model("Thumbnail kernel", "thumbnail", on_validation=True),
    # the title
    "text": Model("Text model", "title"),
    "tfidf": Model("TF-IDF, linear (train)", "title"),
    "title_linear": Model("TF-IDF, linear (train + validation)", "title", on_validation=True),
    "minilm_frozen": Model("MiniLM frozen, linear", "title"),
    "minilm": Model("MiniLM fine-tuned", "title"),
    "title_kernel": Model("Title kernel", "title", on_validation=True),
    "best_title": Model("Title models, late fusion", "title", on_validation=True),
    "best_title_with_more": Model("Title models, other years too", "title", on_validation=True),
    # both
    "fusion": Model("Fusion model", "both"),
    "late_fusion": Model("Late fusion of the two views", "both", on_validation=True),
    "joint_kernel": Model("Joint kernel", "both", on_validation=True),
    "stacking_in_sample": Model("Stacking, in-sample", "both", on_validation=True),
    "stacking": Model("Stacking, out-of-fold", "both", on_validation=True),
    "gated_unit": Model("Gated unit", "both"),
    "cross_attention": Model("Cross-attention", "both"),
    "best": Model("Chosen model (late fusion)", "both", on_validation=True),
    "best_with_more": Model("Chosen model, other years too", "both", on_validation=True),
}
# The chosen models again, with titles of other corpora for their title's parts to learn from.
WITH_MORE = {"best_title": "best_title_with_more", "best": "best_with_more"}
SLIDES_MODELS = tuple(view.slides_model for view in VIEWS.values())


def label(key: str) -> str:
    """The label of a view or of a model; a text that is the key of neither stays as it is."""
    named = VIEWS.get(key) or MODELS.get(key)
    return named.label if named else key


def view_of(model: str) -> View:
    """The view that one of `MODELS` reads; raises KeyError for a model that reads nothing."""
    return VIEWS[MODELS[model].view]
