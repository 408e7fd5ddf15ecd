"""A trial knows what a target allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.check.trial import Trial

Make = Callable[..., Trial]


def test_a_mocks_own_worlds_may_be_written_to(trial: Make, mock_url: str) -> None:
    made = trial(mock_url, "calwe")
    assert made.may_write is True
    assert all(made.allows(operation) for operation in made.api.contract.operations)
    assert made.credential == "mockserver-check"
    assert made.missing(["open_session", "nothing"]) == ["nothing"]


def test_a_deployment_may_not_unless_it_is_said(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    url = rogue(saying(404, b"{}"))
    made = trial(url, "calwe")
    allowed = [one.id for one in made.api.contract.operations if made.allows(one)]
    assert allowed == ["listSessionLogs", "listCoachSessionLogs"]
    assert made.missing(["open_session"]) == ["open_session"]
    made = trial(
        url,
        "calwe",
        allow_writes=True,
        credentials={"calwe": "secret"},
        known={"calwe": {"open_session": "17"}},
    )
    assert (made.may_write, made.credential) == (True, "secret")
    assert made.missing(["open_session"]) == []


def test_a_thread_of_a_deployment_is_in_no_sandbox(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    made = trial(rogue(saying()))
    with made.thread() as ask:
        assert dict(ask.headers) == {}
        assert ask("listSessions").status == 200
    assert made.ledger.requests == 1


def test_the_headers_of_a_target_are_part_of_what_is_recorded(
    trial: Make, rogue: Callable[..., str], saying: Callable[..., Any]
) -> None:
    made = trial(rogue(saying()), headers={"X-Gateway-Key": "a-key"})
    with made.thread() as ask:
        ask("listSessions")
    ((_, _, exchange),) = made.ledger.traffic
    assert exchange.request.headers.get("x-gateway-key") == "a-key"
