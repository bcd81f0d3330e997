"""TensorFlow and Keras, imported without the messages that they print.

No other module imports them, so the order of imports does not matter elsewhere. `ytcat.environment` has set
before what figures depend on.
"""

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator

from ytcat.environment import KERAS
from ytcat.exceptions import YtcatError

__all__ = ["keras", "tf"]


@contextlib.contextmanager
def _silenced_stderr() -> Iterator[None]:
    """Silence file descriptor 2, to which TensorFlow's C++ code writes before any log level applies."""
    saved = os.dup(2)
    try:
        with open(os.devnull, "wb") as devnull:  # noqa: PTH123 - os.dup2 needs a descriptor
            os.dup2(devnull.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _keep_freed_memory() -> None:
    """Let glibc use a freed block again instead of handing it back to the system at once.

    By default a block above 32 MB, such as a weight of the image model's head or a temporary of Adam's step,
    is mapped anew for each operation, and the system fills all of its pages with zeros first: more than half
    of the processor time of training that head. The sums are the same to the bit. See `man 3 mallopt`; other
    C libraries have no `mallopt`.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    for parameter, value in _MALLOC.values() if mallopt else ():
        mallopt(parameter, value)


# Numbers of the parameters as in glibc's malloc.h, and the most that an int holds.
_MALLOC = {
    "M_TRIM_THRESHOLD": (-1, 2**31 - 1),
    "M_MMAP_THRESHOLD": (-3, 2**31 - 1),
    "M_ARENA_MAX": (-8, 1),  # the other arenas cannot hold a block above 64 MB
}
_keep_freed_memory()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with _silenced_stderr():
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices()  # the search for GPUs prints too
tf.get_logger().setLevel("ERROR")  # no warning of a function traced again for the last, shorter batch

# Only where a notebook has imported Keras before, under settings of its own.
for _name, _value in KERAS.items():
    if (_other := getattr(keras.config, _name)()) != _value:
        raise YtcatError(
            f"Keras was imported before ytcat, with {_name} = {_other!r}, and figures depend on {_value!r}: "
            "restart the kernel, and import ytcat first."
        )
