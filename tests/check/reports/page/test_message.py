"""A request and an answer laid out."""

from __future__ import annotations

from typing import Any

from mockserver import apis
from mockserver.check.reports.page.message import Field, Message, request_of, response_of
from mockserver.check.target.redaction import Mask
from mockserver.check.validation.finding import Finding
from mockserver.contract import Exchange, Headers, Request, Response

CONTRACT = apis.load()["calwe"].contract
MASK = Mask(["top-secret"])
JSON = ("Content-Type", "application/json")


def finding(place: str, code: str = "type", **more: Any) -> Finding:
    return Finding("calwe", "listSessionLogs", code, "#/x", "documented", "wrong", place, **more)


def asked(request: Request, place: str = "", code: str = "type") -> Message:
    return request_of(finding(place, code), Exchange(request, Response(200)), CONTRACT, MASK)


def answered(response: Response, place: str = "", **more: Any) -> Message:
    exchange = Exchange(Request("GET", "/customer/sessions/1/log"), response)
    return response_of(finding(place, **more), exchange, CONTRACT, MASK)


def test_a_request_has_its_parameters_decoded_and_the_wrong_one_marked() -> None:
    request = Request("GET", "/customer/sessions/17/log", "per_page=a%20b&page=2")
    message = asked(request, "/request/query/per_page")
    assert message.start == (("GET", ""), ("/v1/customer/sessions/17/log", ""))
    assert message.parameters == (
        Field("path", "id", "17"),
        Field("query", "per_page", "a b", "wrong"),
        Field("query", "page", "2"),
    )
    assert (message.body, message.size) == ((), "")


def test_what_was_not_sent_has_a_row_that_says_so() -> None:
    request = Request("GET", "/customer/sessions/17/log")
    message = asked(request, "/request/query/page", "required")
    assert message.parameters[-1] == Field("query", "page", "is missing", "missing")
    message = asked(request, "/request/headers/content-type")
    assert message.headers == (Field("header", "content-type", "is missing", "missing"),)
    assert message.has_marked_headers is True


def test_no_secret_is_shown_in_any_part() -> None:
    request = Request(
        "POST",
        "/customer/sessions/top-secret/log",
        "a=top%2Dsecret",
        Headers([("Authorization", "Bearer abc"), ("X-Note", "top-secret")]),
        b"not json: top-secret",
    )
    message = asked(request)
    assert message.start[1] == ("/v1/customer/sessions/***/log", "")
    assert [field.value for field in message.parameters] == ["***", "***"]
    assert [field.value for field in message.headers] == ["Bearer ***", "***"]
    assert [piece.text for line in message.body for piece in line.pieces] == ["not json: ***"]


def test_an_answer_has_its_status_in_words_and_its_wrong_header_marked() -> None:
    html = Headers([("Content-Type", "text/html"), ("Date", "today")])
    message = answered(Response(404, html, b"<p>\n</p>"), "/response/headers/content-type")
    assert message.start == (("404 Not Found", ""),)
    assert [field.mark for field in message.headers] == ["wrong", ""]
    assert [line.pieces[0].text for line in message.body] == ["<p>", "</p>"]
    assert message.size == "8 bytes"


def test_a_status_can_be_what_is_wrong_though_it_has_no_name() -> None:
    message = answered(Response(599), "/response/status", code="status")
    assert message.start == (("599", "wrong"),)


def test_a_body_of_many_lines_is_cut() -> None:
    message = answered(Response(200, Headers(), b"a\n" * 50))
    assert len(message.body) == 41
    assert message.body[-1].pieces[0].text == "… 10 more lines"


def test_a_body_that_no_reader_bears_is_shown_as_it_is() -> None:
    deep = answered(Response(200, Headers([JSON]), b"[" * 20_000 + b"]" * 20_000))
    assert deep.body[0].pieces[0].text.startswith("[[[")
    garbage = answered(Response(200, Headers([JSON]), b"\xff{"))
    assert garbage.body[0].pieces[0].text == "�{"


def test_a_wrong_place_of_a_json_body_is_marked() -> None:
    response = Response(200, Headers([JSON]), b'{"success": 1}')
    message = answered(response, "/response/body/success", value=1)
    assert [line.mark for line in message.body] == ["", "wrong", ""]
