"""Recorded traffic is read as browsers and Playwright write it."""

from __future__ import annotations

import gzip
import json
import zlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.traffic.recording import RecordedCall, read_recording

URL = "https://staging.example/v1/customer/sessions/1/log"
FAILED = "got no response (failed, blocked or broken off)"
CACHE = "came from the browser's cache"
WORKER = "were answered by a service worker"
TEST = "were answered by the test itself, such as by page.route()"
NOT_SENT = "were answered without the network, by a cache or a service worker"
NOON = 1_755_777_600_000_000


def _entry(
    request: dict[str, Any] | None = None, response: dict[str, Any] | None = None, **fields: Any
) -> dict[str, Any]:
    """An entry with no more than what every recorder writes."""
    return {
        "startedDateTime": "2025-08-21T12:00:00.000Z",
        "request": {"method": "GET", "url": URL, **(request or {})},
        "response": {"status": 200, **(response or {})},
        **fields,
    }


def _encoded(text: str, encoding: str) -> dict[str, Any]:
    return {"content": {"text": text, "encoding": encoding}}


def _packed(body: bytes, encoding: str) -> dict[str, Any]:
    """A response whose body was saved as it came over the wire."""
    saved = _encoded(b64encode(body).decode(), "base64")
    return {**saved, "headers": _headers(("Content-Encoding", encoding))}


def _headers(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


@pytest.fixture
def read(calls: Callable[..., list[RecordedCall]]) -> Callable[..., RecordedCall]:
    """The only exchange of a HAR."""

    def read(*arguments: Any, **fields: Any) -> RecordedCall:
        (call,) = calls(_entry(*arguments, **fields))
        return call

    return read


def test_minimal_entry_is_an_exchange(read: Callable[..., RecordedCall]) -> None:
    found = read()
    assert (found.method, found.path) == ("GET", "/v1/customer/sessions/1/log")
    assert (found.summary.status, found.summary.moment) == (200, NOON)
    message = found.read_message()
    assert (message.request_body, message.response_body) == (b"", None)


def test_moment_of_a_response_is_start_plus_time(
    read: Callable[..., RecordedCall],
) -> None:
    assert read(time=1500.25).summary.moment == NOON + 1_500_250
    for time in (-1, None, 1e300, float("nan"), float("inf"), 10**400, "x", {}):
        assert read(time=time).summary.moment == NOON


def test_moment_of_the_deployment_is_used_where_recorded(
    read: Callable[..., RecordedCall],
) -> None:
    found = read(_moment="2020-01-01T00:00:00Z").summary
    assert (found.moment, found.began, found.took) == (1_577_836_800_000_000, NOON, 0)


@pytest.mark.parametrize(
    ("started", "date", "age", "moment"),
    [
        ("2025-08-21T12:00:00.000Z", "Thu, 21 Aug 2025 12:00:03 GMT", "", NOON + 20_000),
        ("2025-08-21T12:00:00.000Z", "nonsense", "", NOON + 20_000),
        ("2025-08-21T12:10:00.000Z", "Thu, 21 Aug 2025 12:00:00 GMT", "", NOON),
        ("2025-08-21T12:10:00.000Z", "Thu, 21 Aug 2025 12:00:00 GMT", "9", NOON + 600_020_000),
        (None, "Thu, 21 Aug 2025 12:00:00 GMT", "", NOON),
    ],
)
def test_date_of_the_response_counts_where_the_clock_of_the_recorder_is_wrong(
    read: Callable[..., RecordedCall], started: Any, date: str, age: str, moment: int
) -> None:
    response = {"headers": _headers(("Date", date), *([("Age", age)] if age else []))}
    assert read({}, response, startedDateTime=started, time=20).summary.moment == moment


@pytest.mark.parametrize(
    ("url", "origin", "path", "query"),
    [
        ("HTTP://Staging.Example:80/v1/a", "http://staging.example", "/v1/a", ""),
        ("https://h:8443/v1/a%20b%2Fc?x=%20&y#z", "https://h:8443", "/v1/a b/c", "x=%20&y"),
        ("https://user:password@h/v1", "https://h", "/v1", ""),
        ("http://[::1]:4010", "http://[::1]:4010", "/", ""),
    ],
)
def test_url_is_split(
    calls: Callable[..., list[RecordedCall]], url: str, origin: str, path: str, query: str
) -> None:
    (call,) = calls(_entry({"url": url}))
    assert (call.origin, call.path, call.query) == (origin, path, query)


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("http://h/v1/a", "page=2&x=%D8%A7&y="),
        ("http://h/v1/a#top", "page=2&x=%D8%A7&y="),
        ("http://h/v1/a?page=1", "page=1"),
        (" http://h/v1/a? ", ""),
    ],
)
def test_parameters_may_be_beside_the_url(
    calls: Callable[..., list[RecordedCall]], url: str, query: str
) -> None:
    pairs = [{"name": "page", "value": 2}, {"name": "x", "value": "ا"}, {"name": "y"}, {}, None]
    (call,) = calls(_entry({"url": url, "queryString": pairs}))
    assert (call.origin, call.path, call.query) == ("http://h", "/v1/a", query)


