"""How good can a model get on real videos? What the channel alone tells, and where the errors lie.

Tables have one row per corpus and what their functions name; shares are 0..1, intervals (`low`, `high`) 95 %,
by a bootstrap that draws channels. The model is the chosen one for both views; on a corpus without thumbnails
it reads the title alone.
"""

import numpy as np
import pandas as pd

from ytcat import runs
from ytcat.categories import IDS, labels
from ytcat.corpus import Corpus
from ytcat.corpus.splits import channel_codes
from ytcat.evaluation import error_analysis, leakage, metrics
from ytcat.evaluation.statistics import bootstrap_ratio, paired_bootstrap
from ytcat.reference_runs import ReferenceRuns, read_all
from ytcat.reference_runs.slides_mix import by_video
from ytcat.reference_runs.splits import parts_by_fold
from ytcat.views import SPLITS, VIEWS

LOOKUP = "channel_lookup.csv"
AGREEMENT = "label_agreement.csv"
CHOSEN = VIEWS["both"].chosen_model
# Whose videos are often taken for each other's: a vlog, a sketch, a clip and a show may be the same video.
NEIGHBOURS = ("Film and Animation", "People and Blogs", "Comedy", "Entertainment")
RESAMPLES = 2_000

# ---- computed from a corpus, and recorded: see `ytcat.reference_runs.corpus_tables`


def look_up_channels(corpus: Corpus) -> pd.DataFrame:
    """What a look-up of the channel answers for each test video; see `leakage.channel_lookup`.

    Columns: `split`, `fold`, `row` (number of the video in the corpus), `known` (the channel is in train or
    validation) and `answer` (YouTube category id). On the split by channel no channel is known, so it has no
    rows.
    """
    channels, truth = channel_codes(corpus.videos), corpus.videos["label"].to_numpy()
    tables = []
    for (kind, fold), parts in parts_by_fold(corpus, ("random", "time")).items():
        training, test = np.isin(parts, leakage.TRAINING_PARTS), np.flatnonzero(parts == "test")
        answers = leakage.channel_lookup(channels, truth, training)
        known = np.isin(channels, channels[training])
        table = {"split": kind, "fold": fold, "row": test, "known": known[test]}
        tables.append(pd.DataFrame(table | {"answer": np.array(IDS)[answers[test]]}))
    return pd.concat(tables, ignore_index=True)


def agreement_within_channels(corpus: Corpus) -> pd.DataFrame:
    """How far the videos of a channel agree in category: see `leakage.label_agreement`."""
    return leakage.label_agreement(channel_codes(corpus.videos), corpus.videos["label"].to_numpy())


# ---- read from the recordings


def answers(reference: ReferenceRuns, split: str, model: str = CHOSEN) -> pd.DataFrame:
    """The answers of a model over all seeds and folds: `runs.answers`, with `channel`, indexed by `row`."""
    predictions = reference.predictions(model, split)
    table = runs.answers(predictions).rename_axis("row")
    return table.assign(channel=predictions["channel"].to_numpy())


def known_channels(split: str = "random") -> pd.DataFrame:
    """The look-up of channels beside the chosen model: on all test videos, of known channels and of new ones.

    Rows by `channels` ("all", "known", "new"). Columns: `videos`; `lookup`, `chosen` (top-1), each with
    `_low` and `_high`; `difference` (chosen - look-up, the model's mean over seeds, paired) with its
    interval. Without a row where there are no such videos.
    """
    rows = []
    for reference in _recorded(split):
        videos = _with_lookup(reference, split)
        rows += _compared(reference, videos, ("all", "known", "new"), "chosen", "lookup")
    return pd.DataFrame(rows)


def same_videos_unknown() -> pd.DataFrame:
    """What knowing the channel is worth: the same test videos with the channel in training and without it.

    The videos are the test of the random split. `with_channel` is the chosen model's top-1 there (mean over
    seeds); `without_channel` that of the model of the fold by channel that has the video in its test, so that
    no video of the channel trained it; `difference` is paired. Rows by `channels`: "known" and "new" to the
    training of the random split. For "new" the difference shows what else tells the two trainings apart.
    Columns as in `known_channels`.
    """
    rows = []
    for reference in _recorded("channel"):
        videos = _with_lookup(reference, "random").rename(columns={"chosen": "with_channel"})
        videos["without_channel"] = by_video(reference, CHOSEN, "channel")["correct"]
        rows += _compared(reference, videos, ("known", "new"), "with_channel", "without_channel")
    return pd.DataFrame(rows)


