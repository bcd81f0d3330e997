"""The models are the slides', layer by layer and to the last parameter."""

import numpy as np
import pytest

from ytcat import slides
from ytcat.evaluation import deck_arithmetic as deck
from ytcat.models import fusion, image, text
from ytcat.models.layer_table import beside_slides, count_parameters
from ytcat.pretrained.glove import glove
from ytcat.pretrained.xception import xception_base
from ytcat.quiet_tensorflow import keras


@pytest.fixture(scope="module")
def base():
    return xception_base(96)


@pytest.fixture(scope="module")
def image_model(base):
    image.train_batch_normalization_only(base)
    return image.image_model(base, image.head(base.output_shape[1:]))


@pytest.fixture(scope="module")
def text_model():
    return text.text_model(glove().vectors)


@pytest.mark.parametrize(
    "model, network", [("image_model", slides.IMAGE_NETWORK), ("text_model", slides.TEXT_NETWORK)]
)
def test_every_layer_and_total_is_the_slides(model, network, request):
    model = request.getfixturevalue(model)
    table = beside_slides(model, network)
    assert table["parameters (slides)"].tolist() == table["parameters (here)"].tolist()
    assert table["shape (slides)"].tolist() == table["shape (here)"].tolist()
    assert count_parameters(model) == (network.total, network.trainable, network.non_trainable)
    kinds = [type(layer).__name__ for layer in model.layers]
    printed = [layer.kind for layer in network.layers if layer.kind != "InputLayer"]
    assert kinds == [{"Model": "Functional"}.get(kind, kind) for kind in printed]


def test_the_rule_behind_the_trainable_count(base, image_model):
    """What is trained in the base is the gamma and beta of every batch normalization, nothing else."""
    trained = {weight.path for weight in base.trainable_weights}
    assert {path.rsplit("/", 1)[1] for path in trained} == {"gamma", "beta"}
    normalizations = [layer for layer in base.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert len(normalizations) == deck.XCEPTION_BATCHNORM_LAYERS
    assert len(trained) == 2 * len(normalizations)
    count = sum(int(np.prod(weight.shape)) for weight in base.trainable_weights)
    assert count == deck.XCEPTION_GAMMAS_AND_BETAS
    assert base.count_params() == deck.XCEPTION_PARAMETERS


@pytest.mark.parametrize("side", [71, 90, 102, 103, 120])
def test_output_side_formula_holds_on_the_real_network(side):
    network = keras.applications.Xception(weights=None, include_top=False, input_shape=(side, side, 3))
    assert network.output_shape[1] == deck.xception_output_side(side)


def test_frozen_base_trains_the_head_only():
    base = keras.applications.Xception(weights=None, include_top=False, input_shape=(96, 96, 3))
    base.trainable = False
    model = image.image_model(base, image.head(base.output_shape[1:]))
    assert count_parameters(model).trainable == deck.head_parameters()


def test_image_model_shares_the_weights_of_its_head(base):
    head = image.head(base.output_shape[1:])
    model = image.image_model(base, head)
    pictures = np.random.default_rng(0).integers(0, 256, (3, 90, 120, 3), dtype=np.uint8)
    whole = model.predict(image.prepare(pictures, 96), verbose=0)
    from_maps = head.predict(image.feature_maps(base, pictures), verbose=0)
    np.testing.assert_allclose(whole, from_maps, rtol=1e-4, atol=1e-6)


def test_prepare_scales_to_minus_one_and_one():
    black_and_white = np.stack([np.zeros((90, 120, 3), np.uint8), np.full((90, 120, 3), 255, np.uint8)])
    prepared = image.prepare(black_and_white, 96)
    assert prepared.shape == (2, 96, 96, 3)
    assert prepared.dtype == np.float32
    assert (prepared[0] == -1).all()
    assert (prepared[1] == 1).all()


def test_fusion_joins_both_models_with_one_dense_layer(image_model, text_model):
    trunks = fusion.trunk(image_model), fusion.trunk(text_model)
    joint = fusion.joint_layer()
    model = fusion.fusion_model(*trunks, joint)
    assert count_parameters(model).trainable == (128 + 128) * 14 + 14
    pictures = np.random.default_rng(0).uniform(-1, 1, (2, 96, 96, 3)).astype(np.float32)
    tokens = np.random.default_rng(1).integers(0, 400_001, (2, 20), dtype=np.int32)
    whole = model.predict([pictures, tokens], verbose=0)
    joined = fusion.join(trunks[0].predict(pictures, verbose=0), trunks[1].predict(tokens, verbose=0))
    np.testing.assert_allclose(whole, joint.predict(joined, verbose=0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(whole.sum(axis=1), 1, rtol=1e-5)


def test_text_model_survives_saving(text_model, tmp_path):
    path = tmp_path / "model.keras"
    text_model.save(path)
    again = keras.saving.load_model(path, safe_mode=True)
    tokens = np.array([[0] * 17 + [5, 6, 7]], dtype=np.int32)
    np.testing.assert_array_equal(text_model.predict(tokens, verbose=0), again.predict(tokens, verbose=0))
    np.testing.assert_array_equal(again.get_layer("embedding").get_weights()[0], glove().vectors)
