"""Titles through the sentence encoder MiniLM, as published or fine-tuned to the categories."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ytcat.categories import N_CATEGORIES
from ytcat.pretrained.minilm import DIMENSIONS, sentence_encoder, tokenizer

if TYPE_CHECKING:  # Keras is imported by the functions that need it, not by every answer
    import pandas as pd
    from tokenizers import Tokenizer

    from ytcat.quiet_tensorflow import keras, tf

LENGTH = 48  # tokens; 99 of 100 titles have at most 32
STEP = 8  # batches are padded to multiples of this length, so that TensorFlow compiles few shapes
BATCHES_SORTED = 16  # batches whose titles are sorted by length together: little padding, random batches
DROPOUT = 0.2  # before the output layer; inside the encoder it is 0.1
WARM_UP = 0.1  # the share of the steps during which the learning rate rises
INFERENCE_BATCH = 64


def tokenize(titles: Sequence[str], wordpiece: "Tokenizer | None" = None) -> list[list[int]]:
    """WordPiece ids of each title, at most 48, including [CLS] and [SEP]."""
    wordpiece = wordpiece or tokenizer(LENGTH)
    return [encoding.ids for encoding in wordpiece.encode_batch(list(titles))]


def embed(titles: Sequence[str]) -> np.ndarray:
    """Sentence embeddings of the published encoder, (n, 384) float32 of unit length.

    They are means of the token states, as its authors use it (Reimers and Gurevych 2019).
    """
    from ytcat.quiet_tensorflow import keras

    return keras.ops.convert_to_numpy(keras.ops.normalize(_by_keras(published(), titles)))


def token_states(titles: Sequence[str], length: int) -> np.ndarray:
    """States of the published encoder for the first `length` tokens, (n, length, 384) float16.

    Zeros where a title has fewer tokens.
    """
    from ytcat.quiet_tensorflow import keras

    encoder = _published_encoder()
    states = np.zeros((len(titles), length, DIMENSIONS), dtype=np.float16)
    batches = TitleBatches(tokenize(titles), INFERENCE_BATCH)
    for rows, (ids, _) in zip(batches.plan, batches.dataset(), strict=True):
        is_token = keras.ops.cast(ids != 0, "float32")[..., None]
        output = keras.ops.convert_to_numpy((encoder(ids) * is_token)[:, :length])
        states[rows, : output.shape[1]] = output
    return states


def classifier() -> "keras.Model":
    """The encoder with a dense layer of 14 scores (logits) on the mean of its token states.

    The word embeddings, half of its numbers, stay frozen: trained too, they take time and were not shown to
    help out of fold.
    """
    from ytcat.quiet_tensorflow import keras

    pooled = _pooled(sentence_encoder())
    for layer in pooled.layers:
        layer.trainable = not isinstance(layer, keras.layers.Embedding)
    features = keras.layers.Dropout(DROPOUT)(pooled.output)
    return keras.Model(pooled.input, keras.layers.Dense(N_CATEGORIES, name="scores")(features), name="minilm")


def fine_tune(
    train: tuple[Sequence[str], np.ndarray],
    validation: tuple[Sequence[str], np.ndarray],
    *,
    weights: np.ndarray | None = None,
    epochs: int,
    learning_rate: float,
    batch_size: int = 32,
    seed: int = 0,
    checkpoints: Path | None = None,
) -> "tuple[keras.Model, pd.DataFrame]":
    """The trained `classifier` and its history, one row per epoch as in `ytcat.models.training.fit`.

    AdamW (Loshchilov and Hutter 2019); the learning rate rises over the first tenth of the steps, then falls
    to 0 as a cosine. The model is that of the last epoch. `weights` are those of the n training titles in
    the loss, (n,) float, 1 unless given. Call `training.make_deterministic` first. For `checkpoints` see
    `training.through_epochs`.
    """
    from ytcat.models import training
    from ytcat.quiet_tensorflow import keras

    model = classifier()
    batches = TitleBatches(tokenize(train[0]), batch_size, train[1], seed, weights)
    steps = epochs * len(batches)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, round((1 - WARM_UP) * steps), warmup_target=learning_rate, warmup_steps=round(WARM_UP * steps)
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(weight_decay=0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    held_out = TitleBatches(tokenize(validation[0]), INFERENCE_BATCH, validation[1])
    history = training.through_epochs(
        model,
        batches.dataset(),
        validation=held_out.dataset(),
        epochs=epochs,
        rates=training.ScheduledRate(schedule),
        checkpoints=checkpoints,
        arrays=[np.asarray(array) for array in (*train, *validation, weights) if array is not None],
        settings={"batch_size": batch_size, "seed": seed, "schedule": schedule.get_config()},
    )
    return model, history


def scores(model: "keras.Model", titles: Sequence[str]) -> np.ndarray:
    """Scores of titles by a `classifier`, (n, 14) float32; their softmax are probabilities."""
    return _by_keras(model, titles)


def over_batches(
    network: Callable[[np.ndarray], np.ndarray],
    width: int,
    titles: Sequence[str],
    wordpiece: "Tokenizer | None" = None,
) -> np.ndarray:
    """What `network` gives for titles, (n, width) float32, batch by batch.

    It is called with the token ids of `TitleBatches`; `wordpiece` is the published tokenizer unless given.
    """
    outputs = np.zeros((len(titles), width), dtype=np.float32)
    batches = TitleBatches(tokenize(titles, wordpiece), INFERENCE_BATCH)
    for number, rows in enumerate(batches.plan):
        ids, _ = batches[number]
        outputs[rows] = network(ids)
    return outputs


class TitleBatches:
    """Token ids of titles in batches of similar length, each padded with 0 to its longest.

    `tokens` are lists of ids, `labels` (n,) ints, `weights` (n,) floats, which are given out only if given.
    With a `seed` the batches are drawn at random, once: every epoch has the same ones. Without a seed they
    are in order of length. `plan` holds the rows of each batch. (Keras's PyDataset assumes that all batches
    have the shape of the first ones.)
    """

    def __init__(
        self,
        tokens: list[list[int]],
        batch_size: int,
        labels: np.ndarray | None = None,
        seed: int | None = None,
        weights: np.ndarray | None = None,
    ) -> None:
        self.tokens = tokens
        self.batch_size = batch_size
        self.labels = np.zeros(len(tokens), dtype=np.int64) if labels is None else labels
        self.weights = weights
        self.plan = self._draw_plan(None if seed is None else np.random.default_rng(seed))

    def dataset(self) -> "tf.data.Dataset":
        """One epoch per iteration."""
        from ytcat.models.batches import not_tuned
        from ytcat.quiet_tensorflow import tf

        signature = (tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), tf.int64))
        if self.weights is not None:
            signature += (tf.TensorSpec((None,), tf.float32),)
        dataset = tf.data.Dataset.from_generator(self._epoch, output_signature=signature)
        known = tf.data.experimental.assert_cardinality(len(self.plan))
        return not_tuned(dataset.apply(known))

    def _epoch(self) -> Iterator[tuple[Any, ...]]:
        for number, rows in enumerate(self.plan):
            yield self[number] if self.weights is None else (*self[number], self.weights[rows])

    def _draw_plan(self, rng: np.random.Generator | None) -> list[np.ndarray]:
        n = len(self.tokens)
        order = np.arange(n) if rng is None else rng.permutation(n)
        n_sorted = n if rng is None else self.batch_size * BATCHES_SORTED
        lengths = np.array([len(ids) for ids in self.tokens])
        plan = []
        for start in range(0, n, max(n_sorted, 1)):
            rows = order[start : start + n_sorted]
            rows = rows[np.argsort(lengths[rows], kind="stable")]
            plan += [rows[at : at + self.batch_size] for at in range(0, len(rows), self.batch_size)]
        return plan if rng is None else [plan[number] for number in rng.permutation(len(plan))]

    def __len__(self) -> int:
        return len(self.plan)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.plan[number]
        longest = max(len(self.tokens[row]) for row in rows)
        ids = np.zeros((len(rows), -(-longest // STEP) * STEP), dtype=np.int32)
        for line, row in enumerate(rows):
            ids[line, : len(self.tokens[row])] = self.tokens[row]
        return ids, self.labels[rows]


@cache
def published() -> "keras.Model":
    """The published encoder: token ids of `TitleBatches` to means of the token states, (n, 384) float32."""
    return _pooled(_published_encoder())


@cache
def _published_encoder() -> "keras.Model":
    """Never trained: whoever trains makes one of its own. To make one takes seconds."""
    return sentence_encoder()


def _pooled(encoder: "keras.Model") -> "keras.Model":
    from ytcat.quiet_tensorflow import keras

    is_token = keras.ops.not_equal(encoder.input, 0)
    pooled = keras.layers.GlobalAveragePooling1D(name="pooled")(encoder.output, mask=is_token)
    return keras.Model(encoder.input, pooled)


def _by_keras(model: "keras.Model", titles: Sequence[str]) -> np.ndarray:
    return over_batches(_graph(model), model.output_shape[-1], titles)


@lru_cache(maxsize=2)  # the published encoder and a fine-tuned one
def _graph(model: "keras.Model") -> Callable[[np.ndarray], np.ndarray]:
    """The model as one graph for any number of titles, which takes a second to trace.

    Keras's `predict` takes several times as long to start, which is most of the time for a few titles.
    """
    from ytcat.quiet_tensorflow import tf

    return tf.function(model, input_signature=[tf.TensorSpec((None, None), tf.int32)])
