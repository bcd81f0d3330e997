"""What a sweep runs, as it is written on the command line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ytcat.exceptions import YtcatError
from ytcat.report.chapters import CHAPTERS
from ytcat.report.profiles import RunSettings
from ytcat.report.sweep_plan import chapters_of, plan, seeds_of, words

NAMES = [chapter.name for chapter in CHAPTERS if not chapter.folder]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("image,text,fusion", ["03_image_model", "04_text_model", "05_fusion"]),
        ("fusion image", ["05_fusion", "03_image_model"]),
        ("04_text_model, text", ["04_text_model"]),
        (", ".join(NAMES), NAMES),
        ("image,text,fusion,better,tagging,more,imbalance", [*NAMES[3:6], *NAMES[7:11]]),
    ],
)
def test_chapters_are_known_by_a_part_of_their_name(text, names):
    assert chapters_of(text) == names


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("text,imgae", "no chapter 'imgae'. Did you mean 'image'?"),
        ("fussion", "Did you mean 'fusion'?"),
        ("zzz", "There is: results, exploration, human, baseline, image, text, fusion"),
        ("data", "'data' may be 01_data_exploration or 09_more_data: give more"),
        (" , ", "at least one chapter"),
    ],
)
def test_other_chapters_are_refused_with_the_nearest(text, says):
    with pytest.raises(YtcatError) as error:
        chapters_of(text)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("0-9", list(range(10))),
        ("0,3,5", [0, 3, 5]),
        ("0 1 2 3 4", [0, 1, 2, 3, 4]),
        ("7", [7]),
        ("2-3, 0-2", [2, 3, 0, 1]),
        ("4-4", [4]),
    ],
)
def test_seeds(text, seeds):
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["3-1", "-1", "1-", "one", "1..3", "0-2-4", "1.5"])
def test_what_is_no_seed_is_refused(text):
    with pytest.raises(YtcatError, match=r"no seed and no range of seeds: give 0-9, or 0,3,5\."):
        seeds_of(text)


@given(st.lists(st.integers(0, 50), min_size=1, unique=True), st.sampled_from([",", " ", ", "]))
def test_written_seeds_are_read_back(seeds, between):
    assert seeds_of(between.join(map(str, seeds))) == seeds


def test_each_chapter_once_a_seed_and_split_after_what_it_reads():
    run = RunSettings("somewhere/tiny", "smoke", chapters=("05_fusion",))
    tasks = plan(run, [1, 6], words("slides,channel", "split"))
    assert [str(task) for task in tasks[3:6]] == [
        "03_image_model seed 1, split channel, fold 1",
        "04_text_model seed 1, split channel, fold 1",
        "05_fusion seed 1, split channel, fold 1",
    ]
    runs = {task.run for task in tasks}
    assert {(run.seed, run.split, run.fold, run.results) for run in runs} == {
        (1, "random", 0, "results/tiny-smoke-1"),
        (1, "channel", 1, "results/tiny-smoke-channel1-1"),
        (6, "random", 0, "results/tiny-smoke-6"),
        (6, "channel", 1, "results/tiny-smoke-channel1-6"),
    }
    assert len(tasks) == len({task.key for task in tasks}) == 3 * 2 * 2
    for number, task in enumerate(tasks):
        assert set(task.reads) <= {before.key for before in tasks[:number]}
        given = task.run.parameters[task.chapter.name]
        expected = {name: getattr(task.run, name) for name in ("seed", "split", "fold", "results")}
        assert {name: given[name] for name in expected} == expected
        assert given["limit"] == 210
        assert "second_corpus" not in given


def test_a_wrong_split_is_refused_before_anything_runs():
    with pytest.raises(YtcatError, match="split = 'chanel', but it should be 'random', 'channel' or 'time'"):
        plan(RunSettings("tiny", "smoke", chapters=("04_text_model",)), [0], ["chanel"])


def test_a_range_that_would_fill_the_memory_is_refused():
    with pytest.raises(YtcatError, match="has 99,999,999,999 seeds: give at most 10,000"):
        seeds_of("1-99999999999")
