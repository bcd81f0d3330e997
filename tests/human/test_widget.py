"""The widget without a browser: the screens that it sends, and the handling of messages."""

import json

import numpy as np
import pandas as pd
import pytest

from simulated import sit
from ytcat.categories import CATEGORIES
from ytcat.corpus import load
from ytcat.corpus.splits import split
from ytcat.human import store
from ytcat.human.plan import plan
from ytcat.human.widget import Experiment
from ytcat.views import VIEWS


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
    return widget.screen


def test_a_code_is_asked_for_and_a_name_refused(corpus, part):
    widget = Experiment(corpus, part)
    assert widget.screen["kind"] == "welcome"
    assert widget.screen["views"] == [view.label for view in VIEWS.values()]
    assert widget.categories == [[c.id, c.name] for c in CATEGORIES]
    assert "no participant code" in do(widget, "start", participant="peter")["notice"]
    assert widget.screen["kind"] == "welcome"
    assert do(widget, "start", participant="p1")["kind"] == "trial"
    assert Experiment(corpus, part, participant="p1").screen["trial"] == 1


def test_a_screen_holds_what_the_view_shows_and_never_the_truth(corpus, part):
    widget = Experiment(corpus, part, participant="p1", length=9)
    for trial in plan(corpus, part, "p1", 0)[:9]:
        screen = widget.screen
        assert set(screen) == {"turn", "notice", "kind", "participant", "done", "total", "skipped",
                             "trial", "view", "title", "thumbnail"}  # fmt: skip
        assert screen["view"] == trial.view.label
        title, picture = corpus.videos["title"][trial.row], corpus.thumbnail_bytes([trial.row])[0]
        assert screen["title"] == (None if trial.view.key == "thumbnail" else title)
        assert screen["thumbnail"] == (None if trial.view.key == "title" else picture)
        do(widget, "answer", number=screen["trial"], category_id=24, response_ms=500)
    assert widget.screen["kind"] == "end"


def test_a_break_sends_no_video_and_the_results_come_last(corpus, part):
    widget = Experiment(corpus, part, participant="p1")
    do(widget, "skip", number=1, response_ms=10)
    paused = do(widget, "pause")
    assert paused["kind"] == "break"
    assert not {"title", "thumbnail", "view", "results"} & set(paused)
    assert do(widget, "resume")["trial"] == 2
    assert do(widget, "undo")["trial"] == 1
    do(widget, "skip", number=1, response_ms=10)
    truth = corpus.videos.set_index("video_id")["category_id"]
    second = plan(corpus, part, "p1", 0)[1]
    do(widget, "answer", number=2, category_id=int(truth[second.video_id]), response_ms=10)
    screen = do(widget, "finish")
    (line,) = screen["results"]
    assert (line["view"], line["n_correct"], line["n"]) == (second.view.label, 1, 1)
    assert json.dumps(screen)
    assert do(Experiment(corpus, part), "start", participant="p1")["kind"] == "results"


def test_the_results_show_the_models_on_the_same_videos_where_there_are_models(corpus, part):
    test = np.flatnonzero(part == "test")
    wrong = pd.Series(False, index=test)
    models = {view.slides_model: wrong.copy() for view in VIEWS.values() if view.key != "thumbnail"}
    trials = plan(corpus, part, "p1", 0)[:6]
    title = next(trial for trial in trials if trial.view.key == "title")
    models["text"][title.row] = True
    widget = Experiment(corpus, part, participant="p1", length=6, models=models, alone=True)
    for number in range(1, 7):
        do(widget, "answer", number=number, category_id=24, response_ms=10)
    beside = {line["view"]: line["model"] for line in do(widget, "finish")["results"]}
    assert [beside[VIEWS[key].label] for key in ("thumbnail", "title", "both")] == ["", "1 of 2", "0 of 2"]
    assert widget.alone


def test_a_double_click_and_a_second_window_are_told_and_go_on(corpus, part):
    one, other = (Experiment(corpus, part, participant="p1") for _ in range(2))
    for widget in (one, one, other):
        do(widget, "answer", number=1, category_id=24, response_ms=500)
        assert widget.screen["trial"] == 2
    assert other.screen["notice"]
    assert do(other, "answer", number=2, category_id=10, response_ms=500)["notice"] == ""
    assert [a.answer for a in store.read(corpus, store.path_of(corpus, "p1")).answers] == [24, 10]


def test_what_cannot_be_written_is_said_and_the_trial_stays(corpus, part):
    widget = Experiment(corpus, part, participant="p1")
    path = store.path_of(corpus, "p1")
    kept = path.read_bytes()
    path.unlink()
    path.mkdir()
    screen = do(widget, "answer", number=1, category_id=24, response_ms=500)
    assert (screen["kind"], screen["trial"]) == ("trial", 1)
    assert "p1.jsonl" in screen["notice"]
    path.rmdir()
    path.write_bytes(kept)
    assert do(widget, "answer", number=1, category_id=24, response_ms=500)["trial"] == 2


def test_other_plans_and_empty_corpora_are_refused_with_a_sentence(corpus, part):
    sit(corpus, part, "p1", 1)
    screen = do(Experiment(corpus, part, seed=1), "start", participant="p1")
    assert screen["kind"] == "welcome"
    assert "was begun with seed 0" in screen["notice"]
    none = np.full(len(part), "train")
    assert "too few test videos" in do(Experiment(corpus, none), "start", participant="p2")["notice"]
