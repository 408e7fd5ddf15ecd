"""An HTTP connection to a control API: how requests are encoded and responses are checked."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from json import dumps as dump_json
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import httpx
from msgspec import Struct

from mockserver.client.http import Http
from mockserver.client.responses import decode
from mockserver.errors import (
    ClientError,
    ProblemError,
    ProblemFault,
    UnexpectedResponseError,
    UnreachableError,
)

T = TypeVar("T")

_PREFIX = "/__mock__"
_PORT = 4010
_EXAMPLE = "Write it like http://127.0.0.1:4010."
_HINT = "Give the URL that 'mockserver serve' printed when it started."


class Content(Struct, frozen=True):
    """The body of a request, and its content type."""

    data: bytes
    type: str


class _Problem(Struct, frozen=True):
    """Problem details (RFC 9457)."""

    detail: str
    title: str = ""
    errors: tuple[ProblemFault, ...] = ()


@dataclass(frozen=True)
class Connection:
    """The control API of a server, for one sandbox; `timeout` is in seconds, None for no limit."""

    http: Http
    url: str
    sandbox: str | None
    timeout: float | None

    def call(
        self,
        type_: type[T],
        method: str,
        *path: str,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | Content | None = None,
        member: str = "",
        expected: int | None = None,
    ) -> T:
        """Send a request and decode its response, or a member of it. Raises what `send` raises."""
        response = self.send(method, *path, query=query, body=body, expected=expected)
        source, data = _describe_request(response), self._parse(response)
        if member:
            data = decode(dict, data, source).get(member)
        return decode(type_, data, source, member)

    def send(
        self,
        method: str,
        *path: str,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | Content | None = None,
        expected: int | None = None,
    ) -> httpx.Response:
        """Send a request with a body in JSON, or another one, or none.

        An `expected` status is taken like a success. Each part of the path is one segment, whatever
        is in it. Raises UnreachableError, ProblemError or UnexpectedResponseError, and ClientError
        for what cannot be sent at all.
        """
        headers = {}
        content = encode_json(body) if isinstance(body, Mapping) else body
        if content:
            headers[b"Content-Type"] = content.type.encode()
        if self.sandbox is not None:
            # The server decides whether it is a valid name.
            headers[b"X-Mock-Sandbox"] = self.sandbox.encode("utf-8", "surrogatepass")
        url = f"{self.url}{_PREFIX}{encode_target(path, query or {})}"
        response = self._exchange(method, url, content.data if content else None, headers)
        self._check(response, expected)
        return response

    def _exchange(
        self, method: str, url: str, data: bytes | None, headers: Mapping[bytes, bytes]
    ) -> httpx.Response:
        if self.http.is_closed:
            raise ClientError("This client is closed; make another.")
        try:
            return self.http.request(method, url, data, headers, self.timeout)
        except httpx.LocalProtocolError:
            raise ClientError(
                "The sandbox's name or the token has a character that no HTTP header can carry."
            ) from None
        except httpx.InvalidURL as error:
            raise ClientError(f"That cannot be requested: {error}.") from None
        except httpx.DecodingError as error:
            raise UnexpectedResponseError(
                f"{self.url} sent what cannot be decoded: {error}. {_HINT}"
            ) from None
        except (httpx.HTTPError, UnicodeError) as error:
            if isinstance(error.__cause__, ssl.SSLCertVerificationError):
                raise UnreachableError(
                    f"The certificate of {self.url} is not trusted: {error}. Name the file with "
                    "the certificate that signed it: by --ca-file, ca_file or SSL_CERT_FILE."
                ) from None
            raise UnreachableError(
                f"{self.url} {_describe_failure(error, self.timeout)}. "
                f"Start a server with '{_write_command(self.url)}', or give the URL of one that "
                "runs."
            ) from None

    def _check(self, response: httpx.Response, expected: int | None) -> None:
        """Raise an error unless the response is a success, with JSON or without a body."""
        type_ = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.is_error and type_ == "application/problem+json":
            problem = decode(_Problem, self._parse(response), _describe_request(response))
            raise ProblemError(response.status_code, problem.title, problem.detail, problem.errors)
        if response.has_redirect_location:
            raise self._unexpected(response, f"a redirect to '{response.headers['location']}'")
        is_success = response.is_success or response.status_code == expected
        if not is_success or (response.status_code != 204 and type_ != "application/json"):
            raise self._unexpected(response, f"'{type_}'" if type_ else "no content type")

    def _parse(self, response: httpx.Response) -> Any:
        try:
            return response.json()
        except (ValueError, RecursionError) as error:
            raise self._unexpected(response, f"JSON that is broken: {error}") from None

    def _unexpected(self, response: httpx.Response, what: str) -> UnexpectedResponseError:
        return UnexpectedResponseError(
            f"What listens on {self.url} does not respond like a mock server: "
            f"{_describe_request(response)} got {response.status_code} and {what}. {_HINT}"
        )


def _write_command(url: str) -> str:
    """The command that starts a server with a URL."""
    parts = httpx.URL(url)
    path = parts.path.rstrip("/")
    port = parts.port or _PORT
    words = [
        "mockserver serve",
        *([f"--port {port}"] if port != _PORT else ()),
        *(["--https"] if parts.scheme == "https" else ()),
        *([f"--base-path {path}"] if path else ()),
    ]
    return " ".join(words)


def check_url(url: str) -> str:
    """The URL of a server, without a slash at its end. Raises ClientError where it is none."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ClientError(f"'{url}' is no URL: {error}. {_EXAMPLE}") from None
    port = 1 if parts.port is None else parts.port
    if parts.scheme not in ("http", "https") or not parts.host or not 0 < port < 65536:
        raise ClientError(f"'{url}' is not the URL of a server. {_EXAMPLE}")
    if "?" in url or "#" in url or parts.userinfo:
        raise ClientError(f"The URL of a server has no '?', '#' and '@' in it. {_EXAMPLE}")
    return str(parts).rstrip("/")


