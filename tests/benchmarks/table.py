"""Shared by the benchmarks: measuring each side in a process of its own, and writing the table.

A benchmark is a script `bench_<name>.py` beside this file; `make bench` runs all of them. A side is a
top-level function that prepares (imports, data) and returns the work, a function without arguments; only the
work is timed. Heavy modules are imported inside the sides, so that the memory of each side is its own.
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

QUICK = "--quick" in sys.argv  # small sizes, to try a script; the figures are printed and not recorded
FOLDER = paths.build_folder() / "bench"
Side = Callable[..., Callable[[], Any]]


class Measured(NamedTuple):
    """One measurement of a side."""

    seconds: float  # of the work alone
    gigabytes: float  # peak resident memory of the process, imports included
    result: Any  # the return value of the work, to be compared with the other side's


def alone(side: Side, *arguments: Any) -> Measured:
    """Measure a side once, in a new process; the arguments must be picklable."""
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
    """Measure both sides alternately, so that other load on the machine affects both equally."""
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
    """One row of the table, as for `ytcat.benchmarks.Row`: `n` of `unit` ("titles").

    `stock_way` names the stock way of doing the same; `note` compares the results ("equal").
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
    """Print the table of a benchmark and write it, with this machine, to `book/benchmarks/<name>.json`.

    With `--quick` it is written to the build folder instead.
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
    """A temporary folder below the build folder; removed at the end of `with`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=FOLDER, prefix="making-")


def pictures(n: int) -> list[bytes]:
    """n JPEG files of YouTube's dimensions and about the same file size."""
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
    """The peak resident memory of this process; on Linux `getrusage` may include the parent's."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e9
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, elsewhere kilobytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9
