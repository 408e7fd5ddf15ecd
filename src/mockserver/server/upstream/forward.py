"""Forwards one request to an upstream, and its response to the client, as they come."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import h11
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.api import Api
from mockserver.contract import (
    Exchange,
    Headers,
    Response,
    ValidatedRequest,
    Violation,
    is_json,
)
from mockserver.errors import HttpError
from mockserver.invariant import Interaction
from mockserver.kit import load_kit
from mockserver.server.forwarded import REASON, TRAILERS
from mockserver.server.http1 import CONNECTION, Http1Protocol
from mockserver.server.middleware.dispatch import (
    FAULTS_DECIDED,
    UPSTREAM_DECIDED,
    WorldHasFaults,
)
from mockserver.server.middleware.journal import get_notes, note_call
from mockserver.server.middleware.request_guard import receive_first
from mockserver.server.middleware.sandbox import get_sandbox_name
from mockserver.server.preference import get_preference
from mockserver.server.request_validation import format_violations
from mockserver.server.upstream.call import FORWARDED, ForwardedCall
from mockserver.server.upstream.connection import (
    ClosedEarly,
    Connection,
    Origin,
    Pool,
    make_upstream_error,
)
from mockserver.server.upstream.evaluation import (
    describe_unvalidated,
    list_request_violations,
    list_response_violations,
    make_request,
)
from mockserver.server.upstream.fields import (
    Fields,
    list_trailers,
    make_request_fields,
    make_response_fields,
)
from mockserver.server.upstream.history import Histories
from mockserver.traffic.encoding import DecodingError, decode

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""The methods that are idempotent (RFC 9110, section 9.2.2)."""
_CONTINUE_SECONDS = 1.0
"""How long an upstream may take to ask for a body whose client waits for that."""
_NOT_IMPLEMENTED = 501
_MOST_INLINE = 64 * 1024
"""Longer bodies are validated in a thread."""
_MOST_DECODED = 16 * 1024 * 1024
_MOST_NAMED = 5

_log = logging.getLogger("mockserver")


