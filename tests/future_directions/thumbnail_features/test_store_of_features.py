"""Frozen features of thumbnails stand at the rows that they belong to."""

import os
import signal
import subprocess
import sys
import time

import numpy as np

from ytcat.corpus import load
from ytcat.future_directions.thumbnail_features import encoder as enlarged
from ytcat.future_directions.thumbnail_features import openvino, store


def test_a_video_without_a_thumbnail_has_a_row_of_nan(corpus_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    folder = corpus_folder(6)
    (folder / "thumbnails" / "video_00003.jpg").unlink()
    corpus = load(folder)
    assert (~corpus.videos["has_thumbnail"]).sum() == 1
    rows = [5, 3, 0]
    found = store.thumbnails_where_any(corpus, rows)
    has_one = corpus.videos["has_thumbnail"].to_numpy()[rows]
    assert np.isnan(found).all(axis=1).tolist() == (~has_one).tolist()
    expected = store.thumbnails(corpus, np.array(rows)[has_one])
    np.testing.assert_array_equal(found[has_one], expected)
    none = store.thumbnails_where_any(corpus, np.flatnonzero(~corpus.videos["has_thumbnail"]))
    assert none.shape == (1, found.shape[1]) and np.isnan(none).all()


def test_what_was_computed_before_a_kill_is_not_computed_again(corpus_folder, tmp_path, monkeypatch):
    """In blocks of two: the process dies by SIGKILL with some of twenty written."""
    source, build = corpus_folder(20), tmp_path / "build"
    monkeypatch.setenv("YTCAT_BUILD", str(build))
    corpus = load(source)
    code = f"""
import numpy as np
from ytcat.corpus import load
from ytcat.future_directions.thumbnail_features import store
store.BLOCK_SIZE = 2
store.thumbnails(load({str(source)!r}), np.arange(20)[::-1])
"""
    kept = store.folder(corpus, False, store.encoder(openvino.KERAS))
    process = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"YTCAT_BUILD": str(build)})
    while len(list(kept.glob("*.npz"))) < 3:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {path: path.stat().st_mtime_ns for path in kept.glob("*.npz")}
    assert 3 <= len(before) < 10
    rows = np.array([19, 0, 7, 7, 12])
    found = store.thumbnails(corpus, rows)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    anew = enlarged.encode(store.encoder(openvino.KERAS), enlarged.prepare(corpus.images(rows)))
    np.testing.assert_array_equal(found, anew["pooled"])
    np.testing.assert_array_equal(store.thumbnail_maps(corpus, rows), anew["maps"].astype(np.float16))
    next(iter(before)).unlink()  # a file that is gone is made again, and takes no other's place
    images = enlarged.prepare(corpus.images(slice(0, 20)))
    anew = enlarged.encode(store.encoder(openvino.KERAS), images)
    np.testing.assert_array_equal(store.thumbnails(corpus, np.arange(20)), anew["pooled"])
