"""Damaged files of others for every reader of them: `python tests/fuzz.py [inputs] [seed]`.

An input is a good file with a few random edits. A reader may accept it, or refuse it with its documented
error; anything else is printed with the number that makes the input again, and the exit status is 1. It takes
about ten minutes for 100,000 inputs, so the test suite does not run it.
"""

import argparse
import io
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from ytcat.categories import CATEGORIES
from ytcat.corpus.records import read_records
from ytcat.corpus.thumbnails import as_shown, image_from_bytes, status
from ytcat.data import category_file, provenance, youtube
from ytcat.exceptions import YtcatError
from ytcat.human.events import replay

TOKENS = [
    *(b'"', b'""', b",", b"\n", b"\r", b"\0", b"\xff", b"\\", b"{", b"}", b"[", b"]", b":", b"null", b"-1"),
    *(b"1e999", b"\xed\xa0\x80", b"\\ud800", b"9" * 30, b"true", b"\xef\xbb\xbf", b" ", b"[" * 2000),
]


def damaged(content: bytes, rng: random.Random) -> bytes:
    """The content with one to six edits: bytes changed, cut, doubled, moved, or a token put in."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        at, length = rng.randint(0, len(data)), rng.choice([0, 1, 1, 2, 4, 16, 200])
        match rng.randrange(6):
            case 0 if data:
                data[min(at, len(data) - 1)] ^= 1 << rng.randrange(8)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length]
            case 3:
                data[at : at + length] = rng.randbytes(length)
            case 4:
                data[at : at + rng.randint(0, 3)] = rng.choice(TOKENS)
            case 5 if rng.random() < 0.3:
                del data[at:]
    return bytes(data)


# --- good files --------------------------------------------------------------------------------------


def csv_files() -> list[bytes]:
    rows = [
        f'v.{i},"Title, ""{i}""\r\n🎬 é",Channel,24.0,17.14.11,2017-11-10T00:13:01.000Z,"a|b"'
        for i in range(6)
    ]
    header = "video_id,title,channel_title,category_id,trending_date,publish_time,tags"
    plain = "video_id,title,category\n" + "\n".join(f"v{i},Title {i},Howto & Style" for i in range(6))
    return ["\r\n".join([header, *rows, ""]).encode(), plain.encode(), plain.encode("utf-16")]


def pictures() -> list[bytes]:
    pixels = np.random.default_rng(0).integers(0, 256, (18, 24, 3), dtype=np.uint8)
    color, files, exif = Image.fromarray(pixels), [], Image.Exif()
    exif[0x0112] = 6
    levels = Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)
    several = {"save_all": True, "append_images": [color.rotate(90)], "duration": 50}
    for image, image_format, options in (
        (color, "JPEG", {"exif": exif}),
        (color.convert("L"), "JPEG", {}),
        (color.convert("CMYK"), "JPEG", {}),
        (color, "PNG", {}),
        (color.convert("RGBA"), "PNG", {}),
        (color.convert("P"), "PNG", {}),
        (color.convert("1"), "PNG", {}),
        (levels, "PNG", {"transparency": 257}),
        (color, "PNG", several | {"default_image": True}),
        (color, "WEBP", {}),
        (color, "WEBP", several),
        (color, "GIF", several),
        (color.resize((120, 90)), "JPEG", {"progressive": True}),
    ):
        stream = io.BytesIO()
        image.save(stream, image_format, **options)
        files.append(stream.getvalue())
    return files


def answers() -> list[bytes]:
    at = "2026-11-01T10:00:00Z"
    begin = {"at": at, "event": "begin", "participant": "p07", "corpus": "demo", "corpus_sha256": "0" * 64}
    begin |= {"split": "random", "fold": 0, "limit": 0, "seed": 1}
    shown = {"at": at, "video_id": "demo_000001", "condition": "text", "response_ms": 900, "started": at}
    events = [
        begin,
        {**shown, "event": "answer", "trial": 1, "answer": 24},
        {**shown, "event": "skip", "trial": 2, "video_id": "demo_000002"},
        {"at": at, "event": "undo", "trial": 2},
        {"at": at, "event": "finish"},
    ]
    return ["".join(json.dumps(event) + "\n" for event in events).encode()]


def charts() -> list[bytes]:
    snippet = {"publishedAt": "2020-09-13T00:00:00Z", "title": "T", "channelTitle": "C", "categoryId": "24"}
    items = [{"id": f"video_{i:05d}", "snippet": {**snippet, "tags": ["a", "b"]}} for i in range(3)]
    return [json.dumps({"items": items, "nextPageToken": "CDIQAA"}).encode()]


def category_files() -> list[bytes]:
    items = [{"id": str(category.id), "snippet": {"title": category.name}} for category in CATEGORIES]
    return [json.dumps({"items": items}).encode()]


def provenances() -> list[bytes]:
    source = provenance.Source(name="a.csv", origin="x", sha256="0" * 64, fetched="2020-01-01T00:00:00Z")
    thumbnails = provenance.Thumbnails(origin="x", finished="y", outcomes={"ok": 1}, sha256="0" * 64)
    known = provenance.Provenance(
        source="Kaggle",
        region="US",
        licence="CC0",
        sources=[source],
        read=2,
        kept=1,
        dropped={"NUL byte": 1},
        published=("2020-01-01", "2020-01-02"),
        trended=None,
        categories_absent=[],
        thumbnails=thumbnails,
    )
    return [known.model_dump_json(indent=2).encode()]


# --- readers: True if they accept a file, False if they refuse it ------------------------------------


def read_csv(content: bytes, folder: Path) -> bool:
    (folder / "videos.csv").write_bytes(content)
    try:
        records = read_records(folder)
    except YtcatError:
        return False
    assert records.read == len(records.videos) + sum(records.dropped.values())
    text = content.decode("utf-8-sig", "surrogateescape")
    for row in records.videos.to_pylist():
        for value in (row["video_id"], row["title"], row["channel_title"]):
            assert value in text or value.replace('"', '""') in text, value
    return True


def read_picture(content: bytes, _: Path) -> bool:
    state = status(content)
    if state in ("ok", "placeholder"):
        image = image_from_bytes(content)
        assert image.shape == (90, 120, 3) and image.dtype == np.uint8
        assert (image_from_bytes(as_shown(content)) == image).all()
        return True
    assert state in ("unreadable", "too large"), state
    try:
        image_from_bytes(content)
    except ValueError:
        return False
    raise AssertionError(f"{state}, but it can be decoded")


def read_answers(content: bytes, _: Path) -> bool:
    try:
        replay(content, "p07.jsonl")
    except YtcatError:
        return False
    return True


def read_chart(content: bytes, _: Path) -> bool:
    return bool(youtube._videos(content)[0])  # the reader below `collect`, which needs a server


def read_categories(content: bytes, _: Path) -> bool:
    try:
        category_file.check(content, "categories.json")
    except YtcatError:
        return False
    return True


def read_provenance(content: bytes, folder: Path) -> bool:
    (folder / provenance.FILE).write_bytes(content)
    try:
        return provenance.read(folder) is not None
    except YtcatError:
        return False


def model_reader(folder: Path) -> tuple[list[bytes], Callable[[bytes, Path], bool]]:
    """The files of a small model, each with its name before it, and their reader."""
    from ytcat.corpus import load
    from ytcat.future_directions.better_models.predictor import Predictor
    from ytcat.future_directions.better_models.trainer import TrainingSettings, train

    source, model = folder / "source", folder / "model"
    source.mkdir()
    rows = [f"v{i},word{i % 3} title {i},{('Music', 'Gaming')[i % 2]}" for i in range(60)]
    (source / "videos.csv").write_text("\n".join(["video_id,title,category", *rows]), encoding="utf-8")
    settings = TrainingSettings("title_linear", "random", 0, seed=0)
    train(load(source, folder / "build"), model, settings, folder / "checkpoints")
    whole = {path.name: path.read_bytes() for path in model.iterdir() if path.suffix != ".md"}

    def read(content: bytes, _: Path) -> bool:
        name = Path(content[:100].split(b"\0")[0].decode(errors="replace")).name
        if name not in whole:
            return False
        (model / name).write_bytes(content.partition(b"\0")[2])
        try:
            Predictor(model).answer(["word1 title"], [None])
        except YtcatError:
            return False
        finally:
            (model / name).write_bytes(whole[name])
        return True

    return [name.encode() + b"\0" + content for name, content in whole.items()], read


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", nargs="?", type=int, default=100_000)
    parser.add_argument("seed", nargs="?", type=int, default=0)
    parser.add_argument("--only", help="one reader")
    arguments = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        readers = {
            "CSV": (0.36, csv_files(), read_csv),
            "pictures": (0.36, pictures(), read_picture),
            "answers of people": (0.1, answers(), read_answers),
            "charts of the API": (0.08, charts(), read_chart),
            "category files": (0.04, category_files(), read_categories),
            "provenance.json": (0.04, provenances(), read_provenance),
        }
        if arguments.only in (None, "model folders"):
            readers["model folders"] = (0.02, *model_reader(folder))
        for kind, (share, files, read) in readers.items():
            if arguments.only not in (None, kind):
                continue
            counts, start = Counter(), time.perf_counter()
            for number in range(round(share * arguments.inputs)):
                rng = random.Random(f"{arguments.seed} {kind} {number}")
                content = damaged(rng.choice(files), rng)
                try:
                    counts["accepted" if read(content, folder) else "refused"] += 1
                except Exception as error:
                    counts["unexpected"] += 1
                    if counts["unexpected"] <= 5:
                        print(f"{kind}, input {number}: {type(error).__name__}: {str(error)[:200]}")
            failures += counts["unexpected"]
            seconds = time.perf_counter() - start
            print(
                f"{kind}: {counts.total():,} inputs, {counts['accepted']:,} accepted, {counts['refused']:,} "
                f"refused, {counts['unexpected']:,} unexpected, {seconds:.0f} s",
                flush=True,
            )
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
