"""What heeding rare categories costs and brings: top-1 against macro F1 and balanced accuracy."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.evaluation import metrics
from ytcat.evaluation.statistics import mcnemar_exact, mean_sd, wilson

TITLES = {"top1": "Top-1", "macro_f1": "Macro F1", "balanced_accuracy": "Balanced accuracy"}
MEASURES = tuple(TITLES)
PLAIN = "Plain"  # the method of the model that heeds no category's size
COST = 0.01  # of top-1 on the videos that choose: what may be lost for a better macro F1


class Point(NamedTuple):
    """One model on a method's path from the plain one."""

    method: str  # `PLAIN`, or one of `methods.METHODS`
    strength: float
    repeat: int  # which draw of a random method; 0 for the others


def measured(found: Mapping[Point, np.ndarray], y_true: np.ndarray, part: str) -> pd.DataFrame:
    """One row a point: `method`, `strength`, `part`, `repeat`, `right`, `n`, `macro_f1`, `balanced_accuracy`.

    `found`: answers (n,) labels, by point. `y_true`: (n,) labels. `part`: on which videos, for the table.
    """
    rows = []
    for point, answers in found.items():
        matrix = metrics.confusion(y_true, answers)
        rows.append(
            {
                "method": point.method,
                "strength": point.strength,
                "part": part,
                "repeat": point.repeat,
                "n_correct": int(np.trace(matrix)),
                "n": int(matrix.sum()),
                "macro_f1": metrics.macro_f1(matrix),
                "balanced_accuracy": metrics.balanced_accuracy(matrix),
            }
        )
    return pd.DataFrame(rows)


def by_category(found: Mapping[Point, np.ndarray], y_true: np.ndarray) -> pd.DataFrame:
    """One row a point and category: `method`, `strength`, `repeat`, `category` and three numbers of videos.

    `support`: those of the category; `answered`: those taken for it; `right`: both. Arguments as `measured`.
    """
    tables = []
    for point, answers in found.items():
        matrix = metrics.confusion(y_true, answers)
        counts = {
            "n_correct": matrix.diagonal(),
            "support": matrix.sum(axis=1),
            "answered": matrix.sum(axis=0),
        }
        tables.append(pd.DataFrame(point._asdict() | {"category": NAMES} | counts))
    return pd.concat(tables, ignore_index=True)


def with_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """`by_category` with `recall`, `precision` and their 95 % Wilson limits (`recall_low`, ...).

    nan where undefined: the recall of a category without videos, the precision of one never answered.
    """
    table = counts.copy()
    for share, of in (("recall", "support"), ("precision", "answered")):
        limits = [
            wilson(k, n) if n else (np.nan, np.nan)
            for k, n in zip(table["n_correct"], table[of], strict=True)
        ]
        table[share] = table["n_correct"] / table[of].where(table[of] > 0)
        table[[f"{share}_low", f"{share}_high"]] = np.reshape(limits, (-1, 2))
    return table


def paths(points: pd.DataFrame) -> pd.DataFrame:
    """Each method's path: mean `top1`, `macro_f1`, `balanced_accuracy` over repeats by `method`, `strength`.

    `points` as from `measured`. In the order of first appearance, the plain model in front.
    """
    shares = points.assign(top1=points["n_correct"] / points["n"])
    return shares.groupby(["method", "strength"], sort=False)[list(MEASURES)].mean().reset_index()


def choose(points: pd.DataFrame, cost: float = COST) -> dict[str, float]:
    """The strength of each method with the highest macro F1 of those losing at most `cost` of top-1.

    `points` as from `measured`, the plain model among them, against which the loss counts. The weaker of
    equals; 0.0, the plain model itself, where no strength beats its macro F1 at that price.
    """
    by_method = dict(list(paths(points).groupby("method", sort=False)))
    plain = by_method.pop(PLAIN)
    chosen = {}
    for method, path in by_method.items():
        path = pd.concat([plain, path.sort_values("strength")])
        # In whole videos there is no rounding: a loss of exactly `cost` is allowed.
        affordable = path[path["top1"] >= plain["top1"].item() - cost - 1e-12]
        chosen[method] = float(
            affordable.loc[affordable["macro_f1"] == affordable["macro_f1"].max(), "strength"].iloc[0]
        )
    return chosen


def repeats_of(found: Mapping[Point, np.ndarray], method: str, strength: float) -> np.ndarray:
    """The answers of a method at a strength, (repeats, n); at strength 0 it is the plain model."""
    name = method if strength else PLAIN
    return np.array([a for point, a in found.items() if point[:2] == (name, strength)])


