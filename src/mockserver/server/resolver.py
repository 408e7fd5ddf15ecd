"""What answers an operation: the line that the mock has in the place of a real upstream."""

from __future__ import annotations

from collections.abc import Callable

import flask
from connexion.resolver import Resolution, Resolver

from mockserver.api import Api
from mockserver.server.call import CALL, Call
from mockserver.server.problems import json_answer

__all__ = ["HandlerResolver", "operation_key"]

View = Callable[..., flask.Response]


def operation_key(api: Api, operation_id: str) -> str:
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
        return Resolution(_view(self._api, operation_id), operation_key(self._api, operation_id))


def _view(api: Api, operation_id: str) -> View:
    operation = api.contract.operation(operation_id)
    handler = api.handler(operation)

    def view(**_: str) -> flask.Response:
        call: Call = flask.request.environ[CALL]
        answer = json_answer(operation.success, handler(call.world, **call.arguments))
        return flask.Response(answer.body, answer.status, dict(answer.headers))

    return view
