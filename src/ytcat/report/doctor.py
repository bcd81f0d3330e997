"""What the report needs on this machine: what is there, what is missing, and the command that mends it.

Nothing is changed, and nothing beyond the standard library is imported before it is looked for:
`python -m ytcat.report.doctor` runs without the environment of the report.
"""

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import Callable, List, NamedTuple  # noqa: UP035 - an older Python is to say that it is too old

OLDEST, NEWEST = (3, 11), (3, 13)
DISK_GB = 5  # the demo leaves 1 GB, a full run under 3 GB
ENVIRONMENT = "make env"


class Check(NamedTuple):
    """One thing the report needs."""

    what: str
    ok: bool
    state: str  # what is there
    remedy: str  # the command that mends it


def examine(corpus: str) -> List[Check]:  # noqa: UP006
    """All checks, in the order in which they should be mended; after a wrong Python there are no others."""
    python = _python()
    if not python.ok:
        return [python]
    checks = {
        "repository": _repository,
        "packages": _packages,
        "Jupyter kernel python3": _kernel,
        "Xception base": _xception,
        "GloVe 6B 50d": _glove,
        "MiniLM encoder": _minilm,
        f"corpus {corpus}": lambda: _corpus(corpus),
        "disk": _disk,
    }
    return [python, *(_tried(what, check) for what, check in checks.items())]


def table(checks: List[Check]) -> str:  # noqa: UP006
    """The checks as lines of text."""
    width = max(len(check.what) for check in checks)
    lines = []
    for check in checks:
        lines.append(f"{'ok' if check.ok else 'missing':8} {check.what:{width}}  {check.state}")
        if not check.ok:
            lines.append(f"{'':8} {'':{width}}  to mend it: {check.remedy}")
    return "\n".join(lines)


def main() -> None:
    """Print the checks; the exit status is 1 if something is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", default="demo", help='"demo", or a folder with videos.csv.')
    checks = examine(parser.parse_args().corpus)
    print(table(checks))
    sys.exit(not all(check.ok for check in checks))


def _tried(what: str, check: Callable[[], Check]) -> Check:
    """The outcome of a check; if it cannot be made, why."""
    from ytcat.exceptions import YtcatError, sentence

    try:
        return check()
    except OSError as error:
        return Check(what, False, sentence(error), "see there")
    except ImportError as error:
        return Check(what, False, f"not known yet: {error.name or error} is not installed", ENVIRONMENT)
    except YtcatError as error:
        return Check(what, False, str(error), "see there")


def _python() -> Check:
    ok = OLDEST <= sys.version_info[:2] <= NEWEST
    what = f"Python {'.'.join(map(str, OLDEST))} to {'.'.join(map(str, NEWEST))}"
    remedy = "install one of these, then make distclean env"
    return Check(what, ok, f"{platform.python_version()} {sys.executable}", remedy)


def _repository() -> Check:
    from ytcat import paths

    remedy = "clone it, and call ytcat there, for the report"
    return Check("repository", paths.PROFILES.is_dir(), str(paths.ROOT), remedy)


def _packages() -> Check:
    from packaging.requirements import Requirement

    wrong = []
    for requirement in map(Requirement, importlib.metadata.requires("ytcat") or []):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} {version} is not {requirement.specifier}")
    return Check("packages", not wrong, "; ".join(wrong) or "as pyproject.toml wants them", ENVIRONMENT)


def _kernel() -> Check:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    what = "Jupyter kernel python3"
    remedy = f"{sys.executable} -m ipykernel install --sys-prefix --name python3"
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
        interpreter = shutil.which(spec.argv[0])
    except NoSuchKernel:
        return Check(what, False, "not registered", remedy)
    except (OSError, ValueError, LookupError, TypeError) as error:
        return Check(what, False, f"its kernel.json is damaged ({error})", remedy)
    if interpreter is None or importlib.util.find_spec("ipykernel") is None:
        missing = spec.argv[0] if interpreter is None else "ipykernel"
        return Check(what, False, f"{missing} is not there", remedy)
    ours = Path(interpreter).parent == Path(sys.executable).parent
    return Check(what, ours, f"{spec.display_name}: {interpreter}", remedy)


def _xception() -> Check:
    from ytcat.pretrained import xception

    fetch = f"{sys.executable} -c 'from ytcat.pretrained.xception import xception_base; xception_base(96)'"
    path = xception.whole_file()
    state = str(path) if path else _absent(xception.xception_file())
    return Check("Xception base", path is not None, state, f"{fetch} (chapter 03 does it too)")


def _glove() -> Check:
    from ytcat.pretrained import glove

    return Check("GloVe 6B 50d", True, str(glove.whole_folder()), "")


def _minilm() -> Check:
    from ytcat.pretrained import minilm

    fetch = f"{sys.executable} -c 'from ytcat.pretrained.minilm import minilm_folder; minilm_folder()'"
    folder = minilm.whole_folder()
    state = str(folder) if folder else _absent(minilm.cached_folder())
    return Check("MiniLM encoder", folder is not None, state, f"{fetch} (chapter 07 does it too)")


def _absent(path: Path) -> str:
    return f"{'damaged' if path.exists() else 'not fetched yet'}: {path}"


def _corpus(corpus: str) -> Check:
    what = f"corpus {corpus}"
    if corpus == "demo":
        return Check(what, True, "generated from a seed when it is needed", "")
    from ytcat.corpus.records import read_records

    records = read_records(Path(corpus))
    state = f"{len(records.videos):,} of {records.read:,} records can be used"
    return Check(what, len(records.videos) > 0, state, f"ytcat corpus {corpus} says why records are dropped")


def _disk() -> Check:
    from ytcat import paths

    build = paths.build_folder()
    place = next(folder for folder in (build, *build.parents) if folder.exists())
    free = shutil.disk_usage(place).free / 1e9
    what = f"{DISK_GB} GB of disk"
    if not os.access(place, os.W_OK):
        return Check(what, False, f"{place} cannot be written to", "set YTCAT_BUILD to a folder that can")
    return Check(what, free >= DISK_GB, f"{free:.0f} GB free for {build}", "make clean, or free some space")


if __name__ == "__main__":
    main()
