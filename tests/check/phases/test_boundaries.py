"""The phase `boundaries` sends a fixed set of requests at the limits of the contract."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from mockserver.check.context import CheckContext
from mockserver.check.phases.boundaries import run_boundaries
from mockserver.check.target.target import Target

Make = Callable[..., CheckContext]


def test_the_mock_conforms_at_its_boundaries_and_gets_the_same_requests_every_time(
    context: Make, mock: Target
) -> None:
    """The contract tests do the same with every API, once."""
    queries = []
    for _ in range(2):
        made = context(mock, "avaamo")
        run_boundaries(made)
        assert made.results.findings == {}
        assert made.results.skipped == []
        queries.append([exchange.request.query for _, _, exchange, _ in made.results.traffic])
    assert len(queries[0]) > 40
    assert queries[0] == queries[1]


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
