"""Where things are, so that nothing else uses relative paths."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # the repository; the package is installed in place
NOTEBOOKS = ROOT / "notebooks"
PROFILES = NOTEBOOKS / "profiles"
BOOK = ROOT / "book"
LOCK_FILE = ROOT / "requirements.lock"


def build_folder() -> Path:
    """All that a run makes, corpora and results, is below this folder; `YTCAT_BUILD` moves it."""
    return Path(os.environ.get("YTCAT_BUILD") or ROOT / "build").resolve()


def sweeps_folder() -> Path:
    """Where the tables of sweeps are."""
    return build_folder() / "results" / "sweeps"


def html_folder() -> Path:
    """Where the finished book is; it follows `YTCAT_BUILD`, so that tests leave yours alone."""
    if os.environ.get("YTCAT_BUILD"):
        return build_folder() / "book" / "_build" / "html"
    return BOOK / "_build" / "html"


def portable(path: Path) -> Path:
    """The path as seen from the repository, so that notebooks do not carry this machine's folders."""
    return Path(os.path.relpath(path.resolve(), ROOT))
