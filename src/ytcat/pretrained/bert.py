"""BERT's encoder (Devlin et al. 2019, section 3 and appendix A.2) from layers that come with Keras.

A model of it is saved and opened by Keras alone. Layers are named as in the published files of weights.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # Keras is imported by the functions that need it
    from ytcat.quiet_tensorflow import keras

WORDS, POSITIONS, SEGMENTS = (f"embeddings.{name}_embeddings" for name in ("word", "position", "token_type"))


def encoder(folder: Path) -> "keras.Model":
    """The encoder of a folder with `config.json` and `model.safetensors`, with its weights.

    From token ids, (n, length) int32, where 0 is padding, to token states, (n, length, width) float32;
    those of padding mean nothing. Every text is one segment.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model = _build(config)
    _set_weights(model, folder / "model.safetensors")
    return model


def _build(config: dict[str, Any]) -> "keras.Model":
    from ytcat.quiet_tensorflow import keras

    width, dropout = config["hidden_size"], config["hidden_dropout_prob"]
    ids = keras.Input((None,), dtype="int32", name="token_ids")
    positions = keras.ops.cumsum(keras.ops.ones_like(ids), axis=1) - 1
    words = keras.layers.Embedding(config["vocab_size"], width, "zeros", name=WORDS)(ids)
    places = keras.layers.Embedding(config["max_position_embeddings"], width, "zeros", name=POSITIONS)(
        positions
    )
    states = _normalized(words + places, config, "embeddings.LayerNorm")
    states = keras.layers.Dropout(dropout, name="embeddings.dropout")(states)
    is_token = keras.ops.not_equal(ids, 0)[:, None, :]
    for number in range(config["num_hidden_layers"]):
        states = _transformer_layer(states, is_token, config, f"encoder.layer.{number}")
    return keras.Model(ids, states, name="bert")


def _transformer_layer(
    states: "keras.KerasTensor", is_token: "keras.KerasTensor", config: dict[str, Any], name: str
) -> "keras.KerasTensor":
    """Self-attention, then two dense layers on each token; what each gives is added to what it was given."""
    from ytcat.quiet_tensorflow import keras

    width, n_heads = config["hidden_size"], config["num_attention_heads"]
    dropout = config["hidden_dropout_prob"]
    attended = keras.layers.MultiHeadAttention(
        n_heads,
        width // n_heads,
        dropout=config["attention_probs_dropout_prob"],
        kernel_initializer="zeros",
        name=f"{name}.attention",
    )(states, states, attention_mask=is_token)
    attended = keras.layers.Dropout(dropout, name=f"{name}.attention.dropout")(attended)
    states = _normalized(states + attended, config, f"{name}.attention.output.LayerNorm")
    hidden = _dense(config["intermediate_size"], f"{name}.intermediate.dense", config["hidden_act"])(states)
    output = _dense(width, f"{name}.output.dense")(hidden)
    output = keras.layers.Dropout(dropout, name=f"{name}.dropout")(output)
    return _normalized(states + output, config, f"{name}.output.LayerNorm")


def _dense(width: int, name: str, activation: str | None = None) -> "keras.layers.Dense":
    from ytcat.quiet_tensorflow import keras

    return keras.layers.Dense(width, activation, kernel_initializer="zeros", name=name)


def _normalized(states: "keras.KerasTensor", config: dict[str, Any], name: str) -> "keras.KerasTensor":
    from ytcat.quiet_tensorflow import keras

    return keras.layers.LayerNormalization(epsilon=config["layer_norm_eps"], name=name)(states)


def _set_weights(model: "keras.Model", file: Path) -> None:
    """Published kernels are (output, input), Keras's are (input, output), of heads (input, heads, size)."""
    from safetensors.numpy import load_file

    arrays = load_file(file)
    # Of the two segments' embeddings the first is added to every token.
    arrays[f"{POSITIONS}.weight"] = arrays[f"{POSITIONS}.weight"] + arrays[f"{SEGMENTS}.weight"][0]
    for layer in model.layers:
        embeds = layer.name in (WORDS, POSITIONS)
        found = [arrays[name] for name in _published_names(layer)]
        layer.set_weights(
            [
                array if embeds else np.reshape(array.T, weight.shape)
                for array, weight in zip(found, layer.weights, strict=True)
            ]
        )


def _published_names(layer: "keras.layers.Layer") -> list[str]:
    """The names of a layer's arrays in the file, in the order of the layer's weights."""
    if layer.name.endswith(".attention"):
        parts = ("self.query", "self.key", "self.value", "output.dense")
        return [f"{layer.name}.{part}.{kind}" for part in parts for kind in ("weight", "bias")]
    return [f"{layer.name}.{kind}" for kind in ("weight", "bias")[: len(layer.weights)]]
