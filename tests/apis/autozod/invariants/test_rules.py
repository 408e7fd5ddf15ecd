"""Each invariant of the session logs that is the vendor's own: where it holds, and where it does not."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 86_400


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
        answer = {"summary": whole or own, "daily_breakdown": dated if days is None else days}
        arguments = {
            "team_id": 1000,
            "agent_id": "68a6d35049a09719b70539b4",
            "start_date": f"{first:02}-08-2025",
            "end_date": f"{first + len(actives) - 1:02}-08-2025",
            **query,
        }
        moment = at or "2025-08-21T14:30:00Z"
        return evaluator.exchange("listSessionLogs", {"data": answer}, at=moment, **arguments)

    return make


HONEST = [
    lambda report: [report(1, 100, 0, 7200)],
    lambda report: [report(2, 0), report(1, 100, 0, 7200)],
    lambda report: [report(1, 100), report(2, 0), report(3, 7200), report(1, 100, 0, 7200)],
    lambda report: [report(1, 100, 0), report(1, 86_300, DAY, type="off_duty")],
]


@pytest.mark.parametrize("exchanges", HONEST)
def test_an_honest_deployment_breaks_nothing(evaluator: Any, report: Any, exchanges: Any) -> None:
    for name in evaluator.invariants:
        assert not evaluator.evaluate(name, *exchanges(report))


def null(value: Any) -> Any:
    return [None] * value


BROKEN: list[tuple[str, Any]] = [
    (
        "percentages-add-up-to-100",
        lambda r: [r(1, 100, whole=account(100, DAY - 100, active_percentage=1))],
    ),
    (
        "percentages-are-those-of-the-seconds",
        lambda r: [
            r(1, 100, whole=account(100, DAY - 100, active_percentage=5, inactive_percentage=95))
        ],
    ),
    (
        "formats-say-what-the-seconds-say",
        lambda r: [r(1, 100, whole=account(100, 0, total_active_duration_format="01:40:00"))],
    ),
    ("active-time-has-sessions", lambda r: [r(1, 100, whole=account(100, 0, 0))]),
    ("every-day-has-one-item", lambda r: [r(1, 100, 0, days=null(1))]),
    (
        "days-are-those-of-the-range",
        lambda r: [r(1, 100, days=[{"date": "2025-08-01", **account(100, 0)}])],
    ),
    ("days-add-up-to-the-summary", lambda r: [r(1, 100, 0, whole=account(101, 2 * DAY - 101))]),
    (
        "sessions-fit-those-of-the-days",
        lambda r: [r(1, 100, 50, whole=account(150, 2 * DAY - 150, 3))],
    ),
    ("active-and-inactive-make-up-what-has-elapsed", lambda r: [r(1, 0, whole=account(0, 3600))]),
    (
        "a-day-has-no-more-than-its-hours",
        lambda r: [r(1, 0, days=[{"date": "01-08-2025", **account(0, 28 * 3600)}])],
    ),
    (
        "no-day-begins-before-the-last-is-over",
        lambda r: [
            r(1, 0, 0, days=[{"date": f"0{n}-08-2025", **account(0, 3600)} for n in (1, 2)])
        ],
    ),
    ("the-future-is-zeros", lambda r: [r(29, 5)]),
    ("a-day-is-the-same-in-every-range", lambda r: [r(2, 5), r(1, 100, 0)]),
    (
        "single-days-add-up-to-the-range",
        lambda r: [r(1, 5), r(2, 5), r(1, 100, 0)],
    ),
    ("a-wider-range-has-no-less", lambda r: [r(2, 500), r(1, 100, 0)]),
    (
        "what-still-runs-never-shrinks",
        lambda r: [r(21, 100, whole=account(100, 500)), r(21, 100, whole=account(99, 501))],
    ),
    (
        "what-still-runs-never-shrinks",
        lambda r: [r(21, 100, whole=account(100, 500)), r(21, 100, whole=account(100, 5000))],
    ),
    ("on-and-off-duty-complement-each-other", lambda r: [r(1, 100), r(1, 100, type="off_duty")]),
    (
        "stretches-off-duty-lie-between-sessions",
        lambda r: [r(1, 100), r(1, 86_300, whole=account(86_300, 100, 3), type="off_duty")],
    ),
    ("an-agent-is-in-one-team", lambda r: [r(1, 100), r(1, 100, team_id=1001)]),
]


@pytest.mark.parametrize(("name", "exchanges"), BROKEN)
def test_it_is_broken(evaluator: Any, report: Any, name: str, exchanges: Any) -> None:
    assert evaluator.evaluate(name, *exchanges(report))


def test_nulls_in_the_place_of_days_say_nothing(evaluator: Any, report: Any) -> None:
    now = report(1, 100, 0, days=null(2))
    assert evaluator.evaluate("every-day-has-one-item", now) == []
    for name in ("days-are-those-of-the-range", "days-add-up-to-the-summary"):
        assert evaluator.evaluate(name, now) is None


def test_what_is_not_over_in_every_zone_is_not_compared(evaluator: Any, report: Any) -> None:
    morning, evening = report(20, 5, at="2025-08-21T01:00:00Z"), report(20, 900, 0)
    assert not evaluator.evaluate("a-day-is-the-same-in-every-range", morning, evening)
