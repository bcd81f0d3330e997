"""What the benchmarks share: each side measured in a process of its own, and the table that they write.

A benchmark is a script `bench_<name>.py` beside this file; `make bench` runs them all. A side is a function
at the script's top level that prepares (imports, data) and returns the work, a function without arguments;
only the work is timed. Scripts import what is heavy inside their sides, so that each side pays for its own.
"""

import io
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from ytcat import paths

QUICK = "--quick" in sys.argv  # small sizes, to try a script; its figures are printed and not recorded
FOLDER = paths.build_folder() / "bench"
Side = Callable[..., Callable[[], Any]]


class Measured(NamedTuple):
    """What a side took once."""

    seconds: float  # of the work alone
    gigabytes: float  # the most that its process had resident at once, with all that it imported
    result: Any  # what the work returned, to be held against the other side's


def alone(side: Side, *arguments: Any) -> Measured:
    """Measure a side once, in a new process; the arguments must be fit for pickle."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(there, side, arguments))
    process.start()
    there.close()
    try:
        found = here.recv()
    except EOFError:
        raise SystemExit(f"{side.__module__}.{side.__name__}{arguments} failed: see above") from None
    finally:
        process.join()
    return found


def interleaved(
    ours: Side, stock: Side, *arguments: Any, repeats: int = 5
) -> tuple[list[Measured], list[Measured]]:
    """Measure both sides in turn, so that whatever else the machine does falls on both alike."""
    pairs = [(alone(ours, *arguments), alone(stock, *arguments)) for _ in range(1 if QUICK else repeats)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def row(
    what: str,
    n: int,
    unit: str,
    ours: Sequence[Measured],
    stock: Sequence[Measured] = (),
    *,
    stock_way: str = "",
    target_seconds: float | None = None,
    target_ratio: float | None = None,
    note: str = "",
) -> dict[str, Any]:
    """One row of the table: `n` of `unit` ("titles"), as `ytcat.benchmarks.Row` reads it.

    `stock_way` names the stock way of doing the same; `note` says what holds of the results ("equal").
    """
    sides = {"ours": ours, "stock": stock}
    measured = {
        f"{name}_seconds": [float(f"{one.seconds:.4g}") for one in side] for name, side in sides.items()
    }
    memory = {f"{name}_gb": [round(one.gigabytes, 3) for one in side] for name, side in sides.items()}
    about = {"stock_way": stock_way, "note": note}
    targets = {"target_seconds": target_seconds, "target_ratio": target_ratio}
    return {"what": what, "n": n, "unit": unit, **measured, **memory, **about, **targets}


def report(name: str, title: str, rows: list[dict[str, Any]]) -> None:
    """Print a benchmark's table, and record it with this machine in `book/benchmarks/<name>.json`.

    What `--quick` found goes to the build folder instead.
    """
    from rich.console import Console

    from ytcat import benchmarks
    from ytcat.atomic_files import atomic_write

    found = benchmarks.Benchmark(title=title, machine=benchmarks.this_machine(), rows=rows)
    Console(width=120).print(benchmarks.for_terminal(found))
    path = (FOLDER if QUICK else benchmarks.FOLDER) / f"{name}.json"
    atomic_write(path, found.model_dump_json(indent=1) + "\n")
    print(path)


def scratch() -> tempfile.TemporaryDirectory:
    """A folder for what a benchmark makes, below the build folder; removed at the end of `with`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=FOLDER, prefix="making-")


def pictures(n: int) -> list[bytes]:
    """n small JPEGs of YouTube's size and about its weight."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(n):
        stream = io.BytesIO()
        blocks = Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8))
        blocks.resize((120, 90)).save(stream, "JPEG", quality=90)
        made.append(stream.getvalue())
    return made


def _work(told: Connection, side: Side, arguments: tuple) -> None:
    work = side(*arguments)
    started = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - started
    told.send(Measured(seconds, _peak_gigabytes(), result))


def _peak_gigabytes() -> float:
    """The most that this process had resident; Linux's `getrusage` may also count its parent's."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e9
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, elsewhere kilobytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9