def test_duration_may_be_in_parts(read: Callable[..., RecordedCall]) -> None:
    timings = {"blocked": -1, "wait": 30, "receive": 2.5, "ssl": 900}
    for fields in ({"timings": timings}, {"time": -1, "timings": timings}):
        found = read(**fields).summary
        assert (found.took, found.receiving, found.is_measured) == (32_500, 2_500, True)
    for fields in ({}, {"time": -1, "timings": {"wait": -1}}, {"timings": []}):
        assert not read(**fields).summary.is_measured


def test_entries_without_a_server_are_left_out(calls: Callable[..., list[RecordedCall]]) -> None:
    urls = ("data:text/plain,x", "blob:https://h/1", "wss://h/live", "chrome://version", "", URL)
    assert [call.origin for call in calls(*(_entry({"url": url}) for url in urls))] == [
        "https://staging.example"
    ]


def test_header_names_are_lower_case_without_pseudo_fields(
    read: Callable[..., RecordedCall],
) -> None:
    found = read(
        {"headers": _headers((":authority", "h"), (":path", "/v1"), ("ACCEPT", "*/*"))},
        {"headers": [{"name": ":status", "value": "200"}, {"name": "X-Empty"}]},
    ).read_message()
    assert found.request_headers.fields == (("accept", "*/*"),)
    assert found.response_headers.fields == (("x-empty", ""),)


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (None, ()),
        ([{"name": "Content-Length", "value": 0}], (("content-length", "0"),)),
        ([{"name": None, "value": "x"}, {"value": "x"}, {"name": "", "value": "x"}], ()),
        ([{"name": "A", "value": None}, {"name": "B", "value": True}], (("a", ""), ("b", "true"))),
        ({"A": "1", "B": 2}, (("a", "1"), ("b", "2"))),
    ],
)
def test_odd_headers_with_a_plain_meaning_are_taken(
    read: Callable[..., RecordedCall], headers: Any, fields: Any
) -> None:
    found = read({"headers": headers}, {"headers": headers}).read_message()
    assert found.request_headers.fields == found.response_headers.fields == fields


def test_calls_of_the_same_url_are_separate(calls: Callable[..., list[RecordedCall]]) -> None:
    assert len(calls(_entry(), _entry(), _entry())) == 3


