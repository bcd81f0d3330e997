"""Tables computed from a corpus alone and recorded beside its runs: aggregates, nothing of a video.

`ytcat record` writes them anew each time; the manifest holds the hash of each file. What may be in them is
what may be published of real videos: aggregates, and answers under row numbers.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from ytcat.atomic_files import sha256_file
from ytcat.corpus import Corpus
from ytcat.reference_runs import aggregates, limits, random_splits, splits, words, worked_example

# By file name without `.csv`; a function returns None for a corpus that cannot have the table.
CorpusTables = Mapping[str, Callable[[Corpus], pd.DataFrame | None]]
TABLES: CorpusTables = {
    "splits": splits.describe,
    "random_splits": random_splits.linear_models,
    "channel_lookup": limits.look_up_channels,
    "label_agreement": limits.agreement_within_channels,
    "categories": aggregates.categories,
    "months": aggregates.months,
    "title_lengths": aggregates.title_lengths,
    "words": words.weights,
    "worked_example": worked_example.words_left_out,
}


def write(folder: Path, corpus: Corpus, tables: CorpusTables) -> dict[str, str]:
    """Write each of `tables` that the corpus can have as `<name>.csv`; returns the SHA-256 by file name."""
    written = {}
    for name, compute in tables.items():
        table = compute(corpus)
        if table is not None:
            path = folder / f"{name}.csv"
            table.to_csv(path, index=False)
            written[path.name] = sha256_file(path)
    return written
