"""Profiles: the parameters of all chapters for one purpose, checked before any kernel starts.

A profile is `notebooks/profiles/<name>.yaml`: a mapping from a chapter to its parameters; `all` holds
those that every chapter shares.
"""

import difflib
from collections.abc import Iterable
from typing import Any

import papermill
import pydantic
import yaml

from ytcat import paths
from ytcat.errors import YtcatError
from ytcat.report.chapters import CHAPTERS, Chapter

TYPES = {"int": int, "float": float, "bool": bool, "str": str}
SHARED = "all"


def load_profile(name: str) -> dict[str, dict[str, Any]]:
    """The parameters of every chapter under a profile, checked against the notebooks.

    Raises YtcatError for an unknown profile, chapter or parameter, or a value of the wrong type.
    """
    known = {path.stem: path for path in sorted(paths.PROFILES.glob("*.yaml"))}
    if name not in known:
        raise YtcatError(f"There is no profile {name!r}. {_hint(name, known)}")
    path = known[name]
    content = yaml.safe_load(path.read_text()) or {}
    chapters = {chapter.name: chapter for chapter in CHAPTERS}
    for key in content:
        if key not in chapters and key != SHARED:
            raise YtcatError(f"{path}: there is no chapter {key!r}. {_hint(key, [*chapters, SHARED])}")
    shared = content.get(SHARED) or {}
    return {
        chapter.name: check_parameters(chapter, shared | (content.get(chapter.name) or {}), str(path))
        for chapter in CHAPTERS
    }


def check_parameters(chapter: Chapter, given: dict[str, Any], where: str) -> dict[str, Any]:
    """The given parameters with the types that the chapter's parameter cell declares.

    Papermill itself only warns of an unknown name. Raises YtcatError that names `where`, the chapter,
    the parameter and the nearest right name.
    """
    declared = papermill.inspect_notebook(str(chapter.notebook))
    checked = {}
    for name, value in given.items():
        if name not in declared:
            raise YtcatError(f"{where}: {chapter.name} has no parameter {name!r}. {_hint(name, declared)}")
        type_name = declared[name]["inferred_type_name"]
        try:
            checked[name] = pydantic.TypeAdapter(TYPES[type_name]).validate_python(value, strict=True)
        except pydantic.ValidationError as error:
            raise YtcatError(
                f"{where}: {chapter.name} wants {name}: {type_name}, got {value!r} ({type(value).__name__})."
            ) from error
    return checked


def _hint(wrong: str, right: Iterable[str]) -> str:
    right = list(right)
    near = difflib.get_close_matches(str(wrong), right, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"There is: {', '.join(right)}."
