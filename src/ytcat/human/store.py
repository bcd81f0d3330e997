"""People's answers on disk: an append-only file of JSON lines for each person, `<participant>.jsonl`.

Each line is one event: the beginning, an answer, a skip, an undo, the end. Nothing is ever overwritten; an
undo is a line more. A line is on disk (fsync) before the next video shows. Writing takes a lock and first
reads what is there, so two kernels can neither damage a file nor record a trial twice. A line that a crash
left half-written was never confirmed; it is passed over, and goes with the next event.

Why not SQLite: in WAL mode it keeps the newest answers in a second file beside the first, and who sends the
first one alone loses them; nor does WAL work on network drives. A person's few hundred lines are read again
in a millisecond, any editor shows them, and what is wrong has a line number.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from filelock import FileLock, Timeout
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ytcat import paths
from ytcat.categories import IDS
from ytcat.corpus import Corpus
from ytcat.corpus.schema import VIDEO_ID
from ytcat.exceptions import YtcatError
from ytcat.human.plan import Condition

# A code, not a name: it must hold a digit. Part of a file name.
PARTICIPANT, LONGEST = r"[a-z0-9-]*[0-9][a-z0-9-]*", 20
PATIENCE = 10  # seconds to wait for another kernel's write


class OutOfTurn(YtcatError):
    """An event that does not follow from those before it, because another window was quicker."""


# ---- events


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))


class Begin(_Event):
    """The first line: who sits which plan on which corpus."""

    event: Literal["begin"] = "begin"
    participant: str = Field(pattern=rf"^{PARTICIPANT}\z", max_length=LONGEST)
    corpus: str
    corpus_sha256: str = Field(pattern=r"^[0-9a-f]{64}\z")
    split: str
    fold: int
    limit: int
    seed: int  # of the plan

    def differs(self, other: "Begin") -> list[str]:
        """The names of what the two plans do not have in common, the time aside."""
        ours, theirs = self.model_dump(exclude={"at"}), other.model_dump(exclude={"at"})
        return [name for name in ours if ours[name] != theirs[name]]


class _Shown(_Event):
    trial: int = Field(ge=1)  # 1, 2, ... in the order in which the person saw them
    video_id: str = Field(pattern=rf"^{VIDEO_ID}\z")
    condition: Condition
    response_ms: int = Field(ge=0)  # that the video was in view, by the browser's clock
    started: AwareDatetime  # when it was first shown in this sitting


class Answer(_Shown):
    """A category for a video."""

    event: Literal["answer"] = "answer"
    answer: Literal[IDS]  # YouTube's id


class Skip(_Shown):
    """No category for a video."""

    event: Literal["skip"] = "skip"


class Undo(_Event):
    """The last answer or skip is taken back."""

    event: Literal["undo"] = "undo"
    trial: int = Field(ge=1)


class Finish(_Event):
    """The person has seen the results: nothing may follow."""

    event: Literal["finish"] = "finish"


Event = Begin | Answer | Skip | Undo | Finish
_EVENT = TypeAdapter(Annotated[Event, Field(discriminator="event")])


@dataclass
class History:
    """What a person's events come to."""

    begin: Begin | None = None
    answers: list[Answer | Skip] = field(default_factory=list)  # those that stand, by trial
    undone: Counter[str] = field(default_factory=Counter)  # how often each video's was taken back
    finished: bool = False
    _conditions: dict[str, Condition] = field(default_factory=dict)  # of every video ever shown

    def add(self, event: Event) -> None:
        """Take the next event; raises OutOfTurn with the reason if it cannot come here."""
        if (self.begin is None) != isinstance(event, Begin):
            raise OutOfTurn("a file has one line with the event begin, its first")
        if self.finished:
            raise OutOfTurn("the person has seen the results, nothing may follow")
        match event:
            case Begin():
                self.begin = event
            case Finish():
                self.finished = True
            case Undo():
                if event.trial != len(self.answers):
                    raise OutOfTurn(f"an undo of trial {event.trial}; the last is {len(self.answers)}")
                self.undone[self.answers.pop().video_id] += 1
            case Answer() | Skip():
                if event.trial != len(self.answers) + 1:
                    raise OutOfTurn(f"this is trial {event.trial}; the next is {len(self.answers) + 1}")
                if event.video_id in {answer.video_id for answer in self.answers}:
                    raise OutOfTurn(f"the video {event.video_id} has an answer already")
                if self._conditions.setdefault(event.video_id, event.condition) != event.condition:
                    raise OutOfTurn(f"the video {event.video_id} was shown in another condition before")
                self.answers.append(event)


# ---- files


def folder(corpus: Corpus) -> Path:
    """Where the people's files of a corpus are."""
    return paths.build_folder() / "human" / f"{corpus.name}-{corpus.sha256[:12]}"


def path_of(corpus: Corpus, participant: str) -> Path:
    """A person's file; raises YtcatError for what is no participant code."""
    if not re.fullmatch(PARTICIPANT, participant) or len(participant) > LONGEST:
        raise YtcatError(
            f"{participant[:40]!r} is no participant code. Take a code instead of a name, such as p07: at "
            f"most {LONGEST} small letters a to z, digits and hyphens, with at least one digit."
        )
    return folder(corpus) / f"{participant}.jsonl"


def lock_of(path: Path) -> FileLock:
    """What whoever writes a person's file holds; it times out after `PATIENCE`."""
    return FileLock(path.with_suffix(".lock"), timeout=PATIENCE)


