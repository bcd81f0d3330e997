"""The report's headline: the first page of the book, and the picture in the README."""

import pytest

import tiny_runs
from ytcat import runs, slides
from ytcat.reference_runs import headline, read_all
from ytcat.views import VIEWS

ROW = ["view", "source", "corpus", "model"]
CHAPTERS = [view.chapter for view in VIEWS.values()] + ["07_better_models"]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The results folder of a run of the tiny corpus: the chapters on the views and on better models."""
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path))
    folders = [tiny_runs.save_run(tiny_runs.make_corpus(), chapter, "random", 0, 0) for chapter in CHAPTERS]
    return folders[0].parent


def test_people_slides_and_real_videos_are_the_published_and_the_stored_figures():
    table = headline.accuracies()
    assert list(table["view"].unique()) == list(VIEWS)
    assert list(table["source"].unique()) == ["people", "slides", "real videos"]
    rows = table.set_index(ROW)
    for view in VIEWS.values():
        top1 = rows.loc[view.key]["top1"]
        assert top1["people", "", "people"] == slides.HUMAN_ACCURACY[view.slides_model]
        assert top1["slides", "", "slides' model"] == slides.RESULTS[view.slides_model].top1
        assert top1["slides", "", "majority class"] == 302 / 1020
        for stored in read_all():
            models = {"slides' model": view.slides_model, "chosen model": view.chosen_model}
            shown = {name: top1.get(("real videos", stored.name, name)) for name in models}
            if view.slides_model in stored.results:
                assert shown == {name: stored.results[model]["top1"] for name, model in models.items()}
            else:  # no thumbnails: the model that is chosen there is the title's
                assert set(shown.values()) == {None}


def test_intervals_hold_the_accuracies_and_seeds_are_counted():
    table = headline.accuracies()
    assert (table["top1_low"] < table["top1"]).all() and (table["top1"] < table["top1_high"]).all()
    real = table[table["source"] == "real videos"]
    assert (real["seeds"] == 5).all() and (real["top1"] < real["top5"]).all()


def test_a_run_adds_its_chapters_and_what_it_lacks_is_left_out(run):
    def of_this_run():
        table = headline.accuracies(run)
        return table[table["source"] == "this run"].set_index(["view", "model"])["top1"]

    shown = of_this_run()
    assert shown["title", "slides' model"] == runs.finished(run, "04_text_model").metrics["top1"]
    chosen = runs.finished(run, "07_better_models").metrics
    assert shown["both", "chosen model"] == chosen["top1"]
    assert shown["title", "chosen model"] == chosen["baselines"]["best_title"]["top1"]
    assert ("thumbnail", "majority class") in shown.index
    (run / "07_better_models" / "manifest.json").unlink()
    assert "chosen model" not in of_this_run().index.get_level_values("model")
    (run / "03_image_model" / "manifest.json").unlink()
    assert "thumbnail" not in of_this_run().index.get_level_values("view")
    assert headline.accuracies(run / "nothing").equals(headline.accuracies())


def test_the_figure_has_a_line_for_each_but_the_majority_class():
    table = headline.accuracies()
    alternative = headline.figure(table).alt
    assert alternative.count("[") == (table["model"] != "majority class").sum()
    assert "Title (real videos us-2017, chosen model)" in alternative
    assert "The line 'always Entertainment (slides)' is at 29.6%." in alternative
