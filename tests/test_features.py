"""Frozen features of thumbnails stand at the rows that were asked for."""

import numpy as np

from ytcat import features
from ytcat.corpus import load


def test_a_video_without_a_thumbnail_has_a_row_of_nan(corpus_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    folder = corpus_folder(6)
    (folder / "thumbnails" / "video_00003.jpg").unlink()
    corpus = load(folder)
    assert (~corpus.videos["has_thumbnail"]).sum() == 1
    rows = [5, 3, 0]
    found = features.thumbnails_where_any(corpus, rows)
    has_one = corpus.videos["has_thumbnail"].to_numpy()[rows]
    assert np.isnan(found).all(axis=1).tolist() == (~has_one).tolist()
    expected = features.thumbnails(corpus, np.array(rows)[has_one])
    np.testing.assert_array_equal(found[has_one], expected)
    none = features.thumbnails_where_any(corpus, np.flatnonzero(~corpus.videos["has_thumbnail"]))
    assert none.shape == (1, found.shape[1]) and np.isnan(none).all()
