"""Sends requests to a deployment, one after the other, and takes whatever comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event

import httpx

from mockserver.check.http.request import Outgoing
from mockserver.check.http.timeout import within
from mockserver.check.target.target import Target
from mockserver.clock import SECOND, machine_now
from mockserver.contract import Headers, Response, Timing
from mockserver.errors import MockserverError

__all__ = ["Connection", "NoAnswer", "TimeOver"]

_MOST_BYTES = 64 * 2**20
_SLOWEST = 2
"""How many times the timeout a whole answer may take, its header included."""


class NoAnswer(MockserverError):
    """A request got no answer that can be validated: nobody listens, it hangs, or it is no HTTP."""


class TimeOver(MockserverError):
    """The time that the target allows for a whole run is over."""


@dataclass
class Connection:
    """The way to one target: its rate, its limits, its certificates. Redirects are answers.

    `sent` counts the requests.
    """

    target: Target
    sent: int = 0

    def __post_init__(self) -> None:
        self._began = machine_now()
        self._next = 0
        self._http = self._client()

    def _client(self) -> httpx.Client:
        return httpx.Client(
            # To read the certificates takes longer than to start; without TLS nobody looks at them.
            verify=self.target.tls.context() if self.target.is_encrypted else False,
            timeout=self.target.timeout or None,
            follow_redirects=False,
            trust_env=False,
            transport=self.target.transport,
            headers={"user-agent": "mockserver-check"},
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def check_time(self) -> None:
        """Raises TimeOver when the time that the target allows for the whole run is over."""
        limit = self.target.time_limit
        if limit and machine_now() - self._began > limit * SECOND:
            raise TimeOver(f"The time limit of {limit:g} seconds for '{self.target.name}' is over")

    def send(self, base: str, outgoing: Outgoing) -> Response:
        """The answer to a request below a base. Raises NoAnswer and TimeOver."""
        self.take_turn()
        self.sent += 1
        request = outgoing.request
        fields = httpx.Headers(self.target.headers)
        fields.update(dict(request.headers.fields))
        url = f"{self.target.url.rstrip('/')}{base}{outgoing.target}"
        content = request.body or None
        try:
            sending = self._http.build_request(request.method, url, headers=fields, content=content)
            return within(_SLOWEST * self.target.timeout, lambda: self._answer(sending))
        except TimeoutError as error:
            self._http = self._client()  # the other one is waiting still
            raise NoAnswer(f"{request.method} {url} got no answer: it never ends") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
            reason = str(error) or type(error).__name__
            raise NoAnswer(f"{request.method} {url} got no answer: {reason}") from error

    def _answer(self, request: httpx.Request) -> Response:
        http, began = self._http, machine_now()
        answer = http.send(request, stream=True)
        try:
            body = _read(answer, self._deadline())
            headers = Headers(answer.headers.multi_items())
            timing = Timing(began, max(machine_now() - began, 0))
            return Response(answer.status_code, headers, body, timing)
        finally:
            answer.close()

    def take_turn(self) -> None:
        """Wait until the rate allows a request. Raises TimeOver."""
        self.check_time()
        if self.target.rate:
            now = machine_now()
            if self._next > now:
                Event().wait((self._next - now) / SECOND)  # sleeps
            self._next = max(now, self._next) + round(SECOND / self.target.rate)

    def _deadline(self) -> int:
        return machine_now() + round((self.target.timeout or 3600) * SECOND)


def _read(answer: httpx.Response, deadline: int) -> bytes:
    """The body, which must come to an end: in time, and before it fills the memory."""
    chunks: list[bytes] = []
    size = 0
    for chunk in answer.iter_bytes():
        size += len(chunk)
        chunks.append(chunk)
        if size > _MOST_BYTES:
            raise httpx.ReadError(f"its body has more than {_MOST_BYTES} bytes")
        if machine_now() > deadline:
            raise httpx.ReadTimeout("its body does not come to an end in time")
    return b"".join(chunks)
