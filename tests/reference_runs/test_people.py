"""Models against people with 50 and with 100 trials: on made predictions, and on the recorded ones."""

import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact
from statsmodels.stats.multitest import multipletests

from made_runs import N, recorded, run
from ytcat import reference_runs, slides
from ytcat.evaluation.statistics import effective_n
from ytcat.reference_runs import people
from ytcat.views import SPLITS, VIEWS


def wilson(k, n):
    interval = binomtest(k, n).proportion_ci(method="wilson")
    return interval.low, interval.high


@pytest.mark.parametrize(
    "model, n_correct, p", [("image", 310, 1.0), ("text", 522, 0.83), ("fusion", 462, 0.11)]
)
def test_the_slides_models_against_people_are_the_published_comparisons(model, n_correct, p):
    """On independent videos: Newcombe's interval (1998, method 10) and Fisher's test of the counts."""
    share, n = slides.HUMAN_ACCURACY[model], slides.N_TEST
    top1, (low, high) = n_correct / n, wilson(n_correct, n)
    found = people.against((top1, low, high), share, 100)
    people_low, people_high = wilson(round(100 * share), 100)
    assert found.low == pytest.approx(top1 - share - np.hypot(top1 - low, people_high - share))
    assert found.high == pytest.approx(top1 - share + np.hypot(high - top1, share - people_low))
    assert found.p_value == pytest.approx(p, abs=0.02)


def test_a_wider_interval_makes_the_test_stricter():
    narrow = people.against((0.67, 0.64, 0.70), 0.54, 100)
    wide = people.against((0.67, 0.58, 0.76), 0.54, 100)
    n, share = effective_n(0.67, 0.58, 0.76), 0.67
    counts = [[round(share * n), n - round(share * n)], [54, 46]]
    assert wide.p_value == fisher_exact(counts).pvalue
    assert narrow.p_value < 0.05 < wide.p_value
    assert wide.low < narrow.low < narrow.high < wide.high


def test_half_the_trials_leave_more_open():
    fifty, hundred = (people.against((0.67, 0.64, 0.70), 0.54, trials) for trials in (50, 100))
    assert fifty.low < hundred.low and hundred.p_value < fifty.p_value
    assert hundred.p_value == pytest.approx(0.011, abs=0.003)  # 67 % of 1,020 videos against 54 of 100
    assert fifty.p_value == pytest.approx(0.065, abs=0.01)


@pytest.mark.parametrize(
    "difference, p, expected",
    [
        (0.1, {50: 0.01, 100: 0.001}, "better"),
        (-0.1, {50: 0.01, 100: 0.001}, "worse"),
        (0.1, {50: 0.2, 100: 0.01}, "better if each view had 100 trials"),
        (-0.1, {50: 0.2, 100: 0.01}, "worse if each view had 100 trials"),
        (0.1, {50: 0.2, 100: 0.06}, "not shown"),
    ],
)
def test_the_verdict_holds_with_both_numbers_or_says_with_which(difference, p, expected):
    assert people.verdict(difference, p) == expected


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The table of a corpus without thumbnails and one with them; the chosen models are mostly correct."""
    folder = tmp_path_factory.mktemp("made")
    rng = np.random.default_rng(0)
    rate = {
        "text": 0.5,
        "best_title": 0.95,
        "best": 0.95,
        "image": 0.3,
        "thumbnail_kernel": 0.6,
        "fusion": 0.5,
    }
    for corpus, models in (("us-2017", ("text", "best_title", "best")), ("us-2020", tuple(rate))):
        tables = [
            run(name, rng.random(N) < rate[name], split=s) for name in models for s in ("random", "time")
        ]
        recorded(folder / corpus, *tables)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference_runs, "FOLDER", folder)
        return people.table()


def test_every_view_is_compared_on_every_split_at_both_mixes(made):
    table = made
    assert set(table["split"]) == {"random", "time"}
    assert len(table) == 2 * 2 * (2 + 6)  # mixes, splits, models; without thumbnails `best` is `best_title`
    chosen = table[table["kind"] == people.CHOSEN].set_index(["mix", "corpus", "split", "view"])
    assert chosen.loc[("own", "us-2017", "random", "title"), "model"] == "best_title"
    assert ("own", "us-2017", "random", "both") not in chosen.index
    for row in table.itertuples():
        assert row.people == slides.HUMAN_ACCURACY[VIEWS[row.view].slides_model]
        assert row.low < row.top1 < row.high
        assert row.low_50 < row.low_100 < row.difference < row.high_100 < row.high_50


def test_p_values_are_corrected_for_the_comparisons_of_one_split_and_kind(made):
    table = made
    family = table[(table["mix"] == "own") & (table["split"] == "time") & (table["kind"] == people.CHOSEN)]
    assert len(family) == 4
    for trials in (50, 100):
        expected = multipletests(family[f"p_{trials}"], method="holm")[1]
        assert family[f"holm_{trials}"].tolist() == pytest.approx(expected)


def test_the_answer_takes_the_title_from_the_slides_own_source(made):
    rows = people.like_for_like(made)
    assert rows["view"].tolist() == [*VIEWS, *VIEWS]
    corpora = rows.set_index(["split", "view"])["corpus"]
    assert corpora["random"].to_dict() == {"thumbnail": "us-2020", "title": "us-2017", "both": "us-2020"}
    text = people.sentence(rows, "random")
    assert text.startswith("**Known channels (random split)**: from the thumbnail better than people")
    assert "from the title better than people (9" in text and text.endswith(" against 54 %).")


def test_on_the_recorded_runs_no_model_is_shown_to_be_better_on_new_channels():
    """At the slides' mix; on known channels the title model is better if each view had 100 trials."""
    rows = people.like_for_like(people.table()).set_index(["split", "view"])
    assert len(rows) == len(SPLITS) * len(VIEWS)
    assert set(rows.loc["channel", "verdict"]) == {people.NOT_SHOWN}
    assert rows.loc[("random", "title"), "p_100"] < 0.01
    shown = (rows["top1"] * 100).round().unstack()
    assert shown.loc["random"].to_dict() == {"thumbnail": 44, "title": 67, "both": 64}
    assert shown.loc["channel"].to_dict() == {"thumbnail": 37, "title": 54, "both": 53}
