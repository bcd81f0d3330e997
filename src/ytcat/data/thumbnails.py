"""Downloading the thumbnails of a corpus folder: politely, each one once, whole or not at all."""

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
from ytcat.corpus.records import find_csv, read_records
from ytcat.corpus.thumbnails import status
from ytcat.data import held, provenance
from ytcat.data.client import AskedToWaitError, Client, Politeness, Response, TooLargeError, TransientError
from ytcat.exceptions import YtcatError

HOST = "https://i.ytimg.com"
GONE = "gone.csv"  # in the corpus folder: videos whose thumbnail YouTube no longer has
MAX_BYTES = 1_000_000  # per response; YouTube's default.jpg has about 5,000
MAX_FAILURES = 8  # consecutive failures after which a run stops; at least the number of parallel requests

_YOUTUBE_ID = r"[A-Za-z0-9_-]{11}"
_VIDEO_ID = re.compile(_YOUTUBE_ID)
_GONE_HEADER = "video_id,answer"
_GONE_LINE = re.compile(rf"{_YOUTUBE_ID},(404|410|placeholder)")


class Summary(NamedTuple):
    """The result of a run."""

    outcomes: dict[str, int]  # videos by "ok", "gone", "failed", "not asked"; the last two can be retried
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

    `YTCAT_THUMBNAIL_HOST` overrides YouTube's host. Thumbnails that exist, or are known to be gone, are not
    requested. The folder ends up the same however many runs were killed before. The outcomes are added to the
    folder's provenance, if it has one. Raises YtcatError without a usable CSV, or while another process works
    on the folder.
    """
    host = host or os.environ.get("YTCAT_THUMBNAIL_HOST") or HOST
    find_csv(folder)  # raises before a lock file is made beside a folder that does not exist
    with held(folder):
        video_ids = [row.video_id for row in read_records(folder).rows]
        pictures = folder / "thumbnails"
        pictures.mkdir(exist_ok=True)
        before = {entry.name for entry in pictures.iterdir()}
        gone = _read_gone(folder / GONE)
        _write_gone(folder / GONE, gone)  # without a line that a kill cut short
        wanted = [i for i in video_ids if f"{i}.jpg" not in before and i not in gone]
        random.shuffle(wanted)  # so that a few videos that always fail never keep a run from the others
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
        after = {entry.name for entry in pictures.iterdir()}
        ok = [i for i in video_ids if f"{i}.jpg" in after]
        n_gone, n_failed = len(set(video_ids) & set(gone) - set(ok)), run.failures.total()
        outcomes = {"ok": len(ok), "gone": n_gone, "failed": n_failed}
        outcomes["not asked"] = len(video_ids) - sum(outcomes.values())
        _note(folder, host, outcomes)
    return Summary(outcomes, len(after - before), dict(sorted(run.failures.items())), run.stopped)


class _Run:
    """One run over the missing thumbnails."""

    def __init__(self, folder: Path, host: str, politeness: Politeness, progress: tqdm) -> None:
        self._folder, self._host, self._politeness, self._progress = folder, host, politeness, progress
        self.failures: Counter[str] = Counter()
        self.stopped = ""
        self._failed_in_a_row = 0

    async def all(self, video_ids: list[str]) -> None:
        waiting = iter(video_ids)  # shared by the workers
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


def _checked(video_id: str) -> str:
    """The id, if it is safe as part of a path and of a URL; raises YtcatError otherwise."""
    if not _VIDEO_ID.fullmatch(video_id):
        raise YtcatError(f"{video_id!r} is no YouTube video id, so no thumbnail is requested.")
    return video_id


def _note(folder: Path, host: str, outcomes: dict[str, int]) -> None:
    """Write the outcomes to the folder's provenance, unless nothing changed."""
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
    """The evidence by video without a thumbnail on YouTube; an incomplete last line is ignored."""
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
