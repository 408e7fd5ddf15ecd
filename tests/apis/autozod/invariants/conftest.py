"""Exchanges made by hand, honest unless they are changed, and what the invariants say of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from mockserver.apis.autozod import api
from mockserver.clock import parse_moment
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.invariant import Interaction
from mockserver.kit import load_kit

INVARIANTS = {invariant.name: invariant for invariant in load_kit(api).invariants}
AGENT = "68a6d35049a09719b70539b4"
DAY = 86_400


class Autozod:
    """Makes exchanges about one agent of team 1000, and holds them against an invariant.

    The answers come at 14:30 UTC on 21-08-2025, so that 20-08-2025 is over everywhere.
    """

    def account(
        self, active: int, sessions: int = 1, elapsed: int = DAY, **changes: Any
    ) -> dict[str, Any]:
        """Seven numbers that go together."""
        inactive = elapsed - active
        share = round(100 * active / elapsed, 2) if elapsed else 0
        return {
            "total_active_duration_seconds": active,
            "total_active_duration_format": self._format(active),
            "total_session_count": sessions if active else 0,
            "total_inactive_duration_seconds": inactive,
            "total_inactive_duration_format": self._format(inactive),
            "active_percentage": share,
            "inactive_percentage": round(100 - share, 2) if elapsed else 0,
            **changes,
        }

    def nothing(self) -> dict[str, Any]:
        """The account of the future, and of an agent nobody knows."""
        return self.account(0, 0, 0)

    def report(
        self,
        first: str,
        *days: dict[str, Any] | None,
        whole: dict[str, Any] | None = None,
        dates: list[str] | None = None,
        **others: Any,
    ) -> Interaction:
        """What is answered to a range that begins on a day; `whole` is the sum unless given."""
        begin = date(*map(int, reversed(first.split("-"))))
        range = [f"{begin + timedelta(days=n):%d-%m-%Y}" for n, _ in enumerate(days)]
        known = [day for day in days if day is not None]
        summary = whole or self.account(
            sum(day["total_active_duration_seconds"] for day in known),
            sum(day["total_session_count"] for day in known),
            sum(
                day["total_active_duration_seconds"] + day["total_inactive_duration_seconds"]
                for day in known
            ),
        )
        items = [
            None if day is None else {"date": written, **day}
            for written, day in zip(dates or range, days, strict=False)
        ]
        answer = {"success": True, "data": {"summary": summary, "daily_breakdown": items}}
        return self.seen(answer, first, others.pop("last", range[-1]), **others)

    def seen(
        self,
        answer: Any,
        first: str = "18-08-2025",
        last: str = "18-08-2025",
        status: int = 200,
        type: str | None = "on_duty",
        team: int = 1000,
        agent: str = AGENT,
        body: bytes = b"",
        at: str = "2025-08-21T14:30:00Z",
        is_admitted: bool = True,
    ) -> Interaction:
        """An exchange, its request read by the contract."""
        operation = api.contract.operation("listSessionLogs")
        query = {"team_id": team, "agent_id": agent, "start_date": first, "end_date": last}
        query |= {} if type is None else {"type": type}
        request = Request("GET", operation.path, urlencode(query), Headers(), body)
        reading = api.validator.validate_request(operation, request, {})
        return Interaction(
            operation=operation,
            exchange=Exchange(request, Response(status)),
            arguments=reading.arguments,
            is_valid=not reading.violations,
            answer=answer,
            moment=parse_moment(at) if at else 0,
            is_admitted=is_admitted,
        )

    def validated(self, invariant: str, now: Interaction, *before: Interaction) -> list[str] | None:
        """What an invariant says of an exchange, after others."""
        return INVARIANTS[invariant].evaluate(now, before)

    def _format(self, seconds: int) -> str:
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@pytest.fixture
def autozod() -> Autozod:
    """Makes exchanges, and holds them against an invariant."""
    return Autozod()
