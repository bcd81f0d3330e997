"""The chapters of the report, in order, and what each one reads."""

from dataclasses import dataclass
from pathlib import Path

from ytcat import paths


@dataclass(frozen=True)
class Chapter:
    """One notebook of the report."""

    name: str
    reads: tuple[str, ...] = ()  # the chapters whose results it reads
    needs_thumbnails: bool = False  # without any, it ends at the cell tagged NEEDS_THUMBNAILS

    @property
    def notebook(self) -> Path:
        """The notebook as it stands in the repository."""
        return paths.NOTEBOOKS / f"{self.name}.ipynb"


# A cell with this tag says, on a corpus without thumbnails, that the chapter ends there.
NEEDS_THUMBNAILS = "needs-thumbnails"

CHAPTERS = (
    Chapter("01_data_exploration"),
    Chapter("02_human_baseline"),
    Chapter("03_image_model", needs_thumbnails=True),
    Chapter("04_text_model"),
    Chapter("05_fusion", reads=("03_image_model", "04_text_model"), needs_thumbnails=True),
    Chapter("06_error_analysis", reads=("03_image_model", "04_text_model", "05_fusion")),
)
