"""`ytcat train` and `ytcat predict`, as people call them, on a corpus folder."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.preprocessing import normalize
from typer.testing import CliRunner

from ytcat.atomic_files import sha256_file
from ytcat.categories import IDS, N_CATEGORIES, NAMES
from ytcat.cli import cli
from ytcat.corpus import load
from ytcat.corpus.ingest import Unlabelled
from ytcat.exceptions import YtcatError
from ytcat.fingerprints import fingerprint
from ytcat.future_directions.better_models import ensemble, persistence, predictor, sentence_encoder, trainer
from ytcat.future_directions.thumbnail_features import openvino
from ytcat.models import baselines
from ytcat.paths import ROOT
from ytcat.quiet_tensorflow import keras
from ytcat.views import MODELS

YTCAT = Path(sys.executable).with_name("ytcat")
NETWORKS = ("minilm", "sentences", "thumbnails")
P = [f"p_{i}" for i in IDS]
TOPICS = ("movie trailer", "new car test", "music video", "puppy kitten", "match goals", "travel island")
TOPICS += ("game play", "my daily vlog", "standup joke", "show tonight", "election news", "make up tutorial")
TOPICS += ("school lesson", "rocket science")


def call(*arguments, cwd=ROOT):
    command = [YTCAT, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, timeout=600)


def call_here(*arguments):
    """The same in this process, where TensorFlow is loaded already."""
    return CliRunner().invoke(cli, [*map(str, arguments)])


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """112 videos whose title and colour give the category away."""
    folder = tmp_path_factory.mktemp("own") / "videos"
    (folder / "thumbnails").mkdir(parents=True)
    number = np.arange(112)
    rng = np.random.default_rng(0)
    videos = pd.DataFrame(
        {
            "video_id": [f"video_{i:05d}" for i in number],
            "title": [f"{TOPICS[i % 14]} number {i}" for i in number],
            "channel_title": [f"Channel {i // 3}" for i in number],
            "category_id": np.resize(IDS, 112),
        }
    )
    videos.to_csv(folder / "videos.csv", index=False)
    for i, video_id in enumerate(videos["video_id"]):
        color = np.array([(i % 14) * 18, 255 - (i % 14) * 18, (i % 7) * 36])
        pixels = np.clip(color + rng.normal(0, 20, (90, 120, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / "thumbnails" / f"{video_id}.jpg")
    return folder


@pytest.fixture(scope="module")
def shared_build(tmp_path_factory):
    """A build folder in which the corpus's features are computed once."""
    return tmp_path_factory.mktemp("build")


@pytest.fixture(scope="module")
def model(corpus, shared_build):
    """A model trained by the command line, with what the command printed."""
    build = shared_build
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YTCAT_BUILD", str(build))
        result = call("train", "--corpus", corpus, "--out", build / "model")
    assert result.returncode == 0, result.stderr
    return build / "model", result.stdout


def test_training_says_how_good_the_model_is_and_writes_one_folder(model):
    folder, said = model
    expected = {"README.md", "arrays.npz", "minilm.keras", "model.json"}
    if openvino.installed():
        expected |= {f"{name}.{kind}" for name in NETWORKS for kind in ("xml", "bin")} | {"tokenizer.json"}
    assert {path.name for path in folder.iterdir()} == expected
    about = json.loads((folder / "model.json").read_text())["about"]
    for view in ("title", "thumbnail", "both"):
        assert f"{view:9}  top-1 {about['figures'][view]['top1']:.1%} of 22 test videos" in said
    assert about["figures"]["both"]["top1"] > 0.5  # 1 in 14 by chance
    assert sum(about["videos"].values()) == 112


def test_a_model_that_compares_with_fewer_videos_says_so(model, corpus, shared_build, monkeypatch, tmp_path):
    monkeypatch.setenv("YTCAT_BUILD", str(shared_build))
    options = ("--corpus", corpus, "--model", "late_fusion", "--landmarks", 40)
    result = call_here("train", "--out", tmp_path / "model", *options)
    assert result.exit_code == 0, result.output
    assert "the kernels compare with 40 of 90 videos (--landmarks)" in result.output
    assert "compares with 40 of the 90 videos" in (tmp_path / "model" / "README.md").read_text()
    assert "compares with" not in (model[0] / "README.md").read_text()
    of_landmarks, about, _ = persistence.load(tmp_path / "model")
    assert len(of_landmarks.arrays["thumbnails"]) == len(of_landmarks.arrays["sentences"]) == 40
    assert about["figures"]["both"]["top1"] > 0.5


