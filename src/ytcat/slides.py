"""Every line and every figure that the slides print, transcribed once.

The deck is "YouTube Trending Videos Categorization with Deep Learning"; it is not public. Texts are as
printed, with their mistakes. Shares are 0..1. Nothing here is derived but `TEST_COUNTS`; other figures are
computed elsewhere. The page `notebooks/appendix/deck.ipynb` shows every name of this module.
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

# The heading of each slide, in the order of the deck; the title slide has none but the title. Two slides
# have no heading of their own: the task, whose words are `TASK`, and the matrices, each with a heading.
HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        "question": "Question/hypotheses",
        "people": "Human-level Performance",
        "approach": "NLP (Titles) + CV (Thumbnails)",
        "data": "Data (5,000 training data + 1,020 test data)",
        "image_network": "Approach for Image model",
        "text_network": "Approach for Text model",
        "goals": "Goals",
        "metrics": "Evaluation Metrics",
        "results": "Top-1 & top-5 accuracy",
        "image_matrix": "1. Confusion Matrix for Image model",
        "text_matrix": "2. Confusion Matrix for Text model",
        "fusion_matrix": "3. Confusion Matrix for Combined model",
        "future": "Possible Future Directions",
    }
)
TRUTH_LABEL = "Grand Truth"  # of the true category, in the worked example and beside each matrix

# ---- the worked example

TASK = ("The task:", "How hard is it?")
EXAMPLE_LABELS = ("Thumbnail:", "Title:", "Categories:", "Friend 1:", "Friend 2:")  # beside the example


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

HUMAN_EXPERIMENT = "Experiment results with my friend (~100 trials)"
HUMAN_TRIALS = 100  # "~100 trials"
# What a person or a model is given, as the slides on people and on results write it.
INPUTS: Mapping[str, str] = MappingProxyType(
    {"image": "WITH ONLY IMAGES", "text": "WITH ONLY TITLES", "fusion": "WITH BOTH IMAGES AND TITLES"}
)
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
DATA = (
    "Labels - 14 unique video categories, converted into one hot vector format.",
    "Image data - 120 x 90 x 3 matrix with the numbers representing the brightness of the 120 x 90 pixels "
    "for each of the RGB channels.",
    "Text data – Video titles, each word in the title will be converted to a 50-dimensional vectors by "
    f"using {EMBEDDING_CLAIM}.",
)

# ---- the two networks

LAYER_COLUMNS = ("Layer (type)", "Output Shape", "Param #")  # the heads of both tables


class Layer(NamedTuple):
    """One line of a printed Keras summary table."""

    name: str
    kind: str
    output_shape: tuple[int, ...]  # without the batch axis
    parameters: int


class Network(NamedTuple):
    """A slide on a network: what it is, its Keras summary table with three totals, and how it is trained."""

    description: str
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
    description="Xception model with transfer learning",
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
    optimizer="Adam (adaptive moment)",
    regularization="Dropout layers",
)

TEXT_NETWORK = Network(
    description="2 layers LSTM sequence classifier",
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
    optimizer="Adam (adaptive moment)",
    regularization="Dropout layers",
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


class StripVideo(NamedTuple):
    """One video of the strip beside the image model's matrix, as a page of search results shows it."""

    title: str
    channel: str
    views: int
    age: str
    printed: str  # views and age, as printed
    description: tuple[str, ...]  # line by line, cut off where the slide cuts it off
    badge: str  # beneath the description; "" if there is none


# The page of results is in Chinese: 万 is ten thousand, 亿 a hundred million, 次观看 views, 前 ago.
VEVO_STRIP = (
    StripVideo(
        title="Hozier - Shrike (Live) Vevo Official Performance",
        channel="Hozier",
        views=350_000,
        age="2 months ago",
        printed="35万次观看 · 2个月前",
        description=(
            "Hozier - Shrike an exclusive official live performance for Vevo. Director: Alex Thompson C",
            "Producer: Antonio ...",
        ),
        badge="4K",
    ),
    StripVideo(
        title="Selena Gomez - Hands To Myself (Official Music Video)",
        channel="Selena Gomez",
        views=320_000_000,
        age="3 years ago",
        printed="3.2亿次观看 · 3年前",
        description=(
            "Get Revival, out now: http://smarturl.it/SGRevival Sign up for updates:",
            "https://www.selenagomez.com/mailling-list Music video by ...",
        ),
        badge="",
    ),
    StripVideo(
        title="Tom Walker - Angels (Live) Vevo UK LIFT",
        channel="Tom Walker",
        views=9_510_000,
        age="7 months ago",
        printed="951万次观看 · 7个月前",
        description=(
            "Tom Walker performs 'Angels' live in this incredible location exclusively for Vevo UK LIFT.",
            "#VevoUKLIFT #Vevo ...",
        ),
        badge="",
    ),
    StripVideo(
        title='Olivia O\'Brien - "We Lied To Each Other" Live Performance | Vevo',
        channel="Olivia O'Brien",
        views=81_000,
        age="3 days ago",
        printed="8.1万次观看 · 3天前",
        description=(
            "Olivia O'Brien - We Lied To Each Other (Live Performance) Real Olivia O'Brien fans have b",
            "their heroine since ...",
        ),
        badge="最新 4K",
    ),
)

FUTURE_DIRECTIONS = (
    "Auto tagging models for videos",
    "Better architectures to connect text and image data",
    "More data to evaluate the model and human-level performance",
    "Deal with class imbalance",
)
