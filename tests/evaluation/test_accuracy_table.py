"""Rows for the figure of intervals, and what models get wrong."""

import numpy as np
import pandas as pd
import pytest

from ytcat import runs, slides
from ytcat.categories import NAMES
from ytcat.evaluation import error_analysis
from ytcat.evaluation.accuracy_table import accuracies

SUMMARY = {"top1": 0.4, "top1_low": 0.3, "top1_high": 0.5, "top5": 0.8, "top5_low": 0.7, "top5_high": 0.9}


def test_top1_has_people_and_top5_has_not():
    top1 = accuracies("text", SUMMARY, {"Majority class": SUMMARY}, "top1", best_possible=0.7)
    assert top1["source"].tolist() == ["people", "slides", "this run", "baseline", "best possible"]
    assert top1["value"].tolist() == [0.5, slides.RESULTS["text"].top1, 0.4, 0.4, 0.7]
    assert (top1["low"] < top1["value"])[:4].all()
    top5 = accuracies("text", SUMMARY, {}, "top5")
    assert top5["source"].tolist() == ["slides", "this run"]
    assert top5["value"].tolist() == [slides.RESULTS["text"].top5, 0.8]


def table(truth, answers, confidence=0.9):
    probabilities = np.full((len(truth), 14), (1 - confidence) / 13)
    probabilities[np.arange(len(truth)), answers] = confidence
    rows = np.arange(len(truth))
    return runs.predictions_table(
        rows, np.full(len(truth), "test"), np.array(truth), probabilities
    ).set_index("row")


def test_agreement_counts_each_video_once():
    truth = [0, 0, 0, 0, 9]
    found = error_analysis.agreement(table(truth, [0, 0, 1, 1, 9]), table(truth, [0, 1, 0, 1, 9])).set_index(
        "category"
    )
    columns = ["both right", "only thumbnail", "only title", "neither"]
    assert found.loc[NAMES[0], columns].tolist() == [1, 1, 1, 1]
    assert found.loc[NAMES[9], columns].tolist() == [1, 0, 0, 0]
    assert found[columns].to_numpy().sum() == len(truth)
    assert list(found.index) == list(NAMES)


def test_confident_mistakes_come_surest_first():
    predictions = pd.concat(
        [table([0, 1], [0, 2], 0.6), table([3, 4, 5], [3, 9, 9], 0.9).rename(lambda i: i + 10)]
    )
    wrong = error_analysis.most_confident(predictions, 2, right=False)
    assert wrong.index.tolist() == [11, 12]
    assert wrong["answer"].tolist() == [9, 9]
    assert wrong["truth"].tolist() == [4, 5]
    assert wrong["confidence"].tolist() == pytest.approx([0.9, 0.9], rel=1e-5)


def test_overall_of_a_matrix():
    found = error_analysis.overall(np.diag(slides.TEST_COUNTS))
    assert found.tolist() == [1, 1, 1]
