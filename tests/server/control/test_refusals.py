"""Refusals: each error has its status, and what is no fault of the request's has none."""

from __future__ import annotations

import pytest

from mockserver.errors import (
    ApiError,
    ContractError,
    DocumentError,
    EventError,
    MockserverError,
    QuotaError,
    SandboxNameError,
    ScenarioError,
    ScenarioFault,
    SettingError,
    StoreBusyError,
    TakenNameError,
    UnknownNameError,
)
from mockserver.scenarios import ClockFault
from mockserver.server.control.refusals import make_refusal


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (SandboxNameError("why"), 400, "Bad Request"),
        (UnknownNameError("why"), 404, "Not Found"),
        (TakenNameError("why"), 409, "Conflict"),
        (EventError("why"), 422, None),
        (DocumentError(None, "why"), 422, None),
        (SettingError("why"), 422, None),
        (QuotaError("why"), 429, "Too Many Requests"),
    ],
)
def test_an_error_is_a_sentence_with_a_status(
    error: MockserverError, status: int, title: str | None
) -> None:
    answer = make_refusal(error)

    assert answer.status == status
    assert answer.headers == {"Content-Type": "application/problem+json"}
    assert answer.body == {
        "type": "about:blank",
        # Python 3.13 learned the newer name of 422.
        "title": title or answer.body["title"],
        "status": status,
        "detail": "why",
    }


@pytest.mark.parametrize(
    "error", [StoreBusyError("busy"), ContractError("x"), ApiError("x"), MockserverError("x")]
)
def test_what_is_no_fault_of_the_request_s_is_raised_again(error: MockserverError) -> None:
    with pytest.raises(type(error)) as raised:
        make_refusal(error)
    assert raised.value is error


def test_a_scenario_with_one_fault_says_it() -> None:
    body = make_refusal(ScenarioError([ScenarioFault("a.yaml", 3, "seed", "it is odd")])).body

    assert body["status"] == 422
    assert (
        body["detail"] == "One thing is wrong, and nothing was changed: a.yaml:3: seed: it is odd"
    )
    assert body["errors"] == [{"file": "a.yaml", "line": 3, "field": "seed", "reason": "it is odd"}]


def test_a_scenario_with_several_says_the_first_and_lists_all() -> None:
    faults = [ScenarioFault("a.yaml", n, "", f"reason {n}") for n in range(1, 4)]
    body = make_refusal(ScenarioError(faults)).body

    assert body["detail"] == (
        "3 things are wrong, and nothing was changed: the first is a.yaml:1: reason 1"
    )
    assert [error["reason"] for error in body["errors"]] == ["reason 1", "reason 2", "reason 3"]


def test_a_scenario_with_very_many_lists_a_hundred() -> None:
    faults = [ScenarioFault("a.yaml", n, "", "no") for n in range(1, 1_001)]
    body = make_refusal(ScenarioError(faults)).body

    assert body["detail"].startswith("1000 things are wrong, and nothing was changed: ")
    assert len(body["errors"]) == 100


def test_a_clock_s_fault_says_which_field_it_is() -> None:
    body = make_refusal(ClockFault("shift", "it is no duration")).body

    assert (body["status"], body["detail"]) == (422, "it is no duration")
    assert body["errors"] == [{"field": "/request/body/clock/shift", "reason": "it is no duration"}]
