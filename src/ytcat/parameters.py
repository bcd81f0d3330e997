"""The parameters of the notebooks: every name, its type and its range, and how a wrong one is refused.

A notebook declares those that it uses as `name: type = default  # help` in its cell tagged `parameters`.
Papermill itself only warns of an unknown name, so values are checked before a kernel starts, and again by
`ytcat.runs.begin`, for plain papermill and JupyterLab.
"""

import ast
import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
import yaml
from pydantic import BeforeValidator, Field

from ytcat.exceptions import YtcatError
from ytcat.fingerprints import code_cells
from ytcat.views import SPLIT_ALIASES, SPLITS

TYPES = {"int": int, "float": float, "bool": bool, "str": str}
PATH_PARAMETERS = ("corpus", "second_corpus", "results")  # where, not what: they change no figure
INJECTED_CELL = "# Parameters"  # how the cell begins that papermill adds


def split_key(name: Any) -> Any:
    """A split by its key, where it is given by an earlier name."""
    return SPLIT_ALIASES.get(name, name)


_SEED = Annotated[int, Field(ge=0, lt=2**32)]
_COUNT = Annotated[int, Field(ge=1)]
_RATE = Annotated[float, Field(gt=0, le=1)]
_SHARE = Annotated[float, Field(ge=0, lt=1)]
# What a parameter may be; a name means the same in every notebook.
KNOWN: dict[str, Any] = (
    dict.fromkeys(("corpus", "second_corpus", "results", "participant", "title", "model"), str)
    | dict.fromkeys(("interactive", "mirrored", "train_batch_normalization"), bool)
    | dict.fromkeys(("seed", "plan_seed"), _SEED)
    | dict.fromkeys(("learning_rate", "head_learning_rate"), _RATE)
    | dict.fromkeys(("limit", "patience"), Annotated[int, Field(ge=0)])
    | dict.fromkeys(("epochs", "head_epochs", "joint_epochs", "batch_size"), _COUNT)
    | dict.fromkeys(("shown", "min_videos", "repeats", "resamples", "halvings", "length"), _COUNT)
    | {
        "split": Annotated[Literal[tuple(SPLITS)], BeforeValidator(split_key)],
        "fold": Annotated[int, Field(ge=0, le=4)],
        "dropout": _SHARE,
        "side": Annotated[int, Field(ge=71, le=102)],  # Xception's least, and what leaves it 3 x 3 places
        "cv_folds": Annotated[int, Field(ge=2)],
    }
)


class Written(str):
    """A value as a person has written it; its type is the one that the parameter is declared with."""

    def typed(self, type_name: str) -> Any:
        """The value as one of `TYPES`, or the text as it is if it is none of that type."""
        text = str(self).strip()
        if type_name == "int" and re.fullmatch(r"[+-]?\d+(_\d+)*", text):
            return int(text)  # 010 is ten
        if type_name == "float" and re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
            return float(text)
        if type_name == "bool":
            return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(
                text.lower(), text
            )
        quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
        return text[1:-1] if quoted else text


class AsWritten(yaml.BaseLoader):
    """Reads YAML without types: YAML 1.1 would take 1e-3 for a text, and 010 for eight."""

    def construct_scalar(self, node: yaml.ScalarNode) -> str:
        """A `Written` value, or the text alone if it is in quotes."""
        text = super().construct_scalar(node)
        return Written(text) if node.style is None else text

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping; raises yaml.YAMLError for a key that comes twice, of which YAML would take the last."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if twice := [key for key in keys if keys.count(key) > 1]:
            raise yaml.constructor.ConstructorError(None, None, f"{twice[0]!r} comes twice", node.start_mark)
        return super().construct_mapping(node, deep)


def check(chapter: str, declared: Mapping[str, str], values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The values with the types that the chapter declares, by parameter.

    Raises YtcatError that names `where`, the chapter, the parameter and the nearest right name, or the value
    and what it may be.
    """
    checked = {}
    for name, value in values.items():
        if name not in declared:
            raise YtcatError(f"{where}: {chapter} has no parameter {name!r}. {hint(name, declared)}")
        if name not in KNOWN:
            raise YtcatError(
                f"{where}: {chapter} declares {name!r}, which no chapter knows. {hint(name, KNOWN)} "
                "A new one is added to KNOWN in src/ytcat/parameters.py."
            )
        type_name = declared[name]
        value = value.typed(type_name) if isinstance(value, Written) else value
        try:
            # First the type alone: "3" for an int is a mistake, 0 for a float is none.
            typed = pydantic.TypeAdapter(TYPES[type_name]).validate_python(value, strict=True)
        except pydantic.ValidationError as error:
            raise YtcatError(
                f"{where}: {chapter} wants {name}: {type_name}, got {value!r} ({type(value).__name__})."
            ) from error
        try:
            checked[name] = pydantic.TypeAdapter(KNOWN[name]).validate_python(typed)
        except pydantic.ValidationError as error:
            wanted = error.errors()[0]["msg"].replace("Input should", "it should")
            raise YtcatError(f"{where}: {chapter} got {name} = {value!r}, but {wanted}.") from error
    return checked


def of_namespace(chapter: str, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The checked parameters of a running notebook, from its global names.

    The annotated names are its parameters; what papermill injected must be among them. Raises YtcatError as
    `check` does.
    """
    where = f"{chapter}.ipynb"
    declared = {name: kind.__name__ for name, kind in namespace["__annotations__"].items()}
    injected = [cell for cell in namespace.get("In", ()) if cell.startswith(INJECTED_CELL)]
    assigned = [line for cell in injected for line in ast.parse(cell).body if isinstance(line, ast.Assign)]
    names = [*declared, *(line.targets[0].id for line in assigned)]
    return check(chapter, declared, {name: namespace[name] for name in names}, where)


def declared_by(notebook: Path) -> dict[str, str]:
    """The type of each parameter of a notebook, by name, as its cell tagged `parameters` declares it.

    As `papermill.inspect_notebook`, whose import takes longer than a build with nothing to do.
    """
    cell = next(source for source, tags in code_cells(notebook) if "parameters" in tags)
    lines = [line for line in ast.parse(cell).body if isinstance(line, ast.AnnAssign)]
    return {ast.unparse(line.target): ast.unparse(line.annotation) for line in lines}


def from_texts(texts: Iterable[str]) -> dict[str, Written]:
    """Parameters given as `name=value`; raises YtcatError for another form, or a name that comes twice."""
    values = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise YtcatError(f"{text!r} is no parameter: give it as name=value.")
        if name.strip() in values:
            raise YtcatError(f"The parameter {name.strip()!r} is given twice: give it once.")
        values[name.strip()] = Written(value)
    return values


def hint(wrong: str, known: Iterable[str]) -> str:
    """The nearest known name as a question, or all of them."""
    known = list(known)
    near = difflib.get_close_matches(str(wrong), known, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"There is: {', '.join(known)}."
