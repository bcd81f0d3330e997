"""Rows a second and peak memory of ingesting 200,000 generated videos, each with a thumbnail (minutes)."""

import csv
import os
import tempfile
from pathlib import Path

import numpy as np
from table import FOLDER, measured, pictures, report

from ytcat.categories import IDS

ROWS = 200_000
DISTINCT = 64  # pictures, each linked to many names; a file system allows some 65,000 links to a file
WORDS = [f"word{i}" for i in range(500)] + ["🎬", "ünïcode", "日本"]
COLUMNS = [
    *("video_id", "title", "channel_title", "category_id"),
    *("publish_time", "trending_date", "tags", "description"),
]
CODE = """
from pathlib import Path
from ytcat.corpus.ingest import ingest
found = ingest(Path(sys.argv[1]), Path(sys.argv[2]))
assert found.kept == found.thumbnails["ok"] == int(sys.argv[3]), found
"""


def make(folder: Path) -> None:
    """A corpus folder with rows as long as those of Kaggle's newer set: about 2,000 characters."""
    rng = np.random.default_rng(0)
    (folder / "thumbnails").mkdir(parents=True)
    with (folder / "videos.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for i in range(ROWS):
            words = [WORDS[word] for word in rng.integers(0, len(WORDS), 200)]
            texts = (
                " ".join(words[:8]),
                f"Channel {i // 5}",
                IDS[i % 14],
                "2020-08-11T19:20:14Z",
                "2020-08-12",
            )
            writer.writerow([video_id(i), *texts, "|".join(words[:40]), " ".join(words)])
    files = [folder / "thumbnails" / f"{video_id(i)}.jpg" for i in range(ROWS)]
    for file, content in zip(files, pictures(DISTINCT), strict=False):
        file.write_bytes(content)
    for i in range(DISTINCT, ROWS):
        os.link(files[i % DISTINCT], files[i])


def video_id(i: int) -> str:
    """As long as YouTube's."""
    return f"v{i:010d}"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix="ingest-") as temporary:
        source, out = Path(temporary) / "source", Path(temporary) / "out"
        make(source)
        found = measured(CODE, source, out, ROWS)
        megabytes = (source / "videos.csv").stat().st_size / 1e6
    figures = {
        "rows": ROWS,
        "size of the CSV (MB)": megabytes,
        "seconds": found.seconds,
        "rows a second": ROWS / found.seconds,
        "peak memory (GB)": found.gigabytes,
    }
    report("ingest", figures)
