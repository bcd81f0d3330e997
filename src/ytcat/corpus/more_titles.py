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


def gather(corpora: Sequence[Corpus], own: pd.DataFrame, held_out: pd.DataFrame, kind: Kind) -> MoreTitles:
    """The titles of other corpora for a model of the videos `own` that is asked about `held_out`.

    Each is one that `may_be_learned`, of a video that is neither in `own` nor in a corpus before. All videos
    need `video_id`, and what `may_be_learned` needs.
    """
    known, chosen = set(own["video_id"]), []
    for corpus in corpora:
        videos = corpus.videos[~corpus.videos["video_id"].isin(known)]
        chosen.append(videos[may_be_learned(videos, held_out, kind)])
        known |= set(videos["video_id"])
    counts = {corpus.name: len(videos) for corpus, videos in zip(corpora, chosen, strict=True)}
    titles = [title for videos in chosen for title in videos["title"]]
    labels = np.concatenate([videos["label"].to_numpy() for videos in chosen]) if chosen else np.empty(0, int)
    return MoreTitles(titles, labels, counts)


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
