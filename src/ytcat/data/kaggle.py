"""Kaggle's two data sets of trending videos, by download or from a file, as a corpus folder."""

import csv
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import IO, NamedTuple

from ytcat.atomic_files import atomic_path
from ytcat.corpus.records import REQUIRED
from ytcat.data import category_file, default_folder, held, provenance
from ytcat.exceptions import YtcatError


class Dataset(NamedTuple):
    """One of Kaggle's data sets; file names have the region's two letters for {}."""

    handle: str
    csv: str
    regions: tuple[str, ...]
    corpus: str  # the name of a corpus made from it, before the region
    licence: str = "CC0 1.0 by the uploader's word on Kaggle; titles and thumbnails are their creators'"


CATEGORIES = "{}_category_id.json"
OLDER = Dataset(
    "datasnaek/youtube-new",
    "{}videos.csv",
    ("CA", "DE", "FR", "GB", "IN", "JP", "KR", "MX", "RU", "US"),
    "kaggle",
)
NEWER = Dataset(
    "rsrishav/youtube-trending-video-dataset",
    "{}_youtube_trending_data.csv",
    ("BR", "CA", "DE", "FR", "GB", "IN", "JP", "KR", "MX", "RU", "US"),
    "kaggle-newer",
)
DATASETS = {dataset.handle: dataset for dataset in (OLDER, NEWER)}

# The newer set's names, and what a corpus calls the same.
_RENAMED = {"categoryId": "category_id", "publishedAt": "publish_time", "channelTitle": "channel_title"}
_BLOCK = 1 << 20  # bytes copied at once


def download(folder: Path | None = None, region: str = "US", handle: str = OLDER.handle) -> Path:
    """Make a corpus folder from a data set's files on Kaggle, through kagglehub and its cache; returns it.

    A folder that was made from it before stays as it is. Raises YtcatError for an unknown set or region, if
    Kaggle cannot be asked or says no, and if what comes is not of the known form.
    """
    if handle not in DATASETS:
        raise YtcatError(f"There is no data set {handle!r} here. Give --dataset {' or '.join(DATASETS)}.")
    wanted = DATASETS[handle]
    if region not in wanted.regions:
        raise YtcatError(
            f"{handle} has no region {region!r}. Give --region with one of: {', '.join(wanted.regions)}."
        )
    names = wanted.csv.format(region), CATEGORIES.format(region)

    def make(out: Path) -> None:
        csv_path, categories_path = (_download(handle, name) for name in names)
        version = re.search(r"versions/(\d+)", csv_path.as_posix())
        origin = f"Kaggle {handle}" + (f", version {version[1]}" if version else "")
        with csv_path.open("rb") as videos:
            _make(out, wanted, region, origin, names[0], videos, categories_path.read_bytes())

    return _once(folder or default_folder(wanted.corpus, region), wanted, region, make)


def from_file(folder: Path | None, file: Path, region: str | None = None) -> Path:
    """Make a corpus folder from a data set's zip or CSV that was downloaded by hand; returns it.

    Without `region` it is what the file's name says, else US. The category file is taken from the zip, or
    from beside the CSV, where it is there. Raises YtcatError if there is no such file, or it holds nothing of
    that region, or not the known columns.
    """
    if not file.is_file():
        raise YtcatError(f"There is no file {file}. Give the zip or the CSV that you downloaded from Kaggle.")
    named = _named_region(file.name)
    region = region or named or "US"
    if region not in NEWER.regions or region != (named or region):
        raise YtcatError(
            f"{file.name} is not of region {region!r}. Give --region with one of {', '.join(NEWER.regions)}, "
            "or leave it out where the file's name says it."
        )
    origin = f"{file.name}, given by hand"

    def make_from_csv(out: Path) -> None:
        beside = file.with_name(CATEGORIES.format(region))
        categories = beside.read_bytes() if beside.is_file() else None
        with file.open("rb") as videos:
            _make(out, _named_dataset(file.name), region, origin, file.name, videos, categories)

    def make_from_zip(out: Path) -> None:
        try:
            with zipfile.ZipFile(file) as archive:
                members = {Path(member).name: member for member in archive.namelist()}
                wanted = _dataset_in(members, file, region)
                name, categories = wanted.csv.format(region), members.get(CATEGORIES.format(region))
                content = archive.read(categories) if categories else None
                with archive.open(members[name]) as videos:
                    _make(out, wanted, region, origin, name, videos, content)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
            raise YtcatError(f"{file} cannot be unpacked ({error}). Download it again.") from error

    name = _named_dataset(file.name).corpus
    make = make_from_zip if zipfile.is_zipfile(file) else make_from_csv
    return _once(folder or default_folder(name, region), None, region, make)


def _named_region(name: str) -> str | None:
    """The region in a name such as USvideos.csv or US_youtube_trending_data.csv."""
    match = re.match(r"([A-Z]{2})(videos|_youtube_trending_data)\.csv$", name)
    return match[1] if match else None


