"""Every figure and table that is shown has a numbered caption; hidden code is folded in JupyterLab too."""

import re

import nbformat
import pytest

from ytcat.report.chapters import CHAPTERS
from ytcat.report.notebook import CAPTION

# What the numbers of a page begin with: a chapter's is its own number, the first page counts plainly.
LETTERS = {"deck": "D.", "deck_audit": "A.", "reference_runs": "R.", "data_card": "C.", "speed": "S."}
FIGURE = re.compile(r"ytcat-figure|class=.dataframe")
FOLD = re.compile(r"<details.*?</details>", re.DOTALL)


def prefix(name):
    if name in LETTERS:
        return LETTERS[name]
    number = int(name[:2])
    return f"{number}." if number else ""


def shown_without_caption(cells):
    """The sources of the cells whose figure or table no caption follows before the next output or heading."""
    waiting, missing = None, []
    for cell in cells:
        if cell.cell_type == "markdown":
            if CAPTION.search(cell.source):
                waiting = None
            elif waiting and cell.source.lstrip().startswith("#"):
                missing.append(waiting)
                waiting = None
            continue
        tags = set(cell.metadata.get("tags", []))
        html = "".join(output.get("data", {}).get("text/html", "") for output in cell.get("outputs", []))
        if FIGURE.search(FOLD.sub("", html)) and not tags & {
            "hide-output",
            "remove-output",
            "remove-cell",
            "hide-cell",
        }:
            missing += [waiting] if waiting else []
            waiting = cell.source
    return missing + ([waiting] if waiting else [])


def code(html, *tags):
    cell = nbformat.v4.new_code_cell("draw()", metadata={"tags": list(tags)})
    cell.outputs = [nbformat.v4.new_output("display_data", data={"text/html": html})]
    return cell


def test_a_figure_without_a_caption_is_found():
    text = nbformat.v4.new_markdown_cell
    figure, table = code('<figure class="ytcat-figure">'), code('<table class="dataframe">')
    caption = text("**Figure 4.1.** What is shown.")
    assert shown_without_caption([figure, caption, table, text("So."), text("**Table 4.1.** That.")]) == []
    assert shown_without_caption([figure, text("## Next"), caption]) == ["draw()"]
    assert shown_without_caption([figure, table, caption]) == ["draw()"]
    assert shown_without_caption([table]) == ["draw()"]
    assert shown_without_caption([code('<details><table class="dataframe"></details>')]) == []
    assert shown_without_caption([code('<table class="dataframe">', "hide-output"), code("<b>x</b>")]) == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_captions_are_numbered_without_gaps(chapter):
    cells = nbformat.read(chapter.notebook, as_version=4).cells
    found = [match for c in cells if c.cell_type == "markdown" for match in CAPTION.findall(c.source)]
    for kind in ("Figure", "Table"):
        numbers = [number for each, number in found if each == kind]
        assert numbers == [f"{prefix(chapter.name)}{place}" for place in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_code_that_the_book_hides_is_folded_in_jupyterlab(chapter):
    for cell in nbformat.read(chapter.notebook, as_version=4).cells:
        tags = cell.metadata.get("tags", [])
        hidden = any(tag.startswith(("hide-input", "hide-cell", "remove-")) for tag in tags)
        if cell.cell_type == "code" and "parameters" not in tags:
            assert cell.metadata.get("jupyter", {}).get("source_hidden", False) == hidden, cell.source
