import re
from pathlib import Path

import numpy as np
import pytest

from printed import printed_texts
from ytcat import slides
from ytcat.categories import NAMES, SLIDE_ORDER
from ytcat.views import SLIDES_MODELS

SLIDES_TEXT = Path(__file__).parents[2] / "shared" / "design" / "slides.txt"
ROW_SUMS = [53, 2, 138, 16, 73, 5, 38, 76, 89, 302, 47, 98, 34, 49]


# ---- against facts known independently (the requirements, SLIDES.md)


@pytest.mark.parametrize("model", SLIDES_MODELS)
def test_matrices_have_the_test_set_in_their_rows(model):
    matrix = slides.CONFUSION[model]
    assert matrix.shape == (14, 14)
    assert matrix.sum(axis=1).tolist() == ROW_SUMS
    assert matrix.sum() == slides.N_TEST == 1020


@pytest.mark.parametrize(
    ("model", "right", "never"),
    [
        ("image", 311, {"Auto & Vehicles", "Travel and Events", "Gaming"}),
        ("text", 510, set()),
        ("fusion", 448, {"Auto & Vehicles", "Travel and Events", "Education"}),
    ],
)
def test_diagonals_and_categories_never_answered(model, right, never):
    matrix = slides.CONFUSION[model]
    assert np.trace(matrix) == right
    assert {NAMES[i] for i in range(14) if not matrix[:, i].any()} == never


def test_image_model_answers_entertainment_702_times():
    assert slides.CONFUSION["image"][:, NAMES.index("Entertainment")].sum() == 702


def test_test_counts_are_the_row_sums():
    assert slides.TEST_COUNTS.tolist() == ROW_SUMS


def test_nothing_can_be_changed():
    for array in (*slides.CONFUSION.values(), slides.TEST_COUNTS):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(TypeError):
        slides.RESULTS["image"] = None


def test_results_and_goals():
    assert slides.RESULTS == {
        "image": (0.3039, 0.7314, 0.30),
        "text": (0.5118, 0.8578, 0.50),
        "fusion": (0.4530, 0.8422, 0.54),
    }
    assert {model: result.goal for model, result in slides.RESULTS.items()} == slides.HUMAN_ACCURACY
    assert (
        SLIDES_MODELS
        == tuple(slides.CONFUSION)
        == tuple(slides.HUMAN_ACCURACY)
        == ("image", "text", "fusion")
    )


@pytest.mark.parametrize("network", [slides.IMAGE_NETWORK, slides.TEXT_NETWORK])
def test_layers_sum_to_the_totals(network):
    assert sum(layer.parameters for layer in network.layers) == network.total
    assert network.trainable + network.non_trainable == network.total


def test_dense_and_lstm_parameters_follow_from_the_shapes():
    for network in (slides.IMAGE_NETWORK, slides.TEXT_NETWORK):
        for before, layer in zip(network.layers, network.layers[1:], strict=False):
            inputs, units = before.output_shape[-1], layer.output_shape[-1]
            if layer.kind == "Dense":
                assert layer.parameters == (inputs + 1) * units
            elif layer.kind == "LSTM":
                assert layer.parameters == 4 * units * (inputs + units + 1)
            elif layer.kind in ("Flatten", "Dropout", "Activation"):
                assert layer.parameters == 0
                assert np.prod(before.output_shape) == np.prod(layer.output_shape)


def test_network_finds_its_layers():
    assert slides.TEXT_NETWORK.layer("lstm_7").output_shape == (20, 128)
    with pytest.raises(KeyError):
        slides.TEXT_NETWORK.layer("lstm_9")


def test_example_is_of_the_fourteen():
    assert {*slides.EXAMPLE.friends, slides.EXAMPLE.truth} <= set(NAMES)
    assert slides.EXAMPLE.truth not in slides.EXAMPLE.friends


def test_printed_axes_are_opposite():
    for axes in slides.CONFUSION_AXES.values():
        assert [row.lower() for row in axes.rows] == [name.lower() for name in NAMES]
        assert [column.replace("Films", "Film") for column in reversed(axes.columns)] == list(axes.rows)


