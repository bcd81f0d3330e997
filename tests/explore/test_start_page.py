"""The start page for JupyterLab: what it names is there."""

import re

import nbformat
import pytest

from ytcat import paths

PAGE = (paths.NOTEBOOKS / "README.md").read_text(encoding="utf-8")
NAMED = re.findall(r"\| \[[^]]+\]\(([^)]+)\), \*([^*]+)\*", PAGE)


def test_every_link_leads_to_a_notebook():
    links = re.findall(r"\]\(([^)]+)\)", PAGE)
    assert len(links) >= 8
    assert [link for link in links if not (paths.NOTEBOOKS / link).is_file()] == []


@pytest.mark.parametrize(("notebook", "heading"), NAMED)
def test_a_notebook_has_the_section_that_the_start_page_names(notebook, heading):
    cells = nbformat.read(paths.NOTEBOOKS / notebook, as_version=4).cells
    place = next(i for i, cell in enumerate(cells) if f"## {heading}" in cell.source.splitlines())
    rest = cells[place + 1 :]
    ends = next((i for i, cell in enumerate(rest) if cell.source.startswith("## ")), len(rest))
    assert any("if interactive" in cell.source for cell in rest[:ends])


def test_five_places_to_play_are_named():
    assert len(NAMED) == 5
