"""What a careful reader finds in the slides: each claim, recomputed from the slides' own figures."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ytcat import slides
from ytcat.categories import N_CATEGORIES, NAMES, SLIDE_ORDER
from ytcat.evaluation.metrics import accuracy, balanced_accuracy, macro_f1, per_category
from ytcat.evaluation.statistics import smallest_significant, two_proportions, wilson, wilson_of_share


class Finding(NamedTuple):
    """One claim of the slides, checked."""

    topic: str
    claim: str  # what the slides say
    found: str  # what recomputing shows
    meaning: str  # what follows


# Facts that the slides do not print. Those of Xception are tested on the real network.
XCEPTION_PARAMETERS = 20_861_480  # keras.applications.Xception(include_top=False).count_params()
XCEPTION_BATCHNORM_LAYERS = 40  # its batch normalization layers
XCEPTION_GAMMAS_AND_BETAS = 54_528  # their trained parameters; their moving statistics count as many
XCEPTION_FEATURES = 2_048  # channels of its output
GLOVE_6B_WORDS = 400_000  # nlp.stanford.edu/projects/glove: glove.6B, Wikipedia 2014 + Gigaword 5
GLOVE_TWITTER_WORDS = 1_193_514  # rows of glove.twitter.27B, 2 billion tweets ("1.2M vocab")

INPUT_NAMES = {"image": "thumbnail", "text": "title", "fusion": "both"}
ENTERTAINMENT, MUSIC, PETS, SCIENCE = map(
    NAMES.index, ("Entertainment", "Music", "Pets and Animals", "Science and Technology")
)


# ---- arithmetic that tests and notebooks share


def count_printed_as(share: float, n: int) -> int | None:
    """The k for which k/n prints as `share` (0..1) in per cent with two decimals; None if there is none."""
    k = round(share * n)
    return k if f"{100 * k / n:.2f}" == f"{100 * share:.2f}" else None


def never_answered(matrix: np.ndarray) -> tuple[str, ...]:
    """Names of the categories whose column in a (14, 14) confusion matrix is all zero."""
    return tuple(NAMES[label] for label in np.flatnonzero(matrix.sum(axis=0) == 0))


def never_recognized(matrix: np.ndarray) -> tuple[str, ...]:
    """Names of the categories of which a (14, 14) confusion matrix has no video right."""
    return tuple(NAMES[label] for label in np.flatnonzero(np.diag(matrix) == 0))


def head_parameters() -> int:
    """Parameters of the slides' image network that are not Xception's: its dense layers."""
    return sum(layer.parameters for layer in slides.IMAGE_NETWORK.layers if layer.name != "xception")


def xception_output_side(pixels: int) -> int:
    """Side of Xception's output grid for an input side of `pixels`.

    Source: keras.applications.xception. Block 1 has a 3 x 3 convolution with stride 2 and one with
    stride 1, both unpadded; blocks 2, 3, 4 and 13 each halve, rounding up ("same" padding).
    Raises ValueError below 71 pixels, the smallest side that Keras accepts.
    """
    if pixels < 71:
        raise ValueError(f"Xception takes sides of at least 71 pixels, not {pixels}")
    side = (pixels - 3) // 2 + 1 - 2
    for _ in range(4):
        side = -(-side // 2)
    return side


# ---- how numbers are written


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"


def _share(k: int, n: int) -> str:
    return f"{k:,}/{n:,} = {_percent(k / n)}"


def _interval(low: float, high: float) -> str:
    return f"[{100 * low:.0f}%, {100 * high:.0f}%]"


def _list(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words)) or "none"


def _people(model: str) -> int:
    """How many of the trials people got right; out of 100 also the per cent printed, and the model's goal."""
    return round(slides.HUMAN_ACCURACY[model] * slides.HUMAN_TRIALS)


def _headline(model: str) -> int:
    """The count nearest to a model's printed top-1 accuracy."""
    return round(slides.RESULTS[model].top1 * slides.N_TEST)


