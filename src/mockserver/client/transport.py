"""The way to one server's control API, and what can happen on it, in sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from mockserver.client.decoder import read
from mockserver.client.request import Content, address, target
from mockserver.errors import (
    ClientError,
    ProblemError,
    ProblemFault,
    UnexpectedAnswerError,
    UnreachableError,
)

__all__ = ["Connection", "connect"]

T = TypeVar("T")

_PREFIX = "/__mock__"
_PORT = 4010
_HINT = "Give the URL that 'mockserver serve' printed when it started."
# Shorter than the server's own five seconds: of two ends that let go of an idle connection at
# once, one would still send a request on it.
_IDLE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Problem:
    """Problem details, as RFC 9457 has them."""

    detail: str
    title: str = ""
    errors: tuple[ProblemFault, ...] = ()


def connect(
    url: str,
    *,
    sandbox: str | None,
    token: str | None,
    timeout: float | None,
    transport: httpx.BaseTransport | None,
) -> Connection:
    """A connection to the server at a URL; nothing is sent yet. Raises ClientError for no URL."""
    url = address(url)
    http = httpx.Client(
        headers={} if token is None else {b"Authorization": b"Bearer " + _header(token)},
        # A proxy of the environment is not meant for a server on this machine.
        trust_env=False,
        # To read the certificates takes longer than to start; without TLS nobody looks at them.
        verify=url.startswith("https:"),
        limits=httpx.Limits(keepalive_expiry=_IDLE_SECONDS),
        transport=transport,
    )
    return Connection(http, url, sandbox, timeout)


@dataclass(frozen=True)
class Connection:
    """A server's control API, as one sandbox sees it; `timeout` is in seconds, None for none."""

    http: httpx.Client
    url: str
    sandbox: str | None
    timeout: float | None

    def ask(
        self,
        shape: type[T],
        method: str,
        *path: str,
        query: Mapping[str, Any] | None = None,
        content: Content | None = None,
    ) -> T:
        """The answer's JSON in that shape. Raises what `send` raises."""
        answer = self.send(method, *path, query=query, content=content)
        return read(shape, self._json(answer), _source(answer))

    def ask_all(
        self, shape: type[T], word: str, *path: str, query: Mapping[str, Any] | None = None
    ) -> tuple[T, ...]:
        """The list that the answer has below a word. Raises what `send` raises."""
        answer = self.send("GET", *path, query=query)
        items = read(dict, self._json(answer), _source(answer)).get(word)
        return read(tuple[shape, ...], items, _source(answer), f"/{word}")  # type: ignore[valid-type]

    def send(
        self,
        method: str,
        *path: str,
        query: Mapping[str, Any] | None = None,
        content: Content | None = None,
    ) -> httpx.Response:
        """The answer, if it is a success. Each part of the path is one name, whatever is in it.

        Raises UnreachableError, ProblemError or UnexpectedAnswerError, and ClientError for what
        cannot be sent at all.
        """
        headers = {}
        if content:
            headers[b"Content-Type"] = content.type.encode()
        if self.sandbox is not None:
            headers[b"X-Mock-Sandbox"] = _header(self.sandbox)
        url = f"{self.url}{_PREFIX}{target(path, query or {})}"
        answer = self._exchange(method, url, content.data if content else None, headers)
        self._refuse(answer)
        return answer

    def _exchange(
        self, method: str, url: str, data: bytes | None, headers: Mapping[bytes, bytes]
    ) -> httpx.Response:
        if self.http.is_closed:
            raise ClientError("This client is closed; make another.")
        try:
            return self.http.request(
                method, url, content=data, headers=headers, timeout=self.timeout
            )
        except httpx.LocalProtocolError:
            raise ClientError(
                "The sandbox's name or the token has a character that no HTTP header can carry."
            ) from None
        except httpx.InvalidURL as error:
            raise ClientError(f"That cannot be asked for: {error}.") from None
        except httpx.DecodingError as error:
            raise UnexpectedAnswerError(
                f"{self.url} sent what cannot be decoded: {error}. {_HINT}"
            ) from None
        except (httpx.HTTPError, UnicodeError) as error:
            raise self._unreachable(_reason(error, self.timeout)) from None

    def _unreachable(self, reason: str) -> UnreachableError:
        port = httpx.URL(self.url).port or _PORT
        serve = "mockserver serve" if port == _PORT else f"mockserver serve --port {port}"
        return UnreachableError(
            f"{self.url} {reason}. Start a server with '{serve}', or give the URL of one that runs."
        )

    def _refuse(self, answer: httpx.Response) -> None:
        """Raise what is to be said of an answer, unless it is JSON or nothing, and a success."""
        type_ = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if answer.is_error and type_ == "application/problem+json":
            problem = read(_Problem, self._json(answer), _source(answer))
            raise ProblemError(answer.status_code, problem.title, problem.detail, problem.errors)
        if answer.has_redirect_location:
            raise self._strange(answer, f"a redirect to '{answer.headers['location']}'")
        if not answer.is_success or (answer.status_code != 204 and type_ != "application/json"):
            raise self._strange(answer, f"'{type_}'" if type_ else "no content type")

    def _json(self, answer: httpx.Response) -> Any:
        try:
            return answer.json()
        except (ValueError, RecursionError) as error:
            raise self._strange(answer, f"JSON that is broken: {error}") from None

    def _strange(self, answer: httpx.Response, what: str) -> UnexpectedAnswerError:
        return UnexpectedAnswerError(
            f"What listens on {self.url} does not answer like a mock server: "
            f"{_source(answer)} got {answer.status_code} and {what}. {_HINT}"
        )


def _header(text: str) -> bytes:
    """A header's value as it goes out; whether it is a name or a token is the server's to judge."""
    return text.encode("utf-8", "surrogatepass")


def _source(answer: httpx.Response) -> str:
    return f"{answer.request.method} {answer.url.raw_path.decode()}"


def _reason(error: Exception, timeout: float | None) -> str:
    """What became of a request that got no answer."""
    text = re.sub(r"^\[Errno -?\d+\] ", "", str(error)).rstrip(".")
    if isinstance(error, httpx.TimeoutException):
        return f"did not answer within {timeout:g} seconds; it may need a longer timeout"
    if isinstance(error, httpx.ConnectError | UnicodeError):
        return f"cannot be connected to: {text}"
    return f"gave no whole answer: {text}"
