"""The widget without a browser: what it sends, and what it makes of what comes back."""

import json

import numpy as np
import pytest

from simulated import sit
from ytcat.categories import CATEGORIES
from ytcat.corpus import load
from ytcat.corpus.splits import split
from ytcat.human import store
from ytcat.human.plan import SHOWN, plan
from ytcat.human.widget import Experiment


@pytest.fixture
def corpus(corpus_folder, tmp_path, monkeypatch):
    """Real thumbnails and titles, some of them nasty."""
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path / "build"))
    folder = corpus_folder(140)
    text = (folder / "videos.csv").read_text().replace("Title ", "<b>Title</b> ")
    (folder / "videos.csv").write_text(text)
    return load(folder)


@pytest.fixture
def part(corpus):
    return split(corpus.videos, "random")


def do(widget, what, **more):
    """What the browser sends."""
    widget._handle_custom_msg({"do": what} | more, [])
    return widget.view


def test_a_code_is_asked_for_and_a_name_refused(corpus, part):
    widget = Experiment(corpus, part)
    assert widget.view["kind"] == "welcome"
    assert widget.view["conditions"] == list(SHOWN.values())
    assert widget.categories == [[c.id, c.name] for c in CATEGORIES]
    assert "no participant code" in do(widget, "start", participant="peter")["notice"]
    assert widget.view["kind"] == "welcome"
    assert do(widget, "start", participant="p1")["kind"] == "trial"
    assert Experiment(corpus, part, participant="p1").view["trial"] == 1


def test_a_view_holds_what_its_condition_shows_and_never_the_truth(corpus, part):
    widget = Experiment(corpus, part, participant="p1", length=9)
    for trial in plan(corpus, part, "p1", 0)[:9]:
        view = widget.view
        assert set(view) == {"turn", "notice", "kind", "participant", "done", "total", "skipped",
                             "trial", "condition", "title", "thumbnail"}  # fmt: skip
        assert view["condition"] == SHOWN[trial.condition]
        title, picture = corpus.videos["title"][trial.row], corpus.thumbnail_bytes([trial.row])[0]
        assert view["title"] == (None if trial.condition == "image" else title)
        assert view["thumbnail"] == (None if trial.condition == "text" else picture)
        do(widget, "answer", number=view["trial"], category_id=24, response_ms=500)
    assert widget.view["kind"] == "end"


def test_a_break_sends_no_video_and_the_results_come_last(corpus, part):
    widget = Experiment(corpus, part, participant="p1")
    do(widget, "skip", number=1, response_ms=10)
    paused = do(widget, "pause")
    assert paused["kind"] == "break"
    assert not {"title", "thumbnail", "condition", "results"} & set(paused)
    assert do(widget, "resume")["trial"] == 2
    assert do(widget, "undo")["trial"] == 1
    do(widget, "skip", number=1, response_ms=10)
    truth = corpus.videos.set_index("video_id")["category_id"]
    second = plan(corpus, part, "p1", 0)[1]
    do(widget, "answer", number=2, category_id=int(truth[second.video_id]), response_ms=10)
    view = do(widget, "finish")
    (line,) = view["results"]
    assert (line["condition"], line["right"], line["n"]) == (SHOWN[second.condition], 1, 1)
    assert json.dumps(view)
    assert do(Experiment(corpus, part), "start", participant="p1")["kind"] == "results"


def test_a_double_click_and_a_second_window_are_told_and_go_on(corpus, part):
    one, other = (Experiment(corpus, part, participant="p1") for _ in range(2))
    for widget in (one, one, other):
        do(widget, "answer", number=1, category_id=24, response_ms=500)
        assert widget.view["trial"] == 2
    assert other.view["notice"]
    assert do(other, "answer", number=2, category_id=10, response_ms=500)["notice"] == ""
    assert [a.answer for a in store.read(corpus, store.path_of(corpus, "p1")).answers] == [24, 10]


def test_what_cannot_be_written_is_said_and_the_trial_stays(corpus, part):
    widget = Experiment(corpus, part, participant="p1")
    path = store.path_of(corpus, "p1")
    kept = path.read_bytes()
    path.unlink()
    path.mkdir()
    view = do(widget, "answer", number=1, category_id=24, response_ms=500)
    assert (view["kind"], view["trial"]) == ("trial", 1)
    assert "p1.jsonl" in view["notice"]
    path.rmdir()
    path.write_bytes(kept)
    assert do(widget, "answer", number=1, category_id=24, response_ms=500)["trial"] == 2


def test_other_plans_and_empty_corpora_are_refused_with_a_sentence(corpus, part):
    sit(corpus, part, "p1", 1)
    view = do(Experiment(corpus, part, seed=1), "start", participant="p1")
    assert view["kind"] == "welcome"
    assert "was begun with seed 0" in view["notice"]
    none = np.full(len(part), "train")
    assert "too few test videos" in do(Experiment(corpus, none), "start", participant="p2")["notice"]
