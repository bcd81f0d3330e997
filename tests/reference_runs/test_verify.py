"""Recorded figures follow from the recorded probabilities, and verification notices when they do not."""

import copy
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ytcat.reference_runs
from tiny_runs import make_corpus, save_run
from ytcat.atomic_files import sha256_file
from ytcat.categories import IDS
from ytcat.exceptions import YtcatError
from ytcat.reference_runs import read_all, store
from ytcat.reference_runs.verify import DifferenceError, verify

FILES = ["results.json", "predictions.parquet", "history.csv", "manifest.json"]
P = [f"p_{i}" for i in IDS]


def leaves(tree, path=()):
    """(path, value) of every number, text or null in nested dicts and lists."""
    if isinstance(tree, dict | list):
        items = tree.items() if isinstance(tree, dict) else enumerate(tree)
        return [leaf for part, value in items for leaf in leaves(value, (*path, part))]
    return [(path, tree)]


def put(tree, path, value):
    changed = copy.deepcopy(tree)
    place = changed
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return changed


def sign(folder):
    """Let the manifest vouch for the files as they are, so that only recomputing can find a change."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"] = {name: sha256_file(folder / name) for name in FILES[:3]}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def edit_manifest(folder, edit):
    manifest = json.loads((folder / "manifest.json").read_text())
    edit(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def edit_predictions(folder, edit):
    edit(pd.read_parquet(folder / "predictions.parquet")).to_parquet(
        folder / "predictions.parquet", index=False
    )
    sign(folder)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A recording of the text chapter alone: folder and results."""
    folder = tmp_path_factory.mktemp("small")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YTCAT_BUILD", str(folder / "build"))
        patch.setattr(ytcat.reference_runs, "FOLDER", folder / "recorded")
        for split, fold, seed in [("random", 0, 0), ("random", 0, 1), ("channel", 0, 0)]:
            save_run(make_corpus(), "04_text_model", split, fold, seed)
        reference = store.record(make_corpus())
    return reference.folder, reference.results


@pytest.fixture
def recording(small, tmp_path):
    """A copy of it, to change."""
    return Path(shutil.copytree(small[0], tmp_path / "tiny"))


def test_what_was_recorded_verifies(all_recorded):
    _, folder = all_recorded
    n = verify(folder)
    assert n == len(leaves(json.loads((folder / "results.json").read_text()))) > 14 * 200


# ---- changed figures


def swapped(table):
    """Two videos of different categories in one run, one of them right, with each other's answers."""
    run = table[(table["model"] == "text") & (table["split"] == "random") & (table["seed"] == 1)]
    truth = run["y_true"].map(IDS.index)
    right = run[P].to_numpy().argmax(axis=1) == truth
    one = run.index[right][0]
    other = run.index[run["y_true"] != run["y_true"][one]][0]
    table.loc[[one, other], P] = table.loc[[other, one], P].to_numpy()
    return table


def test_swapped_answers_are_found_and_the_figure_is_named(recording):
    edit_predictions(recording, swapped)
    with pytest.raises(DifferenceError, match=r"text/\w+(/\w+)*: recorded [\d.]+, recomputed [\d.]+"):
        verify(recording)


@pytest.mark.parametrize("name", ["top1", "macro_f1_sd", "top5_high", "n_train", "n_videos", "n_channels"])
def test_a_changed_number_is_named(recording, name):
    results = json.loads((recording / "results.json").read_text())
    before, after = results["text"][name], results["text"][name] * 1.001 + 1
    (recording / "results.json").write_text(store.to_json(put(results, ("text", name), after)))
    with pytest.raises(DifferenceError) as error:
        verify(recording)
    assert f"/text/{name}: recorded {after}, recomputed {before}" in str(error.value)
    assert "2 figures differ" in str(error.value)  # the figure, and the file's hash
    sign(recording)
    with pytest.raises(DifferenceError, match=f"1 figures differ:\n  /text/{name}: recorded"):
        verify(recording)


@settings(deadline=None, max_examples=25, derandomize=True)
@given(st.data())
def test_any_changed_figure_is_found_by_recomputing(small, data):
    folder, results = small
    path, value = data.draw(st.sampled_from(leaves(results)))
    if isinstance(value, int | float):
        changed = value + data.draw(st.sampled_from([-1, 1])) * data.draw(st.floats(1e-6, 2))
    else:
        changed = data.draw(st.sampled_from(["another", 0, 1.5]))
    (folder / "results.json").write_text(store.to_json(put(results, path, changed)))
    sign(folder)
    try:
        with pytest.raises(DifferenceError) as error:
            verify(folder)
    finally:
        (folder / "results.json").write_text(store.to_json(results))
        sign(folder)
    assert f"/{'/'.join(str(part) for part in path)}: recorded {changed}, recomputed {value}" in str(
        error.value
    )
    assert verify(folder) == len(leaves(results))


def test_the_last_digits_may_differ_but_not_more(small):
    folder, results = small
    for factor, fine in ((1 + 1e-15, True), (1 + 1e-7, False)):
        changed = put(results, ("text", "ece"), results["text"]["ece"] * factor)
        (folder / "results.json").write_text(store.to_json(changed))
        sign(folder)
        if fine:
            assert verify(folder)
        else:
            with pytest.raises(DifferenceError, match="/text/ece: recorded"):
                verify(folder)
    (folder / "results.json").write_text(store.to_json(results))
    sign(folder)


@pytest.mark.parametrize("path", [("text",), ("text", "top5"), ("tfidf@channel", "runs", 0)])
def test_figures_left_out_or_added_are_found(recording, path):
    results = json.loads((recording / "results.json").read_text())
    for changed in (put(results, path, {"new": 1}), put(results, path, {})):
        (recording / "results.json").write_text(json.dumps(changed))
        sign(recording)
        with pytest.raises(DifferenceError, match="/".join(str(part) for part in path)):
            verify(recording)


