"""Reads recorded traffic: the calls of a HAR as browsers and Playwright write it, as exchanges."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

from mockserver.check.traffic.har_file import HarFile, Node, open_har
from mockserver.clock import SECOND, parse
from mockserver.contract import Headers, Request, Response, Timing
from mockserver.errors import SettingError

__all__ = ["Call", "Recorded", "origin_of", "read_calls"]

_PORTS = {"http": 80, "https": 443}
_MILLISECOND = SECOND // 1_000
_LONGEST = 7 * 24 * 3_600_000
"""The longest time that an exchange can have taken, in milliseconds; more is taken for nothing."""

_BODILESS = (204, 205)
_URLENCODED = "application/x-www-form-urlencoded"
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Recorded:
    """An exchange as it was recorded; its path is the whole one, percent-decoded.

    `moment` is when it was answered by the deployment's own clock, if the recording says, else by
    that of the recorder. `began_to_answer` is when the answer began to come, by the recorder's: a
    page goes on from there, and what was to be written is written. `has_asked` and `has_answered`
    say whether the body of the request and of the answer are known: not all that record keep them.
    """

    request: Request
    response: Response
    timing: Timing
    moment: int
    began_to_answer: int
    has_asked: bool
    has_answered: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One entry of a recording: what was asked; the rest is read when it is wanted.

    `origin` is scheme, host and port of the URL, `path` is percent-decoded.
    """

    entry: Node
    file: HarFile
    method: str
    origin: str
    path: str
    query: str

    @property
    def operation(self) -> str:
        """The operation that it was sent for, where this kit has written the recording."""
        return self.entry.child("_operation").optional_text() or ""

    @property
    def began(self) -> int:
        """When it was sent, in microseconds since the epoch. Raises HarError."""
        node = self.entry.child("startedDateTime")
        try:
            return parse(node.text())
        except (SettingError, OverflowError):
            raise node.fault("is no moment; it must be written as in ISO 8601") from None

    @property
    def why_unjudged(self) -> str:
        """What became of it where there is no answer of the deployment to judge; else empty."""
        response = self.entry.child("response")
        headers = _headers(response.child("headers"))
        status = response.child("status").number(0)
        if status <= 0:
            return "got no answer (failed, blocked or broken off)"
        if self.entry.child("_fromCache").value or status == 304:
            return "the browser answered from its cache"
        if headers.get("non-authoritative-reason"):
            return "the browser itself led elsewhere"
        return "changed to another protocol" if status == 101 else ""

    def read(self) -> Recorded:
        """The whole exchange. Raises HarError."""
        asked, has_asked = _asked(self)
        answered, has_answered = _answered(self.entry.child("response"), self.file)
        timing = Timing(self.began, self._took())
        return Recorded(
            request=asked,
            response=Response(answered.status, answered.headers, answered.body, timing),
            timing=timing,
            moment=self._own_moment(timing.began + timing.took),
            began_to_answer=timing.began + timing.took - self._receiving(),
            has_asked=has_asked,
            has_answered=has_answered,
        )

    def secrets(self) -> Iterator[tuple[str, str]]:
        """The header fields of the request and of the answer, in which secrets may be."""
        for half in ("request", "response"):
            yield from _headers(self.entry.child(half).child("headers")).fields

    def _took(self) -> int:
        milliseconds = self.entry.child("time").number()
        return round(milliseconds * _MILLISECOND) if 0 <= milliseconds <= _LONGEST else 0

    def _receiving(self) -> int:
        """How much of the time went by while the answer came."""
        timings = self.entry.child("timings")
        if timings.value is None:
            return 0
        return min(round(max(timings.child("receive").number(), 0) * _MILLISECOND), self._took())

    def _own_moment(self, otherwise: int) -> int:
        node = self.entry.child("_moment")
        text = node.optional_text()
        try:
            return otherwise if text is None else parse(text)
        except (SettingError, OverflowError):
            raise node.fault("is no moment; it must be written as in ISO 8601") from None


def read_calls(path: Path) -> list[Call]:
    """The calls of a HAR over HTTP, in their order. Raises HarError.

    Left out is what is no request to a server: data in a URL, a browser's own pages, web sockets.
    """
    file = open_har(path)
    entries = file.log.child("entries")
    if entries.value is None:
        raise entries.fault("is missing; it must be a list")
    return [call for entry in entries.items() if (call := _call(entry, file)) is not None]


