"""An example of a corpus folder of one's own: six made-up videos of two categories, two with pictures."""

import csv
import io
from pathlib import Path

import numpy as np

from ytcat.atomic_files import atomic_path, atomic_write
from ytcat.corpus.demo import thumbnails
from ytcat.corpus.demo.thumbnails import Attributes

_HEADER = ("video_id", "title", "category")
_VIDEOS = (
    ("my-first-match", "Every goal of our final, in slow motion", "Sport"),
    ("match.2", "Training day: how we practise penalties", "Sport"),
    ("match_3", "The save of the season?", "Sport"),
    ("soup", "Tomato soup in ten minutes", "How to and Style"),
    ("bread-2024", "How to bake bread without an oven", "How to and Style"),
    ("knots", "Five knots that you will need, step by step", "How to and Style"),
)
_PICTURES = {
    "my-first-match.jpg": Attributes("pitch", "vivid", 2, False, True, False),
    "soup.png": Attributes("kitchen", "warm", 1, False, False, False),
}


def make_example(folder: Path) -> None:
    """Write the example, whole or not at all, into a folder that does not exist or is empty."""
    rng = np.random.default_rng(0)
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([_HEADER, *_VIDEOS])
    with atomic_path(folder) as temporary:
        (temporary / "thumbnails").mkdir(parents=True)
        atomic_write(temporary / "videos.csv", table.getvalue())
        for name, attributes in _PICTURES.items():
            thumbnails.draw(attributes, rng).save(temporary / "thumbnails" / name)
