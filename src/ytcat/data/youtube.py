"""Today's chart from the YouTube Data API v3, as a corpus folder that grows by a chart a day."""

import asyncio
import csv
import hashlib
import io
import os
import re
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ytcat.atomic_files import atomic_write
from ytcat.data import category_file, default_folder, held, provenance
from ytcat.data.client import Answer, Client, Politeness, TooLargeError, TransientError
from ytcat.exceptions import YtcatError

API = "https://www.googleapis.com/youtube/v3"
KEY = "YOUTUBE_API_KEY"  # the environment variable; the key goes into a header, never into an address
COLUMNS = ["video_id", "trending_date", "title", "channel_title", "category_id", "publish_time", "tags"]
MAX_BYTES = 10_000_000  # of an answer
MAX_PAGES = 40  # of 50 videos; the chart has four, so that more means a loop
LICENCE = (
    "YouTube API Services Terms of Service: not to be passed on; to be refreshed or deleted after 30 days"
)
QUOTA = (
    "The quota of your YouTube API key is used up. It begins anew at midnight Pacific time: try again then, "
    "or raise it at console.cloud.google.com (YouTube Data API v3, Quotas)."
)

Shape = TypeVar("Shape", bound=BaseModel)


class _Snippet(BaseModel):
    publishedAt: str
    title: str
    channelTitle: str
    categoryId: str
    tags: list[str] = []


class _Video(BaseModel):
    id: str
    snippet: _Snippet


class _Page(BaseModel):
    items: list[_Video]
    nextPageToken: str | None = None


def collect(
    folder: Path | None = None,
    region: str = "US",
    api: str | None = None,
    politeness: Politeness | None = None,
) -> Path:
    """Add today's chart of a region to the corpus folder, which is made if it is not there; returns it.

    A video is a row for each day (UTC) that it was on the chart when this was called; a second call on one
    day replaces the first one's rows. `YTCAT_YOUTUBE_API` moves the API. Raises YtcatError without a usable
    key, for an unknown region, an exceeded quota, no network, and for answers of another form.
    """
    key = _key()
    if not re.fullmatch("[A-Z]{2}", region):
        raise YtcatError(f"{region!r} is no region. Give two capital letters (ISO 3166), such as US or GB.")
    folder = folder or default_folder("youtube", region)
    api = api or os.environ.get("YTCAT_YOUTUBE_API") or API
    with held(folder):
        known = _known(folder, region)
        try:
            pages, categories = asyncio.run(_ask(api.rstrip("/"), key, region, politeness or Politeness()))
        except (TransientError, TooLargeError) as error:
            if str(error) == "HTTP 429":
                raise YtcatError(QUOTA) from None
            raise YtcatError(
                f"The YouTube Data API does not answer as it should ({error}). Check the connection, and "
                "HTTPS_PROXY if you need one, then try again."
            ) from None
        _add(folder, region, known, pages, categories)
    return folder


def _key() -> str:
    key = os.environ.get(KEY, "").strip()
    if not key:
        raise YtcatError(
            f"The environment variable {KEY} holds no key for the YouTube Data API. Make one at "
            "console.cloud.google.com (APIs & Services, Credentials), and put it there."
        )
    if not re.fullmatch(r"[!-~]+", key):  # what a header can hold
        raise YtcatError(f"{KEY} holds something that is no key. Copy the key again, without anything else.")
    return key


def _known(folder: Path, region: str) -> provenance.Provenance | None:
    known = provenance.read(folder)
    if known is None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise YtcatError(
            f"{folder} holds something that `ytcat data youtube` did not make. Give another --out."
        )
    if known and (known.region != region or known.licence != LICENCE):
        raise YtcatError(f"{folder} holds {known.source}, region {known.region}. Give another --out.")
    return known


async def _ask(api: str, key: str, region: str, politeness: Politeness) -> tuple[list[bytes], bytes]:
    """The pages of the chart, and the region's categories, as they came."""
    pages: list[bytes] = []
    async with Client(politeness, {"X-goog-api-key": key}) as client:

        async def get(what: str, **params: str) -> bytes:
            params = {"part": "snippet", "regionCode": region, **params}
            return await client.get(
                f"{api}/{what}", lambda answer: _content(answer, region), MAX_BYTES, params
            )

        categories = await get("videoCategories")
        token: str | None = ""
        while token is not None and len(pages) < MAX_PAGES:
            more = {"pageToken": token} if token else {}
            pages.append(await get("videos", chart="mostPopular", maxResults="50", **more))
            token = _parsed(_Page, pages[-1], "videos.list").nextPageToken or None
    return pages, categories