# ---- the task and the people


def _worked_example() -> Finding:
    example = slides.EXAMPLE
    right = sum(answer == example.truth for answer in example.friends)
    return Finding(
        "worked example",
        f"“{example.title}”: friends say {_list(example.friends)}, the truth is {example.truth}.",
        f"{right} of {len(example.friends)} friends are right, and they give {len(set(example.friends))} "
        "different answers.",
        "The truth is the one category the uploader chose; people disagree with it and with each other.",
    )


def _category_order() -> Finding:
    same = sum(place == label for place, label in enumerate(SLIDE_ORDER))
    return Finding(
        "category order",
        f"{N_CATEGORIES} categories, numbered from {NAMES[SLIDE_ORDER[0]]} to {NAMES[SLIDE_ORDER[-1]]}.",
        f"The matrices run from {NAMES[0]} to {NAMES[-1]}, by ascending YouTube id; {same} of the "
        f"{N_CATEGORIES} categories have the same place in both orders.",
        "The numbers of the category list are not the rows of the matrices; everything here uses the "
        "matrices' order.",
    )


def _human_intervals() -> Finding:
    trials = slides.HUMAN_TRIALS
    intervals = {model: wilson_of_share(share, trials) for model, share in slides.HUMAN_ACCURACY.items()}
    claims = [f"{_people(model)}% ({INPUT_NAMES[model]})" for model in slides.HUMAN_ACCURACY]
    printed = [f"{INPUT_NAMES[model]} {_interval(*interval)}" for model, interval in intervals.items()]
    half = max(high - low for low, high in intervals.values()) / 2
    third = trials // len(intervals)
    low, high = wilson_of_share(slides.HUMAN_ACCURACY["fusion"], third)
    return Finding(
        "human intervals",
        f"People reach {', '.join(claims)} in about {trials} trials.",
        f"With {trials} trials each, the 95% intervals are {', '.join(printed)}: about +/- "
        f"{100 * half:.0f} points. Were the {trials} shared by the three conditions ({third} each), it "
        f"would be +/- {100 * (high - low) / 2:.0f}.",
        "The goal itself is known to some ten points only, and the slides do not say how the trials were "
        "shared.",
    )


def _human_both() -> Finding:
    n = slides.HUMAN_TRIALS
    p = two_proportions(_people("fusion"), n, _people("text"), n)
    p_image = two_proportions(_people("text"), n, _people("image"), n)
    return Finding(
        "human title against both",
        f"With titles only, people reach {_people('text')}%, with both {_people('fusion')}%.",
        f"{_people('fusion')} against {_people('text')} of {n}: p = {p:.2f}; title against thumbnail, "
        f"{_people('text')} against {_people('image')}: p = {p_image:.3f} (Fisher's exact test).",
        "That a title tells people more than a thumbnail is shown; that the thumbnail adds to the title is "
        "not.",
    )


def _human_bar() -> Finding:
    people = _people("fusion")
    bar = smallest_significant(slides.N_TEST, people, slides.HUMAN_TRIALS)
    step = np.ceil(200 * bar / slides.N_TEST) / 200
    return Finding(
        "bar for human level",
        f"The goal is human-level performance, {people}% with both inputs.",
        f"Against {people} of {slides.HUMAN_TRIALS}, a model is significantly better (p < 0.05, Fisher's "
        f"exact test) from {_share(bar, slides.N_TEST)} on: {100 * step:.1f}% in steps of half a point.",
        "Passing the goal by a few points proves nothing; more human trials would lower the bar.",
    )


