"""The files that set the project up agree with each other."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

from ytcat import slides
from ytcat.paths import ROOT
from ytcat.report.chapters import CHAPTERS

LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = [line for lines in PROJECT["optional-dependencies"].values() for line in lines]
DIRECT = [Requirement(line) for line in PROJECT["dependencies"] + EXTRAS]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())


def without(*names: str) -> dict[str, str]:
    """This process's variables but those and an active environment."""
    return {key: v for key, v in os.environ.items() if key not in (*names, "VIRTUAL_ENV", "CONDA_PREFIX")}


def conda_pins() -> dict[str, str]:
    pip = next(entry["pip"] for entry in CONDA["dependencies"] if isinstance(entry, dict))
    requirements = [Requirement(line) for line in pip if line != "-e ."]
    return {f"{r.name}[{','.join(r.extras)}]" if r.extras else r.name: str(r.specifier) for r in requirements}


def test_conda_environment_has_the_same_direct_dependencies():
    direct = {f"{r.name}[{','.join(r.extras)}]" if r.extras else r.name for r in DIRECT}
    assert set(conda_pins()) == direct


@pytest.mark.parametrize("requirement", DIRECT, ids=lambda r: r.name)
def test_lock_holds_what_the_project_wants_at_the_conda_version(requirement):
    versions = re.findall(rf"^{re.escape(requirement.name)}==(\S+)", LOCK, re.MULTILINE)
    assert versions, f"{requirement.name} is not in the lock file: run make lock"
    assert all(requirement.specifier.contains(version, prereleases=True) for version in versions)
    name = f"{requirement.name}[{','.join(requirement.extras)}]" if requirement.extras else requirement.name
    assert conda_pins()[name] in {f"=={version}" for version in versions}


def test_every_locked_package_has_a_hash_and_no_address():
    blocks = re.split(r"\n(?=[a-z0-9])", LOCK)
    assert all("--hash=sha256:" in block for block in blocks if re.match(r"[a-z0-9]", block))
    assert "://" not in LOCK
    assert "index-url" not in LOCK


def test_the_citation_names_this_version_and_the_deck():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)  # what the format asks for
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    assert citation["authors"] == PROJECT["authors"]
    assert [reference["title"] for reference in citation["references"]] == [slides.TITLE]


def test_make_alone_prints_every_target():
    text = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = ["env", "lab", "experiment", "data", "corpus", "notebooks", "book", "test", "test-slow",
               "bench", "lint", "sweep", "record", "verify", "doctor", "clean", "distclean"]  # fmt: skip
    for target in targets:
        assert re.search(rf"^\s+make {target}\s+\S", text, re.MULTILINE), target


@pytest.mark.parametrize(
    ("videos", "arguments", "corpus"),
    [
        (None, [], "demo"),
        ("kaggle-US", [], "{build}/data/kaggle-US"),
        ("kaggle-US", ["CORPUS=demo"], "demo"),
        ("kaggle-GB", [], "demo"),
        ("kaggle-GB", ["REGION=GB"], "{build}/data/kaggle-GB"),
    ],
)
def test_after_make_data_the_report_runs_on_it(tmp_path, videos, arguments, corpus):
    build = tmp_path / "build with a space"
    if videos:
        (build / "data" / videos).mkdir(parents=True)
        (build / "data" / videos / "videos.csv").touch()
    clean = without("CORPUS", "REGION")
    command = ["make", "--dry-run", "book", *arguments]
    environment = clean | {"YTCAT_BUILD": str(build)}
    told = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert f"ytcat book --corpus '{corpus.format(build=build)}'" in told