def test_a_large_folder_is_answered_block_by_block(model, monkeypatch):
    titles = [f"{topic} {number}" for topic in TOPICS[:5] for number in range(3)]
    model = predictor.Predictor(model[0])
    _, at_once = model.answer(titles, [None] * len(titles))
    monkeypatch.setattr(predictor, "ANSWERED_AT_ONCE", 4)
    _, in_blocks = model.answer(titles, [None] * len(titles))
    np.testing.assert_allclose(in_blocks, at_once, atol=1e-5)


@pytest.mark.slow
def test_a_cluster_answers_the_same_and_the_blocks_of_a_killed_worker(model, corpus, cluster, monkeypatch):
    address, (victim, other) = cluster
    files = sorted((corpus / "thumbnails").glob("*.jpg"))[:60]
    pictures = [None if number % 3 else path.read_bytes() for number, path in enumerate(files)]
    titles = [f"{TOPICS[number % 14]} {number}" for number in range(60)]
    asked = predictor.Predictor(model[0])
    views, expected = asked.answer(titles, pictures)
    monkeypatch.setattr(predictor, "VIDEOS_PER_TASK", 3)
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", address)
    with ThreadPoolExecutor(1) as pool:
        answered = pool.submit(asked.answer, titles, pictures)
        loading = Path(f"/proc/{victim.pid}/maps")
        while "libtensorflow" not in loading.read_text() and not answered.done():
            time.sleep(0.05)
        victim.kill()  # with the blocks that it was given
        on_cluster = answered.result()
    assert on_cluster[0].tolist() == views.tolist()
    np.testing.assert_allclose(on_cluster[1], expected, atol=1e-5)
    assert other.poll() is None
    # A worker that does not see the folder.
    gone = shutil.copytree(model[0], model[0].with_name("gone"))
    asked = predictor.Predictor(gone)
    shutil.rmtree(gone)
    with pytest.raises(YtcatError, match="gone is not a whole model"):
        asked.answer(titles[:6], [None] * 6)


def test_the_card_says_what_is_needed_to_judge_the_model(model):
    card = (model[0] / "README.md").read_text()
    about = json.loads((model[0] / "model.json").read_text())["about"]
    assert card.startswith("---\nlicense:")
    for heading in ("## Data", "## How good it is", "## What it must not be used for"):
        assert heading in card
    both = about["figures"]["both"]
    line = f"| Thumbnail and title | {both['top1']:.1%} | {both['top1_low']:.1%} to {both['top1_high']:.1%} |"
    assert line in card
    for part in about["parts"]:
        assert f"- `{part}`: {MODELS[part].label}" in card
    assert "known channel to training" in card
    assert "is not shown to be better" in card or "is significantly better" in card


def test_one_video_by_title_thumbnail_or_both(model, corpus):
    picture = corpus / "thumbnails" / "video_00004.jpg"
    for arguments, view in (
        (["--title", "match goals today", "--thumbnail", picture], "thumbnail and title"),
        (["--title", "match goals today"], "title"),
        (["--thumbnail", picture], "thumbnail"),
    ):
        # Once as people do it; the other times without waiting for TensorFlow to load.
        result = (call if view == "thumbnail and title" else call_here)(
            "predict", "--model", model[0], *arguments
        )
        first, *rows = result.stdout.splitlines()
        assert first == f"from the {view}:"
        shares = [float(row.split("%")[0]) for row in rows]
        assert len(rows) == 5
        assert shares == sorted(shares, reverse=True)
        assert {row.split("%")[1].strip() for row in rows} <= set(NAMES)
        if view != "thumbnail":
            assert rows[0].endswith(NAMES[4])


