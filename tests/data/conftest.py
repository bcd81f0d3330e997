"""Fixtures of the data tests: the local server, and corpus folders without thumbnails."""

import csv
import itertools

import pytest
from local_server import Server


@pytest.fixture
def server():
    server = Server()
    yield server
    server.die()


@pytest.fixture
def videos(tmp_path):
    """Makes a corpus folder with `videos.csv` alone: n videos of each kind, ids as `good______1`."""

    def make(name="corpus", **kinds):
        folder = tmp_path / name
        folder.mkdir()
        ids = [f"{kind}{'_' * (8 - len(kind))}{i:03d}" for kind, n in kinds.items() for i in range(n)]
        with (folder / "videos.csv").open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["video_id", "title", "category_id"])
            writer.writerows(
                zip(ids, [f"Title of {i}" for i in ids], itertools.cycle([24, 10]), strict=False)
            )
        return folder

    return make
