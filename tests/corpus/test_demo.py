"""The demo corpus keeps the contract of a corpus folder, and its posteriors are what they say."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ytcat.categories import IDS, labels
from ytcat.corpus.demo import generator, thumbnails, titles
from ytcat.corpus.demo.generator import bayes_accuracy, class_counts, make_demo, thumbnail_likelihood
from ytcat.exceptions import YtcatError
from ytcat.slides import TEST_COUNTS
from ytcat.views import VIEWS

N = 140


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "corpus"
    make_demo(folder, N, seed=3)
    return folder


@pytest.fixture(scope="module")
def videos(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "videos.csv", keep_default_na=False)


@pytest.fixture(scope="module")
def design(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "design.csv")


@pytest.fixture(scope="module")
def drawn() -> tuple[pd.DataFrame, np.ndarray]:
    """Posteriors of 4,000 videos without any files, and their labels."""
    rng = np.random.default_rng(11)
    prior = class_counts(1700) / 1700
    truth = rng.choice(len(IDS), 4000, p=prior)
    title = np.array([titles.likelihood(titles.draw(rng, label).text) for label in truth])
    thumbnail = np.array([thumbnail_likelihood(generator._draw_attributes(rng, label)) for label in truth])
    parts = {}
    likelihoods = {"title": title, "thumbnail": thumbnail, "both": title * thumbnail}
    for view, likelihood in likelihoods.items():
        posterior = likelihood * prior
        parts |= zip(columns(view), (posterior / posterior.sum(axis=1, keepdims=True)).T, strict=True)
    return pd.DataFrame(parts), truth


def columns(view: str) -> list[str]:
    return [f"{view}_{category_id}" for category_id in IDS]


def attributes(row: pd.Series) -> thumbnails.Attributes:
    scene, palette, people, *flags = (row[name] for name in thumbnails.Attributes._fields)
    return thumbnails.Attributes(scene, palette, int(people), *map(bool, flags))


def test_folder_keeps_the_contract(folder: Path, videos: pd.DataFrame, design: pd.DataFrame) -> None:
    assert sorted(path.name for path in folder.parent.iterdir()) == ["corpus"]  # nothing half made is left
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.txt",
        "design.csv",
        "thumbnails",
        "videos.csv",
    ]
    assert list(videos) == ["video_id", "title", "channel_title", "category_id", "publish_time", "tags"]
    assert len(videos) == N and videos.video_id.is_unique
    assert videos.video_id.str.fullmatch(r"[A-Za-z0-9_-]{11}").all()
    assert (videos.title.str.strip() != "").all() and (videos.channel_title != "").all()
    times = pd.to_datetime(videos.publish_time, format="%Y-%m-%dT%H:%M:%SZ")
    assert times.min() >= generator.FIRST and times.max() < generator.LAST and times.nunique() > N / 2
    assert list(design.video_id) == list(videos.video_id)
    assert "seed 3" in (folder / "README.txt").read_text()
    assert "synthetic" in (folder / "README.txt").read_text()


def test_every_thumbnail_decodes(folder: Path, videos: pd.DataFrame) -> None:
    assert {path.stem for path in (folder / "thumbnails").iterdir()} == set(videos.video_id)
    for path in (folder / "thumbnails").iterdir():
        with Image.open(path) as image:
            assert (image.format, image.size, image.mode) == ("JPEG", (120, 90), "RGB")
            assert np.asarray(image).std() > 5


def test_bars_are_black_rows_at_top_and_bottom(folder: Path, design: pd.DataFrame) -> None:
    for row in design.itertuples():
        with Image.open(folder / "thumbnails" / f"{row.video_id}.jpg") as image:
            pixels = np.asarray(image)
        assert (pixels[[0, 5, -5, -1]].mean() < 10) == row.bars


def test_tags(videos: pd.DataFrame) -> None:
    none = videos.tags == "[none]"
    assert 0 < none.sum() < N / 2
    assert videos.tags[~none].str.split("|").map(lambda tags: 1 <= len(tags) <= 12 and all(tags)).all()


def test_same_seed_gives_same_bytes_and_another_seed_does_not(folder: Path, tmp_path: Path) -> None:
    make_demo(tmp_path / "again", N, seed=3)
    make_demo(tmp_path / "other", 42, seed=4)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert files == sorted(
        p.relative_to(tmp_path / "again") for p in tmp_path.glob("again/**/*") if p.is_file()
    )
    assert all((folder / file).read_bytes() == (tmp_path / "again" / file).read_bytes() for file in files)
    assert (tmp_path / "other" / "videos.csv").read_bytes()[:200] != (folder / "videos.csv").read_bytes()[
        :200
    ]


def test_class_balance(videos: pd.DataFrame) -> None:
    assert list(np.bincount(labels(videos.category_id))) == list(class_counts(N))
    counts = class_counts(1700)
    assert counts.sum() == 1700 and counts.min() == 6
    common = TEST_COUNTS > 10
    expected = 1700 * TEST_COUNTS / TEST_COUNTS.sum()
    assert np.abs(counts - expected)[common].max() < 3


@given(st.integers(42, 20_000))
@settings(deadline=None)
def test_class_counts_add_up_for_any_size(n: int) -> None:
    counts = class_counts(n)
    assert counts.sum() == n and counts.min() >= 3


@pytest.mark.parametrize("n", [-1, 0, 13, 41])
def test_too_small_is_refused(n: int, tmp_path: Path) -> None:
    with pytest.raises(YtcatError, match="at least 42 videos"):
        make_demo(tmp_path / "demo", n)
    assert not any(tmp_path.iterdir())


def test_existing_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(YtcatError, match="exists already"):
        make_demo(tmp_path, 42)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_channels_are_invented_shared_and_mostly_of_one_category(tmp_path: Path) -> None:
    truth = np.repeat(np.arange(len(IDS)), class_counts(1700))
    channels = pd.Series(generator._channels(np.random.default_rng(0), truth))
    assert 280 <= channels.nunique() <= 350
    assert (channels.map(channels.value_counts()) > 1).mean() > 0.8  # a random split leaks them
    main = pd.Series(truth).groupby(channels).transform(lambda group: group.mode()[0])
    assert 0.8 < (main == truth).mean() < 0.95


def test_posteriors_are_probabilities(design: pd.DataFrame) -> None:
    for view in VIEWS:
        assert np.allclose(design[columns(view)].sum(axis=1), 1)
        assert (design[columns(view)] >= 0).all(axis=None)


def test_posteriors_equal_a_direct_recomputation(videos: pd.DataFrame, design: pd.DataFrame) -> None:
    prior = class_counts(N) / N
    for row in range(0, N, 10):
        title = np.array([title_probability(videos.title[row].lower(), label) for label in range(len(IDS))])
        shown = attributes(design.loc[row])
        thumbnail = np.array([attributes_probability(shown, label) for label in range(len(IDS))])
        likelihoods = {"title": title, "thumbnail": thumbnail, "both": title * thumbnail}
        for view, likelihood in likelihoods.items():
            expected = prior * likelihood / (prior * likelihood).sum()
            np.testing.assert_allclose(design.loc[row, columns(view)].astype(float), expected, atol=1e-12)


def title_probability(text: str, label: int) -> float:
    """P(text | category) by regular expressions: another way than the grammar's own."""
    total = 0.0
    for template, share in zip(
        titles.TEMPLATES.options, titles.TEMPLATES.probabilities[:, label], strict=True
    ):
        names = re.findall(r"\{(\w+)\}", template)
        pattern = re.escape(template)
        for name in names:
            fillers = sorted(titles.SLOTS[name].options, key=len, reverse=True)
            pattern = pattern.replace(re.escape(f"{{{name}}}"), f"({'|'.join(map(re.escape, fillers))})", 1)
        if found := re.fullmatch(pattern, text):
            for name, filler in zip(names, found.groups(), strict=True):
                slot = titles.SLOTS[name]
                share *= slot.probabilities[slot.options.index(filler), label]
            total += share
    return total