def test_a_folder_gets_one_row_per_video_from_the_view_that_is_there(model, corpus, tmp_path):
    """Labels are not needed, a thumbnail may be missing or broken, and a title is text, whatever it holds."""
    folder = Path(shutil.copytree(corpus, tmp_path / "unlabelled"))
    videos = pd.read_csv(folder / "videos.csv").drop(columns=["category_id", "channel_title"])
    videos.loc[5, "title"] = "=cmd|' /C calc'!A0 <script>alert(1)</script>"
    videos.to_csv(folder / "videos.csv", index=False)
    (folder / "thumbnails" / "video_00000.jpg").unlink()
    (folder / "thumbnails" / "video_00001.jpg").write_bytes(b"no picture")
    with (folder / "videos.csv").open("a") as file:
        file.write("../../etc/pw,Evil\n,no id\nvideo_00002,again\n")
    result = call_here("predict", "--model", model[0], "--corpus", folder, "--out", tmp_path / "out.csv")
    assert result.exit_code == 0, result.exception
    table = pd.read_csv(tmp_path / "out.csv")
    assert list(table.columns) == ["video_id", "category_id", *P]
    assert sorted(table["video_id"]) == sorted(videos["video_id"])
    np.testing.assert_allclose(table[P].sum(axis=1), 1, atol=1e-4)
    assert (np.array(IDS)[table[P].to_numpy().argmax(axis=1)] == table["category_id"]).all()
    for said in ("110 videos from the thumbnail and title", "2 videos from the title", "1 records dropped: "):
        assert said in result.stdout
    for reason in ("duplicate video", "empty video id", "invalid video id"):
        assert f"1 records dropped: {reason}" in result.stdout
    truth = np.resize(IDS, 112)
    by_id = table.set_index("video_id")["category_id"].loc[videos["video_id"]]
    assert (by_id.to_numpy() == truth).mean() > 0.7  # the model was trained on most of them


def test_openvino_answers_as_keras_does(openvino_installed, model, corpus, tmp_path):
    """From the networks that training wrote beside Keras's weights."""
    tables = []
    for backend in ("keras", "openvino"):
        out = tmp_path / f"{backend}.csv"
        result = call_here(
            "predict", "--model", model[0], "--corpus", corpus, "--out", out, "--backend", backend
        )
        assert result.exit_code == 0, result.exception
        tables.append(pd.read_csv(out))
    by_keras, by_openvino = tables
    assert (by_keras["video_id"] == by_openvino["video_id"]).all()
    assert (by_keras["category_id"] == by_openvino["category_id"]).all()
    difference = np.abs(by_keras[P] - by_openvino[P]).to_numpy()
    assert difference.max() < 0.005
    network = predictor.Predictor(model[0], "openvino")._network("sentences")
    assert openvino.backend_name(network).startswith("OpenVINO")
    assert "Keras computed the thumbnail features." in (model[0] / "README.md").read_text()


def test_a_folder_written_without_openvino_is_answered_by_keras(openvino_installed, model, tmp_path):
    folder = Path(shutil.copytree(model[0], tmp_path / "model"))
    content = json.loads((folder / "model.json").read_text())
    for name in [name for name in content["files"] if name.endswith((".xml", ".bin")) or "token" in name]:
        (folder / name).unlink()
    with_new_hashes(folder)
    titles = ["music video", "rocket science"]
    one, other = (
        predictor.Predictor(where, backend).answer(titles, [None, None])[1]
        for where, backend in ((folder, "openvino"), (model[0], "keras"))
    )
    np.testing.assert_array_equal(one, other)


