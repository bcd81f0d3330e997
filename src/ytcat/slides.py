"""Every figure the slides publish, transcribed once.

The deck is "YouTube Trending Videos Categorization with Deep Learning". Shares are 0..1. Nothing here is
derived but `TEST_COUNTS`; other figures are computed elsewhere.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from ytcat.categories import N_CATEGORIES

TITLE = "YouTube Trending Videos Categorization with Deep Learning"
QUESTION = (
    "Can machine categorize videos simply base on their thumbnails and video titles?"  # wording as printed
)

# ---- the worked example


class Example(NamedTuple):
    """One video, the answers of two people and the true category."""

    title: str
    friends: tuple[str, ...]  # their answers, category names
    truth: str  # category name


EXAMPLE = Example(
    title="Founding An Inbreeding-Free Space Colony",
    friends=("Science and Technology", "Gaming"),
    truth="Education",
)

# The list of the 14 categories is `ytcat.categories.CATEGORIES` (`slide_number`, `SLIDE_ORDER`).

# ---- human-level performance

HUMAN_TRIALS = 100  # "~100 trials"
HUMAN_ACCURACY: Mapping[str, float] = MappingProxyType({"image": 0.30, "text": 0.50, "fusion": 0.54})

# ---- approach and data

APPROACH = (
    "Build separate models as a independent NLP/CV problem",
    "Then combining two models with one dense output layer",
)

N_TRAIN = 5_000
N_TEST = 1_020
IMAGE_SIZE = (120, 90, 3)  # width, height, channels, in the order printed
EMBEDDING_DIMENSIONS = 50
EMBEDDING_TWEETS = 2_000_000_000
EMBEDDING_WORDS = 1_200_000
EMBEDDING_CLAIM = "word embedding pre-trained on 2 billion tweets with 1.2 million vocabularies"

# ---- the two networks


class Layer(NamedTuple):
    """One line of a printed Keras summary table."""

    name: str
    kind: str
    output_shape: tuple[int, ...]  # without the batch axis
    parameters: int


class Network(NamedTuple):
    """A printed Keras summary table: the lines and the three totals."""

    layers: tuple[Layer, ...]
    total: int
    trainable: int
    non_trainable: int
    optimizer: str
    regularization: str

    def layer(self, name: str) -> Layer:
        """The layer of that name; raises KeyError if there is none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)


IMAGE_NETWORK = Network(
    layers=(
        Layer("xception", "Model", (3, 3, 2048), 20_861_480),
        Layer("flatten_9", "Flatten", (18_432,), 0),
        Layer("dense_33", "Dense", (1024,), 18_875_392),
        Layer("dropout_25", "Dropout", (1024,), 0),
        Layer("dense_34", "Dense", (512,), 524_800),
        Layer("dropout_26", "Dropout", (512,), 0),
        Layer("dense_35", "Dense", (128,), 65_664),
        Layer("dropout_27", "Dropout", (128,), 0),
        Layer("dense_36", "Dense", (14,), 1_806),
    ),
    total=40_329_142,
    trainable=19_522_190,
    non_trainable=20_806_952,
    optimizer="Adam",
    regularization="Dropout",
)

TEXT_NETWORK = Network(
    layers=(
        Layer("input_7", "InputLayer", (20,), 0),
        Layer("embedding_5", "Embedding", (20, 50), 20_000_050),
        Layer("lstm_7", "LSTM", (20, 128), 91_648),
        Layer("dropout_12", "Dropout", (20, 128), 0),
        Layer("lstm_8", "LSTM", (128,), 131_584),
        Layer("dropout_13", "Dropout", (128,), 0),
        Layer("dense_11", "Dense", (14,), 1_806),
        Layer("activation_4", "Activation", (14,), 0),
    ),
    total=20_225_088,
    trainable=225_038,
    non_trainable=20_000_050,
    optimizer="Adam",
    regularization="Dropout",
)

# ---- goals, metrics, results

TUNING = "After fine tuning the hyperparameters"
GOALS = ("Human-level performance",)
METRICS = ("Top-1 accuracy", "Top-5 accuracy", "Confusion matrix")


class Result(NamedTuple):
    """The printed accuracies of one model on the test videos, and the printed goal; 0..1."""

    top1: float
    top5: float
    goal: float


RESULTS: Mapping[str, Result] = MappingProxyType(
    {
        "image": Result(top1=0.3039, top5=0.7314, goal=0.30),
        "text": Result(top1=0.5118, top5=0.8578, goal=0.50),
        "fusion": Result(top1=0.4530, top5=0.8422, goal=0.54),
    }
)

# ---- the confusion matrices


def _matrix(text: str) -> np.ndarray:
    """The printed digits as a read-only (14, 14) int64 array."""
    matrix = np.array(text.split(), dtype=np.int64).reshape(N_CATEGORIES, N_CATEGORIES)
    matrix.setflags(write=False)
    return matrix