def label_agreement() -> pd.DataFrame:
    """How far the labels of a channel's videos agree: `leakage.label_agreement`, with `corpus`."""
    tables = [
        pd.read_csv(reference.folder / AGREEMENT).assign(corpus=reference.name)
        for reference in read_all()
        if (reference.folder / AGREEMENT).is_file()
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def neighbour_errors() -> pd.DataFrame:
    """The share of the chosen model's errors that lie among `NEIGHBOURS`: one row per corpus and split.

    Columns: `corpus`, `split`, `top1`, then those of `error_analysis.share_of_errors`.
    """
    rows = []
    for reference in read_all():
        for split in SPLITS:
            table = answers(reference, split)
            if len(table):
                about = {"corpus": reference.name, "split": split, "top1": float(table["correct"].mean())}
                rows.append(about | error_analysis.share_of_errors(table, NEIGHBOURS, table["channel"]))
    return pd.DataFrame(rows)


def coverage() -> pd.DataFrame:
    """Accuracy of the chosen model on the videos of which it is surest: one row per corpus, split and share.

    Columns: `corpus`, `split`, then those of `error_analysis.accuracy_by_coverage`; over all seeds.
    """
    tables = []
    for reference in read_all():
        for split in ("random", "channel"):
            table = answers(reference, split)
            if len(table):
                curve = error_analysis.accuracy_by_coverage(table, table["channel"])
                tables.append(curve.assign(corpus=reference.name, split=split))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def calibration(models: tuple[str, ...] = (CHOSEN,)) -> pd.DataFrame:
    """The calibration error beside that of a perfectly calibrated model: a row per corpus, split and model.

    Columns: `corpus`, `split`, `model`, `n_test` (videos of a run), `ece` (mean over the runs, each with the
    error of that many videos), `calibrated` and `calibrated_high` (`error_analysis.calibrated_error`, means
    over the runs).
    """
    rows = []
    for reference in read_all():
        for split in SPLITS:
            for model in models:
                predictions = reference.predictions(model, split)
                of_runs = [_calibration(run) for _, run in predictions.groupby(["fold", "seed"]) if len(run)]
                if of_runs:
                    about = {"corpus": reference.name, "split": split, "model": model}
                    rows.append(about | pd.DataFrame(of_runs).mean().to_dict())
    return pd.DataFrame(rows)


def recall_by_category() -> pd.DataFrame:
    """Recall of the chosen model by category, on the random split and by channel.

    Columns: `corpus`, `split`, then those of `error_analysis.recall_by_category`, with `videos` distinct.
    """
    tables = []
    for reference in read_all():
        for split in ("random", "channel"):
            table = answers(reference, split)
            if len(table):
                recall = error_analysis.recall_by_category(table, table["channel"])
                distinct = table[~table.index.duplicated()]["truth"].value_counts()
                recall["videos"] = distinct.reindex(range(len(recall)), fill_value=0).to_numpy()
                tables.append(recall.assign(corpus=reference.name, split=split))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _recorded(split: str) -> list[ReferenceRuns]:
    """The corpora with a look-up of channels and the chosen model on a split."""
    return [
        reference
        for reference in read_all()
        if (reference.folder / LOOKUP).is_file() and CHOSEN in reference.models(split)
    ]


def _compared(
    reference: ReferenceRuns, videos: pd.DataFrame, groups: tuple[str, ...], a: str, b: str
) -> list[dict[str, object]]:
    """Columns `a` and `b` and their paired difference, one row per group of channels that has videos."""
    chosen = {"all": np.ones(len(videos), dtype=bool), "known": videos["known"], "new": ~videos["known"]}
    rows = []
    for group in groups:
        table = videos[chosen[group]]
        if table.empty:
            continue
        row = {"corpus": reference.name, "channels": group, "videos": len(table)}
        for column in (a, b):
            row |= _interval(column, *_mean(table[column], table["channel"]))
        difference = paired_bootstrap(table[a], table[b], 0, RESAMPLES, clusters=table["channel"])
        rows.append(row | _interval("difference", *difference))
    return rows


def _with_lookup(reference: ReferenceRuns, split: str) -> pd.DataFrame:
    """One row per test video, by row number: `channel`, `known`, and how far two models are correct, 0..1.

    `lookup` (0 or 1) and `chosen` (share of the seeds).
    """
    lookup = pd.read_csv(reference.folder / LOOKUP).query("split == @split").set_index("row")
    videos = by_video(reference, CHOSEN, split).rename(columns={"correct": "chosen"})
    lookup = lookup.loc[videos.index]
    correct = labels(lookup["answer"]) == videos["label"]
    return videos.assign(known=lookup["known"], lookup=correct.astype(float))


def _mean(values: pd.Series, channels: pd.Series) -> tuple[float, float, float]:
    return bootstrap_ratio(values, np.ones(len(values)), 0, RESAMPLES, channels)


def _interval(name: str, value: float, low: float, high: float) -> dict[str, float]:
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _calibration(run: pd.DataFrame) -> dict[str, float]:
    answered = runs.answers(run)
    calibrated, high = error_analysis.calibrated_error(answered["confidence"])
    ece = metrics.expected_calibration_error(answered["truth"], runs.probabilities(run))
    return {"n_test": len(run), "ece": ece, "calibrated": calibrated, "calibrated_high": high}
