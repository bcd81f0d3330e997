"""The card of a trained model, as on Hugging Face: what it is, how good, and what it must not be used for.

Source: Mitchell et al. (2019), "Model Cards for Model Reporting".
"""

from typing import Any

from ytcat import slides
from ytcat.evaluation.statistics import smallest_significant, wilson

PARTS = {
    "title_linear": "logistic regression on the title's TF-IDF",
    "title_kernel": "kernel ridge regression on the title",
    "minilm": "the sentence encoder MiniLM, fine-tuned on titles",
    "thumbnail_kernel": "kernel ridge regression on the thumbnail's Xception features",
    "joint_kernel": "kernel ridge regression on both",
}
VIEWS = {"both": "title and thumbnail", "title": "title alone", "thumbnail": "thumbnail alone"}
SPLITS = {
    "random": "at random, as on the slides: most test videos are of channels that the model knows",
    "channel": "by channel: no channel is in two parts",
    "time": "by time: the newest videos are the test",
}


def write(about: dict[str, Any]) -> str:
    """The card as Markdown, from what `predictor.train` found."""
    made_up = (
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
{made_up}
Gives one of 14 YouTube categories, with calibrated probabilities, to a video from its
{" or its ".join(VIEWS[view] for view in about["figures"])}. It reads no channel name and no tags.
It is the model `{about["model"]}` of `ytcat train`, of these parts, weighed on validation videos:

{_parts(about["parts"])}

## Data

Corpus `{about["corpus"]}` (SHA-256 {about["corpus_sha256"][:12]}...), split {SPLITS[about["split"]]}.
{about["videos"]["train"]:,} videos to train, {about["videos"]["validation"]:,} to weigh the parts,
{about["videos"]["test"]:,} to test, once; {about["without_thumbnail"]:,} without thumbnail were left out.
Seed {about["seed"]}, {about["epochs"]} epochs, code {about["git"]["commit"] or "unknown"}{_dirty(about)}.
{_engine(about)}

## How good it is

| view | top-1 | 95 % interval | top-5 | macro F1 | calibration error |
|---|---|---|---|---|---|
{_figures(about["figures"])}

{_people(about)}

| test videos | top-1 | 95 % interval |
|---|---|---|
{_overlap(about["overlap"])}

| category | test videos | found (recall) |
|---|---|---|
{_recall(about["recall"])}

## What it must not be used for

- To decide anything about people, their income or what they may publish.
- For videos that are not like its own: it knows the list of trending videos of one country and time.
  Other years, countries and videos that never trend score lower.
- As the truth about a video: the category is what the uploader chose, and many videos fit several.

A video of a channel that the model knows is easier: for others take the figures above for new channels, or
train with `--split channel`.
"""


def _parts(parts: list[str]) -> str:
    return "\n".join(f"- `{part}`: {PARTS[part]}" for part in parts)


def _dirty(about: dict[str, Any]) -> str:
    return " with changes" if about["git"]["dirty"] else ""


def _engine(about: dict[str, Any]) -> str:
    return f"{about['engine']} computed the thumbnails' features." if about["engine"] else ""


def _figures(figures: dict[str, dict[str, float]]) -> str:
    return "\n".join(
        f"| {VIEWS[view]} | {its['top1']:.1%} | {its['top1_low']:.1%} to {its['top1_high']:.1%} "
        f"| {its['top5']:.1%} | {its['macro_f1']:.1%} | {its['ece']:.1%} |"
        for view, its in sorted(figures.items())
    )


def _people(about: dict[str, Any]) -> str:
    its = next(about["figures"][view] for view in VIEWS if view in about["figures"])
    share = slides.HUMAN_ACCURACY["fusion"]
    enough = smallest_significant(its["n"], round(share * slides.HUMAN_TRIALS), slides.HUMAN_TRIALS)
    right = round(its["top1"] * its["n"])
    verdict = "is significantly better" if right >= enough else "is not shown to be better"
    return (
        f"People were right on {share:.0%} of about {slides.HUMAN_TRIALS} other videos; with {right:,} of "
        f"{its['n']:,} right (at least {enough:,} are needed) this model {verdict}."
    )


def _overlap(overlap: dict[str, dict[str, int]]) -> str:
    lines = []
    for name, its in overlap.items():
        if its["n"]:
            low, high = wilson(its["n_correct"], its["n"])
            share = its["n_correct"] / its["n"]
            lines.append(f"| {name} to training ({its['n']:,}) | {share:.1%} | {low:.1%} to {high:.1%} |")
    return "\n".join(lines)


def _recall(rows: list[dict[str, Any]]) -> str:
    return "\n".join(
        f"| {row['category']} | {row['support']:,} | {row['recall']:.0%} |" for row in rows if row["support"]
    )
