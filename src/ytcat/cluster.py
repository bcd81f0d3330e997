"""The Dask cluster that large work is handed to, where `DASK_SCHEDULER_ADDRESS` names its scheduler."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from ytcat.exceptions import YtcatError
from ytcat.progress import tracked

if TYPE_CHECKING:
    from distributed import Client

Block = TypeVar("Block")
Result = TypeVar("Result")
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


def computed(
    function: Callable[..., Result], blocks: Sequence[Block], *shared: object, what: str
) -> Iterator[tuple[int, Result]]:
    """The number of each block and `function(block, *shared)`, as the workers finish them, with progress.

    The block of a worker that dies is done by another. What a worker raises is raised here.
    """
    from distributed import as_completed

    with connected() as client:
        same = [[value] * len(blocks) for value in shared]
        # One by one: Dask warns where many are sent as one large message.
        tasks = client.map(function, blocks, *same, pure=False, batch_size=1)
        numbers = {task.key: number for number, task in enumerate(tasks)}
        for task in tracked(as_completed(tasks), what, " blocks", len(tasks)):
            yield numbers[task.key], task.result()
