"""Sweeps by real Dask workers: equal to the runs one after another, whole after a kill, bounded."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

from ytcat import runs
from ytcat.environment import THREADS
from ytcat.reference_runs.verify import all_runs

BIN = Path(sys.executable).parent
CHAPTERS = ("04_text_model", "10_class_imbalance")
SEEDS = (0, 1, 2)
SPLITS = ("random", "channel")
N = len(CHAPTERS) * len(SEEDS) * len(SPLITS)
COMPARED = ("metrics.json", "predictions.parquet", "baselines.parquet", "history.csv", "imbalance_test.csv")


def environment(build, **more):
    clean = {name: value for name, value in os.environ.items() if name != "DASK_SCHEDULER_ADDRESS"}
    return clean | {"YTCAT_BUILD": str(build)} | more


def ytcat(build, *arguments, **more):
    command = [BIN / "ytcat", *map(str, arguments)]
    return subprocess.run(
        command, env=environment(build, **more), capture_output=True, text=True, check=False, timeout=1800
    )


def sweep_arguments(corpus):
    chosen = {"chapters": "text,imbalance", "seeds": "0-2", "splits": "slides,channel", "workers": 2}
    options = [f"--{name}={value}" for name, value in chosen.items()]
    return ["sweep", "--profile=smoke", f"--corpus={corpus}", *options]


def found(build):
    """The content of every compared file of each run, by path below the results."""
    files = [run.folder / name for run in all_runs(build) for name in COMPARED]
    return {f.relative_to(build / "results"): f.read_bytes() for f in files if f.is_file()}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    from ytcat.categories import IDS

    folder = tmp_path_factory.mktemp("corpora") / "tiny"
    folder.mkdir()
    words = ["song", "goal", "recipe", "news", "engine", "dog", "joke"]
    videos = pd.DataFrame({"video_id": [f"video_{i:05d}" for i in range(280)]})
    videos["category_id"] = [IDS[i % 14] for i in range(280)]
    videos["title"] = [f"{words[i % 7]} number {i % 5}" for i in range(280)]
    videos["channel_title"] = [f"Channel {i // 3}" for i in range(280)]
    videos.to_csv(folder / "videos.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def one_after_another(corpus, tmp_path_factory):
    """The same runs, each alone and by another way, with one thread as in a sweep."""
    one_thread = dict.fromkeys(THREADS, "1")
    build = tmp_path_factory.mktemp("one after another")
    for seed in SEEDS:
        for split in SPLITS:
            fold = seed if split == "channel" else 0
            for chapter in CHAPTERS:
                options = {"seed": seed, "split": split, "fold": fold, "chapter": chapter, "corpus": corpus}
                options = [f"--{name}={value}" for name, value in options.items()]
                result = ytcat(build, "notebooks", "--profile=smoke", *options, **one_thread)
                assert result.returncode == 0, result.stderr
    results = found(build)
    assert sum(path.name == "metrics.json" for path in results) == N
    return results


def check_table(build):
    (file,) = (build / "results" / "sweeps").glob("tiny-smoke-*.csv")
    table = pd.read_csv(file)
    own = table[table["model"].isin(["text", "imbalance"])]
    assert len(own) == N
    for row in own[own["model"] == "text"].itertuples():
        part = "" if row.split == "random" else f"-channel{row.fold}"
        metrics = runs.finished_run(build / "results" / f"tiny-smoke{part}-{row.seed}", row.chapter).metrics
        assert (row.top1, row.macro_f1, row.ece) == tuple(metrics[m] for m in ("top1", "macro_f1", "ece"))


@pytest.mark.slow
def test_a_sweep_on_two_local_workers_equals_the_runs_one_after_another(corpus, one_after_another, tmp_path):
    result = ytcat(tmp_path, *sweep_arguments(corpus))
    assert result.returncode == 0, result.stdout + result.stderr
    assert "2 on this machine" in result.stdout
    assert re.search(rf"^{N} of {N}  .*ran in", result.stdout, re.MULTILINE)
    assert found(tmp_path) == one_after_another
    check_table(tmp_path)
    again = ytcat(tmp_path, *sweep_arguments(corpus))
    assert again.returncode == 0, again.stderr
    assert again.stdout.count(" up to date\n") == again.stdout.count(f" of {N}  ") == N
    assert found(tmp_path) == one_after_another


def kernels_of(process):
    children = psutil.Process(process.pid).children(recursive=True)
    return [child for child in children if "ipykernel_launcher" in child.cmdline()]


@pytest.mark.slow
def test_with_a_worker_killed_a_sweep_on_a_cluster_ends_whole(corpus, one_after_another, cluster, tmp_path):
    address, (victim, other) = cluster
    build = tmp_path / "build"
    command = [BIN / "ytcat", *sweep_arguments(corpus)]
    sweep = subprocess.Popen(
        command,
        env=environment(build, DASK_SCHEDULER_ADDRESS=address),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = []
    with sweep:  # closes its output
        for line in sweep.stdout:  # until two have ended
            said.append(line)
            if line.startswith("2 of "):
                break
        deadline = time.monotonic() + 300
        while not (kernels := kernels_of(victim)):  # in the middle of a task
            assert time.monotonic() < deadline, "".join(said)
            time.sleep(0.1)
        victim.kill()
        victim.wait()
        gone, alive = psutil.wait_procs(kernels, timeout=30)
        assert gone and not alive  # no orphan writes beside the second try
        said += sweep.stdout
    assert sweep.returncode == 0, "".join(said)
    assert other.poll() is None
    assert f"of the cluster at {address}" in "".join(said)
    assert sum(bool(re.match(rf"\d+ of {N}  ", line)) for line in said) == N
    assert found(build) == one_after_another
    check_table(build)
    assert not list((build / "results").glob("*/.*"))


@pytest.mark.slow
def test_a_failure_is_told_by_its_parameters_and_the_others_go_on(corpus, tmp_path):
    folder = shutil.copytree(corpus, tmp_path / "without channels")
    pd.read_csv(folder / "videos.csv").drop(columns="channel_title").to_csv(
        folder / "videos.csv", index=False
    )
    result = ytcat(
        tmp_path / "build",
        *("sweep", "--chapters=fusion", "--seeds=3", "--profile=smoke", f"--corpus={folder}"),
    )
    assert result.returncode == 1, result.stdout
    assert "Traceback (most recent" not in result.stderr
    assert "04_text_model seed 3, split random: top-1" in result.stdout
    assert "05_fusion seed 3, split random: ran in" in result.stdout
    told = result.stderr[result.stderr.index("error: ") :]
    assert "04_text_model seed 3, split channel, fold 3: 04_text_model failed: The split" in told
    assert "05_fusion seed 3, split channel, fold 3: not run, since a chapter that it reads failed" in told
    assert "split random" not in told


def in_a_bounded_process(limits, code):
    """What a process started by a bounded one prints."""
    script = (
        f"import subprocess, sys; from ytcat.report.sweep import Limits; Limits({limits}).apply();"
        "print(subprocess.run([sys.executable, '-c', sys.argv[1]], capture_output=True, text=True).stdout)"
    )
    result = subprocess.run([sys.executable, "-c", script, code], capture_output=True, text=True, check=True)
    return result.stdout.strip()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_tensorflow_has_the_threads_of_its_task():
    code = (
        "from ytcat.quiet_tensorflow import tf; import numpy as np, psutil;"
        "tf.linalg.matmul(np.ones((500, 500)), np.ones((500, 500)));"
        "print(psutil.Process().num_threads())"
    )
    few, many = (int(in_a_bounded_process(f"threads={n}", code)) for n in (1, 12))
    assert many - few >= 11


@pytest.mark.skipif(sys.platform != "linux", reason="others do not bound it")
def test_a_task_has_its_memory_and_no_more():
    code = "import numpy as np; print(np.ones({} * 10**6, np.uint8).sum())"
    assert in_a_bounded_process("memory=1", code.format(1000)) == str(10**9)
    assert in_a_bounded_process("memory=1", code.format(2000)) == ""


def test_a_scheduler_that_is_not_there_is_named(corpus, tmp_path):
    result = ytcat(tmp_path, *sweep_arguments(corpus), DASK_SCHEDULER_ADDRESS="nonsense://127.0.0.1:1")
    assert result.returncode == 1
    assert "no Dask scheduler at DASK_SCHEDULER_ADDRESS=nonsense://127.0.0.1:1" in result.stderr