# ---- against the slides' own text

with_text = pytest.mark.skipif(not SLIDES_TEXT.exists(), reason="the slides' text is not on this machine")


@pytest.fixture(scope="module")
def text():
    return SLIDES_TEXT.read_text()


@pytest.fixture(scope="module")
def flat(text):
    """The text as one line, without Markdown marks, so that a phrase broken over lines is found."""
    return " ".join(re.sub(r"\*\*|[<>]", "", text).split())


@with_text
def test_matrices_are_the_printed_ones(text):
    rows = [list(map(int, row.split())) for row in re.findall(r"\[((?:\s+\d+){14})\]", text)]
    assert len(rows) == 3 * 14
    for position, model in enumerate(SLIDES_MODELS):
        assert slides.CONFUSION[model].tolist() == rows[14 * position : 14 * position + 14]


@with_text
def test_layer_tables_are_the_printed_ones(text):
    printed = re.findall(r"^(\w+) \((\w+)\)\t\(None, ([\d, ]+)\)\t(\d+)$", text, flags=re.MULTILINE)
    layers = [*slides.IMAGE_NETWORK.layers, *slides.TEXT_NETWORK.layers]
    assert [
        (name, kind, tuple(map(int, shape.split(", "))), int(parameters))
        for name, kind, shape, parameters in printed
    ] == layers


@with_text
def test_totals_are_the_printed_ones(text):
    totals = [int(number.replace(",", "")) for number in re.findall(r"(?i)params: ([\d,]+)", text)]
    assert totals == [
        count
        for network in (slides.IMAGE_NETWORK, slides.TEXT_NETWORK)
        for count in (network.total, network.trainable, network.non_trainable)
    ]
    optimizers = re.findall(r"^Optimizer: (.+?)\s*$", text, flags=re.MULTILINE)
    regularization = re.findall(r"^Regularization: (.+?)\s*$", text, flags=re.MULTILINE)
    assert optimizers == [slides.IMAGE_NETWORK.optimizer, slides.TEXT_NETWORK.optimizer]
    assert regularization == [slides.IMAGE_NETWORK.regularization, slides.TEXT_NETWORK.regularization]
    assert text.count("\t".join(slides.LAYER_COLUMNS)) == 2


@with_text
def test_results_are_the_printed_ones(flat):
    printed = re.findall(
        r"TOP-1: ([\d.]+)% ACCURACY TOP-5: ([\d.]+)% ACCURACY GOAL ?: (\d+)%", flat
    )  # in the order image, title, both
    assert [tuple(round(float(number) / 100, 4) for number in line) for line in printed] == list(
        slides.RESULTS.values()
    )


@with_text
def test_human_trials_are_the_printed_ones(flat):
    printed = re.findall(rf"({'|'.join(slides.INPUTS.values())}): (\d+)% ACCURACY", flat)
    assert [(what, int(number) / 100) for what, number in printed] == [
        (slides.INPUTS[model], share) for model, share in slides.HUMAN_ACCURACY.items()
    ]
    assert f"(~{slides.HUMAN_TRIALS} trials)" in slides.HUMAN_EXPERIMENT


@with_text
def test_data_is_the_printed_one(flat):
    labels, images, titles = slides.DATA
    assert f"({slides.N_TRAIN:,} training data + {slides.N_TEST:,} test data)" in slides.HEADINGS["data"]
    assert f"{len(NAMES)} unique video categories" in labels
    assert f"Image data - {' x '.join(map(str, slides.IMAGE_SIZE))} matrix" in images
    assert f"{slides.EMBEDDING_DIMENSIONS}-dimensional vectors" in titles
    assert slides.EMBEDDING_CLAIM in titles
    assert f"{slides.EMBEDDING_TWEETS // 10**9} billion" in slides.EMBEDDING_CLAIM
    assert f"{slides.EMBEDDING_WORDS / 10**6} million" in slides.EMBEDDING_CLAIM


