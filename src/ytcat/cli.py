"""`ytcat ...`: one thin command per verb. Modules are imported when a verb needs them."""

import importlib.metadata
import locale
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ytcat import paths
from ytcat.categories import CATEGORIES
from ytcat.exceptions import YtcatError, sentence

if TYPE_CHECKING:
    from ytcat.corpus import Corpus
    from ytcat.future_directions.better_models.predictor import Predictor
    from ytcat.report.profiles import RunSettings

CorpusOption = Annotated[str, typer.Option(help='"demo", or a folder with videos.csv and thumbnails/.')]
ProfileOption = Annotated[str, typer.Option(help="smoke, demo or full: a file of notebooks/profiles/.")]
SeedOption = Annotated[
    int, typer.Option(min=0, max=2**32 - 1, help="Seed of weights, dropout and data order.")
]
SplitOption = Annotated[str, typer.Option(help="How test videos are chosen: random, channel or time.")]
FoldOption = Annotated[int, typer.Option(min=0, max=4, help="Which fifth of the channels is the test set.")]
ChapterOption = Annotated[
    list[str] | None, typer.Option(help="Run this chapter and what it reads; repeatable (default: all).")
]
SecondCorpusOption = Annotated[
    str,
    typer.Option(help="Folder of a second corpus, for the chapters that compare two."),
]
TitlesOption = Annotated[
    list[str] | None, typer.Option(help="Corpus folder whose titles are learned from too; repeatable.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Run chapters that are up to date, too.")]
BackendOption = Annotated[
    Literal["keras", "openvino"],
    typer.Option(help="Backend for thumbnail features: keras (bit-reproducible) or openvino (faster)."),
]

RegionOption = Annotated[
    str | None, typer.Option(help="Region, two capital letters as in USvideos.csv.", show_default="US")
]
OutOption = Annotated[
    Path | None, typer.Option(help="Corpus folder to create or update.", show_default="build/data/...")
]
ThumbnailsOption = Annotated[
    bool, typer.Option("--thumbnails/--no-thumbnails", help="Whether to download the thumbnails.")
]

FOLDER_FORM = (
    "A corpus is a folder with videos.csv, whose columns are video_id, title and category_id (or category), "
    "and, where there are any, pictures thumbnails/<video_id>.jpg (or .jpeg, .png, .webp). It is only read. "
    "The categories are those of YouTube, by id or by name: "
    + ", ".join(f"{category.id} {category.name}" for category in CATEGORIES)
)
TITLE = "Categorize YouTube videos from thumbnails and titles: the report, and models for your own videos."
# How the files begin that commands write: an earlier one may be replaced.
PREDICTIONS_BEGIN, TRIALS_BEGIN = "video_id,category_id,p_", "participant,trial,"

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=TITLE)
human = typer.Typer(no_args_is_help=True, help="Import and export answers of the labelling experiment.")
cli.add_typer(human, name="human")
data = typer.Typer(no_args_is_help=True, help="Download real videos from Kaggle or YouTube as a corpus.")
cli.add_typer(data, name="data")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ytcat {importlib.metadata.version('ytcat')}")
        raise typer.Exit


@cli.callback()
def main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """The options of `ytcat` itself."""


@cli.command(help=f"Make or check a corpus: how many videos are kept and dropped, and why.\n\n{FOLDER_FORM}.")
def corpus(
    source: Annotated[
        str | None,
        typer.Argument(help='"demo", or a folder with videos.csv and thumbnails/.', show_default="demo"),
    ] = None,
    example: Annotated[
        Path | None,
        typer.Option(
            help="Write a corpus folder of six made-up videos there, as an example, and check that."
        ),
    ] = None,
) -> None:
    """Make or check a corpus."""
    from ytcat.corpus import load

    if example is not None:
        if source is not None:
            raise YtcatError(f"Give a corpus to check, or --example {example} to write one: not both.")
        from ytcat.corpus.demo.example import make_example

        paths.check_output(example)
        make_example(example)
        source = str(example)
    loaded = load("demo" if source is None else source)
    report = loaded.report
    dropped = sum(report.dropped.values())
    typer.echo(f"{loaded.name}: {report.kept:,} kept + {dropped:,} dropped = {report.read:,} read")
    for line in report.lines():
        typer.echo(f"  {line}")
    typer.echo(f"  {loaded.folder}")
    if example is not None:
        typer.echo(
            f"a model of them, in seconds: ytcat train --corpus {example} --out my_model --model title_linear"
        )


