"""Files are UTF-8, whatever the locale is."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import ytcat

TITLES = ["Café 🎬", "日本", "مرحبا"]
# Python warns of a text file that is opened in the locale's encoding; in this package that is an error.
CODE = """
import sys, warnings
warnings.filterwarnings("error", category=EncodingWarning, module=r"ytcat\\.")
from ytcat.cli import app
app()
"""


def test_a_corpus_is_read_and_reported_in_a_locale_without_utf_8(tmp_path):
    folder = tmp_path / "vidéos"
    folder.mkdir()
    rows = [f"v{number},{title},Music" for number, title in enumerate([*TITLES, *TITLES])]
    rows.append("é,Title,Music")
    (folder / "videos.csv").write_text("\n".join(["video_id,title,category", *rows]), encoding="utf-8")
    environment = os.environ | {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "YTCAT_BUILD": str(tmp_path / "build"),
    }
    environment.pop("PYTHONIOENCODING", None)
    command = [sys.executable, "-X", "warn_default_encoding", "-c", CODE, "corpus", str(folder)]
    result = subprocess.run(
        command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, result.stderr
    assert "6 kept + 1 dropped = 7 read" in result.stdout
    assert "line 8: é" in result.stdout


def opens_text_in_the_locales_encoding(call):
    """Whether a call of `open`, `read_text`, `write_text` or of a subprocess names no encoding."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if "encoding" in given:
        return False
    if name in ("read_text", "write_text"):
        return len(call.args) < (1 if name == "read_text" else 2)
    if name == "open":
        modes = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        return not call.args or any("b" not in str(mode) for mode in modes)
    return any(name_ in given for name_ in ("text", "universal_newlines"))


def test_every_text_file_of_the_package_has_its_encoding_named():
    package, found = Path(ytcat.__file__).parent, []
    for path in package.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        lines = [call.lineno for call in calls if opens_text_in_the_locales_encoding(call)]
        found += [f"{path.relative_to(package)}:{line}" for line in lines]
    assert found == []
