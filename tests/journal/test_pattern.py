"""Patterns of exchanges: what they match, and how an exchange differs from one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mockserver.errors import SettingError
from mockserver.journal import ExchangePattern, JournalEntry, JournalMessage, decode_pattern

ENTRY = JournalEntry(
    id="1-7",
    sandbox="default",
    at=0,
    method="POST",
    path="/v1/customer/sessions/3/log",
    query="page=1&tag=a&tag=b",
    request=JournalMessage(
        headers=[("accept-language", "ar"), ("x-app", "web")],
        body='{"action_type": "ENDED", "items": [1, {"deep": true}], "note": null}',
        size=68,
    ),
    api="calwe",
    operation="createSessionLog",
    status=422,
)


def differences(entry: JournalEntry = ENTRY, **pattern: Any) -> list[str]:
    found: ExchangePattern = decode_pattern(pattern, ExchangePattern)
    return [*found.find_differences(entry)]


@pytest.mark.parametrize(
    "pattern",
    [
        {},
        {"operation": "createSessionLog"},
        {"operation": "calwe.createSessionLog"},
        {"method": "post"},
        {"path": "/v1/customer/sessions/3/log"},
        {"path": "/v1/*/sessions/*/log"},
        {"path": "/v1/**"},
        {"path": "**/log"},
        {"query": {"page": "1", "tag": "b", "per_page": None}},
        {"query": {"tag": "*"}},
        {"headers": {"X-App": "web", "Accept-Language": "*", "X-Other": None}},
        {"body": {"action_type": "ENDED"}},
        {"body": {"items": [1, {}]}},
        {"body": {"note": None}},
        {"status": 422},
        {"status": "422"},
        {"status": "4XX"},
    ],
    ids=str,
)
def test_an_exchange_is_like_a_pattern(pattern: dict[str, Any]) -> None:
    assert differences(**pattern) == []


@pytest.mark.parametrize(
    ("pattern", "difference"),
    [
        (
            {"operation": "listSessionLogs"},
            "the operation is calwe.createSessionLog, not listSessionLogs",
        ),
        ({"method": "PUT"}, "the method is POST, not PUT"),
        (
            {"path": "/v1/*/log"},
            "the path is '/v1/customer/sessions/3/log', not '/v1/*/log'",
        ),
        ({"path": "/v1/customer/sessions/3"}, "not '/v1/customer/sessions/3'"),
        ({"query": {"page": "2"}}, 'the query parameter \'page\' is "1", not "2"'),
        ({"query": {"tag": "c"}}, 'the query parameter \'tag\' is "a, b", not "c"'),
        ({"query": {"page": None}}, "the query parameter 'page' is there, with \"1\""),
        ({"headers": {"X-Other": "*"}}, "the header 'x-other' is missing"),
        ({"body": {"action_type": "LEFT"}}, 'the body at \'/action_type\' is "ENDED", not "LEFT"'),
        ({"body": {"reason": 1}}, "the body at '/reason' is missing"),
        ({"body": {"items": [1]}}, "the body at '/items' has 2 items, not 1"),
        ({"body": {"items": [True, {}]}}, "the body at '/items/0' is 1, not true"),
        ({"body": {"items": [1, {"deep": 1}]}}, "the body at '/items/1/deep' is true, not 1"),
        ({"body": []}, "the body is {"),
        ({"status": "2XX"}, "the status is 422, not 2XX"),
    ],
    ids=str,
)
def test_an_exchange_differs_from_a_pattern(pattern: dict[str, Any], difference: str) -> None:
    assert difference in "; ".join(differences(**pattern))
    assert len(differences(**pattern)) == 1


def test_a_body_that_cannot_be_compared_differs() -> None:
    pattern = {"body": {"action_type": "ENDED"}}
    for message, difference in [
        (JournalMessage(), "there is no body"),
        (JournalMessage(body="<html>", size=6), "the body is not JSON"),
        (JournalMessage(body="3q0=", is_base64=True, size=2), "the body is not JSON"),
        (
            JournalMessage(body='{"action_type":"END', size=30_000, is_truncated=True),
            "the body of 30000 bytes is kept in part only, so it cannot be compared",
        ),
    ]:
        entry = JournalEntry(
            id="1-1", sandbox="default", at=0, method="GET", path="/", request=message
        )
        assert differences(entry, **pattern) == [difference]


def test_a_body_of_any_depth_differs() -> None:
    for levels in range(900, 1_010):
        request = JournalMessage(headers=[], body="[" * levels + "]" * levels, size=levels * 2)
        (difference,) = differences(msgspec.structs.replace(ENTRY, request=request), body={"a": 1})
        assert difference.startswith("the body is ")


def test_a_request_of_no_operation_differs_from_every_operation() -> None:
    entry = JournalEntry(id="1-1", sandbox="default", at=0, method="GET", path="/")
    assert differences(entry, operation="listSessionLogs", status="4XX") == [
        "the operation is a path of no operation, not listSessionLogs",
        "the status is none, not 4XX",
    ]


@pytest.mark.parametrize(
    ("pattern", "path", "is_like"),
    [
        ("/a/*", "/a/", True),
        ("/a/*", "/a/b", True),
        ("/a/*", "/a/b/c", False),
        ("/a/**", "/a/b/c", True),
        ("/a/b*d/e", "/a/bcd/e", True),
        ("/a/b*d/e", "/a/b/d/e", False),
        ("**/x*y/z", "/x1/xy/z", True),
        ("**", "", True),
        ("*", "/", False),
        ("", "/", False),
        ("/a.c", "/abc", False),
    ],
)
def test_a_path_is_like_a_pattern(pattern: str, path: str, is_like: bool) -> None:
    entry = JournalEntry(id="1-1", sandbox="default", at=0, method="GET", path=path)
    assert (differences(entry, path=pattern) == []) is is_like


def test_a_pattern_with_many_stars_is_compared_at_once() -> None:
    for pattern in ("**a" * 300 + "x", "*a" * 300 + "x", "***" * 300 + "x"):
        entry = JournalEntry(id="1-1", sandbox="s", at=0, method="GET", path="/" + "a" * 4_000)
        assert len(differences(entry, path=pattern)) == 1


def test_an_unknown_part_of_a_pattern_is_an_error() -> None:
    with pytest.raises(SettingError, match="unknown field `opration`"):
        decode_pattern({"opration": "x"}, ExchangePattern)
