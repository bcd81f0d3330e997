"""The demo corpus: synthetic videos whose best possible accuracy is known exactly.

A video of category y has a title drawn from P(title | y) (module `titles`) and a thumbnail that shows
attributes drawn from P(attributes | y) (the tables below; module `thumbnails` draws them). Title and
attributes are independent given y, so the posterior of both is proportional to the product of their
likelihoods and the class prior: both views together tell more than either alone. The posterior of the
attributes bounds what any model can read from the pixels, which hold nothing else that depends on y.
"""

import string
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import top_k_accuracy_score

from ytcat.atomic_files import atomic_path
from ytcat.categories import IDS, N_CATEGORIES, labels
from ytcat.corpus.demo import thumbnails, titles
from ytcat.corpus.demo.titles import (
    AUTO,
    COMEDY,
    FILM,
    GAMING,
    HOWTO,
    LEARN,
    MUSIC,
    NEWS,
    PEOPLE,
    PETS,
    SHOW,
    SPORT,
    TECH,
    TRAVEL,
    Choice,
    Title,
)
from ytcat.exceptions import YtcatError
from ytcat.progress import tracked
from ytcat.slides import TEST_COUNTS
from ytcat.views import VIEWS

# --- the thumbnails' difficulty ---------------------------------------------------------------------
# Weights of the attributes of a thumbnail, per category; a category that is not named has the weight
# `elsewhere`. Within a category the attributes are independent of each other.
SCENE = Choice(
    {
        "stage": {MUSIC: 9, SHOW: 3, COMEDY: 1, NEWS: 0.3, PEOPLE: 0.5},
        "pitch": {SPORT: 9, GAMING: 0.8, SHOW: 0.3, NEWS: 0.4},
        "game": {GAMING: 9, FILM: 0.5, TECH: 0.5, COMEDY: 0.4},
        "news": {NEWS: 8, SHOW: 2.0, SPORT: 1.2, COMEDY: 1.0, TECH: 0.4},
        "kitchen": {HOWTO: 4.5, SHOW: 0.6, PEOPLE: 1.3, COMEDY: 0.6, TRAVEL: 0.8},
        "vanity": {HOWTO: 4.5, PEOPLE: 1.2, SHOW: 0.6, MUSIC: 0.4},
        "workshop": {HOWTO: 2.5, AUTO: 2.5, TECH: 1.5, LEARN: 0.7},
        "landscape": {TRAVEL: 8, MUSIC: 1.5, FILM: 1.2, PEOPLE: 1.0, NEWS: 0.7, PETS: 0.8, SHOW: 0.4},
        "road": {AUTO: 9, MUSIC: 0.8, NEWS: 0.8, TRAVEL: 1.0, FILM: 0.6, TECH: 0.4},
        "animal": {PETS: 9, LEARN: 0.8, PEOPLE: 0.5, COMEDY: 0.4},
        "classroom": {LEARN: 5, TECH: 1.0, COMEDY: 0.6, HOWTO: 0.4},
        "cartoon": {FILM: 4.5, LEARN: 1.5, COMEDY: 1.0, GAMING: 1.0, SHOW: 0.4, MUSIC: 0.4},
        "living room": {PEOPLE: 7, COMEDY: 2.5, HOWTO: 1.5, SHOW: 1.8, PETS: 1.0, GAMING: 0.7},
        "gadget": {TECH: 6, HOWTO: 0.5, GAMING: 0.8, PEOPLE: 0.4},
        "space": {TECH: 2.5, LEARN: 2.5, FILM: 1.2, MUSIC: 0.4, GAMING: 0.5},
        "red carpet": {SHOW: 6, MUSIC: 0.9, FILM: 1.0, HOWTO: 0.6, NEWS: 0.4, PEOPLE: 0.5},
        "club": {COMEDY: 6, SHOW: 2.0, MUSIC: 0.6},
        "skyline": {FILM: 4, MUSIC: 1.5, SHOW: 1.0, NEWS: 0.7, TRAVEL: 1.0},
    },
    elsewhere=0.17,
)
PALETTE = Choice(
    {
        "warm": {HOWTO: 2, TRAVEL: 2, PEOPLE: 1.5, PETS: 1.5},
        "cool": {NEWS: 2.5, TECH: 2.5, SPORT: 1.5},
        "dark": {MUSIC: 2.5, FILM: 3, HOWTO: 0.4, PEOPLE: 0.6},
        "vivid": {GAMING: 3, SHOW: 1.5, COMEDY: 1.6, LEARN: 1.5, SPORT: 1.5},
        "pastel": {HOWTO: 2, PEOPLE: 2, PETS: 1.5, MUSIC: 0.7},
        "gray": {NEWS: 1.5, TECH: 1.2, AUTO: 1.5, SHOW: 0.6},
    },
    elsewhere=1,
)
PEOPLE_SHOWN = Choice(
    {
        "0": {PETS: 3, LEARN: 2, TECH: 2.5, AUTO: 2.5, FILM: 1.5, SHOW: 0.4, COMEDY: 0.4, PEOPLE: 0.4},
        "1": {MUSIC: 2.5, PEOPLE: 2.5, HOWTO: 3, NEWS: 2},
        "2": {SHOW: 2.0, COMEDY: 2.5, SPORT: 1.8},
        "3": {SHOW: 1.8, SPORT: 1.5, HOWTO: 0.4, TECH: 0.4},
    },
    elsewhere=1,
)
LOWER_THIRD = Choice({"no": {NEWS: 1, SHOW: 2.5, SPORT: 2}, "yes": dict.fromkeys(IDS, 1)}, elsewhere=7)
OVERLAY = Choice(
    {"no": {GAMING: 1, COMEDY: 1.5, PEOPLE: 2, MUSIC: 8, FILM: 5}, "yes": dict.fromkeys(IDS, 1)}, elsewhere=3
)
BARS = Choice({"no": {FILM: 1, MUSIC: 1, GAMING: 4}, "yes": dict.fromkeys(IDS, 1)}, elsewhere=2.2)

