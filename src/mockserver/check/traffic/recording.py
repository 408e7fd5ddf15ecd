"""Reads the calls of a HAR, as browsers and Playwright write it, as exchanges."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

from mockserver.check.traffic.har_file import (
    HarBody,
    HarEntry,
    HarEntryLine,
    HarFile,
    HarPair,
    HarRequest,
    HarResponse,
    open_har,
)
from mockserver.clock import SECOND, parse_moment
from mockserver.contract import Headers, Request, Response, Timing
from mockserver.errors import SettingError

_PORTS = {"http": 80, "https": 443}
_MILLISECOND = SECOND // 1_000
_LONGEST = 7 * 24 * 3_600_000
"""The longest time of an exchange that is believed, in milliseconds."""

_BODILESS = (204, 205)
_URLENCODED = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """An exchange as it was recorded; its path is the whole one, percent-decoded.

    `moment` is when the response was complete, by the deployment's own clock where the recording
    has it, else by the recorder's. `response_began` is by the recorder's clock. Not every recorder
    saves bodies: `has_request_body` and `has_response_body` say whether they are known.
    """

    request: Request
    response: Response
    moment: int
    response_began: int
    has_request_body: bool
    has_response_body: bool


@dataclass(frozen=True, eq=False)
class RecordedCall:
    """One entry of a HAR: the request line; the rest is decoded when it is used.

    `origin` is scheme, host and port of the URL, `path` is percent-decoded.
    """

    har: HarFile
    number: int
    method: str
    origin: str
    path: str
    query: str

    @cached_property
    def entry(self) -> HarEntry:
        """The whole entry. Raises HarError."""
        return self.har.decode_entry(self.number, HarEntry)

    @cached_property
    def began(self) -> int:
        """When the request was sent, in microseconds since the epoch. Raises HarError."""
        return self._parse_moment("startedDateTime", self.entry.started)

    @property
    def skip_reason(self) -> str:
        """Why there is no response of the deployment to validate; empty where there is one."""
        response = self.entry.response
        status = _bound(response.status, 0)
        if status <= 0:
            return "got no response (failed, blocked or broken off)"
        if self.entry.from_cache or status == 304:
            return "came from the browser's cache"
        if _read_headers(response.headers).get("non-authoritative-reason"):
            return "were redirected by the browser itself"
        return "changed to another protocol" if status == 101 else ""

    @property
    def header_fields(self) -> list[tuple[str, str]]:
        """The header fields of the request and of the response."""
        halves = self.entry.request, self.entry.response
        return [pair for half in halves for pair in _read_headers(half.headers).fields]

    @cached_property
    def exchange(self) -> RecordedExchange:
        """The whole exchange. Raises HarError."""
        entry = self.entry
        request, has_request_body = self._read_request(entry.request)
        milliseconds = _bound(entry.time)
        took = round(milliseconds * _MILLISECOND) if 0 <= milliseconds <= _LONGEST else 0
        response, has_response_body = self._read_response(entry.response, Timing(self.began, took))
        receiving = max(_bound(entry.timings.receive if entry.timings else None), 0)
        ended = self.began + took
        return RecordedExchange(
            request=request,
            response=response,
            moment=self._parse_moment("_moment", entry.moment) if entry.moment else ended,
            response_began=ended - min(round(receiving * _MILLISECOND), took),
            has_request_body=has_request_body,
            has_response_body=has_response_body,
        )

    def _read_request(self, record: HarRequest) -> tuple[Request, bool]:
        headers, saved = _read_headers(record.headers, record.body), record.body
        body: bytes | None = b""
        if saved and (saved.file or saved.text):
            body = self._decode_body(saved, "request.postData")
        elif saved and saved.params:
            # How other types write form fields cannot be known.
            media_type = (saved.mime_type or "").partition(";")[0].strip().lower()
            fields = [(pair.name, pair.value or "") for pair in saved.params]
            body = urlencode(fields).encode() if media_type == _URLENCODED else None
        size = max(_content_length(headers), _bound(record.body_size))
        # Where a body was sent and an empty one is recorded, it was not saved.
        is_known = body is not None and (bool(body) or size <= 0)
        return Request(self.method, self.path, self.query, headers, body or b""), is_known

    def _read_response(self, record: HarResponse, timing: Timing) -> tuple[Response, bool]:
        headers, saved = _read_headers(record.headers, record.body), record.body
        body = self._decode_body(saved, "response.content") if saved else None
        if saved and not body and max(_content_length(headers), _bound(saved.size)) > 0:
            body = None
        status = int(_bound(record.status, 0))
        is_empty = not body and (_content_length(headers) == 0 or status in _BODILESS)
        return Response(status, headers, body or b"", timing), body is not None or is_empty

    def _decode_body(self, saved: HarBody, place: str) -> bytes | None:
        """The bytes of a body; None where they were not saved."""
        encoding = saved.encoding or saved.own_encoding
        if saved.file:
            return self.har.read_attachment(saved.file)
        if saved.text is None or not encoding:
            return None if saved.text is None else saved.text.encode()
        if encoding.lower() != "base64":
            reason = f"the encoding '{encoding}' is unknown; 'base64' is known"
            raise self.har.fault(self.number, place, reason)
        try:
            return b64decode("".join(saved.text.split()), validate=True)
        except ValueError:  # binascii's own errors, too
            raise self.har.fault(self.number, f"{place}.text", "not base64") from None

    def _parse_moment(self, place: str, text: str) -> int:
        try:
            return parse_moment(text)
        except (SettingError, OverflowError):
            reason = f"'{text[:60]}' is not a moment in ISO 8601"
            raise self.har.fault(self.number, place, reason) from None


def read_calls(path: Path) -> Iterator[RecordedCall]:
    """Read the calls of a HAR over HTTP, in their order. Raises HarError.

    Entries that are no request to a server are left out: data in a URL, a browser's own pages,
    web sockets.
    """
    har = open_har(path)
    for number in range(len(har.entries)):
        request = har.decode_entry(number, HarEntryLine).request
        if not request.url[:8].lower().startswith(("http://", "https://")):
            continue
        try:
            parts = urlsplit(request.url)
            origin = format_origin(parts)
        except ValueError:
            raise har.fault(number, "request.url", "not a URL") from None
        decoded = unquote(parts.path or "/", errors="replace")
        yield RecordedCall(har, number, request.method.upper(), origin, decoded, parts.query)


def format_origin(parts: SplitResult) -> str:
    """Scheme, host and port of a URL, the port only where it is not the scheme's default.

    Raises ValueError for an invalid port.
    """
    scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    named = f"[{host}]" if ":" in host else host
    is_default = port is None or port == _PORTS.get(scheme)
    return f"{scheme}://{named}" if is_default else f"{scheme}://{named}:{port}"


def _read_headers(pairs: Iterable[HarPair] | None, body: HarBody | None = None) -> Headers:
    """The header fields, without the pseudo-fields of HTTP/2; of none, that of the body's type."""
    fields = [
        (pair.name, pair.value or "")
        for pair in pairs or ()
        if pair.name and not pair.name.startswith(":")
    ]
    if not fields and body and body.mime_type:
        fields = [("content-type", body.mime_type)]
    return Headers(fields)


def _content_length(headers: Headers) -> int:
    """The Content-Length of a message; -1 where it has none."""
    text = headers.get("content-length") or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else -1


def _bound(number: float | None, default: float = -1) -> float:
    """A number, or a default where it is absent, not finite or too large to mean anything."""
    return number if number is not None and abs(number) < 1e15 else default
