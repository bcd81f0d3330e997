"""Synthetic videos for the benchmarks, in any number, drawn from a seed."""

import csv
import os
from functools import cache
from pathlib import Path

import numpy as np
from table import pictures

from ytcat.categories import IDS

COLUMNS = [
    *("video_id", "title", "channel_title", "category_id"),
    *("publish_time", "trending_date", "tags", "description"),
]
DISTINCT = 64  # pictures, each hard-linked to many names; a file system allows about 65,000 links per file


@cache
def titles(n: int) -> list[str]:
    """n titles of the demo corpus's grammar, about as long as real ones."""
    from ytcat.corpus.demo import titles

    rng = np.random.default_rng(0)
    return [titles.draw(rng, int(label)).text for label in labels(n)]


def labels(n: int) -> np.ndarray:
    """The labels of n videos, (n,) int in 0..13."""
    return np.arange(n) % 14


def corpus(folder: Path, n: int, thumbnails: bool = True) -> Path:
    """A corpus folder with rows as long as those of Kaggle's newer set: about 2,000 characters."""
    rng = np.random.default_rng(0)
    words = [*(f"word{i}" for i in range(500)), "🎬", "ünïcode", "日本"]
    (folder / "thumbnails").mkdir(parents=True)
    with (folder / "videos.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for i, (title, label) in enumerate(zip(titles(n), labels(n), strict=True)):
            text = [words[word] for word in rng.integers(0, len(words), 240)]
            times = ("2020-08-11T19:20:14Z", "2020-08-12")
            tags, description = "|".join(text[:40]), " ".join(text[40:])
            writer.writerow([video_id(i), title, f"Channel {i // 5}", IDS[label], *times, tags, description])
    files = [folder / "thumbnails" / f"{video_id(i)}.jpg" for i in range(n if thumbnails else 0)]
    for file, content in zip(files, pictures(DISTINCT), strict=False):
        file.write_bytes(content)
    for i in range(DISTINCT, len(files)):
        os.link(files[i % DISTINCT], files[i])
    return folder


def video_id(i: int) -> str:
    """An id as long as YouTube's."""
    return f"v{i:010d}"
