"""Time and memory as a function of the number of videos: each stage in a process of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from generated import corpus, labels, titles
from table import QUICK, alone, report, row, scratch


def ingesting(source: Path) -> Callable[[], int]:
    """`ytcat corpus`: from the folder to the Parquet file; every video has a thumbnail."""
    from bench_ingest import our_ingest

    return our_ingest(source)


def features(source: Path) -> Callable[[], None]:
    """Thumbnail features by the frozen Xception base, from the Parquet file to the stored features."""
    from ytcat.corpus import load
    from ytcat.future_directions.thumbnail_features import encoder, openvino, store

    data = load(source, build=source.parent)
    network = store.encoder(openvino.OPENVINO)
    encoder.encode(network, encoder.prepare(data.images(slice(0, 16))))  # Keras traces the graph first
    rows, folder = data.videos.index.to_numpy(), source.with_name(f"{source.name}-features")
    return lambda: store.compute(data, rows, False, network, folder)


def linear(source: Path) -> Callable[[], int]:
    """The linear model on words and characters, with the regularization chosen most often."""
    from ytcat.models.baselines import tfidf

    texts, truth = titles_of(source)
    held_out = texts[:200], truth[:200]
    return lambda: tfidf((texts, truth), held_out, (3.0,)).classifier[-1].coef_.shape


def epoch(source: Path) -> Callable[[], int]:
    """One epoch of the text model, compiling included."""
    from ytcat.models import training
    from ytcat.models.text import text_model
    from ytcat.models.tokens import encode
    from ytcat.pretrained.glove import glove

    texts, truth = titles_of(source)
    training.make_deterministic(0)
    words = glove()
    tokens, model = encode(texts, words.index), text_model(words.vectors)
    held_out = tokens[:200], truth[:200]
    return lambda: len(training.fit(model, (tokens, truth), held_out, epochs=1, learning_rate=1e-3).history)


def kernels(source: Path) -> Callable[[], int]:
    """The three kernels of the best model: exact, and beyond 10,000 videos by landmarks."""
    import numpy as np

    from ytcat.future_directions.better_models import ensemble
    from ytcat.future_directions.thumbnail_features import encoder
    from ytcat.models import baselines

    def vectors(length: int) -> np.ndarray:
        """As the encoders give them; the time does not depend on their values."""
        drawn = np.random.default_rng(0).standard_normal((len(texts), length), dtype=np.float32)
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        return drawn

    texts, truth = titles_of(source)
    videos = ensemble.Videos(texts, vectors(384), vectors(encoder.DIMENSIONS), truth)
    words = baselines.tfidf((texts[:1_000], truth[:1_000]), (texts[:200], truth[:200]), (3.0,)).classifier
    return lambda: len(ensemble.fit_frozen(videos, words, ensemble.KERNELS).kernels)


def predicting(source: Path) -> Callable[[], tuple[int, ...]]:
    """Predictions of the linear model for the titles of a folder, read from the CSV."""
    from ytcat.corpus.ingest import read_unlabelled
    from ytcat.models.baselines import predict, tfidf

    texts, truth = titles(1_000), labels(1_000)
    model = tfidf((texts, truth), (texts[:200], truth[:200]), (3.0,)).classifier
    return lambda: predict(model, read_unlabelled(source).titles).shape


def titles_of(source: Path) -> tuple[list[str], Any]:
    """The titles of a generated folder and the labels."""
    from ytcat.corpus.ingest import read_unlabelled

    texts = read_unlabelled(source).titles
    return texts, labels(len(texts))


LARGE = (50, 100, 200) if QUICK else (1_000, 10_000, 100_000)
STAGES = {
    "Ingesting": (ingesting, LARGE, True),
    "Thumbnail features, by OpenVINO": (features, LARGE, True),
    "Training: words, linear": (linear, LARGE, False),
    "Training: LSTM, one epoch": (epoch, LARGE, False),
    "Training: words and three kernels": (kernels, LARGE, False),
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
