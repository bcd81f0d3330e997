"""How long the recorded runs took, from their manifests."""

import pandas as pd

from ytcat.reference_runs import read_all
from ytcat.views import MODELS


def by_chapter() -> pd.DataFrame:
    """One row per corpus and chapter with recorded runs, over all splits and seeds.

    Columns: `corpus`, `chapter`, `models` (keys of the models that a run trains and tests, in the order of
    `ytcat.views.MODELS`), `runs`, `n_train` (videos, mean), `seconds` (of a run, median) with `least` and
    `most`, and `processor`. A manifest has one time for the whole chapter: it tells neither training from
    prediction nor one model of the chapter from another; `by_model` does.
    """
    rows = []
    for reference in read_all():
        table = pd.DataFrame(reference.manifest["runs"])
        for chapter, runs in table.groupby("chapter"):
            trained = {runs["model"].iloc[0], *runs["baselines"].iloc[0]} & reference.results.keys()
            rows.append(
                {
                    "corpus": reference.name,
                    "chapter": chapter,
                    "models": [model for model in MODELS if model in trained],
                    "runs": len(runs),
                    "n_train": runs["n_train"].mean(),
                    "seconds": runs["seconds"].median(),
                    "least": runs["seconds"].min(),
                    "most": runs["seconds"].max(),
                    "processor": ", ".join(sorted(set(runs["processor"]))),
                }
            )
    return pd.DataFrame(rows)


def by_model() -> pd.DataFrame:
    """One row per corpus and model whose runs were timed, over all splits and seeds.

    Columns: `corpus`, `model` (a key of `ytcat.views.MODELS`), `runs`, and the seconds of a run, median, in
    `training` and `prediction` (of all its test videos): see `RunWriter.timed`. Runs recorded before models
    were timed are left out.
    """
    times = [
        {"corpus": reference.name, "model": model} | seconds
        for reference in read_all()
        for run in reference.manifest["runs"]
        for model, seconds in run.get("seconds_by_model", {}).items()
    ]
    if not times:
        return pd.DataFrame(columns=["corpus", "model", "runs", "training", "prediction"])
    by_model = pd.DataFrame(times).groupby(["corpus", "model"], sort=False)
    return by_model[["training", "prediction"]].median().assign(runs=by_model.size()).reset_index()
