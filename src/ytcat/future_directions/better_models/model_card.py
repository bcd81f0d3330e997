"""The card of a trained model, as on Hugging Face: what it is, how good, and what it must not be used for.

Source: Mitchell et al. (2019), "Model Cards for Model Reporting".
"""

from typing import Any

from ytcat import slides
from ytcat.evaluation.sample_size import PEOPLE_TRIALS
from ytcat.evaluation.statistics import smallest_significant, wilson
from ytcat.future_directions.better_models.predictor import view_phrase
from ytcat.views import SPLITS, label


def write(about: dict[str, Any], files: dict[str, str]) -> str:
    """The card as Markdown, from the facts that `trainer.train` gathers; `files`: SHA-256 by name."""
    warning = (
        "\n> The corpus is **synthetic**: its figures show that the pipeline works, nothing else.\n"
        if about["synthetic"]
        else ""
    )
    return f"""---
license: other
language: en
tags: [video-classification, youtube]
---

# YouTube categories from titles and thumbnails, trained on {about["corpus"]}
{warning}
Gives one of 14 YouTube categories, with calibrated probabilities, to a video from its
{" or its ".join(map(view_phrase, about["figures"]))}. It reads no channel name and no tags.
It is the model `{about["model"]}` of `ytcat train`. These parts are weighted on validation videos:

{_parts(about["parts"])}

A kernel is kernel ridge regression on frozen features: of the title TF-IDF weights and the embedding of the
sentence encoder MiniLM, of the thumbnail averages of four layers of Xception.{_landmarks(about)}

## Data

Corpus `{about["corpus"]}` (SHA-256 {about["corpus_sha256"][:12]}...).
Split {SPLITS[about["split"]].description}:
{about["videos"]["train"]:,} videos to train, {about["videos"]["validation"]:,} to weight the parts,
{about["videos"]["test"]:,} to test, once; {about["without_thumbnail"]:,} without thumbnail were left out.
{_more_titles(about)}Seed {about["seed"]}, {about["epochs"]} epochs,
code {about["git"]["commit"] or "unknown"}{_dirty(about)}.
{_backend(about)}

## How good it is

| view | top-1 | 95 % interval | top-5 | macro F1 | calibration error |
|---|---|---|---|---|---|
{_figures(about["figures"])}

{_people(about)}

| test videos | top-1 | 95 % interval |
|---|---|---|
{_overlap(about["overlap"])}

| category | test videos | recall |
|---|---|---|
{_recall(about["recall"])}

## What it must not be used for

- To decide anything about people, their income or what they may publish.
- For videos that are not like its own: it knows the list of trending videos of one country and time.
  Other years, countries and videos that never trend score lower.
- As the truth about a video: the category is what the uploader chose, and many videos fit several.

A video of a channel that the model knows is easier: for others take the figures above for new channels, or
train with `--split channel`.

## Files

None of them is code. `ytcat predict` reads a file only if it has the SHA-256 that was written at training:

{_files(files)}
"""


def _parts(parts: list[str]) -> str:
    return "\n".join(f"- `{part}`: {label(part)}" for part in parts)


def _landmarks(about: dict[str, Any]) -> str:
    """Told where the kernels are approximated."""
    learned_from = about["videos"]["train"] + about["videos"]["validation"]
    if not 0 < about["compared_with"] < learned_from:
        return ""
    return (
        f"\nIt compares with {about['compared_with']:,} of the {learned_from:,} videos that it has learned "
        "from, drawn at random (Rasmussen and Williams 2006, section 8.3.1)."
    )


def _more_titles(about: dict[str, Any]) -> str:
    """Told where other corpora were read."""
    if not any(about["more_titles"].values()):
        return ""
    learning = " and ".join(f"`{part}`" for part in about["more_titles_learned_by"])
    counts = ", ".join(f"{n:,} of `{name}`" for name, n in about["more_titles"].items())
    return (
        f"Also titles of other corpora, for {learning}, each with a weight of "
        f"{about['more_titles_weight']}:\n{counts}. "
        "A channel or title that is new to training, below, may be one of theirs.\n"
    )


def _files(files: dict[str, str]) -> str:
    return "\n".join(f"- `{name}`: {sha256}" for name, sha256 in files.items())


def _dirty(about: dict[str, Any]) -> str:
    return " with changes" if about["git"]["dirty"] else ""


def _backend(about: dict[str, Any]) -> str:
    return f"{about['backend']} computed the thumbnail features." if about["backend"] else ""


def _figures(figures: dict[str, dict[str, float]]) -> str:
    return "\n".join(
        f"| {label(view)} | {of_view['top1']:.1%} "
        f"| {of_view['top1_low']:.1%} to {of_view['top1_high']:.1%} "
        f"| {of_view['top5']:.1%} | {of_view['macro_f1']:.1%} | {of_view['ece']:.1%} |"
        for view, of_view in figures.items()
    )


def _people(about: dict[str, Any]) -> str:
    widest = list(about["figures"].values())[-1]
    share = slides.HUMAN_ACCURACY["fusion"]
    correct = round(widest["top1"] * widest["n"])
    people = (
        f"People classified {share:.0%} of other videos correctly, in about {slides.HUMAN_TRIALS} trials, in "
    )
    verdicts = []
    for trials in PEOPLE_TRIALS:
        try:
            enough = smallest_significant(widest["n"], round(share * trials), trials)
        except ValueError:  # on so few videos no score would do
            return (
                f"{people}all or for each view. {widest['n']:,} test videos are too few to compare with them."
            )
        verdict = "is significantly better" if correct >= enough else "is not shown to be better"
        verdicts.append(f"with {trials} trials of people it {verdict} ({enough:,} are needed)")
    return (
        f"{people}all or for each view. This model classifies {correct:,} of {widest['n']:,} correctly: "
        f"{', '.join(verdicts)}."
    )


def _overlap(overlap: dict[str, dict[str, int]]) -> str:
    lines = []
    for name, counts in overlap.items():
        if n := counts["n"]:
            low, high = wilson(counts["n_correct"], n)
            share = counts["n_correct"] / n
            lines.append(f"| {name} to training ({n:,}) | {share:.1%} | {low:.1%} to {high:.1%} |")
    return "\n".join(lines)


def _recall(rows: list[dict[str, Any]]) -> str:
    return "\n".join(
        f"| {row['category']} | {row['support']:,} | {row['recall']:.0%} |" for row in rows if row["support"]
    )
