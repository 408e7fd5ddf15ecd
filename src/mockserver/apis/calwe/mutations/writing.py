"""What can be wrong with what is written: lost, doubled, taken where it must not be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mockserver.apis.calwe import wire
from mockserver.apis.calwe.mutations.body import CREATES
from mockserver.contract import Request, Response
from mockserver.mutation import (
    Steps,
    Undone,
    answered,
    body_of,
    mutation,
    replied,
    with_json,
    with_status,
)


@replied(*CREATES, status=200)
def created_201(response: Response) -> Response:
    """An entry that is created is answered 201."""
    return with_json(with_status(response, 201), {**body_of(response), "statusCode": 201})


@answered(*CREATES)
def created_without_entry(body: Any) -> Any:
    """What was created is not shown."""
    return {**body, "data": None}


@answered(*CREATES)
def created_echo_of_another(body: Any) -> Any:
    """Whatever was created is shown as ENTERED."""
    entered = {"text": wire.TEXTS["ENTERED"], "action_type": "ENTERED"}
    return {**body, "data": {**body["data"], **entered}}


@mutation(*CREATES)
def write_lost(request: Request) -> Steps:
    """An entry is answered as saved, and not kept."""
    return (yield Undone(request))


@mutation(*CREATES)
def write_doubled(request: Request) -> Steps:
    """An entry is saved twice."""
    response = yield request
    if response.status == 200:
        yield request
    return response


@mutation(*CREATES)
def ended_session_accepts(request: Request) -> Steps:
    """A session that has ended takes one more entry."""
    response = yield request
    if response.status != 422 or body_of(response)["message"] != wire.SESSION_ENDED:
        return response
    action = body_of(request)["action_type"]
    row = {"text": wire.TEXTS[action], "date": "2:30 PM", "action_type": action}
    return with_json(
        with_status(response, 200),
        {"success": True, "message": wire.SAVED, "data": row, "statusCode": 200},
    )


@mutation(*CREATES)
def unknown_action_accepted(request: Request) -> Steps:
    """An action type that is none is taken for ENTERED."""
    response = yield request
    if response.status != 422 or body_of(response)["message"] != wire.INVALID:
        return response
    return (yield replace(request, body=b'{"action_type":"ENTERED"}'))
