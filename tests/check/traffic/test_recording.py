"""Recorded traffic is read as browsers and Playwright write it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.check.traffic.har_file import HarError
from mockserver.check.traffic.recording import RecordedCall, read_calls
from mockserver.contract import Timing

URL = "https://staging.example/v1/customer/sessions/1/log"
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


def _headers(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _read_all(call: RecordedCall) -> list[Any]:
    """Everything of a call that is decoded when it is used."""
    bodies = call.request_body, call.response_body
    return [call.skip_reason, call.request_headers, *bodies, call.response_began, call.moment]


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
    assert (found.status, found.moment) == (200, NOON)
    assert (found.request_body, found.response_body) == (b"", None)


def test_moment_of_a_response_is_start_plus_time(
    read: Callable[..., RecordedCall],
) -> None:
    assert read(time=1500.25).moment == NOON + 1_500_250
    for time in (-1, None, 1e300, float("nan"), float("inf"), 10**400):
        assert read(time=time).moment == NOON
    assert read(startedDateTime="2025-08-21T14:00:00.0000000+0200").moment == NOON


def test_moment_of_the_deployment_is_used_where_recorded(
    read: Callable[..., RecordedCall],
) -> None:
    found = read(_moment="2020-01-01T00:00:00Z")
    assert found.moment == 1_577_836_800_000_000
    assert found.timing == Timing(NOON, 0)


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
    )
    assert found.request_headers.fields == (("accept", "*/*"),)
    assert found.response_headers.fields == (("x-empty", ""),)


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
    ],
)
def test_response_body_is_read_or_known_to_be_missing(
    read: Callable[..., RecordedCall],
    response: dict[str, Any],
    body: bytes | None,
) -> None:
    assert read({}, response).response_body == body


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
        ({"bodySize": 0}, b""),
        ({"bodySize": -1}, b""),
    ],
)
def test_request_body_is_read_or_known_to_be_missing(
    read: Callable[..., RecordedCall],
    request_: dict[str, Any],
    body: bytes | None,
) -> None:
    assert read({"method": "POST", **request_}).request_body == body


def test_media_type_is_known_without_recorded_headers(
    read: Callable[..., RecordedCall],
) -> None:
    found = read(
        {"postData": {"mimeType": "application/json", "text": "{}"}},
        {"content": {"mimeType": "text/html", "text": "x"}},
    )
    assert found.request_headers.get("content-type") == "application/json"
    assert found.response_headers.get("content-type") == "text/html"
    other = read({}, {"headers": _headers(("X", "")), "content": {"mimeType": "text/html"}})
    assert other.response_headers.get("content-type") is None


def test_body_may_be_in_a_file_beside_the_har(
    tmp_path: Path, read: Callable[..., RecordedCall]
) -> None:
    (tmp_path / "1.json").write_bytes(b"[1]")
    (tmp_path / "2.json").write_bytes(b"{}")
    found = read({"postData": {"text": "", "_file": "2.json"}}, {"content": {"_file": "1.json"}})
    assert (found.request_body, found.response_body) == (b"{}", b"[1]")
    lost = read({"postData": {"_file": "3.json"}}, {"content": {"_file": "3.json"}})
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
    ("entry", "reason"),
    [
        ([], ": expected `object`, got `array`"),
        (None, ": expected `object`, got `null`"),
        ({}, ": object missing required field `request`"),
        (_entry({"url": 7}), ".request.url: expected `str`, got `int`"),
        (_entry({"url": "http://h:x/"}), ".request.url: not a URL"),
        (_entry({"url": "http://[h/"}), ".request.url: not a URL"),
        (_entry({"method": {}}), ".request.method: expected `str`, got `object`"),
        (
            _entry({"headers": [{"name": "x"}, 1]}),
            ".request.headers[1]: expected `object`, got `int`",
        ),
        (
            _entry({}, {"headers": {"a": 1}}),
            ".response.headers: expected `array | null`, got `object`",
        ),
        (_entry({}, {"status": "200"}), ".response.status: expected `float | null`, got `str`"),
        (_entry({}, {"status": True}), ".response.status: expected `float | null`, got `bool`"),
        (_entry({}, _encoded("?", "base64")), ".response.content.text: not base64"),
        (_entry({}, _encoded("é", "base64")), ".response.content.text: not base64"),
        (
            _entry({}, _encoded("x", "gzip")),
            ".response.content: the encoding 'gzip' is unknown; 'base64' is known",
        ),
        (
            _entry(startedDateTime="yesterday"),
            ".startedDateTime: 'yesterday' is not a moment in ISO 8601",
        ),
        (_entry(startedDateTime=None), ".startedDateTime: expected `str`, got `null`"),
        (_entry(_moment="now"), "._moment: 'now' is not a moment in ISO 8601"),
    ],
)
def test_error_names_the_place(
    calls: Callable[..., list[RecordedCall]], entry: Any, reason: str
) -> None:
    with pytest.raises(HarError) as caught:
        for call in calls(_entry(), entry):
            assert call.skip_reason == ""
            _read_all(call)
    assert str(caught.value).endswith(f"a.har' is not valid: log.entries[1]{reason}.")


def test_entry_of_another_server_may_be_anything_but_its_request_line(
    calls: Callable[..., list[RecordedCall]],
) -> None:
    odd = {"request": {"method": "GET", "url": "https://ads.example/", "headers": 7}}
    assert [call.origin for call in calls(odd, _entry())] == [
        "https://ads.example",
        "https://staging.example",
    ]


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


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.sampled_from(_places(WHOLE)), ANYTHING)
def test_any_value_anywhere_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: tuple[Any, ...], value: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile.har"
    path.write_text(json.dumps({"log": {"entries": [_changed(WHOLE, place, value)]}}))
    try:
        found = [_read_all(call) for call in read_calls(path)]
    except HarError as error:
        assert "is not valid: log.entries[0]" in str(error)
    else:
        assert len(found) <= 1
