"""Simulated annotators, for tests only: no person gave these answers."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from ytcat import slides
from ytcat.categories import IDS
from ytcat.corpus import Corpus
from ytcat.human.plan import plan
from ytcat.human.session import Session
from ytcat.human.store import Log

PLAN = {"split": "random", "fold": 0, "limit": 0, "seed": 0}


def corpus_of(n, thumbnails=True, name="tiny"):
    """A corpus of n videos in memory, its 14 categories in turn."""
    videos = pd.DataFrame(
        {
            "video_id": [f"video_{i:05d}" for i in range(n)],
            "title": [f"Title {i}" for i in range(n)],
            "category_id": np.resize(IDS, n),
            "has_thumbnail": thumbnails,
        }
    )
    nowhere = Path("nowhere")
    return Corpus(name, False, nowhere, videos, None, hashlib.sha256(str(n).encode()).hexdigest(), nowhere)


def session(corpus, part, participant, length=None, **settings):
    """A person's real session."""
    settings = PLAN | settings
    trials = plan(corpus, part, participant, settings["seed"])[:length]
    return Session(trials, Log(corpus, participant, **settings))


def sit(corpus, part, participant, n, skips=0.0, seed=0, **settings):
    """Answer the next n trials: correct as often as the slides' people, else at random; some are skipped."""
    rng = np.random.default_rng([seed, *participant.encode()])
    sitting = session(corpus, part, participant, **settings)
    for _ in range(n):
        sitting.resume()
        trial = sitting.current
        truth = int(corpus.videos["category_id"].loc[trial.row])
        knows = rng.random() < slides.HUMAN_ACCURACY[trial.view.slides_model]
        milliseconds = int(rng.lognormal(8, 0.5))
        if rng.random() < skips:
            sitting.skip(sitting.number, milliseconds)
        else:
            sitting.answer(sitting.number, truth if knows else int(rng.choice(IDS)), milliseconds)
    return sitting
