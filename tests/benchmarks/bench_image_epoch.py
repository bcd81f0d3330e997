"""An epoch of the slides' image model with batch normalization trained, compared with a plain Keras `fit`.

Also alternatives that may be faster but are not bit-identical, so that the report does not use them, and a
profile of the time of an epoch.
"""

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from table import QUICK, Measured, alone, report, row, scratch

from ytcat import paths

SEEDS = (0,) if QUICK else (0, 1, 2)
VIDEOS, VALIDATION = (128, 64) if QUICK else (512, 512)
BATCH, MICRO = 128, 16
RATE, HEAD_RATE, HEAD_EPOCHS = 1e-5, 1e-4, 2 if QUICK else 30  # as in notebooks/profiles/full.yaml
REAL = paths.ROOT.parent / "shared" / "data" / "us-2020"
CORPUS = str(REAL) if REAL.is_dir() and not QUICK else "demo"
KINDS = {  # of TensorFlow operations, by a part of the name; the first match counts
    "Depthwise": "depthwise convolutions",
    "Conv2DBackprop": "other convolutions backwards",
    "Conv2D": "other convolutions forwards",
    "MatMul": "dense layers",
    **dict.fromkeys(
        ("Mul", "Add", "Sub", "Sum", "Sqrt", "RealDiv", "Square"), "products and sums (batch normalization)"
    ),
}


def prepared(folder: Path, seed: int) -> Callable[[], None]:
    """Data, and a head trained on the frozen base as in chapter 03, with which each way starts."""
    from ytcat.corpus import load
    from ytcat.models import image, training
    from ytcat.pretrained.xception import xception_base

    data = load(CORPUS)
    videos = data.videos[data.videos["has_thumbnail"]].sample(VIDEOS + VALIDATION, random_state=0)
    pictures, labels = data.images(videos.index.to_numpy()), videos["label"].to_numpy()

    def work() -> None:
        training.make_deterministic(seed)
        base = xception_base(96)
        maps, head = image.feature_maps(base, pictures, BATCH), image.head(base.output_shape[1:])
        parts = [(maps[rows], labels[rows]) for rows in (slice(VIDEOS), slice(VIDEOS, None))]
        training.fit(head, *parts, epochs=HEAD_EPOCHS, learning_rate=HEAD_RATE, batch_size=BATCH)
        head.save_weights(folder / f"{seed}.weights.h5")
        np.savez(folder / "data.npz", x=image.prepare(pictures, 96), y=labels)

    return work


def epoch(way: str, folder: Path, seed: int) -> Callable[[], float]:
    """One epoch, including the graph and validation; the result is the validation top-1.

    `way` is "ours", "stock", or an alternative.
    """
    from ytcat.models import image, training
    from ytcat.pretrained.xception import xception_base
    from ytcat.quiet_tensorflow import keras

    if way == "bfloat16":
        keras.config.set_dtype_policy("mixed_bfloat16")
    (training.make_deterministic if way == "ours" else keras.utils.set_random_seed)(seed)
    base = xception_base(96)
    image.train_batch_normalization_only(base)
    head = image.head(base.output_shape[1:])
    head.load_weights(folder / f"{seed}.weights.h5")
    model = image.with_fixed_statistics(base, head)
    with np.load(folder / "data.npz") as data:
        x, y = data["x"], data["y"]
    train, validation = (x[:VIDEOS], y[:VIDEOS]), (x[VIDEOS:], y[VIDEOS:])

    def ours() -> float:
        options = {"epochs": 1, "learning_rate": RATE, "batch_size": BATCH, "patience": 0}
        return training.fit(model, train, validation, **options).history["val_accuracy"].iloc[-1]

    def stock() -> float:
        steps = BATCH // MICRO if way == "micro batches" else None
        model.compile(
            optimizer=keras.optimizers.Adam(RATE, gradient_accumulation_steps=steps),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        batch = MICRO if steps else BATCH
        fitted = model.fit(*train, batch_size=batch, validation_data=validation, verbose=0)
        return fitted.history["val_accuracy"][-1]

    return ours if way == "ours" else stock


def forwards(folder: Path) -> Callable[[], None]:
    """Only the forward pass of the frozen base on the training thumbnails, which every way needs."""
    from ytcat.pretrained.xception import xception_base

    base = xception_base(96)
    with np.load(folder / "data.npz") as data:
        x = data["x"][:VIDEOS]
    base.predict(x[:BATCH], batch_size=BATCH, verbose=0)

    def work() -> None:
        base.predict(x, batch_size=BATCH, verbose=0)

    return work


def profiled(folder: Path) -> Callable[[], dict[str, float]]:
    """The share of each kind of operation in the time of an epoch of `stock`."""
    work = epoch("stock", folder, SEEDS[0])

    def profile() -> dict[str, float]:
        from tensorflow.tsl.profiler.protobuf import xplane_pb2

        from ytcat.quiet_tensorflow import tf

        with tempfile.TemporaryDirectory(dir=folder) as traces:
            with tf.profiler.experimental.Profile(traces):
                work()
            space = xplane_pb2.XSpace()
            space.ParseFromString(next(Path(traces).rglob("*.xplane.pb")).read_bytes())
        spent = Counter()
        for plane in space.planes:
            for line in plane.lines:
                for event in line.events:
                    name = plane.event_metadata[event.metadata_id].name
                    device, _, operation = name.rpartition(":")
                    if device and " " not in name and "::" not in name:  # otherwise no operation
                        kind = next((k for part, k in KINDS.items() if part in operation), "the rest")
                        spent[kind] += event.duration_ps
        return {kind: picoseconds / spent.total() for kind, picoseconds in spent.most_common()}

    return profile


def accuracies(side: list[Measured]) -> str:
    """The validation top-1 of each seed."""
    return ", ".join(f"{one.result:.1%}" for one in side)


if __name__ == "__main__":
    with scratch() as name:
        folder = Path(name)
        for seed in SEEDS:
            alone(prepared, folder, seed)
        ways = {way: [] for way in ("ours", "stock", "bfloat16", "micro batches")}
        for seed in SEEDS:
            for way, found in ways.items():
                found.append(alone(epoch, way, folder, seed))
        bare, shares = [alone(forwards, folder) for _ in SEEDS], alone(profiled, folder).result
    stock = ways["stock"]
    rows = [
        row(
            what,
            VIDEOS,
            "thumbnails",
            ways[way],
            stock,
            note=f"top-1 on validation {accuracies(ways[way])}; stock {accuracies(stock)}",
            stock_way="Keras fit of the same model",
            target_ratio=1.0 if way == "ours" else None,
        )
        for what, way in (
            ("an epoch of the image model", "ours"),
            ("tried, not used: in bfloat16", "bfloat16"),
            (f"tried, not used: {MICRO} at a time, gradients summed up to {BATCH}", "micro batches"),
        )
    ]
    profile = ", ".join(f"{kind} {share:.0%}" for kind, share in shares.items())
    note = f"part of every epoch; share of an epoch's operations: {profile}"
    rows.append(row("the frozen base forwards, nothing trained", VIDEOS, "thumbnails", bare, note=note))
    report("image_epoch", "An epoch of the image model, batch normalization trained", rows)
