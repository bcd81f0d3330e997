"""Every plot of the report, one function a figure, in one style.

Functions take arrays and tables, never files, and return what Jupyter shows as HTML. Shares are
0..1 and shown in percent; categories come in the order of `ytcat.categories.NAMES`.
"""

from ytcat.figures.attributions import HeatMaps, TokenWeights, heat, token_weights
from ytcat.figures.corpus import channels, class_balance, title_lengths, word_coverage
from ytcat.figures.gallery import Gallery, GalleryItem, gallery
from ytcat.figures.growth import growth
from ytcat.figures.imbalance import category_shares, differences, trade_off
from ytcat.figures.matrices import confusion, confusion_difference, confusion_pair
from ytcat.figures.more_data import accuracy_by_size, interval_widths, trials_by_accuracy
from ytcat.figures.results import agreement, intervals, learning_curves, precision_recall, reliability
from ytcat.figures.style import SOURCES, ThemedFigure
from ytcat.figures.tags import tag_recall, tag_scores

__all__ = [
    "SOURCES",
    "Gallery",
    "GalleryItem",
    "HeatMaps",
    "ThemedFigure",
    "TokenWeights",
    "accuracy_by_size",
    "agreement",
    "category_shares",
    "channels",
    "class_balance",
    "confusion",
    "confusion_difference",
    "confusion_pair",
    "differences",
    "gallery",
    "growth",
    "heat",
    "interval_widths",
    "intervals",
    "learning_curves",
    "precision_recall",
    "reliability",
    "tag_recall",
    "tag_scores",
    "title_lengths",
    "token_weights",
    "trade_off",
    "trials_by_accuracy",
    "word_coverage",
]
