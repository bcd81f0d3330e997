"""Networks that join frozen features of title and thumbnail: a gate, and attention across the two."""

from ytcat.categories import N_CATEGORIES
from ytcat.future_directions.thumbnail_features.encoder import PLACES
from ytcat.pretrained.minilm import DIMENSIONS
from ytcat.quiet_tensorflow import keras

UNITS = 256  # of the gated unit
WIDTH = 128  # of the attention's queries, keys and values
HEADS = 4
TITLE_TOKENS = 32  # of the attention; 99 of 100 titles have no more
DROPOUT = 0.5
VIEW_DROPOUT = 0.2  # how often a view is hidden in training


def gated_unit(title_features: int, thumbnail_features: int) -> keras.Model:
    """A gated multimodal unit: a gate decides, for each of 256 features, which view to believe.

    Inputs `title` and `thumbnail`, (n, features) float32 of unit length; output (n, 14) probabilities.
    Source: Arevalo et al. (2017), arXiv:1702.01992, section 3.1, for two views.
    """
    title = keras.Input((title_features,), name="title")
    thumbnail = keras.Input((thumbnail_features,), name="thumbnail")
    inputs = [keras.layers.Dropout(DROPOUT)(view) for view in (title, thumbnail)]
    gate = keras.layers.Dense(UNITS, activation="sigmoid", name="gate")(keras.layers.Concatenate()(inputs))
    believed = [keras.layers.Dense(UNITS, activation="tanh")(view) for view in inputs]
    joined = gate * believed[0] + (1.0 - gate) * believed[1]
    return keras.Model([title, thumbnail], _answer(joined), name="gated_unit")


def cross_attention() -> keras.Model:
    """Words look at the places of the thumbnail, places at the words; both are averaged and joined.

    Inputs `title` (n, 32, 384), zeros where there is no token, and `thumbnail` (n, 8, 2048), float32; output
    (n, 14) probabilities. In training a whole view is hidden now and then (modality dropout, Neverova et al.
    2016), so that neither is relied on alone. Attention as in Vaswani et al. (2017), with 4 heads.
    """
    title = keras.Input((TITLE_TOKENS, DIMENSIONS), name="title")
    thumbnail = keras.Input((PLACES[0] * PLACES[1], 2048), name="thumbnail")
    there = keras.ops.any(keras.ops.not_equal(title, 0.0), axis=-1)
    # One draw a video and view: the noise is the same for all tokens and features.
    hidden = [
        keras.layers.Dropout(VIEW_DROPOUT, noise_shape=(None, 1, 1))(view) for view in (title, thumbnail)
    ]
    words, places = (
        keras.layers.LayerNormalization()(keras.layers.Dense(WIDTH)(keras.layers.Dropout(DROPOUT)(view)))
        for view in hidden
    )
    seen = _attention()(words, places)
    read = _attention()(places, words, key_mask=there)
    pool = keras.layers.GlobalAveragePooling1D()
    joined = keras.layers.Concatenate()(
        [pool(words + seen, mask=there), keras.layers.GlobalAveragePooling1D()(places + read)]
    )
    return keras.Model([title, thumbnail], _answer(joined), name="cross_attention")


def _attention() -> keras.layers.Layer:
    return keras.layers.MultiHeadAttention(HEADS, WIDTH // HEADS, dropout=0.1)


def _answer(joined: keras.KerasTensor) -> keras.KerasTensor:
    kept = keras.layers.Dropout(DROPOUT)(joined)
    return keras.layers.Dense(N_CATEGORIES, activation="softmax", name="answer")(kept)