# ---- changed files


@pytest.mark.parametrize("name", FILES[:3])
def test_other_bytes_are_found(recording, name):
    path = recording / name
    if name == "predictions.parquet":  # the same content, stored otherwise
        pd.read_parquet(path).to_parquet(path, index=False, compression="gzip")
    else:
        path.write_text(path.read_text() + "\n")
    with pytest.raises(DifferenceError, match=rf"{name}: it is not the file that was recorded"):
        verify(recording)
    # A manifest that does not vouch for the file is no way round.
    edit_manifest(recording, lambda manifest: manifest["sha256"].pop(name))
    with pytest.raises(YtcatError, match=name):
        verify(recording)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "empty", "half", "noise"])
def test_a_missing_or_damaged_file_is_an_error_that_names_it(recording, name, damage):
    path = recording / name
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(
            {"empty": b"", "half": content[: len(content) // 2], "noise": b"\xff\0" * 40}[damage]
        )
    with pytest.raises(YtcatError, match=r"tiny"):
        verify(recording)


def test_a_recording_that_lacks_a_file_is_not_passed_over(recording, monkeypatch):
    monkeypatch.setattr(ytcat.reference_runs, "FOLDER", recording.parent)
    (recording / "results.json").unlink()
    (recording / "manifest.json").write_text("{")
    assert [reference.folder for reference in read_all()] == [recording]
    with pytest.raises(YtcatError, match="cannot be read"):
        verify(read_all()[0].folder)


@pytest.mark.parametrize("column", ["title", "video_id", "split_of_run"])
def test_more_columns_are_refused(recording, column):
    edit_predictions(recording, lambda table: table.assign(**{column: "something"}))
    with pytest.raises(YtcatError, match=r"must hold the columns model, split, fold, .* and no others"):
        verify(recording)
    edit_predictions(recording, lambda table: table.drop(columns=[column, "p_28"]))
    with pytest.raises(YtcatError, match="must hold the columns"):
        verify(recording)


def test_a_video_twice_in_one_run_is_refused(recording):
    edit_predictions(recording, lambda table: pd.concat([table, table.iloc[[100]]]))
    with pytest.raises(YtcatError, match="a video twice in one run"):
        verify(recording)


def test_a_video_with_two_channels_is_refused(recording):
    edit_predictions(
        recording, lambda table: table.assign(channel=table["channel"].where(table.index > 0, 999))
    )
    with pytest.raises(YtcatError, match=r"row \d+ has more than one channel: .*record the runs anew"):
        verify(recording)


def test_a_channel_tested_in_two_folds_is_refused(recording):
    def edit(table):
        fold = table[table["split"] == "channel"]
        rows = table.loc[table["split"] == "random", "row"]
        other = fold[~fold["row"].isin(rows)].head(1).assign(fold=1, row=10_000)
        return pd.concat([table, other])

    edit_predictions(recording, edit)
    with pytest.raises(YtcatError, match=r"channel \d+ has more than one fold"):
        verify(recording)


# ---- predictions and manifest that do not belong together


@pytest.mark.parametrize(
    "column, value, says",
    [("y_true", 99, "99"), ("p_1", float("nan"), "not finite"), ("p_1", 0.9, "sum"), ("seed", 9, "9")],
)
def test_impossible_predictions_are_an_error(recording, column, value, says):
    edit_predictions(
        recording, lambda table: table.assign(**{column: table[column].where(table.index > 0, value)})
    )
    with pytest.raises(YtcatError, match=rf"do not belong together, or one is damaged .*{says}"):
        verify(recording)


@pytest.mark.parametrize("missing", ["runs", "sha256", "n_train", "n_validation", "overlap"])
def test_a_manifest_that_lacks_something_is_an_error(recording, missing):
    def edit(manifest):
        del (manifest if missing in manifest else manifest["runs"][0])[missing]

    edit_manifest(recording, edit)
    with pytest.raises(YtcatError, match=rf"one is damaged \(KeyError\('{missing}'\)\)"):
        verify(recording)


@pytest.mark.parametrize("figure", ["n", "n_correct"])
def test_known_and_new_videos_add_up_to_all(recording, figure):
    def edit(manifest):
        run = next(
            r for r in manifest["runs"] if (r["model"], r["split"], r["seed"]) == ("text", "random", 1)
        )
        run["overlap"]["known channel"][figure] += 1

    edit_manifest(recording, edit)
    with pytest.raises(DifferenceError, match="text random 0 1: channels known and new add up to"):
        verify(recording)
    edit_manifest(recording, lambda manifest: manifest["runs"].pop())
    with pytest.raises(YtcatError):
        verify(recording)


def test_a_changed_or_missing_table_is_found(all_recorded, tmp_path):
    folder = Path(shutil.copytree(all_recorded[1], tmp_path / "tiny"))
    path = folder / "against_title.csv"
    table = pd.read_csv(path)
    table.loc[3, "n_correct"] += 1
    table.to_csv(path, index=False)
    with pytest.raises(DifferenceError, match=r"against_title\.csv: it is not the file"):
        verify(folder)
    edit_manifest(folder, lambda manifest: manifest["sha256"].update({path.name: sha256_file(path)}))
    with pytest.raises(DifferenceError, match=rf"against_title\.csv: .*recorded {table.loc[3, 'n_correct']}"):
        verify(folder)
    path.unlink()
    with pytest.raises(DifferenceError, match=r"against_title\.csv: it is not the file"):
        verify(folder)
