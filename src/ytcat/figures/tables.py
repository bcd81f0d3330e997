"""How a table is shown: tables hold numbers, and only here do numbers become text.

`show` gives a pandas Styler, which Jupyter and the book render as HTML; its `data` are still numbers:

    tables.show(scores, index="model", columns={"n": "videos", "top1": "top-1"}, percent=["top1"])
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown
from pandas.io.formats.style import Styler

SMALLEST_P = 1e-4  # below it a p-value is shown as a bound
PHONE = 350  # pixels of a phone's screen that a table may take
CELL_PADDING, CHARACTER_WIDTH = 12, 8.4  # pixels, as the style sheet sets them on a phone
NO_BREAK = "\N{NO-BREAK SPACE}"  # within the brackets of an interval
Format = str | Callable[[Any], str]  # a format string such as "{:.3f}", or a function of the value


class Table(Styler):
    """A Styler with one row of headings; its text form holds the table, instead of an address in memory."""

    def __repr__(self) -> str:
        return self.to_string()

    def to_html(self, *args: Any, **kwargs: Any) -> str:
        """As pandas gives it, but for two things.

        The names of the index levels stand beside the headings of the columns, not below them. Each cell
        knows its column's heading (`data-label`), and a table too wide for a phone has the class `stacked`:
        there the style sheet sets one row per value.
        """
        rendered = _one_row_of_headings(super().to_html(*args, **kwargs))
        headings = [escape(str(heading), quote=True) for heading in self.data.columns]

        def labelled(cell: re.Match) -> str:
            return f'{cell[0]} data-label="{headings[int(cell[1])]}"'

        rendered = re.sub(r'<td class="data row\d+ col(\d+)[^"]*"', labelled, rendered)
        width = sum(CELL_PADDING + CHARACTER_WIDTH * longest for longest in self._longest_words())
        return (
            rendered.replace('class="dataframe"', 'class="dataframe stacked"') if width > PHONE else rendered
        )

    def _longest_words(self) -> list[int]:
        """The number of characters of the longest word of each column, the last first.

        pandas leaves out the name of a group from the second row on, so rows are aligned at their end.
        """
        rows = [line.split("\t")[::-1] for line in self.to_string(delimiter="\t").splitlines()]
        words = [[max(map(len, cell.split(" "))) for cell in row] for row in rows]
        return [max(column) for column in zip_longest(*words, fillvalue=0)]


def _one_row_of_headings(rendered: str) -> str:
    """The HTML of a table without a row of its own for the names of the index levels."""
    below = re.search(r'\s*<tr>\s*(<th class="index_name.*?)</tr>', rendered, re.DOTALL)
    names = re.findall(r'<th class="index_name.*?</th>', below[1], re.DOTALL) if below else []
    blanks = re.findall(r'<th class="blank(?: level\d+)?" .*?</th>', rendered, re.DOTALL)
    if below is None or len(blanks) != len(names):  # the columns have a name too
        return rendered
    left = iter(names)
    one_row = rendered.replace(below[0], "", 1)
    return re.sub(r'<th class="blank(?: level\d+)?" .*?</th>', lambda _: next(left), one_row, flags=re.DOTALL)


def show(
    frame: pd.DataFrame,
    *,
    index: str | Sequence[str] = (),
    columns: Sequence[str] | Mapping[str, str] = (),
    rename: Mapping[str, str] | None = None,
    percent: Sequence[str] = (),
    points: Sequence[str] = (),
    counts: Sequence[str] = (),
    p_values: Sequence[str] = (),
    marks: Sequence[str] = (),
    formats: Mapping[str, Format] | None = None,
    empty: str = "",
) -> Table | Markdown:
    """A table as readers see it; the Markdown text `empty` instead, if given and `frame` has no rows.

    `index`: the columns that head the rows; without it, the index of `frame` does. `columns`: the columns
    that are shown, in this order (default: all); a mapping gives them headings, and those of `index` too.
    The others name columns of `frame`, or levels of its index, by what their values are.
    `percent`: shares 0..1, shown as 12.3%. `points`: differences of shares, shown in percentage points
    as +1.2. `counts`: whole numbers, with a comma for thousands, infinity as "no number". `p_values`: as
    `p_value` gives them. `marks`: a tick for true. `formats`: anything else, a format per column.
    A value of `percent` or `points` may be a tuple (value, low, high), shown with its interval. Missing
    values are blank. Raises KeyError for a column that `frame` does not have.
    """
    if empty and frame.empty:
        return Markdown(empty)
    head = [index] if isinstance(index, str) else list(index)
    headings = dict(rename or {}) | (dict(columns) if isinstance(columns, Mapping) else {})
    table = frame.set_index(head) if head else frame
    if shown := [name for name in columns if name not in table.index.names]:
        table = table[shown]
    by_column: dict[str, Format] = (
        dict.fromkeys(percent, _percent)
        | dict.fromkeys(points, _points)
        | dict.fromkeys(counts, _count)
        | dict.fromkeys(p_values, p_value)
        | dict.fromkeys(marks, _mark)
        | dict(formats or {})
    )
    if unknown := [name for name in by_column if name not in (*table.columns, *table.index.names)]:
        raise KeyError(
            f"{unknown[0]!r} is no column of the table; it has {', '.join(map(str, table.columns))}"
        )
    formats_by_heading = {headings.get(name, name): form for name, form in by_column.items()}
    return _styled(table.rename(columns=headings).rename_axis(index=headings), formats_by_heading)


def p_value(p: float) -> str:
    """A p-value with two significant digits; one below 0.0001 as "below 0.0001"."""
    return "below 0.0001" if p < SMALLEST_P else f"{p:.2g}"


def csv_link(frame: pd.DataFrame, name: str) -> str:
    """HTML of a link that downloads a table, with all digits, as `<name>.csv`; the file is in the link."""
    content = base64.b64encode(frame.to_csv(index=False).encode()).decode()
    return f'<a download="{name}.csv" href="data:text/csv;base64,{content}">{name}.csv</a>'


def _styled(table: pd.DataFrame, formats: Mapping[str, Format]) -> Table:
    styled = Table(table, cell_ids=False)
    in_cells = {name: formats.get(name, _plain) for name in table.columns}
    styled.format(in_cells, na_rep="", escape="html")
    for level, name in enumerate(table.index.names):
        styled.format_index(formats.get(name, _plain), level=level, na_rep="", escape="html")
    styled.format_index(axis="columns", escape="html")
    styled.format_index_names(axis="index", escape="html")
    styled.format_index_names(axis="columns", escape="html")
    styled.set_table_attributes('class="dataframe"')  # the selector of the book's style sheet
    content = hashlib.sha256(styled.to_string().encode()).hexdigest()
    return styled.set_uuid(content[:8])  # the same bytes in each build, where pandas draws one at random


def _with_interval(value: Any, form: str) -> str:
    if isinstance(value, tuple):
        middle, low, high = (form.format(part) for part in value)
        return f"{middle} [{low.rstrip('%')},{NO_BREAK}{high.rstrip('%')}]"
    return form.format(value)


def _percent(share: Any) -> str:
    return _with_interval(share, "{:.1%}")


def _points(difference: Any) -> str:
    points = tuple(100 * d for d in difference) if isinstance(difference, tuple) else 100 * difference
    return _with_interval(points, "{:+.1f}")


def _count(number: float) -> str:
    return "no number" if np.isinf(number) else f"{number:,.0f}"


def _mark(value: Any) -> str:
    return "✓" if value else ""


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float | np.floating) else str(value)
