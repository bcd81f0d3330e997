"""The parameters of the notebooks: their names, types and ranges, checked before any kernel starts."""

import ast
import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
import yaml
from pydantic import Field

from ytcat.exceptions import YtcatError
from ytcat.fingerprints import code_cells
from ytcat.report.chapters import Chapter

TYPES = {"int": int, "float": float, "bool": bool, "str": str}
_COUNT = Annotated[int, Field(ge=1)]
_RATE = Annotated[float, Field(gt=0, le=1)]
# What a parameter may be, beyond its type; a name means the same in every notebook.
RANGES: dict[str, Any] = {
    "split": Literal["slides", "channel", "time"],
    "fold": Annotated[int, Field(ge=0, le=4)],
    "limit": Annotated[int, Field(ge=0)],
    **dict.fromkeys(("seed", "plan_seed"), Annotated[int, Field(ge=0, lt=2**32)]),
    "patience": Annotated[int, Field(ge=0)],
    "dropout": Annotated[float, Field(ge=0, lt=1)],
    "side": Annotated[int, Field(ge=71, le=102)],  # Xception's least, and what leaves it 3 x 3 places
    "cv_folds": Annotated[int, Field(ge=2)],
} | dict.fromkeys(("learning_rate", "head_learning_rate"), _RATE)
RANGES |= dict.fromkeys(
    (
        *("epochs", "head_epochs", "joint_epochs", "batch_size"),
        *("shown", "min_videos", "repeats", "resamples", "halvings", "length"),
    ),
    _COUNT,
)


def check(chapter: Chapter, given: dict[str, Any], where: str) -> dict[str, Any]:
    """The given parameters with the types that the chapter's parameter cell declares.

    Papermill itself only warns of an unknown name. Raises YtcatError that names `where`, the chapter,
    the parameter and the nearest right name, or the value and what it may be.
    """
    declared = _declared(chapter.notebook)
    checked = {}
    for name, value in given.items():
        if name not in declared:
            raise YtcatError(f"{where}: {chapter.name} has no parameter {name!r}. {hint(name, declared)}")
        type_name = declared[name]
        try:
            # First the type alone: "3" for an int is a mistake, 0 for a float is none.
            typed = pydantic.TypeAdapter(TYPES[type_name]).validate_python(value, strict=True)
        except pydantic.ValidationError as error:
            raise YtcatError(
                f"{where}: {chapter.name} wants {name}: {type_name}, got {value!r} ({type(value).__name__})."
            ) from error
        try:
            checked[name] = pydantic.TypeAdapter(RANGES.get(name, Any)).validate_python(typed)
        except pydantic.ValidationError as error:
            wanted = error.errors()[0]["msg"].replace("Input should", "it should")
            raise YtcatError(f"{where}: {chapter.name} got {name} = {value!r}, but {wanted}.") from error
    return checked


def from_texts(texts: Iterable[str]) -> dict[str, Any]:
    """Parameters given as `name=value`, the value in YAML; raises YtcatError for another form."""
    given = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise YtcatError(f"{text!r} is no parameter: give it as name=value.")
        try:
            given[name.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise YtcatError(f"The value of {text!r} cannot be read: put it in quotes.") from error
    return given


def hint(wrong: str, right: Iterable[str]) -> str:
    """The nearest right name as a question, or all of them."""
    right = list(right)
    near = difflib.get_close_matches(str(wrong), right, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"There is: {', '.join(right)}."


def _declared(notebook: Path) -> dict[str, str]:
    """The type of each parameter by name: the cell tagged `parameters` is lines `name: type = default`."""
    cell = next(source for source, tags in code_cells(notebook) if "parameters" in tags)
    lines = [line for line in ast.parse(cell).body if isinstance(line, ast.AnnAssign)]
    return {ast.unparse(line.target): ast.unparse(line.annotation) for line in lines}
