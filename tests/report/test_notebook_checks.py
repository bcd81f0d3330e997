"""Notebooks that did not run clean are refused by name."""

import nbformat
import pytest

from ytcat.report import notebook_checks

V4 = nbformat.v4


def code(source, count, outputs=()):
    return V4.new_code_cell(source, execution_count=count, outputs=list(outputs))


def printed(text):
    return V4.new_output("stream", name="stdout", text=text)


ERROR = V4.new_output("error", ename="ValueError", evalue="no", traceback=["Traceback"])


@pytest.mark.parametrize(
    "cells, says",
    [
        ([code("1/0", 1, [ERROR])], r"bad\.ipynb, cell 0 \(1/0\): ValueError: no"),
        ([code("a", 1), code("b", None)], r"cell 1 \(b\): was not run"),
        ([code("a", 2), code("b", 1)], r"cell 0 \(a\): ran as number 2, its place is 1"),
        ([code("a", 1), code("b", 3)], r"cell 1 \(b\): ran as number 3, its place is 2"),
        ([code("long()", 1, [printed("x" * 400_000)])], r"long\(\).*400,000 bytes"),
        ([V4.new_markdown_cell("nothing")], "no code cell"),
        ([code("big()", 1, [printed("x" * 999 + "\n")] * 5_000)], "bytes, at most"),
    ],
)
def test_unclean_notebooks_are_refused(tmp_path, cells, says):
    path = tmp_path / "bad.ipynb"
    nbformat.write(V4.new_notebook(cells=cells), path)
    with pytest.raises(notebook_checks.CheckError, match=says):
        notebook_checks.check(path)


def test_a_clean_notebook_passes(tmp_path):
    path = tmp_path / "good.ipynb"
    cells = [
        V4.new_markdown_cell("# Question"),
        code("a", 1, [printed("fine\n")]),
        code("", None),
        code("b", 2),
    ]
    nbformat.write(V4.new_notebook(cells=cells), path)
    notebook_checks.check(path)
