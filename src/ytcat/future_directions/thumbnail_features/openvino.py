"""Another engine for a frozen network: OpenVINO, faster than Keras and equal to two or three digits.

It is asked for by name, where time matters more than the last digits; no chapter of the report uses it.
"""

import logging
import sys
from typing import Any

import numpy as np

from ytcat.atomic_files import sha256_file
from ytcat.exceptions import YtcatError
from ytcat.quiet_tensorflow import keras, tf

KERAS, OPENVINO = ENGINES = ("keras", "openvino")


class Compiled(keras.Model):
    """A frozen Keras model, of one input, whose `predict` OpenVINO computes.

    OpenVINO chooses what the processor does best: bfloat16 where there are instructions for it, which keeps
    about three digits, else float32. Raises ImportError if it is not installed.
    """

    def __init__(self, model: keras.Model) -> None:
        super().__init__(name=model.name)
        # OpenVINO reports its use to its maker as soon as it is imported, unless this package is missing.
        sys.modules.setdefault("openvino_telemetry", None)
        import openvino

        self.model = model
        images = tf.TensorSpec((None, *model.input_shape[1:]), model.compute_dtype)
        function = tf.function(model).get_concrete_function(images)
        converted = openvino.convert_model(function)
        compiled = openvino.Core().compile_model(converted, "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"})
        precision = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
        self.engine = f"OpenVINO {openvino.__version__.split('-')[0]} in {precision}"
        self._structure = function.structured_outputs
        self._requests = openvino.AsyncInferQueue(compiled)

    def predict(self, x: np.ndarray, batch_size: int = 32, verbose: Any = 0) -> Any:
        """What Keras's `predict` gives for n arrays, up to the last digits; n is at least 1."""
        batches = [x[start : start + batch_size] for start in range(0, len(x), batch_size)]
        found = [None] * len(batches)

        def keep(request: Any, number: int) -> None:
            found[number] = [output.data.copy() for output in request.output_tensors]

        self._requests.set_callback(keep)
        for number, batch in enumerate(batches):
            self._requests.start_async({0: batch}, number)
        self._requests.wait_all()
        joined = [np.concatenate(parts) for parts in zip(*found, strict=True)]
        return keras.tree.pack_sequence_as(self._structure, joined)


def run_by(engine: str, model: keras.Model) -> keras.Model:
    """The model, or one that another engine of `ENGINES` computes.

    Without OpenVINO it is the model itself, with the same result, and a line in the log says so.
    Raises YtcatError if there is no such engine.
    """
    if engine not in ENGINES:
        raise YtcatError(f"There is no engine {engine!r}: choose one of {', '.join(ENGINES)}.")
    if engine == KERAS:
        return model
    try:
        return Compiled(model)
    except ImportError:
        logging.getLogger(__name__).warning(
            "OpenVINO is not installed (pip install '.[fast]'): Keras computes, which is slower."
        )
        return model


def name(model: keras.Model) -> str:
    """The engine that computes a model, such as "OpenVINO 2026.4.1 in bf16", to be shown."""
    return model.engine if isinstance(model, Compiled) else "Keras"


def stands_on(model: keras.Model) -> tuple[str, ...]:
    """What a model's answers depend on beside Keras and the weights; nothing if Keras itself computes it."""
    return (model.engine, sha256_file(__file__)) if isinstance(model, Compiled) else ()