class Forward:
    """Responds with what the upstream of a call responds, and reports what violates the contract.

    With `enforce`, what violates a rule of the vendor's documents becomes an error.
    """

    def __init__(self, pool: Pool, mock: ASGIApp, limit: int) -> None:
        """`mock` responds where the upstream does not implement an operation.

        Bodies up to `limit` bytes are held for that, and to be validated.
        """
        self._pool = pool
        self._mock = mock
        self._limit = limit
        self._histories = Histories()
        self._prepared: set[Api] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises HttpError, and WorldHasFaults."""
        call: ForwardedCall = scope[FORWARDED]
        note_call(scope, call.api, call.operation.id if call.operation else "")
        if call.faults and FAULTS_DECIDED not in scope:
            raise WorldHasFaults(None)
        if call.api not in self._prepared:
            # What evaluates exchanges takes a moment to be made, and others are served meanwhile.
            await asyncio.to_thread(load_kit, call.api)
            self._prepared.add(call.api)
        exchange = _Exchange(self._pool, call, scope, receive, send, self._limit)
        turn = self._histories.begin((get_sandbox_name(scope), call.api.name, call.upstream.url))
        exchange.list_before = partial(self._histories.list_before, turn)
        exchange.on_end = lambda: self._histories.end(turn, exchange.interaction, scope["method"])
        try:
            is_left_to_mock = await exchange.run()
        finally:
            exchange.on_end()
        if is_left_to_mock:
            await self._mock({**scope, UPSTREAM_DECIDED: True}, exchange.receive_again, send)


class _Exchange:
    """One exchange, while its messages pass. `interaction` is how the contract reads it."""

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
        self._client: Http1Protocol | None = scope.get("extensions", {}).get(CONNECTION)
        self._headers = Headers.decode(scope["headers"])
        names = {name for name, _ in self._headers.fields}
        self._has_body = bool(names & {"content-length", "transfer-encoding"})
        self._expects = (self._headers.get("expect") or "").lower() == "100-continue"
        self._mode = get_preference(scope).validation or (
            "strict" if call.upstream.enforce else "warn"
        )
        self._may_continue = asyncio.Event()
        self._sent = bytearray()
        self._is_whole = False  # the body that was sent, and it is held
        self._is_sent = self._has_started = self._is_kept = False
        self._validated: tuple[list[Violation], ValidatedRequest] | None = None
        self.interaction: Interaction | None = None
        self.list_before: Callable[[], Sequence[Interaction]] = tuple
        self.on_end: Callable[[], None] = lambda: None

    async def run(self) -> bool:
        """Forward the request; whether the mock has to respond. Raises HttpError."""
        if self._mode == "strict" and not await self._validate_first():
            return False
        origin = Origin(self._call.upstream.url, self._call.upstream.timeout)
        is_repeatable = self._scope["method"] in _REPEATABLE and not self._has_body
        connection = await self._pool.open(origin, is_repeatable=is_repeatable)
        while True:
            try:
                return await self._run(connection)
            except ClosedEarly as error:
                # One that was idle may have been closed while the request was on its way.
                if not (connection.is_reused and is_repeatable):
                    sentence = "has closed the connection without a response"
                    raise make_upstream_error(origin, 502, sentence) from error
            connection = await self._pool.open_new(origin)

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
                # Both outcomes are known, whichever counts.
                await asyncio.gather(relaying, sending, return_exceptions=True)
        except HttpError as error:
            if not self._has_started:
                raise
            self._end_early(error)
            return False
        finally:
            if not self._is_kept:
                connection.close()

    async def _validate_first(self) -> bool:
        """Validate the request before it is forwarded; False if the client leaves meanwhile.

        Raises HttpError for what a mock refuses too, if a document says so.
        """
        if self._has_body:
            received: list[Message] = []
            size = 0
            self._expects = False  # who waits for a 100 gets it now
            while size <= self._limit and (not received or received[-1].get("more_body")):
                received.append(await self._receive())
                size += len(received[-1].get("body", b""))
                if received[-1]["type"] == "http.disconnect":
                    return False
            if not received[-1].get("more_body"):
                self._sent = bytearray(b"".join(it.get("body", b"") for it in received))
                self._is_whole = len(self._sent) <= self._limit
            self._receive = receive_first(received, self._receive)
        else:
            self._is_whole = True
        violations, _ = self._validate_request()
        self._sent.clear()
        self._is_whole = False
        errors = [it for it in violations if it.severity == "error"]
        if errors:
            get_notes(self._scope).violations = violations
            raise HttpError(
                self._find_refusal(errors),
                "; ".join(map(str, errors)),
                {"X-Mock-Source": "refusal", "X-Mock-Violations": format_violations(violations)},
            )
        return True

    def _find_refusal(self, errors: Sequence[Violation]) -> int:
        """The status with which a request is refused."""
        if any(violation.code == "content-type" for violation in errors):
            return 415
        operation = self._call.operation
        documented = [it for it in (422, 400) if operation and operation.response(it)]
        return documented[0] if documented else 422

    def _validate_request(self) -> tuple[list[Violation], ValidatedRequest]:
        """What the request violates, once."""
        if self._validated is None:
            coding = self._headers.get("content-encoding") or ""
            body, reason = _decode(bytes(self._sent) if self._is_whole else None, coding)
            scope = self._scope
            self._request = make_request(
                self._call,
                scope["method"],
                scope["path"],
                scope["query_string"],
                body or b"",
                self._headers,
            )
            violations, validated = list_request_violations(
                self._call, self._request, has_body=body is not None
            )
            self._is_request_known = body is not None
            operation = self._call.operation
            if operation and operation.body and body is None:
                violations.append(describe_unvalidated(operation, "request", reason))
            self._validated = violations, validated
        return self._validated

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
                if self._client:
                    self._client.stop_clock()
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
        """Pass the response on; True if it is left to the mock instead. Raises HttpError."""
        head = await connection.receive()
        while isinstance(head, h11.InformationalResponse):
            self._pass_interim(head)
            head = await connection.receive()
        assert isinstance(head, h11.Response)  # noqa: S101 - h11 gives no other event there
        if head.status_code == _NOT_IMPLEMENTED and self._call.operation and self._is_whole:
            return True
        fields = make_response_fields(head.headers.raw_items())
        headers = Headers.decode(fields)
        held: list[bytes] = []
        end: h11.EndOfMessage | None = None
        if self._wants_body(head.status_code, headers):
            end = await self._hold_response(connection, held)
        body = b"".join(held) if end else None
        violations = await self._evaluate(head.status_code, headers, body)
        await self._send_start(head, fields, violations)
        for part in held:
            await self._send_part(part)
        while end is None:
            event = await connection.receive()
            if isinstance(event, h11.EndOfMessage):
                end = event
            elif isinstance(event, h11.Data):
                await self._send_part(bytes(event.data))
        # Before the client has all of it, and may send its next request.
        self.on_end()
        if self._is_sent:
            self._pool.keep(connection)
            self._is_kept = True
        trailers = list_trailers(end.headers.raw_items())
        await self._send({"type": "http.response.body", "body": b"", TRAILERS: trailers})
        return False

    def _wants_body(self, status: int, headers: Headers) -> bool:
        """Whether the body of a response is validated, as far as its length allows."""
        if self._scope["method"] == "HEAD" or not self._call.operation or self._mode == "off":
            return False
        is_short = int(headers.get("content-length") or 0) <= self._limit
        return is_short and (is_json(headers.media_type) or status == 204)

    async def _hold_response(
        self, connection: Connection, held: list[bytes]
    ) -> h11.EndOfMessage | None:
        """Hold the body of a response; None if it is too long, and goes on."""
        size = 0
        while size <= self._limit:
            event = await connection.receive()
            if isinstance(event, h11.EndOfMessage):
                return event
            if isinstance(event, h11.Data):
                held.append(bytes(event.data))
                size += len(event.data)
        return None

    async def _evaluate(self, status: int, headers: Headers, body: bytes | None) -> list[Violation]:
        """What the exchange violates. Raises HttpError for a response that is not passed on."""
        if self._mode == "off":
            return []
        evaluate = partial(self._list_violations, status, headers, body)
        is_long = len(body or b"") + len(self._sent) > _MOST_INLINE
        try:  # in a thread, others are served meanwhile
            of_request, of_response = await asyncio.to_thread(evaluate) if is_long else evaluate()
        except Exception as error:  # the response is passed on all the same
            _log.exception("%s %s was not validated.", self._scope["method"], self._scope["path"])
            operation, kind = self._call.operation, type(error).__name__
            reason = f"its evaluation failed with {kind}"
            of_request = []
            of_response = [describe_unvalidated(operation, "response", reason)] if operation else []
        # The severe ones first: a header has room for some.
        violations = sorted([*of_request, *of_response], key=lambda it: it.severity)
        get_notes(self._scope).violations = violations
        errors = [it for it in of_response if it.severity == "error"]
        if errors and self._mode == "strict":
            places = "; ".join(
                f"{it.location}: {it.code} ({it.rule})" for it in errors[:_MOST_NAMED]
            )
            raise HttpError(
                502,
                f"The response of the upstream '{self._call.upstream.url}', with status {status}, "
                f"violates the contract and was not passed on: {places}",
                {"X-Mock-Source": "refusal", "X-Mock-Violations": format_violations(violations)},
            )
        return violations

    def _list_violations(
        self, status: int, headers: Headers, body: bytes | None
    ) -> tuple[list[Violation], list[Violation]]:
        """What the request violates, and what the response does."""
        of_request, validated = self._validate_request()
        is_json_body = is_json(headers.media_type) and self._scope["method"] != "HEAD"
        coding = headers.get("content-encoding") or ""
        decoded, reason = _decode(body, coding)
        exchange = Exchange(self._request, Response(status, headers, decoded or b""))
        of_response, self.interaction = list_response_violations(
            self._call,
            exchange,
            validated,
            self.list_before(),
            has_body=decoded is not None,
            is_request_known=self._is_request_known,
        )
        if self._call.operation and is_json_body and decoded is None:
            of_response.append(describe_unvalidated(self._call.operation, "response", reason))
        return of_request, of_response

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

    async def _send_start(
        self, head: h11.Response, fields: Fields, violations: Sequence[Violation]
    ) -> None:
        self._has_started = True
        await self._send(
            {
                "type": "http.response.start",
                "status": head.status_code,
                "headers": [*fields, *self._describe(head.status_code, violations)],
                REASON: bytes(head.reason),
            }
        )

    def _describe(self, status: int, violations: Sequence[Violation]) -> Fields:
        """The fields that the mock adds."""
        fields = [(b"x-mock-source", b"upstream")]
        if operation := self._call.operation:
            fields.append((b"x-mock-evidence", operation.evidence_of(status).encode()))
        if violations:
            fields.append((b"x-mock-violations", format_violations(violations).encode()))
        preference = get_preference(self._scope)
        if preference.validation:
            applied = preference.format_applied("validation")
            fields.append((b"preference-applied", applied.encode()))
        return fields

    async def _send_part(self, part: bytes) -> None:
        await self._send({"type": "http.response.body", "body": part, "more_body": True})

    def _end_early(self, error: HttpError) -> None:
        """End a response that cannot be completed; the client sees that something is missing."""
        get_notes(self._scope).problem = error.sentence
        _log.warning("%s %s: %s", self._scope["method"], self._scope["path"], error)
        if self._client:
            self._client.end()


def _decode(body: bytes | None, coding: str) -> tuple[bytes | None, str]:
    """A body without its content coding; without one that can be read, None and the reason."""
    if body is None:
        return None, "it is too long, or was not complete"
    try:
        return decode(body, coding, _MOST_DECODED), ""
    except DecodingError as error:
        return None, str(error)