def encode_target(path: tuple[str, ...], query: Mapping[str, Any]) -> str:
    """The path of a request, each segment percent-encoded, and its query without None values."""
    given = {name: value for name, value in query.items() if value is not None}
    # Lone surrogates are sent as they are; the server refuses them with its own message.
    search = urlencode(given, doseq=True, quote_via=quote, errors="surrogatepass")
    return "".join(f"/{_encode_segment(name)}" for name in path) + (f"?{search}" if search else "")


def _encode_segment(name: str) -> str:
    if not name:
        raise ClientError("A name is empty; give the whole name.")
    # httpx would resolve `.` and `..` and request another path.
    encoded = quote(name, safe="", errors="surrogatepass")
    return encoded if encoded.strip(".") else encoded.replace(".", "%2E")


def encode_json(value: Any) -> Content:
    """A JSON body: an aware datetime becomes a moment, a timedelta a number of seconds.

    Raises ClientError for a value that JSON cannot express.
    """
    try:
        text = dump_json(value, ensure_ascii=False, allow_nan=False, default=_simplify)
    except (TypeError, ValueError, RecursionError) as error:
        raise ClientError(f"That cannot be written as JSON: {error}.") from None
    return Content(text.encode("utf-8", "surrogatepass"), "application/json")


def _simplify(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise TypeError(
                f"the datetime {value.isoformat()} has no time zone; give it one, such as "
                "tzinfo=UTC"
            )
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r:.80} is neither JSON, nor a datetime, nor a timedelta")


def _describe_request(response: httpx.Response) -> str:
    return f"{response.request.method} {response.url.raw_path.decode()}"


def _describe_failure(error: Exception, timeout: float | None) -> str:
    """Why a request got no response."""
    text = re.sub(r"^\[Errno -?\d+\] ", "", str(error)).rstrip(".")
    if isinstance(error, httpx.TimeoutException):
        return f"did not respond within {timeout:g} seconds; it may need a longer timeout"
    if isinstance(error, httpx.ConnectError | UnicodeError):
        return f"cannot be connected to: {text}"
    return f"gave no whole response: {text}"
