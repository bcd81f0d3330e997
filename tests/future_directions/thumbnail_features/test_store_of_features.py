"""Frozen features of thumbnails stand at the rows that they belong to."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ytcat.corpus import load
from ytcat.exceptions import YtcatError
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


@pytest.mark.slow
def test_a_cluster_computes_the_same_blocks_and_those_of_a_killed_worker(
    corpus_folder, cluster, tmp_path, monkeypatch
):
    address, (victim, other) = cluster
    source = corpus_folder(24)
    monkeypatch.setattr(store, "BLOCK_SIZE", 2)  # of whoever shares out the work
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "alone"))
    corpus = load(source)
    expected = store.thumbnails(corpus, np.arange(24))
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "shared"))
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", address)
    corpus = load(source)
    blocks = store.folder(corpus, False, store.encoder(openvino.KERAS))
    with ThreadPoolExecutor(1) as pool:
        features = pool.submit(store.thumbnails, corpus, np.arange(24))
        while len(list(blocks.glob("*.npz"))) < 3 and not features.done():
            time.sleep(0.01)
        victim.kill()
        before = {path: path.stat().st_mtime_ns for path in blocks.glob("*.npz")}
        np.testing.assert_array_equal(features.result(), expected)
    assert 3 <= len(before) < 12  # some blocks were left when the worker died
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert other.poll() is None
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "nonsense://127.0.0.1:1")
    np.testing.assert_array_equal(store.thumbnails(corpus, np.arange(24)), expected)  # nothing left to do
    next(iter(before)).unlink()
    np.testing.assert_array_equal(store.thumbnails(corpus, np.arange(24)), expected)  # one block: done here
    for path in before:
        path.unlink(missing_ok=True)
    with pytest.raises(YtcatError, match="no Dask scheduler at DASK_SCHEDULER_ADDRESS=nonsense"):
        store.thumbnails(corpus, np.arange(24))


@pytest.mark.slow
def test_a_worker_with_another_corpus_is_told_apart(corpus_folder, cluster, tmp_path, monkeypatch):
    address, _ = cluster
    source = corpus_folder(20)
    monkeypatch.setattr(store, "BLOCK_SIZE", 4)
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "shared"))
    corpus = load(source)
    (source / "thumbnails" / "video_00003.jpg").unlink()
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", address)
    with pytest.raises(YtcatError, match="A worker has another corpus at"):
        store.thumbnails(corpus, [0, 1, 2, 4, 5, 6])
