"""The Dask cluster that large work is handed to, where `DASK_SCHEDULER_ADDRESS` names its scheduler."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ytcat.exceptions import YtcatError

if TYPE_CHECKING:
    from distributed import Client

ADDRESS = "DASK_SCHEDULER_ADDRESS"  # Dask's own name


def address() -> str:
    """The scheduler's address; "" if no cluster is named."""
    return os.environ.get(ADDRESS, "")


@contextmanager
def connected() -> Iterator["Client"]:
    """A client of the cluster. Raises YtcatError if there is no scheduler at the address."""
    from distributed import Client

    try:
        client = Client(address())
    except (OSError, ValueError) as error:
        raise YtcatError(f"There is no Dask scheduler at {ADDRESS}={address()} ({error}).") from error
    with client:
        yield client
