"""The folders of the repository; no other module uses relative paths.

The package is meant to be installed from a clone in editable mode: that clone is then the repository.
Installed otherwise, it serves the clone that holds the current folder. Outside of any clone it trains and
answers (`ytcat train`, `ytcat predict`), but has no report to show.
"""

import os
from pathlib import Path

from ytcat.exceptions import YtcatError

PACKAGE = Path(__file__).resolve().parent


def _repository() -> Path:
    """The repository, or the current folder where there is none."""
    if (PACKAGE.parents[1] / "notebooks" / "profiles").is_dir():
        return PACKAGE.parents[1]
    here = Path.cwd()
    return next((f for f in (here, *here.parents) if (f / "notebooks" / "profiles").is_dir()), here)


ROOT = _repository()
NOTEBOOKS = ROOT / "notebooks"
PROFILES = NOTEBOOKS / "profiles"
BOOK = ROOT / "book"
LOCK_FILE = ROOT / "requirements.lock"
# How the table of a corpus folder may be called: its own name, or as in Kaggle's USvideos.csv.
CORPUS_TABLES = ("videos.csv", "[A-Za-z][A-Za-z]videos.csv")


def check_repository() -> None:
    """Raise YtcatError if there is no repository: no notebooks, no pages, no reference runs."""
    if not PROFILES.is_dir():
        raise YtcatError(
            f"This ytcat is installed without the report's notebooks and reference runs, and {ROOT} does not "
            "hold them: clone the repository and call ytcat there. `ytcat corpus`, `ytcat train` and "
            "`ytcat predict` work anywhere."
        )


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


def portable(path: Path, start: Path = ROOT) -> Path:
    """The path relative to the repository, or to a folder in it: notebooks name no folder of this machine."""
    return Path(os.path.relpath(path.resolve(), start.resolve()))


def check_output(out: Path, *inputs: str | Path | None, replaces: str | None = None) -> None:
    """Raise YtcatError if writing a file or folder of the user's choice could lose something.

    Every command that writes to such a place calls this, or `refuse_input`, before it opens anything. Beside
    what `refuse_input` refuses, `out` may not lie in a corpus folder. With `replaces`, `out` is a file, and
    one that exists is replaced only if it is empty or begins with this text: an earlier output. Without,
    `out` is a folder, which may exist if it is empty.
    """
    place = _resolved(out)
    if place == Path.cwd() or (replaces is not None and place.is_dir()):
        kind = "folder" if replaces is None else "file"
        raise YtcatError(f"{out} is a folder that exists: give the name of a new {kind}.")
    refuse_input(out, *inputs)
    for folder in (place, *place.parents[: 2 if place.parent.name == "thumbnails" else 1]):
        if _is_corpus(folder):
            raise YtcatError(
                f"{out} lies in the corpus folder {folder}, which is only read: choose another place."
            )
    if replaces is not None and (place.exists() or out.is_symlink()) and not _begins(place, replaces):
        raise YtcatError(
            f"{out} exists and is no earlier output of this command: move it away, or give another name."
        )
    empty = place.is_dir() and not out.is_symlink() and not any(place.iterdir())
    if replaces is None and (place.exists() or out.is_symlink()) and not empty:
        raise YtcatError(f"{out} exists already: remove it, or give another folder.")


def refuse_input(out: Path, *inputs: str | Path | None) -> None:
    """Raise YtcatError if `out` is one of the inputs, lies in one that is a folder, or holds one.

    Nor may it lie among the answers of people, which are only ever added to.
    """
    if out.parts[:1] == ("~",):
        raise YtcatError(f"{out}: your shell has left the ~ as it is. Give the whole path.")
    place, answers = _resolved(out), build_folder() / "human"
    if place.is_relative_to(answers.resolve()) or answers.resolve().is_relative_to(place):
        raise YtcatError(
            f"{out} would change the answers of people in {answers}, which are only added to: choose another "
            "place."
        )
    for source in map(Path, filter(None, inputs)):
        read = [source.resolve()]
        if source.is_dir():  # a corpus may share its thumbnails by a link
            read += [entry.resolve() for entry in source.iterdir() if entry.is_symlink()]
        same = place.exists() and any(one.exists() and one.samefile(place) for one in read)
        if same or any(place.is_relative_to(one) or one.is_relative_to(place) for one in read):
            raise YtcatError(f"{out} would change {source}, which is only read: choose another place.")


def _is_corpus(folder: Path) -> bool:
    """Whether a folder is a corpus; one with a USvideos.csv alone may be where downloads are put."""
    names = CORPUS_TABLES if (folder / "thumbnails").exists() else CORPUS_TABLES[:1]
    return any(path.is_file() for name in names for path in folder.glob(name))


def _resolved(out: Path) -> Path:
    try:
        return out.resolve()
    except RuntimeError:  # of Python before 3.13
        raise YtcatError(f"{out} is a link that leads back to itself: choose another place.") from None


def _begins(path: Path, start: str) -> bool:
    """Whether a path is a file that begins with some text, or is empty."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(start.encode())) in (b"", start.encode())
