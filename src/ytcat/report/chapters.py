"""The chapters of the report, in order, and what each one reads."""

from dataclasses import dataclass
from pathlib import Path

from ytcat import paths
from ytcat.recorded import FOLDER, FUSION_TRIALS, IMAGE_TRIALS, TEXT_TRIAL


@dataclass(frozen=True)
class Chapter:
    """One notebook of the report."""

    name: str
    reads: tuple[str, ...] = ()  # the chapters whose results it reads
    reads_other: bool = False  # has a parameter `other`, the folder of a second corpus
    needs_thumbnails: bool = False  # without any, it ends at the cell tagged NEEDS_THUMBNAILS
    shows: tuple[str, ...] = ()  # the names of the recorded files that it shows

    @property
    def notebook(self) -> Path:
        """The notebook as it stands in the repository."""
        return paths.NOTEBOOKS / f"{self.name}.ipynb"

    def recorded_files(self) -> list[Path]:
        """The recorded files that it shows, whatever the corpus."""
        return sorted(path for name in self.shows for path in FOLDER.glob(f"*/{name}"))


# A cell with this tag says, on a corpus without thumbnails, that the chapter ends there.
NEEDS_THUMBNAILS = "needs-thumbnails"

CHAPTERS = (
    Chapter("01_data_exploration"),
    Chapter("02_human_baseline"),
    Chapter("03_image_model", needs_thumbnails=True, shows=(IMAGE_TRIALS,)),
    Chapter("04_text_model", shows=(TEXT_TRIAL,)),
    Chapter(
        "05_fusion", reads=("03_image_model", "04_text_model"), needs_thumbnails=True, shows=(FUSION_TRIALS,)
    ),
    Chapter("06_error_analysis", reads=("03_image_model", "04_text_model", "05_fusion")),
    Chapter("09_more_data", reads_other=True, shows=("learning_curve.csv", "drift.csv")),
)
