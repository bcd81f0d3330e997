"""Every finding of `notebooks/appendix/deck_audit.ipynb`, recomputed in another way."""

import re

import nbformat
import numpy as np
import pytest
from scipy.stats import binomtest, hypergeom

from page_runs import run_page
from ytcat import paths, slides
from ytcat.categories import CATEGORIES, NAMES

IMAGE, TITLE, BOTH = (matrix.tolist() for matrix in slides.CONFUSION.values())
COUNTS = [sum(row) for row in TITLE]
VIEWS = ("Thumbnail", "Title", "Thumbnail and title")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return run_page("appendix/deck_audit", tmp_path_factory.mktemp("audit"))


@pytest.fixture(scope="module")
def audit(page):
    return page.metrics


def by(records, column="model reads"):
    """The rows of a saved table by one of its columns."""
    return {row[column]: row for row in records}


def correct(matrix):
    return [matrix[i][i] for i in range(14)]


def answered(matrix):
    return [sum(row[j] for row in matrix) for j in range(14)]


def percent(k, n):
    return f"{round(100 * k / n, 2):.2f}%"


def fisher(k1, n1, k2, n2):
    """Two-sided p of Fisher's exact test, from the hypergeometric distribution."""
    tables = hypergeom(n1 + n2, k1 + k2, n1).pmf(np.arange(n1 + 1))
    return pytest.approx(tables[tables <= tables[k1] * (1 + 1e-7)].sum())


def interval(k, n):
    return pytest.approx(list(binomtest(k, n).proportion_ci(method="wilson")))


# ---- the whole


def test_the_page_is_computed_without_tensorflow_and_without_gaps(page):
    assert page.heavy == "[]"
    assert "nan" not in re.sub(r"<[^>]*>", " ", page.text).lower().split()


def test_prose_has_no_typed_numbers():
    cells = nbformat.read(paths.NOTEBOOKS / "appendix" / "deck_audit.ipynb", as_version=4).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    named = r"\]\([^)]*\)|GloVe 6B|macro F1|top-[15]|\*\*Table A\.\d\.\*\*|95 % intervals"
    prose = re.sub(named, "", prose, flags=re.IGNORECASE)
    assert not re.findall(r"\d+", prose)


def sections():
    """The findings of the notebook: heading and cells of each."""
    cells = nbformat.read(paths.NOTEBOOKS / "appendix" / "deck_audit.ipynb", as_version=4).cells
    parts = [(None, [])]
    for cell in cells:
        if cell.source.startswith(("## ", "### ")):
            heading = re.search(r"^### (.+)$", cell.source, re.MULTILINE)
            parts.append((heading and heading[1], []))
        parts[-1][1].append(cell)
    return [(heading, cells) for heading, cells in parts if heading]


def test_every_finding_says_what_is_printed_or_implied_and_computes():
    findings = sections()
    assert len(findings) == 21
    for heading, (first, second, *_) in findings:
        assert re.search(r"\*\*(Printed|Implied)\b", first.source), heading
        assert second.cell_type == "code", heading


def test_the_five_findings_that_matter_come_first():
    assert [heading for heading, _ in sections()][:5] == [
        "Accuracies and matrices",
        "The thumbnail model and a constant answer",
        "The combined model against the title model",
        "How much the people's figures can carry",
        "The inputs of the two networks",
    ]


# ---- people


def test_worked_example(audit, page):
    assert not {"Science and Technology", "Gaming"} & {"Education"}
    assert audit["friends"] == {"correct": 0, "different": 2}
    assert "0 of 2 friends are right, and they give 2 different answers." in page.text


def test_category_order(audit):
    same = sum(category.slide_number == place for place, category in enumerate(CATEGORIES, start=1))
    assert audit["category_order"] == {"same place": same}


def test_human_intervals(audit, page):
    for share, row in zip((0.30, 0.50, 0.54), audit["human_intervals"], strict=True):
        for n, half_width in ((100, 0.1), (50, 0.13)):  # "some ten points", "some thirteen"
            limits = [row[f"95 % from, {n} each"], row[f"to, {n} each"]]
            assert limits == interval(round(share * n), n)
            assert (limits[1] - limits[0]) / 2 == pytest.approx(half_width, abs=0.015)
    assert (round(row["95 % from, 100 each"], 2), round(row["to, 100 each"], 2)) == (0.44, 0.63)
    assert "some ten points with 100 trials each, to some thirteen with 50" in page.text


