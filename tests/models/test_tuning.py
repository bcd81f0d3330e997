"""Tuning runs change one setting each, and the last ones start from the best head."""

import numpy as np
import pytest

from ytcat.categories import N_CATEGORIES
from ytcat.models import tuning

LABELS = np.arange(2 * N_CATEGORIES) % N_CATEGORIES
TITLES = [f"{['music', 'football', 'news'][label % 3]} video" for label in LABELS]


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (len(LABELS), 90, 120, 3), dtype=np.uint8)


def test_each_run_of_the_head_changes_one_setting():
    for change in tuning.HEAD_CHANGES:
        assert change.keys() <= tuning.HEAD.keys()
        assert all(tuning.HEAD[name] != value for name, value in change.items())
        assert len(change) <= 1 or change.keys() == {"batch_size", "learning_rate"}


@pytest.mark.slow
def test_image_runs_start_batch_normalization_from_the_best_head(images, monkeypatch):
    monkeypatch.setattr(tuning, "HEAD", tuning.HEAD | {"side": 71})
    monkeypatch.setattr(tuning, "HEAD_CHANGES", ({}, {"learning_rate": 1.0}))  # the second ruins the head
    monkeypatch.setattr(tuning, "NORMALIZATION", (("ImageNet", 1e-9), ("batch", 1e-9)))
    table = tuning.image_tuning((images, LABELS), (images, LABELS), epochs=2)
    good, bad, fixed, by_batch = table.to_dict("records")
    assert good["val_loss"] < bad["val_loss"]
    # A step of nearly nothing leaves the head where it was, as long as normalization is that of ImageNet.
    assert fixed["val_loss"] == pytest.approx(good["val_loss"], abs=2e-3)
    assert by_batch["val_loss"] != pytest.approx(good["val_loss"], abs=2e-3)
    assert (fixed["side"], by_batch["batch_size"]) == (71, tuning.HEAD["batch_size"])


def test_text_tuning_has_one_row_per_epoch():
    table = tuning.text_tuning((TITLES, LABELS), (TITLES, LABELS), epochs=2)
    assert table["epoch"].tolist() == [1, 2]
    assert {"val_loss", "val_accuracy", "val_top5"} <= set(table.columns)
    again = tuning.text_tuning((TITLES, LABELS), (TITLES, LABELS), epochs=2)
    assert table.equals(again)


@pytest.mark.slow
def test_fusion_runs_join_what_their_names_say(images, monkeypatch):
    monkeypatch.setattr(tuning, "TEXT_EPOCHS", 1)
    data = (images, TITLES, LABELS)
    table = tuning.fusion_tuning(data, data, tuning.HEAD | {"side": 71}, epochs=2).set_index("joined")
    assert len(table) == 4
    assert table["val_accuracy"].between(0, 1).all()
    assert (table.loc[table.index.str.contains("nothing"), "epochs"] == 0).all()
