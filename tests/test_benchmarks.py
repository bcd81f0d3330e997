"""Benchmarks: how they measure, what is recorded, and the page that is computed from it."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ytcat import benchmarks, paths
from ytcat.report import pages

SCRIPTS = paths.ROOT / "tests" / "benchmarks"
SCRIPT = """
from table import QUICK, alone, interleaved, report, row

def ours(n):
    def work():
        return len(bytearray(n))
    return work

def stock(n):
    unused = b"x" * 300_000_000  # before the work, and still part of the peak
    return lambda: len(bytearray(n))

def broken(n):
    raise ValueError(f"no {n}")

if __name__ == "__main__":
    assert QUICK
    mine, theirs = interleaved(ours, stock, 1000, repeats=7)
    assert [one.result for one in mine + theirs] == [1000, 1000]  # --quick: once
    report("tiny", "Tiny", [row("bytes", 1000, "bytes", mine, theirs, stock_way="fat", target_ratio=1e12)])
    alone(broken, 7)
"""


def a_row(what="Sorting", n=10, ours=(2.0, 1.0, 3.0), stock=(), ours_gb=0.5, **more):
    entry = {
        "what": what,
        "n": n,
        "unit": "titles",
        "ours_seconds": list(ours),
        "ours_gb": [ours_gb] * len(ours),
        "stock_seconds": list(stock),
        "stock_gb": [0.25] * len(stock),
        "stock_way": "by hand" if stock else "",
        "target_seconds": None,
        "target_ratio": None,
        "note": "",
    }
    return entry | more


def a_benchmark(*rows, title="Titles"):
    return benchmarks.Benchmark(title=title, machine=benchmarks.this_machine(), rows=rows)


def growing(**exponents):
    """Each stage at 1,000, 10,000 and 100,000 videos."""
    rows = [
        a_row(stage, n, [0.001 * n**exponent], ours_gb=0.2 + n * 1e-5, unit="videos")
        for stage, exponent in exponents.items()
        for n in (100_000, 1_000, 10_000)
    ]
    return a_benchmark(*rows, title="Growth")


def plain(text):
    """With spaces that may break."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def run(script, *arguments, build):
    environment = os.environ | {"YTCAT_BUILD": str(build), "PYTHONPATH": f"{paths.ROOT / 'src'}:{SCRIPTS}"}
    command = [sys.executable, script, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_sides_are_measured_in_processes_of_their_own_and_a_broken_one_is_named(tmp_path):
    script = tmp_path / "bench_tiny.py"
    script.write_text(SCRIPT)
    before = set(benchmarks.FOLDER.glob("*"))
    result = run(script, "--quick", build=tmp_path / "build")
    assert "not reached" in result.stdout
    found = benchmarks.Benchmark.model_validate_json((tmp_path / "build" / "bench" / "tiny.json").read_text())
    (row,) = found.rows
    assert row.reached is False
    assert row.ours_gb[0] + 0.25 < row.stock_gb[0] < row.ours_gb[0] + 0.35
    assert set(benchmarks.FOLDER.glob("*")) == before  # --quick records nothing
    assert result.returncode == 1
    assert "broken(7,) failed" in result.stderr
    assert "ValueError: no 7" in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("bench_*.py")), ids=lambda path: path.stem)
def test_every_benchmark_runs_at_small_sizes(script, tmp_path):
    result = run(script, "--quick", build=tmp_path)
    assert result.returncode == 0, result.stderr
    found = benchmarks.Benchmark.model_validate_json(
        (tmp_path / "bench" / f"{script.stem.removeprefix('bench_')}.json").read_text()
    )
    assert all(seconds > 0 for row in found.rows for seconds in row.ours_seconds + row.stock_seconds)
    assert not list((tmp_path / "bench").glob("making-*"))


def test_medians_ratios_and_targets():
    row = benchmarks.Row(**a_row(stock=[9.0, 5.0, 4.0], target_seconds=2.0, target_ratio=2.6))
    assert row.seconds == 2
    assert row.ratio == 2.5
    assert row.reached is False
    assert row.target == "at most 2 s, at least 2.6 times as fast"
    assert benchmarks.Row(**a_row(stock=[5.0], target_ratio=2.5)).reached is True
    assert benchmarks.Row(**a_row(target_seconds=1.9)).reached is False
    assert benchmarks.Row(**a_row()).reached is None
    assert benchmarks.Row(**a_row()).ratio is None


