"""What is recorded of finished runs: the figures, recomputed by hand, and nothing of a video."""

import json
import shutil
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

import ytcat.reference_runs
from tiny_runs import RUNS, make_corpus, save_run
from ytcat.atomic_files import sha256_file
from ytcat.categories import IDS
from ytcat.exceptions import YtcatError
from ytcat.reference_runs import ReferenceRuns, read_all, store
from ytcat.reference_runs.verify import DifferenceError, verify

MODELS = {
    "image", "text", "fusion", "best", "linear_probe", "majority", "stratified_guess", "tfidf", "best_title",
    "title_linear", "best_with_more", "best_title_with_more",
}  # fmt: skip
CHAPTER = {model: chapter for chapter, model in store.CHAPTERS.items()}


def by_hand(table):
    """The figures of one predictions table from their definitions, with plain NumPy."""
    p = table[[f"p_{i}" for i in IDS]].to_numpy(np.float64)
    truth = np.array([IDS.index(i) for i in table["y_true"]])
    answer, n = p.argmax(axis=1), len(truth)
    better = (p > p[np.arange(n), truth][:, np.newaxis]).sum(axis=1)  # no two probabilities are equal
    f1, recall = [], []
    for label in range(14):
        hit = ((answer == label) & (truth == label)).sum()
        given, true = (answer == label).sum(), (truth == label).sum()
        if given + true:
            f1.append(2 * hit / (given + true))
        if true:
            recall.append(hit / true)
    confidence, in_bin = p.max(axis=1), np.ceil(p.max(axis=1) * 15)
    gaps = [
        abs(((answer == truth) - confidence)[in_bin == b].sum()) for b in np.unique(in_bin)
    ]  # count times distance
    return {
        "n": n,
        "top1": (better == 0).mean(),
        "top5": (better < 5).mean(),
        "macro_f1": np.mean(f1),
        "balanced_accuracy": np.mean(recall),
        "ece": np.sum(gaps) / n,
        "confusion": [[int(((truth == t) & (answer == a)).sum()) for a in range(14)] for t in range(14)],
    }


