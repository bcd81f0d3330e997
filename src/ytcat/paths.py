"""The folders of the repository; no other module uses relative paths."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # the repository; the package is installed in editable mode
NOTEBOOKS = ROOT / "notebooks"
PROFILES = NOTEBOOKS / "profiles"
BOOK = ROOT / "book"
LOCK_FILE = ROOT / "requirements.lock"


def build_folder() -> Path:
    """The folder of all generated files, corpora and results; `YTCAT_BUILD` overrides it."""
    return Path(os.environ.get("YTCAT_BUILD") or ROOT / "build").resolve()


def sweeps_folder() -> Path:
    """The folder of the tables of sweeps."""
    return build_folder() / "results" / "sweeps"


def html_folder() -> Path:
    """The folder of the finished book; it follows `YTCAT_BUILD`, so that tests do not overwrite yours."""
    if os.environ.get("YTCAT_BUILD"):
        return build_folder() / "book" / "_build" / "html"
    return BOOK / "_build" / "html"


def portable(path: Path) -> Path:
    """The path relative to the repository, so that notebooks do not contain folders of this machine."""
    return Path(os.path.relpath(path.resolve(), ROOT))