def _named_dataset(name: str) -> Dataset:
    return NEWER if "trending_data" in name else OLDER


def _dataset_in(members: Collection[str], file: Path, region: str) -> Dataset:
    """The data set that a zip of files of these names is."""
    for candidate in DATASETS.values():
        if candidate.csv.format(region) in members:
            return candidate
    regions = sorted(filter(None, map(_named_region, members)))
    raise YtcatError(
        f"{file} has no videos of region {region!r}; it has {', '.join(regions) or 'no videos at all'}. "
        "Give --region, or the zip of one of the two data sets."
    )


def _once(folder: Path, wanted: Dataset | None, region: str, make: Callable[[Path], None]) -> Path:
    """Make a corpus folder whole or not at all, unless the same one is there."""
    with held(folder):
        if known := provenance.read(folder):
            if known.region != region or (wanted and wanted.handle not in known.source):
                raise YtcatError(
                    f"{folder} holds {known.source}, region {known.region}. Give another folder with --out."
                )
        elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise YtcatError(
                f"{folder} holds something that `ytcat data kaggle` did not make. Give another folder with "
                "--out; for the thumbnails of your own corpus there is `ytcat data thumbnails FOLDER`."
            )
        else:
            with atomic_path(folder) as temporary:
                temporary.mkdir()
                make(temporary)
    return folder


def _make(
    out: Path,
    wanted: Dataset,
    region: str,
    origin: str,
    name: str,
    videos: IO[bytes],
    categories: bytes | None,
) -> None:
    """Write videos.csv, the category file and provenance.json into the folder `out`."""
    now = provenance.now()
    sha256 = _copy(videos, out / "videos.csv", name)
    sources = [provenance.Source(name=name, origin=origin, sha256=sha256, fetched=now)]
    absent: list[int] = []
    if categories is not None:
        category_name = CATEGORIES.format(region)
        absent = category_file.check(categories, category_name)
        (out / category_name).write_bytes(categories)
        digest = hashlib.sha256(categories).hexdigest()
        sources.append(provenance.Source(name=category_name, origin=origin, sha256=digest, fetched=now))
    made = provenance.Provenance.of(
        out,
        source=f"Kaggle {wanted.handle}",
        region=region,
        licence=wanted.licence,
        sources=sources,
        categories_absent=absent,
    )
    if not made.kept:
        raise YtcatError(f"No video of {name} can be used: {made.read} records, dropped {made.dropped}.")
    made.write(out)


def _copy(videos: IO[bytes], path: Path, name: str) -> str:
    """Copy a CSV with its columns under a corpus's names, the rest byte by byte; its SHA-256 as it came."""
    header = videos.readline(_BLOCK)
    digest = hashlib.sha256(header)
    with path.open("wb") as out:
        out.write(_renamed(header, name))
        while block := videos.read(_BLOCK):
            digest.update(block)
            out.write(block)
    return digest.hexdigest()


def _renamed(header: bytes, name: str) -> bytes:
    """The header line with a corpus's names for its columns; raises YtcatError if one is missing."""
    text = header.decode("utf-8-sig", errors="replace")
    columns = [column.strip() for column in next(csv.reader([text]), [])]
    renamed = [_RENAMED.get(column, column) for column in columns]
    if missing := [column for column in REQUIRED if column not in renamed]:
        raise YtcatError(
            f"{name} lacks the column(s) {', '.join(missing)}; its header has {', '.join(columns)[:200]!r}. "
            "Kaggle seems to have changed it: rename the columns in a copy and give that with --from-file."
        )
    if renamed == columns:
        return header
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(renamed)
    return line.getvalue().encode()


def _download(handle: str, name: str) -> Path:
    """One file of a data set, in kagglehub's cache."""
    try:
        import kagglehub  # slow, and only needed here

        return Path(kagglehub.dataset_download(handle, path=name))
    except Exception as error:  # anything from requests, and kagglehub's own
        raise YtcatError(
            f"{name} of {handle} could not be downloaded: {_reason(error)} Or get it by hand from "
            f"kaggle.com/datasets/{handle} and give it with --from-file."
        ) from error


def _reason(error: Exception) -> str:
    """What went wrong on the way to Kaggle, and what to do about it."""
    answer = getattr(getattr(error, "response", None), "status_code", None)
    if answer in (401, 403):
        return (
            f"Kaggle refuses the key it was given (HTTP {answer}). Mend or remove KAGGLE_API_TOKEN, "
            "KAGGLE_USERNAME and KAGGLE_KEY, or the files in ~/.kaggle; a public set needs none."
        )
    if answer == 404:
        return "Kaggle has no such data set or file (HTTP 404), so it was renamed or removed."
    if answer is not None:
        return f"Kaggle answered HTTP {answer}. Try again later."
    if hasattr(error, "request"):  # of requests, without an answer
        return (
            f"Kaggle cannot be reached ({type(error).__name__}). Check the connection, and HTTPS_PROXY if "
            "you need one."
        )
    return f"{type(error).__name__}: {' '.join(str(error).split())}."