@given(
    st.lists(st.text(max_size=40), min_size=1, max_size=5),
    st.sampled_from(["late_fusion", "joint_kernel", "title_linear"]),
    st.booleans(),
    st.sampled_from([20, 10_000]),
)
@settings(max_examples=12, deadline=None)
def test_a_saved_model_gives_the_probabilities_of_the_one_in_memory(titles, name, thumbnails, landmarks):
    """Fitted, not loaded: on other titles, with and without thumbnails, exact and by landmarks."""
    rng = np.random.default_rng(len(titles))
    n = 3 * N_CATEGORIES
    features = rng.normal(size=(n, 8)).astype(np.float32) if thumbnails else None
    sentences = normalize(rng.normal(size=(n, 6))).astype(np.float32)
    videos = [f"{TOPICS[i % 14]} \u00e9 {i}\u2028" for i in range(n)]
    train = ensemble.Videos(videos, sentences, features, np.arange(n) % N_CATEGORIES)
    if not (views := ensemble.answerable(name, thumbnails)):
        return
    fitted = ensemble.fit(train, train, name=name, epochs=1, learning_rate=0.1, landmarks=landmarks).ensemble
    few = slice(0, len(titles))
    asked = ensemble.Videos(titles, sentences[few], features[few] if thumbnails else None)
    with tempfile.TemporaryDirectory() as folder:
        persistence.save(fitted, Path(folder), {"a": 1})
        loaded, about, _ = persistence.load(Path(folder))
        assert about == {"a": 1} and loaded.views == fitted.views == views
        for view in views:
            one = fitted.probabilities(fitted.scores(asked, view), view)
            scores = loaded.scores(view, titles, asked.sentences, asked.thumbnails)
            np.testing.assert_array_equal(one, loaded.probabilities(scores, view))


def test_a_saved_encoder_gives_the_scores_of_the_one_that_was_saved(model, tmp_path):
    encoder = persistence.load_minilm(model[0])
    videos = ensemble.Videos(list(TOPICS), None, None, np.arange(14))
    frozen = ensemble.fit_frozen(
        videos, baselines.tfidf((TOPICS, np.arange(14)), (TOPICS, np.arange(14)))[0], ()
    )
    again = ensemble.Ensemble(frozen, encoder, {"title": ("minilm",)}, {"title": np.ones(1)})
    files = persistence.save(again, tmp_path, {})
    assert files.keys() == {"arrays.npz", "minilm.keras"}
    titles = ["music video", "rocket science"]
    one, other = (
        sentence_encoder.scores(each, titles) for each in (encoder, persistence.load_minilm(tmp_path))
    )
    np.testing.assert_array_equal(one, other)
    # The optimizer's state, twice as large as the model, is left behind.
    sizes = [(folder / "minilm.keras").stat().st_size for folder in (tmp_path, model[0])]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.01)


def with_new_hashes(folder):
    """The folder as whoever tampers with it would leave it."""
    content = json.loads((folder / "model.json").read_text())
    present = [name for name in content["files"] if (folder / name).is_file()]
    content |= {"files": {name: sha256_file(folder / name) for name in present}}
    del content["sha256"]
    content["sha256"] = fingerprint(**content)
    (folder / "model.json").write_text(json.dumps(content))


