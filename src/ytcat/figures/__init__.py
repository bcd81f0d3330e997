"""The figures that several chapters use, one function per figure, in one style; `tables` formats tables.

Functions take arrays and tables and return objects that Jupyter shows as HTML. Shares are 0..1 and shown in
percent; categories come in the order of `ytcat.categories.NAMES`.
"""

from ytcat.figures.attributions import heat, token_weights
from ytcat.figures.category_terms import category_terms
from ytcat.figures.comparisons import blocks, forest, splits
from ytcat.figures.corpus import channels, class_balance, title_lengths, word_coverage
from ytcat.figures.gallery import GalleryItem, answer_lines, gallery, gallery_items
from ytcat.figures.limits import coverage, recall_by_split
from ytcat.figures.matrices import confusion, confusion_beside_slides, confusion_difference, confusion_pair
from ytcat.figures.mean_heat_maps import mean_heat_maps
from ytcat.figures.results import agreement, intervals, learning_curves, precision_recall, reliability
from ytcat.figures.style import SOURCES, ThemedFigure

__all__ = [
    "SOURCES",
    "GalleryItem",
    "ThemedFigure",
    "agreement",
    "answer_lines",
    "blocks",
    "category_terms",
    "channels",
    "class_balance",
    "confusion",
    "confusion_beside_slides",
    "confusion_difference",
    "confusion_pair",
    "coverage",
    "forest",
    "gallery",
    "gallery_items",
    "heat",
    "intervals",
    "learning_curves",
    "mean_heat_maps",
    "precision_recall",
    "recall_by_split",
    "reliability",
    "splits",
    "title_lengths",
    "token_weights",
    "word_coverage",
]