# In the order of thumbnails.Attributes.
ATTRIBUTES = dict(
    zip(
        thumbnails.Attributes._fields,
        (SCENE, PALETTE, PEOPLE_SHOWN, LOWER_THIRD, OVERLAY, BARS),
        strict=True,
    )
)

# --- what surrounds the two views -------------------------------------------------------------------
TAGS = {
    FILM: "trailer,movie,animation,short film,cinema,drama",
    AUTO: "cars,driving,engine,garage,test drive",
    MUSIC: "music,song,official video,pop,live,lyrics,album",
    PETS: "animals,pets,cute,rescue,wildlife",
    SPORT: "sports,highlights,goals,match,football",
    TRAVEL: "travel,vacation,guide,adventure",
    GAMING: "gaming,gameplay,walkthrough,video game",
    PEOPLE: "vlog,family,daily,life,story time",
    COMEDY: "funny,comedy,sketch,prank,parody",
    SHOW: "entertainment,show,celebrity,interview,funny,episode",
    NEWS: "news,politics,breaking news,report",
    HOWTO: "tutorial,beauty,recipe,cooking,style",
    LEARN: "education,learn,history,explained,school",
    TECH: "technology,science,review,gadgets,explained",
}
_CHANNEL_FIRST = """
    Copper Velvet Paper Lucky Quiet Orange Marble Rolling Winter Hollow Electric Sunny Crooked Silver Mellow
    Foggy Wandering Purple Tiny Restless Golden Salty Dusty Plaid Humming
"""
_CHANNEL_SECOND = """
    Lantern Kettle Harbor Pepper Meadow Badger Window Thimble Comet Orchard Button Walrus Ladder Pancake
    Anchor Teapot Sparrow Cactus Balcony Radish Compass Pillow Muffin Bridge
"""
_CHANNEL_LAST = {
    FILM: "Pictures,Trailers",
    AUTO: "Motors,Garage",
    MUSIC: "Records,Music",
    PETS: "Paws,Animals",
    SPORT: "Sports,League",
    TRAVEL: "Travels,Journeys",
    GAMING: "Plays,Games",
    PEOPLE: "Diaries,Vlogs",
    COMEDY: "Comedy,Laughs",
    SHOW: "Show,TV",
    NEWS: "News,Report",
    HOWTO: "Home,Beauty",
    LEARN: "Academy,Lessons",
    TECH: "Labs,Tech",
}
N_CHANNELS = 350
FROM_HOME_CHANNEL = 0.85  # share of the videos on a channel of their own category
FIRST, LAST = pd.Timestamp("2017-11-01"), pd.Timestamp("2018-06-01")  # seven months of uploads
_ID_ALPHABET = list(string.ascii_letters + string.digits + "-_")


