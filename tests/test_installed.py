"""The package outside of the repository, as `pip install` without `-e` leaves it."""

import os
import shutil
import subprocess
import sys

import pytest

from ytcat import paths

CALL = "from ytcat.cli import app; app()"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder that holds the package alone, and a function that calls it from another: (status, output)."""
    site = tmp_path_factory.mktemp("site-packages")
    shutil.copytree(paths.PACKAGE, site / "ytcat", ignore=shutil.ignore_patterns("__pycache__"))

    def call(where, *arguments):
        environment = os.environ | {"PYTHONPATH": str(site)}
        environment.pop("YTCAT_BUILD", None)
        result = subprocess.run(
            [sys.executable, "-c", CALL, *arguments], cwd=where, env=environment, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        return result.returncode, result.stdout + result.stderr

    return call


@pytest.mark.parametrize("command", ["book", "verify", "record demo", "sweep --chapters=text"])
def test_without_a_repository_it_says_what_is_missing_and_what_works(installed, tmp_path, command):
    status, said = installed(tmp_path, *command.split())
    assert status == 1
    assert said.startswith("error: This ytcat is installed without the report's notebooks")
    assert str(tmp_path) in said and "clone the repository" in said and "ytcat predict" in said
    assert list(tmp_path.iterdir()) == []


def test_it_serves_people_s_videos_anywhere_and_leaves_its_files_there(installed, tmp_path):
    status, said = installed(tmp_path, "corpus", "--example", "videos")
    assert status == 0, said
    assert "6 kept + 0 dropped = 6 read" in said
    assert {path.name for path in tmp_path.iterdir()} == {"videos", "build"}


def test_in_a_clone_it_is_that_clone_s(installed, tmp_path):
    (tmp_path / "notebooks" / "profiles").mkdir(parents=True)
    inside = tmp_path / "notebooks"
    status, said = installed(inside, "corpus", "--example", "videos")
    assert status == 0, said
    assert (tmp_path / "build" / "corpus").is_dir() and not (inside / "build").exists()
