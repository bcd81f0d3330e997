"""Thumbnails lose their bars, not their picture."""

import numpy as np

from ytcat.future_directions.thumbnail_features import encoder as enlarged


def letterboxed(color=200):
    image = np.zeros((90, 120, 3), dtype=np.uint8)
    image[enlarged.PICTURE] = color
    return image


def test_bars_are_cropped_and_pictures_without_bars_are_whole():
    assert enlarged.crop_bars(letterboxed()).shape == (68, 120, 3)
    assert enlarged.crop_bars(letterboxed()).min() == 200
    full = np.full((90, 120, 3), 90, dtype=np.uint8)
    assert enlarged.crop_bars(full) is full
    one_sided = letterboxed()
    one_sided[:12] = 255  # a bar below only is part of the picture
    assert enlarged.crop_bars(one_sided) is one_sided


def test_prepared_images_are_scaled_and_may_be_mirrored():
    image = letterboxed()
    image[:, :60] = image[:, :60] // 2
    plain, mirrored = (enlarged.prepare(image[np.newaxis], mirrored=m) for m in (False, True))
    assert plain.shape == (1, enlarged.HEIGHT, enlarged.WIDTH, 3) and plain.dtype == np.float32
    assert plain.min() >= -1 and plain.max() <= 1
    np.testing.assert_array_equal(mirrored, plain[:, :, ::-1])
    assert plain[0, 0, 0, 0] < plain[0, 0, -1, 0]


def test_the_encoder_pools_what_it_says():
    encoder = enlarged.encoder()
    found = encoder.predict(enlarged.prepare(np.stack([letterboxed(), letterboxed(50)])), verbose=0)
    assert found["pooled"].shape == (2, enlarged.DIMENSIONS)
    assert found["maps"].shape == (2, *enlarged.MAP_SHAPE)
    assert not np.allclose(found["pooled"][0], found["pooled"][1])
    again = enlarged.encoder()  # a second one in the same process finds the same layers
    np.testing.assert_array_equal(
        again.predict(enlarged.prepare(letterboxed()[np.newaxis]), verbose=0)["pooled"].shape, (1, 5336)
    )


def test_features_of_a_picture_do_not_depend_on_what_it_is_with():
    encoder = enlarged.encoder()
    rng = np.random.default_rng(0)
    images = enlarged.prepare(rng.integers(0, 256, (enlarged.BATCH_SIZE + 3, 90, 120, 3), dtype=np.uint8))
    together = enlarged.encode(encoder, images)
    for rows in ([0], [enlarged.BATCH_SIZE + 2], [5, 2, 9], np.arange(len(images))[::-1]):
        apart = enlarged.encode(encoder, images[rows])
        for name, values in together.items():
            np.testing.assert_array_equal(apart[name], values[rows])
