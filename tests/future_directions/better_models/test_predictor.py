"""`ytcat train` and `ytcat predict`, as people call them, on a corpus folder."""

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.preprocessing import StandardScaler, normalize
from typer.testing import CliRunner

from ytcat.categories import IDS, N_CATEGORIES, NAMES
from ytcat.cli import cli
from ytcat.corpus import load
from ytcat.exceptions import YtcatError
from ytcat.future_directions.better_models import ensemble, persistence, predictor
from ytcat.paths import ROOT
from ytcat.reference_runs import primary
from ytcat.views import MODELS

YTCAT = Path(sys.executable).with_name("ytcat")
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
    assert {path.name for path in folder.iterdir()} == {
        "README.md",
        "minilm.keras",
        "model.json",
        "parts.skops",
    }
    about = json.loads((folder / "model.json").read_text())["about"]
    for view in ("title", "thumbnail", "both"):
        assert f"{view:9}  top-1 {about['figures'][view]['top1']:.1%} of 22 test videos" in said
    assert about["figures"]["both"]["top1"] > 0.5  # 1 in 14 by chance
    assert sum(about["videos"].values()) == 112


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


def test_another_backend_gives_the_same_categories(openvino_installed, model, corpus, tmp_path):
    """The model was trained on Keras's features; nearly all answers stay with those of OpenVINO."""
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
    assert (by_keras["category_id"] == by_openvino["category_id"]).mean() > 0.98
    difference = np.abs(by_keras[P] - by_openvino[P]).to_numpy()
    assert 0 < difference.max() < 0.1
    assert "Keras computed the thumbnail features." in (model[0] / "README.md").read_text()


@given(
    st.lists(st.text(max_size=40), min_size=1, max_size=5),
    st.sampled_from(["late_fusion", "joint_kernel", "title_linear"]),
    st.booleans(),
)
@settings(max_examples=8, deadline=None)
def test_a_saved_model_gives_the_probabilities_of_the_one_in_memory(titles, name, thumbnails):
    """Fitted, not loaded: on other titles, with and without thumbnails."""
    rng = np.random.default_rng(len(titles))
    n = 3 * N_CATEGORIES
    features = rng.normal(size=(n, 8)).astype(np.float32) if thumbnails else None
    sentences = normalize(rng.normal(size=(n, 6))).astype(np.float32)
    videos = [f"{TOPICS[i % 14]} \u00e9 {i}\u2028" for i in range(n)]
    train = ensemble.Videos(videos, sentences, features, np.arange(n) % N_CATEGORIES)
    if not (views := ensemble.answerable(name, thumbnails)):
        return
    fitted = ensemble.fit(train, train, name=name, epochs=1, learning_rate=0.1).ensemble
    few = slice(0, len(titles))
    asked = ensemble.Videos(titles, sentences[few], features[few] if thumbnails else None)
    with tempfile.TemporaryDirectory() as folder:
        persistence.save(fitted, Path(folder), {"a": 1})
        loaded, about = persistence.load(Path(folder))
    assert about == {"a": 1} and loaded.views == fitted.views == views
    for view in views:
        one, other = (model.probabilities(model.scores(asked, view), view) for model in (fitted, loaded))
        np.testing.assert_array_equal(one, other)


def test_a_saved_encoder_gives_the_probabilities_of_the_one_that_was_saved(model, tmp_path):
    saved, about = persistence.load(model[0])
    again = tmp_path / "again"
    again.mkdir()
    persistence.save(saved, again, about)
    titles, pictures = ["music video", "rocket science"], [None, None]
    one, other = (predictor.Predictor(folder).answer(titles, pictures)[1] for folder in (model[0], again))
    np.testing.assert_array_equal(one, other)
    sizes = [sum(path.stat().st_size for path in folder.glob("parts.skops")) for folder in (model[0], again)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.01)


def test_nothing_in_a_model_folder_is_run(model, tmp_path):
    """Beside the types of the models and of scikit-learn none is loaded, and no function called."""
    folder = Path(shutil.copytree(model[0], tmp_path / "model"))
    victim = tmp_path / "victim"
    for foreign in (functools.partial(victim.touch), os.system, victim):
        skops.io.dump({"tfidf": foreign}, folder / "parts.skops")
        with pytest.raises(YtcatError, match=r"whole model of `ytcat train` .*[Uu]ntrusted types"):
            persistence.load(folder)
    skops.io.dump(StandardScaler(), folder / "parts.skops")  # harmless, but no model
    with pytest.raises(YtcatError, match="is not a whole model"):
        persistence.load(folder)
    assert not victim.exists()


@pytest.mark.parametrize("name", ["model.json", "parts.skops", "minilm.keras"])
@pytest.mark.parametrize("damage", ["missing", "half"])
def test_a_damaged_model_is_refused_by_name(model, tmp_path, name, damage):
    folder = Path(shutil.copytree(model[0], tmp_path / "model"))
    content = (folder / name).read_bytes()
    if damage == "missing":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(YtcatError, match=r"is not a whole model of `ytcat train`"):
        persistence.load(folder)


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
        predictor.train(load(corpus), tmp_path / "mine")
    assert (tmp_path / "mine" / "file").read_text() == "precious"


def test_titles_alone_make_a_model_of_titles(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    folder = tmp_path / "titles"
    folder.mkdir()
    shutil.copy(corpus / "videos.csv", folder)
    about = predictor.train(load(folder), tmp_path / "model", predictor.TrainingSettings(epochs=1))
    assert set(about["figures"]) == {"title"}
    model = predictor.Predictor(tmp_path / "model")
    picture = (corpus / "thumbnails" / "video_00004.jpg").read_bytes()
    views, answers = model.answer(["music video"], [picture])
    assert views.tolist() == ["title"]
    assert answers.shape == (1, 14)
    with pytest.raises(YtcatError, match="answers from the title: give that"):
        model.answer([""], [picture])


@pytest.mark.parametrize("name", [name for name in ensemble.TRAINABLE if name != ensemble.BEST])
def test_every_model_can_be_trained_by_name(corpus, tmp_path, monkeypatch, shared_build, name):
    monkeypatch.setenv("YTCAT_BUILD", str(shared_build))  # the thumbnails' features are computed once
    about = predictor.train(load(corpus), tmp_path / "model", predictor.TrainingSettings(name, epochs=1))
    model = predictor.Predictor(tmp_path / "model")
    assert list(about["figures"]) == list(ensemble.TRAINABLE[name])
    assert about["parts"] == max(ensemble.TRAINABLE[name].values(), key=len)
    assert (tmp_path / "model" / "minilm.keras").is_file() == ("minilm" in about["parts"])
    # A kernel compares every video with every other: only those that are used are fitted.
    used = {part for parts in ensemble.TRAINABLE[name].values() for part in parts}
    assert model.ensemble.frozen.kernels.keys() == used & set(ensemble.KERNELS)
    assert f"`{name}`" in (tmp_path / "model" / "README.md").read_text()
    picture = (corpus / "thumbnails" / "video_00004.jpg").read_bytes()
    views, answers = model.answer(["match goals today"], [picture])
    assert views.tolist() == list(about["figures"])[-1:]  # the widest that it has
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
        predictor.train(load(folder), tmp_path / "model", predictor.TrainingSettings(name))
    assert not (tmp_path / "model").exists()


def test_the_strongest_part_is_sought_among_all_parts_of_the_chosen_model():
    assert set(primary.PARTS) == set(ensemble.TRAINABLE[ensemble.BEST]["both"])
