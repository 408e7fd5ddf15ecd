"""What can be wrong with a refusal: its status, its message, that there is none."""

from __future__ import annotations

from typing import Any

from mockserver.apis.calwe import wire
from mockserver.apis.calwe.mutations.body import CREATES, LISTS, OPERATIONS
from mockserver.contract import Headers, Request, Response
from mockserver.mutation import (
    Steps,
    Undone,
    answered,
    asked,
    asked_by,
    body_of,
    html,
    mutation,
    replied,
    with_json,
    with_status,
)


@replied(*OPERATIONS, status=404)
def not_found_as_html(response: Response) -> Response:
    """A session that is unknown is answered by a page of HTML."""
    return html(response)


@answered(*OPERATIONS, status=404)
def not_found_in_english(body: Any) -> Any:
    """The message of a session that is unknown is in English."""
    return {**body, "message": "Session not found"}


@replied(*LISTS, status=404)
def unknown_session_empty(response: Response) -> Response:
    """A session that is unknown has an empty log."""
    body = wire.listed([], total=0, page=1, per_page=30, url="http://localhost/v1")
    return with_json(with_status(response, 200), body)


@answered(*CREATES, status=422)
def ended_message_corrected(body: Any) -> Any:
    """The message of a session that has ended is spelled as it should be, with its space."""
    message = body["message"]
    if message == wire.SESSION_ENDED:
        message = f"{message[:2]} {message[2:]}"
    return {**body, "message": message}


@answered(*OPERATIONS, status=422)
def invalid_without_fields(body: Any) -> Any:
    """A refusal of what is invalid does not say which fields are."""
    return {**body, "data": None}


@answered(*OPERATIONS, status=422)
def invalid_field_as_text(body: Any) -> Any:
    """A field's messages are one text, and no list."""
    data = body["data"]
    return body if data is None else {**body, "data": {name: data[name][0] for name in data}}


@replied(*OPERATIONS, status=422)
def invalid_400(response: Response) -> Response:
    """What is invalid is answered 400."""
    return with_json(with_status(response, 400), {**body_of(response), "statusCode": 400})


@asked(*OPERATIONS)
def token_not_checked(request: Request) -> Request:
    """Whatever token there is, or none, is good."""
    return asked_by(request, "authorization", "Bearer good")


@answered(*OPERATIONS, status=401)
def unauthenticated_null(body: Any) -> Any:
    """The `data` of a 401 is null, and no empty list."""
    return {**body, "data": None}


@mutation(*OPERATIONS)
def token_always_refused(request: Request) -> Steps:
    """No token is good."""
    yield Undone(request)
    refusal = {"success": False, "message": wire.UNAUTHENTICATED, "data": [], "statusCode": 401}
    return with_json(Response(401, Headers([("content-type", "application/json")])), refusal)
