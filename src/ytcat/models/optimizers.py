"""Keras's Adam, with large weights updated by compiled code on x86: the same bits in a third of the time.

Keras computes an update operation by operation. Each reads and writes all of a weight, and memory is what
that waits for. XLA, TensorFlow's compiler, makes one loop of them. On processors other than x86 it multiplies
and adds with one rounding where Keras has two, so Keras's own update stays.
"""

from ytcat.environment import X86
from ytcat.quiet_tensorflow import keras, tf

LARGE = 2**18  # elements: smaller weights stay in the processor's cache, where there is nothing to gain


class Adam(keras.optimizers.Adam):
    """Keras's `Adam` (Kingma and Ba 2015)."""

    def update_step(
        self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: keras.Variable | tf.Tensor
    ) -> None:
        """Change a weight, and what the optimizer knows of it, by its gradient."""
        update = super().update_step
        if not X86 or variable.shape.num_elements() < LARGE:
            return update(gradient, variable, learning_rate)
        return tf.function(lambda: update(gradient, variable, learning_rate), jit_compile=True)()
