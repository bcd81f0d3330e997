"""Downloading the thumbnails of a corpus folder: politely, each one once, whole or not at all."""

import asyncio
import logging
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ytcat.atomic_files import atomic_write, sha256_folder
from ytcat.corpus.records import find_csv, read_records
from ytcat.corpus.thumbnails import ThumbnailFolder, status
from ytcat.data import YOUTUBE_ID, held, provenance
from ytcat.data.client import AskedToWaitError, Client, Politeness, Response, TooLargeError, TransientError
from ytcat.progress import Progress

HOST = "https://i.ytimg.com"
GONE = "gone.csv"  # in the corpus folder: videos whose thumbnail YouTube no longer has
MAX_BYTES = 1_000_000  # per response; YouTube's default.jpg has about 5,000
FOREIGN = "no YouTube id"  # the outcome of a video without a thumbnail whose id is not YouTube's
BLOCK_SIZE = 512  # thumbnails in memory at once, at most
MAX_FAILURES = 8  # consecutive failures after which a run stops; at least the number of parallel requests

_log = logging.getLogger(__name__)
_VIDEO_ID = re.compile(YOUTUBE_ID)
_GONE_HEADER = "video_id,answer"
_GONE_LINE = re.compile(rf"{YOUTUBE_ID},(404|410|placeholder)")


class Summary(NamedTuple):
    """The result of a run."""

    # Videos by "ok", "gone", "failed", "not asked", of which the last two can be retried; and FOREIGN if any.
    outcomes: dict[str, int]
    fetched: int  # of "ok", how many this run downloaded
    failures: dict[str, int]  # of "failed", videos by reason
    stopped: str  # why the run ended early, "" if it did not

    @property
    def complete(self) -> bool:
        """Whether another run would have nothing to download."""
        return not self.outcomes["failed"] and not self.outcomes["not asked"]


class _FailedError(Exception):
    """A failure for this run; a later run may succeed."""


class _GoneError(Exception):
    """YouTube no longer has the thumbnail; the message is the evidence: a status or "placeholder"."""


def fetch(folder: Path, host: str | None = None, politeness: Politeness | None = None) -> Summary:
    """Download the missing thumbnails (YouTube's default.jpg) of a corpus folder into its `thumbnails/`.

    `YTCAT_THUMBNAIL_HOST` overrides YouTube's host. Thumbnails that can be read, or are known to be gone, are
    not requested; one that cannot be read is. The folder ends up the same however many runs were killed
    before. The outcomes are added to the folder's provenance, if it has one. Raises YtcatError without a
    usable CSV, while another process works on the folder, or if the folder cannot be written.
    """
    host = host or os.environ.get("YTCAT_THUMBNAIL_HOST") or HOST
    find_csv(folder)  # raises before a lock file is made beside a folder that does not exist
    with held(folder):
        known = _provenance(folder)
        video_ids = read_records(folder).videos["video_id"].to_pylist()
        (folder / "thumbnails").mkdir(exist_ok=True)
        gone = _read_gone(folder / GONE)
        _write_gone(folder / GONE, gone)  # without a line that a kill cut short
        there = _readable(folder, video_ids)
        absent = [video_id for video_id in video_ids if video_id not in there]
        wanted = [i for i in absent if _VIDEO_ID.fullmatch(i) and i not in gone]
        random.shuffle(wanted)  # so that a few videos that always fail never keep a run from the others
        done = len(video_ids) - len(wanted)
        with Progress(f"Thumbnails of {folder.name}", len(video_ids), " videos", done) as progress:
            run = _Run(folder, host.rstrip("/"), politeness or Politeness(), progress)
            asyncio.run(run.all(wanted))
        gone = _read_gone(folder / GONE)
        _write_gone(folder / GONE, gone)
        outcomes = {
            "ok": len(there) + run.fetched,
            "gone": len(set(absent) & set(gone)),
            "failed": run.failures.total(),
        }
        n_foreign = sum(not _VIDEO_ID.fullmatch(video_id) for video_id in absent)
        outcomes["not asked"] = len(video_ids) - sum(outcomes.values()) - n_foreign
        if n_foreign:
            outcomes[FOREIGN] = n_foreign
        if known:
            _note(folder, known, host, outcomes)
    return Summary(outcomes, run.fetched, dict(sorted(run.failures.items())), run.stopped)


