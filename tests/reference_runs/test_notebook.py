"""`notebooks/appendix/reference_runs.ipynb`, run once, shows what the files hold."""

import base64
import re

import nbformat
import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact

from page_runs import run_page
from ytcat import paths, runs, slides
from ytcat.reference_runs import CORPORA, first_with, frames, key, people, primary, read_all
from ytcat.views import MODELS, SPLITS, VIEWS

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
        assert f">{100 * entry['top1_low']:.1f} – {100 * entry['top1_high']:.1f}<" in text
        assert MODELS[model].label in text


def test_every_model_has_a_mark_for_each_of_its_splits(page):
    of_2020, of_2017 = (figure for figure in page.figures if "Top-1 accuracy in percent" in figure)
    for name, alternative in (("us-2020", of_2020), ("us-2017", of_2017)):
        entries = REFERENCES[name].results.values()
        twice = {"best"} if name == "us-2017" else set()  # without thumbnails it is the model for the title
        models = [entry["model"] for entry in entries]
        shown = [model for model in models if MODELS[model].view and model not in twice]
        assert alternative.count("[") == len(shown)


def test_differences_agree_with_the_figures(run, text):
    table = run.table("differences")
    assert len(table) == 53
    for row in table.itertuples():
        a, b = (REFERENCES[row.corpus].results[key(model, row.split)] for model in (row.a, row.b))
        if a["seeds"] == b["seeds"]:
            assert row.difference == pytest.approx(a["top1"] - b["top1"], abs=1e-9)
        assert row.low <= row.difference <= row.high
        assert row.least <= row.difference + 1e-9
        assert row.greatest >= row.difference - 1e-9
        verdict = "not distinguishable from"
        if row.low > 0 or row.high < 0:
            verdict = "better than" if row.difference > 0 else "worse than"
        assert row.verdict == verdict
        assert f"{100 * row.difference:+.1f} [{100 * row.low:+.1f}, {100 * row.high:+.1f}]" in text
        assert row.equal_training or f"{row.n_train_a:,} / {row.n_train_b:,}" in text


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
    seeds = run.table("seeds")
    title = seeds[(seeds["corpus"] == "us-2017") & (seeds["a"] == "text")].iloc[0]
    published = slides.RESULTS["text"].top1
    within = title["low"] <= published <= title["high"]
    assert (title["low"], title["high"]) == pytest.approx((0.469, 0.555), abs=0.012)
    assert run.metrics["title_within_interval"] == within
    assert f"**{'within' if within else 'outside'}** it" in text
    assert f"{title['low']:.1%} to {title['high']:.1%}" in text
    n, n_majority = slides.N_TEST, slides.TEST_COUNTS.max()
    n_image = round(slides.RESULTS["image"].top1 * n)  # the matrix adds up to another accuracy
    p = fisher_exact([[n_image, n - n_image], [n_majority, n - n_majority]]).pvalue
    assert run.metrics["p_image_majority_slides"] == pytest.approx(p)
    assert f"(Fisher's exact test, p = {p:.2f})" in text
    lost = 100 * (slides.RESULTS["fusion"].top1 - slides.RESULTS["text"].top1)
    assert f"{lost:+.1f} points" in text
    gain = seeds[(seeds["a"] == "fusion") & (seeds["b"] == "text")].iloc[0]
    assert 100 * gain["value"] == pytest.approx(3.5, abs=0.05)
    assert f"{100 * gain['value']:+.1f} points" in text


def test_the_image_model_is_said_to_be_the_slides_network_in_two_of_five_seeds(run, text):
    kept = [r["kept_phase"] for r in REFERENCES["us-2020"].manifest["runs"]
            if r["model"] == "image" and r["split"] == "random"]  # fmt: skip
    assert f"in {sum(phase != 'head' for phase in kept)} of {len(kept)} seeds" in text
    assert kept.count("batch normalization") == 2


def test_the_primary_differences_are_drawn_with_their_corrected_p_values(run, page):
    table = run.table("primary")
    assert len(table) == len(primary.PRIMARY)
    assert (table["n_train_a"] == table["n_train_b"]).all()  # as the caption says
    forest = next(figure for figure in page.figures if "Differences in top-1" in figure)
    for row in table.itertuples():
        assert row.question in forest
        assert f"{100 * row.difference:+.1f}, p = {row.holm:.2g}" in forest


def test_people_are_compared_on_three_splits_with_both_numbers_of_trials(run, text):
    rows = people.like_for_like(run.table("people"))
    assert rows[["split", "view"]].drop_duplicates().shape == (len(SPLITS) * len(VIEWS), 2)
    for row in rows.itertuples():
        low, high = (100 * limit for limit in (row.low_100, row.high_100))
        assert f"{100 * row.difference:+.1f} [{low:+.1f}, {high:+.1f}]" in text
        assert f">{row.holm_50:.2g}<" in text and f">{row.holm_100:.2g}<" in text
        assert f">{row.verdict}<" in text
    for split in SPLITS:
        assert people.sentence(rows, split).partition("**: ")[2] in text
    saved = [(verdict["split"], verdict["view"], verdict["verdict"]) for verdict in run.metrics["verdicts"]]
    assert saved == list(rows[["split", "view", "verdict"]].itertuples(index=False, name=None))


def test_the_class_mix_and_the_targets_are_shown(run, text):
    mixed = run.table("class_mix").set_index(["corpus", "split", "model"])
    best = mixed.loc[("us-2020", "channel", "best")]
    for name in ("mixed", "shifted"):
        low, high = 100 * best[f"{name}_low"], 100 * best[f"{name}_high"]
        assert f"{best[name]:.1%} [{low:.1f}, {high:.1f}]" in text
    for row in run.table("targets").itertuples():
        assert f">{row.target:.1%}<" in text
        assert f"{row.top1:.1%} [{100 * row.low:.1f}, {100 * row.high:.1f}]" in text
        assert f">{row.verdict}<" in text


def test_tables_can_be_downloaded(run, text):
    names = re.findall(r'download="(\w+)\.csv" href="data:text/csv;base64,([^"]+)"', text)
    assert len(names) == 11
    for name, content in names:
        assert base64.b64decode(content) == (run.folder / f"{name}.csv").read_bytes()


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
        # A model may be recorded on known channels alone: its cell stays blank.
        on_new = accuracies.get((row.corpus, "channel", row.model), np.nan)
        change = on_new - accuracies[row.corpus, "random", row.model]
        assert row.channel_change == pytest.approx(change, nan_ok=True)
        assert np.isnan(change) or f"{100 * change:+.1f}" in text
    assert table["channel_change"].notna().any()


def test_the_difference_of_the_matrices_of_each_view_is_drawn(page):
    for model in slides.RESULTS:
        reference = first_with(model)
        title = f"{CORPORA[reference.name]}, {len(reference.results[model]['seeds'])} seeds added up"
        assert any(title in alternative for alternative in page.figures), model
    assert len(page.figures) == 3 + 3


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


def test_averages_of_seeds_and_other_splits_are_shown(text):
    averages, splits = frames.averages_of_seeds(), frames.spread_over_splits()
    assert len(averages) == 4
    assert set(zip(splits["corpus"], splits["model"], strict=True)) == {
        ("us-2017", "tfidf"),
        ("us-2020", "tfidf"),
        ("us-2020", "linear_probe"),
    }
    for value in (*averages["average"], *splits["mean"], *splits["sd"]):
        assert re.search(rf">{100 * value:.1f}\D", text)
