"""What can be wrong with a refusal: its status, its shape, that there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mockserver.apis.autozod.defects.body import LIST
from mockserver.contract import Headers, Request
from mockserver.defect import Steps, answered, asked, defect, html, with_json, with_status


@asked(LIST)
def token_not_checked(request: Request) -> Request:
    """Whatever token there is, or none, is good."""
    others = [field for field in request.headers.fields if field[0] != "authorization"]
    return replace(request, headers=Headers([*others, ("authorization", "Bearer good")]))


@defect(LIST)
def unauthenticated_as_html(request: Request) -> Steps:
    """A token that is refused is answered by a page of HTML."""
    response = yield request
    return html(response) if response.status == 401 else response


@defect(LIST)
def unauthenticated_redirected(request: Request) -> Steps:
    """A token that is refused leads to a page where one can log in."""
    response = yield request
    if response.status != 401:
        return response
    moved = replace(response, headers=Headers([*response.headers.fields, ("location", "/login")]))
    return html(with_status(moved, 302))


@defect(LIST)
def invalid_400(request: Request) -> Steps:
    """What is invalid is answered 400."""
    response = yield request
    return with_status(response, 400) if response.status == 422 else response


@answered(LIST, status=422)
def invalid_without_fields(body: Any) -> Any:
    """A refusal of what is invalid does not say which fields are."""
    return {**body, "data": {}}


@answered(LIST, status=422)
def invalid_without_error(body: Any) -> Any:
    """A refusal of what is invalid has no `error`."""
    del body["error"]
    return body


@defect(LIST)
def body_on_a_get_refused(request: Request) -> Steps:
    """A GET with a body, as the page's own sample sends it, is refused."""
    response = yield request
    if not request.body:
        return response
    return with_json(with_status(response, 400), {"success": False, "message": "Bad request."})