@cli.command()
def notebooks(
    corpus: CorpusOption = "demo",
    profile: ProfileOption = "demo",
    seed: SeedOption = 0,
    split: SplitOption = "random",
    fold: FoldOption = 0,
    chapter: ChapterOption = None,
    second_corpus: SecondCorpusOption = "",
    force: ForceOption = False,
) -> None:
    """Run the chapters that are not up to date."""
    from ytcat.progress import say
    from ytcat.report.execute import build_lock, execute

    run = _settings(corpus, profile, seed, split, fold, second_corpus, tuple(chapter or ()))
    with build_lock(typer.echo):
        execute(run, _loaded(run), say, force)


@cli.command()
def run(
    chapter: Annotated[str, typer.Argument(help="Chapter to run, after the chapters that it reads.")],
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", help="name=value, instead of the profile's; repeatable."),
    ] = None,
    corpus: CorpusOption = "demo",
    profile: ProfileOption = "demo",
    seed: SeedOption = 0,
    split: SplitOption = "random",
    fold: FoldOption = 0,
    second_corpus: SecondCorpusOption = "",
    force: ForceOption = False,
) -> None:
    """Run one chapter with parameters of your own, into a results folder of its own."""
    from ytcat.progress import say
    from ytcat.report.execute import build_lock, execute

    changes = tuple(parameter or ())
    run = _settings(corpus, profile, seed, split, fold, second_corpus, (chapter,), changes)
    with build_lock(typer.echo):
        execute(run, _loaded(run), say, force)
    typer.echo(run.folder)


@cli.command()
def book(
    corpus: CorpusOption = "demo",
    profile: ProfileOption = "demo",
    seed: SeedOption = 0,
    split: SplitOption = "random",
    fold: FoldOption = 0,
    second_corpus: SecondCorpusOption = "",
    force: ForceOption = False,
) -> None:
    """Run the chapters that are not up to date, then build the book."""
    from ytcat.progress import say
    from ytcat.report.book import build
    from ytcat.report.execute import build_lock, execute

    run = _settings(corpus, profile, seed, split, fold, second_corpus)
    with build_lock(typer.echo):
        loaded = _loaded(run)
        build(execute(run, loaded, say, force), run, loaded, typer.echo)


@cli.command()
def experiment(
    corpus: CorpusOption = "demo",
    profile: ProfileOption = "demo",
    seed: SeedOption = 0,
    split: SplitOption = "random",
    fold: FoldOption = 0,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for this network, then with a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8866,
    people: Annotated[int, typer.Option(min=1, help="People at a time; each takes a kernel.")] = 8,
) -> None:
    """Hold the labelling experiment of chapter 02 for people without JupyterLab, as a page of its own."""
    from ytcat.report.experiment import serve

    run = _settings(_absolute(corpus), profile, seed, split, fold)
    _loaded(run)
    serve(run, host, port, people, typer.echo)