def _goals_met() -> Finding:
    n, trials = slides.N_TEST, slides.HUMAN_TRIALS
    p = {model: two_proportions(_headline(model), n, _people(model), trials) for model in ("image", "text")}
    compared = [
        f"{INPUT_NAMES[model]} {_headline(model)}/{n:,} against {_people(model)}/{trials}, p = {p[model]:.2f}"
        for model in p
    ]
    return Finding(
        "goals met",
        f"The thumbnail model reaches {_percent(slides.RESULTS['image'].top1)} (goal {_people('image')}%), "
        f"the title model {_percent(slides.RESULTS['text'].top1)} (goal {_people('text')}%).",
        f"Model against people: {'; '.join(compared)} (Fisher's exact test).",
        "Neither is distinguishable from people: within noise, neither better nor worse is shown.",
    )


# ---- the headline numbers


def _fusion_against_people() -> Finding:
    n, k, people = slides.N_TEST, _headline("fusion"), _people("fusion")
    p = two_proportions(k, n, people, slides.HUMAN_TRIALS)
    return Finding(
        "combined model against people",
        f"The combined model misses its goal, {_percent(slides.RESULTS['fusion'].top1)} against {people}%.",
        f"{k}/{n:,} against {people}/{slides.HUMAN_TRIALS}: p = {p:.2f} (Fisher's exact test).",
        "With so few human trials, even this miss is not settled.",
    )


def _fusion_against_title() -> Finding:
    n = slides.N_TEST
    text, fusion = _headline("text"), _headline("fusion")
    diagonal = {model: int(np.trace(slides.CONFUSION[model])) for model in ("text", "fusion")}
    return Finding(
        "combined model against title model",
        f"Title alone {_percent(slides.RESULTS['text'].top1)}, both "
        f"{_percent(slides.RESULTS['fusion'].top1)}.",
        f"The combined model is {100 * (text - fusion) / n:.1f} points worse, p = "
        f"{two_proportions(text, n, fusion, n):.3f}; in the matrices, {diagonal['text']} against "
        f"{diagonal['fusion']} right, p = {two_proportions(diagonal['text'], n, diagonal['fusion'], n):.3f} "
        "(Fisher's exact test, as if the two had seen different videos).",
        "The slides' way of connecting text and image fails: with the thumbnail the model does worse than "
        "without.",
    )


def _headline_and_diagonal() -> Finding:
    parts = []
    for model, matrix in slides.CONFUSION.items():
        diagonal, printed = int(np.trace(matrix)), slides.RESULTS[model].top1
        parts.append(
            f"{INPUT_NAMES[model]} {_share(diagonal, int(matrix.sum()))} (printed {_percent(printed)})"
        )
    return Finding(
        "headline and diagonal",
        "The confusion matrices are those of the three models with the printed accuracies.",
        f"Their diagonals give {'; '.join(parts)}.",
        "No matrix matches its headline: the matrices and the headline numbers come from different runs.",
    )


def _printed_counts() -> Finding:
    n = slides.N_TEST
    parts, missing = [], []
    for model, result in slides.RESULTS.items():
        for metric, share in (("top-1", result.top1), ("top-5", result.top5)):
            k = count_printed_as(share, n)
            if k is None:
                nearest = round(share * n)
                missing.append(
                    f"{INPUT_NAMES[model]} {metric}, {_percent(share)}, is no k/{n:,}: "
                    f"{_share(nearest, n)}, which is {100 * nearest / n:.1f}% to one decimal"
                )
            else:
                parts.append(f"{_percent(share)} = {k}/{n:,}")
    return Finding(
        "printed counts",
        f"Six accuracies with two decimals on {n:,} test videos.",
        f"{len(parts)} are shares of {n:,} ({', '.join(parts)}). But {'; '.join(missing)}.",
        "That figure was rounded and padded, or measured on another number of videos.",
    )


