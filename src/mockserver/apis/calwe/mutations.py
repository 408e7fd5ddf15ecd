"""Breaches of Calwe's contract that only somebody who knows Calwe can think of."""

from __future__ import annotations

from typing import Any

from mockserver.apis.calwe import wire
from mockserver.contract import Request
from mockserver.mutation import (
    Flow,
    change_body,
    mutation,
    parse_body,
    with_json,
    with_status,
)

_LISTS = ("listSessionLogs", "listCoachSessionLogs")
_CREATES = ("createSessionLog", "createCoachSessionLog")


def _with_page(body: Any, **fields: Any) -> Any:
    """The body with other fields in its paginator."""
    return {**body, "data": {**body["data"], **fields}}


@change_body(*_LISTS)
def text_of_another_action(body: Any) -> Any:
    """The text of LEFT is that of ENTERED."""
    entered = wire.TEXTS["ENTERED"]
    rows = [
        {**row, "text": entered} if row["action_type"] == "LEFT" else row
        for row in body["data"]["data"]
    ]
    return _with_page(body, data=rows)


@change_body(*_LISTS)
def period_record_missing(body: Any) -> Any:
    """The record of a session's period is not listed."""
    rows = body["data"]["data"]
    kept = [row for row in rows if row["action_type"] != "SESSION_PERIOD"]
    lost = len(rows) - len(kept)
    first, total = body["data"]["from"], body["data"]["total"]
    end = first + len(kept) - 1 if kept else None
    return _with_page(body, data=kept, total=total - lost, to=end)


@change_body(*_CREATES, status=422)
def ended_message_corrected(body: Any) -> Any:
    """The message of a session that has ended is spelled correctly, with its space."""
    message = body["message"]
    if message == wire.SESSION_ENDED:
        message = f"{message[:2]} {message[2:]}"
    return {**body, "message": message}


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
