"""The slides' fusion, rebuilt: both trained models without their last layer, joined by one dense layer."""

from collections.abc import Iterable

import numpy as np

from ytcat.categories import N_CATEGORIES
from ytcat.quiet_tensorflow import keras

FEATURES = 128  # of each of the two models


def trunk(model: keras.Sequential) -> keras.Model:
    """A trained image or text model, or the image model's head, up to its 128 features, frozen."""
    names = [layer.name for layer in model.layers]
    layers = model.layers[: names.index("features") + 1]
    start = keras.Input(model.input_shape[1:], dtype=model.inputs[0].dtype)
    frozen = keras.Sequential([start, *layers], name=f"{model.name}_trunk")
    frozen.trainable = False
    return frozen


def features(model: keras.Sequential, inputs: Iterable[np.ndarray], batch_size: int = 32) -> list[np.ndarray]:
    """The 128 features of a trained image or text model, (n, 128) float32, for each array of inputs (n, ...).

    Of the image model's head alone the inputs are feature maps, of the image model pictures, as `prepare`d.
    """
    cut = trunk(model)
    return [cut.predict(array, batch_size=batch_size, verbose=0) for array in inputs]


def joint_layer(width: int = 2 * FEATURES) -> keras.Sequential:
    """The "one dense output layer" alone: joined features (n, width) to probabilities (n, 14)."""
    return keras.Sequential(
        [keras.Input((width,)), keras.layers.Dense(N_CATEGORIES, activation="softmax", name="dense")],
        name="joint_layer",
    )


def fusion_model(image_trunk: keras.Model, text_trunk: keras.Model, joint: keras.Model) -> keras.Model:
    """The whole classifier: [images, token ids] to probabilities (n, 14); it shares the weights of its parts.

    The trunks are frozen, so training `joint` alone on features from `join` gives the same result.
    """
    image = keras.Input(image_trunk.input_shape[1:], name="image")
    title = keras.Input(text_trunk.input_shape[1:], dtype="int32", name="title")
    joined = keras.layers.Concatenate(name="concatenate")([image_trunk(image), text_trunk(title)])
    return keras.Model([image, title], joint(joined), name="fusion")


def join(image_features: np.ndarray, text_features: np.ndarray) -> np.ndarray:
    """Features (n, a) and (n, b) side by side, (n, a + b) float32, in the order of `fusion_model`."""
    return np.concatenate([image_features, text_features], axis=1)
