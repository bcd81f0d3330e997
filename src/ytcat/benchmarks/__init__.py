"""What the page on speed and scale shows: the figures of `make bench`, kept in `book/benchmarks/`."""

import importlib.metadata
import os
import platform
import statistics
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat
from rich.table import Table

from ytcat import paths, runs

FOLDER = paths.BOOK / "benchmarks"
GROWTH = "growth"  # the benchmark without a stock way: the same work at several sizes
LINEAR = 1.1  # up to this exponent of growth we say "in proportion": single measurements are that uncertain
HEADER = ("What", "Ours", "Stock way", "Ratio", "Peak memory, ours / stock")


class Machine(BaseModel):
    """What the figures are from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    processor: str  # and its cores
    memory_gb: float | None
    system: str
    versions: dict[str, str]
    commit: str | None
    changed: bool | None  # since that commit, apart from recorded benchmarks
    date: str  # of the measurement, ISO 8601
    load: float | None  # processes at work, the mean of the last minute; the benchmark's own among them


class Row(BaseModel):
    """One piece of work, done in our way and, where there is one, in the stock way, in turn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    n: int  # how many of
    unit: str  # "titles", "thumbnails", "videos", ...
    ours_seconds: list[PositiveFloat] = Field(min_length=1)  # one a repeat
    ours_gb: list[float]  # the most that its process had resident
    stock_seconds: list[PositiveFloat]  # empty where there is no stock way
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
    git = runs.git_state(ignoring=FOLDER)  # where one benchmark after another is recorded
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


def cells(row: Row) -> tuple[str, ...]:
    """A row's text under `HEADER`."""
    ours = _seconds(row.seconds)
    if row.target:
        ours += f" ({row.target}: {'reached' if row.reached else '**not reached**'})"
    stock = f"{_seconds(statistics.median(row.stock_seconds))} ({row.stock_way})" if row.stock_seconds else ""
    return (
        _named(row) + (f" ({row.note})" if row.note else ""),
        ours,
        stock,
        "" if row.ratio is None else _short(row.ratio),
        " / ".join(f"{max(side):.2f}\N{NO-BREAK SPACE}GB" for side in (row.ours_gb, row.stock_gb) if side),
    )


def for_terminal(benchmark: Benchmark) -> Table:
    """The table as `make bench` prints it."""
    view = Table(*HEADER, title=benchmark.title)
    for row in benchmark.rows:
        view.add_row(*(cell.replace("**", "") for cell in cells(row)))
    return view


def measured_on(machine: Machine) -> str:
    """A sentence on where figures are from."""
    commit = f"commit `{machine.commit[:12]}`" if machine.commit else "an unknown commit"
    memory = f", {machine.memory_gb:g} GB of memory" if machine.memory_gb else ""
    load = "" if machine.load is None else f"; the mean load of its last minute was {machine.load:g}"
    versions = f"Python {machine.versions['python']}, TensorFlow {machine.versions['tensorflow']}"
    return (
        f"Measured on {machine.date} at {commit}{' and changes' if machine.changed else ''}: "
        f"{machine.processor}{memory}, {machine.system}, {versions}{load}."
    )


def findings(benchmarks: dict[str, Benchmark]) -> list[str]:
    """Which targets are reached, what is slower than the stock way, and what memory does with the size."""
    rows = [row for name, found in benchmarks.items() if name != GROWTH for row in found.rows]
    said = []
    for reached, word in ((True, "reached"), (False, "not reached")):
        its = [
            f"{_named(row)}: {row.target}, it is {_against(row)}" for row in rows if row.reached is reached
        ]
        if its:
            said.append(f"Targets {word}: {'; '.join(its)}.")
    compared = [row for row in rows if row.ratio]
    slower = [f"{_named(row)} ({_short(row.ratio)})" for row in compared if row.ratio < 1]
    if compared:
        faster = len(compared) - len(slower)
        said.append(f"At least as fast as the stock way: {faster} of {len(compared)} comparisons.")
    if slower:
        said.append(f"Slower than the stock way, with its ratio: {'; '.join(slower)}.")
    for what in dict.fromkeys(row.what for row in rows):
        sizes = sorted((row for row in rows if row.what == what), key=lambda row: row.n)
        if len(sizes) > 1:
            said.append(f"{what}: peak memory {_memory_by_size(sizes)}.")
    return said