def test_how_many_trials_print_the_percentages(audit, page):
    printed = {n: [f"{100 * k / n:.0f}" for k in range(n + 1)] for n in range(1, 101)}
    possible = [n for n, shares in printed.items() if {"30", "50", "54"} <= set(shares)]
    assert audit["trials"]["possible"] == possible
    assert possible[:4] == [46, 50, 54, 56]
    assert possible[-1] == 100
    assert "no count of 33 or 34 gives all three" in page.text
    assert audit["trials"]["unequal thirds"] == ["10 of 33", "17 of 34", "19 of 35"]


def test_human_title_against_both(audit):
    both, both_half, title, title_half = (row["p"] for row in audit["human_title_against_both"])
    assert both == fisher(54, 100, 50, 100)
    assert both_half == fisher(27, 50, 25, 50)
    assert title == fisher(50, 100, 30, 100)
    assert title_half == fisher(25, 50, 15, 50)
    assert title < 0.05 < title_half  # "shown if there were 100, and not if there were 50"
    assert min(both, both_half) > 0.05  # "shown by neither"


def test_bar_for_human_level(audit, page):
    bar = audit["bar_for_human_level"]["correct"]
    for k in range(551, 1021):
        assert (k >= bar) == (fisher(k, 1020, 54, 100).expected < 0.05)
    assert f"{bar} of 1,020 videos correctly, {percent(bar, 1020)}, against 100 trials" in page.text
    bar = audit["bar_with_half"]["correct"]
    for k in range(551, 1021):
        assert (k >= bar) == (fisher(k, 1020, 27, 50).expected < 0.05)
    assert f"or {percent(bar, 1020)} against 50." in page.text
    assert round(bar / 1020, 3) == 0.678


