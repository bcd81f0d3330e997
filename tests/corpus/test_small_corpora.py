import re

import numpy as np
import pandas as pd
import pytest

from ytcat import corpus
from ytcat.corpus.enough import too_few, too_few_tags, too_few_thumbnails
from ytcat.corpus.splits import split


def videos_of(labels, titles="Title", thumbnails=True):
    n = len(labels)
    titles = [titles] * n if isinstance(titles, str) else titles
    return pd.DataFrame({"label": labels, "title": titles, "has_thumbnail": np.resize(thumbnails, n)})


@pytest.mark.parametrize(
    ("videos", "view", "message"),
    [
        (videos_of([9]), "title", "has 1 such videos of 1: Entertainment 1"),
        (videos_of([0, 1]), "title", "at least 2 of the 14 categories with at least 3 videos each"),
        (videos_of(list(range(10))), "both", "10 such videos of 10: Film and Animation 1, "),
        (videos_of([2] * 22), "title", "22 such videos of 22: Music 22. Add videos"),
        (videos_of([1] * 9 + [2] * 2), "thumbnail", "Auto & Vehicles 9, Music 2"),
        (videos_of([0, 1] * 21, "🎬🎬🎬"), "title", "with a letter or digit in the title.* 0 such .*: none"),
        (
            videos_of([0, 1] * 42, thumbnails=[True] * 3 + [False] * 81),
            "thumbnail",
            "has 3 such videos of 84",
        ),
    ],
)
def test_a_corpus_that_is_too_small_is_refused_with_what_is_needed(videos, view, message):
    assert re.match(f"The corpus tiny is too small .*{message}", too_few(videos, view, "tiny"))


@pytest.mark.parametrize(
    ("videos", "view"),
    [
        (videos_of([0, 0, 0, 1, 1, 1]), "both"),
        (videos_of([0, 1] * 3, "日本"), "title"),
        (videos_of([0, 1] * 3, "🎬"), "both"),
        (videos_of([0, 1] * 3, "🎬"), "thumbnail"),
        (videos_of([0, 1] * 3, thumbnails=False), "title"),
    ],
)
def test_six_videos_of_two_categories_are_enough(videos, view):
    assert too_few(videos, view, "tiny") == ""


def test_six_videos_of_two_categories_have_both_in_every_part(tmp_path):
    (tmp_path / "six").mkdir()
    rows = [f"clip.{i},Title {i},{('Music', 'Gaming')[i % 2]}" for i in range(6)]
    (tmp_path / "six" / "videos.csv").write_text(
        "\n".join(["video_id,title,category", *rows]), encoding="utf-8"
    )
    videos = corpus.load(tmp_path / "six", tmp_path / "build").videos
    parts = split(videos, "random")
    for part in ("train", "validation", "test"):
        assert set(videos["label"][parts == part]) == {2, 6}


@pytest.mark.parametrize(
    ("n", "with_thumbnail", "message"),
    [
        (84, 3, "has thumbnails that can be read for 3 of 84 videos.* at least 100 are needed, or one for"),
        (84, 83, "for 83 of 84 videos"),
        (500, 99, "for 99 of 500 videos"),
        (500, 0, "for 0 of 500 videos"),
        (4, 4, "is too small to train a model of the view 'thumbnail'"),
        (84, 84, None),
        (500, 100, None),
        (6, 6, None),
    ],
)
def test_thumbnails_are_learned_from_where_there_are_a_hundred_or_one_for_each_video(
    n, with_thumbnail, message
):
    videos = videos_of([0, 1] * (n // 2), thumbnails=[True] * with_thumbnail + [False] * (n - with_thumbnail))
    reason = too_few_thumbnails(videos, "tiny")
    assert re.search(message, reason) if message else reason == ""


@pytest.mark.parametrize(
    ("tags", "most"),
    [
        (["a|b"] * 9 + ["A |c"] * 0, 9),
        ([None] * 30, 0),
        ([f"t{i}|u{i}" for i in range(30)], 1),
        (["a|a"] * 5, 5),
    ],
)
def test_tags_that_are_on_few_videos_are_counted(tags, most):
    reason = too_few_tags(pd.DataFrame({"tags": tags}, dtype="str"), "tiny")
    assert f"is on {most} of {len(tags)} videos, and 10 are needed" in reason


def test_one_tag_on_ten_videos_is_enough():
    tags = ["Music|x"] * 5 + ["music|y"] * 5 + [None] * 20
    assert too_few_tags(pd.DataFrame({"tags": tags}, dtype="str"), "tiny") == ""


def test_a_chapter_may_need_more_categories_than_two():
    assert too_few(videos_of([0, 1, 2] * 3), "title", "tiny", 3) == ""
    reason = too_few(videos_of([0, 1] * 9), "title", "tiny", 3)
    assert "needs at least 3 of the 14 categories" in reason and "It has 18 such videos of 18" in reason