@pytest.mark.parametrize(
    ("response", "body"),
    [
        ({"content": {"size": 2, "text": "[]"}, "bodySize": -1}, b"[]"),
        ({"content": {"size": 4, "text": '"ا"'}}, '"ا"'.encode()),
        ({"content": {"size": 3, "text": "a\ud800"}}, "a\ufffd".encode()),
        ({"content": {"size": -1, "text": "W10=", "encoding": "base64"}}, b"[]"),
        ({"content": {"size": 2, "text": "W1\n0=", "encoding": "Base64"}}, b"[]"),
        ({"content": {"size": 0, "text": ""}}, b""),
        ({"content": {"size": 2, "text": ""}}, None),
        ({"content": {"size": 2}}, None),
        ({"content": {"size": 0}}, None),
        ({"content": {"size": 0}, "headers": _headers(("Content-Length", "0"))}, b""),
        ({"content": {"text": ""}, "headers": _headers(("Content-Length", "9"))}, None),
        ({"status": 204}, b""),
        ({"content": None}, None),
        ({}, None),
        ({"content": {"size": 9, "text": '{"a'}}, None),
        ({"content": {"size": 9, "text": '{"a": 1}'}}, b'{"a": 1}'),
        (
            {"content": {"size": -1, "text": '{"a'}, "headers": _headers(("Content-Length", "9"))},
            None,
        ),
        ({"content": {"size": 3, "text": '{"a', "comment": "truncated"}}, None),
        ({"content": {"size": 3, "text": '{"a', "_truncated": True}}, None),
        ({"content": {"size": 3, "text": '{"a'}, "_bodyTruncated": True}, None),
        ({"content": {"size": 3, "text": '{"a', "_truncated": False}}, b'{"a'),
        ({"content": {"mimeType": "application/json", "text": '{"a": 1, "b...'}}, None),
        ({"content": {"comment": "Body length exceeded, so body was omitted."}}, None),
        ({"content": {"size": 8, "text": '{"a": 1}', "encoding": "base64"}}, b'{"a": 1}'),
        ({"content": {"text": '{"a": "سلام"}', "encoding": "base64"}}, '{"a": "سلام"}'.encode()),
        ({"content": {"text": "<p>", "size": 3, "encoding": "base64"}}, b"<p>"),
        (
            {"content": {"text": "true", "mimeType": "application/json", "encoding": "base64"}},
            b"true",
        ),
        ({"content": {"size": 3, "text": "_-8_", "encoding": "base64"}}, b"\xff\xef?"),
        ({"content": {"size": 2, "text": "W10", "encoding": "base64url"}}, b"[]"),
        ({"content": {"size": 9, "text": "eyJhI", "encoding": "base64"}}, None),
        ({"content": {"text": "[]", "encoding": "utf-8"}}, b"[]"),
        ({"content": {"text": "[]", "encoding": "gzip"}}, b"[]"),
        ({"content": {"text": "ok", "encoding": "windows-1256"}}, b"ok"),
        ({"content": {"text": "ok", "encoding": "plain"}}, b"ok"),
        ({"content": {"text": "[]", "encoding": True}}, b"[]"),
        ({"content": {"text": [1, {"a": None}]}}, b'[1,{"a":null}]'),
        ({"content": {"text": [], "size": 2}}, b"[]"),
        (_packed(gzip.compress(b"[]"), "gzip"), b"[]"),
        (_packed(gzip.compress(b"[]"), "x-gzip"), b"[]"),
        (_packed(zlib.compress(b"[]"), "deflate"), b"[]"),
        (_packed(zlib.compress(b"[]", wbits=-15), "deflate"), b"[]"),
        (_packed(gzip.compress(b"[") + gzip.compress(b"]"), "gzip"), b"[]"),
        (_packed(gzip.compress(zlib.compress(b"[]")), "deflate, gzip"), b"[]"),
        (_packed(gzip.compress(b"[]" * 99)[:-9], "gzip"), None),
        (_packed(b"\x8b\x02\x80[]\x03", "br"), None),
        (_packed(b"[]", "br"), b"[]"),
        ({"content": {"text": {}, "size": 602}}, None),
    ],
)
def test_response_body_is_read_or_known_to_be_missing(
    read: Callable[..., RecordedCall],
    response: dict[str, Any],
    body: bytes | None,
) -> None:
    assert read({}, response).read_message().response_body == body


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        ({"postData": {"mimeType": "application/json", "text": "{}"}}, b"{}"),
        ({"postData": {"text": "/w==", "_encoding": "base64"}}, b"\xff"),
        (
            {
                "postData": {
                    "mimeType": "application/x-www-form-urlencoded; charset=utf-8",
                    "params": [{"name": "a", "value": "x y"}, {"name": "b"}],
                }
            },
            b"a=x+y&b=",
        ),
        ({"postData": {"mimeType": "multipart/form-data", "params": [{"name": "a"}]}}, None),
        ({"postData": {"mimeType": "application/json", "text": ""}, "bodySize": 25}, None),
        ({"bodySize": 25}, None),
        ({"headers": _headers(("content-length", "25")), "bodySize": -1}, None),
        ({"bodySize": 0}, None),
        ({"bodySize": -1}, None),
        ({}, None),
        ({"headers": _headers(("Content-Type", "application/json")), "bodySize": 0}, None),
        ({"bodySize": 0, "postData": {"mimeType": "application/json"}}, None),
        ({"bodySize": -1, "postData": {"mimeType": "application/json", "text": ""}}, None),
        ({"bodySize": 0, "postData": {"mimeType": "application/json", "text": ""}}, b""),
        ({"bodySize": 0, "headers": _headers(("Content-Length", "0"))}, b""),
        ({"method": "PATCH", "bodySize": 0}, None),
        ({"method": "GET", "bodySize": -1}, b""),
        ({"method": "DELETE", "bodySize": 0}, b""),
        ({"method": "DELETE", "headers": _headers(("Content-Type", "text/plain"))}, None),
        ({"bodySize": 25, "postData": {"text": '{"action_ty'}}, None),
        ({"bodySize": 25, "postData": {"text": '{"a": 1}'}}, b'{"a": 1}'),
        ({"postData": {"text": '{"a', "comment": "Request bodies are not included."}}, None),
        ({"postData": {"text": "e30=", "encoding": "base64"}, "bodySize": 2}, b"{}"),
        ({"postData": {"text": "e30", "encoding": "base64url"}, "bodySize": 2}, b"{}"),
        ({"postData": {"text": '{"a": 1}', "encoding": "base64"}, "bodySize": 8}, b'{"a": 1}'),
        ({"postData": {"text": {"a": 1}}, "bodySize": 8}, b'{"a":1}'),
        ({"postData": {"text": "Content-Type: a/b\r\nContent-Length: 2\r\n\r\n{}"}}, b"{}"),
        ({"postData": {"params": [7], "mimeType": "application/x-www-form-urlencoded"}}, None),
    ],
)
def test_request_body_is_read_or_known_to_be_missing(
    read: Callable[..., RecordedCall],
    request_: dict[str, Any],
    body: bytes | None,
) -> None:
    assert read({"method": "POST", **request_}).read_message().request_body == body


