"""Finished full runs gathered into `book/recorded/<corpus>/`."""

import json
from typing import Any

import pandas as pd

from ytcat import paths, runs
from ytcat.corpus import Corpus
from ytcat.errors import YtcatError
from ytcat.files import atomic_write, sha256_file
from ytcat.recorded import COLUMNS, FOLDER, HISTORY, MANIFEST, PREDICTIONS, RESULTS, RUN, Recorded
from ytcat.recorded.summary import summarize

# What is recorded of each chapter: its model, and those of its baselines that no other chapter records.
CHAPTERS = {"03_image_model": "image", "04_text_model": "text", "05_fusion": "fusion"}
BASELINES = {
    "03_image_model": {"Linear probe": "linear_probe"},
    "04_text_model": {
        "Majority class": "majority",
        "Stratified guess": "stratified_guess",
        "TF-IDF, linear": "tfidf",
    },
    "05_fusion": {},
}
# What runs whose figures are averaged must have in common, beside the corpus and the parameters.
_SAME = ("code", "lock")


def record(corpus: Corpus, profile: str = "full") -> Recorded:
    """Store a corpus's finished runs under a profile, all seeds and splits, in `book/recorded/<corpus>/`.

    Runs of an earlier state of the corpus are left out. Raises YtcatError if there are none, if the corpus
    is synthetic, or if runs to be averaged differ in code, lock file or a parameter other than split, fold
    and seed.
    """
    if corpus.synthetic:
        raise YtcatError("The demo corpus is synthetic: only runs on real videos are recorded.")
    found = _finished(corpus, profile)
    if not found:
        raise YtcatError(
            f"There is no finished {profile} run of {corpus.name} below {paths.build_folder() / 'results'}: "
            f"run `make notebooks CORPUS=... PROFILE={profile}` first."
        )
    _check_same(found)
    folder = FOLDER / corpus.name
    folder.mkdir(parents=True, exist_ok=True)
    _predictions(found).to_parquet(folder / PREDICTIONS, index=False, compression="zstd")
    _histories(found).to_csv(folder / HISTORY, index=False)
    manifest = {"corpus": corpus.name, "corpus_sha256": corpus.sha256, "runs": [_about(run) for run in found]}
    results = summarize(pd.read_parquet(folder / PREDICTIONS), manifest["runs"])
    atomic_write(folder / RESULTS, to_json(results))
    manifest["sha256"] = {name: sha256_file(folder / name) for name in (RESULTS, PREDICTIONS, HISTORY)}
    atomic_write(folder / MANIFEST, to_json(manifest))
    return Recorded(folder)


def to_json(data: Any) -> str:
    """JSON as it is stored: indented, and no value that is not a number."""
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _finished(corpus: Corpus, profile: str) -> list[runs.Run]:
    found = []
    for results in sorted((paths.build_folder() / "results").glob(f"{corpus.name}-{profile}-*")):
        for chapter in CHAPTERS:
            run = runs.finished(results, chapter)
            if run and "top1" in run.metrics and run.manifest["sha256"]["corpus"] == corpus.sha256:
                found.append(run)
    return found


def _check_same(found: list[runs.Run]) -> None:
    first: dict[str, runs.Run] = {}
    for run in found:
        chapter = run.manifest["chapter"]
        other = first.setdefault(chapter, run)
        different = [name for name in _SAME if run.manifest["sha256"][name] != other.manifest["sha256"][name]]
        ours, theirs = run.manifest["parameters"], other.manifest["parameters"]
        names = sorted(ours.keys() | theirs.keys())
        different += [name for name in names if name not in RUN and ours.get(name) != theirs.get(name)]
        if different:
            raise YtcatError(
                f"{run.folder} and {other.folder} differ in {', '.join(different)}, so their figures cannot "
                "be averaged: run one of them again, or remove it."
            )


def _predictions(found: list[runs.Run]) -> pd.DataFrame:
    tables = []
    for run in found:
        chapter = run.manifest["chapter"]
        tables.append(_marked(run, run.predictions.assign(model=CHAPTERS[chapter])))
        others = pd.read_parquet(run.folder / "baselines.parquet")
        names = BASELINES[chapter]
        tables.append(_marked(run, others[others["model"].isin(names)].replace({"model": names})))
    together = pd.concat(tables, ignore_index=True)[COLUMNS]
    return together.sort_values(["model", *RUN, "row"], ignore_index=True)


def _marked(run: runs.Run, table: pd.DataFrame) -> pd.DataFrame:
    parameters = run.manifest["parameters"]
    return table.assign(**{name: parameters[name] for name in RUN})


def _histories(found: list[runs.Run]) -> pd.DataFrame:
    tables = [
        _marked(run, run.history.assign(model=CHAPTERS[run.manifest["chapter"]])).set_index(["model", *RUN])
        for run in found
    ]
    return pd.concat(tables).sort_index(kind="stable").reset_index()


def _about(run: runs.Run) -> dict[str, Any]:
    """What is kept of a run beside its predictions and history."""
    manifest, found = run.manifest, run.metrics
    kept = {name: found[name] for name in ("n_train", "overlap", "kept_phase") if name in found}
    where = {name: manifest["parameters"][name] for name in RUN}
    chapter = manifest["chapter"]
    models = {"model": CHAPTERS[chapter], "baselines": list(BASELINES[chapter].values())}
    return models | where | kept | manifest
