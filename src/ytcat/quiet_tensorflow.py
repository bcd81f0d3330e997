"""TensorFlow and Keras, imported without the messages that they print, and with memory that is used again.

No other module imports them, so the order of imports does not matter elsewhere. `ytcat.environment` has set
before what figures depend on.
"""

import contextlib
import ctypes
import os
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
    """Let the GNU C library keep what a training step frees for the next step.

    By its defaults it gives large blocks back to the system, which hands the same pages out again, zeroed,
    at each step: of the training of the slides' thumbnail head that was most of the processor time. Other C
    libraries have no `mallopt`. Numbers of the options: glibc's `malloc.h`; meaning: `man 3 mallopt`.
    """
    m_trim_threshold, m_top_pad, m_mmap_max = -1, -2, -4
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # TypeError: Windows
        return
    mallopt(m_trim_threshold, -1)  # the heap is never cut
    mallopt(m_mmap_max, 0)  # no block lies outside the heap
    mallopt(m_top_pad, 64 * 2**20)  # bytes by which the heap grows at least


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
