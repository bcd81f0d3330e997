"""Thumbnails without their letterbox bars, enlarged, through the frozen Xception base."""

import keras
import numpy as np
from PIL import Image

from ytcat.pretrained.xception import xception_base

# YouTube's 120 x 90 `default.jpg` shows a 16:9 picture in rows 11 to 78, between black bars.
PICTURE = slice(11, 79)
BAR_ROWS = [*range(10), *range(80, 90)]  # the rows at the edge of the picture are blurred by JPEG
BAR_BRIGHTNESS = 16  # of 255, the mean below which the rows are bars
HEIGHT, WIDTH = 180, 320
LAYER = "block14_sepconv1_act"  # before the last convolution: less tied to ImageNet's classes than its output
DIMENSIONS = 2048 + 1536
PLACES = (3, 5)  # of the last feature map, averaged over 2 x 2: the whole of it would take 1.4 GB on us-2020


def crop_bars(image: np.ndarray) -> np.ndarray:
    """A thumbnail (90, 120, 3) uint8 without its letterbox bars, (68, 120, 3); as it is if it has none."""
    return image[PICTURE] if image[BAR_ROWS].mean() < BAR_BRIGHTNESS else image


def prepare(images: np.ndarray, mirrored: bool = False) -> np.ndarray:
    """Images (n, 90, 120, 3) uint8 to (n, 180, 320, 3) float32 in -1..1: bars cropped, enlarged.

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

    `pooled` (n, 3584): the averages of its last feature map and of `LAYER`. `maps` (n, 3, 5, 2048): the last
    feature map, averaged over 2 x 2 places.
    """
    base = xception_base(HEIGHT, WIDTH)
    pool = keras.layers.GlobalAveragePooling2D()
    pooled = keras.layers.Concatenate()([pool(base.output), pool(base.get_layer(LAYER).output)])
    maps = keras.layers.AveragePooling2D(2)(base.output)
    return keras.Model(base.input, {"pooled": pooled, "maps": maps}, name="enlarged")