def origin_of(parts: SplitResult) -> str:
    """Scheme, host and port of a URL, the port only where it is not the usual one.

    Raises ValueError for a port that is none.
    """
    scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    named = f"[{host}]" if ":" in host else host
    is_usual = port is None or port == _PORTS.get(scheme)
    return f"{scheme}://{named}" if is_usual else f"{scheme}://{named}:{port}"


def _call(entry: Node, file: HarFile) -> Call | None:
    request = entry.child("request")
    node = request.child("url")
    url = node.text()
    if not url[:8].lower().startswith(("http://", "https://")):
        return None
    try:
        parts = urlsplit(url)
        origin = origin_of(parts)
    except ValueError:
        raise node.fault("is no URL") from None
    path = unquote(parts.path or "/", errors="replace")
    return Call(entry, file, request.child("method").text().upper(), origin, path, parts.query)


def _asked(call: Call) -> tuple[Request, bool]:
    node = call.entry.child("request")
    headers = _headers(node.child("headers"))
    data = node.child("postData")
    body = b"" if data.value is None else _posted(data, call.file)
    if not headers.fields and data.value is not None:
        headers = _only_type(data.child("mimeType").optional_text())
    size = max(_length(headers), node.child("bodySize").number())
    # Where a body was sent and an empty one is recorded, it was not kept.
    is_known = body is not None and (bool(body) or size <= 0)
    return Request(call.method, call.path, call.query, headers, body or b""), is_known


def _posted(data: Node, file: HarFile) -> bytes | None:
    """The body that was sent; None where it is not kept, or only in parts."""
    text = data.child("text").optional_text()
    name = data.child("_file").optional_text()
    if name:
        return file.attached(name)
    if text:
        return _decoded(data.child("text"), data.child("_encoding").optional_text())
    pairs = [
        (item.child("name").text(), item.child("value").optional_text() or "")
        for item in data.child("params").items()
    ]
    media_type = data.child("mimeType").optional_text() or ""
    if pairs and media_type.partition(";")[0].strip().lower() == _URLENCODED:
        return urlencode(pairs).encode()
    return None if pairs else b""


def _answered(node: Node, file: HarFile) -> tuple[Response, bool]:
    headers = _headers(node.child("headers"))
    content = node.child("content")
    body: bytes | None = None
    if content.value is not None:
        body = _content(content, file)
        if not headers.fields:
            headers = _only_type(content.child("mimeType").optional_text())
        size = max(_length(headers), content.child("size").number())
        if not body and size > 0:
            body = None
    status = int(node.child("status").number(0))
    is_empty = not body and (_length(headers) == 0 or status in _BODILESS)
    return Response(status, headers, body or b""), body is not None or is_empty


def _content(content: Node, file: HarFile) -> bytes | None:
    name = content.child("_file").optional_text()
    if name:
        return file.attached(name)
    node = content.child("text")
    if node.value is None:
        return None
    return _decoded(node, content.child("encoding").optional_text())


def _decoded(node: Node, encoding: str | None) -> bytes:
    text = node.text()
    if not encoding:
        return text.encode()
    if encoding.lower() != "base64":
        raise node.fault(f"is encoded as '{encoding}'; base64 is known")
    try:
        return b64decode(_SPACE.sub("", text), validate=True)
    except (Base64Error, ValueError):
        raise node.fault("is not base64") from None


def _headers(node: Node) -> Headers:
    """The fields; HTTP/2's pseudo fields say what the request line does, and are none."""
    return Headers(_fields(node.items()))


def _fields(items: Iterable[Node]) -> Iterator[tuple[str, str]]:
    for item in items:
        name = item.child("name").text()
        if name and not name.startswith(":"):
            yield name, item.child("value").optional_text() or ""


def _only_type(media_type: str | None) -> Headers:
    """The one field that can be told of a message whose fields were not recorded."""
    return Headers([("content-type", media_type)] if media_type else [])


def _length(headers: Headers) -> int:
    """The length that a message says it has; -1 where it says none."""
    text = headers.get("content-length") or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else -1
