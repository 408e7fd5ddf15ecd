"""Operators on a whole response."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver.contract import Headers, Request, Response

Respond = Callable[[int, Any], Response]
Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("name", "status", "expected"),
    [
        ("other-status:200", 200, (202, "application/json", b'{"a":1}')),
        ("other-status:401", 401, (403, "application/json", b'{"a":1}')),
        ("refusal-as-success:401", 401, (200, "application/json", b'{"a":1}')),
        ("success-instead:401", 401, (200, "application/json", b'{"shown":true}')),
        ("canned-response", 200, (200, "application/json", b'{"shown":true}')),
        ("empty-body:200", 200, (200, "application/json", b"")),
        ("broken-json:200", 200, (200, "application/json", b'{"a":1')),
        ("other-content-type:200", 200, (200, "text/plain; charset=utf-8", b'{"a":1}')),
        ("wrapped:200", 200, (200, "application/json", b'{"result":{"a":1}}')),
        ("forbidden:200", 200, (403, "application/json", b"{}")),
    ],
)
def test_a_whole_response_is_changed(
    name: str, status: int, expected: tuple[int, str, bytes], run: Run
) -> None:
    sent = Response(status, Headers([("content-type", "application/json")]), b'{"a":1}')
    response, _ = run(f"list.{name}", Request("GET", "/things"), sent)
    assert (response.status, response.headers.get("content-type"), response.body) == expected
    other = Response(418, Headers([("content-type", "application/json")]), b'{"a":1}')
    assert run(f"list.{name}", Request("GET", "/things"), other)[0] == other


def test_a_response_is_html(respond: Respond, run: Run) -> None:
    get = Request("GET", "/things")
    for name, status, expected in (
        ("as-html:404", 404, 404),
        ("server-error:200", 200, 500),
        ("redirect-to-login:401", 401, 302),
    ):
        response, _ = run(f"list.{name}", get, respond(status, {}))
        assert (response.status, response.media_type) == (expected, "text/html")


def test_a_header_is_dropped_and_changed(run: Run) -> None:
    sent, get = Response(405, Headers([("allow", "GET")])), Request("PUT", "/things")
    assert run("list.drop-header:405/Allow", get, sent)[0].headers.fields == ()
    changed, _ = run("list.change-header:405/Allow", get, sent)
    assert changed.headers.fields == (("allow", "get;"),)
