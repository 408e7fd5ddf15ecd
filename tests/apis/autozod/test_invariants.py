"""Each of Autozod's own invariants: reports that conform, and violations."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 86_400
NUMBERS = "numbers-follow-from-the-active-and-the-inactive-seconds"
ITEMS = "every-day-of-the-range-has-one-item"
SUM = "days-add-up-to-the-summary"
ELAPSED = "active-and-inactive-make-up-what-has-elapsed"
SAME = "a-day-is-the-same-in-every-range"
NO_LESS = "a-wider-or-later-report-has-no-less"
COMPLEMENT = "on-and-off-duty-complement-each-other"
ONE_TEAM = "an-agent-is-in-one-team"


def account(active: int, inactive: int, sessions: int = -1, **changes: Any) -> dict[str, Any]:
    """An account whose numbers go together, with one session where there is active time."""
    share = round(100 * active / (active + inactive), 2) if active + inactive else 0
    texts = [f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}" for n in (active, inactive)]
    return {
        "total_active_duration_seconds": active,
        "total_active_duration_format": texts[0],
        "total_session_count": int(active > 0) if sessions < 0 else sessions,
        "total_inactive_duration_seconds": inactive,
        "total_inactive_duration_format": texts[1],
        "active_percentage": share,
        "inactive_percentage": round(100 - share, 2) if active + inactive else 0,
        **changes,
    }


@pytest.fixture
def report(evaluator: Any) -> Any:
    """Makes the report of days of August 2025, the first one and the active seconds of each."""

    def make(
        first: int, *actives: int, whole: Any = None, days: Any = None, at: str = "", **query: Any
    ) -> Any:
        accounts = [account(active, DAY - active) for active in actives]
        dated = [{"date": f"{first + n:02}-08-2025", **it} for n, it in enumerate(accounts)]
        total = sum(actives)
        own = account(total, DAY * len(actives) - total, sum(it > 0 for it in actives))
        data = {"summary": whole or own, "daily_breakdown": dated if days is None else days}
        arguments = {
            "team_id": 1000,
            "agent_id": "68a6d35049a09719b70539b4",
            "start_date": f"{first:02}-08-2025",
            "end_date": f"{first + len(actives) - 1:02}-08-2025",
            **query,
        }
        moment = at or "2025-08-21T14:30:00Z"
        return evaluator.exchange("listAgentSessionLogs", {"data": data}, at=moment, **arguments)

    return make


CONFORMING = [
    lambda report: [report(1, 100, 0, 7200)],
    lambda report: [report(2, 0), report(1, 100, 0, 7200)],
    lambda report: [report(1, 100), report(2, 0), report(3, 7200), report(1, 100, 0, 7200)],
    lambda report: [report(1, 100, 0), report(1, 86_300, DAY, type="off_duty")],
]


@pytest.mark.parametrize("exchanges", CONFORMING)
def test_correct_reports_violate_nothing(evaluator: Any, report: Any, exchanges: Any) -> None:
    for name in evaluator.invariants:
        assert not evaluator.evaluate(name, *exchanges(report))


def item(day: int, *numbers: int) -> dict[str, Any]:
    return {"date": f"{day:02}-08-2025", **account(*numbers)}


def one_by_one(report: Any, *actives: int) -> list[Any]:
    """The first days of the month, one by one and then in one report of 100 active seconds."""
    days = [report(n, active, days=[None]) for n, active in enumerate(actives, 1)]
    return [*days, report(1, 100, *(0 for _ in actives[1:]), days=[None] * len(actives))]


VIOLATIONS: list[tuple[str, Any]] = [
    (NUMBERS, lambda r: [r(1, 100, whole=account(100, DAY - 100, active_percentage=1))]),
    (
        NUMBERS,
        lambda r: [
            r(1, 100, whole=account(100, DAY - 100, active_percentage=5, inactive_percentage=95))
        ],
    ),
    (
        NUMBERS,
        lambda r: [r(1, 100, whole=account(100, 0, total_active_duration_format="01:40:00"))],
    ),
    (NUMBERS, lambda r: [r(1, 100, whole=account(100, 0, 0))]),
    (NUMBERS, lambda r: [r(1, 100, days=[item(1, 100, 0, 0)])]),
    (ITEMS, lambda r: [r(1, 100, 0, days=[None])]),
    (ITEMS, lambda r: [r(1, 100, days=[item(2, 100, 0)])]),
    (ITEMS, lambda r: [r(1, 100, days=[{**item(1, 100, 0), "date": "2025-08-01"}])]),
    (SUM, lambda r: [r(1, 100, 0, whole=account(101, 2 * DAY - 101))]),
    (SUM, lambda r: [r(1, 100, 50, whole=account(150, 2 * DAY - 150, 3))]),
    (SUM, lambda r: [r(1, 100, 50, whole=account(150, 2 * DAY - 150, 0))]),
    (SUM, lambda r: one_by_one(r, 5, 5)),
    (ELAPSED, lambda r: [r(1, 0, whole=account(0, 3600))]),
    (ELAPSED, lambda r: [r(1, 0, days=[item(1, 0, 28 * 3600)])]),
    (ELAPSED, lambda r: [r(1, 0, 0, days=[item(n, 0, 3600) for n in (1, 2)])]),
    (ELAPSED, lambda r: [r(29, 5)]),
    (SAME, lambda r: [r(2, 5), r(1, 100, 0)]),
    (NO_LESS, lambda r: [r(2, 500), r(1, 100, 0)]),
    (NO_LESS, lambda r: [r(1, 100, 0), r(2, 500)]),
    (
        NO_LESS,
        lambda r: [r(21, 100, whole=account(100, 500)), r(21, 100, whole=account(99, 501))],
    ),
    (
        NO_LESS,
        lambda r: [r(21, 100, whole=account(100, 500)), r(21, 100, whole=account(100, 5000))],
    ),
    (COMPLEMENT, lambda r: [r(1, 100), r(1, 100, type="off_duty")]),
    (COMPLEMENT, lambda r: [r(1, 100, type="off_duty"), r(1, 100)]),
    (
        COMPLEMENT,
        lambda r: [r(1, 100), r(1, 86_300, whole=account(86_300, 100, 3), type="off_duty")],
    ),
    (ONE_TEAM, lambda r: [r(1, 100), r(1, 100, team_id=1001)]),
]


@pytest.mark.parametrize(("name", "exchanges"), VIOLATIONS)
def test_a_violation_is_found(evaluator: Any, report: Any, name: str, exchanges: Any) -> None:
    assert evaluator.evaluate(name, *exchanges(report))


def test_days_that_are_null_are_added_up_as_they_were_requested_one_by_one(
    evaluator: Any, report: Any
) -> None:
    *days, whole = one_by_one(report, 100, 0)
    assert evaluator.evaluate(SUM, *days, whole) == []
    assert evaluator.evaluate(SUM, days[0], whole) is None
    assert evaluator.evaluate(ITEMS, whole) is None


def test_a_day_is_compared_when_it_is_over_on_baker_island(evaluator: Any, report: Any) -> None:
    later = report(20, 900, 0)
    for at, expected in (("2025-08-21T12:00:00Z", None), ("2025-08-21T12:05:00Z", [])):
        assert evaluator.evaluate(SAME, report(20, 900, at=at), later) == expected


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"summary": None, "daily_breakdown": []},
        {"summary": account(60, 0), "daily_breakdown": None},
        {"summary": account(60, 0, total_session_count=-1), "daily_breakdown": []},
        {"summary": account(60, 0, active_percentage=float("nan")), "daily_breakdown": []},
        {"summary": account(60, 0, total_active_duration_format=60), "daily_breakdown": []},
    ],
)
def test_a_body_of_another_shape_is_no_report(evaluator: Any, report: Any, data: Any) -> None:
    now = report(1, 60)
    assert evaluator.evaluate(NUMBERS, now) == []
    other = type(now)(now.operation, now.exchange, now.arguments, response_body={"data": data})
    assert evaluator.evaluate(NUMBERS, other) is None
