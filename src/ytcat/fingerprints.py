"""What a result stands on: one hash of named parts, and one rule of which code is a part.

The rule: the modules of this package that can be reached by imports, so that an edit runs again what it can
change and nothing else.
"""

import ast
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ytcat import paths

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
    waiting, seen = set(_candidates(code)), set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        if os.path.isfile(f"{_SOURCE}/{name}"):  # noqa: PTH113 - thousands of calls, and Path takes ten times as long
            content = Path(_SOURCE, name).read_bytes()
            hashes[f"src/{name}"] = hashlib.sha256(content).hexdigest()
            waiting |= _candidates(content.decode()) - seen
    return dict(sorted(hashes.items()))


def code_cells(notebook: Path) -> list[tuple[str, list[str]]]:
    """The code cells of a notebook, each with its tags. (nbformat takes a second to import.)"""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [
        ("".join(cell["source"]), cell["metadata"].get("tags", []))
        for cell in cells
        if cell["cell_type"] == "code"
    ]


@cache
def _candidates(code: str) -> frozenset[str]:
    """Paths below `src/` of what some code may import from the package; the chapters have most in common."""
    names = set()
    for node in _imports(ast.parse(code).body):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif node.module and not node.level:
            # `from package import module` and `from module import name` look the same: try both.
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(
        path for name in names if name.split(".")[0] == "ytcat" for path in _paths_of(name.split("."))
    )


def _imports(statements: Iterable[ast.AST]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements among these and within them; expressions hold none."""
    for node in statements:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from _imports(getattr(node, block, ()))


def _paths_of(parts: list[str]) -> Iterator[str]:
    """Where a module's file may be, and the `__init__` of each package above it."""
    for n in range(1, len(parts) + 1):
        yield f"{'/'.join(parts[:n])}/__init__.py"
    yield f"{'/'.join(parts)}.py"
