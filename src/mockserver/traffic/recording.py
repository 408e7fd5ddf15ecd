"""Reads the calls of a HAR, as browsers, proxies and Playwright write it, as exchanges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import Struct

from mockserver.clock import SECOND, parse_moment
from mockserver.contract import Headers
from mockserver.errors import SettingError
from mockserver.traffic.har_entry import (
    EntryFault,
    FileReader,
    decode_entry,
    describe,
    get_object,
    parse_http_date,
    read_headers,
    read_moment,
    read_number,
    read_request_body,
    read_request_line,
    read_response_body,
    read_status,
)
from mockserver.traffic.har_file import HarFile, open_har

SANDBOX_HEADER = "x-mock-sandbox"

_PORTS = {"http": 80, "https": 443}
_MILLISECOND = SECOND // 1_000
_LONGEST = 7 * 24 * 3_600_000
"""The longest time of an exchange that is believed, in milliseconds."""

_CLOCK_TOLERANCE = 30 * SECOND
"""How far the clocks of a recorder and a deployment may be apart without one being wrong."""

_FAILED = "got no response (failed, blocked or broken off)"
_FROM_CACHE = "came from the browser's cache"
_FROM_WORKER = "were answered by a service worker"
_FROM_TEST = "were answered by the test itself, such as by page.route()"
_NOT_SENT = "were answered without the network, by a cache or a service worker"
_REDIRECTED = "were redirected by the browser itself"
_UPGRADED = "changed to another protocol"
_INTERIM = "got an interim response (1xx) and no other"

_FETCH_TYPES = {  # of Safari
    "memory cache": _FROM_CACHE,
    "disk cache": _FROM_CACHE,
    "service worker": _FROM_WORKER,
    "inspector override": _FROM_TEST,
}
_MARKS = {
    _FROM_TEST: ("wasfulfilled", "fulfilledbypage", "fulfilled", "wasmocked", "mocked"),
    _FROM_WORKER: (
        *("fetchedviaserviceworker", "fromserviceworker", "servedbyserviceworker"),
        *("wasfetchedviaserviceworker", "servedfromserviceworker"),
    ),
    _FROM_CACHE: (
        *("fromcache", "fromdiskcache", "frommemorycache", "fromprefetchcache"),
        *("servedfromcache", "wascached", "cached"),
    ),
}
"""The fields of one recorder or another that say who answered, without `_`, in lower case."""

_FALSE = (None, False, 0, "", "false", "none", "0")


class RecordedMessage(Struct, frozen=True):
    """What was saved of an exchange; a body is None where it was not saved, or not whole."""

    request_headers: Headers
    response_headers: Headers
    request_body: bytes | None
    response_body: bytes | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of a call without its headers and bodies, in microseconds.

    `began` is None where the recorder has not said when the request was sent, and `took` is 0 where
    it has not measured that; `receiving` is the part of it in which the response came in.
    `server_date` is the `Date` of the response, `moment` when it was complete; it `is_of_world`
    where the recorder has written it by the clock of the world. `fault` says what of the entry
    cannot be read, and `skip_reason` why there is no response of the deployment.
    """

    began: int | None = None
    took: int = 0
    is_measured: bool = False
    receiving: int = 0
    moment: int | None = None
    is_of_world: bool = False
    server_date: int | None = None
    status: int = 0
    operation: str = ""
    sandbox: str = ""
    skip_reason: str = ""
    fault: str = ""

    @property
    def is_left_out(self) -> bool:
        """Whether there is nothing to validate."""
        return bool(self.skip_reason or self.fault)


@dataclass(frozen=True, eq=False)
class RecordedCall:
    """One entry of a HAR, of which only the request line is held; the rest is read when needed.

    `origin` is scheme, host and port of the URL, `path` is percent-decoded; `method` is empty where
    it cannot be read. `length` is that of the entry in the file.
    """

    har: HarFile
    number: int
    offset: int
    length: int
    method: str
    origin: str
    path: str
    query: str

    @cached_property
    def summary(self) -> Summary:
        """What is known of the call without its bodies; never raises."""
        entry: Mapping[str, Any] = {}
        try:
            entry = self._read_entry()
            return _summarize(entry, self.method, self.har)
        except EntryFault as fault:
            return Summary(began=read_moment(entry.get("startedDateTime")), fault=str(fault))

    def read_message(self) -> RecordedMessage:
        """Read the headers and bodies. Raises HarError; a call with a fault raises EntryFault."""
        return _read_message(self._read_entry(), self.method, self.har.read_attachment)

    @property
    def skip_reason(self) -> str:
        """Why there is no response of the deployment to validate; empty where there is one."""
        return self.summary.skip_reason

    def _read_entry(self) -> dict[str, Any]:
        if not self.length:
            raise EntryFault("", "it is larger than 256 MiB")
        entry = decode_entry(self.har.read(self.offset, self.length))
        if not isinstance(entry, dict):
            raise EntryFault("", f"an object is expected, not {describe(entry)}")
        return entry


