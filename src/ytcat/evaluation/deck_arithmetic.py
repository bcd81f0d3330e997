"""Arithmetic of the slides' printed numbers: what a figure can stand for, facts that no slide prints."""

from collections.abc import Iterable

import numpy as np

from ytcat import slides
from ytcat.categories import NAMES

# Those of Xception are tested on the real network.
XCEPTION_PARAMETERS = 20_861_480  # keras.applications.Xception(include_top=False).count_params()
XCEPTION_BATCHNORM_LAYERS = 40  # its batch normalization layers
XCEPTION_GAMMAS_AND_BETAS = 54_528  # their trained parameters; their moving statistics count as many
XCEPTION_FEATURES = 2_048  # channels of its output
GLOVE_6B_WORDS = 400_000  # nlp.stanford.edu/projects/glove: glove.6B, Wikipedia 2014 + Gigaword 5
GLOVE_TWITTER_WORDS = 1_193_514  # rows of glove.twitter.27B, 2 billion tweets ("1.2M vocab")


def count_printed_as(share: float, n: int) -> int | None:
    """The k for which k/n prints as `share` (0..1) in per cent with two decimals; None if there is none."""
    k = round(share * n)
    return k if f"{100 * k / n:.2f}" == f"{100 * share:.2f}" else None


def counts_printed_as_percent(share: float, n: int) -> tuple[int, ...]:
    """Every k for which k/n is `share` (0..1) when rounded to whole per cent; a half may go either way."""
    percent = round(100 * share)
    return tuple(k for k in range(n + 1) if abs(100 * k - percent * n) * 2 <= n)


def possible_trials(shares: Iterable[float], most: int) -> tuple[int, ...]:
    """Every n <= `most` for which each of `shares` (0..1) is, rounded to whole per cent, a k/n."""
    shares = tuple(shares)
    return tuple(
        n for n in range(1, most + 1) if all(counts_printed_as_percent(share, n) for share in shares)
    )


def never_answered(matrix: np.ndarray) -> tuple[str, ...]:
    """Names of the categories whose column in a (14, 14) confusion matrix is all zero."""
    return tuple(NAMES[label] for label in np.flatnonzero(matrix.sum(axis=0) == 0))


def never_recognized(matrix: np.ndarray) -> tuple[str, ...]:
    """Names of the categories of which a (14, 14) confusion matrix has no video right."""
    return tuple(NAMES[label] for label in np.flatnonzero(np.diag(matrix) == 0))


def head_parameters() -> int:
    """Parameters of the slides' image network that are not Xception's: its dense layers."""
    return sum(layer.parameters for layer in slides.IMAGE_NETWORK.layers if layer.name != "xception")


def xception_output_side(pixels: int) -> int:
    """Side of Xception's output grid for an input side of `pixels`.

    Source: keras.applications.xception. Block 1 has a 3 x 3 convolution with stride 2 and one with
    stride 1, both unpadded; blocks 2, 3, 4 and 13 each halve, rounding up ("same" padding).
    Raises ValueError below 71 pixels, the smallest side that Keras accepts.
    """
    if pixels < 71:
        raise ValueError(f"Xception takes sides of at least 71 pixels, not {pixels}")
    side = (pixels - 3) // 2 + 1 - 2
    for _ in range(4):
        side = -(-side // 2)
    return side
