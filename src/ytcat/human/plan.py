"""The plan of the experiment: which test videos a person sees, in which view and in which order."""

import hashlib
from typing import NamedTuple

import numpy as np

from ytcat.corpus import Corpus
from ytcat.views import VIEWS, View

TRIALS_PER_BLOCK = 30  # between two breaks


class Trial(NamedTuple):
    """One video shown to one person."""

    video_id: str
    row: int  # of the video in the corpus
    view: View  # what the person sees of it


def views_of(corpus: Corpus) -> tuple[View, ...]:
    """The views that can be shown of a corpus: without thumbnails, only the title."""
    return tuple(VIEWS.values()) if corpus.has_thumbnails else (VIEWS["title"],)


def plan(corpus: Corpus, part: np.ndarray, participant: str, seed: int) -> list[Trial]:
    """All trials of a person in order; `part` (n,) str as `ytcat.corpus.splits.split` gives it.

    - Only test videos, each once and so in one view; if the corpus has thumbnails, only videos with one.
    - Interleaved: every three consecutive trials hold each view once, in random order, so that neither
      practice nor fatigue affects one view more than another.
    - One half of the videos is the same for everyone with the same seed, in the same view, so that
      people's answers can be compared; the other half is drawn per person, so that people together see
      more videos. Each block has equally many of both; the order is random per person.

    A corpus with very few test videos gives no trials.
    """
    views = views_of(corpus)
    usable = corpus.videos["has_thumbnail"].to_numpy() if corpus.has_thumbnails else True
    rows = np.random.default_rng(seed).permutation(np.flatnonzero((part == "test") & usable))
    code = hashlib.sha256(participant.encode()).digest()
    rng = np.random.default_rng([seed, int.from_bytes(code[:8])])
    middle = len(rows) // 2
    common, own = (_groups(half, len(views)) for half in (rows[:middle], rng.permutation(rows[middle:])))
    step = TRIALS_PER_BLOCK // len(views) // 2  # groups of each half per block
    trials = []
    for start in range(0, len(own), step):
        block = np.concatenate([common[start : start + step], own[start : start + step]])
        for group in rng.permutation(block):
            for position in rng.permutation(len(views)):
                row = int(group[position])
                trials.append(Trial(corpus.videos["video_id"].iloc[row], row, views[position]))
    return trials


def _groups(rows: np.ndarray, size: int) -> np.ndarray:
    """(m, size): groups with one video per view; the remainder is not used."""
    return rows[: len(rows) // size * size].reshape(-1, size)
