"""Thumbnails without their letterbox bars, enlarged, through the frozen Xception base."""

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ytcat.future_directions.thumbnail_features import openvino

if TYPE_CHECKING:
    from ytcat.quiet_tensorflow import keras

# YouTube's 120 x 90 `default.jpg` shows a 16:9 picture in rows 11 to 78, between black bars.
PICTURE = slice(11, 79)
BAR_ROWS = [*range(10), *range(80, 90)]  # JPEG blurs the edge of the picture into the rows between
BAR_BRIGHTNESS = 16  # of 255, the mean below which the rows are bars
HEIGHT, WIDTH = 128, 228  # 16:9, and about 40 ms per picture on two cores: time grows with the area
DIMENSIONS = 2048 + 1536 + 1024 + 728  # of the pooled layers, see `encoder`
MAP_SHAPE = (2, 4, 2048)  # the last feature map, averaged over 2 x 2 places
BATCH_SIZE = 16
PICTURES_PER_BATCH = BATCH_SIZE - 1  # see `encode`


def crop_bars(image: np.ndarray) -> np.ndarray:
    """A thumbnail (90, 120, 3) uint8 without its letterbox bars, (68, 120, 3); unchanged if it has none."""
    return image[PICTURE] if image[BAR_ROWS].mean() < BAR_BRIGHTNESS else image


def prepare(images: np.ndarray, mirrored: bool = False) -> np.ndarray:
    """Images (n, 90, 120, 3) uint8 to (n, 128, 228, 3) float32 in -1..1: bars cropped, enlarged.

    `mirrored` swaps left and right.
    """
    large = np.empty((len(images), HEIGHT, WIDTH, 3), dtype=np.float32)
    for row, image in enumerate(images):
        large[row] = Image.fromarray(crop_bars(image)).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    large /= 127.5
    large -= 1.0
    return large[:, :, ::-1] if mirrored else large


def encoder() -> "keras.Model":
    """The frozen base for `prepare`d images, with the outputs `pooled` and `maps`.

    `pooled` (n, 5336) float32: the averages over all places of the last feature map, of the layer before the
    last convolution, and of the sums that end blocks 13 and 12; the earlier a layer, the less it is tied to
    ImageNet's classes. `maps` (n, 2, 4, 2048) float32: the last feature map, averaged over 2 x 2 places.
    """
    from ytcat.pretrained.xception import xception_base
    from ytcat.quiet_tensorflow import keras

    base = xception_base(HEIGHT, WIDTH)
    # Keras numbers the sums by how many this process has made; the layers that read them have fixed names.
    sums = [base.get_layer(name).input for name in ("block14_sepconv1", "block13_sepconv1_act")]
    layers = [base.output, base.get_layer("block14_sepconv1_act").output, *sums]
    pooled = [keras.layers.GlobalAveragePooling2D()(layer) for layer in layers]
    maps = keras.layers.AveragePooling2D(2, padding="same")(base.output)
    return keras.Model(
        base.input, {"pooled": keras.layers.Concatenate()(pooled), "maps": maps}, name="enlarged"
    )


def encode(encoder: "keras.Model", images: np.ndarray) -> dict[str, np.ndarray]:
    """The outputs of `encoder` for n `prepare`d images; n is at least 1.

    A picture's features are the same to the bit, whichever pictures are beside it: all batches have one size,
    by which TensorFlow chooses its kernels, and a filler has the last place, whose features some processors
    sum in another order.
    """
    fill = -len(images) % PICTURES_PER_BATCH
    padded = np.concatenate([images, np.repeat(images[-1:], fill, axis=0)])
    batches = padded.reshape(-1, PICTURES_PER_BATCH, *images.shape[1:])
    filled = np.concatenate([batches, batches[:, -1:]], axis=1).reshape(-1, *images.shape[1:])
    if openvino.backend_of(encoder) == openvino.OPENVINO:
        outputs = encoder.predict(filled, batch_size=BATCH_SIZE)
    else:
        from ytcat.models.batches import in_batches

        outputs = encoder.predict(in_batches(filled, batch_size=BATCH_SIZE), verbose=0)
    pictures = np.arange(len(filled)) % BATCH_SIZE < PICTURES_PER_BATCH
    return {name: values[pictures][: len(images)] for name, values in outputs.items()}
