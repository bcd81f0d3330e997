"""Which modules of the package a chapter can reach, so that an edit runs the right chapters again."""

import ast
import json
from functools import cache
from pathlib import Path

from ytcat import paths
from ytcat.atomic_files import sha256_file

_SOURCE = paths.ROOT / "src"


def reachable(code: str) -> dict[str, str]:
    """SHA-256, by path below the repository, of every module of the package that `code` can reach."""
    found: dict[str, str] = {}
    waiting = _imported_files(code)
    while waiting:
        path = waiting.pop()
        name = path.relative_to(paths.ROOT).as_posix()
        if name not in found:
            found[name] = sha256_file(path)
            waiting |= _imported_files(path.read_text())
    return dict(sorted(found.items()))


def code_cells(notebook: Path) -> list[tuple[str, list[str]]]:
    """The code cells of a notebook, each with its tags. (nbformat takes a second to import.)"""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [
        ("".join(cell["source"]), cell["metadata"].get("tags", []))
        for cell in cells
        if cell["cell_type"] == "code"
    ]


def _imported_files(code: str) -> set[Path]:
    return {file for name in _imported_names(code) for file in _files_of(name)}


@cache
def _imported_names(code: str) -> frozenset[str]:
    """What of the package some code imports; the chapters have most of their modules in common."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # `from package import module` and `from module import name` look the same: try both.
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(name for name in found if name.split(".")[0] == "ytcat")


def _files_of(module: str) -> set[Path]:
    """The module's file and the `__init__` of each package above it, where they exist."""
    parts = module.split(".")
    candidates = [_SOURCE.joinpath(*parts[:n]) / "__init__.py" for n in range(1, len(parts) + 1)]
    candidates.append(_SOURCE.joinpath(*parts).with_suffix(".py"))
    return {path for path in candidates if path.is_file()}
