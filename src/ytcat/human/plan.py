"""Which test videos a person sees, in which condition and in which order."""

import hashlib
from typing import Literal, NamedTuple, get_args

import numpy as np

from ytcat.corpus import Corpus

Condition = Literal["image", "text", "fusion"]  # the models' names
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
SHOWN = dict(zip(CONDITIONS, ("Thumbnail only", "Title only", "Thumbnail and title"), strict=True))
BLOCK = 30  # trials between two breaks


class Trial(NamedTuple):
    """One video as one person sees it."""

    video_id: str
    row: int  # of the video in the corpus
    condition: Condition


def conditions_of(corpus: Corpus) -> tuple[Condition, ...]:
    """What can be shown of the corpus: without thumbnails, only titles."""
    return CONDITIONS if corpus.has_thumbnails else ("text",)


def plan(corpus: Corpus, part: np.ndarray, participant: str, seed: int) -> list[Trial]:
    """All trials of a person in order; `part` (n,) str as `ytcat.corpus.splits.split` gives it.

    - Only test videos, each once, so in one condition; where the corpus has thumbnails, only videos with one.
    - Interleaved: every three trials in a row hold each condition once, in random order, so that neither
      practice nor fatigue falls on one condition more than on another.
    - One half of the videos is the same for everyone with the same seed, in the same condition, so that
      people's answers can be compared; the other half is drawn for each person, so that people together see
      more videos. Every block has as many of each, and the order is each person's own.

    A corpus with very few test videos gives no trials.
    """
    conditions = conditions_of(corpus)
    usable = corpus.videos["has_thumbnail"].to_numpy() if corpus.has_thumbnails else True
    rows = np.random.default_rng(seed).permutation(np.flatnonzero((part == "test") & usable))
    code = hashlib.sha256(participant.encode()).digest()
    rng = np.random.default_rng([seed, int.from_bytes(code[:8])])
    middle = len(rows) // 2
    common, own = (_groups(half, len(conditions)) for half in (rows[:middle], rng.permutation(rows[middle:])))
    step = BLOCK // len(conditions) // 2  # groups of each half in a block
    trials = []
    for start in range(0, len(own), step):
        block = np.concatenate([common[start : start + step], own[start : start + step]])
        for group in rng.permutation(block):
            for place in rng.permutation(len(conditions)):
                row = int(group[place])
                trials.append(Trial(corpus.videos["video_id"].iloc[row], row, conditions[place]))
    return trials


def _groups(rows: np.ndarray, size: int) -> np.ndarray:
    """(m, size): groups with a video for each condition; what is left over is not used."""
    return rows[: len(rows) // size * size].reshape(-1, size)
