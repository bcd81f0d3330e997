import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytcat.evaluation.attribution import grad_cam, hires_cam, occlusion, weights_of_words
from ytcat.models import image
from ytcat.models.tokens import encode
from ytcat.pretrained.xception import xception_base
from ytcat.quiet_tensorflow import keras

CHANNELS, CLASSES, SIDE = 4, 14, 3


@pytest.fixture(scope="module")
def tiny():
    """A base of one convolution and batch normalization, and a linear head: all can be done by hand."""
    rng = np.random.default_rng(0)
    inputs = keras.Input((SIDE, SIDE, 3))
    maps = keras.layers.Conv2D(CHANNELS, 1, name="convolution")(inputs)
    maps = keras.layers.BatchNormalization(name="normalization")(maps)
    base = keras.Model(inputs, maps)
    base.get_layer("normalization").set_weights(list(rng.uniform(0.5, 2, (4, CHANNELS))))
    head = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, CHANNELS)),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    head.layers[-1].set_weights(
        [rng.normal(size=(SIDE * SIDE * CHANNELS, CLASSES)), rng.normal(size=CLASSES)]
    )
    return image.image_model(base, head)


def by_hand(model, pictures, answers, weigh):
    convolution, normalization = model.layers[0].layers[1:]
    kernel, bias = convolution.get_weights()
    gamma, beta, mean, variance = normalization.get_weights()
    maps = (pictures @ kernel[0, 0] + bias - mean) / np.sqrt(variance + normalization.epsilon) * gamma + beta
    # A linear score's gradient is the dense layer's column, whatever the picture.
    gradients = model.layers[-1].get_weights()[0].T.reshape(CLASSES, SIDE, SIDE, CHANNELS)[answers]
    heat = np.maximum((weigh(gradients) * maps).sum(axis=3), 0)
    return heat / np.maximum(heat.max(axis=(1, 2), keepdims=True), 1e-30)


METHODS = {
    grad_cam: lambda gradients: gradients.mean(axis=(1, 2), keepdims=True),
    hires_cam: lambda gradients: gradients,
}


@pytest.mark.parametrize("method", METHODS)
def test_maps_are_what_the_papers_say(tiny, method):
    pictures = np.random.default_rng(1).normal(size=(CLASSES, SIDE, SIDE, 3)).astype(np.float32)
    expected = by_hand(tiny, pictures, np.arange(CLASSES), METHODS[method])
    found = method(tiny, pictures, np.arange(CLASSES))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert (expected.max(axis=(1, 2)) > 0).sum() > 3  # the comparison is not one of zeros