def test_goals_met_and_missed(audit):
    rows = by(audit["against_people"])
    for view, k, people in zip(VIEWS, (310, 522, 462), (30, 50, 54), strict=True):
        assert (rows[view]["correct"], rows[view]["people correct"]) == (k, people)
        assert rows[view]["p"] == fisher(k, 1020, people, 100)
        assert rows[view]["p with 50 trials"] == fisher(k, 1020, people // 2, 50)
        assert rows[view]["p"] > 0.05 < rows[view]["p with 50 trials"]
    assert round(rows[VIEWS[2]]["p"], 2) == 0.11


# ---- results


def test_combined_model_against_title_model(audit):
    printed, matrices = audit["combined_against_title"]
    assert printed["points"] == pytest.approx((462 - 522) / 1020)
    assert printed["p"] == fisher(522, 1020, 462, 1020)
    assert round(printed["p"], 3) == 0.009
    assert matrices["p"] == fisher(sum(correct(TITLE)), 1020, sum(correct(BOTH)), 1020)


def test_accuracies_and_diagonals(audit):
    rows = by(audit["headline_and_diagonal"])
    for view, matrix, expected in zip(VIEWS, (IMAGE, TITLE, BOTH), (311, 510, 448), strict=True):
        assert sum(correct(matrix)) == rows[view]["diagonal"] == expected
        assert rows[view]["share"] == expected / 1020
        assert round(100 * expected / 1020, 2) != round(100 * rows[view]["printed"], 2)


def test_printed_counts(audit, page):
    possible = {f"{100 * k / 1020:.2f}%": k for k in range(1021)}
    rows = {f"{100 * row['printed']:.2f}%": row for row in audit["printed_counts"]}
    assert set(rows) == {"30.39%", "73.14%", "51.18%", "85.78%", "45.30%", "84.22%"}
    for printed, row in rows.items():
        assert row["as printed"] == (printed in possible) == (printed != "45.30%")
        assert row["nearest count"] == possible.get(printed, 462)
    assert "45.30% is no count of 1,020. The nearest, 462, is 45.29%, or 45.3% to one decimal." in page.text


def test_majority_baseline(audit):
    assert COUNTS[NAMES.index("Entertainment")] == max(COUNTS) == 302
    model, constant = audit["majority_baseline"]
    assert (model["correct"], constant["index"], constant["correct"]) == (310, "always Entertainment", 302)
    assert [model["low"], model["high"]] == interval(310, 1020)
    assert model["low"] < 302 / 1020 < model["high"]
    assert model["low"] < slides.RESULTS["image"].goal < model["high"]  # "and so is the goal"
    assert model["p"] == fisher(310, 1020, 302, 1020)


def test_top5_baseline(audit):
    found = audit["top5_baseline"]
    assert found["correct"] == sum(sorted(COUNTS)[-5:])
    assert found["thumbnail model above"] == round(0.7314 * 1020) - found["correct"]
    for name, count in zip(NAMES, COUNTS, strict=True):
        assert (name in found["categories"]) == (count >= sorted(COUNTS)[-5])


def test_retraining(audit):
    top1, top5 = audit["title_model_retrained"]
    assert [top1["low"], top1["high"]] == pytest.approx(list(interval(522, 1020).expected), abs=1e-4)
    assert [top5["low"], top5["high"]] == pytest.approx(list(interval(875, 1020).expected), abs=1e-4)
    assert top1["low"] < 0.51 < 0.52 < top1["high"]  # what retraining on Kaggle's data gives
    assert top5["low"] < 0.85 < 0.87 < top5["high"]


def test_tuning(audit):
    assert audit["tuning"]["videos"] == 6_020
    assert audit["tuning"]["layers"] == ["flatten_9", "dense_36", "embedding_5", "activation_4"]


# ---- matrices


def test_test_set(audit):
    assert [sum(row) for row in IMAGE] == [sum(row) for row in BOTH] == COUNTS
    found = audit["test_set"]
    assert found["sums"] == [1_020]
    assert found["counts"] == [53, 2, 138, 16, 73, 5, 38, 76, 89, 302, 47, 98, 34, 49] == COUNTS
    assert len({tuple(answered(matrix)) for matrix in (IMAGE, TITLE, BOTH)}) == found["column sums"] == 3
    assert found["row sums"] == 1


def test_axis_labels(audit):
    for matrix, row in zip((IMAGE, TITLE, BOTH), audit["axis_labels"], strict=True):
        other_way = sum(matrix[i][13 - i] for i in range(14))
        assert other_way < 0.1 * 1020
        assert row["in the order of their labels"] == other_way
        assert row["columns in the order of the rows"] == sum(correct(matrix))


def test_thumbnail_models_answers(audit):
    found = audit["thumbnail_answers"]
    answers = dict(zip(NAMES, answered(IMAGE), strict=True))
    assert list(found["most"]) == ["Entertainment", "Music", "How to and Style"]
    assert found["most"] == {name: answers[name] for name in found["most"]}
    assert found["most"]["Entertainment"] == 702
    assert found["never"] == [name for name, count in answers.items() if count == 0]
    assert found["never"] == ["Auto & Vehicles", "Travel and Events", "Gaming"]
    none = [name for name, count in zip(NAMES, correct(IMAGE), strict=True) if count == 0]
    assert found["never recognized"] == none


def test_vevo_strip(audit):
    found, music = audit["vevo_strip"], NAMES.index("Music")
    row, column = IMAGE[music], answered(IMAGE)[music]
    assert found["vevo"] == 3
    assert list(found["row"].values()) == row
    assert found["recall"] == pytest.approx(row[music] / sum(row))
    assert found["precision"] == pytest.approx(row[music] / column)
    assert 2 / 3 < 1 - found["recall"] < 0.7  # "misses two of three music videos"
    recalls = {name: k / n for name, k, n in zip(NAMES, correct(IMAGE), COUNTS, strict=True)}
    assert sorted(recalls, key=recalls.get)[-2:] == ["Music", "Entertainment"]  # "best after Entertainment"


def test_title_model_by_category(audit):
    recalls = {n: k / c for n, k, c in zip(NAMES, correct(TITLE), COUNTS, strict=True) if c >= 30}
    shown = {row["category"]: row["recall"] for row in audit["title_by_category"]}
    assert shown == pytest.approx(recalls)
    assert list(shown.values()) == sorted(shown.values())
    assert next(iter(shown)) == "People and Blogs"


def test_combined_models_answers(audit):
    found = audit["combined_answers"]
    never = [name for name, count in zip(NAMES, answered(BOTH), strict=True) if count == 0]
    assert found["never"] == never == ["Auto & Vehicles", "Travel and Events", "Education"]
    science = NAMES.index("Science and Technology")
    assert found["science"] == answered(BOTH)[science]
    assert found["science precision"] == pytest.approx(BOTH[science][science] / answered(BOTH)[science])
    assert found["pets"] == BOTH[NAMES.index("Pets and Animals")]
    assert found["pets"][science] == max(found["pets"])


def test_what_fusion_loses(audit, page):
    before, after = correct(TITLE), correct(BOTH)
    change = [b - a for a, b in zip(before, after, strict=True)]
    rows = audit["what_fusion_loses"]
    assert [row["difference"] for row in rows] == sorted(change)
    shown = {row["recognized from"]: (row["title"], row["both"]) for row in rows}
    assert shown == dict(zip(NAMES, zip(before, after, strict=True), strict=True))
    lost, gained = -sum(c for c in change if c < 0), sum(c for c in change if c > 0)
    assert f"In all {lost} are lost and {gained} gained." in page.text
    assert f"{before.count(0)} from the title, {after.count(0)} from both." in page.text
    assert sum(change) == 448 - 510
    assert rows[0]["recognized from"] == "Entertainment"  # "pays most"
    assert shown["Film and Animation"][1] == 0  # "all of Film and Animation is lost"


def test_class_imbalance(audit):
    for matrix, row in zip((IMAGE, TITLE, BOTH), audit["class_imbalance"], strict=True):
        hits, answers = correct(matrix), answered(matrix)
        assert row["accuracy"] == pytest.approx(sum(hits) / 1020)
        balanced = sum(k / n for k, n in zip(hits, COUNTS, strict=True)) / 14
        assert row["balanced accuracy"] == pytest.approx(balanced)
        f1 = sum(2 * k / (n + m) for k, n, m in zip(hits, COUNTS, answers, strict=True)) / 14
        assert row["macro F1"] == pytest.approx(f1)
        assert row["balanced accuracy"] < row["accuracy"] > row["macro F1"]


def test_rare_categories(audit):
    for i, row in zip(sorted(range(14), key=lambda i: COUNTS[i])[:3], audit["rare_categories"], strict=True):
        assert (row["category"], row["recognized"], row["support"]) == (NAMES[i], TITLE[i][i], COUNTS[i])
        assert [row["low"], row["high"]] == interval(TITLE[i][i], COUNTS[i])


# ---- networks


def test_layer_sums(audit):
    image = 20_861_480 + (18_432 + 1) * 1024 + (1024 + 1) * 512 + (512 + 1) * 128 + (128 + 1) * 14
    title = 20_000_050 + 4 * 128 * (50 + 128 + 1) + 4 * 128 * (128 + 128 + 1) + (128 + 1) * 14
    for row, total in zip(audit["layer_sums"], (image, title), strict=True):
        assert row["total"] == row["sum of the layers"] == row["sum of the parts"] == total


def test_trainable_parameters(audit, page):
    assert audit["trainable_parameters"] == {"head": 19_467_662, "rest": 54_528}
    assert "Xception's 40 batch normalization layers (54,528)" in page.text


def test_non_trainable_parameters(audit, page):
    assert slides.IMAGE_NETWORK.non_trainable == 20_861_480 - 54_528
    assert audit["non_trainable_parameters"] == {"unfrozen": 20_806_952, "frozen": 19_467_662}
    assert "20,861,480 − 54,528 = 20,806,952 is also" in page.text


def test_image_size(audit, page):
    found = audit["image_size"]
    assert (found["grid"], found["flat"]) == ([3, 4, 2048], 24_576)
    assert (found["sides"][0], found["sides"][-1]) == (71, 102)
    assert found["sides"] == list(range(71, 103))
    assert "Printed are 3 x 3 x 2048, 18,432 flat" in page.text


def test_embedding(audit, page):
    assert audit["embedding"] == {"rows": 400_001, "more than GloVe 6B": 1, "of tweets": 59_675_700}
    assert "20,000,050 parameters: 400,001 x 50, the 400,000 words of GloVe 6B" in page.text


def test_capacity(audit, page):
    image, title = audit["capacity"]
    assert image["per training video"] == 19_522_190 / 5000
    assert title["per training video"] == 225_038 / 5000
    assert percent(18_875_392, 19_522_190) in page.text
