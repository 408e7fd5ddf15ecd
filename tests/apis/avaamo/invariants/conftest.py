"""Exchanges made by hand, honest unless they are changed, and what the invariants say of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from mockserver.apis.avaamo import api
from mockserver.clock import parse_moment
from mockserver.contract import Exchange, Request, Response
from mockserver.invariant import Interaction
from mockserver.kit import load_kit

LIST = api.contract.operation("listChangeLogs")
INVARIANTS = {invariant.name: invariant for invariant in load_kit(api).invariants}
NOW = 1755786600
"""2025-08-21T14:30:00Z, when every exchange was answered."""


class Avaamo:
    """Makes exchanges with the changelog, and holds them against an invariant."""

    now = NOW

    def entry(self, id: int, ago: int = 0, **changes: Any) -> dict[str, Any]:
        """An entry, so many seconds old."""
        return {
            "id": id,
            "resource": {"id": 739, "type": "User"},
            "action": "update",
            "changelog": "Donna Miller updated User Donna Miller status from 'offline' to 'active'",
            "timestamp": NOW - ago,
            "dashboard_user": {"id": 739, "display_name": "Donna Miller", "email": "d@avaamo.com"},
            **changes,
        }

    def entries(self, *ids: int, **changes: Any) -> list[dict[str, Any]]:
        """Entries, each as many hundreds of seconds old as its id is below 100."""
        return [self.entry(id, (100 - id) * 100, **changes) for id in ids]

    def listed(
        self,
        entries: list[Any],
        total: int | None = None,
        page: int = 1,
        per_page: int = 25,
        asked: dict[str, Any] | None = None,
        **changes: Any,
    ) -> Interaction:
        """A page with these entries of `total`; `changes` are the answer's, `asked` the query."""
        total = len(entries) if total is None else total
        answer = {
            "current_page": page,
            "per_page": per_page,
            "total_entries": total,
            "total_pages": max(1, -(-total // per_page)),
            "time_token": NOW + 0.5,
            "entries": entries,
            **changes,
        }
        arguments = {
            "page": page,
            "per_page": per_page,
            "actions": ["update", "create", "destroy"],
            **(asked or {}),
        }
        return self.seen(answer, arguments=arguments)

    def seen(
        self,
        answer: Any,
        status: int = 200,
        arguments: dict[str, Any] | None = None,
        query: dict[str, Any] | None = None,
        **others: Any,
    ) -> Interaction:
        """An exchange."""
        request = Request("GET", "/cap/change_logs.json", urlencode(query or {}))
        return Interaction(
            operation=LIST,
            exchange=Exchange(request, Response(status)),
            arguments=arguments or {},
            answer=answer,
            moment=parse_moment("2025-08-21T14:30:00Z"),
            **others,
        )

    def validated(self, invariant: str, now: Interaction, *before: Interaction) -> list[str] | None:
        """What an invariant says of an exchange after others, the oldest first."""
        return INVARIANTS[invariant].evaluate(now, before)


@pytest.fixture
def avaamo() -> Avaamo:
    """Makes exchanges, and holds them against an invariant."""
    return Avaamo()
