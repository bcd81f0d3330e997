"""Finished runs of a tiny real-looking corpus, saved as the chapters save them."""

from pathlib import Path

import numpy as np
import pandas as pd

from ytcat import paths, runs
from ytcat.categories import IDS, N_CATEGORIES
from ytcat.corpus import Corpus

N = 10 * N_CATEGORIES
# Each chapter's model, and about which share of the videos it and its baselines classify correctly.
ACCURACIES = {
    "03_image_model": {"image": 0.5, "linear_probe": 0.4, "majority": 0.1, "stratified_guess": 0.1},
    "04_text_model": {"text": 0.7, "tfidf": 0.6, "majority": 0.1, "stratified_guess": 0.1},
    "05_fusion": {"fusion": 0.8, "majority": 0.1, "stratified_guess": 0.1},
    "07_better_models": {"best": 0.9, "best_title": 0.75, "title_linear": 0.6},
    "12_other_years": {"best_with_more": 0.95, "best_title_with_more": 0.8},
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


def guesses(truth, accuracy, rng):
    """Probabilities (n, 14) whose largest is the truth on about that share of the videos."""
    answers = np.where(rng.random(len(truth)) < accuracy, truth, rng.integers(0, N_CATEGORIES, len(truth)))
    return 0.5 * rng.dirichlet(np.ones(N_CATEGORIES), len(truth)) + 0.5 * np.eye(N_CATEGORIES)[answers]


def save_run(corpus, chapter, split, fold, seed, **parameters):
    """One chapter's finished run, in the folder where `ytcat notebooks` puts it; returns the folder."""
    suffix = "" if split == "random" else f"-{split}{fold}"
    results = f"results/{corpus.name}-full{suffix}-{seed}"
    parameters = {"results": results, "split": split, "fold": fold, "limit": 0, "seed": seed} | parameters
    run = runs.RunWriter(chapter, corpus, {"epochs": 2} | parameters)
    parts = run.parts(thumbnails=chapter != "04_text_model")
    rng = np.random.default_rng([seed, fold, list(ACCURACIES).index(chapter)])
    guessed = {model: guesses(parts.test.labels, share, rng) for model, share in ACCURACIES[chapter].items()}
    model, *baselines = guessed
    found = run.evaluate(model, parts, guessed[model], {name: guessed[name] for name in baselines})
    history = pd.DataFrame({"epoch": [1, 2], "loss": [2.5, 2.0], "val_loss": [2.6, 2.2]})
    metrics, tables = {}, None
    if model == "image":
        metrics["kept_phase"] = "head"
        history["phase"] = "head"
    if model == "best_with_more":
        metrics["more_titles"] = {"older": 7}
    if model == "best":
        n_correct = {
            name: int(runs.correct(table).sum())
            for name, table in (found.baselines | {model: found.predictions}).items()
        }
        against = {"model": n_correct.keys(), "n": len(parts.test), "n_correct": n_correct.values()}
        tables = {"against_title": pd.DataFrame(against)}
    run.save(metrics, found, history, tables=tables)
    return paths.build_folder() / results / chapter
