"""The events of one person's sitting, and what they add up to."""

import codecs
import contextlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from ytcat.categories import IDS
from ytcat.corpus.schema import VIDEO_ID
from ytcat.exceptions import YtcatError
from ytcat.parameters import split_key
from ytcat.views import SLIDES_MODELS

# A participant code is no name: it must hold a digit. It is part of a file name.
PARTICIPANT, MAX_PARTICIPANT = r"[a-z0-9-]*[0-9][a-z0-9-]*", 20
SENT = "Give the file as the experiment wrote it, <participant>.jsonl of build/human/."


def participant_code(text: str) -> str:
    """A participant code; raises ValueError with the rule if it is none."""
    if not re.fullmatch(PARTICIPANT, text) or len(text) > MAX_PARTICIPANT:
        raise ValueError(
            f"{text[:40]!r} is no participant code. Take a code instead of a name, such as p07: at most "
            f"{MAX_PARTICIPANT} small letters a to z, digits and hyphens, with at least one digit"
        )
    return text


class OutOfTurn(YtcatError):
    """An event that does not follow from those before it, because another window was quicker."""


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))


class Begin(_Event):
    """The first event: the person, the corpus and the plan."""

    event: Literal["begin"] = "begin"
    participant: Annotated[str, AfterValidator(participant_code)]
    corpus: str
    corpus_sha256: str = Field(pattern=r"^[0-9a-f]{64}\z")
    split: Annotated[str, BeforeValidator(split_key)]  # older files have the split's earlier name
    fold: int
    limit: int
    seed: int  # of the plan

    def differences(self, other: "Begin") -> list[str]:
        """The names of the fields, apart from the time, in which the two differ."""
        ours, theirs = self.model_dump(exclude={"at"}), other.model_dump(exclude={"at"})
        return [name for name in ours if ours[name] != theirs[name]]


class _Shown(_Event):
    trial: int = Field(ge=1)  # 1, 2, ... in the order in which the person saw the videos
    video_id: str = Field(pattern=rf"^{VIDEO_ID}\z")
    condition: Literal[SLIDES_MODELS]  # the view, by the slides' model that reads the same
    response_ms: int = Field(ge=0)  # how long the video was visible, by the browser's clock
    started: AwareDatetime  # when the video was first shown in this sitting


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
    """The state after a person's events."""

    events: list[Event] = field(default_factory=list)
    begin: Begin | None = None
    answers: list[Answer | Skip] = field(default_factory=list)  # without those taken back
    undone: Counter[str] = field(default_factory=Counter)  # how many answers were taken back, by video
    finished: bool = False
    _conditions: dict[str, str] = field(default_factory=dict)  # by video, of every video ever shown

    def add(self, event: Event) -> None:
        """Apply the next event; raises OutOfTurn with the reason if it cannot follow."""
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
        self.events.append(event)


def whole_lines(data: bytes) -> list[tuple[int, bytes]]:
    """The whole lines of a file, each with its number in the file, however an editor saved it.

    It may be UTF-8 or UTF-16, with a byte order mark or without, with any line ends; blank lines are passed
    over. A last line that a crash cut off is left out: no proper prefix of a JSON object is valid JSON.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        with contextlib.suppress(UnicodeDecodeError):
            data = data.decode("utf-16").encode()
    lines = [line.strip() for line in data.lstrip(codecs.BOM_UTF8).splitlines()]
    if lines and not data.endswith((b"\n", b"\r")) and not _is_json(lines[-1]):
        lines.pop()
    return [(number, line) for number, line in enumerate(lines, start=1) if line]


def plain(data: bytes) -> bytes:
    """The whole lines as the experiment itself writes them: UTF-8, each ended by a newline."""
    return b"".join(line + b"\n" for _, line in whole_lines(data))


def replay(data: bytes, where: Path | str) -> History:
    """The state after the events of a file; raises YtcatError that names `where`, the line and the reason."""
    history = History()
    for number, line in whole_lines(data):
        try:
            history.add(_EVENT.validate_json(line))
        except ValidationError as error:
            raise YtcatError(f"{where}, line {number}: {_first_error(error)}.") from error
        except OutOfTurn as error:
            raise YtcatError(f"{where}, line {number}: {error}.") from error
    return history


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _first_error(error: ValidationError) -> str:
    first = error.errors()[0]
    if first["type"] == "value_error":  # of `participant_code`
        return str(first["ctx"]["error"])
    if first["type"] == "json_invalid" or not first["loc"]:
        return f"{first['msg']}. {SENT.rstrip('.')}"
    place = ".".join(map(str, first["loc"][1:]))  # without the name of the event
    value = repr(first["input"]) if isinstance(first["input"], str | int | float) else "the line"
    return f"{place + ': ' if place else ''}{first['msg']}; it is {value[:80]}"
