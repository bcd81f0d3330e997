"""The report's headline: the first page of the book, and the picture in the README."""

import numpy as np
import pytest

import made_runs
import tiny_runs
from ytcat import paths, reference_runs, runs, slides
from ytcat.reference_runs import first_with, headline, key, slides_mix
from ytcat.views import VIEWS

CHAPTERS = [view.chapter for view in VIEWS.values()] + ["07_better_models"]
LABELS = [headline.PEOPLE, headline.ON_SLIDES, headline.ON_REAL, headline.KNOWN, headline.NEW]


@pytest.fixture(scope="module")
def table():
    return headline.accuracies()


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The results folder of a run of the tiny corpus: the chapters on the views and on better models."""
    monkeypatch.setenv("YTCAT_BUILD", str(tmp_path))
    folders = [tiny_runs.save_run(tiny_runs.make_corpus(), chapter, "random", 0, 0) for chapter in CHAPTERS]
    return folders[0].parent


def test_every_view_has_people_slides_and_three_rows_of_real_videos(table):
    assert table["view"].tolist() == [view for view in VIEWS for _ in LABELS]
    assert table["label"].tolist() == LABELS * len(VIEWS)
    assert (table["low"] < table["top1"]).all() and (table["top1"] < table["high"]).all()


def test_people_and_slides_are_the_published_figures(table):
    rows = table.set_index(["label", "view"])
    for view in VIEWS.values():
        people = rows.loc[(headline.PEOPLE, view.key)]
        assert people["top1"] == slides.HUMAN_ACCURACY[view.slides_model]
        assert people["outer_low"] < people["low"] < people["high"] < people["outer_high"]
        assert rows.loc[(headline.ON_SLIDES, view.key), "top1"] == slides.RESULTS[view.slides_model].top1
    assert table["outer_low"].notna().sum() == len(VIEWS)


def test_real_videos_are_at_the_slides_mix_on_the_corpus_nearest_to_the_slides(table):
    real = table[table["source"] == "real videos"]
    assert real.set_index("view")["corpus"].to_dict() == {
        "thumbnail": "us-2020", "title": "us-2017", "both": "us-2020"
    }  # fmt: skip
    for row in real.itertuples():
        view, reference = VIEWS[row.view], first_with(VIEWS[row.view].slides_model)
        is_slides_model, is_new = row.label == headline.ON_REAL, row.label == headline.NEW
        assert row.model == (view.slides_model if is_slides_model else view.chosen_model)
        assert row.split == ("channel" if is_new else "random")
        mixed = slides_mix.accuracy(reference, row.model, row.split)
        assert (row.top1, row.low, row.high) == mixed[:3]
        assert row.own_mix == reference.results[key(row.model, row.split)]["top1"]


def test_a_run_adds_its_chapters_and_what_it_lacks_is_left_out(run, tmp_path, monkeypatch):
    monkeypatch.setattr(reference_runs, "FOLDER", tmp_path / "nothing recorded")

    def of_this_run():
        table = headline.accuracies(run)
        return table[table["source"] == "this run"].set_index(["view", "label"])["top1"]

    shown = of_this_run()
    assert shown["title", "Slides' model, this run"] == runs.finished(run, "04_text_model").metrics["top1"]
    chosen = runs.finished(run, "07_better_models").metrics
    assert shown["both", "Chosen model, this run"] == chosen["top1"]
    assert shown["title", "Chosen model, this run"] == chosen["baselines"]["best_title"]["top1"]
    (run / "07_better_models" / "manifest.json").unlink()
    assert not of_this_run().index.get_level_values("label").str.startswith("Chosen").any()
    (run / "03_image_model" / "manifest.json").unlink()
    assert "thumbnail" not in of_this_run().index.get_level_values("view")
    assert headline.accuracies(run / "nothing").equals(headline.accuracies())


def test_the_caption_says_whose_videos_each_block_has(table):
    real = table[table["source"] == "real videos"]
    years = real.groupby("view")["corpus"].unique().map(list)
    assert years.to_dict() == {"thumbnail": ["us-2020"], "title": ["us-2017"], "both": ["us-2020"]}
    caption = (paths.NOTEBOOKS / "00_results.ipynb").read_text(encoding="utf-8")
    assert "Those of the title's block are from 2017" in caption and "the others from 2020" in caption
    readme = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    assert "(in the title's block from 2017, the slides' source, else from 2020" in readme


def test_a_corpus_of_one_s_own_is_named_by_its_folder():
    assert reference_runs.CORPORA["my-videos"] == "my-videos"
    assert reference_runs.CORPORA["us-2020"] == "2020 videos"


def test_the_figure_has_a_row_for_each_and_the_constant_answer_as_a_line(table):
    alternative = headline.figure(table).alt
    assert alternative.count("[") == len(table)
    title = table.set_index(["view", "label"]).loc[("title", headline.KNOWN), "top1"]
    assert f"From the title, {headline.KNOWN}: {100 * title:.1f} [" in alternative
    assert "The line 'always answering Entertainment' is at 29.6%." in alternative


def recorded_with(tmp_path, known, new):
    """2020 videos on which the model with other years' titles is so much better (1), equal (0) or worse."""
    first = {-1: 100, 0: 150, 1: 200}
    tables = [
        made_runs.run(model, np.arange(made_runs.N) < n, split=split)
        for split, gain in (("random", known), ("channel", new))
        for model, n in (("best", 150), ("best_with_more", first[gain]))
    ]
    return made_runs.recorded(tmp_path / "us-2020", *tables)


@pytest.mark.parametrize(
    ("known", "new", "says"),
    [
        (0, 0, "is not shown to help."),
        (1, 1, "helps."),
        (1, 0, "helps on known channels, and is not shown to help on new ones."),
        (0, -1, "is not shown to help on known channels, and harms on new ones."),
    ],
)
def test_the_answer_says_whether_other_years_titles_are_shown_to_help(tmp_path, known, new, says):
    said = headline._with_more_titles(recorded_with(tmp_path, known, new))
    assert said == f" On the test videos, learning from other years' titles too {says}"


def test_nothing_is_said_of_other_years_titles_where_nothing_is_recorded(tmp_path):
    table = made_runs.run("best", np.arange(made_runs.N) < 150)
    assert headline._with_more_titles(made_runs.recorded(tmp_path / "us-2020", table)) == ""
