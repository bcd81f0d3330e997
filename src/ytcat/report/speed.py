"""What the page on speed and scale shows: the figures of `make bench`, kept in `book/benchmarks/`."""

import importlib.metadata
import os
import platform
import statistics
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rich.table import Table

from ytcat import paths, runs

FOLDER = paths.BOOK / "benchmarks"


class Machine(BaseModel):
    """What the figures are from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    processor: str  # and its cores
    memory_gb: float | None
    system: str
    versions: dict[str, str]
    commit: str | None
    changed: bool | None  # since that commit
    date: str  # of the measurement, ISO 8601
    load: float | None  # processes at work, the mean of the last minute; the benchmark's own among them


class Row(BaseModel):
    """One piece of work, done in our way and, where there is one, in the stock way, in turn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    n: int  # how many of
    unit: str  # "titles", "thumbnails", "videos", ...
    ours_seconds: list[float]  # one a repeat
    ours_gb: list[float]  # the most that its process had resident
    stock_seconds: list[float]  # empty where there is no stock way
    stock_gb: list[float]
    stock_way: str
    target_seconds: float | None  # ours within that time
    target_ratio: float | None  # ours at least so many times as fast as stock
    note: str  # what holds of the results: "equal", ...

    @property
    def seconds(self) -> float:
        """The median of ours."""
        return statistics.median(self.ours_seconds)

    @property
    def ratio(self) -> float | None:
        """How many times as fast ours is, median by median."""
        return statistics.median(self.stock_seconds) / self.seconds if self.stock_seconds else None

    @property
    def reached(self) -> bool | None:
        """Whether all targets are reached; None where there is none."""
        met = []
        if self.target_seconds is not None:
            met.append(self.seconds <= self.target_seconds)
        if self.target_ratio is not None:
            met.append(self.ratio is not None and self.ratio >= self.target_ratio)
        return all(met) if met else None

    @property
    def target(self) -> str:
        """The targets in words, "" where there is none."""
        time = "" if self.target_seconds is None else f"at most {self.target_seconds:g} s"
        ratio = "" if self.target_ratio is None else f"at least {self.target_ratio:g} times as fast"
        return ", ".join(filter(None, (time, ratio)))


class Benchmark(BaseModel):
    """One script's table, and the machine that it is from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    machine: Machine
    rows: list[Row]


def recorded(folder: Path = FOLDER) -> dict[str, Benchmark]:
    """The recorded benchmarks by the name of their script, without `bench_`."""
    return {
        path.stem: Benchmark.model_validate_json(path.read_text()) for path in sorted(folder.glob("*.json"))
    }


def this_machine() -> Machine:
    """This one, now."""
    git = runs.git_state()
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (ValueError, OSError, AttributeError):
        memory = None
    return Machine(
        processor=runs.processor(),
        memory_gb=memory and round(memory, 1),
        system=f"{platform.system()} {platform.machine()}",
        versions={"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in runs.VERSIONS_OF},
        commit=git["commit"],
        changed=git["dirty"],
        date=datetime.now(UTC).date().isoformat(),
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    )


HEADER = ("What", "Ours", "Stock way", "Ratio", "Peak memory, ours / stock", "Target")


def cells(row: Row) -> tuple[str, ...]:
    """A row's text under `HEADER`."""
    stock = f"{_seconds(statistics.median(row.stock_seconds))} ({row.stock_way})" if row.stock_seconds else ""
    memory = " / ".join(f"{max(side):.2f} GB" for side in (row.ours_gb, row.stock_gb) if side)
    reached = {None: "", True: f"{row.target}: reached", False: f"{row.target}: **not reached**"}[row.reached]
    return (
        f"{row.what}, {row.n:,} {row.unit}" + (f" ({row.note})" if row.note else ""),
        _seconds(row.seconds),
        stock,
        f"{row.ratio:.1f}" if row.ratio else "",
        memory,
        reached,
    )


def for_terminal(benchmark: Benchmark) -> Table:
    """The table as `make bench` prints it."""
    view = Table(*HEADER, title=benchmark.title)
    for row in benchmark.rows:
        view.add_row(*(cell.replace("**", "") for cell in cells(row)))
    return view


def _seconds(value: float) -> str:
    return f"{value:.0f} s" if value >= 100 else f"{value:.3g} s"