@cli.command()
def sweep(
    chapters: Annotated[
        str, typer.Option(help="Chapters, by names or unique parts of names: image,text,fusion.")
    ],
    seeds: Annotated[str, typer.Option(help="Seeds: a range (0-9) or a list (0,3,5).")] = "0-4",
    splits: Annotated[str, typer.Option(help="Splits: random, channel, time.")] = "random,channel",
    corpus: CorpusOption = "demo",
    profile: ProfileOption = "demo",
    second_corpus: SecondCorpusOption = "",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Parallel tasks (default: as many as CPU and memory allow).")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads per task.")] = 1,
    memory: Annotated[float, typer.Option(min=1, help="Memory limit per task, in GB.")] = 6,
) -> None:
    """Run chapters over seeds and splits, in parallel here or on the cluster at DASK_SCHEDULER_ADDRESS."""
    from ytcat.progress import say
    from ytcat.report import sweep_table
    from ytcat.report.execute import build_lock
    from ytcat.report.sweep import Limits
    from ytcat.report.sweep import sweep as run_all
    from ytcat.report.sweep_plan import chapters_of, plan, seeds_of, words

    numbers, names = seeds_of(seeds), words(splits, "split")
    # Workers may run elsewhere.
    corpus, second_corpus = _absolute(corpus), _absolute(second_corpus)
    run = _settings(corpus, profile, 0, "random", 0, second_corpus, tuple(chapters_of(chapters)))
    tasks = plan(run, numbers, names)
    with build_lock(typer.echo):
        loaded = _loaded(run)
        done, failed = run_all(tasks, Limits(threads, memory), workers, say)
    if done:
        table = sweep_table.gather(done)
        summary = sweep_table.summary(table)
        typer.echo(summary.to_markdown(index=False, floatfmt=".2f", missingval="") if len(summary) else "")
        typer.echo(sweep_table.write(table, loaded, profile))
    if failed:
        lines = "\n".join(f"  {task}: {reason.splitlines()[0]}" for task, reason in failed.items())
        raise YtcatError(f"{len(failed)} of {len(tasks)} tasks failed:\n{lines}")


@cli.command()
def train(
    out: Annotated[Path, typer.Option(help="The model folder to write; it must not exist.")],
    corpus: CorpusOption = "demo",
    split: SplitOption = "random",
    fold: FoldOption = 0,
    seed: SeedOption = 0,
    model: Annotated[
        str,
        typer.Option(
            help="best, late_fusion, title_linear, title_kernel, minilm, thumbnail_kernel or joint_kernel."
        ),
    ] = "best",
    landmarks: Annotated[
        int,
        typer.Option(
            min=14, help="Training videos that a kernel compares with, at most; time and memory grow with it."
        ),
    ] = 10_000,
    backend: BackendOption = "keras",
    titles: TitlesOption = None,
) -> None:
    """Train a model on a corpus and write it to a folder with a model card; a killed training resumes."""
    inputs = [_folder(name) for name in (corpus, *(titles or ()))]
    paths.check_output(out, *inputs)
    from ytcat.corpus import load
    from ytcat.future_directions.better_models.trainer import TrainingSettings
    from ytcat.future_directions.better_models.trainer import train as train_into
    from ytcat.parameters import split_key

    loaded, others = load(corpus), [load(other) for other in titles or ()]
    with _checkpoints(out) as checkpoints:
        paths.check_output(out, *inputs)  # another training may have ended meanwhile
        settings = TrainingSettings(
            model, split_key(split), fold, seed=seed, backend=backend, landmarks=landmarks
        )
        about = train_into(loaded, out, settings, checkpoints, others)
    if unused := about["thumbnails_not_used"]:
        typer.echo(f"  too few thumbnails to learn from ({unused:,}): the model reads titles alone")
    for name, count in about["more_titles"].items():
        typer.echo(f"  {count:,} titles of {name} learned from too")
    learned_from = about["videos"]["train"] + about["videos"]["validation"]
    if 0 < about["compared_with"] < learned_from:
        typer.echo(
            f"  the kernels compare with {about['compared_with']:,} of {learned_from:,} videos (--landmarks)"
        )
    for view, figures in about["figures"].items():
        interval = f"95% interval {figures['top1_low']:.1%} to {figures['top1_high']:.1%}"
        typer.echo(f"  {view:9}  top-1 {figures['top1']:.1%} of {figures['n']:,} test videos ({interval})")
    typer.echo(f"{out}: the model; its card is {out / 'README.md'}")


