"""Weights are read off probabilities, and a part is left out of the product, on models made by hand."""

import numpy as np
import pytest
from scipy.special import softmax

from made import predictions, recording
from ytcat.categories import N_CATEGORIES
from ytcat.future_directions.better_models import ensemble
from ytcat.models import late_fusion
from ytcat.reference_runs import ablation
from ytcat.views import SPLITS

N = 60
TRUTH = np.arange(N) % N_CATEGORIES


def made_parts():
    """The scores (n, 14) of three parts, by name."""
    rng, truth = np.random.default_rng(0), np.eye(N_CATEGORIES)[TRUTH]
    temperatures = {"title_linear": 1.0, "minilm": 3.0, "thumbnail_kernel": 0.5}
    return {name: t * (truth + rng.normal(size=truth.shape)) for name, t in temperatures.items()}


def test_the_parts_are_those_of_the_chosen_model():
    assert ensemble.TRAINABLE[ensemble.BEST]["both"] == ablation.PARTS


def test_weights_are_found_to_the_last_digit_and_zero_stays_zero():
    parts, weights = list(made_parts().values()), np.array([0.7, 1.3, 0.0])
    whole = late_fusion.combine(parts, weights)
    alone = softmax(np.stack(parts), axis=2)
    np.testing.assert_allclose(ablation.weights(whole, alone), weights, atol=1e-5)


def test_without_a_part_is_the_product_of_the_others():
    parts = list(made_parts().values())
    alone, weights = softmax(np.stack(parts), axis=2), np.array([0.7, 1.3, 0.4])
    left = ablation.without(alone, weights, np.array([False, True, False]))
    np.testing.assert_allclose(left, late_fusion.combine([parts[0], parts[2]], weights[[0, 2]]), atol=1e-6)
    nothing = ablation.without(alone, weights, np.ones(3, bool))
    np.testing.assert_allclose(nothing, 1 / N_CATEGORIES, atol=1e-7)


def test_what_is_no_product_of_the_parts_is_refused():
    alone = softmax(np.stack(list(made_parts().values())), axis=2)
    other = softmax(np.random.default_rng(9).normal(size=(N, N_CATEGORIES)), axis=1)
    with pytest.raises(ValueError, match="no weighted product"):
        ablation.weights(other, alone)


def test_dropping_the_only_part_that_knows_costs_all_and_an_unused_part_nothing(places):
    """`minilm` knows every answer, `title_linear` has the weight 0, the thumbnail's kernel is noise."""
    rng, tables = np.random.default_rng(0), []
    rows, channels = np.arange(N), np.arange(N) // 3
    for seed in (0, 1):
        scores = {
            "title_linear": rng.normal(size=(N, N_CATEGORIES)),
            "minilm": 9 * np.eye(N_CATEGORIES)[TRUTH] + rng.normal(size=(N, N_CATEGORIES)) / 9,
            "thumbnail_kernel": np.eye(N_CATEGORIES)[(TRUTH + 1) % N_CATEGORIES],
        }
        whole = late_fusion.combine(list(scores.values()), np.array([0.0, 1.0, 0.5 + seed]))
        chances = {name: softmax(score, axis=1) for name, score in scores.items()} | {"best": whole}
        tables += [predictions(name, TRUTH, p, rows, channels, seed=seed) for name, p in chances.items()]
    recording(tables)
    table = ablation.dropped_parts().set_index("dropped")
    assert table.index.tolist() == ["title_linear", "minilm", "thumbnail_kernel", "thumbnail", "title"]
    assert table["weight"].tolist() == pytest.approx([0, 1, 1, 1, 1], abs=1e-3)
    assert table["top1"].tolist() == [1, 0, 1, 1, 0]
    assert table.loc["title", ["difference", "low", "high"]].tolist() == [-1, -1, -1]
    assert table.loc["title_linear", ["difference", "low", "high"]].tolist() == [0, 0, 0]


def test_a_corpus_without_thumbnails_drops_title_parts_alone(places):
    scores = list(made_parts().values())[:2]
    chances = {"title_linear": softmax(scores[0], axis=1), "minilm": softmax(scores[1], axis=1)}
    chances["best"] = late_fusion.combine(scores, np.array([1.0, 1.0]))
    recording([predictions(name, TRUTH, p, np.arange(N), np.arange(N)) for name, p in chances.items()])
    assert ablation.dropped_parts()["dropped"].tolist() == ["title_linear", "minilm"]


def test_the_recorded_chosen_model_is_the_product_of_its_parts_on_every_split():
    table = ablation.dropped_parts()
    for split in SPLITS:
        of_split = table[(table["corpus"] == "us-2020") & (table["split"] == split)].set_index("dropped")
        assert len(of_split) == 7
        difference = of_split.loc[list(ablation.PARTS), "difference"]
        assert difference.idxmin() == "minilm"  # the encoder matters most of the parts
        assert difference["title_kernel"] == 0  # its weight is 0
