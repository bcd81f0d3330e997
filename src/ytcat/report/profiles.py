"""What one run of the report is, and the parameters of each chapter, checked before any kernel starts.

A profile is `notebooks/profiles/<name>.yaml`: a mapping from a chapter to parameters; `all` holds parameters
of every chapter that declares them.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ytcat import parameters, paths
from ytcat.corpus import DEMO
from ytcat.exceptions import YtcatError
from ytcat.fingerprints import fingerprint
from ytcat.parameters import PATH_PARAMETERS, check, declared_by, from_texts, hint
from ytcat.report import chapters
from ytcat.runs import MUST_MATCH

SHARED = "all"
COMMAND_LINE = "the command line"
LONGEST = 80  # bytes of the changes in the name of a results folder
TYPES = {"corpus": "str", "second_corpus": "str", "seed": "int", "split": "str", "fold": "int"}


@dataclass(frozen=True)
class RunSettings:
    """One run of the report: what it reads, its results folder, and the parameters of each chapter.

    `parameters` holds, by the name of a chapter, those that the chapter declares: those of the profile, over
    them those of the run, over them the changes. Pictures stand for what is interactive, since no one sits
    in front of papermill. Raises YtcatError for an unknown profile, chapter or parameter, or a value that a
    parameter may not have.
    """

    corpus: str = DEMO  # or a folder
    profile: str = "demo"
    seed: int = 0
    split: str = "random"
    fold: int = 0  # of the split by channel
    second_corpus: str = ""  # a folder, for the chapters that compare two corpora
    chapters: tuple[str, ...] = ()  # names; these and what they read are run, or all if there is none
    changes: tuple[str, ...] = ()  # name=value: parameters of `chapters`, over those of the profile
    parameters: dict[str, dict[str, Any]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        settings = check("the report", TYPES, {name: getattr(self, name) for name in TYPES}, COMMAND_LINE)
        object.__setattr__(self, "split", settings["split"])  # the key, where an alias was given
        changes = from_texts(self.changes)
        if wrong := [name for name in changes if name in PATH_PARAMETERS]:
            raise YtcatError(f"{COMMAND_LINE}: {wrong[0]} is an option of its own, not a parameter.")
        settings |= {"results": self.results, "interactive": False}
        # Chapters that read each other have some parameters in common.
        settings |= {name: value for name, value in changes.items() if name in MUST_MATCH}
        by_chapter = load_profile(self.profile)
        for name, declared in _declared().items():
            own = {key: value for key, value in settings.items() if key in declared}
            own |= changes if name in self.chapters else {}
            by_chapter[name] |= check(name, declared, own, COMMAND_LINE)
        object.__setattr__(self, "parameters", by_chapter)

    @property
    def results(self) -> str:
        """The results folder, below the build folder: the same run has the same folder."""
        name = DEMO if self.corpus == DEMO else Path(self.corpus).resolve().name
        split = "" if self.split == "random" else f"-{self.split}{self.fold}"
        changes = "".join(f"-{change}" for change in self.changes).replace("/", "_")
        if len(changes.encode()) > LONGEST:  # a file system's names have at most 255 bytes
            changes = f"-{fingerprint(changes=self.changes)[:12]}"
        return f"results/{name}-{self.profile}{split}-{self.seed}{changes}"

    @property
    def folder(self) -> Path:
        """The path of the results folder."""
        return paths.build_folder() / self.results


def load_profile(name: str) -> dict[str, dict[str, Any]]:
    """The parameters of every chapter under a profile, checked against the notebooks.

    Raises YtcatError for an unknown profile, chapter or parameter, or a value that a parameter may not have.
    """
    known = {path.stem: path for path in sorted(paths.PROFILES.glob("[!.]*.yaml"))}
    if name not in known:
        raise YtcatError(f"There is no profile {name!r}. {hint(name, known)}")
    path = known[name]
    content = _read(path)
    declared = _declared()
    if unknown := content.keys() - declared.keys() - {SHARED}:
        wrong = min(unknown)
        raise YtcatError(f"{path}: there is no chapter {wrong!r}. {hint(wrong, [*declared, SHARED])}")
    shared = content.get(SHARED, {})
    anywhere = sorted({parameter for names in declared.values() for parameter in names})
    for parameter in shared:
        if parameter not in anywhere:
            raise YtcatError(f"{path}: no chapter has a parameter {parameter!r}. {hint(parameter, anywhere)}")
    checked = {}
    for chapter, names in declared.items():
        own = {key: value for key, value in shared.items() if key in names} | content.get(chapter, {})
        checked[chapter] = check(chapter, names, own, str(path))
    return checked


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """The parameters of a profile by chapter, as they are written: `check` gives them their types."""
    remedy = "give a chapter, or `all`, and below it, indented, lines `name: value`."
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), parameters.AsWritten) or {}
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise YtcatError(f"{path} cannot be read ({' '.join(str(error).split())}): {remedy}") from error
    if not isinstance(content, dict) or not all(isinstance(v or {}, dict) for v in content.values()):
        raise YtcatError(f"{path} is no profile: {remedy}")
    return {key: values or {} for key, values in content.items()}


def _declared() -> dict[str, dict[str, str]]:
    """The type of each parameter of each chapter."""
    return {chapter.name: declared_by(chapter.notebook) for chapter in chapters.CHAPTERS}
