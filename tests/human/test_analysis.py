"""What the answers say, against values computed by hand or printed in the literature."""

import numpy as np
import pandas as pd
import pytest

from simulated import sit
from ytcat.categories import IDS
from ytcat.human import analysis, store


def trials(rows):
    """A table of trials from (participant, trial, condition, row, truth, answer or None, ms)."""
    table = pd.DataFrame(
        rows, columns=["participant", "trial", "condition", "row", "category_id", "answer", "response_ms"]
    )
    skipped = table["answer"].isna()
    return table.assign(
        answer=table["answer"].astype("Int64"), skipped=skipped, undone=0, video_id=table["row"].map(str)
    )


def rated(answers):
    """Answers to one video a row, one person a column (None: not asked), all from the title."""
    return trials(
        [
            (f"p{person}", row + 1, "text", row, 1, answer, 1000)
            for row, given in enumerate(answers)
            for person, answer in enumerate(given)
            if answer is not None
        ]
    )


def test_accuracy_by_condition_with_wilson_and_skips_apart():
    rows = [("p1", n, "text", n, 10, 10 if n <= 5 else 24, 1000) for n in range(1, 11)]
    rows += [("p2", 1, "text", 11, 10, None, 1000), ("p2", 2, "fusion", 12, 1, 1, 1000)]
    table = analysis.by_condition(trials(rows)).set_index("condition")
    assert list(table.index) == ["text", "fusion"]
    text = table.loc["text"]
    assert text[["people", "n", "skipped", "n_correct", "value"]].tolist() == [1, 10, 1, 5, 0.5]
    # Wilson for 5 of 10: (5 + z²/2 ± z sqrt(2.5 + z²/4)) / (10 + z²).
    assert [text["low"], text["high"]] == pytest.approx([0.236593, 0.763407], abs=1e-5)
    assert text["at_worst"] == pytest.approx(5 / 11)
    assert analysis.by_condition(trials([])).empty


def test_confusions_count_errors_only():
    rows = [
        ("p1", n, "text", n, *pair, 1000) for n, pair in enumerate([(10, 24)] * 3 + [(1, 2)] * 2 + [(10, 10)])
    ]
    table = analysis.confusions(trials(rows), 5)
    assert table.to_numpy().tolist() == [
        ["Music", "Entertainment", 3, 4],
        ["Film and Animation", "Auto & Vehicles", 2, 2],
    ]
    assert len(analysis.confusions(trials(rows), 1)) == 1
    assert analysis.confusions(trials([]), 5).empty


def test_cohen_s_kappa_of_two_people():
    """20 + 15 of 50 agree, 0.7; by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5; so (0.7 - 0.5) / (1 - 0.5) = 0.4."""
    pairs = [(1, 1)] * 20 + [(1, 2)] * 5 + [(2, 1)] * 10 + [(2, 2)] * 15
    row = analysis.agreement(rated([*pairs, (1, None), (None, 2)])).iloc[0]
    assert row[["measure", "people", "videos"]].tolist() == ["Cohen", 2, 50]
    assert row["agreed"] == pytest.approx(0.7)
    assert row["kappa"] == pytest.approx(0.4)


def test_fleiss_kappa_of_more_people():
    """The worked example of Fleiss (1971) as commonly reprinted: 14 raters, 10 subjects, kappa 0.210."""
    counts = [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
              [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0],
              [0, 2, 2, 3, 7]]  # fmt: skip
    answers = [np.repeat(IDS[:5], row).tolist() for row in counts]
    uneven = [*answers, [1, 1] + [None] * 12]
    for given in (answers, uneven):
        row = analysis.agreement(rated(given)).iloc[0]
        assert row[["measure", "people", "videos"]].tolist() == ["Fleiss", 14, 10]
        assert row["kappa"] == pytest.approx(0.2099, abs=1e-4)
        assert row["agreed"] == pytest.approx(0.378, abs=1e-3)


def test_agreement_needs_the_same_video_in_the_same_condition():
    apart = trials(
        [("p1", 1, "text", 0, 1, 1, 1), ("p2", 1, "image", 0, 1, 1, 1), ("p2", 2, "text", 1, 1, 1, 1)]
    )
    assert analysis.agreement(apart).empty
    alike = analysis.agreement(rated([(1, 1), (1, 1)]))
    assert alike["agreed"].tolist() == [1]
    assert alike["kappa"].isna().all()  # one category: chance alone agrees fully


def test_times_leave_out_what_was_seen_before():
    table = trials([("p1", n, "image", n, 1, 1, 1000 * n) for n in range(1, 6)])
    table.loc[4, "undone"] = 1
    row = analysis.times(table).iloc[0]
    assert row.tolist() == ["image", 4, 1.75, 2.5, 3.25]


def test_order_effects_split_each_person_s_own_trials():
    rows = [("p1", n, "text", n, 1, 1 if n > 4 else 2, 1000 * n) for n in range(1, 9)]
    rows += [("p2", n, "text", n, 1, 1, 1000) for n in (1, 2)]
    table = analysis.order_effects(trials(rows)).set_index("half")
    assert table["n"].tolist() == [5, 5]
    assert table["value"].tolist() == [0.2, 1.0]
    assert table["median"].tolist() == [2.0, 6.0]
    # Fisher: tables with margins 5, 5 and 6, 4: P(1, 5) = P(5, 1) = 5 / 210 each.
    assert table["p"].tolist() == pytest.approx([10 / 210] * 2)
    assert analysis.order_effects(trials(rows[:1])).empty


def test_people_against_models_on_the_very_same_videos():
    """8 videos only people get, 1 only the model: p = 2 (1 + 9) / 2⁹."""
    rows = [("p1", n, "text", n, 1, 1 if n < 8 or n > 8 else 2, 1000) for n in range(12)]
    rows += [("p2", 1, "text", 99, 1, 1, 1000), ("p2", 2, "image", 0, 1, 1, 1000)]
    model = pd.Series(np.arange(12) >= 8, index=np.arange(12))
    table = analysis.against_models(trials(rows), {"text": model, "fusion": model})
    assert table.to_numpy().tolist() == [["text", 12, 11 / 12, 4 / 12, 8, 1, 20 / 512]]
    # The same videos again by another person count once.
    again = trials([*rows, *[("p3", *row[1:]) for row in rows[:12]]])
    assert analysis.against_models(again, {"text": model})["n"].tolist() == [12]
    assert analysis.against_models(trials([]), {"text": model}).empty


def test_simulated_people_are_found_as_good_as_they_were_made(corpus, part):
    for number in range(6):
        sit(corpus, part, f"sim-{number}", 150, skips=0.1)
    table = store.trials(corpus)
    found = analysis.by_condition(table).set_index("condition")
    assert (found["n"] + found["skipped"]).sum() == 900
    for condition, share in {"image": 0.30, "text": 0.50, "fusion": 0.54}.items():
        assert found.loc[condition, "value"] == pytest.approx(share + (1 - share) / 14, abs=0.09)
    assert analysis.agreement(table)["measure"].tolist() == ["Fleiss"] * 3
