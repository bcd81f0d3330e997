"""A polite HTTP client: limited concurrency, a rate limit, retries with backoff, Retry-After respected."""

import asyncio
import os
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
_SETTINGS = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir")


@dataclass(frozen=True)
class Politeness:
    """The load that a client may put on a server."""

    concurrency: int = 8  # parallel requests
    per_second: float = 20  # requests started per second, evenly spaced from the first on
    attempts: int = 5  # per address
    backoff: float = 1  # seconds before the second attempt, doubled each time, with as much jitter
    timeout: float = 15  # seconds to connect, and between two chunks of a response; in all, four times that
    longest_wait: float = 120  # longest Retry-After, in seconds, that is obeyed; beyond that the run ends


class Response(NamedTuple):
    """The response of a server, other than 429 and 5xx."""

    status: int
    body: bytes


class TransientError(Exception):
    """A failure that another attempt may not have: no response, a busy server, an incomplete response."""


class TooLargeError(Exception):
    """A response with more bytes than allowed."""


class AskedToWaitError(YtcatError):
    """The server asks to wait longer than `Politeness.longest_wait`."""


class Client:
    """Use as `async with Client(politeness) as client`. Redirects are returned, not followed."""

    def __init__(self, politeness: Politeness, headers: Mapping[str, str] | None = None) -> None:
        self.politeness = politeness
        try:
            self._http = httpx.AsyncClient(
                headers={"User-Agent": f"ytcat/{version('ytcat')}", **(headers or {})},
                timeout=politeness.timeout,
                limits=httpx.Limits(max_connections=politeness.concurrency),
            )
        except (ImportError, ValueError, OSError, httpx.InvalidURL) as error:
            raise YtcatError(unusable_settings(error)) from error
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
        accept: Callable[[Response], T],
        max_bytes: int,
        params: Mapping[str, str] | None = None,
    ) -> T:
        """The result of `accept` for the response.

        Status 429 and 5xx, no response, an incomplete response, and a TransientError from `accept` are
        retried; the TransientError of the last attempt is raised. Raises TooLargeError for a body of more
        than `max_bytes`, AskedToWaitError, with no further request, for a Retry-After of more than
        `longest_wait`, and YtcatError for an `url` that is none.
        """
        attempts = AsyncRetrying(
            retry=retry_if_exception_type(TransientError),
            stop=stop_after_attempt(self.politeness.attempts),
            wait=wait_exponential(self.politeness.backoff, max=60) + wait_random(0, self.politeness.backoff),
            reraise=True,
        )
        return await attempts(self._once, url, accept, max_bytes, params)

    async def _once(
        self, url: str, accept: Callable[[Response], T], max_bytes: int, params: Mapping[str, str] | None
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
            raise TransientError("no response in time") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise YtcatError(
                f"{url[:80]!r} is no address ({error}). Give one such as https://example.org."
            ) from None
        except httpx.ConnectError as error:
            raise TransientError(f"no connection: {error}") from None
        except (httpx.TransportError, httpx.DecodingError):
            raise TransientError("the response broke off") from None
        if response.status_code == 429 or response.status_code >= 500:
            self._hold(url, response.headers.get("Retry-After", ""))
            raise TransientError(f"HTTP {response.status_code}")
        return accept(Response(response.status_code, bytes(body)))

    async def _turn(self) -> None:
        """Wait until the next request may start."""
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next_turn)
        self._next_turn = turn + 1 / self.politeness.per_second
        await asyncio.sleep(turn - now)
        if self._asked_to_wait:
            raise self._asked_to_wait

    def _hold(self, url: str, retry_after: str) -> None:
        """Delay all further requests as the server asks."""
        seconds = _seconds(retry_after)
        if seconds > self.politeness.longest_wait:
            self._asked_to_wait = AskedToWaitError(
                f"{httpx.URL(url).host} asks to wait {seconds:,.0f} seconds before the next request. "
                "Run the same command again after that; it continues where it stopped."
            )
            raise self._asked_to_wait
        self._next_turn = max(self._next_turn, asyncio.get_running_loop().time() + seconds)


def unusable_settings(error: Exception) -> str:
    """Why no connection can be tried with the proxy and certificate of the environment, and the remedy.

    Proxies are named without the user and the password that they may hold.
    """
    names = sorted(name for name in os.environ if name.lower() in _SETTINGS and os.environ[name])
    settings = [f"{name}={_without_password(os.environ[name])}" for name in names]
    values = ", ".join(settings)
    if "socks" in str(error).lower():
        socks = ", ".join(setting for setting in settings if "=socks" in setting)
        return (
            f"A SOCKS proxy ({socks}) needs a package that is not installed: pip install 'httpx[socks]' "
            "'requests[socks]', or set HTTPS_PROXY and ALL_PROXY to an HTTP proxy."
        )
    return (
        f"The settings of the connection cannot be used ({values or 'none'}): {error}. Correct or unset them."
    )


def _without_password(url: str) -> str:
    scheme, separator, rest = url.rpartition("://")
    return scheme + separator + rest.rpartition("@")[2]


def _seconds(retry_after: str) -> float:
    """Seconds from now given by a Retry-After header (seconds or an HTTP date); 0 if it holds neither."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0
    # RFC 9110 dates are GMT, also without a time zone.
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, (moment - datetime.now(UTC)).total_seconds())
