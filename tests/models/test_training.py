"""The same seed gives the same weights; the best epoch's weights stay."""

import numpy as np
import pandas as pd
import pytest

from ytcat.models import training
from ytcat.pretrained import weights_sha256
from ytcat.quiet_tensorflow import keras


@pytest.fixture
def videos():
    """Features that tell three categories apart, with noise: 120 for training, 60 for validation."""
    rng = np.random.default_rng(0)
    labels = np.arange(180) % 3
    features = np.eye(3, 8, dtype=np.float32)[labels] + rng.normal(0, 0.7, (180, 8)).astype(np.float32)
    return (features[:120], labels[:120]), (features[120:], labels[120:])


def small_model() -> keras.Model:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(16, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(3, "softmax"),
        ]
    )


def train(videos, seed, epochs=4, learning_rate=1e-2, patience=3):
    training.make_deterministic(seed)
    model = small_model()
    fitted = training.fit(
        model, *videos, epochs=epochs, learning_rate=learning_rate, batch_size=16, patience=patience
    )
    return model, fitted


def test_one_seed_one_result(videos):
    first, again, other = (train(videos, seed) for seed in (7, 7, 8))
    assert weights_sha256(first[0]) == weights_sha256(again[0])
    assert first[1].history.equals(again[1].history)
    assert weights_sha256(first[0]) != weights_sha256(other[0])


def test_the_graph_of_a_step_is_traced_once(videos):
    traced = []

    class Traced(keras.layers.Layer):
        def call(self, inputs, training=None):
            if training:
                traced.append(self.name)
            return inputs

    model = keras.Sequential([keras.Input((8,)), Traced(), keras.layers.Dense(3, "softmax")])
    training.fit(model, *videos, epochs=2, learning_rate=1e-2, batch_size=16)
    assert len(traced) == 1


def test_steps_taken_together_change_no_bit(videos):
    epochs = training.MANY_STEPS // (120 // 16) + 1  # 8 batches of 16, the last one not full
    model, fitted = train(videos, seed=3, epochs=epochs, patience=0)
    assert model.steps_per_execution == training.STEPS_AT_ONCE
    training.make_deterministic(3)
    stock = small_model()
    stock.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = stock.fit(
        *videos[0], batch_size=16, epochs=epochs, validation_data=videos[1], verbose=0
    ).history
    assert weights_sha256(model) == weights_sha256(stock)
    assert fitted.history["loss"].tolist() == history["loss"]
    assert fitted.history["val_accuracy"].tolist() == history["val_accuracy"]


def test_rates_set_by_step_give_the_bits_of_a_schedule_within_the_optimizer(videos):
    def trained(within: bool) -> str:
        training.make_deterministic(3)
        model = small_model()
        schedule = keras.optimizers.schedules.CosineDecay(0.0, 12, warmup_target=0.01, warmup_steps=4)
        rate = {"learning_rate": schedule} if within else {}
        model.compile(keras.optimizers.AdamW(weight_decay=0.01, **rate), "sparse_categorical_crossentropy")
        callbacks = [] if within else [training.ScheduledRate(schedule)]
        model.fit(*videos[0], epochs=2, batch_size=16, verbose=0, shuffle=False, callbacks=callbacks)
        if not within:
            assert float(model.optimizer.learning_rate) == pytest.approx(float(schedule(15)))
        return weights_sha256(model)

    assert trained(within=True) == trained(within=False)


def test_best_epoch_is_restored_and_training_stops(videos):
    model, fitted = train(videos, seed=1, epochs=60, learning_rate=0.2, patience=2)
    best = fitted.history["val_loss"].min()
    assert len(fitted.history) < 60
    assert fitted.history["val_loss"].idxmin() + 1 == fitted.best_epoch == len(fitted.history) - 2
    assert model.evaluate(*videos[1], verbose=0)[0] == pytest.approx(best, rel=1e-5)


def test_best_epoch_is_restored_when_training_runs_to_its_end_too(videos):
    model, fitted = train(videos, seed=1, epochs=12, learning_rate=0.2, patience=50)
    assert len(fitted.history) == 12 > fitted.best_epoch
    best = fitted.history["val_loss"].min()
    assert model.evaluate(*videos[1], verbose=0)[0] == pytest.approx(best, rel=1e-5)


def test_weights_that_no_epoch_beats_are_kept(videos):
    model, _ = train(videos, seed=1, epochs=8)
    before, loss = model.get_weights(), model.evaluate(*videos[1], verbose=0)[0]
    fitted = training.fit(model, *videos, epochs=3, learning_rate=2.0, loss_to_beat=loss)
    assert (fitted.history["val_loss"] > loss).all()
    assert fitted.best_epoch == 0
    assert len(fitted.history) == 3
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    assert model.evaluate(*videos[1], verbose=0)[0] == pytest.approx(loss)


def test_an_equal_loss_does_not_beat_and_a_lower_one_does(videos):
    def again(loss_to_beat):
        training.make_deterministic(2)
        model = small_model()
        before = weights_sha256(model)
        fitted = training.fit(model, *videos, epochs=4, learning_rate=1e-2, loss_to_beat=loss_to_beat)
        return fitted, weights_sha256(model) == before

    free, unchanged = again(np.inf)
    assert free.best_epoch > 0
    assert not unchanged
    best = free.history["val_loss"].min()
    for loss, epoch in ((best, 0), (np.nextafter(best, np.inf), free.best_epoch)):
        fitted, unchanged = again(loss)
        assert fitted.best_epoch == epoch
        assert unchanged == (epoch == 0)
        assert fitted.history.equals(free.history)


def history(*losses):
    return pd.DataFrame({"epoch": range(1, len(losses) + 1), "val_loss": losses})


def test_phases_are_counted_through_and_the_last_better_epoch_counts():
    head = training.TrainingResult(history(3.0, 2.0, 2.5), 2)
    alone = training.in_phases({"head": head})
    assert (alone.best_epoch, alone.history["phase"].unique().tolist()) == (2, ["head"])
    better = training.in_phases({"head": head, "all": training.TrainingResult(history(2.1, 1.5), 2)})
    assert better.best_epoch == 5
    assert better.history["epoch"].tolist() == [1, 2, 3, 4, 5]
    assert better.history["phase"].tolist() == ["head"] * 3 + ["all"] * 2
    worse = training.in_phases({"head": head, "all": training.TrainingResult(history(2.1), 0)})
    assert worse.best_epoch == 2


def test_one_line_per_epoch(videos, capfd):
    train(videos, seed=0, epochs=3)
    lines = capfd.readouterr().out.strip().splitlines()
    assert [line[:11] for line in lines] == ["epoch  1/3 ", "epoch  2/3 ", "epoch  3/3 "]