def attributes_probability(shown: thumbnails.Attributes, label: int) -> float:
    flags = [("no", "yes")[flag] for flag in (shown.lower_third, shown.overlay, shown.bars)]
    values = [shown.scene, shown.palette, str(shown.people), *flags]
    choices = generator.ATTRIBUTES.values()
    return np.prod([c.probabilities[c.options.index(v), label] for c, v in zip(choices, values, strict=True)])


def test_likelihood_is_the_frequency_of_what_is_drawn() -> None:
    """The short, generic titles of one category, counted."""
    rng = np.random.default_rng(5)
    label, n = IDS.index(titles.COMEDY), 20_000
    seen = pd.Series([titles.draw(rng, label).text.lower() for _ in range(n)]).value_counts()
    top = seen.head(20)
    expected = np.array([titles.likelihood(text)[label] for text in top.index]) * n
    assert np.abs(top.to_numpy() - expected).max() < 5 * np.sqrt(expected).max()
    assert expected.sum() == pytest.approx(top.sum(), rel=0.1)


def test_title_that_the_grammar_cannot_write_is_impossible() -> None:
    assert not titles.likelihood("quarterly earnings of a pension fund").any()


def test_every_template_slot_scene_and_palette_exists() -> None:
    slots = set(re.findall(r"\{(\w+)\}", "".join(titles.TEMPLATES.options)))
    assert slots == set(titles.SLOTS)
    assert set(generator.SCENE.options) == set(thumbnails.SCENES)
    assert set(generator.PALETTE.options) == set(thumbnails.PALETTES)


