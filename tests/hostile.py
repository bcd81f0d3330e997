"""A corpus that tries to run code, to leave its folder, and to fill the memory."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from ytcat.categories import IDS

N = 280
MARK = "hacked"  # what a script that ran would leave: `window.hacked`
TITLES = (
    f"<script>window.{MARK} = 1</script>",
    f"<img src=x onerror='window.{MARK} = 1'>",
    f"</table></div><svg onload=window.{MARK}=1>",
    f"[click](javascript:window.{MARK}=1) **bold** `code` # head | cell |",
    "$\\frac{1}{0}$ and $$x^2$$ \\input{/etc/passwd}",
    "=cmd|' /C calc'!A0",
    "{{ this_run }} {% raw %} ```{include} /etc/passwd```",
    "‮gnp.exe ﷽ 👩‍👩‍👧‍👦 \u0301\u0301\u0301",
)
OUTSIDE = ["../../outside", "/etc/passwd", "a/../../b", "..", ".bashrc", "C:\\x"]  # ids


def make(folder: Path) -> Path:
    """Write the corpus: 280 videos that can be used, and rows and files that cannot."""
    thumbnails = folder / "thumbnails"
    thumbnails.mkdir(parents=True)
    number = np.arange(N)
    videos = pd.DataFrame(
        {
            "video_id": [f"video_{i:05d}" for i in number],
            "title": [f"{TITLES[i % len(TITLES)]} {i % 14}" for i in number],
            "channel_title": [f"{TITLES[i % len(TITLES)]} {i // 3}" for i in number],
            "category_id": np.resize(IDS, N),
            "publish_time": pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(number, "h"),
            "tags": [f"<b>{TITLES[0]}</b>|tag {i % 14}|two" for i in number],
        }
    )
    outside = videos.head(len(OUTSIDE)).assign(video_id=OUTSIDE)
    pd.concat([videos, outside]).to_csv(folder / "videos.csv", index=False)
    rng = np.random.default_rng(0)
    for i, video_id in enumerate(videos["video_id"]):
        pixels = rng.integers(0, 60, (90, 120, 3)) + (i % 14) * 14
        Image.fromarray(pixels.astype(np.uint8)).save(thumbnails / f"{video_id}.jpg")
    (thumbnails / "video_00000.jpg").write_bytes(_bomb())
    (thumbnails / "video_00001.jpg").write_text(f"<svg onload='window.{MARK}=1'/>")
    return folder


def _bomb() -> bytes:
    """A small PNG file that says it has 40,000 x 40,000 pixels: decoded it would take 4.8 GB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    side = 40_000
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    compressor = zlib.compressobj(9)
    row = bytes(1 + 3 * side)
    data = b"".join(compressor.compress(row) for _ in range(side // 100)) + compressor.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
