"""The compiled Adam has Keras's weights to the bit."""

import subprocess
import sys

import numpy as np
import pytest

from ytcat.environment import X86
from ytcat.models import optimizers
from ytcat.quiet_tensorflow import keras, tf


@pytest.mark.parametrize("learning_rate", [1e-3, 3.3e-5])
@pytest.mark.parametrize("shape", [(1024, 512), (3, 3, 257, 131)])
def test_large_weights_end_with_the_bits_of_keras(shape, learning_rate):
    assert np.prod(shape) >= optimizers.LARGE
    rng = np.random.default_rng(0)
    start = rng.normal(size=shape).astype(np.float32)
    gradients = tf.constant((rng.normal(size=(5, *shape)) * 10.0 ** rng.integers(-8, 1)).astype(np.float32))

    def trained(optimizer):
        weight = keras.Variable(start.copy())
        optimizer.build([weight])

        @tf.function
        def steps():
            for step in tf.range(40):
                optimizer.apply_gradients([(gradients[step % 5], weight)])

        steps()
        return [np.asarray(variable) for variable in (weight, *optimizer.variables)]

    ours, stock = trained(optimizers.adam(learning_rate)), trained(keras.optimizers.Adam(learning_rate))
    assert not np.array_equal(ours[0], start)
    for one, other in zip(ours, stock, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_large_update_is_compiled_on_x86_and_a_small_one_is_not():
    def compiled(units):
        weight = keras.Variable(np.ones((units, 512), np.float32))
        optimizer = optimizers.adam(1e-3)
        optimizer.build([weight])
        step = tf.function(lambda gradient: optimizer.apply_gradients([(gradient, weight)]))
        graph = step.get_concrete_function(tf.ones((units, 512))).graph
        nodes = graph.as_graph_def().node
        return any(node.attr["_XlaMustCompile"].b for node in nodes)

    assert compiled(512) == X86
    assert not compiled(511)


def test_a_trained_model_opens_in_keras_alone(tmp_path):
    model = keras.Sequential([keras.Input((512,)), keras.layers.Dense(512)])
    model.compile(optimizers.adam(1e-3), "mse")
    model.fit(np.ones((4, 512)), np.ones((4, 512)), verbose=0)
    model.save(tmp_path / "model.keras")
    code = "import keras, sys; model = keras.saving.load_model(sys.argv[1]);"
    code += "print(type(model.optimizer) is keras.optimizers.Adam, 'ytcat' in sys.modules)"
    command = [sys.executable, "-c", code, tmp_path / "model.keras"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "False"]