@with_text
def test_axes_are_the_printed_ones(text):
    parts = re.split(r"Confusion Matrix for \w+ model", text)[1:]
    image, title, both = slides.CONFUSION_AXES.values()
    lists = (image.columns + image.rows, title.rows + title.columns, both.columns)  # as they come in the text
    for part, labels in zip(parts, lists, strict=True):
        lines = [line.removeprefix("- ").strip() for line in part.splitlines()]
        assert tuple(line for line in lines if line in labels) == labels
    rows = re.findall(r"^([^\d\t\n]+)\t\[\s+\d", parts[2], flags=re.MULTILINE)
    assert tuple(rows) == both.rows


@with_text
@pytest.mark.parametrize(
    "phrase",
    [
        slides.QUESTION,
        f"- {slides.HEADINGS['question']}",
        slides.TUNING,
        *slides.TITLE.split(maxsplit=1),
        *slides.HEADINGS.values(),
        " ".join(slides.TASK),
        *slides.EXAMPLE_LABELS,
        slides.EXAMPLE.title,
        f"Friend 1: - “{slides.EXAMPLE.friends[0]}” - Friend 2: - “{slides.EXAMPLE.friends[1]}”",
        f"{slides.TRUTH_LABEL}: - “{slides.EXAMPLE.truth}”",
        slides.HUMAN_EXPERIMENT,
        *slides.APPROACH,
        *slides.DATA,
        slides.IMAGE_NETWORK.description,
        slides.TEXT_NETWORK.description,
        *slides.GOALS,
        *slides.METRICS,
        *slides.FUTURE_DIRECTIONS,
    ],
)
def test_words_are_the_printed_ones(flat, phrase):
    assert phrase in flat


@with_text
def test_lists_are_complete(text):
    assert tuple(re.findall(r"^- (.*)$", text.split("# Possible Future Directions")[1], re.MULTILINE)) == (
        slides.FUTURE_DIRECTIONS
    )
    metrics = text.split("# Evaluation Metrics")[1].split("# Top-1")[0]
    assert tuple(re.findall(r"\*\*(.+)\*\*", metrics)) == slides.METRICS
    numbered = re.findall(r"^\d+\. ([A-Z][^\d]+?)$", text.split("# Human-level")[0], re.MULTILINE)
    assert numbered == [NAMES[label] for label in SLIDE_ORDER]


@with_text
def test_the_strip_is_the_printed_one(flat):
    for video in slides.VEVO_STRIP:
        lines = (video.title, f"{video.channel} {video.printed}", *video.description, video.badge)
        assert " ".join(filter(None, lines)) in flat


def test_views_and_ages_of_the_strip_are_translated():
    units = {"": 1, "万": 10**4, "亿": 10**8}
    ages = {"年前": "years ago", "个月前": "months ago", "天前": "days ago"}
    for video in slides.VEVO_STRIP:
        number, unit, count, age = re.fullmatch(
            r"([\d.]+)(万|亿)次观看 · (\d+)(年前|个月前|天前)", video.printed
        ).groups()
        assert video.views == round(float(number) * units[unit])
        assert video.age == f"{count} {ages[age]}"


@with_text
def test_every_line_of_the_text_is_transcribed(flat):
    """Without the transcribed texts no word is left but those of the tables, which are tested above."""
    texts = [*printed_texts(), *slides.TITLE.split(maxsplit=1), *NAMES]
    rest = flat
    for line in sorted(texts, key=len, reverse=True):
        rest = rest.replace(line, " ")
    words = set(re.findall(r"[^\W\d_]{2,}", rest))
    layers = {*slides.IMAGE_NETWORK.layers, *slides.TEXT_NETWORK.layers}
    in_tables = {word for layer in layers for word in re.findall(r"[^\W\d_]+", f"{layer.name} {layer.kind}")}
    in_tables |= {"None", "Total", "Trainable", "Non", "trainable", "params", "Optimizer", "Regularization"}
    assert words - in_tables == {"TOP", "GOAL", "ACCURACY"}  # of the results, tested above