def _content(answer: Answer, region: str) -> bytes:
    """The body of a good answer; raises YtcatError, which says what to do, for another."""
    if answer.status == 200:
        return answer.body
    reasons, message = _complaint(answer.body)
    if reasons & {"quotaExceeded", "dailyLimitExceeded", "rateLimitExceeded", "RESOURCE_EXHAUSTED"}:
        raise YtcatError(QUOTA)
    if "keyInvalid" in reasons or any("API_KEY" in reason for reason in reasons) or "API key" in message:
        raise YtcatError(
            f"YouTube does not take the key in {KEY}. Copy it again from console.cloud.google.com (APIs & "
            "Services, Credentials), and check what it is restricted to."
        )
    if reasons & {"accessNotConfigured", "SERVICE_DISABLED"}:
        raise YtcatError(
            "The YouTube Data API v3 is not switched on for the project of your key. Switch it on at "
            "console.cloud.google.com (APIs & Services, Library)."
        )
    if reasons & {"invalidRegionCode", "videoChartNotFound"} or "region" in message.lower():
        raise YtcatError(f"YouTube has no chart of region {region!r}. Give another with --region.")
    raise YtcatError(
        f"The YouTube Data API answered HTTP {answer.status} ({', '.join(sorted(reasons)) or 'no reason'}). "
        "Check the project of your key at console.cloud.google.com, then try again."
    )


def _complaint(body: bytes) -> tuple[set[str], str]:
    """The reasons that an error's JSON gives, and its message, which is only looked into: never printed."""

    class Reason(BaseModel):
        reason: str = ""

    class Complaint(BaseModel):
        message: str = ""
        status: str = ""
        errors: list[Reason] = []
        details: list[Reason] = []

    class Body(BaseModel):
        error: Complaint

    try:
        error = Body.model_validate_json(body).error
    except ValidationError:
        return set(), ""
    reasons = {entry.reason for entry in (*error.errors, *error.details)} | {error.status}
    return {reason for reason in reasons if re.fullmatch(r"\w{1,60}", reason)}, error.message


def _parsed(shape: type[Shape], content: bytes, what: str) -> Shape:
    try:
        return shape.model_validate_json(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise YtcatError(
            f"The answer of {what} is not of the known form (at {where or 'its start'}: "
            f"{error.errors()[0]['msg']}). YouTube has changed it, or something on the way did: look for a "
            "newer ytcat."
        ) from None


def _add(
    folder: Path,
    region: str,
    known: provenance.Provenance | None,
    pages: list[bytes],
    categories: bytes,
) -> None:
    """Write the folder anew: earlier days as they are, then today's."""
    now = provenance.now()
    day, name = now[:10], f"{region}_category_id.json"
    absent = category_file.check(categories, "the answer of videoCategories.list")
    videos = [video for page in pages for video in _parsed(_Page, page, "videos.list").items]
    if not videos:
        raise YtcatError(f"The chart of region {region!r} is empty. Try another --region, or try later.")
    rows = [row for row in _rows(folder / "videos.csv") if row["trending_date"] != day]
    rows += [_row(video, day) for video in videos]
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    atomic_write(folder / "videos.csv", table.getvalue())
    atomic_write(folder / name, categories)

    kept = [source for source in known.sources if source.fetched[:10] != day] if known else []
    asked = [(f"videos.list {day} page {number}", page) for number, page in enumerate(pages, 1)]
    asked.append((f"videoCategories.list {day}", categories))
    fetched = [
        provenance.Source(
            name=what,
            origin="YouTube Data API v3",
            sha256=hashlib.sha256(content).hexdigest(),
            fetched=now,
        )
        for what, content in asked
    ]
    provenance.Provenance.of(
        folder,
        source="YouTube Data API v3, videos.list, chart mostPopular",
        region=region,
        licence=LICENCE,
        sources=kept + fetched,
        categories_absent=absent,
        thumbnails=known.thumbnails if known else None,
    ).write(folder)


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _row(video: _Video, day: str) -> dict[str, str]:
    snippet = video.snippet
    return {
        "video_id": video.id,
        "trending_date": day,
        "title": snippet.title,
        "channel_title": snippet.channelTitle,
        "category_id": snippet.categoryId,
        "publish_time": snippet.publishedAt,
        # | separates tags, so it cannot be part of one.
        "tags": "|".join(tag.replace("|", " ") for tag in snippet.tags),
    }