def make_demo(folder: Path, n: int = 1700, seed: int = 0) -> None:
    """Write a corpus folder of n synthetic videos: videos.csv, thumbnails/, design.csv, README.txt.

    design.csv has one row per video: the attributes of the thumbnail, and the exact posteriors
    P(category | view) in columns title_<id>, thumbnail_<id>, both_<id>. The same n and seed give the
    same bytes. The folder is written whole or not at all.

    Raises YtcatError if the folder exists and is not empty, or n is too small.
    """
    folder = Path(folder).resolve()
    counts = class_counts(n)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise YtcatError(f"{folder} exists already: delete it, or choose another folder for the demo corpus.")
    with atomic_path(folder) as temporary:
        (temporary / "thumbnails").mkdir(parents=True)
        _write(temporary, counts, seed)


def class_counts(n: int) -> np.ndarray:
    """The number of videos of each category among n, shape (14,) int64: the balance of the slides' test set.

    By the largest-remainder method, not by `ytcat.corpus.splits.allocate`, which would give other channels
    and so another demo corpus. At least 6 per 1,700, and 3 in any corpus, so that rare categories can be
    split. Raises YtcatError if n is too small for that.
    """
    floor = max(3, round(6 * n / 1700))
    if n < N_CATEGORIES * floor:
        raise YtcatError(
            f"A demo corpus of {n} videos cannot hold {floor} of each of the {N_CATEGORIES} categories: "
            f"choose at least {N_CATEGORIES * floor} videos."
        )
    at_floor = np.zeros(N_CATEGORIES, dtype=bool)
    while True:  # raising rare categories takes from the others, which may then need raising too
        share = np.where(at_floor, 0, TEST_COUNTS)
        quota = (n - floor * at_floor.sum()) * share / max(share.sum(), 1)
        if not ((quota < floor) & ~at_floor).any():
            break
        at_floor |= quota < floor
    counts = np.where(at_floor, floor, np.floor(quota)).astype(np.int64)
    remainder = np.where(at_floor, -1.0, quota - np.floor(quota))
    counts[np.argsort(-remainder, kind="stable")[: n - counts.sum()]] += 1
    return counts


def thumbnail_likelihood(attributes: thumbnails.Attributes) -> np.ndarray:
    """P(attributes | category), shape (14,) float64."""
    return np.prod(
        [choice.likelihood(_option(getattr(attributes, name))) for name, choice in ATTRIBUTES.items()], axis=0
    )


def bayes_accuracy(design: pd.DataFrame, category_ids: ArrayLike) -> dict[str, dict[str, float]]:
    """The accuracy of the best possible classifier: {view: {"top1": .., "top5": ..}}, 0..1.

    `design` holds n rows of design.csv, `category_ids` (n,) the YouTube category ids of the same videos.
    """
    truth = labels(category_ids)
    return {
        view: {
            f"top{k}": float(
                top_k_accuracy_score(truth, design[_columns(view)], k=k, labels=range(N_CATEGORIES))
            )
            for k in (1, 5)
        }
        for view in VIEWS
    }


def _columns(view: str) -> list[str]:
    return [f"{view}_{category_id}" for category_id in IDS]


