"""Learning curves of titles on known and on new channels: `ytcat record` writes them from a corpus alone.

The chapter has them for one split and fold per run, and for thumbnails too; these take minutes for all folds.
"""

from contextlib import suppress

import pandas as pd

from ytcat.corpus import Corpus
from ytcat.corpus.splits import N_FOLDS, split
from ytcat.exceptions import YtcatError
from ytcat.future_directions.more_data import learning_curves
from ytcat.models import baselines

TABLE = "title_curve"  # the name of what is recorded
HALVINGS, REPEATS = 4, 3  # as in the chapter


def correct_by_video(corpus: Corpus) -> pd.DataFrame | None:
    """Which test videos TF-IDF models classify correctly, by number of training videos.

    On the random split and the five folds of that by channel, as far as the corpus allows them. Columns:
    `split`, `fold`, `seed` (0), then those of `learning_curves.per_video`. None if it allows none.
    """
    tables = []
    for kind, fold in (("random", 0), *(("channel", fold) for fold in range(N_FOLDS))):
        with suppress(YtcatError):  # too few channels, say
            tables.append(_of_fold(corpus, kind, fold))
    return pd.concat(tables, ignore_index=True) if tables else None


def _of_fold(corpus: Corpus, kind: str, fold: int) -> pd.DataFrame:
    of_part = corpus.videos.groupby(split(corpus.videos, kind, fold=fold))
    parts = {name: of_part.get_group(name) for name in ("train", "validation", "test")}
    titles = [part["title"].to_numpy(dtype=object) for part in parts.values()]
    models, _ = learning_curves.curves(
        {"title": learning_curves.ViewInputs(baselines.tfidf, baselines.TEXT_STRENGTHS, *titles)},
        {name: part["label"].to_numpy() for name, part in parts.items()},
        learning_curves.sizes(len(parts["train"]), HALVINGS),
        REPEATS,
        seed=0,
    )
    table = learning_curves.per_video(models, parts["test"].index.to_numpy())
    which = pd.DataFrame({"split": kind, "fold": fold, "seed": 0}, table.index)
    return pd.concat([which, table], axis=1)


TABLES = {TABLE: correct_by_video}
