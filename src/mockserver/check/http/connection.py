"""Sends requests to a deployment, one after the other, within its rate and its time limits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from threading import Event, Thread
from typing import TypeVar

import httpx

from mockserver.check.target.target import Target
from mockserver.clock import SECOND, machine_now
from mockserver.contract import Headers, Outgoing, Response, Timing
from mockserver.errors import MockserverError

T = TypeVar("T")

_MOST_BYTES = 64 * 2**20
_SLOWEST = 2
"""How many times the timeout a whole response may take, its header included."""


class NoResponse(MockserverError):
    """A request got no response that can be validated: no connection, a timeout, or not HTTP."""


class TimeLimitReached(MockserverError):
    """The time that the target allows for a whole run is over."""


@dataclass
class Connection:
    """A connection to a target, with its rate and certificates; redirects are not followed."""

    target: Target

    def __post_init__(self) -> None:
        self._began = machine_now()
        self._next = 0
        self._http = self._client()

    def _client(self) -> httpx.Client:
        return httpx.Client(
            # Reading the certificates takes longer than starting; without TLS they are not needed.
            verify=self.target.tls.context() if self.target.is_encrypted else False,
            timeout=self.target.timeout or None,
            follow_redirects=False,
            trust_env=False,
            transport=self.target.transport,
            headers={"user-agent": "mockserver-check"},
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def check_time(self) -> None:
        """Raise TimeLimitReached when the time that the target allows for the whole run is over."""
        limit = self.target.time_limit
        if limit and machine_now() - self._began > limit * SECOND:
            raise TimeLimitReached(
                f"The time limit of {limit:g} seconds for '{self.target.name}' is over"
            )

    def send(self, base: str, outgoing: Outgoing) -> Response:
        """Send a request below a base path. Raises NoResponse and TimeLimitReached."""
        self.take_turn()
        request = outgoing.request
        fields = httpx.Headers(self.target.headers)
        fields.update(dict(request.headers.fields))
        url = f"{self.target.url.rstrip('/')}{base}{outgoing.target}"
        content = request.body or None
        try:
            sending = self._http.build_request(request.method, url, headers=fields, content=content)
            return run_within(_SLOWEST * self.target.timeout, lambda: self._receive(sending))
        except TimeoutError as error:
            self._http = self._client()  # the old client is still waiting
            raise NoResponse(f"{request.method} {url} got no response: it never ends") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
            reason = str(error) or type(error).__name__
            raise NoResponse(f"{request.method} {url} got no response: {reason}") from error

    def _receive(self, request: httpx.Request) -> Response:
        """Read the response, whose body must end in time and before it fills the memory."""
        http, began, body = self._http, machine_now(), bytearray()
        deadline = began + round((self.target.timeout or 3600) * SECOND)
        with closing(http.send(request, stream=True)) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise httpx.ReadError(f"its body has more than {_MOST_BYTES} bytes")
                if machine_now() > deadline:
                    raise httpx.ReadTimeout("its body does not come to an end in time")
            headers = Headers(response.headers.multi_items())
            timing = Timing(began, max(machine_now() - began, 0))
            return Response(response.status_code, headers, bytes(body), timing)

    def take_turn(self) -> None:
        """Wait until the rate allows a request. Raises TimeLimitReached."""
        self.check_time()
        if self.target.rate:
            now = machine_now()
            if self._next > now:
                Event().wait((self._next - now) / SECOND)  # sleeps
            self._next = max(now, self._next) + round(SECOND / self.target.rate)


def run_within(seconds: float, action: Callable[[], T]) -> T:
    """Run an action with a time limit, or without one where it is 0. Raises TimeoutError.

    An action that takes longer goes on in its thread, and ends with the program at the latest: a
    server that sends a byte now and then keeps a socket busy for ever.
    """
    if not seconds:
        return action()
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(action())
        except BaseException as error:
            outcome.set_exception(error)

    Thread(target=run, daemon=True).start()
    return outcome.result(timeout=seconds)
