"""Fetching the thumbnails of a corpus folder's videos: politely, each once, whole or not at all."""

import asyncio
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from ytcat.atomic_files import atomic_write, sha256_folder
from ytcat.corpus import schema
from ytcat.corpus.ingest import survey
from ytcat.corpus.records import find_csv
from ytcat.corpus.thumbnails import status
from ytcat.data import held, provenance
from ytcat.data.client import Answer, AskedToWaitError, Client, Politeness, TooLargeError, TransientError
from ytcat.exceptions import YtcatError

HOST = "https://i.ytimg.com"
GONE = "gone.csv"  # in the corpus folder: videos whose thumbnail YouTube does not have any more
MAX_BYTES = 1_000_000  # of an answer; YouTube's default.jpg has some 5,000
PATIENCE = 8  # videos that fail one after another before a run gives up, or as many as are asked for at once

_VIDEO_ID = re.compile(schema.VIDEO_ID)
_GONE_HEADER = "video_id,answer"
_GONE_LINE = re.compile(rf"{schema.VIDEO_ID},(404|410|placeholder)")


class Summary(NamedTuple):
    """What a run came to; the outcomes sum to the videos of the corpus."""

    outcomes: dict[str, int]  # "ok", "gone", "failed", "not asked": the last two can be tried again
    fetched: int  # those of "ok" that this run got
    failures: dict[str, int]  # reason: videos of "failed"
    stopped: str  # why the run ended early, "" if it did not

    @property
    def complete(self) -> bool:
        """Whether there is nothing that another run could get."""
        return not self.outcomes["failed"] and not self.outcomes["not asked"]


class _FailedError(Exception):
    """An answer that another attempt would not change now; a later run may get another."""


class _GoneError(Exception):
    """YouTube does not have the thumbnail any more; the message says how it said so."""


def fetch(folder: Path, host: str | None = None, politeness: Politeness | None = None) -> Summary:
    """Get the thumbnails that a corpus folder lacks, YouTube's default.jpg, into its `thumbnails/`.

    `YTCAT_THUMBNAIL_HOST` is asked in place of YouTube's host. What is there, or known to be gone, is not
    asked for. However many runs were killed before one ends, the folder ends up the same. If it has a
    provenance, the outcomes are kept there. Raises YtcatError without a usable CSV, or while another process
    is at work on the folder.
    """
    host = host or os.environ.get("YTCAT_THUMBNAIL_HOST") or HOST
    find_csv(folder)  # before a lock is made beside what is not there
    with held(folder):
        video_ids = survey(folder).video_ids
        pictures = folder / "thumbnails"
        pictures.mkdir(exist_ok=True)
        there = {entry.name for entry in pictures.iterdir()}
        gone = _read_gone(folder / GONE)
        _write_gone(folder / GONE, gone)  # a line that a kill cut short would spoil the next one
        wanted = [i for i in video_ids if f"{i}.jpg" not in there and i not in gone]
        # In no order, so that a few that always fail never keep a run from the others.
        random.shuffle(wanted)
        with tqdm(
            total=len(video_ids),
            initial=len(video_ids) - len(wanted),
            desc=f"Thumbnails of {folder.name}",
            unit=" videos",
            disable=None,
        ) as progress:
            run = _Run(folder, host.rstrip("/"), politeness or Politeness(), progress)
            asyncio.run(run.all(wanted))
        gone = _read_gone(folder / GONE)
        _write_gone(folder / GONE, gone)
        before, there = there, {entry.name for entry in pictures.iterdir()}
        ok = [i for i in video_ids if f"{i}.jpg" in there]
        n_gone, n_failed = len(set(video_ids) & set(gone) - set(ok)), run.failures.total()
        outcomes = {"ok": len(ok), "gone": n_gone, "failed": n_failed}
        outcomes["not asked"] = len(video_ids) - sum(outcomes.values())
        _note(folder, host, outcomes)
    return Summary(outcomes, len(there - before), dict(sorted(run.failures.items())), run.stopped)


