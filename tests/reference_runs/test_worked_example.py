"""The deck's example is asked of models without its channel, and only of title models."""

import numpy as np
import pytest

from made import corpus, predictions, recording
from ytcat import slides
from ytcat.categories import N_CATEGORIES, NAMES
from ytcat.corpus.splits import split
from ytcat.models import baselines
from ytcat.reference_runs import worked_example
from ytcat.reference_runs.worked_example import TRUTH

ROW = 7


def made_corpus(title=slides.EXAMPLE.title):
    """Titles of education speak of colonies, those of gaming of space; the example is row 7."""
    titles = [f"colony lesson {i}" if i % 2 else f"space game {i}" for i in range(120)]
    titles[ROW] = title
    labels = [TRUTH if i % 2 else NAMES.index("Gaming") for i in range(120)]
    return corpus(titles, labels, [f"channel {i // 6}" for i in range(120)])


@pytest.fixture(scope="module")
def left_out():
    return worked_example.words_left_out(made_corpus())


def test_the_model_is_that_of_the_fold_that_holds_the_example(left_out):
    made = made_corpus()
    fold = left_out["fold"].iloc[0]
    parts = split(made.videos, "channel", fold=fold)
    assert left_out["row"].unique() == [ROW] and parts[ROW] == "test"
    known = [made.videos[parts == part] for part in ("train", "validation")]
    model = baselines.tfidf(*((part["title"].tolist(), part["label"].to_numpy()) for part in known))
    whole = baselines.predict(model.classifier, [slides.EXAMPLE.title])[0]
    assert left_out["probability"].iloc[0] == whole[TRUTH]
    assert left_out["answer"].iloc[0] == NAMES[whole.argmax()]


def test_each_word_is_left_out_once_and_the_telling_ones_tell(left_out):
    assert left_out["word"].tolist() == ["", *slides.EXAMPLE.title.split()]
    change = left_out.set_index("word")["probability"] - left_out["probability"].iloc[0]
    assert change["Colony"] < -0.05  # it spoke for Education
    assert change["Space"] > 0.05  # it spoke against it
    assert abs(change["Inbreeding-Free"]) < 0.05


def test_another_corpus_or_one_without_channels_has_no_example():
    assert worked_example.words_left_out(made_corpus("Another title")) is None
    no_channels = made_corpus()
    no_channels.videos["channel_title"] = None
    assert worked_example.words_left_out(no_channels) is None


def test_title_models_answer_in_order_with_the_rank_of_the_truth(places, left_out):
    sure = np.full(N_CATEGORIES, 0.2 / (N_CATEGORIES - 1))
    sure[TRUTH] = 0.8
    third = np.zeros(N_CATEGORIES)
    third[[2, 4, TRUTH]] = 0.5, 0.3, 0.2
    other = {"truth": [2], "rows": [ROW + 1], "channels": [1], "split": "random"}
    here = {"truth": [TRUTH], "rows": [ROW], "channels": [0], "split": "channel"}
    tables = [
        predictions("tfidf", probabilities=[third], **here),
        predictions("text", probabilities=[sure], **here),
        predictions("image", probabilities=[sure], **here),  # reads no title
        predictions("text", probabilities=[sure], **other),  # the example is no test video there
    ]
    folder = recording(tables)
    assert worked_example.answers().empty
    left_out.to_csv(folder / worked_example.WORKED_EXAMPLE, index=False)
    table = worked_example.answers()
    assert table[["corpus", "split", "model", "answer", "rank"]].to_numpy().tolist() == [
        ["made", "channel", "text", "Education", 1],
        ["made", "channel", "tfidf", "Music", 3],
    ]
    assert table["probability"].tolist() == pytest.approx([0.8, 0.5])
    assert table["probability_of_truth"].tolist() == pytest.approx([0.8, 0.2])
    assert worked_example.recorded_words()["word"].tolist() == left_out["word"].tolist()


def test_seeds_are_averaged(places, left_out):
    chances = np.eye(N_CATEGORIES)[[TRUTH, 2]]
    tables = [
        predictions("text", [TRUTH], [chance], [ROW], [0], "channel", seed=seed)
        for seed, chance in enumerate(chances[[0, 0, 1]])
    ]
    left_out.to_csv(recording(tables) / worked_example.WORKED_EXAMPLE, index=False)
    assert worked_example.answers()["probability"].tolist() == pytest.approx([2 / 3])


def test_all_recorded_title_models_say_education_to_the_decks_example():
    """The claim of the first page, on the recorded runs."""
    table = worked_example.answers()
    assert set(table["split"]) == {"channel"} and set(table["corpus"]) == {"us-2017"}
    assert len(table) == 8 and set(table["answer"]) == {slides.EXAMPLE.truth}
    tfidf = table.set_index("model").loc["tfidf", "probability_of_truth"]
    whole = worked_example.recorded_words().iloc[0]
    assert whole["probability"] == pytest.approx(tfidf, abs=1e-4)
