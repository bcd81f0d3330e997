"""Ingesting videos, decoding thumbnails and feeding them to a network, each compared with plain Pillow."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from generated import corpus
from PIL import Image
from table import QUICK, alone, interleaved, report, row, scratch

VIDEOS = (200, 400) if QUICK else (2_000, 20_000)
TITLES = 2_000 if QUICK else 200_000  # videos without thumbnails
PER_SECOND = 10_000  # of them, at least
BATCH = 128  # thumbnails at a time, as in `thumbnail_features.store`


def our_ingest(source: Path) -> Callable[[], int]:
    """`ytcat.corpus.ingest`: every record checked and accounted for, every thumbnail decoded to the end."""
    from ytcat.corpus.ingest import ingest

    def work() -> int:
        with scratch() as out:
            return ingest(source, Path(out)).kept

    return work


def stock_ingest(source: Path) -> Callable[[], int]:
    """pandas reads, Pillow decodes, pandas writes."""
    import pandas as pd

    def work() -> int:
        videos = pd.read_csv(source / "videos.csv").drop_duplicates("video_id", keep="last")
        pictures = []
        for path in _files(source, videos["video_id"]):
            with Image.open(path) as image:
                image.convert("RGB")
            pictures.append(path.read_bytes())
        with scratch() as out:
            videos.assign(thumbnail=pictures).to_parquet(Path(out) / "corpus.parquet")
        return len(pictures)

    return work


def our_decoding(source: Path) -> Callable[[], int]:
    """`Corpus.images`, batch by batch."""
    from ytcat.corpus import load

    data = load(source, build=source.parent)
    return lambda: sum(data.images(batch).sum(dtype=int) for batch in _batches(len(data.videos)))


def stock_decoding(source: Path) -> Callable[[], int]:
    """All files into one array."""
    paths = _files(source, _ids(source))

    def work() -> int:
        images = np.stack([np.asarray(Image.open(path).convert("RGB")) for path in paths])
        return int(images.sum(dtype=int))

    return work


def our_feeding(source: Path) -> Callable[[], int]:
    """The input of chapter 07's encoder, batch by batch: bars cropped, enlarged, in -1..1."""
    from ytcat.corpus import load
    from ytcat.future_directions.thumbnail_features import encoder

    data = load(source, build=source.parent)
    return lambda: sum(encoder.prepare(data.images(b)).shape[0] for b in _batches(len(data.videos)))


def stock_feeding(source: Path) -> Callable[[], int]:
    """Each file opened, resized and scaled, in batches of the same size."""
    from ytcat.future_directions.thumbnail_features.encoder import HEIGHT, WIDTH

    paths = _files(source, _ids(source))

    def work() -> int:
        fed = 0
        for batch in _batches(len(paths)):
            images = [Image.open(path).convert("RGB").resize((WIDTH, HEIGHT)) for path in paths[batch]]
            fed += len(np.stack([np.asarray(image, dtype=np.float32) / 127.5 - 1 for image in images]))
        return fed

    return work


def _batches(n: int) -> Iterator[slice]:
    return (slice(start, start + BATCH) for start in range(0, n, BATCH))


def _ids(source: Path) -> list[str]:
    return [f"v{i:010d}" for i in range(len(list((source / "thumbnails").iterdir())))]


def _files(source: Path, video_ids: list[str]) -> list[Path]:
    return [source / "thumbnails" / f"{video_id}.jpg" for video_id in video_ids]


WORK = {
    "Ingesting": (our_ingest, stock_ingest, "pandas and Pillow, unchecked"),
    "Decoding thumbnails": (our_decoding, stock_decoding, "Pillow, all into one array"),
    "Feeding thumbnails to the encoder": (our_feeding, stock_feeding, "Pillow, in batches"),
}

if __name__ == "__main__":
    rows = []
    for n in VIDEOS:
        with scratch() as folder:
            source = corpus(Path(folder) / "source", n)
            for what, (ours, stock, way) in WORK.items():
                found = interleaved(ours, stock, source, repeats=3)
                assert len({one.result for side in found for one in side}) == 1, found
                unit = "videos" if what == "Ingesting" else "thumbnails"
                target = 1.0 if what == "Ingesting" and n == max(VIDEOS) else None
                rows.append(row(what, n, unit, *found, stock_way=way, target_ratio=target, note="equal"))
    with scratch() as folder:
        source = corpus(Path(folder) / "source", TITLES, thumbnails=False)
        found = [alone(our_ingest, source) for _ in range(1 if QUICK else 3)]
        what = "Ingesting, without thumbnails"
        rows.append(row(what, TITLES, "videos", found, target_seconds=TITLES / PER_SECOND))
    report("ingest", "Videos and thumbnails", rows)