@cli.command()
def predict(
    model: Annotated[Path, typer.Option(help="A model folder written by `ytcat train`.")],
    title: Annotated[str | None, typer.Option(help="The title of one video.")] = None,
    thumbnail: Annotated[
        Path | None, typer.Option(help="The thumbnail of one video: a JPEG, PNG or WebP file.")
    ] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="A folder with videos.csv; it needs no categories.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The CSV file to write, with --corpus.")] = None,
    backend: BackendOption = "openvino",
) -> None:
    """Predict the categories of one video (the five most probable), or of a folder of videos (as CSV)."""
    if (corpus is None) != (out is None) or (corpus is None) == (title is None and thumbnail is None):
        raise YtcatError("Give --title and/or --thumbnail for one video, or --corpus and --out for a folder.")
    _check_prediction(model, thumbnail, corpus, out)
    from ytcat.future_directions.better_models.predictor import Predictor

    predictor = Predictor(model, backend)
    if corpus is None:
        _predict_one(predictor, title or "", thumbnail)
    else:
        _predict_folder(predictor, corpus, out)


@cli.command()
def tune(
    corpus: Annotated[str, typer.Argument(help="A folder with videos.csv and thumbnails/.")],
    titles: TitlesOption = None,
) -> None:
    """Try the models' settings on training and validation videos; write tables to book/reference_runs/.

    With --titles try what those of other corpora bring, and nothing else: hours; a killed run goes on.
    """
    from ytcat.corpus import load
    from ytcat.future_directions.better_models import title_tuning
    from ytcat.future_directions.better_models.tuning import tune as tune_models
    from ytcat.report.execute import build_lock

    paths.check_repository()
    loaded = load(corpus)
    paths.refuse_input(paths.BOOK / "reference_runs" / loaded.name, loaded.source)
    others = [load(folder) for folder in titles or ()]
    with build_lock(typer.echo):
        typer.echo(title_tuning.tune(loaded, others) if others else tune_models(loaded))


@cli.command()
def record(
    corpus: Annotated[str, typer.Argument(help="A folder with videos.csv and thumbnails/.")],
    profile: ProfileOption = "full",
) -> None:
    """Record the finished runs of a real corpus, all seeds and splits, in book/reference_runs/."""
    from ytcat.corpus import load
    from ytcat.future_directions.better_models.corpus_tables import TABLES as NETWORK_TABLES
    from ytcat.future_directions.more_data.title_curves import TABLES as CURVES
    from ytcat.reference_runs.corpus_tables import TABLES
    from ytcat.reference_runs.store import record as store
    from ytcat.reference_runs.verify import verify
    from ytcat.report.execute import build_lock

    paths.check_repository()
    loaded = load(corpus)
    paths.refuse_input(paths.BOOK / "reference_runs" / loaded.name, loaded.source)
    with build_lock(typer.echo):
        reference = store(loaded, profile, TABLES | CURVES | NETWORK_TABLES)
    for name, entry in reference.results.items() if reference.has_models else ():
        typer.echo(f"  {name:26} {len(entry['seeds'])} seeds  top-1 {entry['top1']:.1%}")
    tables = sorted({about["table"] for about in reference.manifest["tables"]})
    typer.echo(f"  tables: {', '.join(tables) or 'none'}")
    typer.echo(f"{reference.folder}: {verify(reference.folder):,} figures recorded")


@cli.command(name="title-box")
def title_box(
    corpus: Annotated[str, typer.Argument(help="A folder with videos.csv of real videos.")],
    titles: TitlesOption = None,
) -> None:
    """Train the model of the book's title box, and write it to book/_static/ (minutes)."""
    from ytcat.corpus import load
    from ytcat.explore import title_box as box

    paths.check_repository()
    model, about = box.make(load(corpus), [load(other) for other in titles or ()])
    box.write(model, about, box.MODEL)
    typer.echo(
        f"{box.MODEL}: {about['n_terms']:,} terms, top-1 {about['top1']:.1%} on known channels, "
        f"{about['top1_new_channels']:.1%} on new ones"
    )