def _majority() -> Finding:
    n, k = slides.N_TEST, int(slides.TEST_COUNTS.max())
    image = _headline("image")
    low, high = wilson(image, n)
    return Finding(
        "majority baseline",
        f"The thumbnail model reaches {_percent(slides.RESULTS['image'].top1)}, its goal is "
        f"{100 * slides.RESULTS['image'].goal:.0f}%.",
        f"Always answering {NAMES[int(slides.TEST_COUNTS.argmax())]} scores {_share(k, n)}. The model's 95 "
        f"% interval is [{_percent(low)}, {_percent(high)}]; {image} against {k} right: p = "
        f"{two_proportions(image, n, k, n):.2f} (Fisher's exact test).",
        "The thumbnail model is within noise of a constant answer, and so is the goal.",
    )


def _top5_baseline() -> Finding:
    n = slides.N_TEST
    common = np.argsort(-slides.TEST_COUNTS, kind="stable")[:5]
    k = int(slides.TEST_COUNTS[common].sum())
    image = round(slides.RESULTS["image"].top5 * n)
    return Finding(
        "top-5 baseline",
        f"Top-5 accuracies of {_list([_percent(result.top5) for result in slides.RESULTS.values()])}.",
        f"Always naming the five commonest categories ({_list([NAMES[label] for label in common])}) scores "
        f"{_share(k, n)}; the thumbnail model's top-5 is {100 * (image - k) / n:.1f} points above it.",
        f"Top-5 of {N_CATEGORIES} unequal categories starts there, not at 5/{N_CATEGORIES} = "
        f"{_percent(5 / N_CATEGORIES)}; read it against that.",
    )


def _retraining() -> Finding:
    n = slides.N_TEST
    result = slides.RESULTS["text"]
    low1, high1 = wilson_of_share(result.top1, n)
    low5, high5 = wilson_of_share(result.top5, n)
    return Finding(
        "title model, retrained",
        f"The title model reaches {_percent(result.top1)} top-1 and {_percent(result.top5)} top-5.",
        f"On {n:,} videos the 95% intervals are {100 * low1:.1f} - {100 * high1:.1f}% and "
        f"{100 * low5:.1f} - {100 * high5:.1f}%.",
        "A retraining as described that lands in these reproduces the slides; the chapter on the title "
        "model, and the figures recorded on Kaggle's data, are to be read against them.",
    )


def _tuning() -> Finding:
    # Keras numbers the layers of one kind through a session.
    image, text = slides.IMAGE_NETWORK, slides.TEXT_NETWORK
    names = [layer.name for layer in (image.layers[1], image.layers[-1], text.layers[1], text.layers[-1])]
    return Finding(
        "tuning",
        f"“{slides.TUNING}”: {slides.N_TRAIN:,} training and {slides.N_TEST:,} test videos.",
        f"No validation set is named, {slides.N_TRAIN:,} + {slides.N_TEST:,} = "
        f"{slides.N_TRAIN + slides.N_TEST:,} videos in all. Keras had counted to {_list(names)}: other "
        "networks were built in the same sessions before.",
        "The settings may have been chosen on the test videos; then the headline is optimistic. Here "
        "validation comes out of the training videos.",
    )


# ---- the confusion matrices


def _test_set() -> Finding:
    counts = slides.TEST_COUNTS
    sums = {int(matrix.sum()) for matrix in slides.CONFUSION.values()}
    rows = {tuple(matrix.sum(axis=1).tolist()) for matrix in slides.CONFUSION.values()}
    columns = {tuple(matrix.sum(axis=0).tolist()) for matrix in slides.CONFUSION.values()}
    return Finding(
        "test set",
        f"{slides.N_TEST:,} test videos, “Grand Truth” beside the matrices.",
        f"The three matrices sum to {_list([f'{total:,}' for total in sorted(sums)])}. Different lists of "
        f"row sums: {len(rows)} ({', '.join(map(str, counts))}); of column sums: {len(columns)}.",
        "Rows are the truth, columns the answers, and the test set's class counts are known although no "
        "slide prints them.",
    )