class Foreign:
    """Unpickled, it would make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["idf_0", "sentences", "title_kernel_dual"])
def test_nothing_in_a_model_folder_is_run(model, tmp_path, name):
    """A file that another wrote is refused by its hash; with a new hash, an object in it is not unpickled."""
    folder = Path(shutil.copytree(model[0], tmp_path / "model"))
    victim = tmp_path / "victim"
    with np.load(folder / "arrays.npz") as file:
        arrays = dict(file) | {name: np.array([Foreign(victim)], dtype=object)}
    np.savez(folder / "arrays.npz", allow_pickle=True, **arrays)
    with pytest.raises(YtcatError, match=r"arrays.npz is damaged: its SHA-256 is not"):
        persistence.load(folder)
    with_new_hashes(folder)
    with pytest.raises(YtcatError, match=rf"arrays.npz, {name}: no array of numbers .*allow_pickle"):
        persistence.load(folder)[0].scores("title", ["music video"], np.zeros((1, 384), np.float32))
    assert not victim.exists()


def test_a_network_of_another_is_not_run(openvino_installed, model, tmp_path):
    folder = Path(shutil.copytree(model[0], tmp_path / "model"))
    squared = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x**2)])
    squared.save(folder / "minilm.keras")
    (folder / "minilm.xml").write_text("<net/>")
    with pytest.raises(YtcatError, match=r"minilm.keras is damaged"):
        persistence.load(folder)
    with_new_hashes(folder)
    for backend, name in (("keras", "minilm.keras"), ("openvino", "minilm.xml")):
        with pytest.raises(YtcatError, match=rf"{name} is not .* network of `ytcat train`"):
            predictor.Predictor(folder, backend).answer(["music video"], [None])


DAMAGED = ["model.json", "arrays.npz", "minilm.keras", "minilm.xml", "sentences.bin", "tokenizer.json"]


@pytest.mark.parametrize("name", DAMAGED)
@pytest.mark.parametrize("damage", ["missing", "half"])
def test_a_damaged_model_is_refused_by_name(model, tmp_path, name, damage):
    if not (model[0] / name).is_file():
        pytest.skip("OpenVINO is not installed: pip install '.[fast]'")
    folder = Path(shutil.copytree(model[0], tmp_path / "model", copy_function=os.link))
    content = (folder / name).read_bytes()
    (folder / name).unlink()
    if damage == "half":
        (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(YtcatError, match=r"is not a whole model of `ytcat train`") as error:
        persistence.load(folder)
    assert name == "model.json" or name in str(error.value)


def test_a_folder_of_an_earlier_version_says_what_to_do(model, tmp_path):
    content = json.loads((model[0] / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps(content | {"format": 4}))
    with pytest.raises(YtcatError, match="has the format 4, this ytcat reads 5: train again"):
        persistence.load(tmp_path)


@pytest.mark.parametrize(
    "arguments, says",
    [
        ([], "Give --title and/or --thumbnail"),
        (["--title", "a", "--corpus", "x", "--out", "y"], "Give --title and/or --thumbnail"),
        (["--title", "a", "--thumbnail", "nowhere.jpg"], "nowhere.jpg cannot be read as a thumbnail"),
        (["--title", " "], "This model answers from the title or the thumbnail or the thumbnail and title"),
        (["--corpus", "nowhere", "--out", "y.csv"], "There is no corpus folder nowhere"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(model, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    result = call_here("predict", "--model", model[0], *arguments)
    assert isinstance(result.exception, YtcatError)  # which the command prints without a traceback
    assert says in str(result.exception)
    assert not list(tmp_path.iterdir())


def test_a_folder_with_content_is_not_overwritten(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("precious")
    with pytest.raises(YtcatError, match="exists already"):
        trainer.train(load(corpus), tmp_path / "mine")
    assert (tmp_path / "mine" / "file").read_text() == "precious"


def test_titles_alone_make_a_model_of_titles(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    folder = tmp_path / "titles"
    folder.mkdir()
    shutil.copy(corpus / "videos.csv", folder)
    about = trainer.train(load(folder), tmp_path / "model", trainer.TrainingSettings(model="late_fusion"))
    assert set(about["figures"]) == {"title"}
    model = predictor.Predictor(tmp_path / "model")
    picture = (corpus / "thumbnails" / "video_00004.jpg").read_bytes()
    views, answers = model.answer(["music video"], [picture])
    assert views.tolist() == ["title"]
    assert answers.shape == (1, 14)
    with pytest.raises(YtcatError, match="answers from the title: give that"):
        model.answer([""], [picture])


def test_titles_of_other_corpora_are_learned_too_and_told(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    videos = pd.read_csv(corpus / "videos.csv", dtype=str)
    for name, rows in (("mine", videos), ("theirs", videos.assign(video_id="other_" + videos["video_id"]))):
        (tmp_path / name).mkdir()
        rows.assign(title=f"{name} " + rows["title"]).to_csv(tmp_path / name / "videos.csv", index=False)
    before = {path: path.read_bytes() for path in tmp_path.glob("*/videos.csv")}
    options = ["--corpus", tmp_path / "mine", "--model", "title_linear"]
    said = {}
    for out, more in (
        ("own", []),
        ("more", ["--titles", tmp_path / "theirs", "--titles", tmp_path / "mine"]),
    ):
        result = call("train", *options, "--out", tmp_path / out, *more)
        assert (result.returncode, result.stderr) == (0, ""), result.stderr
        said[out] = result.stdout
    assert f"{len(videos):,} titles of theirs learned from too" in said["more"]
    assert "0 titles of mine learned from too" in said["more"]  # they are its own
    assert "learned from too" not in said["own"]
    card = (tmp_path / "more" / "README.md").read_text()
    assert f"{len(videos):,} of `theirs`" in card and "with a weight of 0.5" in card
    assert "for `title_linear`, each" in card and "may be one of theirs" in card
    assert "titles of other corpora" not in (tmp_path / "own" / "README.md").read_text()
    # A word that only the other corpus has means something to the model that has read it.
    terms = [predictor.Predictor(tmp_path / out).model.vectorizers for out in ("own", "more")]
    assert ["theirs" in str(of_model) for of_model in terms] == [False, True]
    assert {path: path.read_bytes() for path in tmp_path.glob("*/videos.csv")} == before
    refused = call_here("train", *options[:2], "--model", "title_kernel", "--out", tmp_path / "k", *more)
    assert "best, title_linear, minilm, or leave out --titles" in str(refused.exception)
    options += ["--out", tmp_path / "theirs" / "model", "--titles", tmp_path / "theirs"]
    assert "which is only read" in str(call_here("train", *options).exception)


def assert_light(folder):
    """A title is answered without the libraries that take seconds to import."""
    code = """