def test_request_without_a_body_is_known_in_the_recording_of_a_check(
    calls: Callable[..., list[RecordedCall]],
) -> None:
    (call,) = calls(_entry({"method": "POST", "bodySize": 0}, _operation="x", _phase="cases"))
    assert call.read_message().request_body == b""


def test_media_type_is_known_without_recorded_headers(
    read: Callable[..., RecordedCall],
) -> None:
    found = read(
        {"postData": {"mimeType": "application/json", "text": "{}"}},
        {"content": {"mimeType": "text/html", "text": "x"}},
    ).read_message()
    assert found.request_headers.get("content-type") == "application/json"
    assert found.response_headers.get("content-type") == "text/html"
    provisional = _headers(("User-Agent", "x"))
    sent = {"headers": provisional, "postData": {"mimeType": "application/json", "text": "{}"}}
    assert read(sent).read_message().request_headers.get("content-type") == "application/json"
    nameless = [{"name": None, "value": "text/html"}]
    found = read({}, {"headers": nameless, "content": {"mimeType": "text/html"}}).read_message()
    assert found.response_headers.fields == (("content-type", "text/html"),)
    other = read({}, {"headers": _headers(("X", "")), "content": {"mimeType": "text/html"}})
    assert other.read_message().response_headers.get("content-type") is None


def test_body_may_be_in_a_file_beside_the_har(
    tmp_path: Path, read: Callable[..., RecordedCall]
) -> None:
    (tmp_path / "1.json").write_bytes(b"[1]")
    (tmp_path / "2.json").write_bytes(b"{}")
    found = read({"postData": {"text": "", "_file": "2.json"}}, {"content": {"_file": "1.json"}})
    message = found.read_message()
    assert (message.request_body, message.response_body) == (b"{}", b"[1]")
    lost = read({"postData": {"_file": "3.json"}}, {"content": {"_file": "3.json"}}).read_message()
    assert (lost.request_body, lost.response_body) == (None, None)