def _axis_labels() -> Finding:
    axes = slides.CONFUSION_AXES["fusion"]
    mirrored = [
        f"{INPUT_NAMES[model]} {np.trace(matrix[:, ::-1])} instead of {np.trace(matrix)}"
        for model, matrix in slides.CONFUSION.items()
    ]
    return Finding(
        "axis labels",
        f"Rows are labelled {axes.rows[0]} ... {axes.rows[-1]}, columns {axes.columns[0]} ... "
        f"{axes.columns[-1]}.",
        "The two printed orders are opposite. With columns in that order the models would have "
        f"{'; '.join(mirrored)} right of {slides.N_TEST:,}.",
        "The columns are in the order of the rows; the vertical labels merely read from the other end.",
    )


def _image_answers() -> Finding:
    matrix, n = slides.CONFUSION["image"], slides.N_TEST
    answers = matrix.sum(axis=0)
    top = np.argsort(-answers, kind="stable")[:3]
    return Finding(
        "thumbnail model's answers",
        f"The thumbnail model tells {N_CATEGORIES} categories apart.",
        f"It answers {NAMES[top[0]]} {answers[top[0]]} times of {n:,}, then "
        f"{_list([f'{NAMES[label]} {answers[label]}' for label in top[1:]])} times; never "
        f"{_list(never_answered(matrix))}. It has no video right in {_list(never_recognized(matrix))}.",
        "It has mostly learnt which category is the commonest.",
    )


def _fusion_answers() -> Finding:
    matrix = slides.CONFUSION["fusion"]
    answers, science = matrix.sum(axis=0), per_category(matrix).iloc[SCIENCE]
    return Finding(
        "combined model's answers",
        f"The combined model tells {N_CATEGORIES} categories apart.",
        f"It never answers {_list(never_answered(matrix))}. It answers {NAMES[SCIENCE]} {answers[SCIENCE]} "
        f"times where {science['support']} videos are (precision {_percent(science['precision'])}), for "
        f"example for {matrix[PETS, SCIENCE]} of the {matrix[PETS].sum()} of {NAMES[PETS]}.",
        "Small categories disappear into one answer: the joint network has collapsed for them.",
    )


def _fusion_losses() -> Finding:
    text, fusion = np.diag(slides.CONFUSION["text"]), np.diag(slides.CONFUSION["fusion"])
    change = fusion - text
    order = np.argsort(change, kind="stable")
    worst = [f"{NAMES[label]} {text[label]} to {fusion[label]}" for label in order[:4]]
    best = [f"{NAMES[label]} {text[label]} to {fusion[label]}" for label in order[::-1][:3]]
    return Finding(
        "what fusion loses",
        "Connecting text and image is to improve on either.",
        f"Videos right, title model to combined model: lost {_list(worst)}; gained {_list(best)}. In all "
        f"{-change[change < 0].sum()} lost and {change[change > 0].sum()} gained. Categories with none "
        f"right: {len(never_recognized(slides.CONFUSION['text']))} with the title, "
        f"{len(never_recognized(slides.CONFUSION['fusion']))} with both.",
        f"{NAMES[int(order[0])]} pays most, and all of "
        f"{NAMES[int(np.flatnonzero((fusion == 0) & (text > 0))[0])]} is lost; the gains lie in the "
        "middle-sized categories.",
    )


def _text_weaknesses() -> Finding:
    table = per_category(slides.CONFUSION["text"])
    sized = table[table["support"] >= 30].sort_values("recall")
    weak = [f"{row.category} {_percent(row.recall)} of {row.support}" for row in sized.head(3).itertuples()]
    strong = [f"{row.category} {_percent(row.recall)}" for row in sized[::-1].head(3).itertuples()]
    return Finding(
        "title model by category",
        f"The title model reaches {_percent(slides.RESULTS['text'].top1)}.",
        f"Of the categories with 30 test videos or more it recognizes least {_list(weak)}, most "
        f"{_list(strong)}.",
        "One accuracy hides the range; who uploads (People and Blogs) is not what a title says.",
    )