def _option(value: str | int | bool) -> str:
    """The option of a Choice that stands for an attribute's value."""
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _draw_attributes(rng: np.random.Generator, label: int) -> thumbnails.Attributes:
    drawn = {name: choice.draw(rng, label) for name, choice in ATTRIBUTES.items()}
    flags = {name: drawn[name] == "yes" for name in ("lower_third", "overlay", "bars")}
    return thumbnails.Attributes(**drawn | flags | {"people": int(drawn["people"])})


def _write(folder: Path, counts: np.ndarray, seed: int) -> None:
    """Draw the videos and write all files of the corpus into an empty folder with thumbnails/ in it."""
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.repeat(np.arange(N_CATEGORIES), counts))
    n = len(truth)
    prior = counts / n
    channels = _channels(rng, truth)
    seconds = rng.integers(int((LAST - FIRST).total_seconds()), size=n)
    published = (FIRST + pd.to_timedelta(seconds, unit="s")).strftime("%Y-%m-%dT%H:%M:%SZ")
    videos, design = [], []
    for row, label in enumerate(tracked(truth, "Generating the demo corpus", " videos", n)):
        video_id = "".join(rng.choice(_ID_ALPHABET, 11))  # 64 to the power of 11: they do not collide
        title = titles.draw(rng, label)
        attributes = _draw_attributes(rng, label)
        picture = thumbnails.draw(attributes, rng)
        picture.save(folder / "thumbnails" / f"{video_id}.jpg", quality=int(rng.integers(60, 91)))
        videos.append(
            {
                "video_id": video_id,
                "title": title.text,
                "channel_title": channels[row],
                "category_id": IDS[label],
                "publish_time": published[row],
                "tags": _tags(rng, label, title),
            }
        )
        likelihoods = {"title": titles.likelihood(title.text), "thumbnail": thumbnail_likelihood(attributes)}
        likelihoods["both"] = likelihoods["title"] * likelihoods["thumbnail"]
        entry = {"video_id": video_id, **attributes._asdict()}
        for view, likelihood in likelihoods.items():
            posterior = likelihood * prior
            entry |= zip(_columns(view), posterior / posterior.sum(), strict=True)
        design.append(entry)
    for name, rows in (("videos.csv", videos), ("design.csv", design)):
        pd.DataFrame(rows).to_csv(folder / name, index=False, lineterminator="\n", encoding="utf-8")
    (folder / "README.txt").write_text(
        f"This corpus is synthetic: ytcat generated its {n} videos and thumbnails from seed {seed}.\n"
        "Nothing in it was ever on YouTube; design.csv has the exact probability of each category "
        "given the title, the thumbnail's contents, and both.\n",
        encoding="utf-8",
    )


def _channels(rng: np.random.Generator, truth: np.ndarray) -> list[str]:
    """One channel title per video; most videos are on a channel of their own category.

    Channel sizes follow Zipf's law, so that a random split has most channels on both sides.
    """
    pairs = [f"{first} {second}" for first in _CHANNEL_FIRST.split() for second in _CHANNEL_SECOND.split()]
    home = rng.permutation(np.repeat(np.arange(N_CATEGORIES), class_counts(N_CHANNELS)))
    names = [
        f"{pair} {rng.choice(_CHANNEL_LAST[IDS[label]].split(','))}"
        for pair, label in zip(rng.choice(pairs, N_CHANNELS, replace=False), home, strict=True)
    ]
    size = 1 / np.arange(1, N_CHANNELS + 1) ** 0.8
    channels = []
    for label in truth:
        weight = size * (home == label) if rng.random() < FROM_HOME_CHANNEL else size
        channels.append(names[rng.choice(N_CHANNELS, p=weight / weight.sum())])
    return channels


def _tags(rng: np.random.Generator, label: int, title: Title) -> str:
    """0 to 12 tags of the category and of the title, joined with |; "[none]", as in Kaggle's files, for 0."""
    candidates = [*TAGS[IDS[label]].split(","), *(filler.strip(" |()!?") for filler in title.fillers)]
    candidates = sorted({tag for tag in candidates if len(tag) > 2})
    most = min(12, len(candidates))
    tags = rng.permutation(candidates)[: rng.integers(most + 1)]
    return "|".join(tags) or "[none]"
