"""A request and a response laid out, and the places that a finding is about."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver import apis
from mockserver.check.reports.page.message import (
    Field,
    Highlights,
    Message,
    find_highlights,
    layout_message,
)
from mockserver.check.validation.finding import Finding, Source
from mockserver.contract import Headers, Request, Response
from mockserver.redaction import Mask

APIS = apis.load()
CONTRACT = APIS["calwe"].contract
EKRAN = APIS["ekran"].contract
SESSION = "#/components/schemas/Session"
MASK = Mask(["top-secret"])
JSON = ("Content-Type", "application/json")


def finding(place: str, code: str = "type", **more: Any) -> Finding:
    return Finding(
        "calwe",
        "listSessionLogs",
        code,
        Source("contract", "#/x"),
        "documented",
        "wrong",
        place,
        **more,
    )


def lay_out_request(request: Request, place: str = "", code: str = "type") -> Message:
    return layout_message(finding(place, code), request, CONTRACT, MASK)


def lay_out_response(response: Response, place: str = "", **more: Any) -> Message:
    return layout_message(finding(place, **more), response, CONTRACT, MASK)


def test_parameters_are_decoded_and_the_wrong_one_is_marked() -> None:
    request = Request("GET", "/customer/sessions/17/log", "per_page=a%20b&page=2")
    message = lay_out_request(request, "/request/query/per_page")
    assert message.start == [("GET", ""), ("/v1/customer/sessions/17/log", "")]
    assert message.parameters == [
        Field("path", "id", "17"),
        Field("query", "per_page", "a b", "wrong"),
        Field("query", "page", "2"),
    ]
    assert (message.body, message.size) == ([], "")


def test_missing_parameter_and_header_have_a_row() -> None:
    request = Request("GET", "/customer/sessions/17/log")
    message = lay_out_request(request, "/request/query/page", "required")
    assert message.parameters[-1] == Field("query", "page", "is missing", "missing")
    message = lay_out_request(request, "/request/headers/content-type")
    assert message.headers == [Field("header", "content-type", "is missing", "missing")]


def test_secrets_are_redacted_in_every_part() -> None:
    request = Request(
        "POST",
        "/customer/sessions/top-secret/log",
        "a=top%2Dsecret",
        Headers([("Authorization", "Bearer abc"), ("X-Note", "top-secret")]),
        b"not json: top-secret",
    )
    message = lay_out_request(request)
    assert message.start[1] == ("/v1/customer/sessions/***/log", "")
    assert [field.value for field in message.parameters] == ["***", "***"]
    assert [field.value for field in message.headers] == ["Bearer ***", "***"]
    assert [piece.text for line in message.body for piece in line.pieces] == ["not json: ***"]


def test_response_has_its_status_phrase_and_the_wrong_header_is_marked() -> None:
    html = Headers([("Content-Type", "text/html"), ("Date", "today")])
    message = lay_out_response(Response(404, html, b"<p>\n</p>"), "/response/headers/content-type")
    assert message.start == [("404 Not Found", "")]
    assert [field.mark for field in message.headers] == ["wrong", ""]
    assert [line.pieces[0].text for line in message.body] == ["<p>", "</p>"]
    assert message.size == "8 bytes"


def test_unknown_status_can_be_wrong() -> None:
    message = lay_out_response(Response(599), "/response/status", code="status")
    assert message.start == [("599", "wrong")]


def test_long_body_is_shortened() -> None:
    message = lay_out_response(Response(200, Headers(), b"a\n" * 50))
    assert len(message.body) == 41
    assert message.body[-1].pieces[0].text == "… 10 more lines"


def test_unreadable_body_is_shown_as_text() -> None:
    deep = lay_out_response(Response(200, Headers([JSON]), b"[" * 20_000 + b"]" * 20_000))
    assert deep.body[0].pieces[0].text.startswith("[[[")
    garbage = lay_out_response(Response(200, Headers([JSON]), b"\xff{"))
    assert garbage.body[0].pieces[0].text == "�{"


def test_wrong_place_of_a_json_body_is_marked() -> None:
    response = Response(200, Headers([JSON]), b'{"success": 1}')
    message = lay_out_response(response, "/response/body/success", value=1)
    assert [line.mark for line in message.body] == ["", "wrong", ""]


def ekran_finding(
    place: str, code: str = "type", source: Source | str = "#/x", **more: Any
) -> Finding:
    source = Source("contract", source) if isinstance(source, str) else source
    return Finding("ekran", "listSessions", code, source, "documented", "wrong", place, **more)


def highlight(finding: Finding, half: str = "response", body: Any = None) -> Highlights:
    return find_highlights(finding, half, body, EKRAN)


def test_wrong_item_of_a_list_is_highlighted() -> None:
    finding = ekran_finding("/response/body/3/userId", value="61")
    body = [{"userId": 61}, {"userId": "61"}, {"userId": "16"}, {"userId": "61"}, {}]
    assert highlight(finding, body=body).wrong == [(3, "userId")]
    assert highlight(finding, "request", body) == Highlights()


def test_digits_can_be_an_index_or_a_name() -> None:
    finding = ekran_finding("/response/body/0", value=True)
    assert highlight(finding, body=[True]).wrong == [(0,)]
    assert highlight(finding, body={"0": True, "a": True}).wrong == [("0",)]


def test_whole_body_can_be_wrong() -> None:
    assert highlight(ekran_finding("/response/body", value={}), body={}).wrong == [()]


def test_missing_properties_are_named() -> None:
    whole = {"clientGuid": "", "logoutDate": "", "loginDate": "", "sessionId": 1, "userId": 2}
    body = [whole, {"sessionId": 1}]
    finding = ekran_finding(
        "/response/body/1", "required", f"{SESSION}/required", value={"sessionId": 1}
    )
    highlights = highlight(finding, body=body)
    assert highlights.wrong == ()
    assert highlights.missing == {(1,): ["clientGuid", "loginDate", "userId"]}


def test_extra_property_is_highlighted_alone() -> None:
    body = [{"sessionId": 1, "extra": 2}]
    rule = f"{SESSION}/additionalProperties"
    finding = ekran_finding("/response/body/0", "additionalProperties", rule, value=body[0])
    assert highlight(finding, body=body).wrong == [(0, "extra")]


def test_parameter_and_header_are_named() -> None:
    query = ekran_finding("/request/query/start", "pattern")
    assert highlight(query, "request") == Highlights("query", "start")
    header = ekran_finding("/response/headers/allow", "required")
    assert highlight(header) == Highlights("header", "allow", is_absent=True)
    assert highlight(ekran_finding("/response/status", "status")) == Highlights("status")


@pytest.mark.parametrize(
    ("code", "source", "status", "part"),
    [
        ("server-error", "#/paths", 500, "status"),
        ("refused", "#/paths", 400, "status"),
        ("invariant", Source("invariant", "bounds-are-in-utc"), 200, ""),
        ("case", Source("case", "list-backwards"), 400, ""),
        ("unmatched", "#/paths", 404, ""),
    ],
)
def test_status_is_highlighted_without_a_location(
    code: str, source: Source | str, status: int, part: str
) -> None:
    assert highlight(ekran_finding("", code, source, status=status)) == Highlights(part)


def test_other_places_highlight_nothing() -> None:
    assert highlight(ekran_finding("GET:/a/*", "unmatched", status=404)) == Highlights()