@pytest.mark.parametrize(
    ("response", "fields", "reason"),
    [
        ({"status": 200}, {}, ""),
        ({"status": 500}, {}, ""),
        ({"status": 302}, {}, ""),
        ({"status": 0}, {}, "got no response (failed, blocked or broken off)"),
        (
            {"status": -1, "_failureText": "net::ERR_ABORTED"},
            {},
            "got no response (failed, blocked or broken off)",
        ),
        ({"status": None}, {}, "got no response (failed, blocked or broken off)"),
        ({"status": 304}, {}, "came from the browser's cache"),
        ({"status": 200}, {"_fromCache": "disk"}, "came from the browser's cache"),
        (
            {"status": 307, "headers": _headers(("Non-Authoritative-Reason", "HSTS"))},
            {},
            "were redirected by the browser itself",
        ),
        ({"status": 101}, {"_webSocketMessages": []}, "changed to another protocol"),
        ({"status": "200"}, {}, ""),
        ({"status": "200 OK"}, {}, ""),
        ({"status": ""}, {}, FAILED),
        ({"status": 200, "_error": "net::ERR_FAILED"}, {}, FAILED),
        ({"status": 404, "_error": "net::ERR_HTTP_RESPONSE_CODE_FAILURE"}, {}, ""),
        ({"status": 200, "_error": None}, {}, ""),
        ({"status": 200, "_charlesStatus": "EXCEPTION"}, {}, FAILED),
        ({"status": 200, "_charlesStatus": "COMPLETE"}, {}, ""),
        ({"status": 200}, {"_wasAborted": True}, FAILED),
        ({"status": 200, "_fetchedViaServiceWorker": True}, {}, WORKER),
        ({"status": 200, "_fetchedViaServiceWorker": False}, {}, ""),
        ({"status": 200}, {"_fetchedViaServiceWorker": True}, WORKER),
        ({"status": 200}, {"_fromServiceWorker": True}, WORKER),
        ({"status": 200}, {"_fetchType": "Service Worker"}, WORKER),
        ({"status": 200}, {"_fetchType": "Disk Cache"}, CACHE),
        ({"status": 200}, {"_fetchType": "Memory Cache"}, CACHE),
        ({"status": 200}, {"_fetchType": "Network Load"}, ""),
        ({"status": 200, "_fromDiskCache": True}, {}, CACHE),
        ({"status": 200}, {"_fromCache": False}, ""),
        ({"status": 200}, {"_fromCache": "memory"}, CACHE),
        ({"status": 200}, {"cache": {"beforeRequest": {"hitCount": 0}}}, CACHE),
        ({"status": 200, "bodySize": 2}, {"cache": {"beforeRequest": {"hitCount": 0}}}, ""),
        ({"status": 200}, {"cache": {"beforeRequest": None, "afterRequest": None}}, ""),
        ({"status": 200}, {"_wasFulfilled": True}, TEST),
        ({"status": 200}, {"_fulfilledByPage": True}, TEST),
        ({"status": 200}, {"_wasContinued": True}, ""),
        ({"status": 103}, {}, "got an interim response (1xx) and no other"),
        ({"status": 200, "headers": _headers(("X-Powered-By", "msw"))}, {}, TEST),
        ({"status": 200}, {"_from_cache": 1}, CACHE),
        ({"status": 200, "_transferSize": 0}, {}, NOT_SENT),
        ({"status": 200, "_transferSize": 0}, {"serverIPAddress": "::1"}, ""),
        ({"status": 200, "_transferSize": -1}, {}, ""),
        ({"status": 200, "_transferSize": 120}, {}, ""),
    ],
)
def test_call_without_a_response_of_the_deployment_has_a_skip_reason(
    calls: Callable[..., list[RecordedCall]],
    response: dict[str, Any],
    fields: dict[str, Any],
    reason: str,
) -> None:
    (call,) = calls(_entry({}, response, **fields))
    assert call.skip_reason == reason


