"""`ytcat ...`: one command a verb, thin. Modules are imported when a verb needs them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ytcat import paths
from ytcat.errors import YtcatError

if TYPE_CHECKING:
    from ytcat.corpus import Corpus
    from ytcat.report.execute import Outcome

CorpusOption = Annotated[str, typer.Option(help='"demo", or a folder with videos.csv and thumbnails/.')]
ProfileOption = Annotated[str, typer.Option(help="smoke, demo or full: a file of notebooks/profiles/.")]
SeedOption = Annotated[int, typer.Option(min=0, help="For weights, dropout and the order of the data.")]
ForceOption = Annotated[bool, typer.Option(help="Run every chapter, cached or not.")]

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@cli.command()
def corpus(source: Annotated[str, typer.Argument(help='"demo" or a folder.')] = "demo") -> None:
    """Make or check a corpus; say what was kept, what was dropped, and why."""
    from ytcat.corpus import load

    loaded = load(_portable(source))
    report = loaded.report
    dropped = sum(report.dropped.values())
    typer.echo(f"{loaded.name}: {report.kept:,} kept + {dropped:,} dropped = {report.read:,} read")
    for reason, count in report.dropped.items():
        typer.echo(f"  dropped {count:,}: {reason}")
    for example in report.examples:
        typer.echo(f"    line {example.line}: {example.reason}: {example.value}")
    for state, count in report.thumbnails.items():
        typer.echo(f"  thumbnails {state}: {count:,}")
    typer.echo(f"  {loaded.folder}")


@cli.command()
def notebooks(
    corpus: CorpusOption = "demo",
    profile: ProfileOption = "demo",
    seed: SeedOption = 0,
    force: ForceOption = False,
) -> None:
    """Run the chapters that are not up to date."""
    _execute(corpus, profile, seed, force)


@cli.command()
def book(
    corpus: CorpusOption = "demo",
    profile: ProfileOption = "demo",
    seed: SeedOption = 0,
    force: ForceOption = False,
) -> None:
    """Run the chapters that are not up to date, then build the book."""
    from ytcat.report.book import build

    loaded, results, outcomes = _execute(corpus, profile, seed, force)
    build(outcomes, loaded, profile, results, typer.echo)


@cli.command()
def doctor(corpus: CorpusOption = "demo") -> None:
    """Say what is there and what is missing, and the command that mends it."""
    from ytcat.report.doctor import examine, table

    checks = examine(corpus)
    table(checks)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def _execute(source: str, profile: str, seed: int, force: bool) -> "tuple[Corpus, Path, list[Outcome]]":
    from ytcat.corpus import load
    from ytcat.report.execute import execute
    from ytcat.report.profiles import load_profile

    parameters = load_profile(profile)
    source = _portable(source)
    loaded = load(source)
    results = Path("results") / f"{loaded.name}-{profile}-{seed}"
    places = {"corpus": source, "results": results.as_posix(), "seed": seed}
    parameters = {name: values | places for name, values in parameters.items()}
    results = paths.build_folder() / results
    return loaded, results, execute(loaded, parameters, results, typer.echo, force)


def _portable(source: str) -> str:
    """A corpus folder, given from where the command was called, as seen from the repository."""
    from ytcat.corpus import DEMO

    return source if source == DEMO else str(paths.portable(Path(source)))


def app() -> None:
    """Run the command line; errors meant for people are printed without a traceback."""
    try:
        cli()
    except YtcatError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(1)
