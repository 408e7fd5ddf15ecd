"""Exchanges made by hand, honest unless they are changed, and what the invariants say of them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mockserver.apis.calwe import api
from mockserver.clock import parse_moment
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.invariant import Interaction
from mockserver.kit import load_kit

TEXTS = {
    "ENTERED": "Customer entered the session",
    "LEFT": "Customer left the session",
    "ENDED": "Session was ended",
    "CANCELLED": "Session was cancelled",
    "TEMPORARILY_LEFT": "Customer temporarily left the session",
    "CANCEL_REQUEST": "Request to cancel the session",
    "SESSION_PERIOD": "Session period record",
}
INVARIANTS = {invariant.name: invariant for invariant in load_kit(api).invariants}


class Calwe:
    """Makes exchanges with the log of session 1 at 14:30 UTC, and holds them against an invariant."""

    def row(self, action: str, **changes: Any) -> dict[str, Any]:
        """An entry."""
        return {"text": TEXTS[action], "date": "2:30 PM", "action_type": action, **changes}

    def rows(self, *actions: str) -> list[dict[str, Any]]:
        """Entries."""
        return [self.row(action) for action in actions]

    def listed(
        self,
        rows: list[Any],
        total: int | None = None,
        page: int = 1,
        per_page: int = 30,
        asked: dict[str, Any] | None = None,
        side: str = "customer",
        **changes: Any,
    ) -> Interaction:
        """A page with these rows of a log of `total` entries; `changes` are the paginator's."""
        total = len(rows) if total is None else total
        last = max(1, -(-total // per_page))
        first = (page - 1) * per_page
        url = f"http://example.com/v1/{side}/sessions/1/log"
        data = {
            "current_page": page,
            "data": rows,
            "first_page_url": f"{url}?page=1",
            "from": first + 1 if rows else None,
            "last_page": last,
            "last_page_url": f"{url}?page={last}",
            "links": [],
            "next_page_url": f"{url}?page={page + 1}" if page < last else None,
            "path": url,
            "per_page": per_page,
            "prev_page_url": f"{url}?page={page - 1}" if page > 1 else None,
            "to": first + len(rows) if rows else None,
            "total": total,
            **changes,
        }
        answer = self.envelope(True, "تم جلب البيانات بنجاح", data, 200)
        arguments = {"per_page": per_page, "page": page, **(asked or {})}
        return self.seen(self._operation("list", side), answer, arguments=arguments)

    def created(
        self, action: Any, answer: Any = None, side: str = "customer", **others: Any
    ) -> Interaction:
        """An entry that was written."""
        data = self.row(action) if answer is None else answer
        answer = self.envelope(True, "تم حفظ البيانات بنجاح", data, 200)
        return self.seen(self._operation("create", side), answer, action=action, **others)

    def refused(
        self, action: Any = "ENTERED", status: int = 422, side: str = "customer", **others: Any
    ) -> Interaction:
        """An entry that was not written, because the session has ended."""
        message = "لايمكنك تسجيل سجل العمليات بعد انتهاء الجلسة"
        answer = self.envelope(False, message, None, status)
        operation = self._operation("create", side)
        return self.seen(operation, answer, status=status, action=action, **others)

    def missing(self, operation: str = "listSessionLogs") -> Interaction:
        """The answer where there is no session."""
        answer = self.envelope(False, "لم يتم العثور على الجلسة", None, 404)
        return self.seen(operation, answer, status=404)

    def envelope(self, success: Any, message: Any, data: Any, code: Any) -> dict[str, Any]:
        """The four keys of every answer."""
        return {"success": success, "message": message, "data": data, "statusCode": code}

    def seen(
        self,
        operation: str,
        answer: Any,
        status: int = 200,
        arguments: dict[str, Any] | None = None,
        action: Any = None,
        session: str = "1",
        at: str = "2025-08-21T14:30:00Z",
        **others: Any,
    ) -> Interaction:
        """An exchange."""
        spec = api.contract.operation(operation)
        body = b"" if action is None else orjson.dumps({"action_type": action})
        request = Request(
            spec.method, spec.path.replace("{id}", session), "", Headers(), others.pop("raw", body)
        )
        own = {} if action is None else {"body": {"action_type": action}}
        response = Response(status, Headers(), orjson.dumps(answer))
        return Interaction(
            operation=spec,
            exchange=Exchange(request, response),
            arguments={"id": session, **(arguments or {}), **own},
            answer=answer,
            moment=parse_moment(at),
            **others,
        )

    def validated(self, invariant: str, now: Interaction, *before: Interaction) -> list[str] | None:
        """What an invariant says of an exchange after others, the oldest first."""
        assert now.operation.id in INVARIANTS[invariant].operations
        return INVARIANTS[invariant].evaluate(now, before)

    def _operation(self, verb: str, side: str) -> str:
        return f"{verb}{'Coach' if side == 'coach' else ''}SessionLog{'s' * (verb == 'list')}"


@pytest.fixture
def calwe() -> Calwe:
    """Makes exchanges, and holds them against an invariant."""
    return Calwe()
