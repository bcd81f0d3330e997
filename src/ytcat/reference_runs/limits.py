"""How good can a model get on real videos? What the channel alone tells, and where the errors lie."""

import numpy as np
import pandas as pd

from ytcat.categories import IDS
from ytcat.corpus import Corpus
from ytcat.corpus.splits import channel_codes
from ytcat.evaluation import leakage
from ytcat.reference_runs.splits import parts_by_fold

# ---- computed from a corpus, and recorded


def look_up_channels(corpus: Corpus) -> pd.DataFrame:
    """What a look-up of the channel answers for each test video; see `leakage.channel_lookup`.

    Columns: `split`, `fold`, `row` (number of the video in the corpus), `known` (the channel is in train or
    validation) and `answer` (YouTube category id). On the split by channel no channel is known, so it has no
    rows.
    """
    channels, labels = channel_codes(corpus.videos), corpus.videos["label"].to_numpy()
    tables = []
    for (kind, fold), parts in parts_by_fold(corpus).items():
        if kind != "channel":
            training, test = np.isin(parts, leakage.TRAINING_PARTS), np.flatnonzero(parts == "test")
            answers = leakage.channel_lookup(channels, labels, training)
            known = np.isin(channels, channels[training])
            table = {"split": kind, "fold": fold, "row": test, "known": known[test]}
            tables.append(pd.DataFrame(table | {"answer": np.array(IDS)[answers[test]]}))
    return pd.concat(tables, ignore_index=True)


def agreement_within_channels(corpus: Corpus) -> pd.DataFrame:
    """How far the videos of a channel agree in category: see `leakage.label_agreement`."""
    return leakage.label_agreement(channel_codes(corpus.videos), corpus.videos["label"].to_numpy())
