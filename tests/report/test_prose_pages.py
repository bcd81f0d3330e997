"""The prose pages of evidence: checklist, limits and glossary, which show no number."""

import re

import pytest
import yaml

from ytcat import paths

# The items of REFORMS (Kapoor et al. 2024), by module.
ITEMS = [f"{module}{letter}" for module, letters in enumerate(
    ("abc", "abcde", "abcdefg", "abc", "abcdef", "abc", "abc", "ab"), start=1
) for letter in letters]  # fmt: skip


def read(name):
    return (paths.BOOK / f"{name}.md").read_text(encoding="utf-8")


def test_the_checklist_answers_each_of_the_32_items_in_a_line():
    rows = re.findall(r"^\| (\d[a-g]) [^|]+ \| ([^|]+) \|$", read("checklist"), re.MULTILINE)
    assert len(ITEMS) == 32
    assert [item for item, _ in rows] == ITEMS
    assert all(len(answer) >= 20 for _, answer in rows)
    assert "**not done**" in dict(rows)["3f"] and "**Partly.**" in dict(rows)["2b"]


def test_every_answer_of_the_checklist_has_a_link_or_names_a_file():
    rows = re.findall(r"^\| (\d[a-g]) [^|]+ \| ([^|]+) \|$", read("checklist"), re.MULTILINE)
    assert [item for item, answer in rows if "](" not in answer] == []


@pytest.mark.parametrize("page", ["checklist", "limits", "glossary"])
def test_prose_pages_hold_no_figure(page):
    """Their numbers would be typed: only names have digits."""
    text = re.sub(r"\A---\n.*?\n---\n", "", read(page), flags=re.DOTALL)
    names = r"\]\([^)]*\)|^\| \d[a-g] |et al\. 2024|us-20\d\d|top-[15]|macro F1|F1|\[(?:chapter )?\d\d(?=\])"
    assert not re.findall(r"\d+", re.sub(names, "", text, flags=re.MULTILINE | re.IGNORECASE))


def test_the_terms_of_the_glossary_are_sorted_into_four_parts_and_unique():
    text = read("glossary")
    assert len(re.findall(r"^## ", text, re.MULTILINE)) == 4
    terms = re.findall(r"^### (.+)$", text, re.MULTILINE)
    assert len(set(terms)) == len(terms) > 40
    wanted = (
        "Kappa ECE Macro Kernel Stacking Known us-2017 Top-1 LSTM Embedding Transfer Dropout Late Calibration"
    )
    for term in [*wanted.split(), "Bootstrap", "Holm"]:
        assert any(known.startswith(term) for known in terms), term


def test_the_contents_name_every_page_of_evidence_in_order():
    contents = yaml.safe_load((paths.BOOK / "_toc.yml").read_text(encoding="utf-8"))
    (evidence,) = (part["chapters"] for part in contents["parts"] if part["caption"] == "Evidence")
    appendix = [
        f"notebooks/appendix/{name}" for name in ("deck", "deck_audit", "reference_runs", "data_card")
    ]
    assert [chapter["file"] for chapter in evidence] == [
        *appendix, "checklist", "limits", "glossary", "references"
    ]  # fmt: skip
