"""What a corpus is made of, as counts: categories, months, title lengths. Nothing of a single video."""

import numpy as np
import pandas as pd

from ytcat import reference_runs
from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.corpus import Corpus
from ytcat.models.tokens import split_words
from ytcat.pretrained.glove import glove

CATEGORIES = "categories.csv"
# A word, a word part or a category with fewer is left out wherever more than a count is recorded of it.
MIN_VIDEOS, MIN_CHANNELS = 20, 10


def categories(corpus: Corpus) -> pd.DataFrame:
    """One row per category, in the order of `NAMES`: videos, channels, title words, and words in GloVe.

    Columns: `category`, `videos`, `channels` (those with a name), `words` (of all titles), `covered_words`
    (with a vector in GloVe 6B), `covered_titles` (titles with words, all of which have a vector).
    """
    words = corpus.videos["title"].map(split_words)
    n_words, covered = (words.map(count).to_numpy() for count in (len, _n_covered))
    columns = {
        "label": corpus.videos["label"].to_numpy(),
        "videos": 1,
        "words": n_words,
        "covered_words": covered,
        "covered_titles": (covered == n_words) & (n_words > 0),
    }
    counts = pd.DataFrame(columns).groupby("label").sum()
    counts.insert(1, "channels", corpus.videos.groupby("label")["channel_title"].nunique())
    counts = counts.reindex(range(N_CATEGORIES), fill_value=0).astype(np.int64)
    return counts.set_axis(pd.Index(NAMES, name="category")).reset_index()


def months(corpus: Corpus) -> pd.DataFrame | None:
    """One row per month (UTC) with videos: `month` (such as "2017-11") and `videos`; None without dates."""
    if "publish_time" not in corpus.videos or corpus.videos["publish_time"].isna().all():
        return None
    dated = corpus.videos["publish_time"].dropna()
    counts = dated.dt.strftime("%Y-%m").value_counts().sort_index()
    return counts.rename_axis("month").rename("videos").reset_index()


def title_lengths(corpus: Corpus) -> pd.DataFrame:
    """One row per length of a title: `words` (see `ytcat.models.tokens.split_words`) and `videos`."""
    counts = corpus.videos["title"].map(split_words).map(len).value_counts().sort_index()
    return counts.rename_axis("words").rename("videos").reset_index()


def coverage() -> pd.DataFrame:
    """How much of the recorded corpora GloVe 6B covers, one row per corpus.

    Columns: `corpus`, `videos`, `words` and `titles`: the shares (0..1) of the words of all titles that have
    a vector, and of the titles whose words all have one. Empty if no corpus has the table of `categories`.
    """
    recorded = reference_runs.table(CATEGORIES)
    if recorded.empty:
        return pd.DataFrame(columns=["corpus", "videos", "words", "titles"])
    sums = recorded.groupby("corpus").sum(numeric_only=True)
    shares = {
        "videos": sums["videos"],
        "words": sums["covered_words"] / sums["words"],
        "titles": sums["covered_titles"] / sums["videos"],
    }
    return pd.DataFrame(shares).reset_index()


def _n_covered(words: list[str]) -> int:
    index = glove().index
    return sum(word in index for word in words)
