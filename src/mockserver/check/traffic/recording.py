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
    open_har,
)
from mockserver.clock import SECOND, parse_moment
from mockserver.contract import Headers, Timing
from mockserver.errors import SettingError

_PORTS = {"http": 80, "https": 443}
_MILLISECOND = SECOND // 1_000
_LONGEST = 7 * 24 * 3_600_000
"""The longest time of an exchange that is believed, in milliseconds."""

_BODILESS = (204, 205)
_URLENCODED = "application/x-www-form-urlencoded"


@dataclass(frozen=True, eq=False)
class RecordedCall:
    """One entry of a HAR. All but the request line is decoded when it is used; raises HarError.

    `origin` is scheme, host and port of the URL, `path` is percent-decoded. Moments are in
    microseconds since the epoch, by the recorder's clock.
    """

    har: HarFile
    number: int
    method: str
    origin: str
    path: str
    query: str

    @cached_property
    def entry(self) -> HarEntry:
        """The whole entry."""
        return self.har.decode_entry(self.number, HarEntry)

    @cached_property
    def timing(self) -> Timing:
        """When the request was sent, and how long it took until the response was complete."""
        milliseconds = _bound(self.entry.time)
        took = round(milliseconds * _MILLISECOND) if 0 <= milliseconds <= _LONGEST else 0
        return Timing(self._parse_moment("startedDateTime", self.entry.started), took)

    @property
    def response_began(self) -> int:
        """When the response began."""
        timings, timing = self.entry.timings, self.timing
        receiving = max(_bound(timings.receive if timings else None), 0) * _MILLISECOND
        return timing.began + timing.took - min(round(receiving), timing.took)

    @property
    def moment(self) -> int:
        """When the response was complete, by the deployment's own clock where the HAR has it."""
        if self.entry.moment:
            return self._parse_moment("_moment", self.entry.moment)
        return self.timing.began + self.timing.took

    @property
    def status(self) -> int:
        """The status of the response; 0 where there was none."""
        return int(_bound(self.entry.response.status, 0))

    @property
    def skip_reason(self) -> str:
        """Why there is no response of the deployment to validate; empty where there is one."""
        if self.status <= 0:
            return "got no response (failed, blocked or broken off)"
        if self.entry.from_cache or self.status == 304:
            return "came from the browser's cache"
        if self.response_headers.get("non-authoritative-reason"):
            return "were redirected by the browser itself"
        return "changed to another protocol" if self.status == 101 else ""

    @cached_property
    def request_headers(self) -> Headers:
        """The header fields of the request."""
        return _read_headers(self.entry.request.headers, self.entry.request.body)

    @cached_property
    def response_headers(self) -> Headers:
        """The header fields of the response."""
        return _read_headers(self.entry.response.headers, self.entry.response.body)

    @cached_property
    def request_body(self) -> bytes | None:
        """The body of the request; None where it was not saved."""
        saved = self.entry.request.body
        body: bytes | None = b""
        if saved and (saved.file or saved.text):
            body = self._decode_body(saved, "request.postData")
        elif saved and saved.params:
            # How other types write form fields cannot be known.
            media_type = (saved.mime_type or "").partition(";")[0].strip().lower()
            fields = [(pair.name, pair.value or "") for pair in saved.params]
            body = urlencode(fields).encode() if media_type == _URLENCODED else None
        size = max(_content_length(self.request_headers), _bound(self.entry.request.body_size))
        return body if body or size <= 0 else None

    @cached_property
    def response_body(self) -> bytes | None:
        """The body of the response; None where it was not saved."""
        saved, length = self.entry.response.body, _content_length(self.response_headers)
        body = self._decode_body(saved, "response.content") if saved else None
        if saved and not body and max(length, _bound(saved.size)) > 0:
            body = None
        is_empty = not body and (length == 0 or self.status in _BODILESS)
        return b"" if is_empty else body

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
