"""Exchanges made by hand, honest unless they are changed, and what the invariants say of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from mockserver.apis.ekran import api
from mockserver.clock import parse_moment
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.invariant import Interaction
from mockserver.kit import load_kit

INVARIANTS = {invariant.name: invariant for invariant in load_kit(api).invariants}
GUID = "1d4fegdr-g3ff-4114-a814-f3aeee14dgdg"


class Ekran:
    """Makes exchanges on 21-08-2025 at 18:00 UTC, and holds them against an invariant."""

    def session(self, id: int, login: str, logout: str | None, **changes: Any) -> dict[str, Any]:
        """A session; times such as `08:00` are those of 21-08-2025, `20T08:00` of the 20th."""
        return {
            "clientGuid": GUID,
            "logoutDate": None if logout is None else self._time(logout),
            "loginDate": self._time(login),
            "sessionId": id,
            "userId": 61,
            **changes,
        }

    def listed(self, *sessions: dict[str, Any], **others: Any) -> Interaction:
        """What is answered; `start` and `end` are the bounds."""
        return self.seen(list(sessions), **others)

    def seen(
        self,
        answer: Any,
        start: str | None = None,
        end: str | None = None,
        at: str = "18:00",
        status: int = 200,
    ) -> Interaction:
        """An exchange, its request read by the contract."""
        operation = api.contract.operation("listSessions")
        given = {"start": start, "end": end}
        query = {name: self._bound(text) for name, text in given.items() if text is not None}
        request = Request("GET", operation.path, urlencode(query), Headers())
        reading = api.validator.validate_request(operation, request, {})
        return Interaction(
            operation=operation,
            exchange=Exchange(request, Response(status)),
            arguments=reading.arguments,
            is_valid=not reading.violations,
            answer=answer,
            moment=parse_moment(self._time(at)) if at else 0,
        )

    def validated(self, invariant: str, now: Interaction, *before: Interaction) -> list[str] | None:
        """What an invariant says of an exchange, after others."""
        return INVARIANTS[invariant].evaluate(now, before)

    def _time(self, text: str) -> str:
        day, _, time = text.rpartition("T")
        return f"2025-08-{day or '21'}T{time + ':00'[: 8 - len(time)]}.000+00:00"

    def _bound(self, text: str) -> str:
        return f"2025-08-21T{text}" if ":" in text and "-" not in text else text


@pytest.fixture
def ekran() -> Ekran:
    """Makes exchanges, and holds them against an invariant."""
    return Ekran()
