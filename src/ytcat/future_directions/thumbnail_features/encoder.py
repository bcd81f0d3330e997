"""Thumbnails without their letterbox bars, enlarged, through the frozen Xception base."""

import numpy as np
from PIL import Image

from ytcat.pretrained.xception import xception_base
from ytcat.quiet_tensorflow import keras

# YouTube's 120 x 90 `default.jpg` shows a 16:9 picture in rows 11 to 78, between black bars.
PICTURE = slice(11, 79)
BAR_ROWS = [*range(10), *range(80, 90)]  # JPEG blurs the edge of the picture into the rows between
BAR_BRIGHTNESS = 16  # of 255, the mean below which the rows are bars
HEIGHT, WIDTH = 128, 228  # 16:9, and about 40 ms a picture on two cores: time grows with the area
DIMENSIONS = 2048 + 1536 + 1024 + 728  # of the pooled layers, see `encoder`
PLACES = (2, 4)  # of the last feature map, averaged over 2 x 2
BATCH = 16


def crop_bars(image: np.ndarray) -> np.ndarray:
    """A thumbnail (90, 120, 3) uint8 without its letterbox bars, (68, 120, 3); as it is if it has none."""
    return image[PICTURE] if image[BAR_ROWS].mean() < BAR_BRIGHTNESS else image


def prepare(images: np.ndarray, mirrored: bool = False) -> np.ndarray:
    """Images (n, 90, 120, 3) uint8 to (n, 128, 228, 3) float32 in -1..1: bars cropped, enlarged.

    `mirrored` turns left and right around.
    """
    large = np.empty((len(images), HEIGHT, WIDTH, 3), dtype=np.float32)
    for row, image in enumerate(images):
        large[row] = Image.fromarray(crop_bars(image)).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    large /= 127.5
    large -= 1.0
    return large[:, :, ::-1] if mirrored else large


def encoder() -> keras.Model:
    """The frozen base for `prepare`d images, giving `pooled` and `maps`.

    `pooled` (n, 5336): the averages over all places of its last feature map, of the layer before the last
    convolution, and of the sums that end blocks 13 and 12; the earlier a layer, the less it is tied to
    ImageNet's classes. `maps` (n, 2, 4, 2048): the last feature map, averaged over 2 x 2 places.
    """
    base = xception_base(HEIGHT, WIDTH)
    # The sums have names that depend on what else was built; the layers that read them have not.
    sums = [base.get_layer(name).input for name in ("block14_sepconv1", "block13_sepconv1_act")]
    layers = [base.output, base.get_layer("block14_sepconv1_act").output, *sums]
    pooled = [keras.layers.GlobalAveragePooling2D()(layer) for layer in layers]
    maps = keras.layers.AveragePooling2D(2, padding="same")(base.output)
    return keras.Model(
        base.input, {"pooled": keras.layers.Concatenate()(pooled), "maps": maps}, name="enlarged"
    )


def encode(encoder: keras.Model, images: np.ndarray) -> dict[str, np.ndarray]:
    """What `encoder` gives for n `prepare`d images; n is at least 1.

    The last batch is filled up. The kernels that TensorFlow chooses depend on a batch's size (a picture
    alone differs in its last digits), so a picture's features are the same to the bit whatever it is with.
    """
    fill = -len(images) % BATCH
    whole = np.concatenate([images, np.repeat(images[-1:], fill, axis=0)])
    found = encoder.predict(whole, batch_size=BATCH, verbose=0)
    return {name: values[: len(images)] for name, values in found.items()}
