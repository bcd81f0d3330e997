"""Time and memory as videos grow in number: each stage in processes of its own, without a stock way."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from generated import corpus, labels, titles
from table import QUICK, alone, report, row, scratch


def ingesting(source: Path) -> Callable[[], int]:
    """`ytcat corpus`: from the folder to the Parquet file, each video with a thumbnail."""
    from bench_ingest import our_ingest

    return our_ingest(source)


def features(source: Path) -> Callable[[], None]:
    """Thumbnails through the frozen Xception base, from Parquet to the files that keep them."""
    from ytcat.corpus import load
    from ytcat.future_directions.thumbnail_features import encoder as enlarged
    from ytcat.future_directions.thumbnail_features import openvino, store

    data = load(source, build=source.parent)
    encoder = store.encoder(openvino.OPENVINO)
    enlarged.encode(encoder, enlarged.prepare(data.images(slice(0, 16))))  # Keras traces the graph at first
    rows, kept = data.videos.index.to_numpy(), source.with_name(f"{source.name}-features")
    return lambda: store.compute(data, rows, False, encoder, kept)


def linear(source: Path) -> Callable[[], int]:
    """The linear model on words and characters, with the regularization that is chosen most often."""
    from ytcat.models.baselines import tfidf

    read, truth = titles_of(source)
    held_out = read[:200], truth[:200]
    return lambda: tfidf((read, truth), held_out, (3.0,)).classifier[-1].coef_.shape


def epoch(source: Path) -> Callable[[], int]:
    """One epoch of the text model, compiling included."""
    from ytcat.models import training
    from ytcat.models.text import text_model
    from ytcat.models.tokens import encode
    from ytcat.pretrained.glove import glove

    read, truth = titles_of(source)
    training.make_deterministic(0)
    known = glove()
    tokens, model = encode(read, known.index), text_model(known.vectors)
    held_out = tokens[:200], truth[:200]
    return lambda: len(training.fit(model, (tokens, truth), held_out, epochs=1, learning_rate=1e-3).history)


def kernel(source: Path) -> Callable[[], tuple[int, ...]]:
    """The exact solution of the best title kernel: every video compared with every other."""
    import numpy as np

    from ytcat.future_directions.better_models import kernels
    from ytcat.models import baselines

    read, truth = titles_of(source)
    words = baselines.title_features().fit_transform(read).tocsr()
    # Of the sentence encoder's shape and length: what stands in them is nothing to the time.
    sentences = np.random.default_rng(0).normal(size=(len(read), 384)).astype(np.float32)
    sentences /= np.linalg.norm(sentences, axis=1, keepdims=True)
    data = kernels.Features(words, sentences, None)
    return lambda: kernels.fit("title", data, truth).coefficients.shape


def predicting(source: Path) -> Callable[[], tuple[int, ...]]:
    """The linear model's answers about titles of a folder, read from its CSV."""
    from ytcat.corpus.ingest import read_unlabelled
    from ytcat.models.baselines import predict, tfidf

    read, truth = titles(1_000), labels(1_000)
    model = tfidf((read, truth), (read[:200], truth[:200]), (3.0,)).classifier
    return lambda: predict(model, read_unlabelled(source).titles).shape


def titles_of(source: Path) -> tuple[list[str], Any]:
    """The titles of a generated folder and their labels."""
    from ytcat.corpus.ingest import read_unlabelled

    read = read_unlabelled(source).titles
    return read, labels(len(read))


LARGE = (50, 100, 200) if QUICK else (1_000, 10_000, 100_000)
STAGES = {
    "Ingesting": (ingesting, LARGE, True),
    "Thumbnail features, by OpenVINO": (features, LARGE, True),
    "Training: words, linear": (linear, LARGE, False),
    "Training: LSTM, one epoch": (epoch, LARGE, False),
    "Training: kernel": (kernel, (100, 200, 400) if QUICK else (1_000, 2_000, 5_000), False),
    "Prediction from titles": (predicting, LARGE, False),
}

if __name__ == "__main__":
    rows = []
    with scratch() as folder:
        for what, (stage, sizes, thumbnails) in STAGES.items():
            for n in sizes:
                source = Path(folder) / f"{n}{'-with-thumbnails' if thumbnails else ''}"
                if not source.exists():
                    corpus(source, n, thumbnails)
                rows.append(row(what, n, "videos", [alone(stage, source)]))
    report("growth", "Growth", rows)