import sys
from ytcat.cli import app
sys.argv = ["ytcat", "predict", "--model", sys.argv[1], "--title", "match goals today"]
try:
    app()
except SystemExit as end:
    assert not end.code, end.code
assert not {"tensorflow", "keras", "sklearn", "pandas", "skops"} & set(sys.modules), set(sys.modules)
"""
    result = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("from the title:")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in ("title_linear", "late_fusion") else pytest.mark.slow)
        for name in ensemble.TRAINABLE
        if name != ensemble.BEST
    ],
)
def test_every_model_can_be_trained_by_name(corpus, tmp_path, monkeypatch, shared_build, name):
    monkeypatch.setenv("YTCAT_BUILD", str(shared_build))  # the thumbnails' features are computed once
    about = trainer.train(load(corpus), tmp_path / "model", trainer.TrainingSettings(name, epochs=1))
    model = predictor.Predictor(tmp_path / "model")
    assert list(about["figures"]) == list(ensemble.TRAINABLE[name])
    assert about["parts"] == max(ensemble.TRAINABLE[name].values(), key=len)
    assert (tmp_path / "model" / "minilm.keras").is_file() == ("minilm" in about["parts"])
    # A kernel compares every video with every other: only those that are used are fitted.
    used = {part for parts in ensemble.TRAINABLE[name].values() for part in parts}
    assert {part for part in ensemble.KERNELS if f"{part}_dual" in model.model.arrays} == used & set(
        ensemble.KERNELS
    )
    if list(ensemble.TRAINABLE[name]) == ["title"] and openvino.installed():
        assert_light(tmp_path / "model")
    assert f"`{name}`" in (tmp_path / "model" / "README.md").read_text()
    picture = (corpus / "thumbnails" / "video_00004.jpg").read_bytes()
    views, answers = model.answer(["match goals today"], [picture])
    assert views.tolist() == list(about["figures"])[-1:]  # the widest that it has
    if "title" not in about["figures"]:  # one that it cannot answer does not refuse the others
        videos = Unlabelled(["a", "b"], ["match goals today"] * 2, [None, picture], {}, {})
        assert model.table(videos)[0]["video_id"].tolist() == ["b"]
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-4)


@pytest.mark.parametrize(
    "name, says", [("bset", "no model 'bset': choose one of best,"), ("joint_kernel", "needs thumbnails")]
)
def test_a_model_that_cannot_be_trained_is_refused(corpus, tmp_path, monkeypatch, name, says):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    folder = tmp_path / "titles"
    folder.mkdir()
    shutil.copy(corpus / "videos.csv", folder)
    with pytest.raises(YtcatError, match=says):
        trainer.train(load(folder), tmp_path / "model", trainer.TrainingSettings(name))
    assert not (tmp_path / "model").exists()


def test_a_model_file_nested_beyond_reason_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "model.json").write_text("[" * 100_000)
    with pytest.raises(YtcatError, match="is not a whole model of `ytcat train`"):
        persistence.load(tmp_path)
