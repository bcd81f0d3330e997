"""Epochs of the text model, tokenizing, and loading GloVe, each compared with the stock way in Keras."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from generated import labels, titles
from table import QUICK, alone, interleaved, report, row, scratch

TRAINING = 500 if QUICK else 4_500  # titles; the slides' 5,000 without validation
TITLES = 2_000 if QUICK else 100_000
EPOCHS = 2


def our_epochs(file: Path) -> Callable[[], list[float]]:
    """Training as in chapter 04, bit-reproducible."""
    from ytcat.models import training
    from ytcat.models.text import text_model

    training.make_deterministic(0)
    tokens, truth, vectors = _encoded(file)
    model = text_model(vectors)

    def work() -> list[float]:
        fitted = training.fit(
            model, (tokens, truth), (tokens[:100], truth[:100]), epochs=EPOCHS, learning_rate=1e-3
        )
        return fitted.history["loss"].tolist()

    return work


def deterministic_epochs(file: Path) -> Callable[[], list[float]]:
    """The stock way, of which TensorFlow is told to give the same bits each time."""
    from ytcat.models import training

    training.make_deterministic(0)
    return stock_epochs(file)


def stock_epochs(file: Path) -> Callable[[], list[float]]:
    """The same model and data with Keras's `compile` and `fit` alone."""
    from ytcat.models.text import text_model
    from ytcat.quiet_tensorflow import keras

    keras.utils.set_random_seed(0)
    tokens, truth, vectors = _encoded(file)
    model = text_model(vectors)

    def work() -> list[float]:
        model.compile(
            optimizer=keras.optimizers.Adam(1e-3),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        validation = tokens[:100], truth[:100]
        fitted = model.fit(tokens, truth, batch_size=32, epochs=EPOCHS, validation_data=validation, verbose=0)
        return fitted.history["loss"]

    return work


def our_tokens(file: Path) -> Callable[[], tuple[int, int]]:
    """`ytcat.models.tokens.encode`."""
    from ytcat.models.tokens import encode
    from ytcat.pretrained.glove import glove

    read, index = _lines(file), glove().index
    return lambda: encode(read, index).shape


def stock_tokens(file: Path) -> Callable[[], tuple[int, int]]:
    """Keras's TextVectorization with the same 400,000 words; it does not split words, and pads at the end."""
    from ytcat.pretrained.glove import glove
    from ytcat.quiet_tensorflow import keras

    read = _lines(file)
    layer = keras.layers.TextVectorization(output_sequence_length=20, vocabulary=list(glove().index))
    layer(read[:8])
    return lambda: tuple(layer(read).numpy().shape)


def our_vectors(file: Path) -> Callable[[], tuple[int, float]]:
    """`ytcat.pretrained.glove.glove`, including the checksums."""
    from ytcat.pretrained.glove import glove

    def work() -> tuple[int, float]:
        known = glove()
        return len(known.index), float(known.vectors[-1].sum())

    return work


def stock_vectors(file: Path) -> Callable[[], tuple[int, float]]:
    """GloVe's text file read line by line, as in Keras's example on pretrained embeddings."""

    def work() -> tuple[int, float]:
        index, vectors = {}, np.zeros((400_001, 50), dtype=np.float32)
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                word, numbers = line.split(maxsplit=1)
                index[word] = len(index) + 1
                vectors[index[word]] = np.fromstring(numbers, "f", sep=" ")
        return len(index), float(vectors[-1].sum())

    return work


def write_vectors(file: Path) -> None:
    """GloVe as distributed by the authors: one word per line, followed by the vector."""
    from ytcat.pretrained.glove import glove

    known = glove()
    with file.open("w", encoding="utf-8") as stream:
        for word, number in known.index.items():
            stream.write(f"{word} {' '.join(f'{value:.5g}' for value in known.vectors[number].tolist())}\n")


def _encoded(file: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from ytcat.models.tokens import encode
    from ytcat.pretrained.glove import glove

    read, known = _lines(file)[:TRAINING], glove()
    return encode(read, known.index), labels(len(read)), known.vectors


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    with scratch() as folder:
        file, vectors = Path(folder) / "titles.txt", Path(folder) / "glove.6B.50d.txt"
        file.write_text("\n".join(titles(TITLES)), encoding="utf-8")
        write_vectors(vectors)
        epochs = interleaved(our_epochs, stock_epochs, file, repeats=3)
        deterministic = [alone(deterministic_epochs, file) for _ in epochs[0]]
        tokens = interleaved(our_tokens, stock_tokens, file, repeats=3)
        loaded = interleaved(our_vectors, stock_vectors, vectors, repeats=3)
    assert all(a.result == b.result for a, b in zip(*tokens, strict=True))  # the shape
    for ours, stock in zip(*loaded, strict=True):
        assert ours.result[0] == stock.result[0]
        assert np.isclose(ours.result[1], stock.result[1], atol=1e-3)
    rows = [
        row(
            f"{EPOCHS} epochs of the text model (two LSTM layers)",
            TRAINING,
            "titles",
            *epochs,
            stock_way="Keras's compile and fit",
            target_ratio=1.0,
            note="ours bit-reproducible",
        ),
        row(
            "What bit-reproducible operations cost: the same epochs by Keras's fit with them",
            TRAINING,
            "titles",
            deterministic,
            epochs[1],
            stock_way="Keras's compile and fit",
        ),
        row("Titles to token ids", TITLES, "titles", *tokens, stock_way="Keras's TextVectorization"),
        row(
            "Loading GloVe 6B",
            400_001,
            "vectors of 50 numbers",
            *loaded,
            stock_way="the text file line by line",
            target_seconds=0.3,
            note="equal; ours with checksums",
        ),
    ]
    report("text", "The text model", rows)
