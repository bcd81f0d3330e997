"""A chapter whose kernel is killed while it trains ends as an undisturbed one, from its last epoch on."""

import zipfile

import psutil
import pytest

from ytcat import runs
from ytcat.corpus import load
from ytcat.exceptions import YtcatError
from ytcat.report.execute import execute
from ytcat.report.profiles import RunSettings

CHAPTER = "04_text_model"
CHANGES = ("epochs=6", "patience=0")
DATED = dict.fromkeys(("model.keras", "notebook.ipynb"), "holds the time at which it was saved")


def build(source, kill_at=None):
    """What was said; if a line has `kill_at`, the chapter's kernel is killed there."""
    said = []

    def say(line):
        said.append(line)
        if kill_at and kill_at in line:
            for process in psutil.Process().children(recursive=True):
                if "ipykernel_launcher" in process.cmdline():
                    process.kill()

    run = RunSettings(str(source), "smoke", chapters=(CHAPTER,), changes=CHANGES)
    execute(run, load(run.corpus), say)
    return said


@pytest.mark.slow
def test_a_killed_chapter_ends_as_an_undisturbed_one(corpus_folder, tmp_path, monkeypatch):
    source = corpus_folder(280, thumbnails=False)
    results = RunSettings(str(source), "smoke", chapters=(CHAPTER,), changes=CHANGES).results
    undisturbed, killed = (tmp_path / name / results for name in ("undisturbed", "killed"))
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "undisturbed"))
    build(source)
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "killed"))
    with pytest.raises(YtcatError, match="kernel died"):
        build(source, kill_at="epoch  3/6")
    assert runs.finished(killed, CHAPTER) is None
    assert list(killed.glob(".*-checkpoints/*/text/epoch-*"))
    said = build(source)
    assert any(f"{CHAPTER:20} epoch " in line and "resumed after this epoch" in line for line in said)
    resumed, expected = (runs.finished_run(folder, CHAPTER) for folder in (killed, undisturbed))
    assert resumed.manifest["inputs"] == expected.manifest["inputs"]
    assert resumed.manifest["sha256"] | DATED == expected.manifest["sha256"] | DATED
    assert {"metrics.json", "predictions.parquet", "history.csv"} <= set(resumed.manifest["sha256"])
    weights = "model.weights.h5"  # and the optimizer's state
    one, other = (zipfile.ZipFile(run.folder / "model.keras").read(weights) for run in (resumed, expected))
    assert one == other
    assert len(resumed.history) == 6
    assert {path.name for path in killed.iterdir()} == {CHAPTER}