def test_what_is_no_benchmark_is_refused(tmp_path):
    (tmp_path / "text.json").write_text(json.dumps({"title": "x", "rows": []}))
    with pytest.raises(ValidationError, match="machine"):
        benchmarks.recorded(tmp_path)
    for wrong in ({"speeed": 1}, {"ours_seconds": []}, {"stock_seconds": [0.0]}):
        with pytest.raises(ValidationError, match=next(iter(wrong))):
            benchmarks.Row(**(a_row() | wrong))


def test_what_is_recorded_can_be_read_and_comes_from_a_script():
    recorded = benchmarks.recorded()
    assert len(recorded) == len(list(benchmarks.FOLDER.glob("*")))
    for name, found in recorded.items():
        assert (SCRIPTS / f"bench_{name}.py").is_file()
        assert found.rows
        assert found.machine.changed is False, f"{name}: measured with changes that are in no commit"


@given(st.floats(0, 3), st.floats(1e-6, 10))
def test_the_exponent_is_that_of_a_power(power, factor):
    n = [1_000, 3_000, 100_000]
    assert benchmarks.exponent(n, [factor * x**power for x in n]) == pytest.approx(power, abs=1e-6)


def test_growth_tells_what_is_faster_than_in_proportion():
    growth = growing(Reading=1.0, Kernel=2.0)
    assert benchmarks.growth_table(growth)["n"].tolist() == [1_000, 10_000, 100_000] * 2
    reading, kernel = (
        {name: plain(cell) for name, cell in row.items()} for row in benchmarks.growth_rows(growth)
    )
    assert (reading["Exponent"], kernel["Exponent, last step"]) == ("1.00", "2.00")
    assert reading["Time"] == "1 s to 100 s"
    assert (reading["Time of a further video"], reading["Memory of a further video"]) == ("1 ms", "10 kB")
    assert reading["Peak memory"] == "0.21 to 1.20 GB"
    linear, faster = benchmarks.growth_findings(growth)
    assert "Reading (1.00)" in linear and "Kernel" not in linear
    assert "Kernel (2.00)" in faster and "Reading" not in faster
    assert "Nothing grows faster" in benchmarks.growth_findings(growing(Reading=0.9))[1]


def test_the_page_is_computed_from_the_benchmarks(tmp_path):
    (tmp_path / "_static").mkdir()
    benchmarks = {
        "growth": growing(Reading=1.0),
        "text": a_benchmark(
            a_row(stock=[5.0], target_seconds=0.3),
            a_row(n=20, stock=[8.0], ours_gb=0.75, target_ratio=3.0),
            a_row("Slow | thing", ours=[0.25], stock=[0.2]),
        ),
    }
    shown = pages.speed_and_scale(benchmarks, tmp_path)
    findings = plain(shown["speed_findings"])
    assert (
        "Targets reached: Sorting, 20 titles: at least 3 times as fast, it is 4.0 times as fast." in findings
    )
    assert "Targets not reached: Sorting, 10 titles: at most 0.3 s, it is 2 s." in findings
    assert "At least as fast as the stock way: 2 of 3 comparisons." in findings
    assert "Slow | thing, 10 titles (0.8)" in findings
    assert "Sorting: peak memory 0.50 GB with 10, 0.75 GB with 20; the stock way's 0.25 GB" in findings
    tables = plain(shown["speed_tables"])
    assert "### Titles" in tables and "Growth" not in tables
    assert (
        "| Sorting, 20 titles | 2 s (at least 3 times as fast: reached) | 8 s (by hand) | 4 | 0.75 GB / 0.25"
        in tables
    )
    machine = benchmarks["text"].machine
    for value in (
        machine.processor,
        machine.date,
        machine.versions["tensorflow"],
        f"{machine.memory_gb:g} GB",
    ):
        assert str(value) in tables
    assert "growth-light.svg" in shown["speed_growth"] and "100 s" in plain(shown["speed_growth"])
    assert (tmp_path / "_static" / "figures" / "growth-dark.svg").is_file()


def test_without_benchmarks_the_page_says_so(tmp_path):
    shown = pages.speed_and_scale({}, tmp_path)
    assert set(shown) == {"speed_findings", "speed_tables", "speed_growth"}
    assert set(shown.values()) == {pages.NOT_MEASURED}
    page = (paths.BOOK / "speed.md").read_text()
    assert all(f"{{{{ {name} }}}}" in page for name in shown)


def test_the_terminal_shows_what_the_page_shows():
    found = a_benchmark(a_row(stock=[5.0], target_seconds=0.3))
    view = benchmarks.for_terminal(found)
    cells = [next(iter(column.cells)) for column in view.columns]
    assert [column.header for column in view.columns] == list(benchmarks.HEADER)
    assert pd.Series(cells).str.contains("**", regex=False).sum() == 0
    assert plain(cells[1]) == "2 s (at most 0.3 s: not reached)"
