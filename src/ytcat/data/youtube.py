"""Today's chart from the YouTube Data API v3, as a corpus folder that grows by one chart per day."""

import asyncio
import csv
import hashlib
import io
import json
import logging
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, Field, ValidationError

from ytcat.atomic_files import atomic_write
from ytcat.data import CATEGORIES, YOUTUBE_ID, category_file, default_folder, held, provenance
from ytcat.data.client import Client, Politeness, Response, TooLargeError, TransientError
from ytcat.exceptions import YtcatError

API = "https://www.googleapis.com/youtube/v3"
KEY = "YOUTUBE_API_KEY"  # the environment variable; the key goes into a header, never into a URL
COLUMNS = ["video_id", "trending_date", "title", "channel_title", "category_id", "publish_time", "tags"]
MAX_BYTES = 10_000_000  # per response
MAX_PAGES = 40  # of 50 videos; the chart has four pages, so more would mean a loop
LICENCE = (
    "YouTube API Services Terms of Service: not to be passed on; to be refreshed or deleted after 30 days"
)
QUOTA = (
    "The quota of your YouTube API key is used up. It is renewed at midnight Pacific time: try again then, "
    "or raise it at console.cloud.google.com (YouTube Data API v3, Quotas)."
)

_log = logging.getLogger(__name__)


class _Snippet(BaseModel):
    publishedAt: str
    title: str
    channelTitle: str
    categoryId: str
    tags: list[str] | None = None


class _Video(BaseModel):
    id: str = Field(pattern=rf"^{YOUTUBE_ID}\z")
    snippet: _Snippet


class _Page(NamedTuple):
    items: list[Any]  # none on a last page as YouTube sends it
    next_token: str  # "" on the last page


def collect(
    folder: Path | None = None,
    region: str = "US",
    api: str | None = None,
    politeness: Politeness | None = None,
) -> Path:
    """Add today's chart of a region to a corpus folder, created if necessary; returns the folder.

    A video has one row per day (UTC) on which it was on the chart; a second call on the same day replaces the
    rows of the first. `YTCAT_YOUTUBE_API` overrides the URL of the API. Items that are no video are counted
    in the provenance, by reason. Raises YtcatError without a usable key, for an unknown region, an exceeded
    quota, no network, and for responses without any video.
    """
    key = _key()
    if not re.fullmatch("[A-Z]{2}", region):
        raise YtcatError(f"{region!r} is no region. Give two capital letters (ISO 3166), such as US or GB.")
    folder = folder or default_folder("youtube", region)
    api = api or os.environ.get("YTCAT_YOUTUBE_API") or API
    with held(folder):
        known = _known(folder, region)
        try:
            request = _request(api.rstrip("/"), key, region, politeness or Politeness())
            pages, categories = asyncio.run(request)
        except (TransientError, TooLargeError) as error:
            if str(error) == "HTTP 429":
                raise YtcatError(QUOTA) from None
            raise YtcatError(
                f"The YouTube Data API does not respond properly ({error}). Check the connection, and "
                "HTTPS_PROXY if you need one, then try again."
            ) from None
        _add(folder, region, known, pages, categories)
    return folder


def _key() -> str:
    key = os.environ.get(KEY, "").strip()
    if not key:
        raise YtcatError(
            f"The environment variable {KEY} holds no key for the YouTube Data API. Create one at "
            "console.cloud.google.com (APIs & Services, Credentials), and set the variable to it."
        )
    if not re.fullmatch(r"[!-~]+", key):  # what a header may contain
        raise YtcatError(f"The value of {KEY} is no key. Copy the key again, without anything else.")
    return key


def _known(folder: Path, region: str) -> provenance.Provenance | None:
    try:
        known = provenance.read(folder)
    except provenance.DamagedError:
        # `_rows` checks the rows of earlier days; only the checksums of their responses are lost.
        if not (folder / CATEGORIES.format(region)).is_file():
            raise
        _log.warning("%s was damaged and is written anew.", folder / provenance.FILE)
        return None
    if known is None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise YtcatError(
            f"{folder} holds something that `ytcat data youtube` did not make. Give another --out."
        )
    if known and (known.region != region or known.licence != LICENCE):
        raise YtcatError(f"{folder} holds {known.source}, region {known.region}. Give another --out.")
    return known


async def _request(api: str, key: str, region: str, politeness: Politeness) -> tuple[list[bytes], bytes]:
    """The pages of the chart, and the categories of the region, as received."""
    pages: list[bytes] = []
    async with Client(politeness, {"X-goog-api-key": key}) as client:

        async def get(what: str, **params: str) -> bytes:
            params = {"part": "snippet", "regionCode": region, **params}
            return await client.get(
                f"{api}/{what}", lambda response: _content(response, region), MAX_BYTES, params
            )

        categories = await get("videoCategories")
        token: str | None = ""
        while token is not None and len(pages) < MAX_PAGES:
            more = {"pageToken": token} if token else {}
            pages.append(await get("videos", chart="mostPopular", maxResults="50", **more))
            token = _page(pages[-1]).next_token or None
    return pages, categories


