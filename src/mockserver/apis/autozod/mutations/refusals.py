"""What can be wrong with a refusal: its status, its shape, that there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mockserver.apis.autozod.mutations.body import LIST
from mockserver.contract import Headers, Request, Response
from mockserver.mutation import (
    Steps,
    answered,
    asked,
    asked_by,
    html,
    mutation,
    replied,
    with_json,
    with_status,
)


@asked(LIST)
def token_not_checked(request: Request) -> Request:
    """Whatever token there is, or none, is good."""
    return asked_by(request, "authorization", "Bearer good")


@replied(LIST, status=401)
def unauthenticated_as_html(response: Response) -> Response:
    """A token that is refused is answered by a page of HTML."""
    return html(response)


@replied(LIST, status=401)
def unauthenticated_redirected(response: Response) -> Response:
    """A token that is refused leads to a page where one can log in."""
    moved = replace(response, headers=Headers([*response.headers.fields, ("location", "/login")]))
    return html(with_status(moved, 302))


@replied(LIST, status=422)
def invalid_400(response: Response) -> Response:
    """What is invalid is answered 400."""
    return with_status(response, 400)


@answered(LIST, status=422)
def invalid_without_fields(body: Any) -> Any:
    """A refusal of what is invalid does not say which fields are."""
    return {**body, "data": {}}


@answered(LIST, status=422)
def invalid_without_error(body: Any) -> Any:
    """A refusal of what is invalid has no `error`."""
    del body["error"]
    return body


@mutation(LIST)
def body_on_a_get_refused(request: Request) -> Steps:
    """A GET with a body, as the page's own sample sends it, is refused."""
    response = yield request
    if not request.body:
        return response
    return with_json(with_status(response, 400), {"success": False, "message": "Bad request."})
