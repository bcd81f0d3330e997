"""Errors reach people as one sentence."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from ytcat.exceptions import YtcatError, sentence
from ytcat.report.notebook import ChapterError


@pytest.mark.parametrize("kind", [YtcatError, ChapterError])
def test_jupyter_shows_the_sentence_without_a_traceback(capsys, kind):
    shell = InteractiveShell()
    shell.user_ns["fail"] = lambda: (_ for _ in ()).throw(kind("c has no table: add one."))
    shell.run_cell("fail()")
    assert capsys.readouterr().out == "error: c has no table: add one.\n"


def test_the_name_of_a_file_is_the_users_and_not_the_temporary_one():
    error = OSError(28, "No space left on device", "out/.answers.csv.0123456789ab.tmp/x")
    assert sentence(error).startswith("out/answers.csv/x: No space left on device. Free some space")
