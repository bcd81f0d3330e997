"""How tables are shown."""

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest
from IPython.display import Markdown

from ytcat.figures import tables

SCORES = pd.DataFrame(
    {
        "model": ["text", "fusion"],
        "n": [1020, 12],
        "top1": [0.6153, np.nan],
        "gain": [0.0123, -0.004],
        "p": [0.000123456, 0.5],
        "chosen": [True, False],
        "loss": [1.23456, 0.5],
    }
)


def lines(table):
    return [line.split() for line in table.to_string(delimiter="\t").splitlines()]


def test_each_kind_of_number_has_one_form_and_the_table_keeps_the_numbers():
    shown = tables.show(
        SCORES,
        index="model",
        columns={"n": "videos", "top1": "top-1", "gain": "points", "p": "p", "chosen": "", "loss": "loss"},
        counts=["n"],
        percent=["top1"],
        points=["gain"],
        p_values=["p"],
        marks=["chosen"],
        formats={"loss": "{:.3f}"},
    )
    *_, first, second = lines(shown)
    assert first == ["text", "1,020", "61.5%", "+1.2", "0.00012", "✓", "1.235"]
    assert second == ["fusion", "12", "-0.4", "0.5", "0.500"]
    assert shown.data["top-1"].tolist()[0] == 0.6153


def test_columns_choose_order_and_headings_and_an_index_is_renamed_too():
    shown = tables.show(SCORES, index=["model"], columns={"top1": "top-1", "n": "videos", "model": "Model"})
    assert shown.data.columns.tolist() == ["top-1", "videos"]
    assert shown.data.index.names == ["Model"]
    renamed = tables.show(SCORES, index="model", columns=["n", "p"], rename={"n": "videos", "model": "Model"})
    assert renamed.data.columns.tolist() == ["videos", "p"]
    assert renamed.data.index.names == ["Model"]
    assert tables.show(SCORES, columns=["p", "n"]).data.columns.tolist() == ["p", "n"]
    assert tables.show(SCORES).data.equals(SCORES)


def test_a_value_with_its_interval_is_shown_in_one_cell():
    shown = tables.show(
        pd.DataFrame({"share": [(0.5, 0.4567, 0.61)], "change": [(0.01, -0.02, 0.04)]}),
        percent=["share"],
        points=["change"],
    )
    assert "50.0% [45.7,\N{NO-BREAK SPACE}61.0]" in shown.to_html()
    assert "+1.0 [-2.0,\N{NO-BREAK SPACE}+4.0]" in shown.to_html()


def test_levels_of_the_index_are_formatted_and_equal_row_names_allowed():
    table = pd.DataFrame({"method": ["a", "a", "a"], "strength": [0.25, 0.5, 0.5], "n": [1, 2, np.inf]})
    shown = tables.show(table, index=["method", "strength"], percent=["strength"], counts=["n"])
    assert "25.0%" in shown.to_html()
    assert "no number" in shown.to_html()


def test_names_of_the_index_stand_in_the_row_of_the_headings():
    table = pd.DataFrame({"corpus": ["a & b"], "split": ["random"], "n": [3], "top1": [0.5]})
    for index in (["corpus"], ["corpus", "split"]):
        html = tables.show(table, index=index, rename={"corpus": "a & b"}).to_html()
        head = html[html.index("<thead") : html.index("</thead>")]
        headings = [unescape(text).strip() for text in re.findall(r"<th.*?>(.*?)</th>", head)]
        assert headings == ["a & b", *index[1:], *table.columns[len(index) :]]
        assert head.count("<tr>") == 1
    pivoted = tables.show(table.pivot(index="corpus", columns="split", values="n")).to_html()
    assert "corpus" in pivoted and ">split</th>" in pivoted.replace(" ", "")


def test_a_table_too_wide_for_a_phone_is_stacked_there_and_each_value_knows_its_heading():
    narrow = tables.show(SCORES, index="model", columns={"top1": "top-1"}, percent=["top1"]).to_html()
    assert 'class="dataframe"' in narrow
    groups = pd.DataFrame({"group": ["a"] * 2, "of": ["b", "c"], "n": [1, 2], "text": ["x", "y" * 45]})
    assert 'class="dataframe stacked"' in tables.show(groups, index=["group", "of"]).to_html()
    table = pd.DataFrame({"model": ["x"], **{f"a < heading {n}": ["extraordinarily long"] for n in range(3)}})
    wide = tables.show(table, index="model").to_html()
    assert 'class="dataframe stacked"' in wide
    assert re.findall(r'data-label="(.*?)"', wide) == [f"a &lt; heading {n}" for n in range(3)]


def test_text_is_shown_as_text_whatever_is_in_it():
    table = pd.DataFrame({"<b>heading</b>": ["<script>"]}, index=pd.Index(["<i>"], name="<u>"))
    table.columns.name = "<em>"
    html = tables.show(table).to_html()
    assert not any(tag in html for tag in ("<b>", "<script>", "<i>", "<u>", "<em>"))
    assert "&lt;script&gt;" in html


def test_the_same_table_gives_the_same_bytes_and_its_text_holds_no_address():
    first, second = (tables.show(SCORES, index="model", percent=["top1"]) for _ in range(2))
    assert first._repr_html_() == second._repr_html_()
    assert repr(first) == repr(second)
    assert "61.5%" in repr(first)
    assert 'class="dataframe' in first._repr_html_()


def test_another_table_on_the_same_page_has_another_id():
    ids = {tables.show(SCORES.head(n)).uuid for n in (1, 2)}
    assert len(ids) == 2


def test_a_table_without_rows_is_replaced_by_a_sentence_if_there_is_one():
    nothing = SCORES.head(0)
    sentence = tables.show(nothing, index="model", percent=["top1"], empty="No model yet.")
    assert isinstance(sentence, Markdown)
    assert sentence.data == "No model yet."
    assert tables.show(nothing, index="model").data.empty
    assert tables.show(SCORES, empty="No model yet.").data.equals(SCORES)


def test_a_column_that_is_not_there_is_refused_by_name():
    with pytest.raises(KeyError, match="'top5' is no column of the table; it has n, top1"):
        tables.show(SCORES, index="model", percent=["top5"])


def test_tiny_p_values_are_shown_as_a_bound_and_never_in_scientific_notation():
    assert [tables.p_value(p) for p in (0.0453, 0.00031, 0.0001, 3e-8, 0.0)] == [
        "0.045", "0.00031", "0.0001", "below 0.0001", "below 0.0001",
    ]  # fmt: skip
    shown = tables.show(pd.DataFrame({"p": [2e-5]}), p_values=["p"])
    assert "below 0.0001" in shown.to_html()
