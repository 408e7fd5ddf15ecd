"""Every documented status happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockserver import apis
from mockserver.check.cases import read_cases
from mockserver.check.context import CheckContext
from mockserver.check.derived_cases import list_cases
from mockserver.check.phases.cases import run_cases
from mockserver.check.target.target import Target

Make = Callable[..., CheckContext]


@pytest.mark.parametrize("name", apis.names())
def test_in_the_mock_every_case_happens(
    context: Make, mock: Target, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, sent = context(mock, name), []
    send = made.connection.send
    monkeypatch.setattr(made.connection, "send", lambda *call: sent.append(call) or send(*call))
    run_cases(made)
    assert made.results.findings == {}
    cases = [case for case in list_cases(made.api) if not case.cannot]
    recorded = [case for case in cases if not case.is_beyond_contract]
    assert len(sent) == len(cases)
    assert made.results.requests == len(recorded) > 0
    for case in recorded:
        assert made.results.statuses(case.operation)[case.status] > 0


def _find_wrong(context: Make, url: str, **settings: Any) -> dict[str, tuple[str, str]]:
    """What the cases find wrong: location and sentence by the name of the case."""
    made = context(url, "ekran", **settings)
    run_cases(made)
    return {
        str(finding.source).removeprefix("case:"): (finding.location, finding.sentence)
        for finding in made.results.findings.values()
        if finding.code == "case"
    }


def test_cases_beyond_the_contract_are_validated_too(
    context: Make, stub: Callable[..., str]
) -> None:
    wrong = _find_wrong(context, stub(200, b"[]", headers=(("Allow", "HEAD, PATCH"),)))
    assert wrong["listSessions-404-unknown-path"] == (
        "/response/status",
        "'listSessions-404-unknown-path' should get 404, but it gets 200",
    )
    assert wrong["listSessions-204-options"] == (
        "/response/headers/allow",
        "'listSessions-204-options' should get 204, but its header Allow is 'HEAD, PATCH', not GET",
    )
    assert "listSessions-200-head" not in wrong
    assert "listSessions-200-head" in _find_wrong(context, stub(500, b"{}"))


def test_a_method_that_is_refused_is_not_allowed(context: Make, stub: Callable[..., str]) -> None:
    url = stub(405, b"{}", headers=(("Allow", "GET, PATCH"),))
    wrong = _find_wrong(context, url, allow_writes=True)
    assert wrong["listSessions-405-method-patch"][0] == "/response/headers/allow"


def test_a_server_may_not_know_a_method(context: Make, stub: Callable[..., str]) -> None:
    wrong = _find_wrong(context, stub(501, b"{}"), allow_writes=True)
    assert "listSessions-405-method-patch" not in wrong


def test_another_status_and_another_body_are_found(context: Make, stub: Callable[..., str]) -> None:
    body = '{"success":false,"message":"لا","data":null,"statusCode":404}'.encode()
    ids = {required.name: "1" for required in read_cases("calwe").ids}
    made = context(stub(404, body), "calwe", ids={"calwe": ids})
    run_cases(made)
    found = {
        str(finding.source): finding
        for finding in made.results.findings.values()
        if finding.code == "case"
    }
    assert found["case:list"].sentence == ("'list' should get 200, but it gets 404")
    missing = next(
        case
        for case in read_cases("calwe").cases
        if case.operation == "listSessionLogs" and case.status == 404 and case.expect
    )
    sentence = found[f"case:{missing.name}"].sentence
    assert "but its body is {" in sentence
    assert "'message': 'لا'" in sentence


def test_a_case_that_cannot_be_run_is_skipped_with_the_reason(
    context: Make, stub: Callable[..., str]
) -> None:
    made = context(stub(404, b"{}"), "calwe")
    run_cases(made)
    assert "case 'list': no id for open_session" in made.results.skipped
    ids = {"calwe": {required.name: "1" for required in read_cases("calwe").ids}}
    made = context(stub(404, b"{}"), "calwe", ids=ids)
    run_cases(made)
    assert made.results.skipped
    assert {reason.split(": ")[1] for reason in made.results.skipped} >= {"it writes"}
    assert {exchange.request.method for _, _, exchange, _ in made.results.traffic} == {"GET"}