@cli.command(name="verify")
def verify_figures() -> None:
    """Recompute the figures of the reference runs and of this machine's runs from their probabilities."""
    from ytcat.reference_runs import folders
    from ytcat.reference_runs.verify import all_runs, verify, verify_run

    paths.check_repository()
    for folder in folders():
        figures = verify(folder)
        typer.echo(f"{folder.name}: files as they were recorded, {figures:,} figures recomputed, all equal")
    for run in all_runs(paths.build_folder()):
        name = run.folder.relative_to(paths.build_folder() / "results")
        typer.echo(f"{name}: files as they were written, {verify_run(run):,} figures recomputed, all equal")


@human.command()
def merge(
    files: Annotated[list[Path], typer.Argument(help="Answer files, <participant>.jsonl.")],
    corpus: CorpusOption = "demo",
) -> None:
    """Import other people's answer files, all of them or none."""
    from ytcat.corpus import load
    from ytcat.human.merge import merge as merge_into
    from ytcat.human.store import folder

    loaded = load(corpus)
    for participant, trials in merge_into(loaded, files).items():
        typer.echo(f"  {participant}: {trials:,} trials")
    typer.echo(folder(loaded))


@human.command()
def export(
    out: Annotated[Path, typer.Option(help="CSV file to write.")], corpus: CorpusOption = "demo"
) -> None:
    """Write all people's answers on a corpus to a CSV file, one row per trial."""
    paths.check_output(out, _folder(corpus), replaces=TRIALS_BEGIN)
    from ytcat.atomic_files import atomic_write
    from ytcat.corpus import load
    from ytcat.human.store import trials

    table = trials(load(corpus))
    atomic_write(out, table.to_csv(index=False))
    typer.echo(f"{out}: {len(table):,} trials of {table['participant'].nunique()} people")


@data.command()
def kaggle(
    region: RegionOption = None,
    dataset: Annotated[str, typer.Option(help="Name of the data set on Kaggle.")] = "datasnaek/youtube-new",
    from_file: Annotated[
        Path | None, typer.Option(help="Zip or CSV file downloaded by hand, instead of a download.")
    ] = None,
    out: OutOption = None,
    thumbnails: ThumbnailsOption = True,
) -> None:
    """Download a Kaggle data set of trending videos; the default is the source of the slides."""
    from ytcat.data.kaggle import download
    from ytcat.data.kaggle import from_file as read_file

    if out is not None:
        paths.refuse_input(out, from_file)
    made = read_file(out, from_file, region) if from_file else download(out, region or "US", dataset)
    _got(made, thumbnails)


@data.command()
def youtube(region: RegionOption = None, out: OutOption = None, thumbnails: ThumbnailsOption = True) -> None:
    """Add today's YouTube chart to a corpus; the variable YOUTUBE_API_KEY must hold your key."""
    from ytcat.data.youtube import collect

    if out is not None:
        paths.refuse_input(out)
    _got(collect(out, region or "US"), thumbnails)


