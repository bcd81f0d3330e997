"""The learning curves of the reference runs, and what they forecast."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from ytcat.future_directions.more_data import learning_curves, power_law, title_curves
from ytcat.reference_runs import ReferenceRuns, read_all
from ytcat.views import SPLITS, VIEWS

MULTIPLES = (1, 2, 4, 10)  # of the training videos
HELD_OUT_DOUBLINGS = (1, 2)


class RecordedCurve(NamedTuple):
    """The learning curve of a view on a split of a corpus, over all folds."""

    corpus: str
    split: str
    view: str
    correct: dict[int, np.ndarray]  # by number of training videos (mean over folds): (repeats, n_test) bool
    channels: np.ndarray  # (n_test,) int, of the test videos of all folds

    @property
    def about(self) -> dict[str, str]:
        """What tells the curve apart: `corpus`, `split`, `view`."""
        return {"corpus": self.corpus, "split": self.split, "view": self.view}


def read_curves() -> list[RecordedCurve]:
    """The recorded learning curves that say which test videos are classified correctly.

    Those of the chapter's runs, and those of `title_curves` for splits of which no run is recorded. Folds are
    joined: their models were trained on almost as many videos, and no test video is in two of them.
    """
    curves = {}
    for reference in read_all():
        for curve in (*_of_titles(reference), *_of_runs(reference)):
            curves[tuple(curve.about.values())] = curve
    views, splits = list(VIEWS), list(SPLITS)
    return sorted(
        curves.values(),
        key=lambda curve: (curve.corpus, views.index(curve.view), splits.index(curve.split)),
    )


def _of_runs(reference: ReferenceRuns) -> list[RecordedCurve]:
    path = reference.folder / "learning_curve_videos.csv"
    if not path.is_file():
        return []
    models = pd.read_csv(reference.folder / "learning_curve.csv")
    return _curves(reference, pd.read_csv(path), models.set_index(["split", "view", "halvings"])["n_train"])


def _of_titles(reference: ReferenceRuns) -> list[RecordedCurve]:
    path = reference.folder / f"{title_curves.TABLE}.csv"
    if not path.is_file():
        return []
    videos, parts = pd.read_csv(path), pd.read_csv(reference.folder / "splits.csv")
    train = parts[parts["part"] == "train"].set_index("split")["videos"]
    halved = {int(name.split()[1].rstrip(",")) for name in videos.filter(like="halved")}
    n_train = pd.concat({("title", halvings): train // 2**halvings for halvings in halved})
    n_train = n_train.rename_axis(["view", "halvings", "split"])
    return _curves(reference, videos, n_train)


def _curves(reference: ReferenceRuns, videos: pd.DataFrame, n_train: pd.Series) -> list[RecordedCurve]:
    """The curves of `learning_curves.per_video` tables of all folds.

    `n_train`: training videos of each fold, by `split`, `view` and `halvings`; their mean tells the size.
    """
    sizes = n_train.groupby(level=["split", "view", "halvings"]).mean().round().astype(int)
    curves = []
    for (split, view), table in videos.groupby(["split", "view"], sort=False):
        if table["row"].duplicated().any():  # several seeds of one split: the first
            table = table[table["seed"] == table["seed"].min()]
        correct = {
            int(n): table.filter(regex=f"^halved {halvings}, ").to_numpy(dtype=bool).T
            for halvings, n in sizes[split, view].sort_values().items()
        }
        channels = reference.channels[table["row"]].to_numpy()
        curves.append(RecordedCurve(reference.name, split, view, correct, channels))
    return curves


def accuracies(curves: Sequence[RecordedCurve]) -> pd.DataFrame:
    """`learning_curves.by_size` of each curve, with `corpus`, `split` and `view`."""
    tables = [
        learning_curves.by_size(curve.correct, curve.channels).assign(**curve.about) for curve in curves
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def forecasts(curves: Sequence[RecordedCurve], resamples: int = 200) -> pd.DataFrame:
    """What `MULTIPLES` of the training videos would bring: `power_law.forecast`, one row per multiple.

    With `corpus`, `split`, `view` and `multiple`. Takes about half a second per curve.
    """
    tables = []
    for curve in curves:
        most = max(curve.correct)
        at = [multiple * most for multiple in MULTIPLES]
        table = power_law.forecast(curve.correct, at, curve.channels, 0, resamples)
        tables.append(table.assign(multiple=MULTIPLES, **curve.about))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def held_out(curves: Sequence[RecordedCurve], resamples: int = 200) -> pd.DataFrame:
    """How far forecasts of the largest size miss what was measured: one row per curve and hidden doublings.

    Columns: `corpus`, `split`, `view`, `doublings` (of the training videos, forecast), then those of
    `power_law.HeldOutForecast`.
    """
    rows = []
    for curve in curves:
        for doublings in HELD_OUT_DOUBLINGS:
            if len(curve.correct) - doublings >= power_law.MIN_SIZES:
                found = power_law.forecast_held_out(curve.correct, curve.channels, 0, resamples, doublings)
                rows.append(curve.about | {"doublings": doublings} | found._asdict())
    return pd.DataFrame(rows)
