"""Finished runs of a tiny real-looking corpus, saved as the chapters save them."""

from pathlib import Path

import numpy as np
import pandas as pd

from ytcat import paths, runs
from ytcat.categories import IDS, N_CATEGORIES
from ytcat.corpus import Corpus
from ytcat.corpus.splits import split as split_videos
from ytcat.evaluation import leakage
from ytcat.reference_runs import store

N = 10 * N_CATEGORIES
# Each chapter's model, and how often it and its baselines are right.
RIGHT = {
    "03_image_model": {"model": 0.5, "Linear probe": 0.4, "Majority class": 0.1, "Stratified guess": 0.1},
    "04_text_model": {"model": 0.7, "TF-IDF, linear": 0.6, "Majority class": 0.1, "Stratified guess": 0.1},
    "05_fusion": {"model": 0.8, "Majority class": 0.1, "Stratified guess": 0.1},
    "07_better_models": {"model": 0.9, "best_title": 0.75, "title_linear": 0.6},
}
RUNS = [("random", 0, 0), ("random", 0, 1), ("random", 0, 2), ("channel", 0, 0), ("channel", 1, 1)]


def make_corpus(sha256="c0ffee", synthetic=False):
    """140 videos, two a channel; every fifth has no thumbnail."""
    number = np.arange(N)
    videos = pd.DataFrame(
        {
            "title": [f"Title {i % 90} of {'abcdefg'[i % 7] * 9}" for i in number],
            "channel_title": [f"Channel {i // 2}" for i in number],
            "label": number % N_CATEGORIES,
            "category_id": np.resize(IDS, N),
            "has_thumbnail": number % 5 != 0,
        }
    )
    return Corpus("tiny", synthetic, Path(), videos, None, sha256, Path())


def guesses(truth, right, rng):
    """Probabilities (n, 14) whose largest is the truth on about that share of the videos."""
    answers = np.where(rng.random(len(truth)) < right, truth, rng.integers(0, N_CATEGORIES, len(truth)))
    return 0.5 * rng.dirichlet(np.ones(N_CATEGORIES), len(truth)) + 0.5 * np.eye(N_CATEGORIES)[answers]


def save_run(corpus, chapter, split, fold, seed, **parameters):
    """One chapter's finished run, in the folder where `ytcat notebooks` puts it; returns the folder."""
    part = split_videos(corpus.videos, split, fold=fold)
    usable = np.ones(N, bool) if chapter == "04_text_model" else corpus.videos["has_thumbnail"].to_numpy()
    rows = np.flatnonzero((part == "test") & usable)
    truth = corpus.videos["label"].to_numpy()[rows]
    rng = np.random.default_rng([seed, fold, list(RIGHT).index(chapter)])
    tables = {
        name: runs.predictions_table(rows, np.full(len(rows), "test"), truth, guesses(truth, right, rng))
        for name, right in RIGHT[chapter].items()
    }
    predictions = tables.pop("model")
    y_train = corpus.videos["label"].to_numpy()[(part == "train") & usable]
    model = store.CHAPTERS[chapter]
    figures = runs.model_metrics(model, split, predictions, y_train, tables)
    figures["overlap"] = leakage.by_overlap(corpus.videos, part, runs.correct(predictions))
    history = pd.DataFrame({"epoch": [1, 2], "loss": [2.5, 2.0], "val_loss": [2.6, 2.2]})
    if model == "image":
        figures["kept_phase"] = "head"
        history["phase"] = "head"
    suffix = "" if split == "random" else f"-{split}{fold}"
    results = f"results/{corpus.name}-full{suffix}-{seed}"
    parameters = {"results": results, "split": split, "fold": fold, "seed": seed, "epochs": 2} | parameters
    against = None
    if model == "best":
        right = {
            name: int(runs.correct(table).sum()) for name, table in (tables | {model: predictions}).items()
        }
        against = {
            "against_title": pd.DataFrame(
                {"model": right.keys(), "n": len(rows), "n_correct": right.values()}
            )
        }
    runs.begin(chapter, corpus, parameters).save(figures, predictions, tables, history, tables=against)
    return paths.build_folder() / results / chapter
