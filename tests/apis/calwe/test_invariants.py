"""Each invariant of the log: exchanges in which it holds, and some in which it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockserver.contract import Timing

ENDED = "لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة"
TEXTS = {
    "ENTERED": "Customer entered the session",
    "LEFT": "Customer left the session",
    "ENDED": "Session was ended",
    "CANCELLED": "Session was cancelled",
    "TEMPORARILY_LEFT": "Customer temporarily left the session",
    "CANCEL_REQUEST": "Request to cancel the session",
    "SESSION_PERIOD": "Session period record",
}


def row(action: str, **changes: Any) -> dict[str, Any]:
    return {"text": TEXTS[action], "date": "2:30 PM", "action_type": action, **changes}


class Log:
    """Makes exchanges with the log of session 1 at 14:30 UTC."""

    def __init__(self, evaluator: Any) -> None:
        self.exchange = evaluator.exchange

    def listed(self, *rows: Any, page: int = 1, last: int = 1) -> Any:
        rows = tuple(row(it) if isinstance(it, str) else it for it in rows)
        data = {"current_page": page, "data": list(rows), "last_page": last}
        return self.exchange("listSessionLogs", {"data": data}, id="1")

    def created(self, action: str, status: int = 200, **changes: Any) -> Any:
        data = {"data": row(action, **changes) if status == 200 else None}
        body = {"action_type": action}
        return self.exchange("createSessionLog", data, status, body=body, id="1")

    def refused(self, *, message: str = ENDED, later: int = 0, **data: Any) -> Any:
        body = {"action_type": "ENTERED"}
        answer = {"message": message, "data": data or None}
        return self.at(later, self.exchange("createSessionLog", answer, 422, body=body, id="1"))

    def at(self, seconds: int, exchange: Any) -> Any:
        response = replace(exchange.exchange.response, timing=Timing(seconds * 1_000_000, 0))
        return replace(exchange, exchange=replace(exchange.exchange, response=response))

    def refused_paging(self, *named: str, **query: Any) -> Any:
        data = {"data": {name: ["wrong"] for name in named}}
        return self.exchange("listSessionLogs", data, 422, id="1", **query)


@pytest.fixture
def log(evaluator: Any) -> Log:
    return Log(evaluator)


SLIP = row("LEFT", text=TEXTS["TEMPORARILY_LEFT"])
HOLDS: dict[str, list[Any]] = {
    "text-belongs-to-the-action": [
        lambda log: [log.listed("ENTERED", "LEFT", SLIP)],
        lambda log: [log.created("LEFT")],
    ],
    "text-is-that-of-the-examples": [lambda log: [log.listed("ENTERED", "LEFT", SLIP)]],
    "text-is-not-that-of-another-action": [
        lambda log: [log.listed(SLIP, row("SESSION_PERIOD", text="Session period: 1:43:28"))]
    ],
    "an-ended-session-has-its-period": [
        lambda log: [log.refused(), log.listed("ENTERED", "SESSION_PERIOD", "ENDED")],
    ],
    "ended-session-stays-ended": [lambda log: [log.refused(), log.refused()]],
    "refusal-has-the-data-of-its-message": [
        lambda log: [log.refused()],
        lambda log: [log.refused(message="بيانات غير صالحة", action_type=["x"])],
    ],
    "listed-action-is-valid": [
        lambda log: [log.created("LEFT")],
        lambda log: [log.refused(message="بيانات غير صالحة", actor=["x"])],
    ],
    "nothing-follows-the-end": [lambda log: [log.listed("ENTERED", "ENDED", "SESSION_PERIOD")]],
    "closing-records-the-period": [
        lambda log: [log.listed("CANCELLED", "SESSION_PERIOD")],
        lambda log: [log.listed("SESSION_PERIOD", "ENDED")],
    ],
    "ended-session-takes-no-entry": [lambda log: [log.created("ENDED"), log.created("LEFT", 422)]],
    "cancelled-session-takes-no-entry": [
        lambda log: [log.created("CANCELLED"), log.created("LEFT", 422)]
    ],
    "session-takes-entries-until-it-ends": [lambda log: [log.created("LEFT"), log.created("LEFT")]],
    "requests-and-records-end-nothing": [
        lambda log: [log.created("SESSION_PERIOD"), log.created("LEFT")]
    ],
    "date-is-the-present-in-some-zone": [
        lambda log: [log.created("LEFT", date="5:30 PM")],
        lambda log: [log.created("LEFT", date="8:16 PM")],
    ],
    "date-is-the-present-in-utc": [lambda log: [log.created("LEFT", date="2:29 PM")]],
    "refused-paging-is-named": [lambda log: [log.refused_paging("page", page=0)]],
}
BREAKS: dict[str, list[Any]] = {
    "text-belongs-to-the-action": [
        lambda log: [log.created("ENDED", text="The end")],
        lambda log: [log.listed(row("ENTERED", text="customer entered the session"))],
    ],
    "text-is-that-of-the-examples": [
        lambda log: [log.created("LEFT", text="Gone")],
        lambda log: [log.listed(row("ENTERED", text="customer entered the session"))],
    ],
    "text-is-not-that-of-another-action": [
        lambda log: [log.created("LEFT", text=TEXTS["ENTERED"])],
        lambda log: [log.listed(row("ENDED", text=TEXTS["CANCELLED"]))],
    ],
    "an-ended-session-has-its-period": [
        lambda log: [log.refused(), log.at(3, log.listed("ENTERED", "ENDED"))],
    ],
    "ended-session-stays-ended": [lambda log: [log.refused(), log.created("LEFT")]],
    "refusal-has-the-data-of-its-message": [
        lambda log: [log.refused(action_type=["x"])],
        lambda log: [log.refused(message="بيانات غير صالحة")],
    ],
    "listed-action-is-valid": [
        lambda log: [log.refused(message="بيانات غير صالحة", action_type=["x"])]
    ],
    "nothing-follows-the-end": [lambda log: [log.listed("ENDED", "SESSION_PERIOD", "LEFT")]],
    "closing-records-the-period": [lambda log: [log.listed("ENTERED", "ENDED")]],
    "ended-session-takes-no-entry": [lambda log: [log.created("ENDED"), log.created("LEFT")]],
    "cancelled-session-takes-no-entry": [
        lambda log: [log.created("CANCELLED"), log.created("ENTERED"), log.created("LEFT")]
    ],
    "session-takes-entries-until-it-ends": [
        lambda log: [log.created("LEFT"), log.created("ENTERED", 422)]
    ],
    "requests-and-records-end-nothing": [
        lambda log: [log.created("CANCEL_REQUEST"), log.created("LEFT", 422)]
    ],
    "date-is-the-present-in-some-zone": [lambda log: [log.created("LEFT", date="2:37 PM")]],
    "date-is-the-present-in-utc": [lambda log: [log.created("LEFT", date="5:30 PM")]],
    "refused-paging-is-named": [
        lambda log: [log.refused_paging("per_page", page=0)],
        lambda log: [log.refused_paging("page", page=0, per_page="many")],
    ],
}
SILENT: dict[str, list[Any]] = {
    "text-is-that-of-the-examples": [lambda log: [log.created("ENDED", text="The end")]],
    "an-ended-session-has-its-period": [
        lambda log: [log.listed("ENTERED", "ENDED")],
        lambda log: [log.refused(), log.at(1, log.listed("ENTERED", "ENDED"))],
        lambda log: [log.refused(), log.at(3, log.listed("ENDED", page=2, last=2))],
        lambda log: [log.refused(message="x"), log.at(3, log.listed("ENTERED", "ENDED"))],
    ],
    "ended-session-stays-ended": [lambda log: [log.refused(message="x"), log.created("LEFT")]],
    "closing-records-the-period": [
        lambda log: [log.listed("ENTERED", "LEFT")],
        lambda log: [log.listed("ENDED", page=1, last=2)],
        lambda log: [log.listed("ENDED", page=2, last=2)],
    ],
    "ended-session-takes-no-entry": [
        lambda log: [log.created("ENDED", 422), log.created("LEFT")],
        lambda log: [log.created("LEFT")],
    ],
    "session-takes-entries-until-it-ends": [
        lambda log: [log.created("LEFT"), log.created("ENDED", 500), log.created("LEFT", 422)],
    ],
    "refused-paging-is-named": [lambda log: [log.refused_paging("page", page=1)]],
}


def flat(cases: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(name, it, id=f"{name}-{n}")
        for name in cases
        for n, it in enumerate(cases[name])
    ]


@pytest.mark.parametrize(("name", "exchanges"), flat(HOLDS))
def test_it_holds(evaluator: Any, log: Log, name: str, exchanges: Any) -> None:
    assert evaluator.evaluate(name, *exchanges(log)) == []


@pytest.mark.parametrize(("name", "exchanges"), flat(BREAKS))
def test_it_is_broken(evaluator: Any, log: Log, name: str, exchanges: Any) -> None:
    assert evaluator.evaluate(name, *exchanges(log))


@pytest.mark.parametrize(("name", "exchanges"), flat(SILENT))
def test_it_has_nothing_to_evaluate(evaluator: Any, log: Log, name: str, exchanges: Any) -> None:
    assert evaluator.evaluate(name, *exchanges(log)) is None