class _Run:
    """One run over the wanted videos."""

    def __init__(self, folder: Path, host: str, politeness: Politeness, progress: tqdm) -> None:
        self._folder, self._host, self._politeness, self._progress = folder, host, politeness, progress
        self.failures: Counter[str] = Counter()
        self.stopped = ""
        self._failed_in_a_row = 0

    async def all(self, video_ids: list[str]) -> None:
        waiting = iter(video_ids)  # shared: each worker takes the next
        async with Client(self._politeness) as client, asyncio.TaskGroup() as workers:
            for _ in range(self._politeness.concurrency):
                workers.create_task(self._work(client, waiting))

    async def _work(self, client: Client, waiting: Iterator[str]) -> None:
        for video_id in waiting:
            await self._one(client, video_id)
            if self.stopped:
                return
            self._progress.update()

    async def _one(self, client: Client, video_id: str) -> None:
        path = self._folder / "thumbnails" / f"{_checked(video_id)}.jpg"
        try:
            url = f"{self._host}/vi/{video_id}/default.jpg"
            picture = await client.get(url, _picture, MAX_BYTES)
        except _GoneError as error:
            _append_gone(self._folder / GONE, video_id, str(error))
        except AskedToWaitError as error:
            self.stopped = str(error)
        except (TransientError, TooLargeError, _FailedError) as error:
            self._count_failure(str(error))
            return
        else:
            await asyncio.to_thread(atomic_write, path, picture)
        self._failed_in_a_row = 0

    def _count_failure(self, reason: str) -> None:
        self.failures[reason] += 1
        self._failed_in_a_row += 1
        patience = max(PATIENCE, self._politeness.concurrency)
        if self._failed_in_a_row >= patience and not self.stopped:
            self.stopped = (
                f"The last {self._failed_in_a_row} thumbnails asked for at {self._host} failed ({reason}). "
                "Check the connection, and HTTPS_PROXY if you need one, then run the same command again: it "
                "goes on where it was."
            )


def _picture(answer: Answer) -> bytes:
    """The thumbnail that an answer holds; raises what else it means."""
    if answer.status in (404, 410):
        raise _GoneError(answer.status)
    if 300 <= answer.status < 400:
        raise _FailedError("sent elsewhere")
    if answer.status != 200:
        raise _FailedError(f"HTTP {answer.status}")
    state = status(answer.body)
    if state == "placeholder":
        raise _GoneError(state)
    if state == "too large":
        raise _FailedError("too many pixels")
    if state != "ok":
        raise TransientError("not a whole picture")
    return answer.body


def _checked(video_id: str) -> str:
    """The id, which may now be part of a path and of an address."""
    if not _VIDEO_ID.fullmatch(video_id):
        raise YtcatError(f"{video_id!r} is no YouTube video id, so no thumbnail is asked for.")
    return video_id


def _note(folder: Path, host: str, outcomes: dict[str, int]) -> None:
    """Keep the outcomes in the folder's provenance, unless nothing is new."""
    known = provenance.read(folder)
    if known is None:
        return
    sha256 = sha256_folder(folder, ["thumbnails/*"])
    before = known.thumbnails
    if before is None or (before.outcomes, before.sha256) != (outcomes, sha256):
        known.thumbnails = provenance.Thumbnails(
            origin=host, finished=provenance.now(), outcomes=outcomes, sha256=sha256
        )
        known.write(folder)


def _read_gone(path: Path) -> dict[str, str]:
    """What YouTube said of each video that it has no thumbnail of; a line cut short counts as absent."""
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
    return dict(line.split(",") for line in lines if _GONE_LINE.fullmatch(line))


def _write_gone(path: Path, gone: dict[str, str]) -> None:
    lines = [_GONE_HEADER, *(f"{video_id},{answer}" for video_id, answer in sorted(gone.items()))]
    atomic_write(path, "\n".join(lines) + "\n")


def _append_gone(path: Path, video_id: str, answer: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(f"{video_id},{answer}\n")
        stream.flush()
        os.fsync(stream.fileno())
