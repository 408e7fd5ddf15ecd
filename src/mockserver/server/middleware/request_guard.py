"""Refuses malformed requests before routing, and reads the whole body."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.errors import HttpError
from mockserver.server.middleware.control_access import AUTHORISED

_BROKEN_ENCODING = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CLOSE = {"Connection": "close"}


class RequestGuard:
    """Passes requests with a valid request line and a body within the limit.

    The body is read here, before the transaction begins, so that a slow client cannot prolong it.
    """

    def __init__(self, app: ASGIApp, limit: int, control_limit: int) -> None:
        """Limits are in bytes; `control_limit` is for authorised requests to the control API."""
        self._app = app
        self._limit = limit
        self._control_limit = control_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises HttpError."""
        _check_line(scope)
        body = await self._read(scope, receive)
        if body is None:
            return  # the client has disconnected
        message: Message = {"type": "http.request", "body": body, "more_body": False}

        async def receive_whole() -> Message:
            return message

        await self._app(scope, receive_whole, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        limit = self._control_limit if AUTHORISED in scope else self._limit
        for name, value in scope["headers"]:
            if name == b"content-length" and int(value) > limit:
                raise HttpError(413, headers=_CLOSE)
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                raise HttpError(413, headers=_CLOSE)
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)


def _check_line(scope: Scope) -> None:
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    if _BROKEN_ENCODING.search(raw_path) or _BROKEN_ENCODING.search(query):
        raise HttpError(400, "The URL has a '%' without two hexadecimal digits after it")
    if not query.isascii():
        raise HttpError(400, "The query has characters that are not percent-encoded")
    if _CONTROL.search(scope["path"]):
        raise HttpError(400, "The path has a control character")
    if "\ufffd" in scope["path"] and b"%EF%BF%BD" not in raw_path.upper():
        raise HttpError(400, "The path is not UTF-8")
