"""People's answers on disk: one append-only file of JSON lines per person, `<participant>.jsonl`.

Each line is one event: the beginning, an answer, a skip, an undo, the end. Nothing is ever overwritten; an
undo is another line. A line is on disk (fsync) before the next video is shown. A writer takes a lock and
first reads the file, so two kernels can neither damage it nor record a trial twice. A line that a crash left
incomplete was never confirmed; it is ignored, and removed with the next event. A file that an editor saved
in another way (UTF-16, a byte order mark, blank lines, line ends of Windows) holds the same answers; the next
event writes it anew as the experiment does.

Why not SQLite: in WAL mode the newest answers are in a second file, so whoever sends only the first one loses
them, and WAL does not work on network drives. A few hundred lines are read again in a millisecond, any
editor shows them, and an error has a line number.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from ytcat import paths
from ytcat.atomic_files import atomic_write
from ytcat.corpus import Corpus
from ytcat.exceptions import YtcatError, sentence
from ytcat.human.events import (
    SENT,
    Begin,
    Event,
    History,
    OutOfTurn,
    Skip,
    participant_code,
    plain,
    replay,
)

LOCK_TIMEOUT = 10  # seconds to wait for another kernel's write

# ---- files


def folder(corpus: Corpus) -> Path:
    """The folder of the answer files of a corpus."""
    return paths.build_folder() / "human" / f"{corpus.name}-{corpus.sha256[:12]}"


def path_of(corpus: Corpus, participant: str) -> Path:
    """The answer file of a person; raises YtcatError if `participant` is not a valid code."""
    try:
        participant_code(participant)
    except ValueError as error:
        raise YtcatError(f"{error}.") from None
    return folder(corpus) / f"{participant}.jsonl"


def lock_of(path: Path) -> FileLock:
    """The lock that every writer of an answer file holds; it times out after `LOCK_TIMEOUT`."""
    return FileLock(path.with_suffix(".lock"), timeout=LOCK_TIMEOUT)


def files(corpus: Corpus) -> list[Path]:
    """All answer files of a corpus, sorted by name; hidden ones (`._p07.jsonl` of macOS) are none."""
    return sorted(path for path in folder(corpus).glob("*.jsonl") if not path.name.startswith("."))


def content_of(path: Path) -> bytes:
    """The bytes of a file, b"" if there is none."""
    return path.read_bytes() if path.exists() else b""


def read(corpus: Corpus, path: Path, data: bytes | None = None) -> History:
    """Read an answer file (or its content `data`) of this corpus.

    Raises YtcatError that names the file, the line, the value and the expected value.
    """
    try:
        data = path.read_bytes() if data is None else data
    except OSError as error:
        raise YtcatError(sentence(error)) from error
    history = replay(data, path)
    if history.begin is None:
        raise YtcatError(f"{path}, line 1: there is no whole line. {SENT}")
    if history.begin.corpus_sha256 != corpus.sha256:
        raise YtcatError(
            f"{path}, line 1: corpus is {history.begin.corpus!r} ({history.begin.corpus_sha256[:12]}), not "
            f"{corpus.name!r} ({corpus.sha256[:12]}): give the corpus that these videos are from."
        )
    known = set(corpus.videos["video_id"])
    for answer in history.answers:
        if answer.video_id not in known:
            raise YtcatError(
                f"{path}, trial {answer.trial}: video_id {answer.video_id!r} is not in {corpus.name}."
            )
    return history


class Log:
    """The answer file of one person, open for further events."""

    def __init__(
        self, corpus: Corpus, participant: str, split: str, fold: int, limit: int, seed: int
    ) -> None:
        """Open or create the file; `split`, `fold` and `limit` give the test videos, `seed` is the plan's.

        Raises YtcatError if the file is damaged or was begun with another plan, or if `participant` is not a
        valid code.
        """
        self.path = path_of(corpus, participant)
        begin = Begin(
            participant=participant,
            corpus=corpus.name,
            corpus_sha256=corpus.sha256,
            split=split,
            fold=fold,
            limit=limit,
            seed=seed,
        )
        self._lock = lock_of(self.path)
        try:
            self.append(begin)
        except OutOfTurn:
            stored = read(corpus, self.path).begin
            if names := stored.differences(begin):
                values = ", ".join(f"{name} {getattr(stored, name)!r}" for name in names)
                raise YtcatError(
                    f"{self.path} was begun with {values}, and a video must not be shown to one person in "
                    "two ways: choose the same again, or another participant code."
                ) from None

    def history(self) -> History:
        """The state on disk."""
        return replay(content_of(self.path), self.path)

    def append(self, event: Event) -> History:
        """Write the event to disk and return the new state.

        Raises OutOfTurn, and writes nothing, if the event does not follow from the current state on disk;
        YtcatError if it cannot be written: then it can be given again.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                data = content_of(self.path)
                history = replay(data, self.path)
                history.add(event)
                self._write(data, event.model_dump_json().encode() + b"\n")
        except Timeout:
            raise YtcatError(
                f"{self.path} has been locked for {LOCK_TIMEOUT} s: close the other kernel."
            ) from None
        except OSError as error:
            raise YtcatError(
                f"{self.path} cannot be written ({error.strerror or error}), so this step is not recorded; "
                "all earlier ones are. Free disk space or make the file writable, then repeat the step."
            ) from error
        return history

    def _write(self, before: bytes, line: bytes) -> None:
        if before != (whole := plain(before)):
            atomic_write(self.path, whole + line)
            return
        with self.path.open("ab", buffering=0) as file:
            written = file.write(line)
            if written != len(line):
                raise OSError(f"only {written} of {len(line)} bytes could be written")
            os.fsync(file.fileno())
        if not before and os.name == "posix":
            descriptor = os.open(self.path.parent, os.O_RDONLY)  # sync the name of the new file
            os.fsync(descriptor)
            os.close(descriptor)


