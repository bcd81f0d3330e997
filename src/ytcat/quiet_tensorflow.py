"""TensorFlow and Keras, imported without the lines that they print.

The only module that imports them, so that nothing else has to care for the order.
"""

import contextlib
import os
from collections.abc import Iterator

__all__ = ["keras", "tf"]


@contextlib.contextmanager
def _silenced_stderr() -> Iterator[None]:
    """TensorFlow's C++ start-up lines go to file descriptor 2 before any log level applies."""
    saved = os.dup(2)
    try:
        with open(os.devnull, "w") as devnull:  # noqa: PTH123 - a descriptor is wanted, not a path
            os.dup2(devnull.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with _silenced_stderr():
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices()  # the probe for GPUs prints too
tf.get_logger().setLevel("ERROR")  # it warns of functions traced for a last, shorter batch
