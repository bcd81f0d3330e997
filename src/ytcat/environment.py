"""What of the user's environment a figure could depend on: set, not used, or recorded, and only here.

`settle` runs when the package is imported, and so before Keras, TensorFlow and Jupyter are. Processes that
are started from there (kernels, Jupyter Book, workers) inherit it. `book/reproduce.md` lists the same.
"""

import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

# A relative path would name another folder in each process that is started elsewhere.
PATHS = ("YTCAT_BUILD", "YTCAT_CACHE", "YTCAT_XCEPTION", "YTCAT_MINILM", "XDG_CACHE_HOME", "TMPDIR")
SET = {
    "KERAS_BACKEND": "tensorflow",
    "KERAS_HOME": os.devnull,  # no keras.json is read there, and none is written
    "PYTHONUTF8": "1",  # of the processes that are started: text is UTF-8 in any locale
    "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of this environment, not one of the same name in $HOME
}
SET_UNLESS_GIVEN = {
    "MALLOC_ARENA_MAX": "1",  # of the processes that are started, for speed alone: see `quiet_tensorflow`
}
X86 = platform.machine().lower() in ("x86_64", "amd64")
if X86:  # AVX has no instruction that multiplies and adds with one rounding: see `ytcat.models.optimizers`
    SET_UNLESS_GIVEN["XLA_FLAGS"] = "--xla_cpu_max_isa=AVX"
NOT_USED = (
    *("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH", "KERAS_NNX_ENABLED", "TF_USE_LEGACY_KERAS"),
    *(
        "TF_ENABLE_ONEDNN_OPTS",
        "ONEDNN_DEFAULT_FPMATH_MODE",
        "ONEDNN_MAX_CPU_ISA",
        "DNNL_DEFAULT_FPMATH_MODE",
    ),
    *("TF_XLA_FLAGS", "NVIDIA_TF32_OVERRIDE", "TF_ENABLE_CUBLAS_TENSOR_OP_MATH_FP32", "OPENBLAS_CORETYPE"),
    *("PYTHONSTARTUP", "PYTHONOPTIMIZE", "PYTHONWARNINGS"),
)
# The threads of the libraries below NumPy and scikit-learn, and of TensorFlow's two pools.
THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
)
# How sums are divided among threads and devices changes last digits, and only a machine's owner can say it.
RECORDED = (*THREADS, "CUDA_VISIBLE_DEVICES", "XLA_FLAGS")
# What figures depend on in Keras, by the name in keras.json.
KERAS = {
    "backend": "tensorflow",
    "floatx": "float32",
    "epsilon": 1e-07,
    "image_data_format": "channels_last",
}


def settle() -> list[str]:
    """Set this process's environment, and return one sentence per setting of the user that does not apply.

    The second call changes nothing.
    """
    notes = _keras_notes()
    for name in PATHS:
        if value := os.environ.get(name):
            os.environ[name] = _absolute(value)
    if value := os.environ.get("PYTHONPATH"):
        os.environ["PYTHONPATH"] = os.pathsep.join(
            _absolute(part) for part in value.split(os.pathsep) if part
        )
    for name, value in SET.items():
        if name == "KERAS_BACKEND" and os.environ.get(name, value) != value:
            notes.append(f"KERAS_BACKEND={os.environ[name]} is not used: ytcat computes with {value}.")
        os.environ[name] = value
    for name, value in SET_UNLESS_GIVEN.items():
        os.environ.setdefault(name, value)
    for name in NOT_USED:
        if name in os.environ:
            notes.append(
                f"{name}={os.environ.pop(name)} is not used: figures would differ from those elsewhere."
            )
    # Jupyter's own value is of use; another one would open windows, or fail.
    if not os.environ.get("MPLBACKEND", "module://").startswith("module://"):
        del os.environ["MPLBACKEND"]
    return notes


def share_cores(processes: int) -> None:
    """Divide the cores among processes that are started from here side by side, unless it is set already.

    NumPy's linear algebra gets one thread: with threads for all cores, which wait for the others by spinning,
    chapters take two to six times as long. TensorFlow's operations get the cores divided among processes.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(max(1, (os.cpu_count() or 1) // processes)))


def recorded() -> dict[str, str]:
    """The settings that are left to the user and that last digits can depend on, by name."""
    return {
        name: os.environ[name]
        for name in RECORDED
        if os.environ.get(name) not in (None, SET_UNLESS_GIVEN.get(name))
    }


def without_git() -> dict[str, str]:
    """The environment without the variables that make git tell of another repository."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def _absolute(path: str) -> str:
    try:
        return str(Path(os.path.expanduser(path)).absolute())  # noqa: PTH111 - Path's raises for a "~" of nobody
    except FileNotFoundError:
        raise SystemExit("error: The folder that you are in has been removed: go to another one.") from None


def _keras_notes() -> list[str]:
    """One sentence per setting of the user's keras.json that does not apply."""
    home = Path(os.environ.get("KERAS_HOME") or Path("~/.keras").expanduser())
    try:
        settings: Any = json.loads((home / "keras.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    settings = settings if isinstance(settings, dict) else {}
    return [
        f"{home / 'keras.json'}: {name} = {settings[name]!r} is not used: ytcat computes with {value!r}."
        for name, value in KERAS.items()
        if settings.get(name, value) != value
    ]


def tell(notes: list[str]) -> None:
    """Print notes where neither a table nor a file that a command writes can be mixed up with them."""
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
