"""Sweeps: chapters over seeds and splits as Dask tasks, on this machine or on any cluster.

Dask distributes the tasks, keeps their order, and gives those of a killed worker to another one. A worker
runs a chapter as `make book` does; the chapter's manifest tells whether it is finished.
"""

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dask.system import CPU_COUNT  # this process's share, in a container too
from distributed import Client, Future, LocalCluster, as_completed, get_worker
from distributed.system import MEMORY_LIMIT
from filelock import FileLock

from ytcat import cluster, environment, paths, runs
from ytcat.atomic_files import sha256_folder
from ytcat.corpus import load
from ytcat.exceptions import YtcatError
from ytcat.progress import tracked
from ytcat.report.execute import Outcome, Say, clear_leftovers, up_to_date
from ytcat.report.sweep_plan import Task

RESERVED = 1.5  # Linux limits reserved memory, of which a task has more than it uses: that chapter 7.2 GB


@dataclass(frozen=True)
class Limits:
    """What one task may use."""

    threads: int = 1  # many tasks of one thread each end sooner than few of many threads
    memory: float = 6.0  # GB; the image chapter at full scale was seen to use 4.9

    @property
    def workers(self) -> int:
        """How many tasks fit on this machine side by side."""
        return max(1, min(CPU_COUNT // self.threads, int(MEMORY_LIMIT // (self.memory * 1e9))))

    def apply(self) -> None:
        """Limit this process, and the kernels that it starts."""
        os.environ.update(dict.fromkeys(environment.THREADS, str(self.threads)))
        if sys.platform == "linux":  # others do not enforce it
            import resource

            _, hard = resource.getrlimit(resource.RLIMIT_DATA)
            wanted = int(RESERVED * self.memory * 1e9)
            soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def sweep(
    tasks: Sequence[Task], limits: Limits, workers: int | None = None, say: Say = print
) -> tuple[dict[Task, Outcome], dict[Task, str]]:
    """Run the tasks, and return those that ended well and, with the reason, those that did not.

    `workers` (by default as many as fit) are started here for the time of the sweep, or the cluster is used
    whose scheduler's address is in `DASK_SCHEDULER_ADDRESS`. Hold `execute.build_lock` meanwhile.
    """
    _clear(tasks)
    done: dict[Task, Outcome] = {}
    failed: dict[Task, str] = {}
    with _client(min(workers or limits.workers, len(tasks)), say) as client:
        where = (str(paths.build_folder()), code_sha256(), limits)
        futures: dict[tuple[str, str], Future] = {}
        for task in tasks:
            read = [futures[key] for key in task.reads]
            futures[task.key] = client.submit(work, task, *where, *read, pure=False)
        of = {futures[task.key]: task for task in tasks}
        for number, future in enumerate(tracked(as_completed(of), "Sweep", " tasks", len(of)), 1):
            task, result = of[future], _result(future)
            if isinstance(result, Outcome):
                done[task] = result
                line = _top1(task) + (f"ran in {result.seconds:.0f} s" if result.reason else "up to date")
            else:
                failed[task] = str(result)
                line = f"failed: {result}"
            say(f"{number} of {len(tasks)}  {task}: {line}")
    _clear(tasks)
    return done, failed


def work(
    task: Task, build: str, code: str, limits: Limits, *read: Outcome | Exception
) -> Outcome | Exception:
    """What a worker does for a task, after those that it reads; a failure is returned, not raised."""
    if any(isinstance(result, Exception) for result in read):
        return YtcatError("not run, since a chapter that it reads failed")
    try:
        if not (Path(build) / "build.lock").is_file() or code_sha256() != code:
            raise YtcatError(
                f"the worker {get_worker().address} sees another build folder ({build}) or has other code: "
                "all machines must share the build folder and have the same checkout"
            )
        os.environ["YTCAT_BUILD"] = build
        os.environ.pop(cluster.ADDRESS, None)  # a task that waited for others would keep them from starting
        limits.apply()
        # A worker may be taken for dead while it lives: then the second one waits.
        with FileLock(_made(Path(build) / "locks") / f"{'-'.join(task.key).replace('/', '-')}.lock"):
            return up_to_date(task.chapter, task.run, load(task.run.corpus), read, _silent)
    except Exception as error:  # whatever it is, the others go on
        return error if isinstance(error, YtcatError) else YtcatError(f"{type(error).__name__}: {error}")


def code_sha256() -> str:
    """SHA-256 of package and notebooks."""
    return sha256_folder(paths.PACKAGE, ["**/*.py"]) + sha256_folder(paths.NOTEBOOKS, ["**/*.ipynb"])


@contextmanager
def _client(workers: int, say: Say) -> Iterator[Client]:
    if cluster.address():
        with cluster.connected() as client:
            say(f"{'workers':20} {len(client.nthreads())} now, of the cluster at {cluster.address()}")
            yield client
        return
    say(f"{'workers':20} {workers} on this machine")
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            memory_limit=None,  # it would see the worker alone, not its kernel
            dashboard_address=None,
            # What fails is told by its task; a worker that ends may log a lost heartbeat as an error.
            silence_logs=logging.CRITICAL,
        ) as local,
        Client(local) as client,
    ):
        yield client


def _result(future: Future) -> Outcome | Exception:
    """What `work` returned; a task whose worker died again and again has none."""
    try:
        return future.result()
    except Exception as error:  # KilledWorker, or a cluster that is gone
        return error


def _top1(task: Task) -> str:
    run = runs.finished(task.run.results, task.chapter.name)
    return f"top-1 {run.metrics['top1']:.1%}, " if run and "top1" in run.metrics else ""


def _clear(tasks: Sequence[Task]) -> None:
    for folder in {task.run.folder for task in tasks}:
        clear_leftovers(folder)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _silent(line: str) -> None:
    """Workers say nothing: who waits is told of finished tasks."""
