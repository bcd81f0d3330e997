"""The chapters of the report, in order, and what each one reads."""

from dataclasses import dataclass
from pathlib import Path

from ytcat import paths
from ytcat.corpus import Corpus
from ytcat.human import store
from ytcat.human.picture import PICTURE
from ytcat.reference_runs import FOLDER, FUSION_TUNING, IMAGE_TUNING, KERNEL_TUNING, RESULTS, TEXT_TUNING


@dataclass(frozen=True)
class Chapter:
    """One notebook of the report."""

    name: str
    reads: tuple[str, ...] = ()  # the chapters whose results it reads
    reads_other: bool = False  # has a parameter `other`, the folder of a second corpus
    needs: str = ""  # "thumbnails" or "tags": without any, it ends at the cell tagged `needs_tag`
    shows: tuple[str, ...] = ()  # the names of the recorded files that it shows
    reads_people: bool = False  # reads the answers of the experiment, see `ytcat.human`
    asks: bool = False  # has a parameter `ask`: whether to hold the experiment, or show its picture

    @property
    def notebook(self) -> Path:
        """The notebook as it stands in the repository."""
        return paths.NOTEBOOKS / f"{self.name}.ipynb"

    @property
    def needs_tag(self) -> str:
        """The tag of the cell that says, on a corpus without what the chapter needs, that it ends there."""
        return f"needs-{self.needs}"

    def lacks(self, corpus: Corpus) -> bool:
        """Whether the corpus has none of what the chapter needs."""
        return bool(self.needs) and not getattr(corpus, f"has_{self.needs}")

    def recorded_files(self) -> list[Path]:
        """The recorded files that it shows, whatever the corpus."""
        return sorted(path for name in self.shows for path in FOLDER.glob(f"*/{name}"))

    def people_files(self, corpus: Corpus) -> list[Path]:
        """What it reads or shows of the experiment on the corpus."""
        return (store.files(corpus) if self.reads_people else []) + ([PICTURE] if self.asks else [])


CHAPTERS = (
    Chapter("01_data_exploration"),
    Chapter("02_human_baseline", reads_people=True, asks=True, shows=(RESULTS,)),
    Chapter("03_image_model", needs="thumbnails", shows=(IMAGE_TUNING,)),
    Chapter("04_text_model", shows=(TEXT_TUNING,)),
    Chapter(
        "05_fusion", reads=("03_image_model", "04_text_model"), needs="thumbnails", shows=(FUSION_TUNING,)
    ),
    Chapter("06_error_analysis", reads=("03_image_model", "04_text_model", "05_fusion"), reads_people=True),
    Chapter("07_better_models", shows=(KERNEL_TUNING,)),
    Chapter("08_auto_tagging", needs="tags", shows=("tag_scores.csv", "tag_category.csv")),
    Chapter("09_more_data", reads_other=True, shows=("learning_curve.csv", "drift.csv")),
    Chapter("10_class_imbalance", shows=("imbalance_test.csv",)),
    Chapter("11_your_own_videos"),
)
