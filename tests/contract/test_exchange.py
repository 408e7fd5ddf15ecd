"""Requests, responses and violations: equality, headers, texts."""

from __future__ import annotations

import pytest

from mockserver.contract import Exchange, Headers, Request, Response, Timing, Violation


@pytest.mark.parametrize("name", ["Content-Type", "content-type", "CONTENT-TYPE"])
def test_a_header_is_found_in_any_case(name: str) -> None:
    assert Headers([("Content-Type", "text/plain")]).get(name) == "text/plain"


def test_a_header_that_was_not_sent_is_none_and_an_empty_one_is_empty() -> None:
    headers = Headers([("X-Empty", "")])
    assert headers.get("X-Empty") == ""
    assert headers.get("X-Other") is None
    assert Headers().get("X-Empty") is None


def test_a_header_sent_several_times_is_one_list_in_the_order_of_its_lines() -> None:
    headers = Headers([("X-A", "1"), ("X-B", "2"), ("x-a", "3")])
    assert headers.get("X-A") == "1, 3"
    assert headers.fields == (("x-a", "1"), ("x-b", "2"), ("x-a", "3"))


def test_headers_may_come_from_anything_that_can_be_walked_once() -> None:
    headers = Headers((name, "1") for name in ("A", "B"))
    assert (headers.get("a"), headers.get("b"), headers.get("a")) == ("1", "1", "1")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        (" text/plain ;q=1", "text/plain"),
        ("", ""),
        (";", ""),
    ],
)
def test_a_media_type_is_told_without_its_parameters(sent: str, expected: str) -> None:
    headers = Headers([("Content-Type", sent)])
    assert headers.media_type == expected


def test_a_message_without_a_content_type_has_no_media_type() -> None:
    assert Headers().media_type == ""


def test_what_was_not_sent_is_empty() -> None:
    request = Request("GET", "/a")
    assert (request.query, request.headers.fields, request.body) == ("", (), b"")
    exchange = Exchange(request, Response(204))
    assert (exchange.response.headers.fields, exchange.response.body) == ((), b"")


def test_a_violation_says_where_what_and_why() -> None:
    violation = Violation("/request/query/n", "#/a/type", "type", "x", "x is no number", "assumed")
    assert str(violation) == "/request/query/n: x is no number (#/a/type, assumed)"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["a=1; b=2"], {"a": "1", "b": "2"}),
        (["a=1", "b=x=y"], {"a": "1", "b": "x=y"}),
        (["a=1; a=2"], {"a": "1"}),
        (["a"], {"a": ""}),
    ],
)
def test_cookies_are_told_by_name_on_however_many_lines_they_stood(
    lines: list[str], expected: dict[str, str]
) -> None:
    headers = Headers([("Cookie", line) for line in lines])
    assert Request("GET", "/", headers=headers).cookies == expected


def test_lines_of_cookies_are_joined_by_a_semicolon() -> None:
    assert Headers([("Cookie", "a=1"), ("cookie", "b=2")]).get("Cookie") == "a=1; b=2"


def test_a_response_is_the_same_whenever_it_came() -> None:
    assert Response(200, body=b"x", timing=Timing(1, 2)).timing == Timing(began=1, took=2)
    headers = Headers()
    assert Response(200, headers, b"x", Timing(1, 2)) == Response(200, headers, b"x")
