"""What the benchmarks share: measuring a process of its own, and one table, printed and kept in build/bench/.

A benchmark is a script `bench_<name>.py` beside this file; `make bench` runs them all.
"""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table

from ytcat import paths
from ytcat.files import atomic_write

FOLDER = paths.build_folder() / "bench"
_MEASURING = """
import json, resource, sys, time
started = time.perf_counter()
{code}
seconds = time.perf_counter() - started
unit = 1 if sys.platform == "darwin" else 1024  # getrusage counts bytes there, elsewhere kilobytes
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9]))
"""


class Measured(NamedTuple):
    """What a process took."""

    seconds: float  # without the start of Python
    gigabytes: float  # the most that was resident at once


def measured(code: str, *arguments: object) -> Measured:
    """Run Python code, which finds `arguments` in `sys.argv[1:]`, alone in a process of its own."""
    command = [sys.executable, "-c", _MEASURING.format(code=code), *map(str, arguments)]
    printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return Measured(*json.loads(printed.splitlines()[-1]))


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


def report(name: str, figures: dict[str, float]) -> None:
    """Print a benchmark's figures and keep them in `build/bench/<name>.json`."""
    view = Table("what", "measured", title=name)
    view.columns[1].justify = "right"
    for what, value in figures.items():
        view.add_row(what, f"{value:,.0f}" if value >= 100 else f"{value:.2f}")
    Console().print(view)
    path = Path(FOLDER / f"{name}.json")
    atomic_write(path, json.dumps(figures, indent=2) + "\n")
    print(path)
