"""A second backend for a frozen network: OpenVINO, faster than Keras and equal to two or three digits.

It is chosen by name, where time matters more than the last digits; no chapter of the report uses it.
"""

import importlib.util
import logging
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from ytcat.exceptions import YtcatError
from ytcat.fingerprints import modules_sha256

if TYPE_CHECKING:
    import openvino

    from ytcat.quiet_tensorflow import keras

KERAS, OPENVINO = BACKENDS = ("keras", "openvino")
_ONLY = "output"  # the name of the output of a network that has one, and no dictionary of them


class CompiledModel:
    """A frozen network that OpenVINO computes, asked as the Keras model that it was made of.

    `backend` is the name, version and precision of what computes it.
    """

    def __init__(
        self,
        network: "openvino.Model | Path",
        model: "keras.Model | None" = None,
        precision: str | None = None,
    ) -> None:
        """`network` is a network of `convert`, or its file; `model` is the Keras model, if it is at hand.

        Without a `precision` OpenVINO chooses the best of the processor: bfloat16 where there are
        instructions for it, which keeps about three digits, else float32. Raises ImportError without
        OpenVINO, RuntimeError if a file is no network.
        """
        openvino = _import()
        self.model = model
        settings = {"PERFORMANCE_HINT": "THROUGHPUT"}
        if precision:
            settings["INFERENCE_PRECISION_HINT"] = precision
        compiled = openvino.Core().compile_model(network, "CPU", settings)
        precision = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
        self.backend = f"OpenVINO {openvino.__version__.split('-')[0]} in {precision}"
        self._names = [output.get_any_name() for output in compiled.outputs]
        self._requests = openvino.AsyncInferQueue(compiled)

    def get_weights(self) -> list[np.ndarray]:
        """The weights of the Keras model."""
        return self.model.get_weights()

    def predict(self, x: np.ndarray, batch_size: int = 32, verbose: Any = 0) -> Any:
        """As `predict` of the Keras model for n arrays, up to the last digits; n is at least 1."""
        batches = [x[start : start + batch_size] for start in range(0, len(x), batch_size)]
        outputs = [np.concatenate(parts) for parts in zip(*self.answers(batches), strict=True)]
        return outputs[0] if self._names == [_ONLY] else dict(zip(self._names, outputs, strict=True))

    def answers(self, batches: list[np.ndarray]) -> list[list[np.ndarray]]:
        """The outputs for each of several batches of the input, which are computed at the same time."""
        outputs: list[list[np.ndarray]] = [[] for _ in batches]

        def store(request: Any, number: int) -> None:
            outputs[number] = [output.data.copy() for output in request.output_tensors]

        self._requests.set_callback(store)
        for number, batch in enumerate(batches):
            self._requests.start_async({0: batch}, number)
        self._requests.wait_all()
        return outputs


def installed() -> bool:
    """Whether OpenVINO can be imported; it is not imported."""
    try:
        return importlib.util.find_spec("openvino") is not None
    except ValueError:  # sys.modules holds None for it
        return False


def convert(model: "keras.Model") -> "openvino.Model":
    """A Keras model with one input as a network of OpenVINO, see `write`; outputs are named as in Keras.

    Raises ImportError without OpenVINO.
    """
    openvino = _import()
    from ytcat.quiet_tensorflow import tf

    [only] = model.inputs
    signature = tf.TensorSpec(only.shape, only.dtype)
    function = tf.function(model).get_concrete_function(signature)
    network = openvino.convert_model(function)
    # TensorFlow orders the entries of a dictionary by name.
    outputs = function.structured_outputs
    names = sorted(outputs) if isinstance(outputs, dict) else [_ONLY]
    for tensor, name in zip(network.outputs, names, strict=True):
        tensor.get_tensor().set_names({name})
    return network


def write(network: "openvino.Model", path: Path) -> None:
    """Write a network to `path`, which ends in .xml, and its float32 weights beside it."""
    _import().save_model(network, path, compress_to_fp16=False)


def with_backend(backend: str, model: "keras.Model") -> "keras.Model | CompiledModel":
    """The model, or one with the same weights that another of `BACKENDS` computes.

    Without OpenVINO it is the model itself, and a line in the log says so.
    Raises YtcatError if there is no such backend.
    """
    if usable(backend) == KERAS:
        return model
    return CompiledModel(convert(model), model)


def usable(backend: str) -> str:
    """The backend, or Keras where OpenVINO is not installed, of which a line in the log tells.

    Raises YtcatError if there is no such backend.
    """
    if backend not in BACKENDS:
        raise YtcatError(f"There is no backend {backend!r}: choose one of {', '.join(BACKENDS)}.")
    if backend == OPENVINO and not installed():
        logging.getLogger(__name__).warning(
            "OpenVINO is not installed (pip install '.[fast]'): Keras computes, which is slower."
        )
        return KERAS
    return backend


def backend_of(model: "keras.Model | CompiledModel") -> str:
    """Which of `BACKENDS` computes a model."""
    return OPENVINO if isinstance(model, CompiledModel) else KERAS


def backend_name(model: "keras.Model | CompiledModel") -> str:
    """The backend that computes a model, such as "OpenVINO 2026.4.1 in bf16", for people."""
    return model.backend if isinstance(model, CompiledModel) else "Keras"


def cache_key_parts(model: "keras.Model | CompiledModel") -> dict[str, str]:
    """What a model's outputs depend on beside Keras and the weights; {} if Keras itself computes them."""
    if not isinstance(model, CompiledModel):
        return {}
    return {"backend": model.backend, "backend_code": modules_sha256(__name__)}


def _import() -> ModuleType:
    # OpenVINO reports its use to its maker as soon as it is imported, unless this package is missing.
    sys.modules.setdefault("openvino_telemetry", None)
    import openvino

    return openvino
