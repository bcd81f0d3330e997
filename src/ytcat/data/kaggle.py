"""Kaggle's two data sets of trending videos, downloaded or read from a file, as a corpus folder."""

import csv
import gzip
import hashlib
import io
import logging
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from ytcat.atomic_files import atomic_path, atomic_write, sha256_file
from ytcat.corpus.fields import REQUIRED
from ytcat.corpus.records import nature, no_video, read_records
from ytcat.data import CATEGORIES, category_file, default_folder, held, provenance
from ytcat.data.client import unusable_settings
from ytcat.exceptions import YtcatError


class Dataset(NamedTuple):
    """One of Kaggle's data sets; {} in a file name stands for the two letters of the region."""

    handle: str
    csv: str
    regions: tuple[str, ...]
    corpus: str  # the name of a corpus made from it, before the region
    licence: str = "CC0 1.0 according to the uploader; titles and thumbnails belong to their creators"


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

# Column names of a corpus by those of the newer data set.
_RENAMED = {"categoryId": "category_id", "publishedAt": "publish_time", "channelTitle": "channel_title"}
_NAME = re.compile(r"(?<![A-Za-z])([A-Z]{2})(?:videos|_youtube_trending_data)(?![A-Za-z])")
_CHUNK = 1 << 20  # bytes copied at once
_log = logging.getLogger(__name__)


def download(folder: Path | None = None, region: str = "US", handle: str = OLDER.handle) -> Path:
    """Download a data set with kagglehub (and its cache), make a corpus folder from it and return that.

    A folder made from the same data set before is left as it is. Raises YtcatError for an unknown data set or
    region, if the download fails, and if a file has an unknown form.
    """
    if handle not in DATASETS:
        raise YtcatError(f"The data set {handle!r} is not supported. Give --dataset {' or '.join(DATASETS)}.")
    dataset = DATASETS[handle]
    if region not in dataset.regions:
        raise YtcatError(
            f"{handle} has no region {region!r}. Give --region with one of: {', '.join(dataset.regions)}."
        )
    names = dataset.csv.format(region), CATEGORIES.format(region)

    def make(out: Path) -> None:
        csv_path, categories_path = (_download(handle, name) for name in names)
        version = re.search(r"versions/(\d+)", csv_path.as_posix())
        origin = f"Kaggle {handle}" + (f", version {version[1]}" if version else "")
        with csv_path.open("rb") as videos:
            _make(out, dataset, region, origin, names[0], videos, categories_path.read_bytes())

    return _once(folder or default_folder(dataset.corpus, region), dataset, region, make)


def from_file(folder: Path | None, file: Path, region: str | None = None) -> Path:
    """Make a corpus folder from a zip, CSV or csv.gz that was downloaded by hand; returns the folder.

    `region` defaults to the one in the file's name, which may be a browser's copy ("KRvideos (2).csv"), else
    to US for a zip that has it. The category file is taken from the zip, or from beside the CSV, if present.
    Raises YtcatError if the file does not exist, does not tell the region, holds no videos of that region, or
    lacks a required column.
    """
    if not file.is_file():
        raise YtcatError(
            f"There is no file {file}. Give the zip, the CSV or the csv.gz that you downloaded from Kaggle."
        )
    zipped = file.suffix.lower() == ".zip" or zipfile.is_zipfile(file)
    region_of_file = _region_in(file.name)
    region = region or region_of_file or ("US" if zipped else "")
    choices = f"Give --region with one of {', '.join(NEWER.regions)} (capital letters)"
    if not region:
        raise YtcatError(f"The name {file.name} does not tell the region of its videos. {choices}.")
    if region not in NEWER.regions:
        raise YtcatError(f"Kaggle's data sets have no region {region!r}. {choices}.")
    if region != (region_of_file or region):
        raise YtcatError(
            f"{file.name} is not of region {region!r}. {choices}, "
            "or leave it out if the name of the file has it."
        )
    with _unpacking(file):
        dataset = _dataset_in(file, region) if zipped else _dataset_of(file)

    def make(out: Path) -> None:
        with _unpacking(file):
            if zipped:
                _make_from_zip(out, dataset, region, file)
            else:
                _make_from_csv(out, dataset, region, file)

    return _once(folder or default_folder(dataset.corpus, region), None, region, make)