def _readable(folder: Path, video_ids: list[str]) -> set[str]:
    """The videos whose thumbnail is there and can be read to its end."""
    pictures, readable = ThumbnailFolder(folder), set()
    for start in range(0, len(video_ids), BLOCK_SIZE):
        block = video_ids[start : start + BLOCK_SIZE]
        states = [thumbnail.state for thumbnail in pictures.read(block)]
        readable |= {video_id for video_id, state in zip(block, states, strict=True) if state == "ok"}
    return readable


def _provenance(folder: Path) -> provenance.Provenance | None:
    """The folder's provenance; if it is damaged, a line in the log says so, and the outcomes go unnoted."""
    try:
        return provenance.read(folder)
    except provenance.DamagedError as error:
        _log.warning("%s The thumbnails are downloaded all the same.", error)
        return None


class _Run:
    """One run over the missing thumbnails."""

    def __init__(self, folder: Path, host: str, politeness: Politeness, progress: Progress) -> None:
        self._folder, self._host, self._politeness, self._progress = folder, host, politeness, progress
        self.failures: Counter[str] = Counter()
        self.fetched = 0
        self.stopped = ""
        self._failed_in_a_row = 0

    async def all(self, video_ids: list[str]) -> None:
        """Raises the first error of a worker, such as that of a full disk."""
        waiting = iter(video_ids)  # shared by the workers
        try:
            async with Client(self._politeness) as client, asyncio.TaskGroup() as workers:
                for _ in range(self._politeness.concurrency):
                    workers.create_task(self._work(client, waiting))
        except ExceptionGroup as group:
            raise group.exceptions[0] from group

    async def _work(self, client: Client, waiting: Iterator[str]) -> None:
        for video_id in waiting:
            await self._one(client, video_id)
            if self.stopped:
                return
            self._progress.add()

    async def _one(self, client: Client, video_id: str) -> None:
        path = self._folder / "thumbnails" / f"{video_id}.jpg"
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
            self.fetched += 1
        self._failed_in_a_row = 0

    def _count_failure(self, reason: str) -> None:
        self.failures[reason] += 1
        self._failed_in_a_row += 1
        limit = max(MAX_FAILURES, self._politeness.concurrency)
        if self._failed_in_a_row >= limit and not self.stopped:
            self.stopped = (
                f"The last {self._failed_in_a_row} thumbnails requested from {self._host} failed ({reason}). "
                "Check the connection, and HTTPS_PROXY if you need one, then run the same command again: it "
                "continues where it stopped."
            )


def _picture(response: Response) -> bytes:
    """The thumbnail in a response; raises _GoneError, _FailedError or TransientError if there is none."""
    if response.status in (404, 410):
        raise _GoneError(response.status)
    if 300 <= response.status < 400:
        raise _FailedError("redirected")
    if response.status != 200:
        raise _FailedError(f"HTTP {response.status}")
    state = status(response.body)
    if state == "placeholder":
        raise _GoneError(state)
    if state == "too large":
        raise _FailedError("too many pixels")
    if state != "ok":
        raise TransientError("not a whole picture")
    return response.body


def _note(folder: Path, known: provenance.Provenance, host: str, outcomes: dict[str, int]) -> None:
    """Write the outcomes to the folder's provenance, unless nothing changed."""
    sha256 = sha256_folder(folder, ["thumbnails/*"])
    before = known.thumbnails
    if before is None or (before.outcomes, before.sha256) != (outcomes, sha256):
        known.thumbnails = provenance.Thumbnails(
            origin=host, finished=provenance.now(), outcomes=outcomes, sha256=sha256
        )
        known.write(folder)


def _read_gone(path: Path) -> dict[str, str]:
    """The evidence by video without a thumbnail on YouTube; an incomplete last line is ignored."""
    if not path.is_file():
        return {}
    whole = path.read_text(encoding="utf-8-sig", errors="replace").split("\n")[:-1]
    lines = [line.strip() for line in whole]  # an editor may have left other line ends
    return dict(line.split(",") for line in lines if _GONE_LINE.fullmatch(line))


def _write_gone(path: Path, gone: dict[str, str]) -> None:
    lines = [_GONE_HEADER, *(f"{video_id},{answer}" for video_id, answer in sorted(gone.items()))]
    atomic_write(path, "\n".join(lines) + "\n")


def _append_gone(path: Path, video_id: str, answer: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(f"{video_id},{answer}\n")
        stream.flush()
        os.fsync(stream.fileno())