def _balance() -> Finding:
    parts = [
        f"{INPUT_NAMES[model]} {_percent(accuracy(matrix))} / {_percent(balanced_accuracy(matrix))} / "
        f"{_percent(macro_f1(matrix))}"
        for model, matrix in slides.CONFUSION.items()
    ]
    return Finding(
        "class imbalance",
        f"Top-1 is the headline; “{slides.FUTURE_DIRECTIONS[-1]}” is left for the future.",
        f"Accuracy / balanced accuracy / macro F1 of the matrices: {'; '.join(parts)}. A constant answer "
        f"has balanced accuracy 1/{N_CATEGORIES} = {_percent(1 / N_CATEGORIES)}.",
        "Counted by category all three models are much weaker than counted by video.",
    )


def _rare_categories() -> Finding:
    order = np.argsort(slides.TEST_COUNTS, kind="stable")[:3]
    parts = []
    for label in order:
        n, k = int(slides.TEST_COUNTS[label]), int(slides.CONFUSION["text"][label, label])
        parts.append(f"{NAMES[label]} {k}/{n}, {_interval(*wilson(k, n))}")
    return Finding(
        "rare categories",
        f"One test set of {slides.N_TEST:,} videos for {N_CATEGORIES} categories.",
        f"The title model's recall in the smallest, with 95% interval: {'; '.join(parts)}.",
        "Of these categories the slides' test set can say next to nothing.",
    )


def _vevo_strip() -> Finding:
    matrix = slides.CONFUSION["image"]
    music = per_category(matrix).iloc[MUSIC]
    named = sum("vevo" in title.lower() for title in slides.VEVO_STRIP)
    return Finding(
        "VEVO strip",
        "Music videos of VEVO illustrate what the thumbnail model has learnt.",
        f"{named} of the {len(slides.VEVO_STRIP)} titles say Vevo. The model finds {matrix[MUSIC, MUSIC]} "
        f"of {matrix[MUSIC].sum()} music videos (recall {_percent(music['recall'])}, precision "
        f"{_percent(music['precision'])}) and takes {matrix[MUSIC, ENTERTAINMENT]} for "
        f"{NAMES[ENTERTAINMENT]}.",
        f"{NAMES[MUSIC]} is its best category after {NAMES[ENTERTAINMENT]}, yet it misses two music videos "
        "of three; the strip was chosen, it is not evidence.",
    )


# ---- the networks


def _layer_sums() -> Finding:
    parts = []
    for name, network in (("thumbnail", slides.IMAGE_NETWORK), ("title", slides.TEXT_NETWORK)):
        layers = sum(layer.parameters for layer in network.layers)
        parts.append(
            f"{name}: layers {layers:,}, printed {network.total:,}, trainable + non-trainable "
            f"{network.trainable + network.non_trainable:,}"
        )
    return Finding(
        "layer sums",
        "Two layer tables with three totals each.",
        f"{'; '.join(parts)}.",
        "The tables are consistent: both networks can be rebuilt to the digit.",
    )


def _embedding() -> Finding:
    parameters = slides.TEXT_NETWORK.layer("embedding_5").parameters
    dimensions = slides.EMBEDDING_DIMENSIONS
    rows = parameters // dimensions
    return Finding(
        "embedding",
        f"“{slides.EMBEDDING_CLAIM}”; the embedding layer has {parameters:,} parameters.",
        f"{parameters:,} = {rows:,} x {dimensions}, GloVe 6B's {GLOVE_6B_WORDS:,} words and "
        f"{rows - GLOVE_6B_WORDS:,} row more. GloVe of 2 billion tweets would have {GLOVE_TWITTER_WORDS:,} "
        f"x {dimensions} = {GLOVE_TWITTER_WORDS * dimensions:,}.",
        "The text says Twitter, the model shows 6B (Wikipedia and news); the model decides, so 6B is used "
        "here.",
    )


