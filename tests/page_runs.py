"""A page of the report run by plain papermill, as anybody may run it."""

from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import papermill

from ytcat import paths, runs
from ytcat.report import notebook_checks

HEAVY = 'import sys; print(sorted({"tensorflow", "keras"} & set(sys.modules)))'


class Page(NamedTuple):
    """What a page showed and saved."""

    text: str  # all outputs, HTML where there is one, without spaces that may not break
    figures: list[str]  # the alternative texts of its figures, in order
    run: runs.Run
    heavy: str  # which of the heavy libraries it has loaded, as a list in text

    @property
    def metrics(self) -> dict[str, Any]:
        """What it saved."""
        return self.run.metrics


def run_page(name: str, folder: Path, **parameters: str) -> Page:
    """Run notebooks/<name>.ipynb with its results in `folder`, unless they are told to be elsewhere.

    Fails where the report's own checks of executed notebooks would.
    """
    notebook = paths.NOTEBOOKS / f"{name}.ipynb"
    source = nbformat.read(notebook, as_version=4)
    source.cells.append(nbformat.v4.new_code_cell(HEAVY))
    prepared, executed = folder / "prepared.ipynb", folder / "executed.ipynb"
    nbformat.write(source, prepared)
    parameters = {"results": str(folder / "results")} | parameters
    papermill.execute_notebook(
        prepared, executed, parameters, kernel_name="python3", cwd=notebook.parent, progress_bar=False
    )
    notebook_checks.check(executed)
    *cells, last = (c for c in nbformat.read(executed, as_version=4).cells if c.cell_type == "code")
    shown = [output.get("data", {}) for cell in cells for output in cell.outputs]
    text = "\n".join(data.get("text/html", data.get("text/markdown", "")) for data in shown)
    alternatives = [data["text/plain"] for data in shown if "ytcat-figure" in data.get("text/html", "")]
    run = runs.finished_run(parameters["results"], notebook.stem)
    return Page(text.replace("\N{NO-BREAK SPACE}", " "), alternatives, run, last.outputs[0].text.strip())