@pytest.mark.parametrize(
    ("log", "response", "fields", "reason"),
    [
        ({"creator": {"name": "Firefox"}}, {"bodySize": 0, "content": {"size": 2}}, {}, NOT_SENT),
        ({"creator": {"name": "Firefox"}}, {"bodySize": 9, "content": {"size": 2}}, {}, ""),
        ({"creator": {"name": "Firefox"}}, {}, {"cache": {"afterRequest": None}}, CACHE),
        ({"creator": {"name": "other"}}, {"bodySize": 0, "content": {"size": 2}}, {}, ""),
        ({"creator": {"name": "other"}}, {}, {"cache": {"afterRequest": None}}, ""),
        (
            {"browser": {"name": "chromium"}},
            {"_transferSize": 0},
            {"serverIPAddress": "::1"},
            NOT_SENT,
        ),
    ],
)
def test_marks_of_one_recorder_count_in_its_files(
    calls: Callable[..., list[RecordedCall]],
    log: dict[str, Any],
    response: dict[str, Any],
    fields: dict[str, Any],
    reason: str,
) -> None:
    (call,) = calls(_entry({}, response, **fields), **log)
    assert call.skip_reason == reason


@pytest.mark.parametrize(
    "started",
    [
        "2025-08-21T12:00:00Z",
        "2025-08-21T12:00:00.0000000Z",
        "2025-08-21T15:00:00.0000000+03:00",
        "2025-08-21T14:00:00.0000000+0200",
        "2025-08-21 12:00:00 UTC",
        "2025-08-21 15:00:00 +0300",
        "2025-08-21T12:00:00,000",
        "2025-08-21T12:00:00.000 PMZ",
        "2025-08-21 12:00:00 PM",
        "2025-08-21T03:00:00.0 p.m. +03:00",
        "Thu, 21 Aug 2025 12:00:00 GMT",
        1_755_777_600,
        1_755_777_600.0,
        1_755_777_600_000,
        1_755_777_600_000_000,
        1_755_777_600_000_000_000,
        "1755777600000",
    ],
)
def test_moments_are_read_as_recorders_write_them(
    read: Callable[..., RecordedCall], started: Any
) -> None:
    assert read(startedDateTime=started).summary.began == NOON


@pytest.mark.parametrize(
    "started",
    [None, {}, [], "", True, "yesterday", "0001-01-01T00:00:00", "1970-01-01T00:00:00Z", 0, 1e300],
)
def test_what_is_no_moment_is_unknown(read: Callable[..., RecordedCall], started: Any) -> None:
    response = {"headers": _headers(("Date", "Thu, 21 Aug 2025 12:00:00 GMT"))}
    found = read({}, response, startedDateTime=started).summary
    assert (found.began, found.moment) == (None, NOON)


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (_entry({"method": {}}), "request.method: it is missing or no text"),
        (
            _entry({"headers": [{"name": "x"}, 1]}),
            "request.headers[1]: an object is expected, not 1",
        ),
        (
            _entry({"headers": [{"name": {"a": 1}}]}),
            "request.headers[0].name: an object is no text",
        ),
        (
            _entry({"headers": [{"name": "x", "value": []}]}),
            "request.headers[0].value: an array is no text",
        ),
        (_entry({"headers": 7}), "request.headers: an array is expected, not 7"),
        (_entry({"postData": []}), "request.postData: an object is expected, not an array"),
        ({**_entry(), "response": 7}, "response: an object is expected, not 7"),
        (_entry({}, {"content": "x"}), 'response.content: an object is expected, not "x"'),
        (_entry({}, {"status": "(failed)"}), 'response.status: "(failed)" is no status'),
        (_entry({}, {"status": True}), "response.status: true is no status"),
        (_entry({}, {"status": 7}), "response.status: 7 is no status"),
        (_entry({}, {"status": 200.5}), "response.status: 200.5 is no status"),
        (_entry({}, {"content": {"text": 7}}), "response.content.text: 7 is no text"),
        (_entry({}, _encoded("?", "base64")), "response.content.text: it is not base64"),
        (_entry({}, _encoded("é", "base64")), "response.content.text: it is not base64"),
        (_entry({}, _encoded("eyJhI", "base64")), "response.content.text: it is not base64"),
        (
            _entry({}, _encoded("x", "gzip")),
            "response.content: the encoding \"gzip\" is unknown; 'base64' is known",
        ),
        (
            _entry(startedDateTime="yesterday"),
            'startedDateTime: "yesterday" is no moment, and the response has no Date',
        ),
        (
            _entry(startedDateTime=None),
            "startedDateTime: null is no moment, and the response has no Date",
        ),
        (_entry(_moment="now"), '_moment: "now" is no moment in ISO 8601'),
    ],
)
def test_part_that_cannot_be_read_is_named(
    calls: Callable[..., list[RecordedCall]], entry: Any, fault: str
) -> None:
    whole, found = calls(_entry(), entry)
    assert (whole.summary.fault, found.number, found.summary.fault) == ("", 1, fault)


