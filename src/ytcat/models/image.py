"""The slides' image model: Xception with transfer learning and a dense head."""

from typing import Any

import numpy as np
from PIL import Image

from ytcat.categories import N_CATEGORIES
from ytcat.models.batches import in_batches
from ytcat.quiet_tensorflow import keras

HEAD_UNITS = (1024, 512, 128)  # slide "Approach for Image model"


def prepare(images: np.ndarray, side: int) -> np.ndarray:
    """Images (n, 90, 120, 3) uint8 to (n, side, side, 3) float32 in -1..1, as Xception was trained.

    The whole picture is squeezed into the square. The slides say 120 x 90, but their 3 x 3 x 2048
    feature map needs sides of 71 to 102 pixels.
    """
    squares = np.empty((len(images), side, side, 3), dtype=np.float32)
    for row, image in enumerate(images):
        squares[row] = Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR)
    squares /= 127.5
    squares -= 1.0
    return squares


def train_batch_normalization_only(base: keras.Model) -> None:
    """Freeze the base except the gammas and betas of its batch normalization, as the slides did.

    They are the 54,528 trainable parameters that the slides print beyond those of the head.
    """
    base.trainable = True
    for layer in base.layers:
        layer.trainable = isinstance(layer, keras.layers.BatchNormalization)


def head(feature_map: tuple[int, int, int], dropout: float = 0.5) -> keras.Sequential:
    """The slides' head alone, on the feature maps of a frozen base, such as (3, 3, 2048).

    Input (n, *feature_map) float32; output (n, 14) probabilities.
    """
    layers = [keras.Input(feature_map), keras.layers.Flatten(name="flatten")]
    for number, units in enumerate(HEAD_UNITS, start=1):
        layers.append(keras.layers.Dense(units, activation="relu", name=f"dense_{number}"))
        is_last = number == len(HEAD_UNITS)
        layers.append(keras.layers.Dropout(dropout, name="features" if is_last else f"dropout_{number}"))
    layers.append(keras.layers.Dense(N_CATEGORIES, activation="softmax", name="dense_4"))
    return keras.Sequential(layers, name="head")


def image_model(base: keras.Model, head: keras.Sequential) -> keras.Model:
    """The slides' thumbnail classifier, layer by layer, uncompiled; it shares the weights of base and head.

    Input (n, side, side, 3) float32 in -1..1; output (n, 14) probabilities. 40,329,142 parameters, of which
    19,522,190 are trainable after `train_batch_normalization_only(base)`. The output of the layer `features`,
    (n, 128), is what the fusion model joins.
    """
    return keras.Sequential([keras.Input(base.input_shape[1:]), base, *head.layers], name="image")


class _FixedStatistics(keras.layers.Layer):
    """Runs a base in inference mode even while it is trained.

    Keras 3 passes `training=True` of the outer model on to a nested one, even if that was called with False.
    """

    def __init__(self, base: keras.Model) -> None:
        super().__init__()
        self.base = base

    def call(self, images: keras.KerasTensor) -> keras.KerasTensor:
        return self.base(images, training=False)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"base": keras.saving.serialize_keras_object(self.base)}


def with_fixed_statistics(base: keras.Model, head: keras.Sequential) -> keras.Model:
    """The model of `image_model` with the same weights, to be trained instead of it and not to be saved.

    Batch normalization uses the ImageNet statistics while its gammas and betas are trained. If it uses the
    statistics of each batch, the moving averages for inference drift away from what the head was trained on:
    tuning on us-2020 lost several points of validation top-1 that way, and none this way.
    """
    return keras.Sequential([keras.Input(base.input_shape[1:]), _FixedStatistics(base), *head.layers])


def feature_maps(base: keras.Model, images: np.ndarray, batch_size: int = 32) -> np.ndarray:
    """Feature maps of images (n, 90, 120, 3) uint8: (n, 3, 3, 2048) float32 for sides 71 to 102."""
    side = base.input_shape[1]
    prepared = (prepare(images[start : start + 512], side) for start in range(0, len(images), 512))
    blocks = [base.predict(in_batches(block, batch_size=batch_size), verbose=0) for block in prepared]
    return np.concatenate(blocks) if blocks else np.empty((0, *base.output_shape[1:]), np.float32)


def pooled(maps: np.ndarray) -> np.ndarray:
    """Feature maps (n, height, width, 2048) averaged over their places, (n, 2048)."""
    return maps.mean(axis=(1, 2))
