"""Refuses malformed requests before routing, and reads the whole body."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.contract import Operation
from mockserver.errors import HttpError
from mockserver.server.content_coding import Decoder, find_coding
from mockserver.server.middleware.control_access import AUTHORISED

_BROKEN_ENCODING = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CLOSE = {"Connection": "close"}


BODY_FILE = "mockserver.body"
"""The key in an ASGI scope of the file that has the body, where it may be long."""
_IN_MEMORY = 1024 * 1024
"""So much of a body is held in memory before it is written to a file."""


class RequestGuard:
    """Passes requests with a valid request line and a body within the limit, decoded.

    The body is read here, before the transaction begins, so that a slow client cannot prolong it.
    Afterwards `receive` waits until the client leaves.
    """

    def __init__(self, app: ASGIApp, limit: int, control_limit: int) -> None:
        """Limits are in bytes; `control_limit` is for scenarios and snapshots."""
        self._app = app
        self._limit = limit
        self._control_limit = control_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises HttpError."""
        _check_line(scope)
        operation: Operation | None = scope.get(AUTHORISED)
        if operation and operation.is_streamed:
            await self._pass_file(scope, receive, send)
            return
        decoder = _find_decoder(scope)
        chunks: list[bytes] = []
        # A vendor has its own sentence.
        option = "--body-limit" if operation else ""
        if await _read(scope, receive, self._limit, chunks.append, decoder, option):
            body = b"".join(chunks)
            scope = _describe_decoded(scope, len(body)) if decoder else scope
            await self._app(scope, _receive_again(body, receive), send)

    async def _pass_file(self, scope: Scope, receive: Receive, send: Send) -> None:
        decoder = _find_decoder(scope)
        with SpooledTemporaryFile(_IN_MEMORY) as file:
            try:
                limit, option = self._control_limit, "--control-body-limit"
                is_whole = await _read(scope, receive, limit, file.write, decoder, option)
            except OSError as error:  # the disk is full
                sentence = f"The body cannot be kept in a temporary file: {error.strerror}"
                raise HttpError(503, sentence, _CLOSE) from error
            if is_whole:
                scope = _describe_decoded(scope, file.tell()) if decoder else scope
                scope = {**scope, BODY_FILE: file if file.tell() else None}
                await self._app(scope, _receive_again(b"", receive), send)


def _find_decoder(scope: Scope) -> Decoder | None:
    """The decoder of the body, if it is encoded. Raises HttpError."""
    values = [value for name, value in scope["headers"] if name == b"content-encoding"]
    coding = find_coding(b",".join(values).decode("latin-1")) if values else ""
    return Decoder(coding) if coding else None


def _describe_decoded(scope: Scope, length: int) -> Scope:
    """The scope of the request as if its body had been sent without a coding."""
    dropped = (b"content-encoding", b"content-length", b"transfer-encoding")
    headers = [field for field in scope["headers"] if field[0] not in dropped]
    return {**scope, "headers": [*headers, (b"content-length", str(length).encode())]}


async def _read(
    scope: Scope,
    receive: Receive,
    limit: int,
    write: Callable[[bytes], object],
    decoder: Decoder | None,
    option: str,
) -> bool:
    """Write the decoded body somewhere; False if the client disconnects.

    Raises HttpError, which names the option that has set the limit, if there is one to name.
    """
    sentence = f"The body is larger than {limit} bytes; {option} sets this limit" if option else ""
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > limit:
            raise HttpError(413, sentence, _CLOSE)
    sent = size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        chunk: bytes = message.get("body", b"")
        sent += len(chunk)
        for part in decoder.decode(chunk) if decoder else (chunk,):
            size += len(part)
            if max(sent, size) > limit:
                raise HttpError(413, sentence, _CLOSE)
            write(part)
            if decoder:
                await asyncio.sleep(0)  # others are served between the parts
        if not message.get("more_body", False):
            if decoder:
                decoder.end()
            return True


def receive_first(messages: Iterable[Message], receive: Receive) -> Receive:
    """Receives these messages, and then what comes after them."""
    rest = iter(messages)

    async def receive_next() -> Message:
        return next(rest, None) or await receive()

    return receive_next


def _receive_again(body: bytes, receive: Receive) -> Receive:
    return receive_first([{"type": "http.request", "body": body, "more_body": False}], receive)


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
