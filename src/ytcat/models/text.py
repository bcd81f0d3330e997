"""The slides' text model: 20 words on frozen GloVe vectors through two LSTM layers."""

import numpy as np

from ytcat.categories import N_CATEGORIES
from ytcat.models.tokens import TITLE_WORDS
from ytcat.quiet_tensorflow import keras

LSTM_UNITS = 128  # slide "Approach for Text model"


def text_model(vectors: np.ndarray, dropout: float = 0.5) -> keras.Model:
    """The slides' title classifier, layer by layer, uncompiled.

    `vectors` (400001, 50) float32 stay frozen. Input (n, 20) int32 token ids; output (n, 14) probabilities.
    20,225,088 parameters, of which 225,038 are trainable. The output of the layer `features`, (n, 128), is
    what the fusion model joins.
    """
    return keras.Sequential(
        [
            keras.Input((TITLE_WORDS,), dtype="int32"),
            keras.layers.Embedding(
                *vectors.shape,
                weights=[vectors],
                trainable=False,
                name="embedding",
            ),
            keras.layers.LSTM(LSTM_UNITS, return_sequences=True, name="lstm_1"),
            keras.layers.Dropout(dropout, name="dropout_1"),
            keras.layers.LSTM(LSTM_UNITS, name="lstm_2"),
            keras.layers.Dropout(dropout, name="features"),
            keras.layers.Dense(N_CATEGORIES, name="dense"),
            keras.layers.Activation("softmax", name="activation"),
        ],
        name="text",
    )
