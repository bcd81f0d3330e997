"""A heat map is exactly the score of its probe, and a mean over enough videos of enough channels."""

import numpy as np
import pandas as pd
import pytest

from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.corpus import load
from ytcat.future_directions.better_models import heat_maps
from ytcat.models import baselines
from ytcat.models.image import pooled
from ytcat.reference_runs.aggregates import MIN_CHANNELS, MIN_VIDEOS

SHAPE = (2, 3, 5)
SPORT, MUSIC, GAMING, PETS = 4, 2, 6, 3


@pytest.fixture(scope="module")
def made():
    """Feature maps of 200 videos: enough of sport and music; gaming lacks one video, pets lack a channel."""
    rng = np.random.default_rng(0)
    sizes = {SPORT: (80, 20), MUSIC: (81, 20), GAMING: (MIN_VIDEOS - 1, 19), PETS: (20, MIN_CHANNELS - 1)}
    labels = np.concatenate([np.full(n, label) for label, (n, _) in sizes.items()])
    channels = [f"{label} {i % m}" for label, (n, m) in sizes.items() for i in range(n)]
    videos = pd.DataFrame({"label": labels, "channel_title": channels, "has_thumbnail": True})
    maps = rng.normal(size=(len(labels), *SHAPE))
    maps[labels == SPORT, 1, 2] += 1  # sport is bottom, right
    folds = np.arange(len(labels)) % 2
    videos.loc[160, ["channel_title", "has_thumbnail"]] = None, False  # of music
    explained = heat_maps.explained(videos)
    sums, probes, features = np.zeros((2, N_CATEGORIES, *SHAPE)), [], pooled(maps)
    np.add.at(sums, (folds[explained], labels[explained]), maps[explained])
    for fold in (0, 1):
        train = (features[folds != fold], labels[folds != fold])
        fitted = baselines.linear_probe(train, train)
        probes.append(heat_maps.Probe("channel", fold, fitted.classifier, np.flatnonzero(folds == fold)))
    # A probe of another split, trained on all: it explains nobody.
    everything = baselines.linear_probe(*[(features, labels)] * 2)
    probes.append(heat_maps.Probe("random", 0, everything.classifier, np.arange(len(labels))))
    return videos, maps, folds, heat_maps.Probed(features, sums, probes)


def test_the_mean_of_the_map_and_the_intercept_are_the_score(made):
    _, maps, _, (features, _, probes) = made
    classifier = probes[0].classifier
    activation = heat_maps.class_activation(classifier, maps)
    assert activation.shape == (len(maps), *SHAPE[:2], N_CATEGORIES)
    known = classifier[-1].classes_
    scores = activation.mean(axis=(1, 2))[:, known] + classifier[-1].intercept_
    np.testing.assert_allclose(scores, classifier.decision_function(features), atol=1e-9)
    unknown = np.setdiff1d(np.arange(N_CATEGORIES), known)
    assert not activation[..., unknown].any()


def test_the_mean_map_is_the_mean_of_maps_by_the_probe_without_the_video(made):
    videos, maps, folds, probed = made
    table = heat_maps.average(videos, probed)
    for label, n in ((SPORT, 80), (MUSIC, 80)):  # the video without a channel does not count
        rows = np.flatnonzero((videos["label"] == label) & heat_maps.explained(videos))
        by_video = [
            heat_maps.class_activation(probed.probes[folds[row]].classifier, maps[row])[..., label]
            for row in rows
        ]
        of_category = table[table["category"] == NAMES[label]]
        grid = of_category.pivot(index="row", columns="column", values="weight").to_numpy()
        np.testing.assert_allclose(grid, np.mean(by_video, axis=0), atol=1e-4)
        assert of_category[["videos", "channels"]].drop_duplicates().to_numpy().tolist() == [[n, 20]]


def test_the_place_that_tells_a_category_has_most_weight(made):
    table = heat_maps.average(made[0], made[3])
    sport = table[table["category"] == "Sport"].set_index(["row", "column"])["weight"]
    assert sport.idxmax() == (1, 2) and sport.max() > 0


def test_a_category_needs_enough_videos_of_enough_channels(made):
    table = heat_maps.average(made[0], made[3])
    assert table["category"].unique().tolist() == ["Music", "Sport"]
    few = made[0][made[0]["label"] == GAMING]
    assert heat_maps.average(few, made[3]).empty


def test_real_thumbnails_are_encoded_and_every_test_video_has_a_rank(corpus_folder, tmp_path):
    corpus = load(corpus_folder(42), tmp_path / "build")
    ranks = heat_maps.probe_ranks(corpus)
    assert ranks.columns.tolist() == ["split", "fold", "row", "answer", "rank"]
    by_channel = ranks[ranks["split"] == "channel"]
    assert sorted(by_channel["row"]) == list(range(42))
    assert ranks["rank"].between(1, N_CATEGORIES).all()
    probed = heat_maps.probed(corpus)
    assert probed.features.shape == (42, 2048) and not np.isnan(probed.features).any()
    counted = probed.maps.sum(axis=(0, 1)).mean(axis=(0, 1))
    np.testing.assert_allclose(counted, probed.features.sum(axis=0), rtol=1e-4)
    assert heat_maps.mean_maps(corpus) is None  # three videos of a category


def test_a_corpus_without_thumbnails_has_neither(corpus_folder, tmp_path):
    corpus = load(corpus_folder(42, thumbnails=False), tmp_path / "build")
    assert heat_maps.probe_ranks(corpus) is None and heat_maps.mean_maps(corpus) is None