def drawn_channels(tables):
    """The limits of mean top-1 over the runs in 2,000 resamples of the channels, one by one."""
    rows = []
    for table in tables.values():
        p = table[[f"p_{i}" for i in IDS]].to_numpy()
        hit = np.array(IDS)[p.argmax(axis=1)] == table["y_true"]
        rows.append(
            pd.DataFrame({"channel": table["row"] // 2, "hit": hit / len(table), "n": 1 / len(table)})
        )
    sums = pd.concat(rows).groupby("channel").sum().to_numpy()
    rng = np.random.default_rng(1)
    drawn = [sums[rng.integers(0, len(sums), len(sums))].sum(axis=0) for _ in range(2000)]
    return tuple(np.percentile([hit / n for hit, n in drawn], [2.5, 97.5]))


def saved_tables(build, model, split):
    """What the chapters themselves left of a model on a split, by (fold, seed)."""
    tables = {}
    for name, fold, seed in RUNS:
        if name == split:
            suffix = "" if split == "random" else f"-{split}{fold}"
            folder = build / "results" / f"tiny-full{suffix}-{seed}"
            if model in CHAPTER:
                tables[fold, seed] = pd.read_parquet(folder / CHAPTER[model] / "predictions.parquet")
            else:
                of = next(of for of, baselines in store.BASELINES.items() if model in baselines)
                table = pd.read_parquet(folder / CHAPTER[of] / "baselines.parquet")
                tables[fold, seed] = table[table["model"] == model]
    return tables


@pytest.mark.parametrize("split", ["random", "channel"])
@pytest.mark.parametrize("model", sorted(MODELS))
def test_figures_are_those_of_the_chapters_predictions(all_recorded, model, split):
    build, folder = all_recorded
    entry = json.loads((folder / "results.json").read_text())[ytcat.reference_runs.key(model, split)]
    tables = saved_tables(build, model, split)
    each = [by_hand(table) for table in tables.values()]
    assert entry["model"] == model
    assert entry["split"] == split
    assert entry["seeds"] == [seed for _, seed in tables]
    assert [(run["fold"], run["seed"]) for run in entry["runs"]] == list(tables)
    for name in ("top1", "top5", "macro_f1", "balanced_accuracy", "ece"):
        if (model, name) == ("stratified_guess", "ece"):
            assert entry["ece"] is None
            continue
        values = np.array([run[name] for run in each])
        mean = values.sum() / len(values)
        sd = np.sqrt(((values - mean) ** 2).sum() / (len(values) - 1))
        assert entry[name] == entry[f"{name}_mean"] == pytest.approx(mean, abs=1e-7)
        if split == "random":
            assert entry[f"{name}_sd"] == pytest.approx(sd, abs=1e-7)
        else:  # seeds on different videos
            assert entry[f"{name}_sd"] is None
        assert [run[name] for run in entry["runs"]] == pytest.approx(values, abs=1e-7)
    assert entry["n_test"] == round(np.mean([run["n"] for run in each]))
    videos = {row for table in tables.values() for row in table["row"]}
    assert entry["n_videos"] == len(videos)
    channels = {row // 2 for row in videos}  # two videos a channel
    assert entry["n_channels"] == len(channels)
    assert (entry["top1_low"], entry["top1_high"]) == pytest.approx(drawn_channels(tables), abs=0.02)
    if split == "channel":
        top1 = [run["top1"] for run in each]
        with warnings.catch_warnings():  # two folds may have the same accuracy
            warnings.filterwarnings("ignore", "Precision loss", RuntimeWarning)
            interval = ttest_1samp(top1, 0).confidence_interval(0.95)
        assert (entry["top1_t_low"], entry["top1_t_high"]) == pytest.approx((interval.low, interval.high))
    assert entry["confusion"] == np.sum([run["confusion"] for run in each], axis=0).tolist()


def test_every_model_has_an_entry_and_its_own_number_of_training_videos(all_recorded):
    build, folder = all_recorded
    results = json.loads((folder / "results.json").read_text())
    assert set(results) == MODELS | {f"{model}@channel" for model in MODELS}
    first = build / "results" / "tiny-full-0"
    trained = {
        model: json.loads((first / chapter / "metrics.json").read_text())["n_train"]
        for model, chapter in CHAPTER.items()
    }
    assert trained["image"] < trained["text"]  # some videos have no thumbnail
    for model, like in [
        ("linear_probe", "image"),
        ("tfidf", "text"),
        ("majority", "text"),
        ("best_title", "best"),
    ]:
        trained[model] = trained[like]
    validation = json.loads((first / "07_better_models" / "metrics.json").read_text())["n_validation"]
    assert validation > 0
    trained["best"] += validation  # fitted on them too
    trained["best_title"] += validation
    trained["title_linear"] = trained["best"]
    trained["best_with_more"] = trained["best_title_with_more"] = trained["best"] + 7  # other years' titles
    for model, n_train in trained.items():
        assert results[model]["n_train"] == results[model]["runs"][0]["n_train"] == n_train


def test_files_hold_figures_and_probabilities_and_nothing_of_a_video(all_recorded):
    build, folder = all_recorded
    assert {path.name for path in folder.iterdir()} == {
        "results.json",
        "predictions.parquet",
        "history.csv",
        "manifest.json",
        "against_title.csv",
    }
    table = pd.read_parquet(folder / "predictions.parquet")
    assert list(table.columns) == [
        "model",
        "split",
        "fold",
        "seed",
        "row",
        "channel",
        "y_true",
        *(f"p_{i}" for i in IDS),
    ]
    assert table["channel"].dtype == np.int32
    pairs = table[["row", "channel"]].drop_duplicates()
    assert not pairs["row"].duplicated().any()
    together = pairs.groupby(pairs["row"] // 2)["channel"].agg(set)  # two videos a channel
    assert together.map(len).eq(1).all()
    assert len({min(one) for one in together}) == len(together)
    assert not together.map(min).is_monotonic_increasing  # the order of the numbers tells nothing
    assert not table.isna().any().any()
    assert set(table["model"]) == MODELS
    for path in folder.iterdir():
        content = path.read_bytes()
        assert b"Title " not in content
        assert b"Channel " not in content
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["corpus_sha256"] == "c0ffee"
    assert len(manifest["runs"]) == 25
    assert {run["model"]: run.get("kept_phase") for run in manifest["runs"]} == {
        "image": "head",
        "text": None,
        "fusion": None,
        "best": None,
        "best_with_more": None,
    }
    for name, sha256 in manifest["sha256"].items():
        assert sha256_file(folder / name) == sha256
    source = json.loads((build / "results/tiny-full-2/05_fusion/metrics.json").read_text())
    kept = [r for r in manifest["runs"] if (r["model"], r["split"], r["seed"]) == ("fusion", "random", 2)]
    assert kept[0]["overlap"] == source["overlap"]


def test_what_is_recorded_can_be_read(all_recorded, monkeypatch):
    build, folder = all_recorded
    monkeypatch.setattr(ytcat.reference_runs, "FOLDER", folder.parent)
    assert [reference.name for reference in read_all()] == ["tiny"]
    reference = ReferenceRuns(folder)
    answers = reference.predictions("text", "channel")
    expected = pd.concat(saved_tables(build, "text", "channel").values(), ignore_index=True)
    columns = ["row", "y_true", *(f"p_{i}" for i in IDS)]
    pd.testing.assert_frame_equal(answers[columns].reset_index(drop=True), expected[columns])
    assert reference.predictions("text", "time").empty
    history = reference.history()
    assert list(history.columns[:5]) == ["model", "split", "fold", "seed", "epoch"]
    assert len(history) == 25 * 2
    assert history["phase"].notna().tolist() == (history["model"] == "image").tolist()
    assert (history.groupby(["model", "split", "fold", "seed"])["epoch"].agg(list).map(tuple) == (1, 2)).all()


def test_recording_again_gives_the_same_bytes(all_recorded, places, monkeypatch):
    build, folder = all_recorded
    monkeypatch.setenv("YTCAT_BUILD", str(build))
    again = store.record(make_corpus()).folder
    assert again == places / "tiny"
    for path in folder.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes()


def test_chapters_without_a_run_now_stay_as_they_were_recorded(all_recorded, places, monkeypatch):
    """Runs of chapter 07 come after those of the others were removed, and once more for another seed."""
    _, folder = all_recorded
    shutil.copytree(folder, places / "tiny")
    before = ReferenceRuns(folder)
    corpus = make_corpus()
    save_run(corpus, "07_better_models", "random", 0, seed=7)
    after = store.record(corpus)
    assert after.results["best"]["seeds"] == [7]
    assert "best@channel" not in after.results
    for name in ("image", "text@channel", "tfidf", "linear_probe"):
        assert after.results[name] == before.results[name]
    assert len(after.manifest["runs"]) == 20 + 1
    assert set(after.history()["model"]) == {"image", "text", "fusion", "best", "best_with_more"}
    assert verify(places / "tiny") > 1000
    other = make_corpus(sha256="another state")
    save_run(other, "07_better_models", "random", 0, seed=8)
    assert set(store.record(other).results) == {"best", "best_title", "title_linear"}


def test_recorded_figures_are_computed_anew_without_the_runs(all_recorded, places):
    """The builds of one machine are not those of another: what is recorded there is enough."""
    _, folder = all_recorded
    shutil.copytree(folder, places / "tiny")
    (places / "tiny" / "results.json").write_text("{}")
    store.record(make_corpus())
    for path in folder.iterdir():
        assert (places / "tiny" / path.name).read_bytes() == path.read_bytes()


def test_a_video_without_a_channel_is_a_channel_of_its_own():
    corpus = make_corpus()
    corpus.videos.loc[[3, 8], "channel_title"] = None
    channels = store.anonymous_channels(corpus)
    alone = [
        number for number, count in zip(*np.unique(channels, return_counts=True), strict=True) if count == 1
    ]
    assert sorted(alone) == sorted(channels[[2, 3, 8, 9]].tolist())
    assert set(channels) == set(range(72))


def test_tables_are_recorded_with_their_run_in_front(all_recorded):
    build, folder = all_recorded
    table = pd.read_csv(folder / "against_title.csv")
    assert list(table.columns) == ["split", "fold", "seed", "model", "n", "n_correct"]
    assert len(table) == 3 * 5
    own = pd.read_csv(build / "results/tiny-full-1/07_better_models/against_title.csv")
    kept = table[(table["split"] == "random") & (table["seed"] == 1)]
    pd.testing.assert_frame_equal(kept[["model", "n", "n_correct"]].reset_index(drop=True), own)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {about["table"] for about in manifest["tables"]} == {"against_title"}
    assert len(manifest["tables"]) == 5


def test_tables_alone_are_recorded_and_held_against_their_hashes(places):
    corpus = make_corpus()
    parameters = {"results": "results/tiny-full-0", "split": "random", "fold": 0, "seed": 0}
    table = pd.DataFrame({"model": ["Title"], "precision": [0.5]})
    ytcat.runs.RunWriter("08_auto_tagging", corpus, parameters).save({}, tables={"tag_scores": table})
    for _ in range(2):  # also over what is recorded already
        found = store.record(corpus)
        assert not found.has_models
        assert {path.name for path in found.folder.iterdir()} == {"manifest.json", "tag_scores.csv"}
    assert read_all() == []
    assert ytcat.reference_runs.folders() == [found.folder]
    assert verify(found.folder) == 0
    (found.folder / "tag_scores.csv").write_text("model,precision\nTitle,0.9\n")
    with pytest.raises(DifferenceError, match=r"tag_scores\.csv: it is not the file that was recorded"):
        verify(found.folder)
    save_run(corpus, "04_text_model", "random", 0, seed=0)
    assert store.record(corpus).has_models


def test_one_seed_has_no_deviation_and_a_corpus_without_thumbnails_no_image_model(places):
    corpus = make_corpus()
    folder = save_run(corpus, "04_text_model", "random", 0, seed=4).parent
    # The image chapter of a corpus without thumbnails ends early, with no predictions.
    parameters = {"results": str(folder), "split": "random", "fold": 0, "seed": 4}
    ytcat.runs.RunWriter("03_image_model", corpus, parameters).save({"ended_without": "thumbnails"})
    results = store.record(corpus).results
    assert set(results) == {"text", "tfidf", "majority", "stratified_guess"}
    assert results["text"]["seeds"] == [4]
    assert results["text"]["top1_sd"] is None
    assert results["text"]["top1"] == results["text"]["runs"][0]["top1"]


def test_the_synthetic_corpus_is_refused(places):
    with pytest.raises(YtcatError, match="only runs on real videos"):
        store.record(make_corpus(synthetic=True))
    assert not places.exists()


def test_without_runs_of_this_corpus_and_profile_nothing_is_recorded(places):
    with pytest.raises(YtcatError, match=r"no finished full run of tiny .*make notebooks"):
        store.record(make_corpus())
    save_run(make_corpus(), "04_text_model", "random", 0, 0)
    with pytest.raises(YtcatError, match="no finished demo run"):
        store.record(make_corpus(), "demo")
    with pytest.raises(YtcatError, match="no finished full run"):
        store.record(make_corpus(sha256="another"))
    assert not places.exists()
    assert read_all() == []


def change(path, *keys, value):
    """Set, or with None remove, one value in a JSON file."""
    tree = json.loads(path.read_text())
    place = tree
    for key in keys[:-1]:
        place = place[key]
    if value is None:
        del place[keys[-1]]
    else:
        place[keys[-1]] = value
    path.write_text(json.dumps(tree))


@pytest.mark.parametrize(
    "keys, value, named",
    [
        (("sha256", "code"), "other", "code"),
        (("sha256", "lock"), "other", "lock"),
        (("parameters", "epochs"), 9, "epochs"),
        (("parameters", "epochs"), None, "epochs"),  # known to one of the two only, whichever it is
        (("parameters", "patience"), 3, "patience"),
    ],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_runs_that_differ_are_not_averaged(places, keys, value, named, seed):
    folders = [save_run(make_corpus(), "04_text_model", "random", 0, s) for s in (0, 1)]
    change(folders[seed] / "manifest.json", *keys, value=value)
    with pytest.raises(YtcatError, match=rf"tiny-full-1.* differ in {named}, so .* run one of them again"):
        store.record(make_corpus())
    assert not places.exists()


def test_chapters_may_differ_from_each_other(places):
    save_run(make_corpus(), "04_text_model", "random", 0, 0, epochs=20)
    save_run(make_corpus(), "03_image_model", "random", 0, 0, side=96)
    assert {"image", "text"} <= set(store.record(make_corpus()).results)