def compared(
    found: Mapping[Point, np.ndarray],
    chosen: Mapping[str, float],
    y_true: np.ndarray,
    seed: int,
    clusters: np.ndarray | None = None,
) -> pd.DataFrame:
    """The plain model and each method at its chosen strength: one row a method and measure.

    The columns of `against_plain`, and `method`, `strength`, `repeats`, `spread` (standard deviation of the
    value over the repeats, nan for one); of the first repeat `right`, `n`, and on the rows of top-1 `p_value`
    of McNemar's exact test against the plain model. `y_true` (n,), `clusters` as `against_plain`.
    """
    plain = found[Point(PLAIN, 0.0, 0)]
    tables = []
    for method, strength in {PLAIN: 0.0, **chosen}.items():
        answers = repeats_of(found, method, strength)
        table = against_plain(y_true, answers, plain, seed, clusters=clusters)
        once = np.ones((1, len(y_true)))
        by_repeat = np.hstack([_scores(once, y_true, repeat) for repeat in answers])
        right = answers[0] == y_true
        p_value = mcnemar_exact(right, plain == y_true)
        table = table.assign(
            repeats=len(answers),
            spread=[mean_sd(values)[1] for values in by_repeat],
            right=int(right.sum()),
            n=len(y_true),
            p_value=np.where(table["measure"] == "top1", p_value, np.nan),
        )
        table.insert(0, "method", method)
        table.insert(1, "strength", strength)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def over_runs(table: pd.DataFrame) -> pd.DataFrame:
    """ReferenceRuns tables of `compared`, summed up over the runs: one row a corpus, split, method and measure.

    `runs` (folds and seeds), means of `value` and `difference`, the `least` and `most` difference, and in how
    many runs the difference's interval lies `above` 0 or `below` it.
    """
    table = table.assign(above=table["difference_low"] > 0, below=table["difference_high"] < 0)
    return (
        table.groupby(["corpus", "split", "method", "measure"], sort=False)
        .agg(
            runs=("value", "size"),
            value=("value", "mean"),
            difference=("difference", "mean"),
            least=("difference", "min"),
            most=("difference", "max"),
            above=("above", "sum"),
            below=("below", "sum"),
        )
        .reset_index()
    )


def against_plain(
    y_true: ArrayLike,
    answers: ArrayLike,
    plain: ArrayLike,
    seed: int,
    resamples: int = 2_000,
    clusters: ArrayLike | None = None,
) -> pd.DataFrame:
    """A method's scores and their differences from the plain model's, with 95 % bootstrap intervals.

    `y_true`, `plain`: (n,) labels; `answers`: (repeats, n) labels, whose mean score counts. The videos are
    resampled, the same for both models, or whole `clusters` (n,), such as channels. A category that a
    resample lacks is left out of its means, as in `metrics`. The intervals are percentiles: Efron and
    Tibshirani (1993), "An Introduction to the Bootstrap", ch. 13. Returns one row for each of `MEASURES`:
    `measure`, `value`, `low`, `high`, `difference`, `difference_low`, `difference_high`. Raises ValueError
    for unequal shapes or fewer than two units.
    """
    y_true, answers, plain = np.asarray(y_true), np.atleast_2d(answers), np.asarray(plain)
    unit = np.arange(len(y_true)) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    if not (y_true.shape == plain.shape == answers.shape[1:] == unit.shape):
        raise ValueError(
            f"all must be of the same videos; got shapes {y_true.shape}, {answers.shape}, {plain.shape} and "
            f"{unit.shape}"
        )
    n_units = int(unit.max()) + 1
    if n_units < 2:
        raise ValueError("a bootstrap needs at least two videos, or two clusters")
    # How often each resample has each video; in the first row once each, the data themselves.
    drawn = np.random.default_rng(seed).multinomial(n_units, np.full(n_units, 1 / n_units), resamples)
    times = np.vstack([np.ones(len(y_true)), drawn[:, unit]])
    base = _scores(times, y_true, plain)
    scores = np.mean([_scores(times, y_true, repeat) for repeat in answers], axis=0)
    gains = np.round(scores - base, 12) + 0.0  # no difference is 0, not -1e-17 of one
    rows = []
    for measure, of_method, gain in zip(MEASURES, scores, gains, strict=True):
        row = {"measure": measure}
        for name, values in (("", of_method), ("difference", gain)):
            low, high = np.percentile(values[1:], [2.5, 97.5])
            stem = f"{name}_" if name else ""
            row |= {name or "value": float(values[0]), f"{stem}low": float(low), f"{stem}high": float(high)}
        rows.append(row)
    return pd.DataFrame(rows)


def _scores(times: np.ndarray, y_true: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Top-1, macro F1 and balanced accuracy, (3, r), each video counting `times` (r, n)."""
    truth, answered = np.eye(N_CATEGORIES)[y_true], np.eye(N_CATEGORIES)[answers]
    right, support, given = times @ (truth * answered), times @ truth, times @ answered
    with np.errstate(invalid="ignore"):  # 0 / 0: a category without videos, or one not answered either
        recall, f1 = right / support, 2 * right / (support + given)
    return np.array(
        [right.sum(axis=1) / times.sum(axis=1), np.nanmean(f1, axis=1), np.nanmean(recall, axis=1)]
    )
