"""No output may be an input: what a command reads, a corpus and people's answers stay as they are."""

import os

import pytest

from ytcat import paths
from ytcat.exceptions import YtcatError

HEADER = "video_id,category_id,p_"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a corpus `c`, a model `m` and answers; the current folder."""
    (tmp_path / "c" / "thumbnails").mkdir(parents=True)
    (tmp_path / "c" / "videos.csv").write_text("video_id,title\n")
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "model.json").write_text("{}")
    (tmp_path / "build" / "human" / "c-1").mkdir(parents=True)
    (tmp_path / "build" / "human" / "c-1" / "p08.jsonl").write_text("{}\n")
    (tmp_path / "notes.txt").write_text("mine")
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("out", "says"),
    [
        ("c/videos.csv", "would change c, which is only read"),
        ("c/new.csv", "would change c"),
        ("c/thumbnails/new.csv", "would change c"),
        ("c/../c/new.csv", "would change c"),
        ("c", "is a folder that exists"),
        ("m/model.json", "would change m"),
        (".", "is a folder that exists"),
        ("link.csv", "would change c"),
        ("hard.csv", "exists and is no earlier output"),
        ("shared/x.csv", "would change c"),
        ("other/answers.csv", "lies in the corpus folder"),
        ("other/thumbnails/answers.csv", "lies in the corpus folder"),
        ("kaggle/answers.csv", "lies in the corpus folder"),
        ("loop", "leads back to itself|no earlier output"),
        ("loop/answers.csv", "leads back to itself|no earlier output"),
        ("~/answers.csv", "your shell has left the ~"),
        ("build/human/c-1/p08.jsonl", "would change the answers of people"),
        ("build/human/new.csv", "would change the answers of people"),
        ("build", "is a folder that exists"),
        ("notes.txt", "exists and is no earlier output"),
        ("folder", "is a folder that exists"),
        ("dangling.csv", "exists and is no earlier output"),
        ("", "is a folder that exists"),
    ],
)
def test_an_output_that_could_lose_something_is_refused(place, out, says):
    (place / "link.csv").symlink_to(place / "c" / "videos.csv")
    os.link(place / "c" / "videos.csv", place / "hard.csv")
    (place / "dangling.csv").symlink_to(place / "nowhere")
    (place / "shared").mkdir()
    (place / "c" / "thumbnails").rmdir()
    (place / "c" / "thumbnails").symlink_to(place / "shared")
    (place / "other" / "thumbnails").mkdir(parents=True)
    (place / "other" / "videos.csv").touch()
    (place / "folder").mkdir()
    (place / "kaggle" / "thumbnails").mkdir(parents=True)
    (place / "kaggle" / "USvideos.csv").touch()
    (place / "loop").symlink_to("loop")
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    with pytest.raises(YtcatError, match=says):
        paths.check_output(paths.Path(out), "m", "c", replaces=HEADER)
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("content", [None, "", f"{HEADER}1,p_2\nx,1,0.5,0.5\n"])
def test_a_new_file_and_an_earlier_output_may_be_written(place, content):
    out = place / "new" / "answers.csv"
    if content is not None:
        out.parent.mkdir()
        out.write_text(content)
    paths.check_output(out, "m", None, "c", replaces=HEADER)


def test_a_table_of_kaggles_alone_does_not_make_a_corpus_of_a_folder_of_downloads(place):
    (place / "USvideos.csv").touch()
    paths.check_output(place / "answers.csv", "m", "c", replaces=HEADER)


@pytest.mark.parametrize("target", ["loop", "nowhere", "empty"])
def test_a_link_is_no_place_for_a_folder(place, target):
    (place / "empty").mkdir()
    (place / "loop").symlink_to(target)
    with pytest.raises(YtcatError, match=r"leads back to itself|exists already"):
        paths.check_output(place / "loop", "c")


def test_a_new_folder_may_be_written_and_an_empty_one(place, monkeypatch):
    paths.check_output(place / "model", "c")
    (place / "model").mkdir()
    paths.check_output(place / "model", "c")
    monkeypatch.chdir(place / "model")
    with pytest.raises(YtcatError, match=r"\. is a folder that exists: give the name of a new folder"):
        paths.check_output(paths.Path("."), "../c")
    (place / "model" / "file").touch()
    monkeypatch.chdir(place)
    with pytest.raises(YtcatError, match="exists already: remove it"):
        paths.check_output(place / "model", place / "c")


def test_what_only_adds_to_its_own_folder_may_not_touch_an_input_or_answers(place):
    paths.refuse_input(place / "c")
    with pytest.raises(YtcatError, match="which is only read"):
        paths.refuse_input(place / "c" / "videos.csv", "c/videos.csv")
    with pytest.raises(YtcatError, match="answers of people"):
        paths.refuse_input(place / "build" / "human")
