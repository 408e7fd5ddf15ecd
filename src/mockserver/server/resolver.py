"""What answers an operation: the line that the mock has in the place of a real upstream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from connexion.resolver import Resolution, Resolver

from mockserver.api import Api
from mockserver.server.call import CALL, Call
from mockserver.server.problems import HttpResponse, make_json_response

__all__ = ["HandlerResolver", "make_operation_key"]

View = Callable[..., flask.Response]


def make_operation_key(api: Api, operation_id: str) -> str:
    """An operation's name among all APIs: Connexion confuses two that have the same."""
    return f"{api.name}.{operation_id}"


class HandlerResolver(Resolver):  # type: ignore[misc]
    """Resolves an operation of one API to a view that runs the vendor's handler."""

    def __init__(self, api: Api) -> None:
        super().__init__()
        self._api = api

    def resolve(self, operation: object) -> Resolution:
        """Connexion's own name for the step."""
        operation_id: str = operation.operation_id  # type: ignore[attr-defined]
        return Resolution(
            _view(self._api, operation_id), make_operation_key(self._api, operation_id)
        )


def _view(api: Api, operation_id: str) -> View:
    operation = api.contract.operation(operation_id)
    handler = api.get_handler(operation)
    success = operation.response(operation.success)
    is_empty = success is not None and not success.content

    def view(**_: str) -> flask.Response:
        call: Call = flask.request.environ[CALL]
        body = handler(call.context, **call.arguments)
        answer = HttpResponse(operation.success) if is_empty else _answer(operation.success, body)
        response = flask.Response(answer.body, answer.status, dict(answer.headers))
        if not answer.body:
            del response.headers["Content-Type"]  # Flask's own, of nothing
        return response

    return view


def _answer(status: int, body: Any) -> HttpResponse:
    """The answer of success; a body in bytes is JSON already."""
    if isinstance(body, bytes):
        return HttpResponse(status, {"content-type": "application/json"}, body)
    return make_json_response(status, body)
