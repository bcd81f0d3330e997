"""What correcting for class imbalance brings and costs: macro F1 and balanced accuracy against top-1."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.evaluation import metrics, statistics
from ytcat.future_directions.imbalance import methods
from ytcat.future_directions.imbalance.methods import PLAIN, Predictions

TITLES = {"top1": "Top-1", "macro_f1": "Macro F1", "balanced_accuracy": "Balanced accuracy"}
MEASURES = tuple(TITLES)
COST = 0.01  # the top-1, 0..1, that a better macro F1 may cost on the videos that choose the strengths


def score_table(predictions: Predictions, y_true: np.ndarray, part: str) -> pd.DataFrame:
    """Scores, one row per model of `predictions`, (n,) labels each.

    Columns: `method`, `strength`, `part` (as given, the videos' name), `repeat`, `n_correct`, `n`,
    `macro_f1`, `balanced_accuracy`. `y_true`: (n,) labels.
    """
    rows = []
    for correction, predicted in predictions.items():
        matrix = metrics.confusion(y_true, predicted)
        rows.append(
            {
                "method": correction.method,
                "strength": correction.strength,
                "part": part,
                "repeat": correction.repeat,
                "n_correct": int(np.trace(matrix)),
                "n": int(matrix.sum()),
                "macro_f1": metrics.macro_f1(matrix),
                "balanced_accuracy": metrics.balanced_accuracy(matrix),
            }
        )
    return pd.DataFrame(rows)


def category_table(predictions: Predictions, y_true: np.ndarray) -> pd.DataFrame:
    """Numbers of videos, one row per model and category. Arguments as `score_table`.

    Columns: `method`, `strength`, `repeat`, `category`, `n_correct`, `support` (videos of the category),
    `predicted` (videos that the model assigns to it).
    """
    tables = []
    for correction, predicted in predictions.items():
        matrix = metrics.confusion(y_true, predicted)
        counts = {
            "n_correct": matrix.diagonal(),
            "support": matrix.sum(axis=1),
            "predicted": matrix.sum(axis=0),
        }
        tables.append(pd.DataFrame(correction._asdict() | {"category": NAMES} | counts))
    return pd.concat(tables, ignore_index=True)


def with_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """A `category_table` with `recall`, `precision` and their 95 % Wilson limits (`recall_low`, ...).

    nan where undefined: recall of a category without videos, precision of one that is never predicted.
    """
    table = counts.copy()
    for share, total in (("recall", "support"), ("precision", "predicted")):
        limits = [
            statistics.wilson(k, n) if n else (np.nan, np.nan)
            for k, n in zip(table["n_correct"], table[total], strict=True)
        ]
        table[share] = table["n_correct"] / table[total].where(table[total] > 0)
        table[[f"{share}_low", f"{share}_high"]] = np.reshape(limits, (-1, 2))
    return table


def paths(scores: pd.DataFrame) -> pd.DataFrame:
    """The path of each method over its strengths: mean of each of `MEASURES` by `method` and `strength`.

    `scores` as from `score_table`; the mean is over repeats. Rows in order of first appearance.
    """
    shares = scores.assign(top1=scores["n_correct"] / scores["n"])
    return shares.groupby(["method", "strength"], sort=False)[list(MEASURES)].mean().reset_index()


def choose_strengths(path_table: pd.DataFrame, cost: float = COST) -> dict[str, float]:
    """The strength of each method with the highest macro F1 among those that lose at most `cost` of top-1.

    `path_table` as from `paths`, with the uncorrected model, against which the loss counts. Of equals
    the smallest; 0.0, the uncorrected model, where no strength within that cost beats its macro F1.
    """
    by_method = dict(list(path_table.groupby("method", sort=False)))
    plain = by_method.pop(PLAIN)
    chosen = {}
    for method, path in by_method.items():
        path = pd.concat([plain, path.sort_values("strength")])
        # The margin is for rounding alone: a loss of exactly `cost` is allowed.
        affordable = path[path["top1"] >= plain["top1"].item() - cost - 1e-12]
        best = affordable[affordable["macro_f1"] == affordable["macro_f1"].max()]
        chosen[method] = float(best["strength"].iloc[0])
    return chosen


def best_method(path_table: pd.DataFrame, strengths: Mapping[str, float]) -> str:
    """The method with the highest macro F1 at its strength; of equal methods the first of `METHODS`."""
    macro_f1 = path_table.set_index(["method", "strength"])["macro_f1"]
    return max(
        methods.METHODS, key=lambda method: macro_f1[methods.at_strength(method, strengths[method])[:2]]
    )


def compare(
    predictions: Predictions,
    strengths: Mapping[str, float],
    y_true: np.ndarray,
    clusters: np.ndarray,
    seed: int,
) -> pd.DataFrame:
    """The uncorrected model and each method at its strength: one row per method and measure.

    Columns: `method`, `strength`, those of `against_plain`, `repeats`, `spread` (standard deviation of the
    value over the repeats, nan for one), of the first repeat `n_correct` and `n`, and on the rows of top-1
    `p_value` of the sign-flip test over clusters against the uncorrected model, for the mean of the repeats.
    `y_true`: (n,) labels; `clusters`, `seed`: as in `against_plain`.
    """
    plain = predictions[methods.UNCORRECTED]
    tables = []
    for method, strength in {PLAIN: 0.0, **strengths}.items():
        model = methods.at_strength(method, strength)[:2]
        repeats = np.array([labels for key, labels in predictions.items() if key[:2] == model])
        table = against_plain(y_true, repeats, plain, clusters, seed)
        by_repeat = np.hstack([_scores(np.ones((1, len(y_true))), y_true, labels) for labels in repeats])
        gain = (repeats == y_true).mean(axis=0) - (plain == y_true)
        p_value = statistics.cluster_sign_flip(gain, clusters, seed)
        table = table.assign(
            repeats=len(repeats),
            spread=[statistics.mean_sd(values)[1] for values in by_repeat],
            n_correct=int((repeats[0] == y_true).sum()),
            n=len(y_true),
            p_value=np.where(table["measure"] == "top1", p_value, np.nan),
        )
        table.insert(0, "method", method)
        table.insert(1, "strength", strength)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def interval(table: pd.DataFrame, name: str) -> pd.Series:
    """The columns `name`, `<name>_low`, `<name>_high` as tuples (value, low, high); nan where undefined."""
    tuples = table[[name, f"{name}_low", f"{name}_high"]].apply(tuple, axis="columns")
    return tuples.where(table[name].notna())


def with_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Scores of `compare` as tuples (value, low, high): index `method`, `strength`; columns `MEASURES`."""
    scores = table.rename(columns={"low": "value_low", "high": "value_high"})
    scores["score"] = interval(scores, "value")
    by_model = scores.pivot(index=["method", "strength"], columns="measure", values="score")
    return by_model.loc[table["method"].unique(), list(MEASURES)]


def price(table: pd.DataFrame) -> pd.DataFrame:
    """What corrections bring and cost in recorded runs: one row per corpus, split and method.

    `table`: rows of `compare` of one or several runs, with the columns `corpus` and `split` too; without rows
    it is returned as it is. Columns: `n` (test videos of all runs), `videos` (by how many of them the number
    of correct answers differs from the plain model's, a mean over repeats), `macro_f1` and
    `balanced_accuracy` (differences, -1..1, means over the runs).
    """
    if table.empty:
        return table
    table = table[table["method"] != PLAIN]
    by = ["corpus", "split", "method"]
    top1 = table[table["measure"] == "top1"]
    answers = (
        top1.assign(videos=top1["difference"] * top1["n"]).groupby(by, sort=False)[["n", "videos"]].sum()
    )
    means = table.groupby([*by, "measure"], sort=False)["difference"].mean().unstack()
    return answers.join(means[["macro_f1", "balanced_accuracy"]]).reset_index()


def against_plain(
    y_true: ArrayLike,
    predicted: ArrayLike,
    plain: ArrayLike,
    clusters: ArrayLike,
    seed: int,
    resamples: int = 2_000,
) -> pd.DataFrame:
    """Scores of a method and their differences from the uncorrected model, with 95 % bootstrap intervals.

    `y_true`, `plain`: (n,) labels; `predicted`: (repeats, n) labels, whose mean score counts. `clusters`:
    (n,) labels, such as channels, that are drawn whole, the same for both models: for top-1 from all videos,
    for the measures that count each category the same from the videos of each category, so that none is
    lacking. Returns one row for each of `MEASURES`: `measure`, `value`, `low`, `high`, `difference`,
    `difference_low`, `difference_high`. Raises ValueError for unequal shapes or fewer than two clusters.
    """
    y_true, predicted, plain = np.asarray(y_true), np.atleast_2d(predicted), np.asarray(plain)
    if not y_true.shape == plain.shape == predicted.shape[1:]:
        raise ValueError(
            f"all must be of the same videos; got shapes {y_true.shape}, {predicted.shape} and {plain.shape}"
        )
    drawn = statistics.drawn_counts(statistics.units(len(y_true), clusters), seed, resamples)
    within = statistics.drawn_counts_within(y_true, clusters, seed, resamples)

    def scores(predicted: np.ndarray) -> np.ndarray:
        """Of the videos themselves, then of the resamples: (3, 1 + resamples)."""
        of_all, of_each = (
            _scores(np.vstack([np.ones(len(y_true)), times]), y_true, predicted) for times in (drawn, within)
        )
        return np.vstack([of_all[:1], of_each[1:]])  # top-1, then the two that weigh categories the same

    base = scores(plain)
    values = np.mean([scores(repeat) for repeat in predicted], axis=0)
    gains = np.round(values - base, 12) + 0.0  # no difference is 0, not -1e-17
    table = {"measure": MEASURES}
    for name, prefix, of in (("value", "", values), ("difference", "difference_", gains)):
        low, high = statistics.percentile_interval(of[:, 1:])
        table |= {name: of[:, 0], f"{prefix}low": low, f"{prefix}high": high}
    return pd.DataFrame(table)


def _scores(times: np.ndarray, y_true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Top-1, macro F1 and balanced accuracy, (3, r), of r resamples with each video `times` (r, n)."""
    truth, answer = np.eye(N_CATEGORIES)[y_true], np.eye(N_CATEGORIES)[predicted]
    n_correct, support, n_predicted = times @ (truth * answer), times @ truth, times @ answer
    with np.errstate(invalid="ignore"):  # 0 / 0: a category without videos, or without predictions either
        recall, f1 = n_correct / support, 2 * n_correct / (support + n_predicted)
    return np.array(
        [n_correct.sum(axis=1) / times.sum(axis=1), np.nanmean(f1, axis=1), np.nanmean(recall, axis=1)]
    )