def _image_size() -> Finding:
    width, height, _ = slides.IMAGE_SIZE
    grid = xception_output_side(height), xception_output_side(width)
    printed = slides.IMAGE_NETWORK.layer("xception").output_shape
    fitting = [side for side in range(71, 300) if xception_output_side(side) == printed[0]]
    return Finding(
        "image size",
        f"Images of {width} x {height}; Xception's output is {' x '.join(map(str, printed))}, "
        f"{slides.IMAGE_NETWORK.layer('flatten_9').output_shape[0]:,} flat.",
        f"{height} x {width} pixels (height x width) give {grid[0]} x {grid[1]} x {XCEPTION_FEATURES}, "
        f"{grid[0] * grid[1] * XCEPTION_FEATURES:,} flat. {printed[0]} x {printed[1]} needs both sides "
        f"between {fitting[0]} and {fitting[-1]} pixels.",
        f"The thumbnails were resized or cropped first, to something like {height} x {height}.",
    )


def _trainable() -> Finding:
    network, head = slides.IMAGE_NETWORK, head_parameters()
    rest = network.trainable - head
    return Finding(
        "trainable parameters",
        f"{network.trainable:,} of {network.total:,} parameters are trainable.",
        f"The dense head has {head:,}; the other {rest:,} are the gammas and betas "
        f"({XCEPTION_GAMMAS_AND_BETAS:,}) of Xception's {XCEPTION_BATCHNORM_LAYERS} batch normalization "
        "layers.",
        "Xception is frozen except for its batch normalization, likely because early Keras normalized "
        "frozen batch normalization by batch statistics.",
    )


def _coincidence() -> Finding:
    network, head = slides.IMAGE_NETWORK, head_parameters()
    unfrozen = (
        XCEPTION_PARAMETERS - XCEPTION_GAMMAS_AND_BETAS
    )  # moving statistics: as many as gammas and betas
    return Finding(
        "non-trainable parameters",
        f"{network.non_trainable:,} parameters are not trainable.",
        f"{XCEPTION_PARAMETERS:,} - {XCEPTION_GAMMAS_AND_BETAS:,} = {unfrozen:,} is also how many Xception "
        "parameters are trainable when nothing is frozen. Entirely frozen, the network would train "
        f"{head:,}.",
        "Equal totals alone do not show which parameters are frozen; the rule has to be tested.",
    )


def _capacity() -> Finding:
    parts = [
        f"{name} {network.trainable / slides.N_TRAIN:,.0f}"
        for name, network in (("thumbnail", slides.IMAGE_NETWORK), ("title", slides.TEXT_NETWORK))
    ]
    first = slides.IMAGE_NETWORK.layer("dense_33").parameters
    return Finding(
        "capacity",
        f"{slides.N_TRAIN:,} training videos.",
        f"Trainable parameters for each of them: {'; '.join(parts)}. Of the thumbnail model's, "
        f"{_percent(first / slides.IMAGE_NETWORK.trainable)} lie in the dense layer after flatten.",
        "So many for so few videos invite overfitting; pooling instead of flattening needs far fewer.",
    )


_CHECKS = (
    _worked_example,
    _category_order,
    _human_intervals,
    _human_both,
    _human_bar,
    _test_set,
    _axis_labels,
    _headline_and_diagonal,
    _printed_counts,
    _majority,
    _top5_baseline,
    _goals_met,
    _fusion_against_title,
    _fusion_against_people,
    _tuning,
    _retraining,
    _image_answers,
    _vevo_strip,
    _text_weaknesses,
    _fusion_answers,
    _fusion_losses,
    _balance,
    _rare_categories,
    _layer_sums,
    _trainable,
    _coincidence,
    _image_size,
    _embedding,
    _capacity,
)


def audit() -> tuple[Finding, ...]:
    """Every finding, in the order of the slides: people, results, matrices, networks."""
    return tuple(check() for check in _CHECKS)
