"""Titles sorted into categories without training: which category name does MiniLM find most alike?"""

import pandas as pd

from ytcat.categories import NAMES
from ytcat.corpus import Corpus
from ytcat.future_directions.better_models import sentence_encoder
from ytcat.reference_runs.extra_models import ranks_table


def ranks(corpus: Corpus) -> pd.DataFrame:
    """The answer for every video of a corpus, and the rank of the true category: see `extra_models`.

    The score of a category is the cosine of two embeddings by the published encoder: that of the title and
    that of the category's name, as the slides write it. Nothing was tried beside that.
    """
    titles = sentence_encoder.embed(corpus.videos["title"].tolist())
    scores = titles @ sentence_encoder.embed(NAMES).T
    return ranks_table(corpus.videos.index.to_numpy(), corpus.videos["label"].to_numpy(), scores)
