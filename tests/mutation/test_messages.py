"""Messages with one part replaced."""

from __future__ import annotations

from mockserver.contract import Headers, Request, Response
from mockserver.mutation import (
    get_query,
    parse_body,
    to_html,
    with_body,
    with_header,
    with_json,
    with_query,
    with_status,
)

REQUEST = Request("GET", "/things", "page=2&q=%D9%85", Headers([("accept", "*/*")]))
OK = Response(200, Headers([("content-type", "application/json")]), b'{"total":3}')


def test_parameters_are_read_and_replaced() -> None:
    assert get_query(REQUEST, "q") == "م"
    assert get_query(REQUEST, "page") == "2"
    assert get_query(REQUEST, "none") is None
    assert with_query(REQUEST, page="3", more="a b").query == "q=%D9%85&page=3&more=a%20b"
    assert with_query(REQUEST, none=None) == REQUEST
    assert with_header(REQUEST, "accept", "a/b").headers.fields == (("accept", "a/b"),)
    assert with_header(REQUEST, "x-y", "z").headers.fields == (("accept", "*/*"), ("x-y", "z"))


def test_a_body_is_read_and_replaced() -> None:
    assert parse_body(OK) == {"total": 3}
    assert with_json(OK, {"a": "م"}).body == '{"a":"م"}'.encode()
    assert with_json(OK, {"a": "م"}).headers.fields == OK.headers.fields
    text = with_body(OK, "no", "text/plain")
    assert (text.body, text.headers.fields) == (b"no", (("content-type", "text/plain"),))


def test_a_header_is_replaced_and_removed() -> None:
    assert with_header(OK, "Allow", "GET").headers.get("allow") == "GET"
    assert with_header(OK, "Content-Type", None).headers.fields == ()


def test_a_page_of_html_says_the_status() -> None:
    page = to_html(with_status(OK, 404))
    assert page.status == 404
    assert page.body == b"<!DOCTYPE html><html><body><h1>404</h1></body></html>"
    assert page.headers.media_type == "text/html"