def _make_from_csv(out: Path, dataset: Dataset, region: str, file: Path) -> None:
    beside = file.with_name(CATEGORIES.format(region))
    categories = beside.read_bytes() if beside.is_file() else None
    with _opened(file) as videos:
        _make(out, dataset, region, f"{file.name}, given by hand", file.name, videos, categories)


def _make_from_zip(out: Path, dataset: Dataset, region: str, file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        member = _members(archive)[dataset, region]
        categories = [name for name in archive.namelist() if Path(name).name == CATEGORIES.format(region)]
        content = archive.read(categories[0]) if categories else None
        with archive.open(member) as videos:
            name = Path(member).name
            _make(out, dataset, region, f"{file.name}, given by hand", name, videos, content)


@contextmanager
def _unpacking(file: Path) -> Iterator[None]:
    """Errors of a zip or gzip file as one sentence."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        gzip.BadGzipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        raise YtcatError(f"{file} cannot be unpacked ({error}). Download it again.") from error


def _opened(file: Path) -> IO[bytes]:
    """A CSV, unpacked if it is gzipped, whatever its name."""
    with file.open("rb") as stream:
        gzipped = stream.read(2) == b"\x1f\x8b"
    return gzip.open(file) if gzipped else file.open("rb")


def _region_in(name: str) -> str | None:
    """The region in a name such as USvideos.csv, or a browser's "KR_youtube_trending_data (2).csv"."""
    regions = set(_NAME.findall(name)) & set(NEWER.regions)
    return regions.pop() if len(regions) == 1 else None


def _dataset_of(file: Path) -> Dataset:
    """The data set of a CSV: the newer one by its name or by the columns that only it has."""
    with _opened(file) as stream:
        newer = b"categoryId" in stream.readline(_CHUNK) or "trending_data" in file.name
    return NEWER if newer else OLDER


def _members(archive: zipfile.ZipFile) -> dict[tuple[Dataset, str], str]:
    """The CSV files of a zip by data set and region, without hidden files, such as those of macOS."""
    members: dict[tuple[Dataset, str], str] = {}
    for member in archive.namelist():
        name = Path(member).name
        region = _region_in(name)
        if name.startswith(".") or not name.lower().endswith(".csv") or region is None:
            continue
        key = NEWER if "trending_data" in name else OLDER, region
        if key in members:
            raise YtcatError(
                f"{archive.filename} holds {members[key]} and {member}: unpack it, and give one of the two."
            )
        members[key] = member
    return members


def _dataset_in(file: Path, region: str) -> Dataset:
    """The data set of a zip; raises YtcatError if the zip has no videos of the region."""
    with zipfile.ZipFile(file) as archive:
        members = _members(archive)
    for candidate in DATASETS.values():
        if (candidate, region) in members:
            return candidate
    regions = sorted({name for _, name in members})
    raise YtcatError(
        f"{file} has no videos of region {region!r}; it has {', '.join(regions) or 'no videos at all'}. "
        "Give --region, or the zip of one of the two data sets."
    )


def _once(folder: Path, dataset: Dataset | None, region: str, make: Callable[[Path], None]) -> Path:
    """Make a corpus folder, whole or not at all, unless it exists already."""
    with held(folder):
        try:
            known = provenance.read(folder)
        except provenance.DamagedError:
            _mend(folder, make)
            known = provenance.read(folder)
        if known:
            if known.region != region or (dataset and dataset.handle not in known.source):
                raise YtcatError(
                    f"{folder} holds {known.source}, region {known.region}. Give another folder with --out."
                )
        elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise YtcatError(
                f"{folder} holds something that `ytcat data kaggle` did not make. Give another folder with "
                "--out; `ytcat data thumbnails FOLDER` downloads the thumbnails of a corpus of your own."
            )
        elif folder.resolve() == Path.cwd():
            raise YtcatError("The folder that you are in cannot be replaced. Give a new folder with --out.")
        else:
            with atomic_path(folder) as temporary:
                temporary.mkdir()
                make(temporary)
    return folder


def _mend(folder: Path, make: Callable[[Path], None]) -> None:
    """Write a damaged `provenance.json` anew, if the videos are those that would be made now."""
    with tempfile.TemporaryDirectory(prefix="ytcat-") as temporary:
        made = Path(temporary)
        make(made)
        videos = folder / "videos.csv"
        if not videos.is_file() or sha256_file(videos) != sha256_file(made / "videos.csv"):
            raise YtcatError(
                f"{folder / provenance.FILE} is damaged, and {videos} is not what this download gives: give "
                "another folder with --out."
            )
        atomic_write(folder / provenance.FILE, (made / provenance.FILE).read_bytes())
    _log.warning("%s was damaged and is written anew.", folder / provenance.FILE)


def _make(
    out: Path,
    dataset: Dataset,
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
    absent: list[int] | None = None
    if categories is not None:
        category_name = CATEGORIES.format(region)
        absent = category_file.check(categories, category_name)
        (out / category_name).write_bytes(categories)
        digest = hashlib.sha256(categories).hexdigest()
        sources.append(provenance.Source(name=category_name, origin=origin, sha256=digest, fetched=now))
    made = provenance.Provenance.of(
        out,
        source=f"Kaggle {dataset.handle}",
        region=region,
        licence=dataset.licence,
        sources=sources,
        categories_absent=absent,
    )
    if not made.kept:
        records = read_records(out)
        raise no_video(Path(name), records.read, records.dropped, records.examples)
    made.write(out)


def _copy(videos: IO[bytes], path: Path, name: str) -> str:
    """Copy a CSV byte by byte but for the column names of a corpus, and blank lines before them.

    Returns the SHA-256 of the original.
    """
    header = videos.readline(_CHUNK)
    digest = hashlib.sha256(header)
    while header.isspace():
        header = videos.readline(_CHUNK)
        digest.update(header)
    with path.open("wb") as out:
        out.write(_renamed(header, name))
        while chunk := videos.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _renamed(header: bytes, name: str) -> bytes:
    """The header line with the column names of a corpus; raises YtcatError if a required one is missing."""
    if len(header) == _CHUNK:
        raise YtcatError(f"{name} has no line end in its first {_CHUNK:,} bytes. Download it again.")
    text = header.decode("utf-8-sig", errors="replace")
    try:
        columns = [column.strip() for column in next(csv.reader([text]), [])]
    except csv.Error as error:
        raise YtcatError(f"The first line of {name} cannot be read ({error}). Download it again.") from None
    renamed = [_RENAMED.get(column, column) for column in columns]
    if missing := [column for column in REQUIRED if column not in renamed]:
        raise YtcatError(
            f"{name} lacks the column(s) {', '.join(missing)}. {nature(header, columns, missing)}. Download "
            "it again, or rename the columns in a copy and give that with --from-file."
        )
    if twice := [column for column in REQUIRED if renamed.count(column) > 1]:
        raise YtcatError(
            f"{name} has the column {twice[0]} more than once: remove the others in a copy and give that "
            "with --from-file."
        )
    if renamed == columns:
        return header
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(renamed)
    return line.getvalue().encode()


def _download(handle: str, name: str) -> Path:
    """Download one file of a data set into kagglehub's cache."""
    try:
        import kagglehub  # slow to import, and needed only here

        return Path(kagglehub.dataset_download(handle, path=name))
    except Exception as error:  # anything from requests, and kagglehub's own
        raise YtcatError(
            f"{name} of {handle} could not be downloaded: {_reason(error)} Or download it by hand from "
            f"kaggle.com/datasets/{handle} and give the file with --from-file."
        ) from error


def _reason(error: Exception) -> str:
    """Why a download from Kaggle failed, and the remedy."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return (
            f"Kaggle refuses the API key (HTTP {status}). Correct or remove KAGGLE_API_TOKEN, "
            "KAGGLE_USERNAME and KAGGLE_KEY, or the files in ~/.kaggle; a public data set needs no key."
        )
    if status == 404:
        return "Kaggle has no such data set or file (HTTP 404): it was renamed or removed."
    if status is not None:
        return f"Kaggle answered HTTP {status}. Try again later."
    if "SOCKS" in str(error):
        return unusable_settings(error)
    if hasattr(error, "request"):  # an error of `requests` without a response
        return (
            f"Kaggle cannot be reached ({type(error).__name__}). Check the connection, and HTTPS_PROXY if "
            "you need one."
        )
    return f"{type(error).__name__}: {' '.join(str(error).split())}."
