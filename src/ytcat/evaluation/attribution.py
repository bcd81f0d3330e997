"""Attribution of an answer: class activation maps of thumbnails, occlusion of the words of titles."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ytcat.models.tokens import TITLE_WORDS

if TYPE_CHECKING:
    from ytcat.quiet_tensorflow import keras


def grad_cam(model: "keras.Model", images: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Which places of each image speak for an answer: (n, height, width) float32, 0..1.

    `model` is a Keras Sequential such as `ytcat.models.image.image_model` builds: a base whose output is
    feature maps, then layers up to a dense one with softmax. `images` are its inputs, (n, side, side, 3)
    float32 in -1..1; `answers` (n,) are the labels to explain. The maps have the 3 x 3 places of the base for
    sides 71 to 102. Each is scaled to a maximum of 1, but stays zero if no place speaks for the answer.
    Raises ValueError unless there is one label per image, and each is one that the model can answer.
    Source: Selvaraju et al. (2017), "Grad-CAM", equations 1 and 2. A channel has the same weight at every
    place, which is not so in the slides' head with its flattened map: see `hires_cam`.
    """
    maps, gradients = _maps_and_gradients(model, images, answers)
    return _scaled((gradients.mean(axis=(1, 2), keepdims=True) * maps).sum(axis=3))


def hires_cam(model: "keras.Model", images: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """As `grad_cam`, but with a weight per channel and place.

    For heads that flatten the map, and so distinguish its places.
    Source: Draelos and Carin (2020), "Use HiResCAM instead of Grad-CAM", arXiv:2011.08891.
    """
    maps, gradients = _maps_and_gradients(model, images, answers)
    return _scaled((gradients * maps).sum(axis=3))


def occlusion(
    predict: Callable[[np.ndarray], np.ndarray], tokens: np.ndarray, answers: np.ndarray
) -> np.ndarray:
    """By how much the probability of an answer falls if a word is left out: (n, 20) float32, -1..1.

    The weight is negative where the probability rises, and 0 for padding. `tokens` (n, 20) int32 are as
    `ytcat.models.tokens.encode` returns them, with padding in front. The words before a removed one move up,
    so that the padding stays in front. `answers` (n,) are the labels to explain. `predict` maps (m, 20)
    tokens to (m, 14) probabilities and is called once.
    Source: Zeiler and Fergus (2014), section 4.2, with words in the place of grey squares.
    """
    weights = np.zeros(tokens.shape, dtype=np.float32)
    title, place = np.nonzero(tokens)
    shifted = np.pad(tokens[title, :-1], ((0, 0), (1, 0)))
    without = np.where(np.arange(tokens.shape[1]) <= place[:, np.newaxis], shifted, tokens[title])
    if len(without):
        probabilities = predict(np.concatenate([tokens, without]))
        answers = np.asarray(answers)
        whole = probabilities[np.arange(len(tokens)), answers]
        rest = probabilities[np.arange(len(tokens), len(probabilities)), answers[title]]
        weights[title, place] = whole[title] - rest
    return weights


def weights_of_words(
    words: Sequence[Sequence[str]], index: Mapping[str, int], weights: np.ndarray
) -> list[np.ndarray]:
    """The weights of `occlusion`, (n, 20), for the words of each title: one array per title.

    nan where the model does not read a word: it is not in `index`, or 20 words of `index` come before it.
    """
    of_words = []
    for title, row in zip(words, weights, strict=True):
        read = [place for place, word in enumerate(title) if word in index][:TITLE_WORDS]
        of_title = np.full(len(title), np.nan, dtype=np.float32)
        of_title[read] = row[len(row) - len(read) :]
        of_words.append(of_title)
    return of_words


def _maps_and_gradients(
    model: "keras.Model", images: np.ndarray, answers: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The maps of the base, (n, height, width, channels), and the gradients of the scores."""
    from ytcat.quiet_tensorflow import tf

    answers = np.asarray(answers)
    base, *between, last = model.layers
    if answers.shape != (len(images),) or not np.isin(answers, range(last.units)).all():
        raise ValueError(f"{len(images)} images need as many labels of 0..{last.units - 1}, got {answers}")
    if not len(images):
        return (np.empty((0, *base.output_shape[1:]), np.float32),) * 2
    blocks = [images[start : start + 32] for start in range(0, len(images), 32)]
    maps = tf.concat([base(block, training=False) for block in blocks], axis=0)
    with tf.GradientTape() as tape:
        tape.watch(maps)
        features = maps
        for layer in between:
            features = layer(features, training=False)
        # Before softmax: the gradient of a probability near 1 is lost in rounding.
        scores = tf.matmul(features, last.kernel) + last.bias
        explained = tf.gather(scores, answers, batch_dims=1)
    return maps.numpy(), tape.gradient(explained, maps).numpy()


def _scaled(heat: np.ndarray) -> np.ndarray:
    """Maps (n, height, width) with negative values set to 0, each with a maximum of 1 unless all zero."""
    heat = np.maximum(heat, 0)
    highest = heat.max(axis=(1, 2), keepdims=True)
    return np.divide(heat, highest, out=np.zeros_like(heat), where=highest > 0)
