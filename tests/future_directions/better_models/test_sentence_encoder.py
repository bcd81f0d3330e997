"""The sentence encoder: batches lose no title, and fine-tuning learns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ytcat.future_directions.better_models import sentence_encoder
from ytcat.models import training

TITLES = ["Official trailer of the film", "Goal! Highlights of the match"] * 12
LABELS = np.array([0, 7] * 12)


@given(
    st.lists(st.integers(1, sentence_encoder.LENGTH), min_size=1, max_size=200),
    st.integers(1, 40),
    st.one_of(st.none(), st.integers(0, 5)),
)
@settings(max_examples=10, deadline=None)
def test_every_epoch_has_every_title_once_padded_to_its_batch(lengths, batch_size, seed):
    tokens = [[number + 1] * length for number, length in enumerate(lengths)]
    labels = np.arange(len(lengths))
    batches = sentence_encoder.TitleBatches(tokens, batch_size, labels, seed)
    for _ in range(2):
        seen = []
        for ids, truth in batches.dataset().as_numpy_iterator():
            assert ids.shape[1] % sentence_encoder.STEP == 0
            for row, label in enumerate(truth):
                length = len(tokens[label])
                assert ids[row, :length].tolist() == tokens[label]
                assert not ids[row, length:].any()
            seen += truth.tolist()
        assert sorted(seen) == labels.tolist()


def test_the_batches_are_at_random_and_those_of_the_seed():
    tokens = [[1] * (1 + number % 20) for number in range(100)]

    def order(seed):
        return np.concatenate(sentence_encoder.TitleBatches(tokens, 8, np.arange(100), seed).plan)

    np.testing.assert_array_equal(order(3), order(3))
    assert not np.array_equal(order(3), order(4))
    assert not np.array_equal(order(3), order(None))


def test_embeddings_do_not_depend_on_what_else_is_in_the_batch():
    titles = ["How to bake bread", "a", "Everything that you always wanted to know about the baking of bread"]
    together = sentence_encoder.embed(titles)
    assert together.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, rtol=1e-5)
    for row, title in enumerate(titles):
        np.testing.assert_allclose(sentence_encoder.embed([title])[0], together[row], atol=1e-5)
    assert together[0] @ together[2] > together[0] @ together[1]


def test_many_titles_of_one_length_before_longer_ones_are_no_trouble():
    """Keras would take the first batches' shape for that of all."""
    titles = ["a cat"] * 200 + ["one two three four five six seven eight nine ten eleven twelve"] * 70
    found = sentence_encoder.embed(titles)
    np.testing.assert_allclose(found[:200], np.broadcast_to(found[0], (200, 384)), atol=1e-5)
    assert found[0] @ found[-1] < 0.9
    assert sentence_encoder.embed([]).shape == (0, 384)


def test_token_states_are_zero_where_there_is_no_token():
    states = sentence_encoder.token_states(["cats", "one two three four five six seven eight"], 6)
    assert states.shape == (2, 6, 384)
    assert not states[0, 3:].any() and states[0, :3].any(axis=1).all()
    assert states[1].any(axis=1).all()


@pytest.fixture(scope="module")
def tuned():
    """Trained twice with one seed; every title is there again, with a wrong category and the weight 0."""
    wrong = np.where(LABELS == 0, 7, 0)
    found = []
    for _ in range(2):
        training.make_deterministic(5)
        found.append(
            sentence_encoder.fine_tune(
                (TITLES * 2, np.concatenate([LABELS, wrong])),
                (TITLES[:4], LABELS[:4]),
                weights=np.repeat(np.array([1, 0], np.float32), len(TITLES)),
                epochs=2,
                learning_rate=4e-4,
                batch_size=8,
                seed=5,
            )
        )
    return found


def test_fine_tuning_learns_two_kinds_of_title_by_their_weights_and_logs_each_epoch(tuned):
    model, history = tuned[0]
    assert history["epoch"].tolist() == [1, 2]
    assert {"loss", "accuracy", "val_loss", "val_accuracy"} <= set(history)
    answers = sentence_encoder.scores(model, ["The new film: first trailer", "All goals of the match"])
    assert answers.shape == (2, 14)
    assert answers.argmax(axis=1).tolist() == [0, 7]


def test_a_second_question_needs_no_second_graph_and_meets_the_weights_of_now(tuned):
    model, _ = tuned[1]
    before = sentence_encoder.scores(model, TITLES[:3])
    graph = sentence_encoder._graph(model)
    *others, bias = model.get_weights()
    model.set_weights([*others, bias + 1])
    asked = sentence_encoder.scores(model, TITLES[:3])
    sentence_encoder.scores(
        model, ["one title of many more words than there were in any of the titles before it"]
    )
    assert sentence_encoder._graph(model) is graph
    assert graph.experimental_get_tracing_count() == 1
    model.set_weights([*others, bias])
    np.testing.assert_allclose(asked, before + 1, atol=1e-5)


def test_one_seed_gives_the_same_weights(tuned):
    for one, other in zip(tuned[0][0].get_weights(), tuned[1][0].get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_word_embeddings_stay_as_they_were_published(tuned):
    model, _ = tuned[0]
    published = sentence_encoder.classifier()
    for layer in ("embeddings.word_embeddings", "embeddings.position_embeddings"):
        for one, other in zip(
            model.get_layer(layer).get_weights(), published.get_layer(layer).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(one, other)
    changed = [
        not np.array_equal(one, other)
        for one, other in zip(model.get_weights(), published.get_weights(), strict=True)
    ]
    assert sum(changed) > 90
