"""What other years' titles bring the chosen model: the recorded trials, and the recorded runs."""

import numpy as np
import pandas as pd

from ytcat.reference_runs import MORE_TITLES, compare, key, read_all, table
from ytcat.views import SPLITS, WITH_MORE

TRIED = ["corpus", "split", "model", "weight", "n", "own", "with_more", "loss", "difference"]
COMPARED = ["corpus", "split", "model", "runs", "n", "own", "with_more", "top5", "difference"]


def tried() -> pd.DataFrame:
    """What `ytcat tune --titles` has recorded, one row per corpus, split and model of the chosen ones.

    Columns: `corpus`, `split`, `model`, `weight` (of a title of another year), `n`, `own` and `with_more`
    (top-1 out of fold, 0..1), `loss` (log loss, nats) and `difference` with its interval over channels, as
    (value, low, high).
    """
    recorded = table(MORE_TITLES)
    if recorded.empty:
        return pd.DataFrame(columns=TRIED)
    recorded["top1"] = recorded["n_correct"] / recorded["n"]
    about = ["corpus", "split", "model"]
    own = recorded[recorded["weight"] == 0].set_index(about)["top1"].rename("own")
    with_more = recorded[recorded["weight"] > 0].join(own, on=about)
    difference = list(zip(with_more["difference"], with_more["low"], with_more["high"], strict=True))
    with_more = with_more.assign(with_more=with_more["top1"], difference=difference)
    return with_more[TRIED].reset_index(drop=True)


def compared() -> pd.DataFrame:
    """The chosen models without and with other years' titles on the same test videos, in recorded runs.

    One row per corpus, split and model that has runs of both. Columns: `corpus`, `split`, `model` (that of
    the own titles), `runs` that both have, `n` (their distinct test videos), `own` and `with_more` (top-1
    over those runs), `top5` (of the model with more, over all its runs) and `difference` with its interval
    over channels, as (value, low, high).
    """
    rows = []
    for reference in read_all():
        for split in SPLITS:
            for own, with_more in WITH_MORE.items():
                if with_more not in reference.distinct_models(split):
                    continue
                found = compare.difference(reference, with_more, own, split)
                both = compare.paired(reference, with_more, own, split)
                rows.append(
                    {
                        "corpus": reference.name,
                        "split": split,
                        "model": own,
                        "runs": both.groupby(["fold", "seed"]).ngroups,
                        "n": found.n_videos,
                        "own": np.average(both["correct_b"], weights=both["weight"]),
                        "with_more": np.average(both["correct_a"], weights=both["weight"]),
                        "top5": reference.results[key(with_more, split)]["top5"],
                        "difference": (found.difference, found.low, found.high),
                    }
                )
    return pd.DataFrame(rows, columns=COMPARED)
