"""`notebooks/appendix/reference_runs.ipynb`, run once, shows what the files hold."""

import nbformat
import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact

from page_runs import run_page
from ytcat import paths, runs, slides
from ytcat.evaluation.statistics import smallest_significant
from ytcat.reference_runs import first_with, frames, key, read_all
from ytcat.views import MODELS

NOTEBOOK = paths.NOTEBOOKS / "appendix" / "reference_runs.ipynb"
REFERENCES = {reference.name: reference for reference in read_all()}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page, run and checked."""
    return run_page("appendix/reference_runs", tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def run(page):
    """What the page has saved."""
    return page.run


@pytest.fixture(scope="module")
def text(page):
    """All outputs as a reader sees them, HTML and Markdown."""
    return page.text


def test_cells_are_short():
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    lengths = [len(cell.source.splitlines()) for cell in cells if cell.cell_type == "code"]
    assert max(lengths) <= 15
    assert np.median(lengths) <= 6


def test_the_page_loads_no_tensorflow(page):
    assert page.heavy == "[]"


def test_accuracies_are_the_recorded_ones(run, text):
    table = run.table("accuracies").set_index(["corpus", "split", "model"])
    assert len(table) == sum(len(reference.results) for reference in REFERENCES.values())
    for (corpus, split, model), row in table.iterrows():
        entry = REFERENCES[corpus].results[key(model, split)]
        assert row["top1"] == entry["top1"]
        spread = f" ± {100 * entry['top1_sd']:.1f}" if entry["top1_sd"] is not None else ""
        assert f">{100 * entry['top1']:.1f}{spread}<" in text
        assert f">{100 * entry['top1_low']:.0f} – {100 * entry['top1_high']:.0f}<" in text
        assert MODELS[model].label in text


def test_differences_agree_with_the_figures(run, text):
    table = run.table("differences")
    assert len(table) == 33
    for row in table.itertuples():
        a, b = (REFERENCES[row.corpus].results[key(model, row.split)] for model in (row.a, row.b))
        if a["seeds"] == b["seeds"] and row.split == "random":
            assert row.difference == pytest.approx(a["top1"] - b["top1"], abs=1e-9)
        assert row.low <= row.difference <= row.high
        assert row.least <= row.difference + 1e-9
        assert row.greatest >= row.difference - 1e-9
        verdict = "not distinguishable from"
        if row.low > 0 or row.high < 0:
            verdict = "better than" if row.difference > 0 else "worse than"
        assert row.verdict == verdict
        assert f"{100 * row.difference:+.1f} [{100 * row.low:+.1f}, {100 * row.high:+.1f}]" in text


def test_significant_seeds_are_those_of_mcnemars_test(run):
    table = run.table("differences").set_index(["corpus", "split", "a", "b"])
    reference = REFERENCES["us-2020"]
    correct = [
        reference.predictions(model, "channel").set_index(["seed", "row"]).pipe(_correct)
        for model in ("fusion", "text")
    ]
    significant = 0
    for _, pair in correct[0].to_frame("a").join(correct[1].rename("b"), how="inner").groupby("seed"):
        only_a, only_b = (pair["a"] & ~pair["b"]).sum(), (~pair["a"] & pair["b"]).sum()
        significant += binomtest(int(only_a), int(only_a + only_b)).pvalue < 0.05
    assert table.loc[("us-2020", "channel", "fusion", "text"), "significant"] == significant == 2


def _correct(table):
    truth = table["y_true"].map(runs.IDS.index)
    return table[runs.PROBABILITY_COLUMNS].to_numpy().argmax(axis=1) == truth


def test_findings_agree_with_the_figures(run, text):
    entry, published = first_with("text").results["text"], slides.RESULTS["text"].top1
    within = entry["top1_low"] <= published <= entry["top1_high"]
    assert run.metrics["title_within_interval"] == within
    assert f"**{'within' if within else 'outside'}** the interval" in text
    shown = f"{entry['top1']:.1%} on average ({entry['top1_low']:.1%} to {entry['top1_high']:.1%})"
    assert shown in text
    n, n_majority = slides.N_TEST, slides.TEST_COUNTS.max()
    n_image = round(slides.RESULTS["image"].top1 * n)  # the matrix adds up to another accuracy
    p = fisher_exact([[n_image, n - n_image], [n_majority, n - n_majority]]).pvalue
    assert run.metrics["p_image_majority_slides"] == pytest.approx(p)
    assert f"p = {p:.2f} (Fisher" in text
    lost = 100 * (slides.RESULTS["fusion"].top1 - slides.RESULTS["text"].top1)
    assert f"{lost:+.1f} points" in text


def test_who_beats_the_people_is_decided_by_the_counts(run):
    """At the least number of correct answers that is significant, and not at one less."""
    table = run.table("people").query("people == 'both'").set_index(["corpus", "model"])
    people = round(slides.HUMAN_ACCURACY["fusion"] * slides.HUMAN_TRIALS)
    for name, reference in REFERENCES.items():
        for model in reference.models():
            twice = model == "best" and "thumbnail_kernel" not in reference.results  # it is best_title
            assert ((name, model) in table.index) != twice
            if twice:
                continue
            n, hits = (reference.results[model][figure] for figure in ("n_videos", "top1"))
            needed = smallest_significant(n, people, slides.HUMAN_TRIALS)
            enough = round(hits * n) >= needed
            assert (table.loc[(name, model), "verdict"] == "better than") == enough, model
            assert run.metrics["needed_against_people"][name] == needed / n


def test_the_slides_models_and_people_with_the_same_input_are_compared_by_fishers_test(run, text):
    table = run.table("people").set_index(["corpus", "model", "people"])
    entry = REFERENCES["us-2017"].results["text"]
    n, trials = entry["n_videos"], slides.HUMAN_TRIALS
    hits, people = round(entry["top1"] * n), round(slides.HUMAN_ACCURACY["text"] * trials)
    p = fisher_exact([[hits, n - hits], [people, trials - people]]).pvalue
    assert table.loc[("us-2017", "text", "title"), "p_value"] == pytest.approx(p)
    assert f">{p:.2g}<" in text


def test_known_and_new_videos_give_the_accuracy_of_all(run, text):
    table = run.table("overlap")
    accuracies = run.table("accuracies").set_index(["corpus", "split", "model"])["top1"]
    for row in table.itertuples():
        known = row.known * row.top1_known if row.known else 0.0
        all_videos = known + (1 - row.known) * row.top1_new
        if row.split != "channel":  # its folds differ in size, so their mean is another
            assert all_videos == pytest.approx(accuracies[row.corpus, row.split, row.model])
        assert f"{row.known:.1%}" in text


def test_changes_from_the_random_split_are_differences_of_accuracies(run, text):
    table = run.table("changes")
    accuracies = run.table("accuracies").set_index(["corpus", "split", "model"])["top1"]
    assert "stratified_guess" not in set(table["model"])
    for row in table.itertuples():
        change = accuracies[row.corpus, "channel", row.model] - accuracies[row.corpus, "random", row.model]
        assert row.channel_change == pytest.approx(change)
        assert f"{100 * change:+.1f}" in text


def test_both_matrices_of_each_view_are_drawn(page):
    for model in slides.RESULTS:
        reference = first_with(model)
        title = f"{reference.name}, {len(reference.results[model]['seeds'])} seeds added up"
        assert any(title in alternative for alternative in page.figures), model
    assert len(page.figures) == 6


def test_each_image_run_shows_both_phases(run):
    image_runs = [r for r in first_with("image").manifest["runs"] if r["model"] == "image"]
    assert len(run.table("phases")) == len(image_runs)


def test_where_the_runs_come_from_is_told(run, text):
    for row in run.metrics["provenance"]:
        about = REFERENCES[row["corpus"]].manifest["runs"]
        assert row["runs"] == len(about)
        assert all(each["git"]["commit"][:10] in text for each in about)


def test_every_pair_that_is_compared_names_models_of_the_report():
    assert {model for pair in frames.PAIRS for model in pair} <= set(MODELS)
