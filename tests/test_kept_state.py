"""What an earlier run has left is whole and of what it says, or it is named and made again."""

import dataclasses
import json
import shutil

import numpy as np
import pytest

from tiny_runs import make_corpus
from ytcat import runs
from ytcat.corpus import load
from ytcat.exceptions import YtcatError
from ytcat.future_directions.thumbnail_features import encoder as enlarged
from ytcat.future_directions.thumbnail_features import store
from ytcat.report import execute

# ---- ingested corpora


@pytest.fixture
def build(tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    return tmp_path / "build"


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGE = {
    "cut": cut,
    "flipped": flip,
    "emptied": lambda path: path.write_bytes(b""),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("name", ["corpus.parquet", "report.json"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_ingested_corpus_is_named_and_ingested_again(corpus_folder, build, caplog, name, damage):
    folder = corpus_folder(28)
    first = load(folder)
    content = {path.name: path.read_bytes() for path in first.folder.iterdir()}
    DAMAGE[damage](first.folder / name)
    again = load(folder)
    assert {path.name: path.read_bytes() for path in again.folder.iterdir()} == content
    assert again.sha256 == first.sha256
    assert [f"{first.folder} is damaged" in record.getMessage() for record in caplog.records] == [True]
    caplog.clear()
    load(folder)
    assert caplog.records == []


def test_an_ingested_corpus_that_was_renamed_is_not_taken_for_another(corpus_folder, build, caplog):
    ours, theirs = corpus_folder(28, name="ours"), corpus_folder(42, name="theirs")
    first, second = load(ours), load(theirs)
    shutil.rmtree(second.folder)
    first.folder.rename(second.folder)
    assert len(load(theirs).videos) == 42
    assert "was made for something else" in caplog.text
    assert len(load(ours).videos) == 28


def as_a_file(folder):
    shutil.rmtree(folder)
    folder.write_text("a file in place of the folder")


def as_a_link(folder):
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(folder.with_name("elsewhere"))


@pytest.mark.parametrize("damage", [as_a_file, as_a_link])
def test_what_stands_in_place_of_an_ingested_corpus_is_made_again(corpus_folder, build, damage):
    folder = corpus_folder(28)
    first = load(folder)
    damage(first.folder)
    assert load(folder).sha256 == first.sha256
    assert (first.folder / "corpus.parquet").is_file()


@pytest.mark.parametrize("content", [b"null", b"[]", b"\xff", b"[" * 100_000])
def test_a_damaged_note_of_an_ingested_corpus_is_written_again(corpus_folder, build, caplog, content):
    folder = corpus_folder(28)
    first = load(folder)
    note = first.folder.with_name(f".{first.folder.name}.json")
    whole = note.read_bytes()
    note.write_bytes(content)
    assert load(folder).sha256 == first.sha256
    assert note.read_bytes() == whole
    assert "is damaged" in caplog.text


def test_a_folder_is_seen_from_where_one_is(corpus_folder, build, monkeypatch):
    folder = corpus_folder(28)
    monkeypatch.chdir(folder.parent)
    assert load(folder.name).sha256 == load(folder).sha256
    with pytest.raises(YtcatError, match=r"There is no corpus folder nowhere\b"):
        load("nowhere")


# ---- features of thumbnails


@pytest.fixture(scope="module")
def small_encoder():
    """A network with the outputs of the real encoder, which takes a hundred times as long."""
    from ytcat.quiet_tensorflow import keras

    keras.utils.set_random_seed(0)
    images = keras.Input((enlarged.HEIGHT, enlarged.WIDTH, 3))
    colour = keras.layers.GlobalAveragePooling2D()(images)
    pooled = keras.layers.Dense(enlarged.DIMENSIONS)(colour)
    maps = keras.layers.Reshape(enlarged.MAP_SHAPE)(
        keras.layers.Dense(int(np.prod(enlarged.MAP_SHAPE)))(colour)
    )
    return keras.Model(images, {"pooled": pooled, "maps": maps})


@pytest.fixture
def features(monkeypatch, corpus_folder, build, small_encoder):
    """A corpus, and the folder of its features in blocks of four."""
    monkeypatch.setattr(store, "BLOCK_SIZE", 4)
    monkeypatch.setattr(store, "encoder", lambda backend: small_encoder)
    corpus = load(corpus_folder(10))
    return corpus, store.folder(corpus, False, small_encoder)


@pytest.mark.parametrize("damage", [*DAMAGE])
def test_damaged_features_are_named_and_computed_again(features, caplog, damage):
    corpus, folder = features
    rows = np.array([9, 0, 5, 5])
    pooled, maps = store.thumbnails(corpus, rows), store.thumbnail_maps(corpus, rows)
    block = folder / "000000000.npz"
    assert block.is_file()
    DAMAGE[damage](block)
    np.testing.assert_array_equal(store.thumbnail_maps(corpus, rows), maps)
    np.testing.assert_array_equal(store.thumbnails(corpus, rows), pooled)
    assert ("000000000.npz is not used" in caplog.text) == (damage != "gone")


def test_features_that_were_renamed_are_not_taken_for_those_of_another_corpus(
    features, corpus_folder, caplog, small_encoder
):
    corpus, folder = features
    other = load(corpus_folder(10, name="other"))
    store.thumbnails(corpus, np.arange(10))
    theirs = store.folder(other, False, small_encoder)
    folder.rename(theirs)
    cut(theirs / "000000004.npz")
    found = store.thumbnails(other, np.arange(10))
    assert f"it is of {folder.name}" in caplog.text
    shutil.rmtree(theirs)
    np.testing.assert_array_equal(store.thumbnails(other, np.arange(10)), found)


# ---- results

CORPUS = make_corpus()
SETTINGS = {"split": "random", "fold": 0, "limit": 0, "seed": 3}


@pytest.fixture
def finished(tmp_path):
    writer = runs.RunWriter("04_text_model", CORPUS, {"results": str(tmp_path / "results")} | SETTINGS)
    writer.save({"top1": 0.5})
    reader = runs.RunWriter("05_fusion", CORPUS, {"results": str(tmp_path / "results")} | SETTINGS)
    assert reader.read("04_text_model").metrics == {"top1": 0.5}
    return writer.results / "04_text_model", reader


@pytest.mark.parametrize("name", ["metrics.json", "manifest.json"])
@pytest.mark.parametrize("damage", ["cut", "emptied"])
def test_damaged_results_are_named_with_the_remedy(finished, name, damage):
    folder, reader = finished
    DAMAGE[damage](folder / name)
    with pytest.raises(
        YtcatError, match=rf"04_text_model cannot be used, {name} is .*04_text_model\.ipynb again"
    ):
        reader.read("04_text_model")


def test_results_that_are_readable_but_not_as_they_were_written_are_refused(finished):
    folder, reader = finished
    (folder / "metrics.json").write_text('{"top1": 0.9}')
    with pytest.raises(YtcatError, match=r"metrics\.json is not as the run wrote it"):
        reader.read("04_text_model")


def test_results_of_another_name_are_refused(finished):
    folder, reader = finished
    folder.rename(folder.with_name("03_image_model"))
    with pytest.raises(YtcatError, match="it is the run of 04_text_model"):
        reader.read("03_image_model")


def test_results_of_the_same_videos_under_another_name_are_refused(finished, tmp_path):
    renamed = dataclasses.replace(CORPUS, name="another")
    reader = runs.RunWriter("05_fusion", renamed, {"results": str(tmp_path / "results")} | SETTINGS)
    with pytest.raises(YtcatError, match="another corpus than this chapter's"):
        reader.read("04_text_model")


@pytest.mark.parametrize("content", [b"null", b"[]", b"3", b'"a"', b"\xff", b"{"])
def test_a_manifest_that_is_none_makes_its_chapter_run_again(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    reason = execute._why_stale(tmp_path, {}, "tiny")
    assert reason.startswith(str(tmp_path / "manifest.json"))


def test_a_chapter_that_shows_another_corpus_runs_again(tmp_path):
    manifest = {"corpus": "ours", "inputs": {}, "sha256": {}}
    manifest["check"] = execute.fingerprint(**manifest)
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert execute._why_stale(tmp_path, {}, "ours") == ""
    assert execute._why_stale(tmp_path, {}, "theirs") == f"{tmp_path / 'manifest.json'} is of the corpus ours"
