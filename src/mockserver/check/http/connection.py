"""Sends requests to a deployment, within its rate and its time limits.

A response of 429 says to wait: the request is sent again after what its Retry-After says. A gateway
that has no response of its server is tried once more, if the method is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, InvalidStateError
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from itertools import count
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any, TypeVar, cast
from urllib.parse import quote, unquote, urlsplit
from urllib.request import Request as CookieRequest

import httpx

from mockserver.check.target.credentials import insert_tokens
from mockserver.check.target.target import Target
from mockserver.clock import SECOND, from_datetime, machine_now
from mockserver.contract import (
    GATEWAY_ERRORS,
    SAFE_METHODS,
    TOO_MANY_REQUESTS,
    Headers,
    Outgoing,
    Request,
    Response,
    Timing,
)
from mockserver.errors import MockserverError, SettingError
from mockserver.traffic.encoding import ACCEPTED, DecodingError, decode

T = TypeVar("T")

_MOST_BYTES = 64 * 2**20
_SLOWEST = 2
"""How many times the timeout a whole response may take, its header included."""

_UNAUTHORIZED = 401
_MOST_WAITS = 3
"""How often one request waits for 429; after one that waited in vain, none does."""

_LONGEST_WAIT = 60
"""The longest wait, in seconds, where the target has no time limit."""

_AS_IS = "%/:?#[]@!$&'()*+,;=~-._"
"""The characters of a URL that need no percent-encoding, and those that have it already."""


class NoResponse(MockserverError):
    """A request got no response that can be validated: no connection, a timeout, or not HTTP."""

    request: Request | None = None


class TimeLimitReached(MockserverError):
    """The time that the target allows for a whole run is over."""


class Cancelled(MockserverError):
    """What a request was sent for is no longer needed."""


@dataclass
class Pace:
    """What the connections of one run share: when the next request is due, and when none is.

    After a `failure`, no request makes sense.
    """

    began: int = field(default_factory=lambda: machine_now())
    next: int = 0
    waits_in_vain: bool = False
    failure: SettingError | None = None
    lock: Lock = field(default_factory=Lock, repr=False)

    def take_turn(self, rate: float) -> float:
        """Take the next turn of so many a second, and return the seconds until then."""
        with self.lock:
            now = machine_now()
            turn = max(now, self.next)
            self.next = turn + (round(SECOND / rate) if rate else 0)
        return (turn - now) / SECOND

    def pause(self, seconds: float) -> None:
        """Send nothing for some seconds, over no connection."""
        with self.lock:
            self.next = max(self.next, machine_now() + round(seconds * SECOND))


class _CookiePolicy(DefaultCookiePolicy):
    """Keeps only the cookies that can be sent: a field of a request is ASCII."""

    def set_ok(self, cookie: Cookie, request: CookieRequest) -> bool:
        return f"{cookie.name}{cookie.value}".isascii() and super().set_ok(cookie, request)


@dataclass
class Connection:
    """A connection to a target, with its rate and certificates; redirects are not followed.

    It is used by one thread; those of several share a `pace`. `on_retry` is called with the status
    of a response after which its request is sent again, and `on_failure` with one that says
    nothing about the API: of a limit of the rate, or a gateway. Once `cancellation` is set, nothing
    is sent.
    """

    target: Target
    on_retry: Callable[[int], None] = field(default=lambda _: None, repr=False)
    on_failure: Callable[[int], None] = field(default=lambda _: None, repr=False)
    pace: Pace = field(default_factory=Pace)
    cancellation: Event | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._http, self._worker = self._client(), Worker()

    def _client(self) -> httpx.Client:
        return httpx.Client(
            # Reading the certificates takes longer than starting; without TLS they are not needed.
            verify=self.target.tls.context() if self.target.is_encrypted else False,
            timeout=self.target.timeout or None,
            follow_redirects=False,
            trust_env=False,
            cookies=CookieJar(_CookiePolicy()),
            transport=self.target.transport,
            headers={"user-agent": "mockserver-check", "accept-encoding": ACCEPTED},
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        self._worker.close()

    def fork(self) -> Connection:
        """Another connection of the same run, for another thread."""
        return Connection(self.target, pace=self.pace)

    @property
    def is_over(self) -> bool:
        """Whether the time that the target allows for the whole run is over."""
        limit = self.target.time_limit
        return bool(limit) and machine_now() - self.pace.began > limit * SECOND

    def abandon(self) -> None:
        """End the wait for a response in another thread; it raises Cancelled."""
        self._worker.abandon()

    def check_time(self) -> None:
        """Raise TimeLimitReached when the time that the target allows for the whole run is over.

        Raises the failure of the pace, and Cancelled, too.
        """
        if self.cancellation and self.cancellation.is_set():
            raise Cancelled("Another request has ended what this one was for")
        if self.pace.failure:
            raise self.pace.failure
        if self.is_over:
            raise TimeLimitReached(
                f"The time limit of {self.target.time_limit:g} seconds for '{self.target.name}' "
                "is over"
            )

    def send(self, base: str, outgoing: Outgoing) -> Response:
        """Send a request below a base path. Raises what `exchange` raises."""
        request = outgoing.request
        fields = httpx.Headers(self.target.headers)
        fields.update(dict(request.headers.fields))
        url = f"{self.target.url.rstrip('/')}{base}{outgoing.target}"
        try:
            return self.exchange(request.method, url, fields.multi_items(), request.body)
        except NoResponse as error:
            error.request = request
            raise

    def exchange(
        self, method: str, url: str, fields: Iterable[tuple[str, str]], body: bytes
    ) -> Response:
        """Send a request, and send it again where its response says so.

        Raises NoResponse, TimeLimitReached, and SettingError where a credential cannot be fetched.
        """
        fields = list(fields)
        for attempt in count():
            self.take_turn()
            response = self._exchange_with_tokens(method, url, fields, body)
            wait = self._find_wait(method, response, attempt)
            if wait is None:
                if response.status in {TOO_MANY_REQUESTS, *GATEWAY_ERRORS}:
                    self.on_failure(response.status)
                break
            self.on_retry(response.status)
            if response.status == TOO_MANY_REQUESTS:
                self.pace.pause(wait)
            self._sleep(wait)
        return response

    def _exchange_with_tokens(
        self, method: str, url: str, fields: list[tuple[str, str]], body: bytes
    ) -> Response:
        """Send a request with the present tokens, once more where one is refused that was accepted.

        Raises SettingError where there is no other one.
        """
        carried = [
            (token, place)
            for token in self.target.tokens.values()
            for place, text in (
                *((f"{name}: {value}", value) for name, value in fields),
                ("URL", url),
            )
            if token.first in unquote(text)
        ]
        for is_last in (False, True):
            used = [(token, field, token.get()) for token, field in carried]
            values = {token.first: value for token, _, value in used}
            response = self._exchange_once(method, *insert_tokens(url, fields, values), body)
            if 200 <= response.status < 300:
                for token, field in carried:
                    token.accept(field)
            if is_last or response.status != _UNAUTHORIZED:
                break
            if not any(token.replace(value, field) for token, field, value in used):
                break
            self.take_turn()
        return response

    def _find_wait(self, method: str, response: Response, attempt: int) -> float | None:
        """How many seconds to wait before the request is sent again, or None if it is not."""
        is_gateway_error = response.status in GATEWAY_ERRORS and method in SAFE_METHODS
        if response.status == TOO_MANY_REQUESTS and not self.pace.waits_in_vain:
            wait = _read_retry_after(response.headers.get("retry-after"), 2**attempt)
        elif is_gateway_error and not attempt:
            wait = _read_retry_after(response.headers.get("retry-after"), 0)
        else:
            return None
        limit, spent = self.target.time_limit, (machine_now() - self.pace.began) / SECOND
        if attempt < _MOST_WAITS and wait < (limit - spent if limit else _LONGEST_WAIT):
            return wait
        self.pace.waits_in_vain = True
        return None

    def _exchange_once(
        self, method: str, url: str, fields: Iterable[tuple[str, str]], body: bytes
    ) -> Response:
        try:
            parts = urlsplit(url)
            target = quote(f"{parts.path or '/'}{parts.query and '?'}{parts.query}", safe=_AS_IS)
            sending = self._http.build_request(
                method,
                url,
                headers=list(fields),
                content=body or None,
                extensions={"target": target.encode()},  # a client would shorten `/a/../b`
            )
            limit = _SLOWEST * self.target.timeout
            response = self._worker.run_within(limit, lambda: self._receive(sending))
        except (TimeoutError, Cancelled) as error:
            self._worker.close(self._http.close)  # it still waits, with its client
            self._http, self._worker = self._client(), Worker()
            if isinstance(error, Cancelled):
                raise
            raise NoResponse(f"{method} {url} got no response: it never ends") from error
        except (httpx.DecodingError, DecodingError) as error:
            raise NoResponse(
                f"{method} {url} got a response that cannot be read: {error}"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise NoResponse(f"{method} {url} got no response: {reason}") from error
        return response

    def _receive(self, request: httpx.Request) -> Response:
        """Read the response, whose body must end in time and before it fills the memory."""
        http, began, body = self._http, machine_now(), bytearray()
        deadline = began + round((self.target.timeout or 3600) * SECOND)
        with closing(http.send(request, stream=True)) as response:
            # `iter_raw` raises for a response that a transport has made as a whole.
            for chunk in cast("httpx.SyncByteStream", response.stream):
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise httpx.ReadError(f"its body has more than {_MOST_BYTES} bytes")
                if machine_now() > deadline:
                    raise httpx.ReadTimeout("its body does not come to an end in time")
            headers = Headers(response.headers.multi_items())
            timing = Timing(began, max(machine_now() - began, 0))
        decoded = decode(bytes(body), headers.get("content-encoding") or "", _MOST_BYTES)
        return Response(response.status_code, headers, decoded, timing)

    def take_turn(self) -> None:
        """Wait until the rate allows a request. Raises TimeLimitReached."""
        self.check_time()
        if wait := self.pace.take_turn(self.target.rate):
            self._sleep(wait)

    def _sleep(self, seconds: float) -> None:
        """Sleep, up to the end of what it is for."""
        (self.cancellation or Event()).wait(seconds)


def _read_retry_after(text: str | None, default: float) -> float:
    """The seconds that a Retry-After says, which may be a date (RFC 9110, section 10.2.3)."""
    if text is None:
        return default
    try:
        if text.strip().isdecimal():
            return int(text)  # which has a limit of digits
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return default
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, (from_datetime(moment) - machine_now()) / SECOND)


def _settle(settle: Callable[[T], None], outcome: T) -> None:
    """Settle a future with its outcome, unless it has another one."""
    with suppress(InvalidStateError):
        settle(outcome)


class Worker:
    """A thread that runs one action after the other, each with a time limit.

    An action that takes longer goes on, and ends with the program at the latest: a server that
    sends a byte now and then keeps a socket busy for ever. What comes next needs another worker.
    """

    def __init__(self) -> None:
        self._actions: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._outcome: Future[Any] = Future()
        Thread(target=self._work, daemon=True).start()

    def run_within(self, seconds: float, action: Callable[[], T]) -> T:
        """Run an action with a time limit, or without one where it is 0.

        Raises TimeoutError, and Cancelled where it is abandoned.
        """
        outcome = self._outcome = Future[T]()

        def run() -> None:
            try:
                result = action()
            except BaseException as error:
                _settle(outcome.set_exception, error)
            else:
                _settle(outcome.set_result, result)

        self._actions.put(run)
        return outcome.result(timeout=seconds or None)

    def abandon(self) -> None:
        """End the wait for the present action, which goes on; called in another thread."""
        _settle(self._outcome.set_exception, Cancelled("Nothing waits for the response"))

    def close(self, last: Callable[[], None] = lambda: None) -> None:
        """End the thread after its last action."""
        self._actions.put(last)
        self._actions.put(None)

    def _work(self) -> None:
        for run in iter(self._actions.get, None):
            run()
