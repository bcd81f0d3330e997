"""Titles of other years beside a corpus's own: what they bring on real videos, and what they promise."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ytcat.corpus.more_titles import NO_TITLES, MoreTitles
from ytcat.evaluation.statistics import paired_bootstrap
from ytcat.future_directions.more_data import learning_curves, power_law
from ytcat.models import baselines
from ytcat.reference_runs import MORE_TITLES, compare, key, read_all, table
from ytcat.runs import Parts
from ytcat.views import SPLITS

WITH_MORE = {"best_title": "best_title_with_more", "best": "best_with_more"}  # keys of `ytcat.views.MODELS`
OWN, WITH = "own titles", "and other years'"  # the two curves
WANTED = 0.75  # the accuracy whose number of videos is asked for
MULTIPLES = (2, 4, 10)  # of the training videos, to forecast
TRIED = ["corpus", "split", "model", "weight", "n", "own", "with_more", "difference"]
COMPARED = ["corpus", "split", "model", "runs", "n", "own", "with_more", "top5", "difference"]
NEEDED = ["titles", "accuracy", "n_train", "needed", "low", "high"]

# ---- read from the recordings


def tried() -> pd.DataFrame:
    """What `ytcat tune --titles` has recorded, one row per corpus, split and model of the chosen ones.

    Columns: `corpus`, `split`, `model`, `weight` (of a title of another year), `n`, `own` and `with_more`
    (top-1 out of fold, 0..1) and `difference` with its interval over channels, as (value, low, high).
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
                shares = (
                    float(np.average(both[f"correct_{side}"], weights=both["weight"])) for side in ("b", "a")
                )
                row = {"corpus": reference.name, "split": split, "model": own}
                row |= {"runs": both.groupby(["fold", "seed"]).ngroups, "n": found.n_videos}
                row |= dict(zip(("own", "with_more"), shares, strict=True))
                row["top5"] = reference.results[key(with_more, split)]["top5"]
                rows.append(row | {"difference": (found.difference, found.low, found.high)})
    return pd.DataFrame(rows, columns=COMPARED)


def needed_in_runs() -> pd.DataFrame:
    """`videos_needed` of the recorded runs on known and on new channels, with `corpus` and `split`.

    Of several seeds, or folds, the first.
    """
    recorded = table("videos_needed.csv")
    if recorded.empty:
        return pd.DataFrame(columns=["corpus", "split", *NEEDED])
    recorded = recorded[recorded["split"] != "time"].sort_values("seed", kind="stable")
    return recorded.groupby(["corpus", "split", "titles"], sort=False, as_index=False).first()


# ---- computed in a run


def curves(
    parts: Parts,
    more: MoreTitles,
    weight: float,
    strength: float,
    *,
    halvings: int,
    repeats: int,
    seed: int,
) -> dict[str, dict[int, np.ndarray]]:
    """Learning curves of a linear title model, from `OWN` titles alone and `WITH` all `more` of them too.

    By curve as `learning_curves.correct_by_size`: the sizes count own training videos, of which the smaller
    sets are drawn. A title of `more` counts `weight` in the loss; `strength` is logistic regression's C.
    """
    titles = [part.videos["title"].to_numpy(dtype=object) for part in parts]
    labels = {part.name: part.labels for part in parts}
    sizes = learning_curves.sizes(len(parts.train), halvings)
    by_curve = {}
    for name, others in ((OWN, NO_TITLES), (WITH, more)):

        def fit(
            train: tuple[np.ndarray, np.ndarray],
            validation: tuple[np.ndarray, np.ndarray],
            strengths: Sequence[float],
            others: MoreTitles = others,
        ) -> baselines.LinearModel:
            learned, weights = others.after(train[0].tolist(), train[1], weight)
            return baselines.tfidf(learned, validation, strengths, weights)

        view = learning_curves.ViewInputs(fit, (strength,), *titles)
        models, _ = learning_curves.curves({"title": view}, labels, sizes, repeats, seed)
        by_curve[name] = learning_curves.correct_by_size(models)["title"]
    return by_curve


def measured(by_curve: Mapping[str, Mapping[int, np.ndarray]], channels: ArrayLike) -> pd.DataFrame:
    """Accuracies by size: `learning_curves.by_size` of each curve, named in the column `view`."""
    tables = [
        learning_curves.by_size(correct, channels).assign(view=name) for name, correct in by_curve.items()
    ]
    return pd.concat(tables, ignore_index=True)


def forecasts(
    by_curve: Mapping[str, Mapping[int, np.ndarray]], channels: ArrayLike, seed: int, resamples: int
) -> dict[str, pd.DataFrame]:
    """What each curve expects of `MULTIPLES` of the training videos: `power_law.forecast`, from 1 on."""
    return {
        name: power_law.forecast(
            correct, [k * max(correct) for k in (1, *MULTIPLES)], channels, seed, resamples
        )
        for name, correct in by_curve.items()
        if len(correct) >= power_law.MIN_SIZES
    }


def videos_needed(
    by_curve: Mapping[str, Mapping[int, np.ndarray]], channels: ArrayLike, seed: int, resamples: int
) -> pd.DataFrame:
    """How many own training videos each curve needs for an accuracy of `WANTED`, if its form goes on.

    Columns: `titles` (the curve), `accuracy` (`WANTED`), `n_train` (now), `needed`, `low` and `high`, inf
    where no number is enough.
    """
    rows = [
        {"titles": name, "accuracy": WANTED, "n_train": max(correct)}
        | power_law.videos_needed(correct, WANTED, channels, seed, resamples)
        for name, correct in by_curve.items()
        if len(correct) >= power_law.MIN_SIZES
    ]
    return pd.DataFrame(rows, columns=NEEDED)


def gain(
    by_curve: Mapping[str, Mapping[int, np.ndarray]], channels: ArrayLike, seed: int
) -> tuple[float, float, float]:
    """What other years' titles add to the linear model with all own training videos: (value, low, high)."""
    own, with_more = (by_curve[name][max(by_curve[name])].mean(axis=0) for name in (OWN, WITH))
    return paired_bootstrap(with_more, own, seed, clusters=channels)
