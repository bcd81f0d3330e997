"""A remedy for class imbalance along its strengths: what it brings and what it costs, on a slider."""

import ipywidgets
import pandas as pd

from ytcat.explore.bars import bars

PLAIN_STRENGTH = 0.0  # with which each method is the uncorrected model


def trade_off(paths: pd.DataFrame, categories: pd.DataFrame) -> ipywidgets.VBox:
    """A choice of the method and a slider of the strength; below them the scores and each category's recall.

    `paths`: one row per `method` and `strength`, with scores 0..1 in the other columns, whose names are shown
    as they are. `categories`: one row
    per method, strength and `category`, and perhaps repeat, with `n_correct` of `support` videos. The
    uncorrected model is the one with strength 0. Raises ValueError if there is no other.
    """
    plain = paths[paths["strength"] == PLAIN_STRENGTH].iloc[0]
    corrected = paths[paths["strength"] > PLAIN_STRENGTH]
    if corrected.empty:
        raise ValueError("no method has a strength above 0")
    strengths = corrected.groupby("method", sort=False)["strength"].apply(sorted).to_dict()
    measures = [name for name in paths.columns if name not in ("method", "strength")]
    sums = categories.groupby(["method", "strength", "category"], sort=False)[["n_correct", "support"]].sum()
    recall = (sums["n_correct"] / sums["support"]).fillna(0.0)
    plain_recall = recall.loc[plain["method"], PLAIN_STRENGTH]

    method = ipywidgets.Dropdown(options=list(strengths), description="Method")
    slider = ipywidgets.SelectionSlider(
        options=[PLAIN_STRENGTH], description="Strength", layout={"width": "95%"}
    )
    shown = ipywidgets.HTML()

    def choose(_: object = None) -> None:
        slider.options = [PLAIN_STRENGTH, *strengths[method.value]]
        update()

    def update(_: object = None) -> None:
        name = method.value if slider.value else plain["method"]
        at = (paths["method"] == name) & (paths["strength"] == slider.value)
        scores = paths[at].iloc[0]
        lines = "".join(
            f"<li>{measure}: {scores[measure]:.1%} "
            f"({100 * (scores[measure] - plain[measure]):+.1f} points)</li>"
            for measure in measures
        )
        of_category = recall.loc[name, slider.value]
        rows = list(zip(of_category.index, of_category, strict=True))
        beside = plain_recall.loc[of_category.index].tolist()
        shown.value = (
            f"<ul>{lines}</ul><p>Recall of each category; the line marks the uncorrected model.</p>"
            + bars(rows, beside)
        )

    method.observe(choose, "value")
    slider.observe(update, "value")
    choose()
    return ipywidgets.VBox([method, slider, shown]).add_class("ytcat-trade-off")