class Recording(Struct, frozen=True, eq=False):
    """A HAR and its calls over HTTP, in their order."""

    har: HarFile
    calls: list[RecordedCall]


def read_recording(path: Path) -> Recording:
    """Read a HAR. Raises HarError.

    Entries that are no request to a server are passed over: data in a URL, a browser's own pages,
    web sockets, and whatever has no URL.
    """
    har = open_har(path)
    calls = []
    for raw in har.split_entries():
        method, url = read_request_line(raw.content)
        if url is None or not url[:8].lower().startswith(("http://", "https://")):
            continue
        try:
            parts = urlsplit(url)
            origin = format_origin(parts)
        except ValueError:
            continue
        decoded = unquote(parts.path or "/", errors="replace")
        line = (method.upper(), origin, decoded, parts.query)
        calls.append(RecordedCall(har, raw.number, raw.offset, len(raw.content), *line))
    return Recording(har, calls)


def format_origin(parts: SplitResult) -> str:
    """Scheme, host and port of a URL, the port only where it is not the scheme's default.

    Raises ValueError for an invalid port.
    """
    scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    named = f"[{host}]" if ":" in host else host
    is_default = port is None or port == _PORTS.get(scheme)
    return f"{scheme}://{named}" if is_default else f"{scheme}://{named}:{port}"


def _read_message(entry: Mapping[str, Any], method: str, read_file: FileReader) -> RecordedMessage:
    request = get_object(entry, "request", "request")
    response = get_object(entry, "response", "response")
    of_request = read_headers(request.get("headers"), "request.headers")
    media_type = get_object(request, "postData", "request.postData").get("mimeType")
    # Recorders take it from the header, which a browser's provisional headers need not have.
    if not of_request.media_type and isinstance(media_type, str) and media_type:
        of_request = of_request.extended(("content-type", media_type))
    of_response = read_headers(
        response.get("headers"),
        "response.headers",
        get_object(response, "content", "response.content").get("mimeType"),
    )
    # This kit writes no body only where there was none.
    sizes = (
        of_request.extended(("content-length", "0")) if _is_written_by_kit(entry) else of_request
    )
    return RecordedMessage(
        of_request,
        of_response,
        read_request_body(method, request, sizes, read_file),
        read_response_body(read_status(response.get("status")), response, of_response, read_file),
    )


def _is_written_by_kit(entry: Mapping[str, Any]) -> bool:
    return "_operation" in entry and "_phase" in entry


def _pass_over_file(_name: str) -> bytes:
    return b""


def _summarize(entry: Mapping[str, Any], method: str, har: HarFile) -> Summary:
    """Raises EntryFault."""
    response = get_object(entry, "response", "response")
    status = read_status(response.get("status"))
    began = read_moment(entry.get("startedDateTime"))
    took, receiving = _read_duration(entry)
    reason = _find_skip_reason(entry, response, status, har.creator)
    summary = Summary(
        began=began,
        took=took or 0,
        is_measured=took is not None,
        receiving=receiving,
        status=status,
        skip_reason=reason,
    )
    if reason:
        return summary
    if not method:
        raise EntryFault("request.method", "it is missing or no text")
    message = _read_message(entry, method, _pass_over_file)
    headers = message.response_headers
    if headers.get("non-authoritative-reason"):
        return replace(summary, skip_reason=_REDIRECTED)
    if headers.get("x-powered-by") == "msw":
        return replace(summary, skip_reason=_FROM_TEST)
    server_date = None if headers.get("age") else parse_http_date(headers.get("date") or "")
    moment = _find_moment(entry, began, summary.took, server_date)
    operation = entry.get("_operation")
    sandbox = headers.get(SANDBOX_HEADER) or message.request_headers.get(SANDBOX_HEADER)
    return replace(
        summary,
        server_date=server_date,
        moment=moment,
        is_of_world=bool(entry.get("_moment")),
        operation=operation if isinstance(operation, str) else "",
        sandbox=sandbox or "",
    )


