"""Networks that join frozen features of title and thumbnail: a gate, and attention across the two."""

from ytcat.categories import N_CATEGORIES
from ytcat.future_directions.thumbnail_features.encoder import MAP_SHAPE
from ytcat.pretrained.minilm import DIMENSIONS
from ytcat.quiet_tensorflow import keras

UNITS = 256  # of the gated unit
WIDTH = 128  # of the attention's queries, keys and values
HEADS = 4
TITLE_TOKENS = 32  # that the attention reads; 99 of 100 titles have no more
PLACES, CHANNELS = MAP_SHAPE[0] * MAP_SHAPE[1], MAP_SHAPE[2]  # of the thumbnail's feature map
DROPOUT = 0.5
VIEW_DROPOUT = 0.2  # how often a view is hidden in training


def gated_unit(title_features: int, thumbnail_features: int) -> keras.Model:
    """A gated multimodal unit: a gate weighs the two views against each other, for each of 256 features.

    Inputs `title` and `thumbnail`, (n, features) float32 of unit length; output (n, 14) probabilities.
    Source: Arevalo et al. (2017), arXiv:1702.01992, section 3.1, for two views.
    """
    title = keras.Input((title_features,), name="title")
    thumbnail = keras.Input((thumbnail_features,), name="thumbnail")
    inputs = [keras.layers.Dropout(DROPOUT)(view) for view in (title, thumbnail)]
    gate = keras.layers.Dense(UNITS, activation="sigmoid", name="gate")(keras.layers.Concatenate()(inputs))
    hidden = [keras.layers.Dense(UNITS, activation="tanh")(view) for view in inputs]
    joined = gate * hidden[0] + (1.0 - gate) * hidden[1]
    return keras.Model([title, thumbnail], _answer(joined), name="gated_unit")


def cross_attention() -> keras.Model:
    """Words attend to the places of the thumbnail, places to the words; both are averaged and joined.

    Inputs `title` (n, 32, 384), zeros where there is no token, and `thumbnail` (n, 8, 2048), float32; output
    (n, 14) probabilities. In training a whole view is hidden now and then (modality dropout, Neverova et al.
    2016), so that the network relies on neither alone. Attention as in Vaswani et al. (2017), with 4 heads.
    """
    title = keras.Input((TITLE_TOKENS, DIMENSIONS), name="title")
    thumbnail = keras.Input((PLACES, CHANNELS), name="thumbnail")
    is_token = keras.ops.any(keras.ops.not_equal(title, 0.0), axis=-1)
    # One draw per video and view: the noise is the same for all tokens and features.
    views = [
        keras.layers.Dropout(VIEW_DROPOUT, noise_shape=(None, 1, 1))(view) for view in (title, thumbnail)
    ]
    words, places = (
        keras.layers.LayerNormalization()(keras.layers.Dense(WIDTH)(keras.layers.Dropout(DROPOUT)(view)))
        for view in views
    )
    places_for_words = _attention()(words, places)
    words_for_places = _attention()(places, words, key_mask=is_token)
    pool = keras.layers.GlobalAveragePooling1D()
    joined = keras.layers.Concatenate()(
        [
            pool(words + places_for_words, mask=is_token),
            keras.layers.GlobalAveragePooling1D()(places + words_for_places),
        ]
    )
    return keras.Model([title, thumbnail], _answer(joined), name="cross_attention")


def _attention() -> keras.layers.Layer:
    return keras.layers.MultiHeadAttention(HEADS, WIDTH // HEADS, dropout=0.1)


def _answer(joined: keras.KerasTensor) -> keras.KerasTensor:
    dropped = keras.layers.Dropout(DROPOUT)(joined)
    return keras.layers.Dense(N_CATEGORIES, activation="softmax", name="answer")(dropped)
