"""Profiles: the parameters of all chapters for one purpose, checked before any kernel starts.

A profile is `notebooks/profiles/<name>.yaml`: a mapping from a chapter to its parameters; `all` holds
those that every chapter shares.
"""

from collections.abc import Collection, Iterable
from typing import Any

import yaml

from ytcat import parameters, paths, runs
from ytcat.corpus import Corpus
from ytcat.exceptions import YtcatError
from ytcat.report.chapters import CHAPTERS

SHARED = "all"


def load_profile(name: str) -> dict[str, dict[str, Any]]:
    """The parameters of every chapter under a profile, checked against the notebooks.

    Raises YtcatError for an unknown profile, chapter or parameter, or a value that it may not have.
    """
    known = {path.stem: path for path in sorted(paths.PROFILES.glob("*.yaml"))}
    if name not in known:
        raise YtcatError(f"There is no profile {name!r}. {parameters.hint(name, known)}")
    path = known[name]
    content = yaml.safe_load(path.read_text()) or {}
    chapters = {chapter.name: chapter for chapter in CHAPTERS}
    for key in content:
        if key not in chapters and key != SHARED:
            near = parameters.hint(key, [*chapters, SHARED])
            raise YtcatError(f"{path}: there is no chapter {key!r}. {near}")
    shared = content.get(SHARED) or {}
    return {
        chapter.name: parameters.check(chapter, shared | (content.get(chapter.name) or {}), str(path))
        for chapter in CHAPTERS
    }


def results_folder(
    corpus: Corpus, profile: str, seed: int, split: str, fold: int, changes: Iterable[str] = ()
) -> str:
    """Where a run's results are, below the build folder: the same run, the same folder."""
    part = "" if split == "random" else f"-{split}{fold}"
    mark = "".join(f"-{change}" for change in changes).replace("/", "_")
    return f"results/{corpus.name}-{profile}{part}-{seed}{mark}"


def for_run(
    profile: str, common: dict[str, Any], wanted: Collection[str] | None = None, changes: Iterable[str] = ()
) -> dict[str, dict[str, Any]]:
    """The parameters of every chapter for one run, all but `results`, checked.

    Those of the profile, over them `common` ones (a chapter without a second corpus leaves out `other`), over
    them `changes`, as name=value, of the only chapter that is wanted; what chapters that read each other must
    have in common changes for those that it reads too. Nobody is asked anything: no one sits in front of
    papermill. Raises YtcatError as `load_profile`.
    """
    own = parameters.from_texts(changes)
    shared = {name: value for name, value in own.items() if name in runs.SHARED}
    found = load_profile(profile)
    for chapter in CHAPTERS:
        given = {name: value for name, value in common.items() if name != "other" or chapter.reads_other}
        given |= {"ask": False} if chapter.asks else {}
        given |= own if own and chapter.name in wanted else shared
        found[chapter.name] |= parameters.check(chapter, given, "the command line")
    return found