# Rows are the true categories, columns the answers, both in the order of `ytcat.categories.NAMES`.
CONFUSION: Mapping[str, np.ndarray] = MappingProxyType(
    {
        "image": _matrix(
            """
               0   0   5   0   2   0   0   1   4  36   0   3   0   2
               0   0   1   0   0   0   0   0   1   0   0   0   0   0
               1   0  45   0   1   0   0   2   3  82   1   3   0   0
               0   0   2   0   0   0   0   2   0  10   1   1   0   0
               0   0   6   0   0   0   0   3   4  54   2   4   0   0
               0   0   0   0   0   0   0   0   0   3   0   2   0   0
               0   0   2   0   0   0   0   1   1  26   1   6   0   1
               0   0  11   0   0   0   0   6   2  46   0  11   0   0
               0   0   1   1   0   0   0   2   5  73   0   6   0   1
               0   0  28   0   1   0   0   5   7 234   3  20   0   4
               0   0   6   0   1   0   0   1   1  31   1   4   0   2
               0   0   9   0   3   0   0   2   2  63   1  16   1   1
               0   0   4   0   3   0   0   2   1  13   0   9   1   1
               0   0   7   0   1   0   0   0   3  31   0   3   1   3
            """
        ),
        "text": _matrix(
            """
              26   0   3   1   1   0   2   2   2  12   1   0   0   3
               0   0   0   0   0   1   0   0   0   0   0   0   0   1
               2   1 100   0   1   0   0   3   4  21   1   0   1   4
               1   0   0   6   0   1   1   1   2   1   0   1   1   1
               0   0   1   0  62   2   1   0   1   4   1   0   0   1
               0   1   0   0   0   1   0   0   0   0   0   2   0   1
              11   2   1   1   2   0   4   1   2   7   1   2   0   4
               0   1   5   2   7   0   0   6   5  21   1  22   3   3
               4   0   4   1   3   0   0  12  15  33   1   9   4   3
              21   0  11   1  12   0   1  21   4 181   7  27   6  10
               0   0   1   1   1   2   0   1   2  12  17   0   4   6
               1   0   1   0   2   1   0   9   1  23   0  52   1   7
               0   1   1   0   0   0   0   1   2   4   0   3  10  12
               0   1   2   2   1   0   0   2   3   5   0   0   3  30
            """
        ),
        "fusion": _matrix(
            """
               0   0   4   2   0   0   0   3   9  32   1   0   0   2
               0   0   0   0   0   0   0   0   0   0   0   0   0   2
               1   0 100   0   0   0   0   1  13  16   2   0   0   5
               0   0   0   0   0   0   0   1   0   0   0   0   0  15
               0   0   0   0  56   0   0   2   3   3   4   0   0   5
               0   0   0   0   0   0   0   4   0   0   0   0   0   1
               0   0   1   1   2   0   1   2   6  13   1   0   0  11
               0   0   4   0   2   0   0  13  14  10   2  18   0  13
               0   0   3   0   2   0   0  17  29  21   2   6   0   9
               0   0  16   0   7   0   0  20  51 145   3  20   0  40
               0   0   3   0   0   0   0   3   5   9  21   0   0   6
               0   0   1   0   0   0   0  19   6   8   0  47   0  17
               0   0   1   0   0   0   0   3   2   3   0   4   0  21
               0   0   0   0   0   0   0   5   3   3   0   2   0  36
            """
        ),
    }
)

TEST_COUNTS = CONFUSION["image"].sum(axis=1)  # (14,) test videos per category; the same for all three
TEST_COUNTS.setflags(write=False)


class Axes(NamedTuple):
    """The labels beside a matrix, in the order of the slide's text."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]


# The row labels are in the order of the rows. The column labels, set vertically, are in the opposite order
# and spell "Films and Animation". Only the combined matrix has a label beside each row; for the other two
# this spelling tells the two lists apart. Both spell "Travel and events".
_ROWS = (
    "Film and Animation",
    "Auto & Vehicles",
    "Music",
    "Pets and Animals",
    "Sport",
    "Travel and events",
    "Gaming",
    "People and Blogs",
    "Comedy",
    "Entertainment",
    "News and Politics",
    "How to and Style",
    "Education",
    "Science and Technology",
)
_COLUMNS = (
    "Science and Technology",
    "Education",
    "How to and Style",
    "News and Politics",
    "Entertainment",
    "Comedy",
    "People and Blogs",
    "Gaming",
    "Travel and events",
    "Sport",
    "Pets and Animals",
    "Music",
    "Auto & Vehicles",
    "Films and Animation",
)
CONFUSION_AXES: Mapping[str, Axes] = MappingProxyType(
    {"image": Axes(_ROWS, _COLUMNS), "text": Axes(_ROWS, _COLUMNS), "fusion": Axes(_ROWS, _COLUMNS)}
)

# The titles of the music videos beside the image model's matrix.
VEVO_STRIP = (
    "Hozier - Shrike (Live) Vevo Official Performance",
    "Selena Gomez - Hands To Myself (Official Music Video)",
    "Tom Walker - Angels (Live) Vevo UK LIFT",
    'Olivia O\'Brien - "We Lied To Each Other" Live Performance | Vevo',
)

FUTURE_DIRECTIONS = (
    "Auto tagging models for videos",
    "Better architectures to connect text and image data",
    "More data to evaluate the model and human-level performance",
    "Deal with class imbalance",
)
