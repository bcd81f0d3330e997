"""The deck's own example, asked of the recorded title models that do not know its channel."""

import numpy as np
import pandas as pd

from ytcat import reference_runs, runs, slides
from ytcat.categories import NAMES
from ytcat.corpus import Corpus
from ytcat.corpus.splits import N_FOLDS, split
from ytcat.models import baselines
from ytcat.reference_runs import ReferenceRuns
from ytcat.views import MODELS, SPLITS

WORKED_EXAMPLE = "worked_example.csv"
TRUTH = NAMES.index(slides.EXAMPLE.truth)


def words_left_out(corpus: Corpus) -> pd.DataFrame | None:
    """How sure TF-IDF with its linear model is of the example's category, without each word of the title.

    The model is the one recorded as `tfidf` under the split by channel, in the fold whose test holds the
    example. One row for the whole title (`word` is empty), then one per word: `row` (of the video in the
    corpus), `fold`, `word` (left out), `answer` (a category name), `probability` (of the true category).
    None if the corpus does not hold the title, or not its channel.
    """
    videos = corpus.videos
    rows = videos.index[(videos["title"] == slides.EXAMPLE.title) & videos["channel_title"].notna()]
    if rows.empty:
        return None
    row = rows[0]
    of_folds = [split(videos, "channel", fold=fold) for fold in range(N_FOLDS)]
    fold = next(fold for fold, parts in enumerate(of_folds) if parts[row] == "test")
    known = (videos[of_folds[fold] == part] for part in ("train", "validation"))
    model = baselines.tfidf(*((part["title"].tolist(), part["label"].to_numpy()) for part in known))
    words = slides.EXAMPLE.title.split()
    without = [" ".join(words[:place] + words[place + 1 :]) for place in range(len(words))]
    chances = baselines.predict(model.classifier, [slides.EXAMPLE.title, *without])
    columns = {
        "row": row,
        "fold": fold,
        "word": ["", *words],
        "answer": [NAMES[label] for label in chances.argmax(axis=1)],
        "probability": chances[:, TRUTH],
    }
    return pd.DataFrame(columns)


def answers() -> pd.DataFrame:
    """What each recorded title model answers to the example, in the order of `ytcat.views.MODELS`.

    One row per corpus, split and model, of those splits where the example is a test video: `corpus`, `split`,
    `model` (keys), `answer` (a category name), `probability` (of the answer), `probability_of_truth`, and
    `rank` of the true category (1 is the answer). Over several seeds the probabilities are averaged. Under
    the split by channel the models know no video of the example's channel. Empty if no corpus holds it.
    """
    rows = []
    for path in reference_runs.files(WORKED_EXAMPLE):
        reference, row = ReferenceRuns(path.parent), pd.read_csv(path)["row"].iloc[0]
        for split_key in SPLITS:
            for model in reference.distinct_models(split_key):
                predictions = reference.predictions(model, split_key)
                of_example = predictions[predictions["row"] == row]
                if MODELS[model].view == "title" and len(of_example):
                    chances = runs.probabilities(of_example).mean(axis=0)
                    about = {"corpus": reference.name, "split": split_key, "model": model}
                    rows.append(about | _answer(chances))
    return pd.DataFrame(rows)


def _answer(chances: np.ndarray) -> dict[str, str | float | int]:
    """The answer of probabilities (14,)."""
    return {
        "answer": NAMES[chances.argmax()],
        "probability": float(chances.max()),
        "probability_of_truth": float(chances[TRUTH]),
        "rank": int((chances > chances[TRUTH]).sum()) + 1,
    }


def recorded_words() -> pd.DataFrame:
    """The recorded table of `words_left_out`, with its `corpus`; empty if no corpus holds the example."""
    return reference_runs.table(WORKED_EXAMPLE).fillna({"word": ""})
