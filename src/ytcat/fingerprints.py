"""What a result stands on: one hash of named parts, and one rule of which code is a part.

The rule: the modules of this package that can be reached by imports, so that an edit runs again what it can
change and nothing else.
"""

import ast
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from ytcat import paths
from ytcat.atomic_files import sha256_file

_SOURCE = paths.PACKAGE.parent


def fingerprint(**parts: Any) -> str:
    """SHA-256, 64 hexadecimal digits, of named parts, in whatever order; each must be fit for JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def modules_sha256(*modules: str) -> str:
    """One fingerprint of all code that modules of this package, given by dotted name, can reach."""
    return fingerprint(**reachable("\n".join(f"import {module}" for module in modules)))


def reachable(code: str) -> dict[str, str]:
    """SHA-256, by path below the repository, of every module of the package that `code` can reach."""
    hashes: dict[str, str] = {}
    waiting = _imported_files(code)
    while waiting:
        path = waiting.pop()
        name = f"src/{path.relative_to(_SOURCE).as_posix()}"
        if name not in hashes:
            hashes[name] = sha256_file(path)
            waiting |= _imported_files(path.read_text(encoding="utf-8"))
    return dict(sorted(hashes.items()))


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
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # `from package import module` and `from module import name` look the same: try both.
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(name for name in names if name.split(".")[0] == "ytcat")


def _files_of(module: str) -> set[Path]:
    """The module's file and the `__init__` of each package above it, where they exist."""
    parts = module.split(".")
    candidates = [_SOURCE.joinpath(*parts[:n]) / "__init__.py" for n in range(1, len(parts) + 1)]
    candidates.append(_SOURCE.joinpath(*parts).with_suffix(".py"))
    return {path for path in candidates if path.is_file()}
