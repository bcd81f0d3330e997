"""How much accuracy depends on which videos a random split holds out."""

import pandas as pd

from ytcat.corpus import Corpus
from ytcat.corpus.splits import split
from ytcat.evaluation.metrics import in_top_k
from ytcat.models import baselines

N_SPLITS = 8  # the first, of seed 0, is the one that all recorded runs share


def tfidf(corpus: Corpus) -> pd.DataFrame:
    """Top-1 of the linear TF-IDF model, which trains in seconds, on `N_SPLITS` random splits.

    One row per split: `model` (a key of `ytcat.views.MODELS`), `split_seed`, `n_train`, `n_test`, `top1`
    (0..1). The validation videos choose the regularization, as in the chapter on the text model.
    """
    rows = []
    for seed in range(N_SPLITS):
        of_part = dict(list(corpus.videos.groupby(split(corpus.videos, "random", seed=seed))))
        train, validation, test = (
            (of_part[part]["title"].tolist(), of_part[part]["label"].to_numpy())
            for part in ("train", "validation", "test")
        )
        model = baselines.tfidf(train, validation).classifier
        top1 = in_top_k(test[1], baselines.predict(model, test[0]), 1).mean()
        rows.append(("tfidf", seed, len(train[0]), len(test[0]), top1))
    return pd.DataFrame(rows, columns=["model", "split_seed", "n_train", "n_test", "top1"])
