"""The records of `make bench`, kept in `book/benchmarks/`, and the figures computed from them."""

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
LINEAR = 1.1  # an exponent up to this counts as growth in proportion: single measurements are that uncertain


class Machine(BaseModel):
    """Where and when something was measured."""

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
    ours_seconds: list[PositiveFloat] = Field(min_length=1)  # one per repeat
    ours_gb: list[float]  # the most that its process had resident
    stock_seconds: list[PositiveFloat]  # empty where there is no stock way
    stock_gb: list[float]
    stock_way: str
    target_seconds: float | None  # ours within that time
    target_ratio: float | None  # ours at least so many times as fast as stock
    note: str  # what holds of the results: "equal", ...

    @property
    def seconds(self) -> float:
        """The median of our times."""
        return statistics.median(self.ours_seconds)

    @property
    def median_stock_seconds(self) -> float | None:
        """The median of the stock way's times; None where there is no stock way."""
        return statistics.median(self.stock_seconds) if self.stock_seconds else None

    @property
    def ratio(self) -> float | None:
        """How many times as fast ours is as the stock way, by the medians; None without a stock way."""
        return self.median_stock_seconds / self.seconds if self.stock_seconds else None

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
    """What one script measured, and the machine that it ran on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    machine: Machine
    rows: list[Row]


def recorded(folder: Path = FOLDER) -> dict[str, Benchmark]:
    """The recorded benchmarks by the name of their script, without `bench_`."""
    return {
        path.stem: Benchmark.model_validate_json(path.read_bytes()) for path in sorted(folder.glob("*.json"))
    }


def this_machine() -> Machine:
    """The machine that this process runs on, now."""
    git = runs.git_state(ignoring=FOLDER)  # where one benchmark after another is recorded
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (ValueError, OSError, AttributeError):
        memory = None
    return Machine(
        processor=runs.processor(),
        memory_gb=memory and round(memory, 1),
        system=f"{platform.system()} {platform.machine()}",
        versions=runs.versions(),
        commit=git["commit"],
        changed=git["dirty"],
        date=datetime.now(UTC).date().isoformat(),
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    )


def comparison(benchmark: Benchmark) -> pd.DataFrame:
    """One row per measurement, in their order.

    Columns: `work`, `size` ("1,000 titles"), `seconds` and `stock_seconds` (medians), `ratio` (how many times
    as fast ours is), `gigabytes` and `stock_gigabytes` (the highest peaks), `target` (in words, "" for none),
    `reached` (bool, None without a target), `stock_way`, `note`. NaN where there is no stock way.
    """
    rows = [
        {
            "work": row.what,
            "size": f"{row.n:,} {row.unit}",
            "seconds": row.seconds,
            "stock_seconds": row.median_stock_seconds,
            "ratio": row.ratio,
            "gigabytes": max(row.ours_gb),
            "stock_gigabytes": max(row.stock_gb, default=None),
            "target": row.target,
            "reached": row.reached,
            "stock_way": row.stock_way,
            "note": row.note,
        }
        for row in benchmark.rows
    ]
    numbers = ["seconds", "stock_seconds", "ratio", "gigabytes", "stock_gigabytes"]
    return pd.DataFrame(rows).astype(dict.fromkeys(numbers, float))


def for_terminal(benchmark: Benchmark) -> Table:
    """The comparison as `make bench` prints it."""
    view = Table("Work", "Size", "Seconds", "Stock way", "Ratio", "GB, ours / stock", "Target", "Note")
    view.title = benchmark.title
    view.columns[6].no_wrap = True  # "not reached" stays on one line
    for row in comparison(benchmark).itertuples():
        stock = f"{three_digits(row.stock_seconds)} ({row.stock_way})" if row.stock_way else ""
        memory = [f"{value:.2f}" for value in (row.gigabytes, row.stock_gigabytes) if not np.isnan(value)]
        target = row.target and f"{row.target}: {'reached' if row.reached else 'not reached'}"
        ratio = three_digits(row.ratio) if row.stock_way else ""
        cells = (row.work, row.size, three_digits(row.seconds), stock, ratio, " / ".join(memory), target)
        view.add_row(*cells, row.note)
    return view


def three_digits(value: float) -> str:
    """Three significant digits, without powers of ten."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def growth_table(growth: Benchmark) -> pd.DataFrame:
    """One row per stage and size, by size within a stage: `stage`, `n` (videos), `seconds`, `gigabytes`."""
    rows = [(row.what, row.n, row.seconds, max(row.ours_gb)) for row in growth.rows]
    table = pd.DataFrame(rows, columns=["stage", "n", "seconds", "gigabytes"])
    return pd.concat(points.sort_values("n") for _, points in table.groupby("stage", sort=False))


def exponent(n: ArrayLike, values: ArrayLike) -> float:
    """The slope of the least-squares line through log values against log n: 1 for growth in proportion."""
    return float(np.polyfit(np.log(n), np.log(values), 1)[0])


def growth_rates(growth: Benchmark) -> pd.DataFrame:
    """One row per stage, from its smallest size to its largest.

    Columns: `stage`; `smallest`, `largest` (videos); `exponent` of the time over all sizes, and that of the
    `last_step`; `seconds` and `gigabytes` at the largest size; `milliseconds_per_video` and
    `kilobytes_per_video`, what a further video takes in the last step.
    """
    rows = []
    for stage, points in growth_table(growth).groupby("stage", sort=False):
        last, step = points.iloc[-1], points.tail(2)
        more = step["n"].diff().iloc[-1]
        rows.append(
            {
                "stage": stage,
                "smallest": points["n"].iloc[0],
                "largest": last["n"],
                "exponent": exponent(points["n"], points["seconds"]),
                "last_step": exponent(step["n"], step["seconds"]),
                "seconds": last["seconds"],
                "gigabytes": last["gigabytes"],
                "milliseconds_per_video": 1e3 * step["seconds"].diff().iloc[-1] / more,
                "kilobytes_per_video": 1e6 * step["gigabytes"].diff().iloc[-1] / more,
            }
        )
    return pd.DataFrame(rows)
