"""A second backend for a frozen network: OpenVINO, faster than Keras and equal to two or three digits.

It is chosen by name, where time matters more than the last digits; no chapter of the report uses it.
"""

import logging
import sys
from typing import Any

import numpy as np

from ytcat.exceptions import YtcatError
from ytcat.fingerprints import modules_sha256
from ytcat.quiet_tensorflow import keras, tf

KERAS, OPENVINO = BACKENDS = ("keras", "openvino")


class CompiledModel(keras.Model):
    """A frozen Keras model with one input, whose `predict` OpenVINO computes.

    OpenVINO chooses the best precision of the processor: bfloat16 where there are instructions for it, which
    keeps about three digits, else float32. `backend` is its name, version and precision.
    Raises ImportError if OpenVINO is not installed.
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
        self.backend = f"OpenVINO {openvino.__version__.split('-')[0]} in {precision}"
        self._structure = function.structured_outputs
        self._requests = openvino.AsyncInferQueue(compiled)

    def predict(self, x: np.ndarray, batch_size: int = 32, verbose: Any = 0) -> Any:
        """As `predict` of the Keras model for n arrays, up to the last digits; n is at least 1."""
        batches = [x[start : start + batch_size] for start in range(0, len(x), batch_size)]
        outputs = [None] * len(batches)

        def store(request: Any, number: int) -> None:
            outputs[number] = [output.data.copy() for output in request.output_tensors]

        self._requests.set_callback(store)
        for number, batch in enumerate(batches):
            self._requests.start_async({0: batch}, number)
        self._requests.wait_all()
        joined = [np.concatenate(parts) for parts in zip(*outputs, strict=True)]
        return keras.tree.pack_sequence_as(self._structure, joined)


def with_backend(backend: str, model: keras.Model) -> keras.Model:
    """The model, or one with the same weights that another of `BACKENDS` computes.

    Without OpenVINO it is the model itself, and a line in the log says so.
    Raises YtcatError if there is no such backend.
    """
    if backend not in BACKENDS:
        raise YtcatError(f"There is no backend {backend!r}: choose one of {', '.join(BACKENDS)}.")
    if backend == KERAS:
        return model
    try:
        return CompiledModel(model)
    except ImportError:
        logging.getLogger(__name__).warning(
            "OpenVINO is not installed (pip install '.[fast]'): Keras computes, which is slower."
        )
        return model


def backend_name(model: keras.Model) -> str:
    """The backend that computes a model, such as "OpenVINO 2026.4.1 in bf16", for people."""
    return model.backend if isinstance(model, CompiledModel) else "Keras"


def cache_key_parts(model: keras.Model) -> dict[str, str]:
    """What a model's outputs depend on beside Keras and the weights; {} if Keras itself computes them."""
    if not isinstance(model, CompiledModel):
        return {}
    return {"backend": model.backend, "backend_code": modules_sha256(__name__)}
