"""Thumbnails a second and peak memory of the client for 20,000 thumbnails of a server on this machine."""

import multiprocessing
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

from table import FOLDER, measured, pictures, report

THUMBNAILS = 20_000
DISTINCT = 64
CODE = """
from pathlib import Path
from ytcat.data.client import Politeness
from ytcat.data.thumbnails import fetch
# As by default, but as fast as the server can: without the rate limit.
found = fetch(Path(sys.argv[1]), sys.argv[2], Politeness(per_second=float("inf")))
assert found.fetched == int(sys.argv[3]), found
"""


def serve(told: Connection) -> None:
    """Answer every request with a good picture, keeping connections open as YouTube's server does."""
    made = pictures(DISTINCT)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = made[hash(self.path) % DISTINCT]
            head = f"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_address[1])
    server.serve_forever()


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix="thumbnails-") as temporary:
        lines = "".join(f"v{i:010d},Title,24\n" for i in range(THUMBNAILS))
        (Path(temporary) / "videos.csv").write_text("video_id,title,category_id\n" + lines)
        found = measured(CODE, temporary, f"http://127.0.0.1:{ours.recv()}", THUMBNAILS)
    server.terminate()
    figures = {
        "thumbnails": THUMBNAILS,
        "seconds": found.seconds,
        "thumbnails a second": THUMBNAILS / found.seconds,
        "peak memory (GB)": found.gigabytes,
    }
    report("thumbnails", figures)
