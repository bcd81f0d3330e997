"""Places for runs and recordings, and a recording to test."""

import pytest

from tiny_runs import ACCURACIES, RUNS, make_corpus, save_run
from ytcat import reference_runs
from ytcat.reference_runs import store


@pytest.fixture
def places(tmp_path, monkeypatch):
    """An empty build folder and an empty `book/reference_runs`, which is returned."""
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(reference_runs, "FOLDER", tmp_path / "recorded")
    return tmp_path / "recorded"


@pytest.fixture(scope="session")
def all_recorded(tmp_path_factory):
    """Three seeds on one split and two folds on another, of all chapters: (build folder, recorded folder)."""
    folder = tmp_path_factory.mktemp("all")
    corpus = make_corpus()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YTCAT_BUILD", str(folder / "build"))
        patch.setattr(reference_runs, "FOLDER", folder / "recorded")
        for split, fold, seed in RUNS:
            for chapter in ACCURACIES:
                save_run(corpus, chapter, split, fold, seed)
        return folder / "build", store.record(corpus).folder
