"""A chapter whose kernel is killed while it trains ends as an undisturbed one, from its last epoch on."""

import zipfile

import psutil
import pytest

from ytcat import runs
from ytcat.corpus import load
from ytcat.exceptions import YtcatError
from ytcat.report.execute import execute
from ytcat.report.profiles import load_profile

CHAPTER = "04_text_model"
DATED = {"model.keras": "holds the time at which it was saved"}


def run(corpus, results, kill_at=None):
    """What was said; if a line has `kill_at`, the chapter's kernel is killed there."""
    said = []

    def say(line):
        said.append(line)
        if kill_at and kill_at in line:
            for process in psutil.Process().children(recursive=True):
                if "ipykernel_launcher" in process.cmdline():
                    process.kill()

    profile = load_profile("smoke")
    profile[CHAPTER] |= {"corpus": str(corpus.source), "results": str(results), "epochs": 6, "patience": 0}
    execute(corpus, profile, results, say, wanted=[CHAPTER])
    return said


@pytest.mark.slow
def test_a_killed_chapter_ends_as_an_undisturbed_one(corpus_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    source = corpus_folder(280, thumbnails=False)
    corpus = load(str(source))
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    run(corpus, undisturbed)
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "another build"))  # where nothing is cached
    with pytest.raises(YtcatError, match="kernel died"):
        run(corpus, killed, kill_at="epoch  3/6")
    assert runs.finished(killed, CHAPTER) is None
    assert list(killed.glob(".*-checkpoints/*/text/epoch-*"))
    said = run(corpus, killed)
    assert any(f"{CHAPTER:20} epoch " in line and "resumed after this epoch" in line for line in said)
    found, expected = (runs.finished_run(results, CHAPTER) for results in (killed, undisturbed))
    assert found.manifest["sha256"] | DATED == expected.manifest["sha256"] | DATED
    assert {"metrics.json", "predictions.parquet", "history.csv"} <= set(found.manifest["sha256"])
    weights = "model.weights.h5"  # and what the optimizer knows
    one, other = (zipfile.ZipFile(it.folder / "model.keras").read(weights) for it in (found, expected))
    assert one == other
    assert len(found.history) == 6
    assert not list(killed.glob(".*"))
