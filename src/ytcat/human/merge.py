"""Bringing other people's files to one's own, all of them or none."""

from collections.abc import Iterable
from pathlib import Path

from ytcat.atomic_files import atomic_write
from ytcat.corpus import Corpus
from ytcat.exceptions import YtcatError
from ytcat.human.store import content_of, lock_of, path_of, read, whole_lines


def merge(corpus: Corpus, given: Iterable[Path]) -> dict[str, int]:
    """Put people's files among those of the corpus; returns their numbers of trials by participant.

    A participant who is there already is replaced by the longer of the two files where one goes on from the
    other. Raises YtcatError, with nothing changed, for a file that is damaged, of another corpus, or of a
    participant of whom there is a different one.
    """
    before: dict[Path, bytes] = {}
    merged: dict[Path, bytes] = {}
    trials = {}
    for path in given:
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
                "goes on from the other: give one of the two another code in its first line."
            )
        merged[target] = max(ours, theirs, key=len)
        trials[participant] = len(read(corpus, path, merged[target]).answers)
    for target, data in merged.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        with lock_of(target):
            if content_of(target) != before[target]:
                raise YtcatError(f"{target.stem} is just answering: merge again when the sitting is over.")
            atomic_write(target, data)
    return trials


def _first_difference(ours: bytes, theirs: bytes) -> int:
    pairs = zip(ours.splitlines(), theirs.splitlines(), strict=False)
    return next((number for number, (a, b) in enumerate(pairs, start=1) if a != b), 1)
