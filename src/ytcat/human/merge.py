"""Importing other people's answer files, all of them or none."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from filelock import Timeout

from ytcat.atomic_files import atomic_path
from ytcat.corpus import Corpus
from ytcat.exceptions import YtcatError
from ytcat.human.events import Event, plain, replay, whole_lines
from ytcat.human.store import content_of, lock_of, path_of, read


def merge(corpus: Corpus, paths: Iterable[Path]) -> dict[str, int]:
    """Add the answers of other people's files to those of the corpus; returns the trials by participant.

    If a participant has a file already, and one of the two files continues the other, the longer one counts;
    they are compared event by event, so it does not matter how an editor has saved them. Hidden files are
    passed over. Raises YtcatError, with nothing changed, if a file is damaged or belongs to another corpus,
    if the participant's other file has different answers, or if the files cannot be written.
    """
    before: dict[Path, bytes] = {}
    merged: dict[Path, bytes] = {}
    trials = {}
    for path in paths:
        if path.name.startswith("."):  # `._p07.jsonl`, which macOS puts beside p07.jsonl
            continue
        history, data = read(corpus, path), path.read_bytes()
        participant = history.begin.participant
        target = path_of(corpus, participant)
        before.setdefault(target, content_of(target))
        ours = merged.get(target, before[target])
        known = replay(ours, target).events
        n_known, n_new = len(known), len(history.events)
        if (n := _in_common(known, history.events)) < min(n_known, n_new):
            raise YtcatError(
                f"{path}, line {whole_lines(data)[n][0]}: another participant {participant} is at {target}, "
                "and neither file continues the other: give one of the two another code in its first line."
            )
        merged[target] = plain(data) if n_new > n_known else ours
        trials[participant] = len(replay(merged[target], path).answers)
    _write(before, merged)
    return trials


def _in_common(ours: Sequence[Event], theirs: Sequence[Event]) -> int:
    """With how many equal events both begin."""
    pairs = zip(ours, theirs, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(ours), len(theirs)))


def _write(before: dict[Path, bytes], merged: dict[Path, bytes]) -> None:
    """Write all files or none; `before` is what they held when the others were compared with them."""
    try:
        with ExitStack() as stack:
            for target, data in sorted(merged.items()):
                target.parent.mkdir(parents=True, exist_ok=True)
                stack.enter_context(lock_of(target))
                if content_of(target) != before[target]:
                    raise YtcatError(f"{target.stem} is answering right now: merge again after the sitting.")
                if data != before[target]:
                    stack.enter_context(atomic_path(target)).write_bytes(data)
    except Timeout:
        raise YtcatError("Someone is answering right now: merge again after the sitting.") from None
    except OSError as error:
        raise YtcatError(
            f"The answers cannot be written to {target.parent} ({error.strerror or error}). Free disk space "
            "or make the folder writable, then merge again."
        ) from error
