"""The phase `boundaries` sends a fixed set of requests at the limits of the contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest

from mockserver.check.context import CheckContext
from mockserver.check.phases.boundaries import run_boundaries
from mockserver.check.target.target import Target

Make = Callable[..., CheckContext]

PAGING = ("page", "per_page")


def test_the_mock_conforms_at_its_boundaries(context: Make, mock: Target) -> None:
    """The contract tests do the same with every API, once."""
    made = context(mock, "avaamo")
    run_boundaries(made)
    assert made.results.findings == {}
    assert made.results.skipped == []
    assert len(made.results.traffic) > 40


def test_a_quick_run_sends_every_other_difficult_value_and_every_limit(
    context: Make, mock: Target
) -> None:
    made = context(mock, "avaamo")
    run_boundaries(replace(made, is_quick=True))
    sent = [parse_qs(exchange.request.query) for _, _, exchange, _ in made.results.traffic]
    pages, sizes = ({text for it in sent for text in it.get(name, ())} for name in PAGING)
    assert {"01", "+1", "1.0", "0x1"} & pages == {"+1", "0x1"}
    assert {"01", "+1", "1.0", "0x1"} & sizes == {"01", "1.0"}
    assert {"0", "1", "2", "99", "100", "101"} <= sizes


def test_a_deployment_that_accepts_everything_is_found(
    context: Make, stub: Callable[..., str]
) -> None:
    made = context(stub(200, b"[]"))
    run_boundaries(made)
    taken = {
        finding.location
        for finding in made.results.findings.values()
        if "gets 200" in finding.sentence
    }
    assert taken == {"/request/query/start", "/request/query/end"}


def test_a_deployment_that_reads_the_order_of_parameters_is_found(
    context: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        body = b"[1]" if "unexpected" in handler.path else b"[]"
        saying(200, body)(handler)

    made = context(rogue(respond))
    run_boundaries(made)
    (found,) = [
        finding for finding in made.results.findings.values() if finding.code == "not-the-same"
    ]
    assert found.sentence == (
        "The same request with a parameter that the contract does not have gets another response"
    )


@pytest.mark.parametrize(
    ("read_id", "found"),
    [
        (lambda text: text, set()),
        (lambda text: text.rstrip("x"), {"The id '6x' finds what '6' finds"}),
        (str.strip, {"The id ' 6' finds what '6' finds"}),
        (lambda text: text.lstrip("0"), {"The id '06' finds what '6' finds"}),
    ],
)
def test_an_id_that_is_taken_for_another_one_is_a_warning(
    context: Make,
    rogue: Callable[..., str],
    saying: Callable[..., Any],
    read_id: Callable[[str], str],
    found: set[str],
) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        id = unquote(handler.path.split("/")[4])
        path = handler.path.partition("?")[0].encode()
        body = b'{"data": {"data": [1], "path": "http://any' + path + b'"}}'
        is_there = handler.command == "GET" and read_id(id) == "6"
        saying(200 if is_there else 404, body)(handler)

    made = context(rogue(respond), "calwe", ids={"calwe": {"open_session": "6"}})
    run_boundaries(made)
    findings = [
        finding
        for finding in made.results.findings.values()
        if (finding.code, finding.operation) == ("same-id", "listSessionLogs")
    ]
    assert {finding.sentence for finding in findings} == found
    assert {finding.evidence for finding in findings} <= {"assumed"}


@pytest.mark.parametrize(
    ("path", "is_found"),
    [
        ("http://app-7:8080/v1/customer/sessions/6/log?page=1", True),
        ("https://{host}/v1/customer/sessions/6/log", True),
        ("http://{host}/v1/customer/sessions/6/log?page=1", False),
        ("http://docs.example/v1/errors", False),
    ],
)
def test_a_url_of_the_requested_path_on_another_host_is_a_warning(
    context: Make, rogue: Callable[..., str], saying: Callable[..., Any], path: str, is_found: bool
) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        url = path.format(host=handler.headers["Host"])
        saying(200, f'{{"data": {{"path": "{url}"}}}}'.encode())(handler)

    made = context(rogue(respond), "calwe", ids={"calwe": {"open_session": "6"}})
    run_boundaries(made)
    found = [
        (finding.operation, finding.evidence)
        for finding in made.results.findings.values()
        if finding.code == "other-host"
    ]
    assert found == ([("listSessionLogs", "assumed")] if is_found else [])


@pytest.mark.parametrize(
    ("header", "text", "evidence"),
    [
        ("If-None-Match", '"mockserver-unknown"', "documented"),
        ("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT", "documented"),
        ("Origin", "https://app.example", "assumed"),
        ("Accept-Language", "en-US,en;q=0.9,de;q=0.8", "assumed"),
    ],
)
def test_a_deployment_that_responds_otherwise_to_what_clients_send_is_found(
    context: Make,
    rogue: Callable[..., str],
    saying: Callable[..., Any],
    header: str,
    text: str,
    evidence: str,
) -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        saying(200, b"[1]" if handler.headers[header] == text else b"[]")(handler)

    made = context(rogue(respond))
    run_boundaries(made)
    (found,) = [
        finding for finding in made.results.findings.values() if finding.code == "not-the-same"
    ]
    assert found.sentence == (f"The same request with `{header}: {text}` gets another response")
    assert found.evidence == evidence


def test_headers_of_the_target_are_not_replaced(context: Make, mock: Target) -> None:
    made = context(replace(mock, headers={"user-agent": "mine"}), "avaamo")
    run_boundaries(made)
    sent = {
        exchange.request.headers.get("user-agent") for _, _, exchange, _ in made.results.traffic
    }
    assert sent == {"mine"}


def test_a_body_is_sent_in_other_spellings(context: Make, mock: Target) -> None:
    made = context(mock, "calwe")
    run_boundaries(made)
    bodies = {exchange.request.body for _, _, exchange, _ in made.results.traffic}
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in "action_type")
    assert any(escaped.encode() in body for body in bodies)
    assert {b'{"action_type": " ENTERED"}', b'{"action_type": "entered"}'} <= bodies
    types = {
        exchange.request.headers.get("content-type") for _, _, exchange, _ in made.results.traffic
    }
    assert "application/json; charset=utf-8" in types


def test_boundaries_without_ids_or_writes_are_skipped(
    context: Callable[..., CheckContext], stub: Callable[..., str]
) -> None:
    made = context(stub(404, b"{}"), "calwe", ids={"calwe": {"open_session": "1"}})
    run_boundaries(made)
    assert made.results.skipped == [
        "boundaries of createSessionLog: it writes",
        "boundaries of listCoachSessionLogs: no id for shared_session",
        "boundaries of createCoachSessionLog: it writes",
    ]
