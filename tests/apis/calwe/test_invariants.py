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

    def page(self, *rows: Any, status: int = 200, **query: Any) -> Any:
        """A page of a log of 75 entries, whose links repeat the query."""
        changes = {name[4:]: query.pop(name) for name in list(query) if name.startswith("say_")}
        size, number = query.get("per_page", 30), query.get("page", 1)
        url = "http://calwe.example/customer/sessions/1/log"
        link = f"{url}?per_page={size}&page="
        first = (number - 1) * size
        data = {
            "current_page": number,
            "data": [row(it) if isinstance(it, str) else it for it in rows] or [row("LEFT")] * size,
            "first_page_url": f"{link}1",
            "from": first + 1,
            "last_page": -(-75 // size),
            "last_page_url": f"{link}{-(-75 // size)}",
            "links": [],
            "next_page_url": f"{link}{number + 1}",
            "path": url,
            "per_page": size,
            "prev_page_url": f"{link}{number - 1}" if number > 1 else None,
            "to": first + size,
            "total": len(rows) or 75,
            **changes,
        }
        return self.exchange("listSessionLogs", {"data": data}, status, id="1", **query)

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
EARLIER = row("LEFT", date="2:29 PM")
HOLDS: dict[str, list[Any]] = {
    "links-lead-to-their-pages": [lambda log: [log.page(per_page=10, page=2)]],
    "page-size-is-as-requested": [lambda log: [log.page(per_page=10)]],
    "a-larger-page-size-is-as-requested": [lambda log: [log.page(per_page=50)]],
    "what-is-found-is-found-again": [lambda log: [log.page(), log.page()]],
    "what-is-created-is-listed": [
        # Entries of one minute may be of one second.
        lambda log: [log.created("ENTERED"), log.page(EARLIER, "ENTERED", "LEFT", "LEFT")],
        lambda log: [log.created("ENDED"), log.page(EARLIER, "ENDED", "SESSION_PERIOD")],
    ],
    "a-text-belongs-to-its-value": [
        lambda log: [log.listed("ENTERED", "LEFT", SLIP)],
        lambda log: [log.created("LEFT")],
    ],
    "a-text-is-that-of-the-examples": [lambda log: [log.listed("ENTERED", "LEFT", SLIP)]],
    "a-text-is-not-that-of-another-value": [
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
    "closed-session-takes-no-entry": [
        lambda log: [log.created("ENDED"), log.created("LEFT", 422)],
        lambda log: [log.created("CANCELLED"), log.created("LEFT", 422)],
    ],
    "session-takes-entries-until-it-ends": [lambda log: [log.created("LEFT"), log.created("LEFT")]],
    "requests-and-records-end-nothing": [
        lambda log: [log.created("SESSION_PERIOD"), log.created("LEFT")]
    ],
    "the-present-is-the-moment-of-the-response": [
        lambda log: [log.created("LEFT", date="5:30 PM")],
        lambda log: [log.created("LEFT", date="8:16 PM")],
    ],
    "the-present-is-the-moment-of-the-response-in-utc": [
        lambda log: [log.created("LEFT", date="2:29 PM")]
    ],
    "a-refusal-names-what-is-wrong": [lambda log: [log.refused_paging("page", page=0)]],
}
BREAKS: dict[str, list[Any]] = {
    "links-lead-to-their-pages": [
        lambda log: [log.page(say_next_page_url="http://calwe.example/other?page=2")],
        lambda log: [
            log.page(say_next_page_url="http://calwe.example/customer/sessions/1/log?page=3")
        ],
        lambda log: [log.page(say_next_page_url=None)],
    ],
    "page-size-is-as-requested": [lambda log: [log.page(per_page=10, say_per_page=30)]],
    "a-larger-page-size-is-as-requested": [lambda log: [log.page(per_page=50, say_per_page=40)]],
    "what-is-found-is-found-again": [lambda log: [log.page(), log.page(status=404)]],
    "what-is-created-is-listed": [
        lambda log: [log.created("ENTERED"), log.page("ENTERED", EARLIER, EARLIER)],
        lambda log: [log.created("ENTERED"), log.page(EARLIER, "LEFT")],
    ],
    "a-text-belongs-to-its-value": [
        lambda log: [log.created("ENDED", text="The end")],
        lambda log: [log.listed(row("ENTERED", text="customer entered the session"))],
    ],
    "a-text-is-that-of-the-examples": [
        lambda log: [log.created("LEFT", text="Gone")],
        lambda log: [log.listed(row("ENTERED", text="customer entered the session"))],
    ],
    "a-text-is-not-that-of-another-value": [
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
    "closed-session-takes-no-entry": [
        lambda log: [log.created("ENDED"), log.created("LEFT")],
        lambda log: [log.created("CANCELLED"), log.created("ENTERED"), log.created("LEFT")],
    ],
    "session-takes-entries-until-it-ends": [
        lambda log: [log.created("LEFT"), log.created("ENTERED", 422)]
    ],
    "requests-and-records-end-nothing": [
        lambda log: [log.created("CANCEL_REQUEST"), log.created("LEFT", 422)]
    ],
    "the-present-is-the-moment-of-the-response": [
        lambda log: [log.created("LEFT", date="2:37 PM")]
    ],
    "the-present-is-the-moment-of-the-response-in-utc": [
        lambda log: [log.created("LEFT", date="5:30 PM")]
    ],
    "a-refusal-names-what-is-wrong": [
        lambda log: [log.refused_paging("per_page", page=0)],
        lambda log: [log.refused_paging("page", page=0, per_page="many")],
    ],
}
SILENT: dict[str, list[Any]] = {
    "page-size-is-as-requested": [lambda log: [log.page(per_page=50, say_per_page=40)]],
    "a-larger-page-size-is-as-requested": [lambda log: [log.page(per_page=30)]],
    "what-is-found-is-found-again": [lambda log: [log.page(), log.page(status=404, page=9)]],
    "a-text-is-that-of-the-examples": [lambda log: [log.created("ENDED", text="The end")]],
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
    "closed-session-takes-no-entry": [
        lambda log: [log.created("ENDED", 422), log.created("LEFT")],
        lambda log: [log.created("LEFT")],
    ],
    "session-takes-entries-until-it-ends": [
        lambda log: [log.created("LEFT"), log.created("ENDED", 500), log.created("LEFT", 422)],
    ],
    "a-refusal-names-what-is-wrong": [lambda log: [log.refused_paging("page", page=1)]],
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