def _read_duration(entry: Mapping[str, Any]) -> tuple[int | None, int]:
    """How long a call took, None where it was not measured, and how long the response came in."""
    timings = entry.get("timings")
    parts = {
        name: read_number(timings.get(name)) if isinstance(timings, dict) else -1
        for name in ("blocked", "dns", "connect", "send", "wait", "receive")
    }
    milliseconds = read_number(entry.get("time"))
    if milliseconds < 0:
        milliseconds = sum(part for part in parts.values() if part > 0) or -1
    if not 0 <= milliseconds <= _LONGEST:
        return None, 0
    took = round(milliseconds * _MILLISECOND)
    return took, min(round(max(parts["receive"], 0) * _MILLISECOND), took)


def _find_moment(
    entry: Mapping[str, Any], began: int | None, took: int, server_date: int | None
) -> int:
    """When the response was complete, by the deployment's own clock where it is recorded.

    A recorder's clock may be wrong; then the `Date` of the response counts. Raises EntryFault.
    """
    recorded = entry.get("_moment")
    if isinstance(recorded, str) and recorded:
        try:
            return parse_moment(recorded)
        except (SettingError, OverflowError):
            raise EntryFault("_moment", f"{describe(recorded)} is no moment in ISO 8601") from None
    if began is None:
        if server_date is None:
            value = describe(entry.get("startedDateTime"))
            raise EntryFault(
                "startedDateTime", f"{value} is no moment, and the response has no Date"
            )
        return server_date
    ended = began + took
    if server_date is not None and not (
        began - _CLOCK_TOLERANCE <= server_date <= ended + _CLOCK_TOLERANCE
    ):
        return server_date
    return ended


def _find_skip_reason(
    entry: Mapping[str, Any], response: Mapping[str, Any], status: int, creator: str
) -> str:
    """Why there is no response of the deployment to validate; empty where there is one."""
    fields = {
        name.replace("_", "").lower(): value
        for part in (response, entry)
        for name, value in part.items()
        if isinstance(value, str | int | float | bool)
    }
    error = str(fields.get("error") or fields.get("failuretext") or "")
    charles = str(fields.get("charlesstatus") or "COMPLETE")
    # Browsers report this of a whole response whose status they do not like.
    is_broken = error not in _FALSE and "HTTP_RESPONSE_CODE_FAILURE" not in error
    if status == 0 or is_broken or charles != "COMPLETE" or fields.get("wasaborted") is True:
        return _FAILED
    for reason, names in _MARKS.items():
        if any(_is_true(fields.get(name)) for name in names):
            return reason
    if reason := _FETCH_TYPES.get(str(fields.get("fetchtype") or "").lower(), ""):
        return reason
    if status == 304 or _has_cache_entry(entry, response, creator):
        return _FROM_CACHE
    # Playwright has no mark of its own for a service worker or a cache.
    is_measured = "chrom" in creator or not fields.get("serveripaddress")
    if is_measured and read_number(fields.get("transfersize")) == 0:
        return _NOT_SENT
    if "firefox" in creator and _is_transferred_empty(response):
        return _NOT_SENT
    if status < 200:
        return _UPGRADED if status == 101 else _INTERIM
    return ""


def _is_true(value: Any) -> bool:
    return value not in _FALSE and not (isinstance(value, str) and value.lower() in _FALSE)


def _has_cache_entry(entry: Mapping[str, Any], response: Mapping[str, Any], creator: str) -> bool:
    """Whether a recorder describes the entry of the cache that the response was taken from.

    Firefox writes it as the one after the request, Puppeteer's recorders as the one before.
    """
    cache = entry.get("cache")
    if not isinstance(cache, dict):
        return False
    sizes = (response.get("bodySize"), response.get("_transferSize"))
    is_transferred = any(read_number(size) > 0 for size in sizes)
    is_before = isinstance(cache.get("beforeRequest"), dict)
    return not is_transferred and (is_before or ("afterRequest" in cache and "firefox" in creator))


def _is_transferred_empty(response: Mapping[str, Any]) -> bool:
    content = response.get("content")
    size = read_number(content.get("size")) if isinstance(content, dict) else -1
    return response.get("bodySize") == 0 and size > 0
