"""Importing other people's answer files, all of them or none."""

from collections.abc import Iterable
from pathlib import Path

from ytcat.atomic_files import atomic_write
from ytcat.corpus import Corpus
from ytcat.exceptions import YtcatError
from ytcat.human.events import whole_lines
from ytcat.human.store import content_of, lock_of, path_of, read


def merge(corpus: Corpus, paths: Iterable[Path]) -> dict[str, int]:
    """Copy answer files to those of the corpus; returns the number of trials by participant.

    If a participant has a file already, and one of the two files continues the other, the longer is kept.
    Raises YtcatError, with nothing changed, if a file is damaged or belongs to another corpus, or if the
    participant's other file has different answers.
    """
    before: dict[Path, bytes] = {}
    merged: dict[Path, bytes] = {}
    trials = {}
    for path in paths:
        history = read(corpus, path)
        theirs = whole_lines(path.read_bytes())
        participant = history.begin.participant
        target = path_of(corpus, participant)
        before.setdefault(target, content_of(target))
        ours = merged.get(target, before[target])
        if not (theirs.startswith(ours) or ours.startswith(theirs)):
            line = _first_difference(ours, theirs)
            raise YtcatError(
                f"{path}, line {line}: another participant {participant} is at {target}, and neither file "
                "continues the other: give one of the two another code in its first line."
            )
        merged[target] = max(ours, theirs, key=len)
        trials[participant] = len(read(corpus, path, merged[target]).answers)
    for target, data in merged.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        with lock_of(target):
            if content_of(target) != before[target]:
                raise YtcatError(f"{target.stem} is answering right now: merge again after the sitting.")
            atomic_write(target, data)
    return trials


def _first_difference(ours: bytes, theirs: bytes) -> int:
    pairs = zip(ours.splitlines(), theirs.splitlines(), strict=False)
    return next((number for number, (a, b) in enumerate(pairs, start=1) if a != b), 1)