@pytest.mark.parametrize("scene", thumbnails.SCENES)
def test_scene_can_be_drawn_with_everything(scene: str) -> None:
    for people, palette in enumerate(list(thumbnails.PALETTES)[:4]):
        shown = thumbnails.Attributes(scene, palette, people, people > 0, people < 3, people % 2 == 1)
        first, second = (thumbnails.draw(shown, np.random.default_rng(people)) for _ in range(2))
        assert first.size == (120, 90) and first.tobytes() == second.tobytes()
        assert first.tobytes() != thumbnails.draw(shown, np.random.default_rng(9)).tobytes()


def test_bayes_accuracy_is_in_the_designed_bands(drawn: tuple[pd.DataFrame, np.ndarray]) -> None:
    posteriors, truth = drawn
    accuracy = bayes_accuracy(posteriors, np.array(IDS)[truth])
    top1 = {view: accuracy[view]["top1"] for view in VIEWS}
    majority = np.bincount(truth).max() / len(truth)
    assert 0.66 < top1["title"] < 0.74
    assert 0.50 < top1["thumbnail"] < 0.58
    assert 0.80 < top1["both"] < 0.88
    assert top1["both"] > top1["title"] > top1["thumbnail"] > majority
    assert all(accuracy[view]["top5"] > accuracy[view]["top1"] for view in VIEWS)
    assert top1["title"] == np.mean(posteriors[columns("title")].to_numpy().argmax(axis=1) == truth)


def test_every_category_benefits_from_both_views(drawn: tuple[pd.DataFrame, np.ndarray]) -> None:
    posteriors, truth = drawn
    right = {view: posteriors[columns(view)].to_numpy()[np.arange(len(truth)), truth] for view in VIEWS}
    mean = pd.DataFrame(right).groupby(truth).mean()
    assert (mean.both > mean.title).all() and (mean.both > mean.thumbnail).all()


def test_posteriors_are_calibrated(drawn: tuple[pd.DataFrame, np.ndarray]) -> None:
    posteriors, truth = drawn
    for view in VIEWS:
        posterior = posteriors[columns(view)].to_numpy()
        assert abs(posterior.max(axis=1).mean() - np.mean(posterior.argmax(axis=1) == truth)) < 0.025
