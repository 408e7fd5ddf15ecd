"""Forwards one request to an upstream, and its response to the client, as they come."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import h11
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.errors import HttpError
from mockserver.server.forwarded import REASON, TRAILERS
from mockserver.server.http1 import CONNECTION, Http1Protocol
from mockserver.server.middleware.dispatch import (
    FAULTS_DECIDED,
    UPSTREAM_DECIDED,
    WorldHasFaults,
)
from mockserver.server.middleware.journal import get_notes, note_call
from mockserver.server.upstream.call import FORWARDED, ForwardedCall
from mockserver.server.upstream.connection import (
    ClosedEarly,
    Connection,
    Origin,
    Pool,
    make_upstream_error,
)
from mockserver.server.upstream.fields import (
    Fields,
    list_trailers,
    make_request_fields,
    make_response_fields,
)

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""The methods that are idempotent (RFC 9110, section 9.2.2)."""
_CONTINUE_SECONDS = 1.0
"""How long an upstream may take to ask for a body whose client waits for that."""
_NOT_IMPLEMENTED = 501

_log = logging.getLogger("mockserver")


class Forward:
    """Responds with what the upstream of a call responds."""

    def __init__(self, pool: Pool, mock: ASGIApp, limit: int) -> None:
        """`mock` responds where the upstream does not implement an operation.

        Of a body, `limit` bytes are held for that.
        """
        self._pool = pool
        self._mock = mock
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises HttpError, and WorldHasFaults."""
        call: ForwardedCall = scope[FORWARDED]
        note_call(scope, call.api, call.operation.id if call.operation else "")
        if call.faults and FAULTS_DECIDED not in scope:
            raise WorldHasFaults(None)
        exchange = _Exchange(self._pool, call, scope, receive, send, self._limit)
        if await exchange.run():
            await self._mock({**scope, UPSTREAM_DECIDED: True}, exchange.receive_again, send)


class _Exchange:
    """One exchange, while its messages pass."""

    def __init__(
        self,
        pool: Pool,
        call: ForwardedCall,
        scope: Scope,
        receive: Receive,
        send: Send,
        limit: int,
    ) -> None:
        self._pool, self._call, self._scope = pool, call, scope
        self._receive, self._send, self._limit = receive, send, limit
        self._client: Http1Protocol | None = scope["extensions"].get(CONNECTION)
        names = {name for name, _ in scope["headers"]}
        self._has_body = bool(names & {b"content-length", b"transfer-encoding"})
        self._expects = any(
            name == b"expect" and value.lower() == b"100-continue"
            for name, value in scope["headers"]
        )
        self._may_continue = asyncio.Event()
        self._sent = bytearray()
        self._is_whole = False  # the body that was sent, and it is held
        self._is_sent = self._has_started = self._is_kept = False

    async def run(self) -> bool:
        """Forward the request; whether the mock has to respond. Raises HttpError."""
        origin = Origin(self._call.upstream.url, self._call.upstream.timeout)
        is_repeatable = self._scope["method"] in _REPEATABLE and not self._has_body
        connection = await self._pool.open(origin, is_repeatable=is_repeatable)
        try:
            return await self._run(connection)
        except ClosedEarly as error:
            if not (connection.is_reused and is_repeatable):
                sentence = "has closed the connection without a response"
                raise make_upstream_error(origin, 502, sentence) from error
        # It was idle, and the upstream has closed it while the request was on its way.
        return await self._run(await self._pool.open_new(origin))

    async def _run(self, connection: Connection) -> bool:
        try:
            await self._send_head(connection)
            sending = asyncio.create_task(self._send_body(connection))
            relaying = asyncio.create_task(self._relay(connection))
            try:
                # The second ends when the client has left, or with an error.
                await asyncio.wait({relaying, sending}, return_when=asyncio.FIRST_COMPLETED)
                if not relaying.done() and not sending.exception():
                    return False
                if not relaying.done():
                    sending.result()
                return relaying.result()
            finally:
                for task in (relaying, sending):
                    task.cancel()
                await asyncio.wait({relaying, sending})
        except HttpError as error:
            if not self._has_started:
                raise
            self._end_early(error)
            return False
        finally:
            if not self._is_kept:
                connection.close()

    async def _send_head(self, connection: Connection) -> None:
        scope = self._scope
        fields = make_request_fields(
            scope, connection.origin.authority, has_body=self._has_body, expects=self._expects
        )
        query: bytes = scope["query_string"]
        target = connection.origin.path + scope["raw_path"] + (b"?" + query if query else b"")
        try:
            await connection.send_head(scope["method"], target, fields)
        except h11.LocalProtocolError as error:
            raise HttpError(400, f"The request cannot be forwarded: {error}") from error
        if not self._has_body:
            self._end_request(connection)

    def _end_request(self, connection: Connection) -> None:
        connection.end_request()
        self._is_sent = True
        self._is_whole = len(self._sent) <= self._limit

    async def _send_body(self, connection: Connection) -> None:
        """Send the body as it comes; returns when the client has left."""
        if self._expects:
            with suppress(TimeoutError):
                async with asyncio.timeout(_CONTINUE_SECONDS):
                    await self._may_continue.wait()
        try:
            has_more = self._has_body
            while has_more:
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    return
                part, has_more = message.get("body", b""), message.get("more_body", False)
                if len(self._sent) <= self._limit:
                    self._sent += part
                await connection.send_part(part)
                if self._client:
                    self._client.forget_body()
                if not has_more:
                    self._end_request(connection)
        except OSError:
            pass  # the upstream has closed its side, and its response may be on its way
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def receive_again(self) -> Message:
        """The request, whose body is held, once more."""
        if self._is_whole:
            self._is_whole = False
            return {"type": "http.request", "body": bytes(self._sent), "more_body": False}
        return await self._receive()

    async def _relay(self, connection: Connection) -> bool:
        """Pass the response on; True if it is left to the mock instead."""
        head = await connection.receive()
        while isinstance(head, h11.InformationalResponse):
            self._pass_interim(head)
            head = await connection.receive()
        assert isinstance(head, h11.Response)  # noqa: S101 - h11 gives no other event there
        if head.status_code == _NOT_IMPLEMENTED and self._call.operation and self._is_whole:
            return True
        await self._send_start(head)
        while isinstance(event := await connection.receive(), h11.Data):
            await self._send_part(bytes(event.data))
        assert isinstance(event, h11.EndOfMessage)  # noqa: S101
        if self._is_sent:
            # Before the client has all of it, and may send its next request.
            self._pool.keep(connection)
            self._is_kept = True
        trailers = list_trailers(event.headers.raw_items())
        await self._send({"type": "http.response.body", "body": b"", TRAILERS: trailers})
        return False

    def _pass_interim(self, head: h11.InformationalResponse) -> None:
        """Pass an interim response on (RFC 9110, section 15.2)."""
        if head.status_code == 100:
            self._may_continue.set()  # the server sends its own when it receives the body
        elif self._client and self._client.can_interim and FAULTS_DECIDED not in self._scope:
            fields = make_response_fields(head.headers.raw_items())
            lines = b"".join(b"%s: %s\r\n" % field for field in fields)
            self._client.write(
                b"HTTP/1.1 %d %s\r\n%s\r\n" % (head.status_code, bytes(head.reason), lines)
            )

    async def _send_start(self, head: h11.Response) -> None:
        fields = make_response_fields(head.headers.raw_items())
        self._has_started = True
        await self._send(
            {
                "type": "http.response.start",
                "status": head.status_code,
                "headers": [*fields, *self._describe(head.status_code)],
                REASON: bytes(head.reason),
            }
        )

    def _describe(self, status: int) -> Fields:
        """The fields that the mock adds."""
        fields = [(b"x-mock-source", b"upstream")]
        if operation := self._call.operation:
            fields.append((b"x-mock-evidence", operation.evidence_of(status).encode()))
        return fields

    async def _send_part(self, part: bytes) -> None:
        await self._send({"type": "http.response.body", "body": part, "more_body": True})

    def _end_early(self, error: HttpError) -> None:
        """End a response that cannot be completed; the client sees that something is missing."""
        get_notes(self._scope).problem = error.sentence
        _log.warning("%s %s: %s", self._scope["method"], self._scope["path"], error)
        if self._client:
            self._client.end()
