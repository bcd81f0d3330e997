"""Batches for Keras that are read without waiting."""

import numpy as np

from ytcat.quiet_tensorflow import keras, tf

Inputs = np.ndarray | list[np.ndarray]


def in_batches(
    x: Inputs, y: np.ndarray | None = None, *, batch_size: int, shuffle: bool = False
) -> tf.data.Dataset:
    """Keras's own batches of arrays, in the order in which its `fit` and `predict` take them."""
    adapters = keras.src.trainers.data_adapters  # not public; a test holds that the order is that of `fit`
    batches = adapters.ArrayDataAdapter(x, y, batch_size=batch_size, shuffle=shuffle)
    known = tf.data.experimental.assert_cardinality(batches.num_batches)
    return not_tuned(batches.get_tf_dataset().apply(known))


def not_tuned(batches: tf.data.Dataset) -> tf.data.Dataset:
    """The same batches, without the thread that tunes how they are read.

    It sleeps twice as long each time. At the end of an epoch TensorFlow wakes it before it marks the epoch as
    ended (`CancellationManager::StartCancelWithStatus`), so that it often sleeps again, and an epoch takes up
    to twice its time.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.with_options(options)
