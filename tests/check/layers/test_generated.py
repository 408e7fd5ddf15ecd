"""Schemathesis sends the requests; every answer is judged by us."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.check.layers.generated import run_generated
from mockserver.check.trial import Trial

Make = Callable[..., Trial]


def test_the_mock_has_no_finding_and_each_operation_succeeds(trial: Make, mock_url: str) -> None:
    made = trial(mock_url, "calwe")
    run_generated(made)
    assert made.ledger.findings == {}
    assert made.ledger.unchecked == []
    for operation in made.api.contract.operations:
        statuses = made.ledger.statuses(operation.id)
        assert statuses[200] > 0
        assert sum(statuses.values()) > 10


def test_the_same_seed_sends_the_same_requests(trial: Make, mock_url: str) -> None:
    runs = []
    for _ in range(2):
        made = trial(mock_url, "ekran")
        run_generated(made)
        runs.append(
            [
                (exchange.request.method, exchange.request.path, exchange.request.query)
                for _, _, exchange in made.ledger.traffic
            ]
        )
    assert runs[0] == runs[1]
    assert len(runs[0]) > 30


def test_what_a_deployment_gets_wrong_is_found_by_our_judge(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    row = b'[{"clientGuid":"a","logoutDate":null,"loginDate":"2000-01-23","sessionId":"1"}]'
    made = trial(rogue(saying(200, row)))
    run_generated(made)
    places = {one.place for one in made.ledger.findings.values()}
    assert {"/response/body/*/loginDate", "/response/body/*/sessionId"} <= places
    codes = {one.code for one in made.ledger.findings.values()}
    assert "required" in codes
    assert "pattern" in codes


def test_a_server_error_is_found(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    made = trial(rogue(saying(500, b"{}")))
    run_generated(made)
    assert "server-error" in {one.code for one in made.ledger.findings.values()}
