"""What a sweep runs: each chapter once for each seed on each split, from a line of text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ytcat import parameters
from ytcat.corpus.splits import N_FOLDS
from ytcat.exceptions import YtcatError
from ytcat.report.chapters import CHAPTERS, Chapter, with_read
from ytcat.report.profiles import RunSettings

MAX_SEEDS = 10_000  # a mistyped range would fill the memory


@dataclass(frozen=True, eq=False)
class Task:
    """One chapter of one run."""

    chapter: Chapter
    run: RunSettings

    @property
    def key(self) -> tuple[str, str]:
        """What tells the task apart: a results folder holds each chapter once."""
        return self.run.results, self.chapter.name

    @property
    def reads(self) -> list[tuple[str, str]]:
        """The keys of the tasks whose results this one reads."""
        return [(self.run.results, name) for name in self.chapter.reads]

    def __str__(self) -> str:
        fold = f", fold {self.run.fold}" if self.run.split == "channel" else ""
        return f"{self.chapter.name} seed {self.run.seed}, split {self.run.split}{fold}"


def plan(run: RunSettings, seeds: Sequence[int], splits: Sequence[str]) -> list[Task]:
    """The tasks of a sweep of a run's chapters, those that are read before those that read them.

    Chapters that these read are among them. On the split by channel, each seed has another fifth of the
    channels as the test set. Raises YtcatError for a parameter that cannot be.
    """
    tasks = []
    for seed in seeds:
        for split in splits:
            fold = seed % N_FOLDS if split == "channel" else 0
            one = replace(run, seed=seed, split=split, fold=fold)
            tasks += [Task(chapter, one) for chapter in with_read(run.chapters)]
    return tasks


def chapters_of(text: str) -> list[str]:
    """The chapters named in a text, each by its name or by a part of it that no other has: "image,text".

    Raises YtcatError for a part of several names, or of none.
    """
    return list(dict.fromkeys(_chapter(part) for part in words(text, "chapter")))


def seeds_of(text: str) -> list[int]:
    """The seeds of a text such as "0-9", "0,3,5" or "0 1 2", at most MAX_SEEDS.

    Raises YtcatError for anything else.
    """
    seeds: list[int] = []
    for part in words(text, "seed"):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
        if last < first:
            raise YtcatError(f"{part!r} is no seed and no range of seeds: give 0-9, or 0,3,5.")
        if last - first >= MAX_SEEDS:
            raise YtcatError(f"{part!r} has {last - first + 1:,} seeds: give at most {MAX_SEEDS:,}.")
        seeds += range(first, last + 1)
    return list(dict.fromkeys(seeds))


def words(text: str, what: str) -> list[str]:
    """The distinct words of a text, between commas or blanks; raises YtcatError if there is none."""
    unique = list(dict.fromkeys(re.findall(r"[^\s,]+", text)))
    if not unique:
        raise YtcatError(f"A sweep needs at least one {what}.")
    return unique


def _chapter(part: str) -> str:
    names = [chapter.name for chapter in CHAPTERS if not chapter.folder]  # the appendix trains nothing
    matching = [name for name in names if name == part] or [name for name in names if part in name]
    if len(matching) > 1:
        raise YtcatError(f"{part!r} may be {' or '.join(matching)}: give more of the chapter's name.")
    if not matching:
        known = [word for name in names for word in name.split("_")[1:]]
        unique = [word for word in known if sum(word in name for name in names) == 1]
        raise YtcatError(f"There is no chapter {part!r}. {parameters.hint(part, unique)}")
    return matching[0]
