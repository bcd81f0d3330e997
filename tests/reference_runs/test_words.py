"""No word is recorded that belongs to few videos or few channels; the heaviest of a category are."""

import numpy as np
import pandas as pd
import pytest

from made import corpus
from ytcat.models import baselines
from ytcat.reference_runs import words
from ytcat.reference_runs.aggregates import MIN_CHANNELS, MIN_VIDEOS

SPORT, MUSIC, GAMING = 4, 2, 6


def videos():
    """Five words in titles of sport: one common, the others in a video or a channel too few, or nobody's."""
    filler = [f"song {i % 40} lyrics" for i in range(120)]
    titles, labels = list(filler), [MUSIC] * 120
    channels = [f"music {i % 30}" for i in range(120)]
    for word, n, n_channels in (
        ("goal", MIN_VIDEOS, MIN_CHANNELS),
        ("rare", MIN_VIDEOS - 1, MIN_VIDEOS - 1),
        ("solo", 40, MIN_CHANNELS - 1),
        ("lost", 40, 0),
    ):
        titles += [f"{word} {i % 7}" for i in range(n)]
        labels += [SPORT] * n
        channels += [f"{word} {i % n_channels}" if n_channels else None for i in range(n)]
    return pd.DataFrame({"title": titles, "label": labels, "channel_title": channels})


@pytest.fixture(scope="module")
def strongest():
    made = videos()
    fitted = baselines.tfidf(*[(made["title"].tolist(), made["label"].to_numpy())] * 2, strengths=(1.0,))
    return words.strongest(fitted.classifier, made), fitted.classifier


def test_a_term_needs_enough_videos_of_enough_channels(strongest):
    table, _ = strongest
    of_sport = table[table["category"] == "Sport"]
    assert of_sport.loc[of_sport["kind"] == "word", "term"].tolist() == ["goal"]
    assert not table["term"].str.contains("rare|solo|lost").any()
    assert (table["videos"] >= MIN_VIDEOS).all() and (table["channels"] >= MIN_CHANNELS).all()
    goal = of_sport[of_sport["term"] == "goal"].iloc[0]
    assert (goal["videos"], goal["channels"]) == (MIN_VIDEOS, MIN_CHANNELS)


def test_the_weight_is_that_of_the_model_and_the_heaviest_come_first(strongest):
    table, classifier = strongest
    names = classifier[0].transformer_list[0][1].get_feature_names_out().tolist()
    weight = baselines.coefficients(classifier[-1])
    for row in table[table["kind"] == "word"].itertuples():
        label = {"Sport": SPORT, "Music": MUSIC}[row.category]
        assert row.weight == pytest.approx(weight[label, names.index(row.term)])
    for _, of_kind in table.groupby(["category", "kind"]):
        assert (of_kind["weight"] > 0).all() and of_kind["weight"].is_monotonic_decreasing
        assert len(of_kind) <= words.TERMS
    assert table["category"].unique().tolist() == ["Music", "Sport"]


def test_a_part_of_a_heavier_part_is_not_listed(strongest):
    table, _ = strongest
    for _, of_category in table[table["kind"] == "part"].groupby("category"):
        terms = of_category["term"].tolist()
        assert terms and not any(a != b and a in b for a in terms for b in terms)


def test_coefficients_are_by_label_and_zero_without_videos(strongest):
    weights = baselines.coefficients(strongest[1][-1])
    assert np.flatnonzero(np.abs(weights).sum(axis=1)).tolist() == [MUSIC, SPORT]
    np.testing.assert_allclose(weights[MUSIC], -weights[SPORT])


def test_a_corpus_is_asked_through_its_random_split_and_has_nothing_without_channels():
    made = videos()
    many = pd.concat([made.assign(title=made["title"] + " " + c) for c in "abc"])
    one = corpus(many["title"].to_numpy(), many["label"].to_numpy(), many["channel_title"].to_numpy())
    table = words.weights(one)
    assert {"goal", "lyrics"} <= set(table["term"]) and "lost" not in set(table["term"])
    nobody = corpus(made["title"], made["label"], np.full(len(made), None))
    assert words.weights(nobody) is None


def test_terms_that_look_like_missing_values_are_read_as_terms(places):
    table = pd.DataFrame({"category": "Music", "kind": "word", "term": ["nan", "null", " a"], "weight": 1.0})
    (places / "made").mkdir(parents=True)
    table.to_csv(places / "made" / words.WORDS, index=False)
    assert words.recorded()["term"].tolist() == ["nan", "null", " a"]
    assert words.recorded()["corpus"].unique() == ["made"]


def test_what_is_recorded_of_real_videos_keeps_the_rule():
    table = words.recorded()
    assert (table["videos"] >= MIN_VIDEOS).all() and (table["channels"] >= MIN_CHANNELS).all()
    assert table.groupby(["corpus", "category", "kind"]).size().max() <= words.TERMS
    assert table["term"].str.split().str.len().max() <= 2  # no title
