"""A real HTTP server on 127.0.0.1 that responds as a test prescribes, and counts requests."""

import contextlib
import io
import os
import socket
import sys
import threading
import time
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

from ytcat.data.client import Politeness
from ytcat.data.thumbnails import fetch

QUICK = Politeness(concurrency=4, per_second=10_000, attempts=3, backoff=0.01, timeout=1, longest_wait=5)


EPOCH = "1600000000"  # so that runs at different times write the same provenance


def client(folder, url):
    """The real client, run by the processes that are killed; the exit status is 0 if nothing is missing."""
    os.environ["SOURCE_DATE_EPOCH"] = EPOCH
    sys.exit(not fetch(folder, url, QUICK).complete)


def picture(seed):
    """A small valid JPEG, a different one per seed."""
    pixels = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).resize((120, 90)).save(stream, "JPEG")
    return stream.getvalue()


def placeholder():
    """Grey with a small sign, as YouTube's."""
    image = Image.new("RGB", (120, 90), (204, 204, 204))
    image.paste((150, 150, 150), (50, 40, 70, 50))
    stream = io.BytesIO()
    image.save(stream, "JPEG")
    return stream.getvalue()


def thumbnail_of(video_id):
    return picture(list(video_id.encode()))


class Server:
    """Answers by path: `script[path]` lists the answers to its requests, in order; the last one stays.

    An answer is (status, headers, body), a function of the request's body that gives one, or a word of those
    in `_send`. Without a script it is "good".
    """

    def __init__(self):
        self.script = {}
        self.counts = Counter()
        self.times = defaultdict(list)  # of the requests, by path
        self.headers = []
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()
        self._connections = []
        self._start(0)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}"

    @property
    def asked(self):
        """Requests by video id."""
        return Counter({path.split("/")[2]: n for path, n in self.counts.items() if path.startswith("/vi/")})

    def answers(self, **by_kind):
        """A script by the kind with which an id begins: `bad=["error", "good"]` for the ids bad________1."""
        self.by_kind = {kind: answers for kind, answers in by_kind.items()}

    def forget(self):
        """Begin counting, and every script, anew."""
        self.counts.clear()

    def die(self):
        """Stop listening, and cut every connection, whatever is under way."""
        self._server.shutdown()
        self._server.server_close()
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):  # it is closed already
                    connection.shutdown(socket.SHUT_RDWR)

    def rise(self):
        """Come back at the same address."""
        self._start(self._port)

    def _start(self, port):
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                with owner._lock:
                    owner._connections.append(self.connection)

            def do_GET(self):
                owner._answer(self)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_):  # a client that was killed
                pass

        self.by_kind = getattr(self, "by_kind", {})
        self._server = Quiet(("127.0.0.1", port), Handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def _answer(self, request):
        length = int(request.headers.get("Content-Length", 0))
        body = request.rfile.read(length)
        path = urlsplit(request.path).path  # a request to a proxy has the whole URL
        with self._lock:
            number = self.counts[path]
            self.counts[path] += 1
            self.times[path].append(time.monotonic())
            self.headers.append((request.path, dict(request.headers)))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            video_id = path.split("/")[2] if path.startswith("/vi/") else ""
            script = self.script.get(path) or self.by_kind.get(video_id.rstrip("0123456789_")) or ["good"]
            self._send(request, script[min(number, len(script) - 1)], video_id, body)
        finally:
            with self._lock:
                self.at_once -= 1

    def _send(self, request, answer, video_id, request_body):
        good = thumbnail_of(video_id) if video_id else b""
        if answer == "slow":
            time.sleep(0.2)
            answer = "good"
        if answer == "dropped":
            request.close_connection = True
            return
        if answer == "hang":
            time.sleep(1.5)
            request.close_connection = True
            return
        words = {
            "good": (200, {}, good),
            "gone": (404, {}, placeholder()),
            "placeholder": (200, {}, placeholder()),
            "busy": (429, {}, b""),
            "error": (500, {}, b"oops"),
            "truncated": (200, {"Content-Length": str(len(good))}, good[: len(good) // 2]),
            "half": (200, {}, good[: len(good) // 2]),
            "html": (200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html>Please log in</html>"),
            "redirect": (302, {"Location": f"{self.url}/elsewhere"}, b""),
            "forbidden": (403, {}, b""),
            "huge": (200, {}, b"\0" * 1_500_000),
        }
        if callable(answer):
            answer = answer(request_body)
        status, headers, body = words[answer] if isinstance(answer, str) else answer
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)
        if len(body) != int(headers.get("Content-Length", len(body))):
            request.close_connection = True