def growth_table(growth: Benchmark) -> pd.DataFrame:
    """A row a stage and size, as `ytcat.benchmarks.figures` draws them, by size within a stage."""
    rows = [(row.what, row.n, row.seconds, max(row.ours_gb)) for row in growth.rows]
    table = pd.DataFrame(rows, columns=["stage", "n", "seconds", "gigabytes"])
    return pd.concat(its.sort_values("n") for _, its in table.groupby("stage", sort=False))


def exponent(n: ArrayLike, values: ArrayLike) -> float:
    """The slope of the least-squares line through log values against log n: 1 for growth in proportion."""
    return float(np.polyfit(np.log(n), np.log(values), 1)[0])


def growth_rows(growth: Benchmark) -> list[dict[str, str]]:
    """A row a stage: time, memory, their exponents, and what a further video takes."""
    rows = []
    for stage, points in growth_table(growth).groupby("stage", sort=False):
        first, last, step = points.iloc[0], points.iloc[-1], points.tail(2)
        more = np.diff(step["n"])[0]
        rows.append(
            {
                "Stage": stage,
                "Videos": f"{first['n']:,} to {last['n']:,}",
                "Time": f"{_seconds(first['seconds'])} to {_seconds(last['seconds'])}",
                "Exponent": f"{exponent(points['n'], points['seconds']):.2f}",
                "Exponent, last step": f"{exponent(step['n'], step['seconds']):.2f}",
                "Time of a further video": _with(1000 * np.diff(step["seconds"])[0] / more, "ms"),
                "Peak memory": f"{first['gigabytes']:.2f} to {last['gigabytes']:.2f} GB",
                "Memory of a further video": _with(1e6 * np.diff(step["gigabytes"])[0] / more, "kB"),
            }
        )
    return rows


def growth_findings(growth: Benchmark) -> list[str]:
    """What grows in proportion to the number of videos, by the exponent of the last step, and what faster."""
    found = {row["Stage"]: float(row["Exponent, last step"]) for row in growth_rows(growth)}
    linear = [f"{stage} ({value:.2f})" for stage, value in found.items() if value <= LINEAR]
    faster = [f"{stage} ({value:.2f})" for stage, value in found.items() if value > LINEAR]
    said = []
    if linear:
        said.append(
            f"In proportion to the videos, or slower (exponent up to {LINEAR:g}): {'; '.join(linear)}."
        )
    said.append(f"Faster than that: {'; '.join(faster)}." if faster else "Nothing grows faster than that.")
    return said


def _named(row: Row) -> str:
    return f"{row.what}, {row.n:,} {row.unit}"


def _against(row: Row) -> str:
    """The measurement that a target is about."""
    time = "" if row.target_seconds is None else _seconds(row.seconds)
    ratio = "" if row.target_ratio is None or row.ratio is None else f"{row.ratio:.1f} times as fast"
    return ", ".join(filter(None, (time, ratio)))


def _memory_by_size(rows: list[Row]) -> str:
    ours = ", ".join(f"{max(row.ours_gb):.2f} GB with {row.n:,}" for row in rows)
    stock = ", ".join(f"{max(row.stock_gb):.2f} GB with {row.n:,}" for row in rows if row.stock_gb)
    return ours + (f"; the stock way's {stock}" if stock else "")


def _seconds(value: float) -> str:
    return _with(value, "s")


def _with(value: float, unit: str) -> str:
    return f"{_short(value)}\N{NO-BREAK SPACE}{unit}"


def _short(value: float) -> str:
    """Three digits that count, and no powers of ten."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
