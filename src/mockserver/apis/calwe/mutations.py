"""Breaches of Calwe's contract that only somebody who knows Calwe can think of."""

from __future__ import annotations

from typing import Any

from mockserver.apis.calwe import wire
from mockserver.contract import Request
from mockserver.mutation import Flow, change_body, mutation, parse_body, with_json, with_status

_LISTS = ("listSessionLogs", "listCoachSessionLogs")
_CREATES = ("createSessionLog", "createCoachSessionLog")


@change_body(*_LISTS)
def period_record_missing(body: Any) -> Any:
    """The record of a session's period is not listed."""
    page = body["data"]
    kept = [row for row in page["data"] if row["action_type"] != "SESSION_PERIOD"]
    page["total"] -= len(page["data"]) - len(kept)
    page["to"] = page["from"] + len(kept) - 1 if kept else None
    page["data"] = kept
    return body


@change_body(*_CREATES, status=422)
def ended_message_corrected(body: Any) -> Any:
    """The message of a session that has ended is spelled correctly, with its space."""
    if body["message"] == wire.SESSION_ENDED:
        body["message"] = f"{wire.SESSION_ENDED[:2]} {wire.SESSION_ENDED[2:]}"
    return body


@mutation(*_CREATES)
def ended_session_accepts(request: Request) -> Flow:
    """A session that has ended takes one more entry."""
    response = yield request
    if response.status != 422 or parse_body(response)["message"] != wire.SESSION_ENDED:
        return response
    action = parse_body(request)["action_type"]
    row = {"text": wire.TEXTS[action], "date": "2:30 PM", "action_type": action}
    return with_json(
        with_status(response, 200),
        {"success": True, "message": wire.SAVED, "data": row, "statusCode": 200},
    )
