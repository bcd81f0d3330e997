"""Benchmarks: how they measure, what is recorded, and the page `notebooks/appendix/speed.ipynb`."""

import json
import os
import subprocess
import sys
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from page_runs import run_page
from ytcat import benchmarks, paths
from ytcat.report import doctor

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
    report("tiny", "Tiny", [row("bytes", 1000, "bytes", mine, theirs, stock_way="fat", target_ratio=1e6)])
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


def test_the_readme_says_what_was_measured_in_a_clone():
    env, book, again = benchmarks.recorded()["newcomer"].rows
    minutes = (env.seconds + book.seconds) / 60
    assert (
        f"On two processor cores the first `make book` takes {minutes:.0f} minutes, {env.seconds / 60:.0f} "
        f"of them to set up, and with nothing changed {again.seconds:.0f} seconds. It needs "
        f"{max(book.ours_gb):.0f} GB of memory and {doctor.DISK_GB} GB of disk."
    ) in (paths.ROOT / "README.md").read_text(encoding="utf-8")


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
    rates = benchmarks.growth_rates(growth).set_index("stage")
    assert rates["exponent"].to_dict() == pytest.approx({"Reading": 1, "Kernel": 2})
    assert rates["last_step"].to_dict() == pytest.approx({"Reading": 1, "Kernel": 2})
    reading = rates.loc["Reading"]
    assert (reading["smallest"], reading["largest"]) == (1_000, 100_000)
    assert (reading["seconds"], reading["gigabytes"]) == pytest.approx((100, 1.2))
    assert reading["milliseconds_per_video"] == pytest.approx(1)
    assert reading["kilobytes_per_video"] == pytest.approx(10)


def test_a_comparison_holds_medians_peaks_and_targets():
    found = a_benchmark(
        a_row(stock=[9.0, 5.0, 4.0], target_seconds=0.3, note="equal"),
        a_row(n=2_000, ours=[0.25]),
    )
    with_stock, alone = benchmarks.comparison(found).to_dict("records")
    assert (with_stock["work"], with_stock["size"]) == ("Sorting", "10 titles")
    assert (with_stock["seconds"], with_stock["stock_seconds"], with_stock["ratio"]) == (2, 5, 2.5)
    assert (with_stock["gigabytes"], with_stock["stock_gigabytes"]) == (0.5, 0.25)
    assert (with_stock["target"], with_stock["reached"]) == ("at most 0.3 s", False)
    assert (with_stock["stock_way"], with_stock["note"]) == ("by hand", "equal")
    assert (alone["size"], alone["target"], alone["reached"]) == ("2,000 titles", "", None)
    assert alone["ratio"] != alone["ratio"]  # nan: there is no stock way


def test_three_digits_have_no_powers_of_ten():
    shown = [benchmarks.three_digits(value) for value in (0.01234, 1.0, 12.345, 99.94, 1234.5)]
    assert shown == ["0.0123", "1", "12.3", "99.9", "1,234"]


def test_the_terminal_shows_what_is_compared():
    view = benchmarks.for_terminal(a_benchmark(a_row(stock=[5.0], target_seconds=0.3, note="equal")))
    cells = [next(iter(column.cells)) for column in view.columns]
    assert cells == [
        "Sorting",
        "10 titles",
        "2",
        "5 (by hand)",
        "2.5",
        "0.50 / 0.25",
        "at most 0.3 s: not reached",
        "equal",
    ]
    assert view.title == "Titles"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return run_page("appendix/speed", tmp_path_factory.mktemp("speed"))


def test_the_page_holds_every_recorded_benchmark(page):
    text = unescape(page.text)
    for name, found in benchmarks.recorded().items():
        assert found.machine.processor in text
        assert found.machine.date in text and found.machine.versions["tensorflow"] in text
        if name == benchmarks.GROWTH:
            assert all(row.what in page.figures[0] and row.what in text for row in found.rows)
            continue
        assert f"**{found.title}**" in text
        for row in found.rows:
            assert row.what in text, (name, row.what)
            assert benchmarks.three_digits(row.seconds) in text
            assert row.note in text and row.stock_way in text
    assert page.heavy == "[]"


def test_the_pages_findings_are_those_of_the_records(page):
    records = benchmarks.recorded()
    growth = benchmarks.growth_rates(records.pop(benchmarks.GROWTH))
    rows = [row for found in records.values() for row in found.rows]
    ratios = [row.ratio for row in rows if row.ratio is not None]
    reached = [row.reached for row in rows if row.reached is not None]
    assert page.metrics["comparisons"] == len(ratios)
    assert page.metrics["at_least_as_fast"] == sum(ratio >= 1 for ratio in ratios)
    assert (page.metrics["targets"], page.metrics["targets_reached"]) == (len(reached), sum(reached))
    linear = growth[growth["last_step"] <= benchmarks.LINEAR]["stage"].tolist()
    assert page.metrics["in_proportion"] == linear
    assert len(page.run.table("comparisons")) == len(rows)
