"""The thumbnail client compared with a plain loop, on a local server."""

import multiprocessing
import time
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

from generated import DISTINCT, video_id
from table import QUICK, interleaved, pictures, report, row, scratch

DELAY = 0.02  # seconds to a server in a network
# Name, delay of the server in seconds, number of thumbnails.
FETCHES = [
    ("Fetching thumbnails, the server on this machine", 0.0, 50 if QUICK else 1_000),
    ("Fetching thumbnails, the server on this machine", 0.0, 100 if QUICK else 10_000),
    (f"Fetching thumbnails, the server {1000 * DELAY:.0f} ms away", DELAY, 50 if QUICK else 500),
]


def ours(host: str, n: int) -> Callable[[], int]:
    """The client with the default settings but without the rate limit."""
    from ytcat.data.client import Politeness
    from ytcat.data.thumbnails import fetch

    def work() -> int:
        with scratch() as folder:
            lines = "".join(f"{video_id(i)},Title,24\n" for i in range(n))
            (Path(folder) / "videos.csv").write_text("video_id,title,category_id\n" + lines)
            return fetch(Path(folder), host, Politeness(per_second=float("inf"))).fetched

    return work


def stock(host: str, n: int) -> Callable[[], int]:
    """One thumbnail after another, written unchecked, and incomplete if killed."""

    def work() -> int:
        with scratch() as folder:
            for i in range(n):
                urllib.request.urlretrieve(
                    f"{host}/vi/{video_id(i)}/default.jpg", Path(folder) / f"{video_id(i)}.jpg"
                )
            return len(list(Path(folder).iterdir()))

    return work


def serve(told: Connection, delay: float) -> None:
    """Answer every request with a picture after `delay` seconds; connections stay open, as on YouTube."""
    made = pictures(DISTINCT)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            time.sleep(delay)
            body = made[hash(self.path) % DISTINCT]
            head = f"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_address[1])
    server.serve_forever()


if __name__ == "__main__":
    rows = []
    for what, delay, n in FETCHES:
        here, there = multiprocessing.Pipe()
        server = multiprocessing.Process(target=serve, args=(there, delay), daemon=True)
        server.start()
        found = interleaved(ours, stock, f"http://127.0.0.1:{here.recv()}", n, repeats=3)
        server.terminate()
        assert {one.result for side in found for one in side} == {n}, found
        note = "ours checked, and whole if killed"
        rows.append(row(what, n, "thumbnails", *found, stock_way="urllib, one by one", note=note))
    report("thumbnails", "The thumbnail client", rows)
