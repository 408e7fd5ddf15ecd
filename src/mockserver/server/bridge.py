"""The bridge from ASGI to Flask: called inline, not on a thread.

A handler on the embedded store takes well under a millisecond; handing it to a thread and back
costs more than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import connexion
import flask
from a2wsgi.wsgi import build_environ
from connexion.apps.flask import FlaskApi, FlaskASGIApp
from starlette.types import Receive, Scope, Send

from mockserver.server.call import CALL, Call
from mockserver.server.problems import HttpResponse

__all__ = ["InlineFlaskApp"]


class Bridge:
    """An ASGI app that calls a WSGI app and waits for it."""

    def __init__(self, wsgi_app: Callable[..., Iterable[bytes]]) -> None:
        self._wsgi_app = wsgi_app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. The guard has read the body, so it comes in one message."""
        if scope["type"] != "http":
            return
        message = await receive()
        await self._run(scope, message.get("body", b"")).send(send)

    def _run(self, scope: Scope, body: bytes) -> HttpResponse:
        environ: Any = build_environ(scope, BytesIO(body))  # type: ignore[arg-type]
        call: Call | None = scope.get(CALL)
        environ[CALL] = call
        if call:
            path = call.api.contract.base + call.operation.path
            environ["PATH_INFO"] = path.encode().decode("latin-1")
        environ["HTTP_HOST"] = "localhost"  # Flask refuses some hosts, and no view needs to know it
        started: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            started["status"] = int(status.partition(" ")[0])
            started["headers"] = {name.lower(): value for name, value in headers}

        chunks = self._wsgi_app(environ, start_response)
        try:
            answer = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close:
                close()
        return HttpResponse(started["status"], started["headers"], answer)


class _PlainApi(FlaskApi):  # type: ignore[misc]
    """Registers the resolved view itself: the judge has read the parameters already.

    An operation is registered under its template, as it is written, and asked for by that: Flask
    has another opinion than Connexion on which values fit, of a key that begins with a slash say.
    """

    @staticmethod
    def _framework_path_and_name(operation: Any, path: str) -> tuple[str, str]:
        _, name = FlaskApi._framework_path_and_name(operation, path)
        return path, name

    def make_operation(self, operation: Any) -> Callable[..., flask.Response]:
        view: Callable[..., flask.Response] = operation.function
        return view


class _InlineFlask(FlaskASGIApp):  # type: ignore[misc]
    """Connexion's Flask, across the bridge."""

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name, {"static_folder": None})
        self.app.url_map.merge_slashes = False
        self.asgi_app = Bridge(self.app.wsgi_app)

    def add_api(self, specification: Any, *, name: str | None = None, **kwargs: Any) -> Any:
        api = _PlainApi(specification, **kwargs)
        self.app.register_blueprint(api.blueprint, name=name or api.blueprint.name)
        return api


class InlineFlaskApp(connexion.FlaskApp):  # type: ignore[misc]
    """Connexion's FlaskApp with a bridge and without the layer that reads parameters again."""

    def __init__(self, import_name: str, **options: Any) -> None:
        super().__init__(import_name, **options)
        self._middleware_app = self.middleware.app = _InlineFlask(import_name)
        self.app: flask.Flask = self._middleware_app.app