@pytest.mark.parametrize("name", ["my videos (1)", "it's", 'a "b"', "a$HOME`b`", "[a]*", "a;b #c"])
@pytest.mark.parametrize("where", ["argument", "environment"])
def test_make_takes_a_corpus_by_any_name(name, where):
    clean = without("CORPUS")
    given = [f"CORPUS={name}"] if where == "argument" else []
    environment = clean | ({} if given else {"CORPUS": name})
    told = subprocess.run(
        ["make", "--dry-run", "corpus", *given], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=True,
    ).stdout  # fmt: skip
    line = next(line for line in told.splitlines() if "ytcat corpus" in line)
    words = subprocess.run(["sh", "-c", line.replace(".venv/bin/ytcat", "printf '%s\\n'")],
                           capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert words.splitlines() == ["corpus", name]


@pytest.mark.parametrize("kind", ["VIRTUAL_ENV", "CONDA_PREFIX"])
@pytest.mark.parametrize("holds", ["this folder", "another clone", "nothing"])
def test_make_uses_an_active_environment_that_has_this_folder_installed(tmp_path, kind, holds):
    environment = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    other = tmp_path / "clone" / "src"
    (other / "ytcat").mkdir(parents=True)
    (other / "ytcat" / "__init__.py").touch()
    if holds != "nothing":
        source = ROOT / "src" if holds == "this folder" else other
        (packages / "ytcat.pth").write_text(f"{source}\n")
    told = subprocess.run(
        ["make", "--dry-run", "book"], cwd=ROOT, env=without() | {kind: str(environment)}, text=True,
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    used = environment if holds == "this folder" else ".venv"
    assert f"{used}/bin/ytcat book" in told
    if holds == "this folder":
        assert "pip install" not in told


def test_one_command_makes_the_conda_environment():
    (pip,) = (entry["pip"] for entry in CONDA["dependencies"] if isinstance(entry, dict))
    assert "-e ." in pip
    assert (
        "conda env create -f environment.yml && conda activate ytcat\n"
        in (ROOT / "environment.yml").read_text()
    )


def test_a_development_container_and_the_published_book_use_targets_that_exist():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "pages.yml").read_text())
    steps = workflow["jobs"]["book"]["steps"]
    ran = [container["postCreateCommand"], *(step["run"] for step in steps if "run" in step)]
    assert ran == ["make env", "make book"]
    (upload,) = (step for step in steps if "upload-pages-artifact" in step.get("uses", ""))
    assert f"{upload['with']['path']}/index.html" in (ROOT / "README.md").read_text()
    assert workflow["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}


@pytest.mark.parametrize("name", ["SEED", "REGION", "PROFILE", "SEEDS", "CHAPTERS", "SPLITS", "FORCE"])
@pytest.mark.parametrize("where", ["argument", "environment"])
def test_make_runs_nothing_that_a_value_says(tmp_path, name, where):
    value = f"$(shell touch {tmp_path / 'ran'})`touch {tmp_path / 'ran'}`"
    given = [f"{name}={value}"] if where == "argument" else []
    environment = os.environ | ({} if given else {name: value})
    for target in ("help", "sweep", "book", "data"):
        command = ["make", *(["--dry-run"] if target != "help" else []), target, *given]
        subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(("value", "forced"), [("1", True), ("yes", True), ("0", False), ("", False)])
def test_make_forces_only_where_it_is_told_to(value, forced):
    command = ["make", "--dry-run", "book", f"FORCE={value}"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert ("--force" in told) == forced


def test_make_names_a_variable_that_it_does_not_have():
    result = subprocess.run(["make", "CORPSU=a b"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode
    assert "there is no variable CORPSU: did you mean CORPUS?" in result.stderr


def test_distclean_removes_no_file_of_the_repository_whatever_is_in_build(tmp_path):
    """A name with a blank must not be taken for two."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in (
        "build/human/p1",
        "build/data/x",
        "build/a src",
        "build/.hidden",
        "src/kept",
        "book/_build/x",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    subprocess.run(["make", "distclean"], cwd=tmp_path, capture_output=True, check=True)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"Makefile", "build/human/p1", "build/data/x", "src/kept"}


def test_make_doctor_makes_no_environment():
    told = subprocess.run(
        ["make", "--dry-run", "doctor"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "pip" not in told.stdout and "ytcat.report.doctor" in told.stdout


def test_notebooks_are_stripped_and_each_is_a_chapter():
    folder = ROOT / "notebooks"
    notebooks = sorted([*folder.glob("*.ipynb"), *folder.glob("*/*.ipynb")])
    command = [sys.executable, "-m", "nbstripout", "--verify", "--keep-id", *notebooks]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    assert notebooks == sorted(chapter.notebook for chapter in CHAPTERS)