@data.command(name="thumbnails")
def fetch_thumbnails(folder: Annotated[Path, typer.Argument(help="Corpus folder.")]) -> None:
    """Download the missing thumbnails of a corpus folder; continues where a killed run stopped."""
    from ytcat.data.thumbnails import FOREIGN, fetch

    paths.refuse_input(folder)
    summary = fetch(folder)
    ok, gone, failed, left = (summary.outcomes[name] for name in ("ok", "gone", "failed", "not asked"))
    typer.echo(f"thumbnails of {folder}: {sum(summary.outcomes.values()):,} videos")
    typer.echo(f"  {ok:7,} present, {summary.fetched:,} of them new")
    typer.echo(f"  {gone:7,} gone from YouTube: see {folder / 'gone.csv'}")
    typer.echo(f"  {failed:7,} failed, {left:,} not requested")
    if foreign := summary.outcomes.get(FOREIGN):
        typer.echo(f"  {foreign:7,} not requested, since the id is not YouTube's")
    for reason, count in summary.failures.items():
        typer.echo(f"          {count:,}: {reason}")
    if summary.stopped:
        raise YtcatError(summary.stopped)
    if not summary.complete:
        raise YtcatError(f"Some thumbnails can be tried again: ytcat data thumbnails {folder}")


@cli.command()
def doctor(corpus: CorpusOption = "demo") -> None:
    """Say what is there and what is missing, and the command that mends it."""
    from ytcat.report.doctor import examine, table

    checks = examine(corpus)
    typer.echo(table(checks))
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def _settings(
    corpus: str,
    profile: str,
    seed: int,
    split: str,
    fold: int,
    second_corpus: str = "",
    chapters: tuple[str, ...] = (),
    changes: tuple[str, ...] = (),
) -> "RunSettings":
    """The run that options describe; raises YtcatError outside of a repository."""
    paths.check_repository()
    from ytcat.corpus.ingest import refuse_inside
    from ytcat.report.profiles import RunSettings

    for source in filter(None, map(_folder, (corpus, second_corpus))):
        refuse_inside(paths.build_folder(), Path(source))
    return RunSettings(corpus, profile, seed, split, fold, second_corpus, chapters, changes)


def _loaded(run: "RunSettings") -> "Corpus":
    """Load the corpus of a run and say which it is; raises YtcatError if it is too small for the report."""
    from ytcat.corpus import load
    from ytcat.corpus.enough import too_few

    corpus = load(run.corpus)
    if reason := too_few(corpus.videos, "title", corpus.name):
        raise YtcatError(reason)
    place = "" if corpus.synthetic else f" of {corpus.source.resolve()}"
    typer.echo(f"{'corpus':20} {corpus.label}: {corpus.report.kept:,} videos{place}")
    return corpus


def _predict_one(predictor: "Predictor", title: str, thumbnail: Path | None) -> None:
    from ytcat.categories import NAMES
    from ytcat.future_directions.better_models.predictor import view_phrase

    picture = thumbnail and _picture(thumbnail)
    views, probabilities = predictor.answer([title], [picture])
    unread = ", since this model reads no thumbnails" if picture and views[0] == "title" else ""
    typer.echo(f"from the {view_phrase(views[0])}{unread}:")
    for label in probabilities[0].argsort()[::-1][:5]:
        typer.echo(f"  {probabilities[0][label]:6.1%}  {NAMES[label]}")


def _picture(thumbnail: Path) -> bytes:
    """The bytes of a picture that can be decoded, whether or not the model reads it."""
    from ytcat.corpus.thumbnails import image_from_bytes

    try:
        picture = thumbnail.read_bytes()
        image_from_bytes(picture)
    except (OSError, ValueError) as error:
        raise YtcatError(f"{thumbnail} cannot be read as a thumbnail: {error}") from error
    return picture


def _predict_folder(predictor: "Predictor", corpus: Path, out: Path) -> None:
    from ytcat.atomic_files import atomic_write
    from ytcat.corpus.ingest import read_unlabelled, thumbnail_lines
    from ytcat.future_directions.better_models.predictor import view_phrase

    videos = read_unlabelled(corpus)
    table, counts = predictor.table(videos)
    atomic_write(out, table.to_csv(index=False))
    for view, count in counts.items():
        typer.echo(f"  {count:,} videos from the {view_phrase(view)}")
    if left := len(videos.video_ids) - len(table):
        typer.echo(f"  {left:,} videos not answered: they lack what the model reads")
    for reason, count in videos.dropped.items():
        typer.echo(f"  {count:,} records dropped: {reason}")
    for line in thumbnail_lines(videos.thumbnails):
        typer.echo(f"  {line}")
    typer.echo(f"{out}: {len(table):,} videos")


