"""Titles of other corpora, from which a model may learn beside its own videos."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from ytcat.corpus import Corpus
from ytcat.corpus.splits import Kind


class MoreTitles(NamedTuple):
    """n titles with their categories."""

    titles: list[str]
    labels: np.ndarray  # (n,) int 0..13
    corpora: dict[str, int]  # how many of them are of each corpus, by its name

    def after(
        self, titles: list[str], labels: np.ndarray, weight: float
    ) -> tuple[tuple[list[str], np.ndarray], np.ndarray | None]:
        """These titles and labels after those of k own ones, and what each counts in the loss.

        The own ones count 1, these `weight`: (k + n,) float32, or None if there are none of these.
        """
        if not self.titles:
            return (titles, labels), None
        weights = np.r_[np.ones(len(titles)), np.full(len(self.titles), weight)].astype(np.float32)
        return (titles + self.titles, np.concatenate([labels, self.labels])), weights


NO_TITLES = MoreTitles([], np.empty(0, np.int64), {})


def gather(corpora: Sequence[Corpus], own: pd.DataFrame, held_out: pd.DataFrame, kind: Kind) -> MoreTitles:
    """The titles of other corpora for a model of the videos `own` that is asked about `held_out`.

    Each is one that `may_be_learned`, of a video that is neither in `own` nor in a corpus before. All videos
    need `video_id`, and what `may_be_learned` needs.
    """
    more, known = NO_TITLES, set(own["video_id"])
    for corpus in corpora:
        videos = corpus.videos[~corpus.videos["video_id"].isin(known)]
        known |= set(videos["video_id"])
        videos = videos[may_be_learned(videos, held_out, kind)]
        more = MoreTitles(
            more.titles + videos["title"].tolist(),
            np.concatenate([more.labels, videos["label"]]),
            more.corpora | {corpus.name: more.corpora.get(corpus.name, 0) + len(videos)},
        )
    return more


def may_be_learned(more: pd.DataFrame, held_out: pd.DataFrame, kind: Kind) -> pd.Series:
    """Whether a model that is asked about `held_out` may learn from each video of `more`, (n,) bool.

    It may not be one of them. In the split "channel" it may not be of their channels, and in the split
    "time", where they are the newest, not as new as they are; what has no time is taken for new.
    """
    allowed = ~more["video_id"].isin(held_out["video_id"])
    if kind == "channel":
        allowed &= ~more["channel_title"].isin(held_out["channel_title"].dropna())
    if kind == "time":
        allowed &= more["publish_time"] < held_out["publish_time"].min()
    return allowed
