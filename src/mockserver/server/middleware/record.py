"""The recorder's middleware: what the mock or an upstream has responded, without faults."""

from __future__ import annotations

from msgspec import Struct, field
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.api import Api
from mockserver.clock import machine_now
from mockserver.contract import Exchange, Headers, Request, Response
from mockserver.recorder import RecordedExchange, find_unfit, replaces_world
from mockserver.server.middleware.journal import get_notes, keep_notes
from mockserver.server.middleware.sandbox import find_sandbox_name
from mockserver.server.recording import Recording
from mockserver.server.responses import ErrorResponses
from mockserver.server.urls import make_link
from mockserver.traffic.encoding import DecodingError, decode

_SCOPE_KEY = "mockserver.is_recorded"
_LARGEST = 16 * 2**20
_TOO_LARGE = f"have a body of more than {_LARGEST // 2**20} MiB"
_BINARY = "have a body that is no text in UTF-8"
_ENCODED = "have a body in another content coding than gzip and deflate, or a broken one"


class _Parts(Struct):
    """What has passed of an exchange; a body that is too large is not kept."""

    request: bytearray = field(default_factory=bytearray)
    response: bytearray = field(default_factory=bytearray)
    status: int = 0
    fields: Headers = field(default_factory=Headers)
    is_whole: bool = False
    is_too_large: bool = False

    def add(self, body: bytearray, part: bytes) -> None:
        if len(body) + len(part) > _LARGEST:
            self.is_too_large = True
            body.clear()
        elif not self.is_too_large:
            body += part


class RecordExchanges:
    """Records exchanges with the APIs, and when a world was replaced."""

    def __init__(self, app: ASGIApp, recording: Recording, problems: ErrorResponses) -> None:
        self._app = app
        self._recording = recording
        self._problems = problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        api = self._problems.find_api(scope["path"])
        query = scope["query_string"].decode("latin-1")
        is_reset = api is None and replaces_world(scope["method"], scope["path"], query)
        if _SCOPE_KEY in scope or not (api or is_reset):
            await self._app(scope, receive, send)
            return
        parts, scope = _Parts(), keep_notes({**scope, _SCOPE_KEY: True})

        async def receive_part() -> Message:
            message = await receive()
            parts.add(parts.request, message.get("body", b""))
            return message

        async def send_part(message: Message) -> None:
            if message["type"] == "http.response.start":
                parts.status = message["status"]
                parts.fields = Headers.decode(message["headers"])
            elif message["type"] == "http.response.body":
                parts.add(parts.response, message.get("body", b""))
                if not message.get("more_body"):
                    self._add(scope, api, parts)
            await send(message)

        await self._app(scope, receive_part, send_part)

    def _add(self, scope: Scope, api: Api | None, parts: _Parts) -> None:
        at, sandbox = machine_now(), find_sandbox_name(scope)
        if not sandbox:
            return
        if api is None:
            if parts.status < 400:
                self._recording.add(RecordedExchange(at, sandbox))
            return
        sent = Headers.decode(scope["headers"])
        reason = find_unfit(parts.status, parts.fields)
        try:
            request, response = _decode(parts.request, sent), _decode(parts.response, parts.fields)
        except DecodingError:
            reason = reason or _ENCODED
        except UnicodeDecodeError:
            reason = reason or _BINARY
        if reason := reason or (_TOO_LARGE if parts.is_too_large else ""):
            self._recording.add(RecordedExchange(at, sandbox, left_out=reason))
            return
        exchange = RecordedExchange(
            at=at,
            sandbox=sandbox,
            api=api.name,
            method=scope["method"],
            url=make_link(scope, scope["path"]),
            path=scope["path"][len(api.contract.base) :],
            query=scope["query_string"].decode("latin-1"),
            request_type=sent.media_type,
            request=request,
            status=parts.status,
            response_type=parts.fields.media_type,
            response=response,
            world_at=get_notes(scope).world_at,
        )
        message = Exchange(
            Request(exchange.method, exchange.path, exchange.query, sent, request.encode()),
            Response(parts.status, parts.fields, response.encode()),
        )
        self._recording.add_of_api(api, exchange, message)


def _decode(body: bytearray, headers: Headers) -> str:
    """The text of a body. Raises UnicodeDecodeError and DecodingError."""
    return decode(bytes(body), headers.get("content-encoding") or "", _LARGEST).decode()