def _got(folder: Path, thumbnails: bool) -> None:
    """Print the contents of a corpus folder, download the thumbnails, and print the next command."""
    from ytcat.data.provenance import read

    known = read(folder)
    typer.echo(f"{folder}: {known.kept:,} videos of region {known.region}, {known.source}")
    for reason, count in known.dropped.items():
        typer.echo(f"  {count:7,} records dropped: {reason}")
    if thumbnails:
        fetch_thumbnails(folder)
    typer.echo(f"the report on it: make book CORPUS={folder}")


def _folder(corpus: str) -> str | None:
    """The folder of a corpus; None for the demo, and for none."""
    from ytcat.corpus import DEMO

    return None if corpus in ("", DEMO) else corpus


def _absolute(corpus: str) -> str:
    """A corpus by its absolute path; the demo, and none, as they are."""
    from ytcat.corpus import DEMO

    return corpus if corpus in ("", DEMO) else str(Path(corpus).absolute())


def _check_prediction(model: Path, thumbnail: Path | None, corpus: Path | None, out: Path | None) -> None:
    """Refuse what cannot be predicted before TensorFlow is imported, which takes seconds."""
    if out is not None:
        paths.check_output(out, model, corpus, replaces=PREDICTIONS_BEGIN)
    if not (model / "model.json").is_file():
        raise YtcatError(
            f"{model} is no model folder: give one that `ytcat train --out {model}` has written."
        )
    if thumbnail is not None and not thumbnail.is_file():
        raise YtcatError(f"{thumbnail} cannot be read as a thumbnail: it is no file.")
    if corpus is not None and not corpus.is_dir():
        raise YtcatError(f"There is no corpus folder {corpus}: give a folder with videos.csv.")


@contextmanager
def _checkpoints(out: Path) -> Iterator[Path]:
    """The folder of the last epochs of a training into `out`; it stays if the training is killed or fails.

    Raises YtcatError while another process trains into `out`.
    """
    import shutil

    from filelock import FileLock, Timeout

    from ytcat.atomic_files import remove_leftovers
    from ytcat.runs import CHECKPOINTS

    place = out.absolute()
    folder = place.with_name(f".{place.name}{CHECKPOINTS}")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / "lock", timeout=0):
            remove_leftovers(place.parent, place.name)
            try:
                yield folder
            finally:
                if place.exists() or not any(folder.rglob("epoch-*")):
                    shutil.rmtree(folder, ignore_errors=True)
    except Timeout:
        raise YtcatError(
            f"Another training is writing to {out}: wait until it has ended, or give another folder."
        ) from None


def app() -> None:
    """Run the command line; errors meant for people are printed as one sentence, without a traceback."""
    if (
        not sys.flags.utf8_mode
        and "utf8" not in sys._xoptions
        and locale.getencoding().lower() not in ("utf-8", "utf8")
    ):
        # Names and texts are UTF-8 in any locale: once more in the mode that `environment` has set.
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever has started this
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        # A title may hold letters that the terminal does not have.
        getattr(sys, name).reconfigure(errors="backslashreplace")
    try:
        cli()
    except YtcatError as error:
        _fail(str(error))
    except MemoryError:
        _fail("There is not enough memory. Close other programs, or use a smaller profile or corpus.")
    except OSError as error:
        _fail(sentence(error))
    except Exception as error:
        with tempfile.NamedTemporaryFile(
            "w", prefix="ytcat-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(traceback.format_exc())
        _fail(
            f"{type(error).__name__}: {error}. This is a fault of ytcat: please report it, with the file "
            f"{file.name}."
        )


def _fail(message: str) -> None:
    typer.echo(f"error: {message}", err=True)
    sys.exit(1)