# ---- as a table

_TIME = "datetime64[us, UTC]"
COLUMNS = {  # and their types
    "participant": str,
    "trial": "int64",
    "condition": str,  # the view, by the slides' model that reads the same
    "video_id": str,
    "row": "int64",  # of the video in the corpus
    "category_id": "int64",  # the true category
    "answer": "Int64",  # a category id, missing if skipped
    "skipped": bool,
    "response_ms": "int64",
    "undone": "int64",  # how many answers to that video were taken back before
    "started": _TIME,
    "answered": _TIME,
    "split": str,
    "fold": "int64",
    "limit": "int64",
    "plan_seed": "int64",
    "corpus": str,
    "corpus_sha256": str,
}


def table(corpus: Corpus, histories: Iterable[History]) -> pd.DataFrame:
    """One row per answer or skip that was not taken back, with the `COLUMNS`."""
    row_of_video = pd.Series(corpus.videos.index, index=corpus.videos["video_id"])
    rows = []
    for history in histories:
        begin = history.begin
        for answer in history.answers:
            row = row_of_video[answer.video_id]
            rows.append(
                answer.model_dump(exclude={"event", "at"})
                | begin.model_dump(exclude={"event", "at", "seed"})
                | {
                    "row": row,
                    "category_id": corpus.videos["category_id"].loc[row],
                    "skipped": isinstance(answer, Skip),
                    "undone": history.undone[answer.video_id],
                    "answered": answer.at,
                    "plan_seed": begin.seed,
                }
            )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def trials(corpus: Corpus) -> pd.DataFrame:
    """The `table` of all answer files of a corpus."""
    histories = []
    for path in files(corpus):
        histories.append(read(corpus, path))
        participant = histories[-1].begin.participant
        if participant != path.stem:
            raise YtcatError(
                f"{path}, line 1: participant is {participant!r}, not {path.stem!r} as the file: move the "
                "file away and import it with `ytcat human merge`."
            )
    return table(corpus, histories)
