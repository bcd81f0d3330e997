"""Two models that no chapter trains, recorded as the rank that each gives to the true category of a video.

Their tables hold one row per video: `row` (in the corpus), `answer` (a YouTube category id), `rank` (1 if the
answer is true), and of a trained model `split` and `fold`. Every figure here is computed from them.
"""

import numpy as np
import pandas as pd

from ytcat.categories import IDS
from ytcat.evaluation.statistics import bootstrap_ratio, paired_bootstrap
from ytcat.reference_runs import ReferenceRuns, read_all
from ytcat.runs import correct
from ytcat.views import SPLITS

ZERO_SHOT, ENLARGED_PROBE = "zero_shot", "enlarged_probe"
LABELS = {
    ZERO_SHOT: "MiniLM against the category names, no training",
    ENLARGED_PROBE: "Linear probe, bars cropped and enlarged",
}
# What each change of the thumbnail's model brings: from, to. Both probes learn from the training videos, the
# kernel from the validation videos too.
STEPS = {
    "bars cropped, picture enlarged": ("linear_probe", ENLARGED_PROBE),
    "four layers, mirrored pictures, kernel, validation videos too": (ENLARGED_PROBE, "thumbnail_kernel"),
}


def ranks_table(rows: np.ndarray, truth: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    """The columns `row`, `answer` and `rank`, from rows (n,), true labels (n,) and scores (n, 14)."""
    of_truth = scores[np.arange(len(truth)), truth]
    columns = {
        "row": rows,
        "answer": np.array(IDS)[scores.argmax(axis=1)],
        "rank": (scores > of_truth[:, np.newaxis]).sum(axis=1) + 1,
    }
    return pd.DataFrame(columns)


def accuracies() -> pd.DataFrame:
    """One row per corpus, split and extra model on the test videos of the recorded runs.

    Columns: `corpus`, `split`, `model` (a key of `LABELS`), `n_videos`, `top1` and `top5` with their 95 %
    intervals, for which channels are drawn: `top1_low`, ...
    """
    rows = []
    for reference in read_all():
        for split in SPLITS:
            for model in LABELS:
                videos = _ranks(reference, model, split)
                about = {"corpus": reference.name, "split": split, "model": model, "n_videos": len(videos)}
                if len(videos):
                    rows.append(about | _top(videos, 1) | _top(videos, 5))
    return pd.DataFrame(rows)


def thumbnail_steps() -> pd.DataFrame:
    """What each of `STEPS` adds to the top-1 of a model of the thumbnail, on the same test videos.

    One row per corpus, split and step: `corpus`, `split`, `step`, top-1 `before` and `after`, their
    `difference` with its 95 % interval `low`, `high`, for which channels are drawn. Splits that lack one of
    the two models are left out.
    """
    rows = []
    for reference in read_all():
        for split in SPLITS:
            for step, models in STEPS.items():
                before, after = (_correct(reference, model, split) for model in models)
                both = pd.concat([before, after], axis=1, join="inner", keys=["before", "after"])
                if len(both):
                    channels = both.index.get_level_values("channel")
                    interval = paired_bootstrap(both["after"], both["before"], seed=0, clusters=channels)
                    about = {"corpus": reference.name, "split": split, "step": step}
                    figures = zip(("difference", "low", "high"), interval, strict=True)
                    rows.append(about | both.mean().to_dict() | dict(figures))
    return pd.DataFrame(rows)


def _ranks(reference: ReferenceRuns, model: str, split: str) -> pd.DataFrame:
    """`row`, `channel` and `rank` of the test videos of a split, each once; empty if nothing is recorded."""
    path, models = reference.folder / f"{model}.csv", reference.models(split)
    if not path.is_file() or not models:
        return pd.DataFrame(columns=["row", "channel", "rank"])
    tests = reference.predictions(models[-1], split)[["split", "fold", "row", "channel"]].drop_duplicates()
    ranks = pd.read_csv(path)
    return tests.merge(ranks, on=[name for name in ("split", "fold", "row") if name in ranks])


def _top(videos: pd.DataFrame, k: int) -> dict[str, float]:
    share = bootstrap_ratio(videos["rank"] <= k, np.ones(len(videos)), seed=0, clusters=videos["channel"])
    return dict(zip((f"top{k}", f"top{k}_low", f"top{k}_high"), share, strict=True))


def _correct(reference: ReferenceRuns, model: str, split: str) -> pd.Series:
    """The share of seeds with which a model is correct, by row and channel, of the test videos of a split."""
    if model in LABELS:
        videos = _ranks(reference, model, split)
        answered = videos.assign(correct=videos["rank"] == 1)
    else:
        videos = reference.predictions(model, split)
        answered = videos[["row", "channel"]].assign(correct=correct(videos).to_numpy())
    return answered.groupby(["row", "channel"])["correct"].mean().astype(float)
