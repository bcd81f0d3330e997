"""Rows for the figure of intervals, and what models get wrong."""

import numpy as np
import pandas as pd

from ytcat import slides
from ytcat.categories import NAMES
from ytcat.evaluation import error_analysis
from ytcat.evaluation.accuracy_table import accuracies

SUMMARY = {"top1": 0.4, "top1_low": 0.3, "top1_high": 0.5, "top5": 0.8, "top5_low": 0.7, "top5_high": 0.9}


def test_top1_has_people_and_top5_has_not():
    top1 = accuracies("text", SUMMARY, {"majority": SUMMARY}, "top1", best_possible=0.7)
    assert top1["source"].tolist() == ["people", "slides", "this run", "baseline", "best possible"]
    assert top1["value"].tolist() == [0.5, slides.RESULTS["text"].top1, 0.4, 0.4, 0.7]
    assert (top1["low"] < top1["value"])[:4].all()
    top5 = accuracies("text", SUMMARY, {}, "top5")
    assert top5["source"].tolist() == ["slides", "this run"]
    assert top5["value"].tolist() == [slides.RESULTS["text"].top5, 0.8]


def table(truth, answers, confidence=0.9):
    truth, answers = np.array(truth), np.array(answers)
    columns = {"answer": answers, "truth": truth, "confidence": confidence, "correct": answers == truth}
    return pd.DataFrame(columns)


def test_agreement_counts_each_video_once():
    truth = [0, 0, 0, 0, 9]
    thumbnail, title = table(truth, [0, 0, 1, 1, 9]), table([*truth, 3], [0, 1, 0, 1, 9, 3])
    counts = error_analysis.agreement(thumbnail, title).set_index("category")  # the sixth has no thumbnail
    columns = ["both right", "only thumbnail", "only title", "neither"]
    assert counts.loc[NAMES[0], columns].tolist() == [1, 1, 1, 1]
    assert counts.loc[NAMES[9], columns].tolist() == [1, 0, 0, 0]
    assert counts[columns].to_numpy().sum() == len(truth)
    assert list(counts.index) == list(NAMES)


def test_confident_answers_come_surest_first():
    answers = pd.concat([table([0, 1], [0, 2], 0.6), table([3, 4, 5], [3, 9, 9]).rename(lambda i: i + 10)])
    wrong = error_analysis.most_confident(answers[~answers["correct"]], 2)
    assert wrong.index.tolist() == [11, 12]
    assert wrong["answer"].tolist() == [9, 9]
    assert wrong["truth"].tolist() == [4, 5]
    assert wrong["confidence"].tolist() == [0.9, 0.9]


def test_overall_of_a_matrix():
    shares = error_analysis.overall(np.diag(slides.TEST_COUNTS))
    assert shares.tolist() == [1, 1, 1]
