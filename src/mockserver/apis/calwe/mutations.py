"""Breaches of Calwe's contract that only somebody who knows Calwe can think of."""

from __future__ import annotations

from typing import Any

from mockserver.apis.calwe import wire
from mockserver.contract import Request, Response
from mockserver.mutation import (
    Flow,
    change_body,
    change_response,
    get_query,
    mutation,
    parse_body,
    with_body,
    with_json,
    with_query,
    with_status,
)

_LISTS = ("listSessionLogs", "listCoachSessionLogs")
_CREATES = ("createSessionLog", "createCoachSessionLog")


def _with_page(body: Any, **fields: Any) -> Any:
    """The body with other fields in its paginator."""
    return {**body, "data": {**body["data"], **fields}}


@change_response(*_LISTS, *_CREATES)
def arabic_escaped(response: Response) -> Response:
    """Arabic is escaped to ASCII in the JSON."""
    text = response.body.decode()
    escaped = "".join(one if one.isascii() else f"\\u{ord(one):04x}" for one in text)
    return with_body(response, escaped)


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


@change_body(*_LISTS)
def reads_stale(body: Any) -> Any:
    """The entry that was written last is not listed yet."""
    data = body["data"]
    total, last = data["total"] - 1, data["to"]
    if last != data["total"]:
        return _with_page(body, total=total)
    rows = data["data"][:-1]
    last_page = max(1, -(-total // data["per_page"]))
    return _with_page(
        body,
        data=rows,
        total=total,
        to=last - 1 if rows else None,
        last_page=last_page,
        last_page_url=f"{data['path']}?page={last_page}",
        **{"from": data["from"] if rows else None},
    )


@change_body(*_LISTS)
def current_page_always_first(body: Any) -> Any:
    """`current_page` is 1 on every page."""
    return _with_page(body, current_page=1)


@mutation(*_LISTS)
def pages_overlap(request: Request) -> Flow:
    """A page begins with the last entry of the page before it."""
    response = yield request
    page = get_query(request, "page") or "1"
    if response.status != 200 or not parse_body(response)["data"]["data"] or page == "1":
        return response
    before = yield with_query(request, page=str(int(page) - 1))
    body, last = parse_body(response), parse_body(before)["data"]["data"][-1]
    return with_json(response, _with_page(body, data=[last, *body["data"]["data"][1:]]))


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
