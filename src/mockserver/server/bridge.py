"""The bridge from Connexion to the handlers: an operation to its handler, and ASGI to Flask.

Flask is called inline, not on a thread (ADR 003), and for the mock's own pages (ADR 045).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import flask
from a2wsgi.wsgi import build_environ
from starlette.types import Receive, Scope, Send

from mockserver.api import Api
from mockserver.contract import Headers, Operation, Response
from mockserver.server.framework import (
    FlaskApi,
    FlaskApp,
    FlaskASGIApp,
    Resolution,
    Resolver,
)
from mockserver.server.responses import WrittenJson, make_json_response, send_response
from mockserver.server.services import CALL, Call
from mockserver.server.urls import PREFIX


def make_operation_key(api: Api, operation_id: str) -> str:
    """A name of an operation that is unique among all APIs, as Connexion demands."""
    return f"{api.name}.{operation_id}"


class HandlerResolver(Resolver):  # type: ignore[misc]
    """Resolves an operation of one API to a view that runs the handler."""

    def __init__(self, api: Api) -> None:
        super().__init__()
        self._api = api

    def resolve(self, operation: object) -> Resolution:
        operation_id: str = operation.operation_id  # type: ignore[attr-defined]
        key = make_operation_key(self._api, operation_id)
        return Resolution(_make_view(self._api, operation_id), key)


def _call_nothing(*_: Any, **__: Any) -> None:
    raise RuntimeError("The dispatch calls no handler where there is none.")


def make_responder(api: Api, operation: Operation) -> Callable[[Call], Response]:
    """What runs the handler of an operation for a call, and writes its response (ADR 045)."""
    handler = api.find_handler(operation) or _call_nothing
    success = operation.response(operation.success)
    is_empty = success is not None and not success.content
    media_type = next(iter(success.content), "") if success else ""
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    written = Headers([("content-type", f"{media_type}{charset}")])

    def respond(call: Call) -> Response:
        body = handler(call.context, **call.arguments)
        if is_empty:
            return Response(operation.success)
        if isinstance(body, bytes):  # written already
            return Response(operation.success, written, body)
        if isinstance(body, WrittenJson):
            shown = body.content, body.value
            return Response(operation.success, written, body.content, written=shown)
        return make_json_response(operation.success, body)

    return respond


def _make_view(api: Api, operation_id: str) -> Callable[..., flask.Response]:
    respond = make_responder(api, api.contract.operation(operation_id))

    def view(**_: str) -> flask.Response:
        response = respond(flask.request.environ[CALL])
        flask_response = flask.Response(response.body, response.status, [*response.headers.fields])
        if not response.body:
            del flask_response.headers["Content-Type"]  # Flask adds one even without a body
        return flask_response

    return view


class Bridge:
    """An ASGI app that calls a WSGI app and waits for it."""

    def __init__(self, wsgi_app: Callable[..., Iterable[bytes]]) -> None:
        self._wsgi_app = wsgi_app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call: Call | None = scope.get(CALL)
        # The whole body: `RequestGuard` has read it.
        sent = call.request.body if call else (await receive()).get("body", b"")
        await send_response(self._run(scope, sent, call), send)

    def _run(self, scope: Scope, sent: bytes, call: Call | None) -> Response:
        environ: Any = build_environ(scope, BytesIO(sent))  # type: ignore[arg-type]
        environ[CALL] = call
        if call:
            path = call.api.contract.base + call.operation.path
            environ["PATH_INFO"] = path.encode().decode("latin-1")
        # Flask refuses some hosts and takes `wss` for a WebSocket, and no view needs either.
        environ |= {"HTTP_HOST": "localhost", "wsgi.url_scheme": "http"}
        environ[PREFIX] = scope.get(PREFIX, "")
        started: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            started["status"] = int(status.partition(" ")[0])
            started["headers"] = Headers(headers)

        # Not werkzeug's `run_wsgi_app`, which copies the environ and the headers at each request.
        chunks = self._wsgi_app(environ, start_response)
        try:
            body = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        return Response(started["status"], started["headers"], body)


class _PlainApi(FlaskApi):  # type: ignore[misc]
    """Registers the resolved view itself: the validator has read the parameters already.

    The route of an operation is its path template as a literal text, and `Bridge` requests that
    one: Flask and Connexion disagree on the values that a template matches, such as `/a`.
    """

    @staticmethod
    def _framework_path_and_name(operation: Any, path: str) -> tuple[str, str]:
        _, name = FlaskApi._framework_path_and_name(operation, path)
        return path, name

    def make_operation(self, operation: Any) -> Callable[..., flask.Response]:
        view: Callable[..., flask.Response] = operation.function
        return view


class _InlineFlask(FlaskASGIApp):  # type: ignore[misc]
    """Connexion's Flask app, called through the bridge."""

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name, {"static_folder": None})
        self.app.url_map.merge_slashes = False
        self.asgi_app = Bridge(self.app.wsgi_app)

    def add_api(self, specification: Any, *, name: str | None = None, **kwargs: Any) -> Any:
        api = _PlainApi(specification, **kwargs)
        self.app.register_blueprint(api.blueprint, name=name or api.blueprint.name)
        return api


class InlineFlaskApp(FlaskApp):  # type: ignore[misc]
    """Connexion's FlaskApp with the bridge, and without the layer that reads parameters again."""

    def __init__(self, import_name: str, **options: Any) -> None:
        super().__init__(import_name, **options)
        self._middleware_app = self.middleware.app = _InlineFlask(import_name)
        self.app: flask.Flask = self._middleware_app.app