def _content(response: Response, region: str) -> bytes:
    """The body of a response with status 200; raises YtcatError with the remedy for any other."""
    if response.status == 200:
        return response.body
    reasons, message = _reasons(response.body)
    if reasons & {"quotaExceeded", "dailyLimitExceeded", "rateLimitExceeded", "RESOURCE_EXHAUSTED"}:
        raise YtcatError(QUOTA)
    if "keyInvalid" in reasons or any("API_KEY" in reason for reason in reasons) or "API key" in message:
        raise YtcatError(
            f"YouTube does not accept the key in {KEY}. Copy it again from console.cloud.google.com (APIs & "
            "Services, Credentials), and check its restrictions."
        )
    if reasons & {"accessNotConfigured", "SERVICE_DISABLED"}:
        raise YtcatError(
            "The YouTube Data API v3 is not enabled for the project of your key. Enable it at "
            "console.cloud.google.com (APIs & Services, Library)."
        )
    if reasons & {"invalidRegionCode", "videoChartNotFound"} or "region" in message.lower():
        raise YtcatError(f"YouTube has no chart of region {region!r}. Choose another with --region.")
    named = ", ".join(sorted(reasons)) or "no reason"
    raise YtcatError(
        f"The YouTube Data API answered HTTP {response.status} ({named}). "
        "Check the project of your key at console.cloud.google.com, then try again."
    )


def _reasons(body: bytes) -> tuple[set[str], str]:
    """The reasons in the JSON of an error, and its message, which is only searched and never printed."""

    class Reason(BaseModel):
        reason: str = ""

    class Error(BaseModel):
        message: str = ""
        status: str = ""
        errors: list[Reason] = []
        details: list[Reason] = []

    class Body(BaseModel):
        error: Error

    try:
        error = Body.model_validate_json(body).error
    except ValidationError:
        return set(), ""
    reasons = {entry.reason for entry in (*error.errors, *error.details)} | {error.status}
    return {reason for reason in reasons if re.fullmatch(r"\w{1,60}", reason)}, error.message


def _page(content: bytes) -> _Page:
    """A page of the chart; what is of unknown form in place of the items is one item, and unusable."""
    try:
        # Not pydantic's reader, which refuses a page for half of a surrogate pair in one title.
        page = json.loads(content)
    except (ValueError, RecursionError):
        page = None
    if not isinstance(page, dict):
        return _Page([None], "")
    items, token = page.get("items"), page.get("nextPageToken")
    items = items if isinstance(items, list) else [None] * (items is not None)
    return _Page(items, token if isinstance(token, str) else "")


def _videos(content: bytes) -> tuple[list[_Video], Counter[str]]:
    """The videos of a page, and its other items by what is wrong with them."""
    videos, unusable = [], Counter[str]()
    for item in _page(content).items:
        try:
            videos.append(_Video.model_validate(item))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            unusable[f"{where}: {first['msg']}" if where else "unknown form"] += 1
    return videos, unusable


def _add(
    folder: Path,
    region: str,
    known: provenance.Provenance | None,
    pages: list[bytes],
    categories: bytes,
) -> None:
    """Write the folder with the rows of earlier days unchanged, then today's."""
    now = provenance.now()
    day, name = now[:10], CATEGORIES.format(region)
    absent = category_file.check(categories, "the response of videoCategories.list")
    found = [_videos(page) for page in pages]
    videos = [video for videos, _ in found for video in videos]
    if not videos:
        if unusable := sum((unusable for _, unusable in found), Counter()):
            reasons = ", ".join(f"{reason} ({count:,})" for reason, count in unusable.items())
            raise YtcatError(
                f"The responses of videos.list hold no video: {reasons}. YouTube or a proxy has changed "
                "them: look for a newer ytcat."
            )
        raise YtcatError(f"The chart of region {region!r} is empty. Try another --region, or try later.")
    rows = [row for row in _rows(folder / "videos.csv") if row["trending_date"] != day]
    rows += [_row(video, day) for video in videos]
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    atomic_write(folder / "videos.csv", table.getvalue())
    atomic_write(folder / name, categories)

    earlier = [source for source in known.sources if source.fetched[:10] != day] if known else []
    responses = [
        (f"videos.list {day} page {number}", page, unusable)
        for number, (page, (_, unusable)) in enumerate(zip(pages, found, strict=True), start=1)
    ]
    responses.append((f"videoCategories.list {day}", categories, Counter()))
    fetched = [
        provenance.Source(
            name=what,
            origin="YouTube Data API v3",
            sha256=hashlib.sha256(content).hexdigest(),
            fetched=now,
            unusable=unusable,
        )
        for what, content, unusable in responses
    ]
    provenance.Provenance.of(
        folder,
        source="YouTube Data API v3, videos.list, chart mostPopular",
        region=region,
        licence=LICENCE,
        sources=earlier + fetched,
        categories_absent=absent,
        thumbnails=known.thumbnails if known else None,
    ).write(folder)


def _rows(path: Path) -> list[dict[str, str]]:
    """The rows of earlier days; raises YtcatError, naming the line, if the file is not as it was written."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream, strict=True)
        rows = []
        try:
            for row in reader:
                if reader.fieldnames != COLUMNS or None in row or None in row.values():
                    raise ValueError(f"its columns are not {', '.join(COLUMNS)}")
                rows.append(row)
        except (ValueError, csv.Error) as error:
            raise YtcatError(
                f"{path}, line {reader.reader.line_num}: not as `ytcat data youtube` wrote it ({error}). "
                "Mend the line, or give another --out for a new corpus."
            ) from None
    return rows


def _row(video: _Video, day: str) -> dict[str, str]:
    snippet = video.snippet
    return {
        "video_id": video.id,
        "trending_date": day,
        "title": snippet.title,
        "channel_title": snippet.channelTitle,
        "category_id": snippet.categoryId,
        "publish_time": snippet.publishedAt,
        # A tag must not contain the separator.
        "tags": "|".join(tag.replace("|", " ") for tag in snippet.tags or []),
    }