def test_entry_of_another_server_may_be_anything(
    calls: Callable[..., list[RecordedCall]],
) -> None:
    odd = ([], None, 7, {}, {"request": None}, {"request": {"url": 7}}, {"request": []})
    hosts = ("http://h:x/", "http://[h/", "https://[broken/", "nonsense")
    urls = [{"request": {"method": "GET", "url": url}} for url in hosts]
    assert [call.number for call in calls(*odd, *urls, _entry())] == [len(odd) + len(urls)]


def _write(path: Path, *entries: bytes) -> Path:
    path.write_bytes(b'{"log": {"entries": [' + b", ".join(entries) + b"]}}")
    return path


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"200", b"20x", "it is no JSON (Expecting ',' delimiter: line 1 column 183 (char 182))"),
        (b"GET", b"G\xd3T", "it is not text in UTF-8"),
        (b"200", b"[" * 9_999 + b"]" * 9_999, "it is nested too deeply"),
    ],
)
def test_entry_that_is_no_json_is_named(tmp_path: Path, old: bytes, new: bytes, fault: str) -> None:
    entry = json.dumps(_entry()).encode()
    found, other = read_recording(
        _write(tmp_path / "a.har", entry.replace(old, new), b"{7}", entry)
    ).calls
    assert (found.path, found.number) == ("/v1/customer/sessions/1/log", 0)
    assert found.summary.fault.startswith(fault.partition(" (")[0])
    assert (other.number, other.summary.fault) == (2, "")


def test_numbers_and_characters_that_are_no_strict_json_are_taken(tmp_path: Path) -> None:
    entry = json.dumps(_entry({}, {"content": {"text": "a_b"}})).encode()
    odd = entry.replace(b"a_b", b"a\tb").replace(b"200", b'200, "_n": NaN, "_i": 1' + b"0" * 5_000)
    (found,) = read_recording(_write(tmp_path / "a.har", odd)).calls
    assert found.summary.fault == ""
    assert found.read_message().response_body == b"a\tb"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
WHOLE = _entry(
    {
        "headers": _headers(("a", "b")),
        "postData": {"text": "x", "params": [{"name": "a"}], "mimeType": "x/y"},
        "bodySize": 1,
    },
    {"headers": [], "content": {"size": 1, "text": b64encode(b"x").decode(), "encoding": "base64"}},
    time=1,
    _moment="2020-01-01T00:00:00Z",
    _operation="x",
    _fromCache=None,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    return [path, *(place for key, inner in items for place in _places(inner, (*path, key)))]


def _changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = _changed(value[path[0]], path[1:], new)
    return copy


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.sampled_from(_places(WHOLE)), ANYTHING)
def test_any_value_anywhere_is_read_or_left_out(
    tmp_path_factory: pytest.TempPathFactory, place: tuple[Any, ...], value: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile.har"
    path.write_text(json.dumps({"log": {"entries": [_changed(WHOLE, place, value)]}}))
    calls = read_recording(path).calls
    assert len(calls) <= 1
    for call in calls:
        summary = call.summary
        if not (summary.fault or summary.skip_reason):
            assert isinstance(summary.moment, int)
            call.read_message()
