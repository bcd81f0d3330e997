"""A model layer by layer, beside the summary printed on the slides."""

import math
from typing import NamedTuple

import pandas as pd

from ytcat.quiet_tensorflow import keras
from ytcat.slides import Network

TOTALS = ("Total", "Trainable", "Non-trainable")


class Parameters(NamedTuple):
    """Numbers of parameters of a model."""

    total: int
    trainable: int
    non_trainable: int


def count_parameters(model: keras.Model) -> Parameters:
    """The three totals that Keras prints under a summary."""
    trainable = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    total = model.count_params()
    return Parameters(total, trainable, total - trainable)


def beside_slides(model: keras.Model, network: Network) -> pd.DataFrame:
    """One row per layer and per total: output shape (text) and parameters, of the slides and of the model.

    Raises ValueError if the model has another number of layers than the slides.
    """
    ours = [(layer.output.shape[1:], layer.count_params()) for layer in model.layers]
    if network.layers[0].kind == "InputLayer":  # Keras 3 does not count the input as a layer
        ours.insert(0, (model.input_shape[1:], 0))
    if len(ours) != len(network.layers):
        raise ValueError(f"{model.name} has {len(ours)} layers, the slides {len(network.layers)}")
    rows = [
        (
            f"{printed.name} ({printed.kind})",
            _product(printed.output_shape),
            _product(shape),
            printed.parameters,
            count,
        )
        for printed, (shape, count) in zip(network.layers, ours, strict=True)
    ]
    totals = (network.total, network.trainable, network.non_trainable)
    rows += [
        (name, "", "", printed, count)
        for name, printed, count in zip(TOTALS, totals, count_parameters(model), strict=True)
    ]
    return pd.DataFrame(
        rows, columns=["layer", "shape (slides)", "shape (here)", "parameters (slides)", "parameters (here)"]
    ).set_index("layer")


def _product(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{side:,}" for side in shape)
