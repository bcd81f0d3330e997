"""The chapters of the report, in the order of the book, and what each one reads."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ytcat import paths, reference_runs, runs
from ytcat.atomic_files import of_the_system
from ytcat.corpus import Corpus
from ytcat.data import provenance
from ytcat.exceptions import YtcatError
from ytcat.human import store

ALL_REFERENCE_RUNS = "reference_runs/*/*"


@dataclass(frozen=True)
class Chapter:
    """One notebook of the report."""

    name: str
    folder: str = ""  # where the notebook is, below notebooks/
    reads: tuple[str, ...] = ()  # the chapters whose results it reads
    needs: str = ""  # "thumbnails", "tags" or "categories": with too few it ends at the cell `needs_tag`
    shows: tuple[str, ...] = ()  # globs below book/: the files of the repository that it shows
    reads_answers: bool = False  # reads the answers of the experiment, see `ytcat.human`
    reads_provenance: bool = False  # reads where the corpus came from, see `ytcat.data.provenance`
    # Of the demo on two cores, with the chapters that must wait for it: the longest is started first.
    seconds: int = 5

    @property
    def notebook(self) -> Path:
        """The notebook as it stands in the repository."""
        return paths.NOTEBOOKS / self.folder / f"{self.name}.ipynb"

    @property
    def needs_tag(self) -> str:
        """The tag of the cell that says, on a corpus without what the chapter needs, that it ends there."""
        return f"needs-{self.needs}"

    def lacks(self, corpus: Corpus) -> bool:
        """Whether the corpus has none, or too little, of what the chapter needs."""
        return bool(self.needs and runs.lacking(corpus, self.needs))

    def files(self, corpus: Corpus) -> dict[str, Path]:
        """The files beside corpus and code that the chapter reads, by a name that a person understands."""
        reference_runs.put_back()
        named = {
            path.relative_to(paths.BOOK).as_posix(): path
            for pattern in self.shows
            for path in paths.BOOK.glob(pattern)
            if not of_the_system(path)
        }
        if self.reads_answers:
            named |= {f"the answers {path.name}": path for path in store.files(corpus)}
        if self.reads_provenance:
            named |= {path.name: path for path in corpus.source.glob(provenance.FILE)}
        return named


CHAPTERS = (
    Chapter(
        "00_results",
        reads=("01_data_exploration", "03_image_model", "04_text_model", "05_fusion", "07_better_models"),
        shows=(ALL_REFERENCE_RUNS,),
        seconds=15,
    ),
    Chapter("01_data_exploration", shows=("reference_runs/*/categories.csv",)),
    Chapter(
        "02_human_baseline",
        reads_answers=True,
        shows=("reference_runs/*/results.json", "_static/labelling.png"),
    ),
    Chapter("03_image_model", needs="thumbnails", shows=(ALL_REFERENCE_RUNS,), seconds=210),
    Chapter("04_text_model", shows=(ALL_REFERENCE_RUNS,), seconds=80),
    Chapter(
        "05_fusion",
        reads=("03_image_model", "04_text_model"),
        needs="thumbnails",
        shows=(ALL_REFERENCE_RUNS,),
        seconds=55,
    ),
    Chapter(
        "06_error_analysis",
        reads=("03_image_model", "04_text_model", "05_fusion"),
        shows=(ALL_REFERENCE_RUNS,),
        reads_answers=True,
        seconds=10,
    ),
    Chapter("07_better_models", shows=(ALL_REFERENCE_RUNS,), seconds=185),
    Chapter("08_auto_tagging", needs="tags", shows=("reference_runs/*/tag_*.csv",), seconds=30),
    Chapter("09_more_data", shows=(ALL_REFERENCE_RUNS,), seconds=100),
    Chapter(
        "10_class_imbalance",
        needs="categories",
        shows=("reference_runs/*/imbalance_test.csv", "reference_runs/*/results.json"),
        seconds=92,
    ),
    Chapter("11_your_own_videos", shows=(ALL_REFERENCE_RUNS,), seconds=90),
    Chapter("12_other_years", shows=(ALL_REFERENCE_RUNS,)),
    Chapter("deck", "appendix", shows=("reference_runs/*/results.json",)),
    Chapter("deck_audit", "appendix"),
    Chapter("reference_runs", "appendix", shows=(ALL_REFERENCE_RUNS,), seconds=35),
    Chapter("data_card", "appendix", shows=("reference_runs/*/results.json",), reads_provenance=True),
    Chapter("speed", "appendix", shows=("benchmarks/*.json", "reference_runs/*/manifest.json")),
)


def with_read(names: Collection[str]) -> list[Chapter]:
    """The chapters of these names and all that they read, in the order of the book; all for no name.

    Raises YtcatError for a name that no chapter has.
    """
    by_name = {chapter.name: chapter for chapter in CHAPTERS}
    if unknown := [name for name in names if name not in by_name]:
        raise YtcatError(f"There is no chapter {unknown[0]!r}. There is: {', '.join(by_name)}.")
    needed, waiting = set(), list(names or by_name)
    while waiting:
        name = waiting.pop()
        needed.add(name)
        waiting += set(by_name[name].reads) - needed
    return [chapter for chapter in CHAPTERS if chapter.name in needed]