def spotlight(weight, bias=0.0):
    """A model that answers 1 by how bright the picture is: `weight` times it, plus `bias`."""
    inputs = keras.Input((SIDE, SIDE, 3))
    base = keras.Model(inputs, keras.layers.ReLU()(inputs))
    head = keras.Sequential(
        [keras.Input((SIDE, SIDE, 3)), keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")]
    )
    kernel = np.zeros((SIDE * SIDE * 3, 2))
    kernel[:, 1] = weight
    head.layers[-1].set_weights([kernel, np.array([0.0, bias])])
    return image.image_model(base, head)


@pytest.mark.parametrize("method", METHODS)
def test_the_bright_spot_is_found_even_where_the_answer_is_certain(method):
    picture = np.zeros((1, SIDE, SIDE, 3), np.float32)
    picture[0, 2, 0] = 1
    picture[0, 0, 1] = 0.25
    model = spotlight(1.0, bias=200.0)
    assert model.predict(picture, verbose=0)[0, 1] == 1  # softmax is saturated, its gradient is 0
    np.testing.assert_allclose(method(model, picture, [1])[0], [[0, 0.25, 0], [0, 0, 0], [1, 0, 0]])
    assert not method(spotlight(-1.0), picture, [1]).any()  # brightness speaks against the answer
    assert not method(model, 0 * picture, [1]).any()


def test_only_hires_cam_sees_that_a_place_does_not_count():
    weight = np.zeros((SIDE, SIDE, 3))
    weight[0, 0] = 1  # the head reads one place of the map
    picture = np.ones((1, SIDE, SIDE, 3), np.float32)
    picture[0, 1, 1] = 4
    model = spotlight(weight.ravel())
    expected = np.zeros((SIDE, SIDE))
    expected[0, 0] = 1
    np.testing.assert_allclose(hires_cam(model, picture, [1])[0], expected)
    assert grad_cam(model, picture, [1])[0].argmax() == 4  # the centre, which is only bright


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("answers", [[0], [0, 14], [-1, 0], [[0, 1]]])
def test_what_are_not_labels_is_refused(tiny, answers, method):
    with pytest.raises(ValueError, match="need as many labels"):
        method(tiny, np.zeros((2, SIDE, SIDE, 3), np.float32), answers)


def test_no_images_give_no_maps(tiny):
    maps = grad_cam(tiny, np.zeros((0, SIDE, SIDE, 3), np.float32), [])
    assert maps.shape == (0, SIDE, SIDE)


def test_the_slides_network_explains_the_same_after_saving(tmp_path):
    keras.utils.set_random_seed(0)
    base = xception_base(71)
    image.train_batch_normalization_only(base)  # as chapter 03 leaves it
    model = image.image_model(base, image.head(base.output_shape[1:]))
    thumbnails = np.random.default_rng(0).integers(0, 256, (3, 90, 120, 3), dtype=np.uint8)
    pictures, answers = image.prepare(thumbnails, 71), np.array([2, 2, 9])
    found = {method: method(model, pictures, answers) for method in METHODS}
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    for method, maps in found.items():
        assert maps.shape == (3, 3, 3) and maps.dtype == np.float32
        assert maps.min() >= 0
        np.testing.assert_array_equal(maps.max(axis=(1, 2)), 1)
        np.testing.assert_array_equal(method(model, pictures, answers), maps)
        # A picture's map does not depend on the others.
        np.testing.assert_allclose(method(model, pictures[:1], answers[:1]), maps[:1], atol=1e-4)
        assert not np.allclose(method(model, pictures[:1], [9]), maps[:1], atol=0.01)
        np.testing.assert_allclose(method(again, pictures, answers), maps, atol=1e-5)


# ---- titles

VOCABULARY = 30
EFFECTS = np.random.default_rng(2).uniform(-0.002, 0.002, (VOCABULARY, CLASSES))
EFFECTS[0] = 0
EFFECTS -= EFFECTS.mean(axis=1, keepdims=True)


def bag_of_words(tokens):
    """Probabilities that are linear in the words: each adds its row of EFFECTS."""
    return 1 / CLASSES + EFFECTS[tokens].sum(axis=1)


@given(
    st.lists(
        st.tuples(st.lists(st.integers(1, VOCABULARY - 1), max_size=20), st.integers(0, CLASSES - 1)),
        max_size=5,
    )
)
def test_occlusion_of_a_linear_model_is_its_words_effects(titles):
    tokens = np.zeros((len(titles), 20), np.int32)
    for row, (words, _) in zip(tokens, titles, strict=True):
        row[20 - len(words) :] = words
    answers = np.array([answer for _, answer in titles], dtype=int)
    found = occlusion(bag_of_words, tokens, answers)
    assert found.dtype == np.float32 and found.shape == tokens.shape
    np.testing.assert_allclose(found, EFFECTS[tokens, answers[:, np.newaxis]], atol=1e-7)
    assert not found[tokens == 0].any()


def test_a_word_left_out_leaves_the_others_in_order_behind_the_padding():
    full = np.arange(1, 21, dtype=np.int32)
    short = np.array([0] * 17 + [7, 8, 9], dtype=np.int32)
    calls = []

    def predict(tokens):
        calls.append(tokens)
        return np.full((len(tokens), CLASSES), 1 / CLASSES)

    occlusion(predict, np.stack([short, full]), np.array([0, 1]))
    (tokens,) = calls
    assert tokens.dtype == np.int32
    np.testing.assert_array_equal(tokens[:2], [short, full])
    assert [row[17:].tolist() for row in tokens[2:5]] == [[0, 8, 9], [0, 7, 9], [0, 7, 8]]
    assert not tokens[2:5, :17].any()
    for left_out, row in zip(full, tokens[5:], strict=True):
        assert row.tolist() == [0, *(word for word in full if word != left_out)]


def test_words_get_their_weights_and_nan_where_they_are_not_read():
    index = {f"w{i}": i for i in range(1, 26)}
    titles = ["w3 qqq w3 w5", "qqq", "", " ".join(f"w{i}" for i in range(1, 23))]
    weights = encode(titles, index).astype(np.float32) / 10
    found = weights_of_words([title.split() for title in titles], index, weights)
    np.testing.assert_allclose(found[0], [0.3, np.nan, 0.3, 0.5], rtol=1e-6)
    assert np.isnan(found[1]).tolist() == [True]
    assert len(found[2]) == 0
    np.testing.assert_allclose(found[3], [*np.arange(1, 21) / 10, np.nan, np.nan], rtol=1e-6)
