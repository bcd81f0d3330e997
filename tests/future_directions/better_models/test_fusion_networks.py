"""Networks that join the views use both, and their masks hold."""

import numpy as np
import pytest

from ytcat.future_directions.better_models import fusion_networks
from ytcat.models import training


def data(n=192, seed=0):
    """Only title and thumbnail together tell the category: label = title bit + 2 * thumbnail bit."""
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2, (n, 2))
    title = rng.normal(0, 0.3, (n, fusion_networks.TITLE_TOKENS, 384)).astype(np.float32)
    title[:, :4] += (2 * bits[:, :1] - 1)[:, np.newaxis]
    title[:, 8:] = 0  # no tokens there
    thumbnail = rng.normal(0, 0.3, (n, 8, 2048)).astype(np.float32)
    thumbnail += (2 * bits[:, 1:] - 1)[:, np.newaxis]
    return title, thumbnail, bits[:, 0] + 2 * bits[:, 1]


@pytest.mark.parametrize("name", ["gated_unit", "cross_attention"])
def test_it_learns_what_only_both_views_tell(name):
    title, thumbnail, labels = data()
    if name == "gated_unit":
        title, thumbnail = title[:, :8].mean(axis=1), thumbnail.mean(axis=1)
    training.make_deterministic(0)
    model = (
        fusion_networks.cross_attention()
        if name == "cross_attention"
        else fusion_networks.gated_unit(384, 2048)
    )
    inputs = [title, thumbnail]
    training.fit(model, (inputs, labels), (inputs, labels), epochs=8, learning_rate=1e-3, patience=8)
    answers = model.predict(inputs, verbose=0)
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-4)
    assert (answers.argmax(axis=1) == labels).mean() > 0.9


def test_attention_is_not_paid_to_padding():
    title, thumbnail, _ = data(4)
    model = fusion_networks.cross_attention()
    whole = model.predict([title, thumbnail], verbose=0)
    other_padding = title.copy()
    assert not other_padding[:, 8:].any()
    shorter = model.predict([title[:, [*range(8), *range(8, 32)]], thumbnail], verbose=0)
    np.testing.assert_allclose(whole, shorter, rtol=1e-5)
    moved = title.copy()
    moved[:, 20], moved[:, 7] = title[:, 7], 0  # the same tokens elsewhere: places of padding do not count
    np.testing.assert_allclose(model.predict([moved, thumbnail], verbose=0), whole, rtol=1e-3, atol=1e-5)
