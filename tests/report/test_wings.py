"""Real builds of a copy of the repository: an edited module runs the chapters that stand on it, no others."""

import os
import shutil
import subprocess
import sys

import pytest

from ytcat import paths

pytestmark = pytest.mark.slow
YTCAT = "from ytcat.cli import app; app()"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy that was built once; a function edits a module and returns the chapters that then run."""
    root = tmp_path_factory.mktemp("checkout")
    unwanted = shutil.ignore_patterns("__pycache__", "_build", ".ipynb_checkpoints")
    for folder in ("src", "notebooks", "book"):
        shutil.copytree(paths.ROOT / folder, root / folder, ignore=unwanted)
    shutil.copy(paths.LOCK_FILE, root)
    environment = os.environ | {"PYTHONPATH": str(root / "src"), "YTCAT_BUILD": str(root / "build")}

    def ran():
        command = [sys.executable, "-c", YTCAT, "notebooks", "--profile", "smoke"]
        result = subprocess.run(
            command, env=environment, cwd=root, capture_output=True, text=True, check=False, timeout=1500
        )
        assert result.returncode == 0, result.stdout + result.stderr
        lines = [line.split(maxsplit=2) for line in result.stdout.splitlines() if " running: " in line]
        return {chapter: reason for chapter, _, reason in lines}

    def edit(module):
        with (root / "src" / "ytcat" / module).open("a") as file:
            file.write("# edited\n")
        return ran()

    assert len(ran()) > 10
    assert ran() == {}
    return edit


@pytest.mark.parametrize(
    ("module", "chapters"),
    [
        ("future_directions/tagging/methods.py", ["08_auto_tagging"]),
        ("future_directions/tagging/figures.py", ["08_auto_tagging"]),
        ("future_directions/more_data/learning_curves.py", ["09_more_data", "12_other_years"]),
        ("future_directions/imbalance/methods.py", ["10_class_imbalance"]),
        ("models/text.py", ["00_results", "04_text_model", "05_fusion", "06_error_analysis"]),
    ],
)
def test_an_edited_module_runs_the_chapters_that_stand_on_it(checkout, module, chapters):
    ran = checkout(module)
    assert sorted(ran) == chapters
    assert any(f"because src/ytcat/{module} changed" in reason for reason in ran.values())
