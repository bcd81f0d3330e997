"""A notebook's run: begun from its parameters, written whole or not at all, read by other chapters."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from tiny_runs import make_corpus
from ytcat import paths, runs
from ytcat.categories import IDS, N_CATEGORIES
from ytcat.exceptions import YtcatError

CORPUS = make_corpus()  # 140 videos; every fifth has no thumbnail
SETTINGS = {"split": "random", "fold": 0, "limit": 0, "seed": 3}


@pytest.fixture
def begun(tmp_path):
    """Begins a run of a chapter on the tiny corpus."""

    def begin(chapter="03_image_model", corpus=CORPUS, **changed):
        parameters = {"results": str(tmp_path / "results"), "corpus": "somewhere"} | SETTINGS
        return runs.RunWriter(chapter, corpus, parameters | changed)

    return begin


def guess(n, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(N_CATEGORIES), n)


def evaluated(run, model="image", baselines=("majority",)):
    parts = run.parts()
    others = {name: guess(len(parts.test), seed + 1) for seed, name in enumerate(baselines)}
    return run.evaluate(model, parts, guess(len(parts.test)), others)


def saved(run, **metrics):
    run.save({"extra": 0.5} | metrics, evaluated(run), pd.DataFrame({"epoch": [1]}))
    return runs.finished_run(run.results, run.name)


# ---- how a notebook begins


def test_a_notebook_begins_with_its_checked_parameters_and_its_corpus(corpus_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    annotations = {"corpus": str, "split": str, "results": str}
    namespace = {"corpus": str(corpus_folder()), "split": "slides", "results": "results/lab", "epochs": "x"}
    run = runs.begin("03_image_model", namespace | {"__annotations__": annotations})
    assert run.parameters["split"] == "random"  # the earlier name
    assert len(run.corpus.videos) == 28
    assert run.results == paths.build_folder() / "results" / "lab"
    assert "**tiny**" in run._repr_markdown_()
    with pytest.raises(YtcatError, match=r"03_image_model\.ipynb: .*split = 'chanel'"):
        runs.begin("03_image_model", namespace | {"split": "chanel", "__annotations__": annotations})


def test_an_injected_parameter_that_the_notebook_does_not_have_is_refused():
    namespace = {"results": "results/lab", "epoch": 3, "__annotations__": {"results": str}}
    with pytest.raises(YtcatError, match="no parameter 'epoch'"):
        runs.begin("03_image_model", namespace | {"In": ["", "# Parameters\nepoch = 3\n"]})


def test_a_page_without_videos_has_no_corpus():
    run = runs.begin("00_results", {"results": "results/lab", "__annotations__": {"results": str}})
    assert run.corpus is None
    assert run._repr_markdown_() == ""


# ---- the parts of the split


def test_parts_are_those_of_the_split_with_everything_a_model_reads(begun):
    run = begun()
    train, validation, test = parts = run.parts()
    for part in parts:
        assert (run.part_of_videos[part.rows] == part.name).all()
        assert part.labels.tolist() == CORPUS.videos["label"][part.rows].tolist()
        assert part.titles == CORPUS.videos["title"][part.rows].tolist()
    assert parts.counts()["videos"].to_dict() == {part.name: len(part) for part in parts}
    assert len(train) + len(validation) + len(test) == len(CORPUS.videos)
    assert set(run.part_of_videos) == {"train", "validation", "test"}


def test_parts_can_be_kept_to_thumbnails_and_to_usable_videos(begun):
    run = begun()
    usable = np.arange(len(CORPUS.videos)) % 2 == 0
    rows = np.concatenate([part.rows for part in run.parts(thumbnails=True, usable=usable)])
    assert sorted(rows) == [i for i in range(len(CORPUS.videos)) if i % 2 == 0 and i % 5]
    with pytest.raises(YtcatError, match=r"leaves 0 videos to train a model, 0 to choose .* 0 to test it"):
        run.parts(usable=np.zeros(len(usable), bool))


def test_images_are_those_of_the_part(corpus_folder, tmp_path):
    from ytcat.corpus import load

    corpus = load(corpus_folder(), tmp_path / "build")
    run = runs.RunWriter("03_image_model", corpus, {"results": str(tmp_path)} | SETTINGS)
    test = run.parts(thumbnails=True).test
    assert test.images.shape == (len(test), 90, 120, 3)
    np.testing.assert_array_equal(test.images, corpus.images(test.rows))


def test_a_chapter_without_what_it_needs_ends_and_says_so(begun):
    assert begun().require("thumbnails") is None
    videos = CORPUS.videos.assign(has_thumbnail=False)
    run = begun(corpus=dataclasses.replace(CORPUS, videos=videos))
    assert "No video of this corpus has thumbnails" in run.require("thumbnails").data
    assert runs.finished_run(run.results, run.name).metrics == {"ended_without": "thumbnails"}


# ---- what a model's chapter records


def test_predictions_follow_the_contract():
    table = runs.predictions_table(np.arange(50), "test", np.arange(50) % 14, guess(50))
    assert list(table.columns) == ["row", "split", "y_true", *[f"p_{i}" for i in IDS]]
    assert set(table["y_true"]) <= set(IDS)
    assert runs.probabilities(table).shape == (50, N_CATEGORIES)
    with pytest.raises(ValueError, match="sum to 1"):
        runs.predictions_table(np.arange(1), "test", np.array([0]), np.ones((1, 14)))


def test_answers_are_the_most_probable_categories():
    probabilities = np.full((2, 14), 0.1 / 13)
    probabilities[[0, 1], [3, 5]] = 0.9
    table = runs.predictions_table(np.array([7, 9]), "test", np.array([3, 4]), probabilities)
    answers = runs.answers(table)
    assert answers.index.tolist() == [7, 9]
    assert answers["answer"].tolist() == [3, 5]
    assert answers["truth"].tolist() == [3, 4]
    assert answers["confidence"].tolist() == pytest.approx([0.9, 0.9])
    assert runs.correct(table).to_dict() == {7: True, 9: False}


def test_an_evaluation_holds_every_figure_of_the_model_and_its_baselines(begun):
    run = begun()
    parts = run.parts(thumbnails=True)
    probabilities = guess(len(parts.test))
    found = run.evaluate("image", parts, probabilities, {"majority": probabilities})
    metrics = found.metrics
    assert found.confusion.sum() == metrics["n_test"] == len(parts.test)
    assert metrics["n_train"] == len(parts.train)
    assert metrics["top1"] == found.confusion.trace() / len(parts.test)
    assert (
        metrics["baselines"]["majority"]["top1"] == metrics["top1"] == runs.correct(found.predictions).mean()
    )
    most_frequent = np.bincount(parts.train.labels).argmax()
    assert metrics["majority_top1"] == (parts.test.labels == most_frequent).mean()
    assert metrics["overlap"]["known channel"]["n"] + metrics["overlap"]["new channel"]["n"] == len(
        parts.test
    )
    assert found.accuracies("top1")["source"].tolist() == ["people", "slides", "this run", "baseline"]
    assert found.best_possible is None  # of real videos nobody knows it
    pd.testing.assert_frame_equal(found.baselines["majority"], found.predictions)
    json.dumps(metrics, default=lambda array: array.tolist())


@pytest.mark.parametrize("model, baseline", [("picture", "majority"), ("image", "Majority class")])
def test_a_model_that_no_table_knows_is_refused(begun, model, baseline):
    with pytest.raises(KeyError, match=r"is no model of ytcat\.views\.MODELS"):
        evaluated(begun(), model, [baseline])


def test_what_is_saved_comes_back(begun):
    run = begun()
    found = evaluated(run)
    done = saved(run, matrix=np.eye(2, dtype=int))
    assert done.metrics["top1"] == found.metrics["top1"]
    assert done.metrics["confusion"] == found.confusion.tolist()
    assert (done.metrics["extra"], done.metrics["matrix"]) == (0.5, [[1, 0], [0, 1]])
    pd.testing.assert_frame_equal(done.predictions, found.predictions)
    rows = found.predictions["row"].to_numpy()[::-1]
    np.testing.assert_array_equal(done.probabilities_of(rows), runs.probabilities(found.predictions)[::-1])
    with pytest.raises(KeyError):
        done.probabilities_of([10_000])
    baselines = pd.read_parquet(done.folder / "baselines.parquet")
    assert set(baselines["model"]) == {"majority"}
    pd.testing.assert_frame_equal(baselines.drop(columns="model"), found.baselines["majority"])
    assert done.history["epoch"].tolist() == [1]
    manifest = done.manifest
    assert manifest["parameters"] == SETTINGS
    assert manifest["sha256"]["corpus"] == "c0ffee"
    assert {"parameters", "code", "lock", "metrics.json", "predictions.parquet"} <= set(manifest["sha256"])
    assert manifest["versions"]["tensorflow"]
    assert manifest["processor"]
    assert set(manifest["git"]) == {"commit", "dirty"}


def test_a_failed_save_leaves_the_run_before(begun):
    before = saved(begun())
    with pytest.raises(TypeError, match="cannot be written to JSON"):
        saved(begun(), wrong=object())
    assert runs.finished_run(before.folder.parent, before.folder.name).metrics["extra"] == 0.5
    assert [path.name for path in before.folder.parent.iterdir()] == ["03_image_model"]
    assert saved(begun(), again=True).metrics["again"]
    assert [path.name for path in before.folder.parent.iterdir()] == ["03_image_model"]


def test_tables_are_kept_beside_the_metrics(begun):
    curve = pd.DataFrame({"n": [250, 500], "top1": [0.25, 1 / 3]})
    run = begun("09_more_data")
    run.save({}, tables={"curve": curve})
    done = runs.finished_run(run.results, "09_more_data")
    pd.testing.assert_frame_equal(done.table("curve"), curve)
    assert "curve.csv" in done.manifest["sha256"]


# ---- what other chapters read


def test_features_are_kept_for_the_videos_of_every_part(begun):
    run = begun()
    parts = run.parts()
    features = [np.outer(part.rows, [1, -1, 0.5]).astype(np.float32) for part in parts]
    run.save({}, features=runs.features_table(parts, features))
    done = runs.finished_run(run.results, run.name)
    for part, expected in zip(parts, features, strict=True):
        found = done.features_of(part.rows)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, expected)
    with pytest.raises(KeyError):
        done.features_of([10_000])


def test_a_run_without_features_says_which_notebook_to_run_again(begun):
    with pytest.raises(
        YtcatError, match=r"features\.parquet is missing: run notebooks/03_image_model\.ipynb"
    ):
        saved(begun()).features_of([0])


def test_a_missing_run_is_named_with_the_remedy(tmp_path):
    assert runs.finished(tmp_path, "04_text_model") is None
    with pytest.raises(YtcatError, match=r"04_text_model.*make notebooks"):
        runs.finished_run(tmp_path, "04_text_model")


@pytest.mark.parametrize(
    "changes, says",
    [
        ({"split": "channel"}, "another split than"),
        ({"seed": 4}, "another seed than"),
        ({"sha256": "other", "limit": 9}, "another corpus and limit than"),
    ],
)
def test_a_run_of_another_corpus_or_split_is_not_read(begun, changes, says):
    saved(begun())
    assert begun("05_fusion").read("03_image_model").metrics["extra"] == 0.5
    corpus = dataclasses.replace(CORPUS, sha256=changes.pop("sha256", CORPUS.sha256))
    with pytest.raises(YtcatError, match=rf"{says} this chapter's: run notebooks/03_image_model\.ipynb"):
        begun("05_fusion", corpus, **changes).read("03_image_model")


def test_a_page_reads_only_what_matches_its_own_parameters(begun, tmp_path):
    saved(begun())
    results = str(tmp_path / "results")
    page = runs.RunWriter("00_results", None, {"results": results})
    assert page.read("03_image_model").metrics["extra"] == 0.5
    other = runs.RunWriter("00_results", None, {"results": results, "seed": 4})
    with pytest.raises(YtcatError, match="another seed than"):
        other.read("03_image_model")


def test_the_slides_models_are_read_by_view_as_far_as_they_are_there(begun):
    with pytest.raises(YtcatError, match="reads the results of 04_text_model"):
        begun("06_error_analysis").read_models()
    text = begun("04_text_model")
    text.save({}, evaluated(text, "text"))
    assert list(begun("06_error_analysis").read_models()) == ["title"]
    saved(begun())
    begun("05_fusion").save({"ended_without": "thumbnails"})
    models = begun("06_error_analysis").read_models()
    assert {key: model.metrics["model"] for key, model in models.items()} == {
        "thumbnail": "image",
        "title": "text",
    }


def test_checkpoints_are_those_of_this_run_and_are_gone_when_it_is_saved(begun, tmp_path):
    first = begun()
    first.checkpoints.mkdir(parents=True)
    (first.checkpoints / "epoch-0001").write_text("kept")
    assert first.checkpoints.is_relative_to(tmp_path)
    assert begun(corpus=CORPUS, **{"seed": 3}).checkpoints == first.checkpoints
    moved = dataclasses.replace(first, parameters=first.parameters | {"corpus": "elsewhere"})
    assert moved.checkpoints == first.checkpoints
    other = dataclasses.replace(CORPUS, sha256="other")
    others = {begun(seed=4).checkpoints, begun(corpus=other).checkpoints, begun(epochs=1).checkpoints}
    others.add(dataclasses.replace(first, code_sha256="edited").checkpoints)
    assert len(others | {first.checkpoints}) == 5
    assert not first.checkpoints.exists()  # the other runs removed it
    for run in (begun(), begun("04_text_model")):
        (run.checkpoints / "text").mkdir(parents=True)
    begun().save({})
    names = [".04_text_model-checkpoints", "03_image_model"]
    assert sorted(path.name for path in first.results.iterdir()) == names
