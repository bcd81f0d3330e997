"""Wrong profiles stop before any kernel starts, with the nearest right name."""

import pytest

from ytcat import paths
from ytcat.exceptions import YtcatError
from ytcat.report import profiles
from ytcat.report.chapters import CHAPTERS


@pytest.mark.parametrize("name", ["smoke", "demo", "full"])
def test_the_profiles_fit_the_notebooks(name):
    assert set(profiles.load_profile(name)) == {chapter.name for chapter in CHAPTERS}


@pytest.mark.parametrize(
    "content, says",
    [
        ("03_image_modle: {}", "no chapter '03_image_modle'. Did you mean '03_image_model'"),
        ("all: {sed: 1}", "Did you mean 'seed'"),
    ],
)
def test_wrong_profiles_are_named(tmp_path, monkeypatch, content, says):
    (tmp_path / "mine.yaml").write_text(content)
    monkeypatch.setattr(paths, "PROFILES", tmp_path)
    with pytest.raises(YtcatError, match=says):
        profiles.load_profile("mine")
    with pytest.raises(YtcatError, match=r"no profile 'mien'\. Did you mean 'mine'"):
        profiles.load_profile("mien")


def test_a_second_corpus_goes_to_the_chapters_that_read_one():
    import papermill

    for chapter in CHAPTERS:
        declared = papermill.inspect_notebook(str(chapter.notebook))
        assert chapter.reads_other == ("other" in declared), chapter.name
