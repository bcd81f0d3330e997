"""Titles as words, and as the token ids that the text model reads."""

import re
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from ytcat.categories import NAMES

TITLE_WORDS = 20  # slide "Approach for Text model": input (20)

# Letters and digits, with an inner apostrophe, so that "don't" is one match.
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def split_words(title: str) -> list[str]:
    """The words of a title in lower case, split as in GloVe 6B's vocabulary: "Don't" gives "do", "n't"."""
    words = []
    for word in _WORD.findall(title.lower().replace("’", "'")):
        stem, apostrophe, suffix = word.partition("'")
        if not apostrophe:
            words.append(word)
        elif suffix == "t" and stem.endswith("n"):
            words += [part for part in (stem[:-1], "n't") if part]
        else:
            words += [stem, apostrophe + suffix]
    return words


def encode(titles: Iterable[str], index: Mapping[str, int]) -> np.ndarray:
    """Token ids, shape (n, 20) int32: the first 20 words of each title that are in `index`, 0 = padding.

    The padding is in front, so that the last steps of the LSTM read words.
    """
    titles = list(titles)
    ids = np.zeros((len(titles), TITLE_WORDS), dtype=np.int32)
    for row, title in enumerate(titles):
        known = [index[word] for word in split_words(title) if word in index][:TITLE_WORDS]
        if known:
            ids[row, -len(known) :] = known
    return ids


def coverage(words: Iterable[list[str]], labels: Iterable[int], index: Mapping[str, int]) -> pd.DataFrame:
    """One row per category, in label order: `category`, `words` (count), `covered` (share in `index`, 0..1).

    `covered` is nan for a category without words.
    """
    total, known = np.zeros(len(NAMES), dtype=int), np.zeros(len(NAMES), dtype=int)
    for title, label in zip(words, labels, strict=True):
        total[label] += len(title)
        known[label] += sum(word in index for word in title)
    covered = np.divide(known, total, out=np.full(len(NAMES), np.nan), where=total > 0)
    return pd.DataFrame({"category": NAMES, "words": total, "covered": covered})
