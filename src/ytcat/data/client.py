"""A polite HTTP client: few requests at once, a rate limit, retries that back off, Retry-After honoured."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential, wait_random

from ytcat.exceptions import YtcatError

T = TypeVar("T")


@dataclass(frozen=True)
class Politeness:
    """How hard a server may be asked."""

    concurrency: int = 8  # requests at once
    per_second: float = 20  # requests started, on average; also the first ones, so nothing comes in bursts
    attempts: int = 5  # for one address
    backoff: float = 1  # seconds before the second attempt, doubled each time, with as much jitter
    timeout: float = 15  # seconds to connect, and between two pieces of an answer; an answer may take four
    longest_wait: float = 120  # seconds that a server may ask us to wait; for more, we end and say so


class Answer(NamedTuple):
    """What a server answered, other than 429 and 5xx."""

    status: int
    body: bytes


class TransientError(Exception):
    """An attempt went wrong in a way that another may not: no answer, a busy server, half an answer."""


class TooLargeError(Exception):
    """An answer of more bytes than we take."""


class AskedToWaitError(YtcatError):
    """The server wants more patience than one run has."""


class Client:
    """Use as `async with Client(politeness) as client`. Redirects are answers like others: not followed."""

    def __init__(self, politeness: Politeness, headers: Mapping[str, str] | None = None) -> None:
        self.politeness = politeness
        self._http = httpx.AsyncClient(
            headers={"User-Agent": f"ytcat/{version('ytcat')}", **(headers or {})},
            timeout=politeness.timeout,
            limits=httpx.Limits(max_connections=politeness.concurrency),
        )
        self._next_turn = 0.0  # in the event loop's time
        self._asked_to_wait: AskedToWaitError | None = None

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def get(
        self,
        url: str,
        accept: Callable[[Answer], T],
        max_bytes: int,
        params: Mapping[str, str] | None = None,
    ) -> T:
        """What `accept` makes of the answer.

        429, 5xx, no answer, half an answer and a TransientError of `accept` are tried again; the last
        attempt's TransientError is raised. Raises TooLargeError for a body of more than `max_bytes`, and
        AskedToWaitError for a Retry-After of more than `longest_wait`, then without asking any more.
        """
        attempts = AsyncRetrying(
            retry=retry_if_exception_type(TransientError),
            stop=stop_after_attempt(self.politeness.attempts),
            wait=wait_exponential(self.politeness.backoff, max=60) + wait_random(0, self.politeness.backoff),
            reraise=True,
        )
        return await attempts(self._once, url, accept, max_bytes, params)

    async def _once(
        self, url: str, accept: Callable[[Answer], T], max_bytes: int, params: Mapping[str, str] | None
    ) -> T:
        await self._turn()
        body = bytearray()
        try:
            async with (
                asyncio.timeout(4 * self.politeness.timeout),
                self._http.stream("GET", url, params=params) as response,
            ):
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > max_bytes:
                        raise TooLargeError(f"more than {max_bytes:,} bytes")
        except (httpx.TimeoutException, TimeoutError):
            raise TransientError("no answer in time") from None
        except httpx.ConnectError as error:
            raise TransientError(f"no connection: {error}") from None
        except (httpx.TransportError, httpx.DecodingError):
            raise TransientError("the answer broke off") from None
        if response.status_code == 429 or response.status_code >= 500:
            self._hold(url, response.headers.get("Retry-After", ""))
            raise TransientError(f"HTTP {response.status_code}")
        return accept(Answer(response.status_code, bytes(body)))

    async def _turn(self) -> None:
        """Wait until the next request may start."""
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next_turn)
        self._next_turn = turn + 1 / self.politeness.per_second
        await asyncio.sleep(turn - now)
        if self._asked_to_wait:
            raise self._asked_to_wait

    def _hold(self, url: str, retry_after: str) -> None:
        """Let no request start before the server wants one."""
        seconds = _seconds(retry_after)
        if seconds > self.politeness.longest_wait:
            self._asked_to_wait = AskedToWaitError(
                f"{httpx.URL(url).host} asks to wait {seconds:,.0f} seconds before the next request. "
                "Run the same command again after that; it goes on where it was."
            )
            raise self._asked_to_wait
        self._next_turn = max(self._next_turn, asyncio.get_running_loop().time() + seconds)


def _seconds(retry_after: str) -> float:
    """Seconds from now of a Retry-After header, which has seconds or an HTTP date; 0 if it has neither."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0
    # RFC 9110 dates are GMT; one that names no zone is taken for that.
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, (moment - datetime.now(UTC)).total_seconds())