def files(corpus: Corpus) -> list[Path]:
    """All people's files of a corpus, by name."""
    return sorted(folder(corpus).glob("*.jsonl"))


def content_of(path: Path) -> bytes:
    """A file's bytes, none where there is no file."""
    return path.read_bytes() if path.exists() else b""


def whole_lines(data: bytes) -> bytes:
    """A file's content up to its last whole line, ended by a newline.

    No part of a JSON object is itself one, so a last line that can be read was written whole.
    """
    before, newline, last = data.rpartition(b"\n")
    try:
        json.loads(last)
    except ValueError:
        return before + newline
    return data + b"\n"


def replay(data: bytes, where: Path | str) -> History:
    """What the lines of a file come to; raises YtcatError that names `where`, the line and what is wrong."""
    history = History()
    for number, line in enumerate(whole_lines(data).splitlines(), start=1):
        try:
            history.add(_EVENT.validate_json(line))
        except ValidationError as error:
            raise YtcatError(f"{where}, line {number}: {_first(error)}.") from error
        except OutOfTurn as error:
            raise YtcatError(f"{where}, line {number}: {error}.") from error
    return history


def read(corpus: Corpus, path: Path, data: bytes | None = None) -> History:
    """A person's file (or its `data`), checked to be of this corpus.

    Raises YtcatError that names the file, the line, the value and what is wanted.
    """
    try:
        data = path.read_bytes() if data is None else data
    except OSError as error:
        raise YtcatError(f"{path} cannot be read: {error}") from error
    history = replay(data, path)
    if history.begin is None:
        raise YtcatError(f"{path}, line 1: there is no whole line; the experiment's files begin with one.")
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
    """A person's file, for going on with it."""

    def __init__(
        self, corpus: Corpus, participant: str, split: str, fold: int, limit: int, seed: int
    ) -> None:
        """Open the file, or begin it; `seed` is the plan's, the three before it say what is test.

        Raises YtcatError if it is damaged, was begun with another plan, or for what is no participant code.
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
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = lock_of(self.path)
        try:
            self.append(begin)
        except OutOfTurn:
            before = read(corpus, self.path).begin
            if names := before.differs(begin):
                values = ", ".join(f"{name} {getattr(before, name)!r}" for name in names)
                raise YtcatError(
                    f"{self.path} was begun with {values}, and a video must not be shown to one person in "
                    "two ways: choose the same again, or another participant code."
                ) from None

    def history(self) -> History:
        """What is on disk."""
        return replay(content_of(self.path), self.path)

    def append(self, event: Event) -> History:
        """Put the event on disk and return what there is then.

        Raises OutOfTurn, and writes nothing, if it does not follow from what is on disk by now.
        """
        try:
            with self._lock:
                data = content_of(self.path)
                history = replay(data, self.path)
                history.add(event)
                self._write(data, event.model_dump_json().encode() + b"\n")
        except Timeout:
            raise YtcatError(
                f"{self.path} has been locked for {PATIENCE} s: close the other kernel."
            ) from None
        return history

    def _write(self, before: bytes, line: bytes) -> None:
        whole = whole_lines(before)
        with self.path.open("ab", buffering=0) as file:
            if len(whole) < len(before):
                file.truncate(len(whole))
            line = whole[len(before) :] + line  # a newline that is missing
            written = file.write(line)
            if written != len(line):
                raise OSError(f"{self.path}: only {written} of {len(line)} bytes could be written")
            os.fsync(file.fileno())
        if not before and os.name == "posix":
            descriptor = os.open(self.path.parent, os.O_RDONLY)  # the new file's name
            os.fsync(descriptor)
            os.close(descriptor)


# ---- as a table

_TIME = "datetime64[us, UTC]"
COLUMNS = {  # and their types
    "participant": str,
    "trial": "int64",
    "condition": str,
    "video_id": str,
    "row": "int64",  # of the video in the corpus
    "category_id": "int64",  # the truth
    "answer": "Int64",  # a category's id, or none where skipped
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
    """A row an answer or skip that stands, tidy: `COLUMNS`."""
    rows_of = pd.Series(corpus.videos.index, index=corpus.videos["video_id"])
    rows = []
    for history in histories:
        begin = history.begin
        for given in history.answers:
            row = rows_of[given.video_id]
            rows.append(
                given.model_dump(exclude={"event", "at"})
                | begin.model_dump(exclude={"event", "at", "seed"})
                | {
                    "row": row,
                    "category_id": corpus.videos["category_id"].loc[row],
                    "skipped": isinstance(given, Skip),
                    "undone": history.undone[given.video_id],
                    "answered": given.at,
                    "plan_seed": begin.seed,
                }
            )
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def trials(corpus: Corpus) -> pd.DataFrame:
    """The `table` of all people's files of a corpus."""
    histories = []
    for path in files(corpus):
        histories.append(read(corpus, path))
        participant = histories[-1].begin.participant
        if participant != path.stem:
            raise YtcatError(
                f"{path}, line 1: participant is {participant!r}, not {path.stem!r} as the file."
            )
    return table(corpus, histories)


def _first(error: ValidationError) -> str:
    """What is wrong first, in words."""
    wrong = error.errors()[0]
    place = ".".join(map(str, wrong["loc"][1:]))  # without the event's name
    value = repr(wrong["input"]) if isinstance(wrong["input"], str | int | float) else "the line"
    return f"{place + ': ' if place else ''}{wrong['msg']}; it is {value[:80]}"
