"""What a sweep runs: each chapter once for each seed on each split, from a line of text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ytcat import parameters
from ytcat.corpus import Corpus
from ytcat.corpus.splits import N_FOLDS
from ytcat.exceptions import YtcatError
from ytcat.report.chapters import CHAPTERS, Chapter
from ytcat.report.execute import with_read
from ytcat.report.profiles import for_run, results_folder


@dataclass(frozen=True, eq=False)
class Task:
    """One chapter for one seed on one split."""

    chapter: Chapter
    seed: int
    split: str
    fold: int  # of the split by channel, else 0
    results: str  # below the build folder
    parameters: dict[str, Any]

    @property
    def reads(self) -> list[tuple[str, str]]:
        """The keys of the tasks whose results it reads."""
        return [(self.results, name) for name in self.chapter.reads]

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart: a results folder holds each chapter once."""
        return self.results, self.chapter.name

    def __str__(self) -> str:
        fold = f", fold {self.fold}" if self.split == "channel" else ""
        return f"{self.chapter.name} seed {self.seed}, split {self.split}{fold}"


def plan(
    corpus: Corpus,
    profile: str,
    common: dict[str, Any],
    chapters: Sequence[str],
    seeds: Sequence[int],
    splits: Sequence[str],
) -> list[Task]:
    """The tasks of a sweep, those that are read before those that read them.

    Chapters that the wanted ones read are among them. Each seed has another fifth of the channels as its test
    on the split by channel. `common`: as for `profiles.for_run`, but for seed, split and fold.
    """
    tasks = []
    for seed in seeds:
        for split in splits:
            fold = seed % N_FOLDS if split == "channel" else 0
            given = for_run(profile, common | {"seed": seed, "split": split, "fold": fold})
            results = results_folder(corpus, profile, seed, split, fold)
            tasks += [
                Task(chapter, seed, split, fold, results, given[chapter.name] | {"results": results})
                for chapter in with_read(chapters)
            ]
    return tasks


def chapters_of(text: str) -> list[str]:
    """The chapters named in a text, each by its name or by a part of it that no other has: "image,text".

    Raises YtcatError for a part of several names, or of none.
    """
    return list(dict.fromkeys(_chapter(part) for part in words(text, "chapter")))


def seeds_of(text: str) -> list[int]:
    """The seeds of a text such as "0-9", "0,3,5" or "0 1 2"; raises YtcatError for anything else."""
    seeds: list[int] = []
    for part in words(text, "seed"):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        if not match or int(match[2] or match[1]) < int(match[1]):
            raise YtcatError(f"{part!r} is no seed and no range of seeds: give 0-9, or 0,3,5.")
        seeds += range(int(match[1]), int(match[2] or match[1]) + 1)
    return list(dict.fromkeys(seeds))


def words(text: str, what: str) -> list[str]:
    """The words of a text, separated by commas or blanks, each once; raises YtcatError if there is none."""
    found = list(dict.fromkeys(re.findall(r"[^\s,]+", text)))
    if not found:
        raise YtcatError(f"A sweep needs at least one {what}.")
    return found


def _chapter(part: str) -> str:
    names = [chapter.name for chapter in CHAPTERS]
    found = [name for name in names if name == part] or [name for name in names if part in name]
    if len(found) > 1:
        raise YtcatError(f"{part!r} may be {' or '.join(found)}: give more of the chapter's name.")
    if not found:
        known = [word for name in names for word in name.split("_")[1:]]
        unique = [word for word in known if sum(word in name for name in names) == 1]
        raise YtcatError(f"There is no chapter {part!r}. {parameters.hint(part, unique)}")
    return found[0]
