"""Applies faults: what the rules of the world say, and what the request prefers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from math import ceil

import orjson
from connexion.middleware.abstract import ROUTING_CONTEXT
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.api import Api
from mockserver.clock import SECOND
from mockserver.contract import TOO_MANY_REQUESTS, Headers, Response, Unmatched
from mockserver.errors import HttpError
from mockserver.factory import Factory
from mockserver.fault import (
    MAX_DELAY,
    Decision,
    Delay,
    Effect,
    FaultRequest,
    FaultRule,
    Match,
    decide,
    find_matching,
    format_states,
    read_rules,
    read_states,
)
from mockserver.sandbox import Sandboxes
from mockserver.server.http1 import CONNECTION, Http1Protocol
from mockserver.server.middleware.dispatch import FAULTS_DECIDED, WorldHasFaults, wait_for_store
from mockserver.server.middleware.sandbox import get_sandbox_name
from mockserver.server.preference import NO_PREFERENCE, SCOPE_KEY, Preference, get_preference
from mockserver.server.responses import ErrorResponses, make_refusal_response, send_response

FAULT = "mockserver.fault"
"""The key in an ASGI scope of the names of the faults that were applied."""

_PREFERRED = "prefer:fault"
"""The name of what the request prefers; a rule cannot have it."""
_MAX_PIECES = 600
"""In so many pieces a slow body is sent at most."""
_PIECE_SECONDS = 0.1
_MAX_REMEMBERED = 256 * 1024
"""The largest body that is remembered for a stale response."""
_GARBAGE_SIZE = 256


class Faults:
    """Applies faults to requests to the vendors, outside the validation (ADR 036).

    The request is handled first and the response held back afterwards, as by a server that is slow:
    no transaction waits, and what the request writes stays although the client may not hear of it.
    """

    def __init__(self, app: ASGIApp, sandboxes: Sandboxes, problems: ErrorResponses) -> None:
        self._app = app
        self._sandboxes = sandboxes
        self._problems = problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises HttpError, and what the handling of the request raises."""
        api = self._problems.find_api(scope["path"])
        if api is None:
            await self._app(scope, receive, send)
            return
        if not (_is_preferred(get_preference(scope)) or self._is_unrouted_with_rules(scope)):
            try:
                await self._app(scope, receive, send)
                return
            except WorldHasFaults as found:
                body = found.body
        else:
            body = (await receive())["body"]
        exchange = _Exchange(self._app, self._problems, scope, body, receive, send)
        decision = await self._decide(api, exchange)
        await self._apply(api, decision, exchange)

    def _is_unrouted_with_rules(self, scope: Scope) -> bool:
        """Whether a path has no operation, so that no world is opened, but the world has rules."""
        if scope["extensions"][ROUTING_CONTEXT].get("operation_id") is not None:
            return False
        record = self._sandboxes.get_record(get_sandbox_name(scope))
        return bool(record and record.faults)

    async def _decide(self, api: Api, exchange: _Exchange) -> Decision:
        """Decide in a transaction of its own: the counters hold for all processes of the server."""
        scope = exchange.scope
        found = api.contract.match(scope["method"], scope["path"][len(api.contract.base) :])
        request = FaultRequest(
            api=api.name,
            operation=None if isinstance(found, Unmatched) else found[0].id,
            method=scope["method"],
            path=scope["path"],
            headers=Headers.decode(scope["headers"]).fields,
        )
        preferred = _make_rule(get_preference(scope))

        async def attempt() -> Decision:
            with self._sandboxes.open_record(get_sandbox_name(scope)) as (transaction, record):
                now = record.clock.now()
                rules = read_rules(record.faults)
                matching = [*preferred, *find_matching(rules, request, now, record.began)]
                if not matching:
                    return Decision()
                states = read_states(record.fault_states)
                decision = decide(matching, states, now, Factory(record.seed))
                transaction.worlds.set_fault_states(record.id, format_states(states))
                return decision

        return await wait_for_store(attempt)

    async def _apply(self, api: Api, decision: Decision, exchange: _Exchange) -> None:
        preference, effect = get_preference(exchange.scope), decision.effect or Effect()
        if _PREFERRED not in decision.faults and _is_preferred(preference):
            exchange.scope[SCOPE_KEY] = NO_PREFERENCE  # its rate has left this request out
        elif not (preference.delay or preference.fault):
            decision.faults = [name for name in decision.faults if name != _PREFERRED]
        status = TOO_MANY_REQUESTS if effect.rate_limit else effect.status
        if status:
            _note_faults(exchange.scope, decision)
            await exchange.wait(decision.delay)
            send = _add_fields(exchange.send, decision)
            await send_response(_make_refusal(api, status, effect), send)
            return
        if effect.connection in ("reset", "empty", "garbage"):
            _note_faults(exchange.scope, decision)
            if effect.handled:
                await exchange.collect()
            await exchange.wait(decision.delay)
            _cut(exchange, effect.connection, decision)
            return
        if effect.duplicate:
            await exchange.collect()
        if _needs_body(decision, effect):
            response = await self._collect(decision, exchange)
            _note_faults(exchange.scope, decision)
            await exchange.wait(decision.delay)
            await _send_changed(response, decision, effect, exchange)
            return
        _note_faults(exchange.scope, decision)
        await exchange.pass_on(decision)

    async def _collect(self, decision: Decision, exchange: _Exchange) -> _Collected:
        """The response, or the one before it to the same request."""
        response = await exchange.collect()
        if not decision.remembering or len(response.body) > _MAX_REMEMBERED:
            return response
        key, stored = exchange.digest(), response.encode()
        name = get_sandbox_name(exchange.scope)

        async def attempt() -> bytes | None:
            found = None
            with self._sandboxes.open_record(name) as (transaction, record):
                for rule in decision.remembering:
                    before = transaction.worlds.exchange_response(record.id, rule, key, stored)
                    found = before if rule == decision.stale else found
            return found

        before = await wait_for_store(attempt)
        if before:
            return _Collected.decode(before)
        if decision.stale:
            decision.faults.remove(decision.stale)
        return response


@dataclass
class _Collected:
    """A response as ASGI has it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def encode(self) -> bytes:
        fields = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in self.headers]
        return orjson.dumps([self.status, fields]) + b"\n" + self.body

    @classmethod
    def decode(cls, data: bytes) -> _Collected:
        head, _, body = data.partition(b"\n")
        status, fields = orjson.loads(head)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        return cls(status, headers, body)


@dataclass
class _Exchange:
    """A request whose body has been read, and the way to its response."""

    app: ASGIApp
    problems: ErrorResponses
    scope: Scope
    body: bytes
    receive: Receive
    send: Send
    is_left: bool = False

    @property
    def connection(self) -> Http1Protocol:
        connection: Http1Protocol | None = self.scope["extensions"].get(CONNECTION)
        if connection is None:
            raise HttpError(500, "This server has no connection that a fault could cut")
        return connection

    def digest(self) -> str:
        """A text that is the same for the same operation, parameters and body."""
        parts = (self.scope["method"].encode(), self.scope["raw_path"], self.scope["query_string"])
        return blake2b(b"\0".join((*parts, self.body)), digest_size=16).hexdigest()

    async def wait(self, delay: int) -> None:
        """Wait so many microseconds; shorter if the client leaves, or the server ends."""
        if not delay or self.is_left:
            return
        left = asyncio.ensure_future(self.receive())
        try:
            done, _ = await asyncio.wait({left}, timeout=delay / SECOND)
            self.is_left = bool(done)
        finally:
            left.cancel()

    async def handle(self, send: Send) -> None:
        """Let the request be handled."""
        messages = iter([{"type": "http.request", "body": self.body, "more_body": False}])

        async def receive() -> Message:
            return next(messages, None) or await self.receive()

        await self.app({**self.scope, FAULTS_DECIDED: True}, receive, send)

    async def collect(self) -> _Collected:
        """The response, which is not sent."""
        response = _Collected(0, [], b"")
        parts: list[bytes] = []

        async def take(message: Message) -> None:
            if message["type"] == "http.response.start":
                response.status, response.headers = message["status"], list(message["headers"])
            else:
                parts.append(message.get("body", b""))

        try:
            await self.handle(take)
        except HttpError as error:
            made = self.problems.make_response(self.scope["path"], error)
            await send_response(made, take)
        response.body = b"".join(parts)
        return response

    async def pass_on(self, decision: Decision) -> None:
        """Send the response as it comes, late. An error is late, too."""
        inner = _add_fields(self.send, decision)

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self.wait(decision.delay)
            await inner(message)

        try:
            await self.handle(send)
        except HttpError as error:
            error.headers |= decision.describe()
            await self.wait(decision.delay)
            raise


def _is_preferred(preference: Preference) -> bool:
    return bool(preference.delay or preference.fault or preference.rate < 100)


def _make_rule(preference: Preference) -> list[FaultRule]:
    """The rule that a preference is."""
    if not _is_preferred(preference):
        return []
    delay = Delay(min(preference.delay * 1_000, MAX_DELAY)) if preference.delay else None
    effect = Effect(delay=delay, connection=preference.fault)
    percent = preference.rate if preference.rate < 100 else None
    return [FaultRule(_PREFERRED, Match(percent=percent), effect, {})]


def _note_faults(scope: Scope, decision: Decision) -> None:
    """Say in the scope which faults are applied."""
    if decision.faults:
        scope[FAULT] = ", ".join(decision.faults)


def _needs_body(decision: Decision, effect: Effect) -> bool:
    """Whether the whole response is needed before its first byte is sent."""
    return bool(
        effect.truncate
        or effect.connection
        or decision.slow
        or decision.bytes_per_second
        or decision.remembering
    )


def _add_fields(send: Send, decision: Decision) -> Send:
    """A `send` that adds what the faults say to the head of a response."""

    async def send_changed(message: Message) -> None:
        if message["type"] == "http.response.start":
            fields: dict[str, str | None] = {**decision.describe()}
            if decision.content_type:
                fields["content-type"] = decision.content_type
            message = {**message, "headers": _replace(message["headers"], fields)}
        await send(message)

    return send_changed


def _replace(
    headers: list[tuple[bytes, bytes]], fields: Mapping[str, str | None]
) -> list[tuple[bytes, bytes]]:
    """Header fields, of which some are replaced, or removed for None."""
    names = {name.encode() for name in fields}
    kept = [(name, value) for name, value in headers if name.lower() not in names]
    return [*kept, *((name.encode(), value.encode()) for name, value in fields.items() if value)]


def _make_refusal(api: Api, status: int, effect: Effect) -> Response:
    """An error in the shape of the API."""
    headers = {}
    if effect.retry_after is not None:
        headers["retry-after"] = str(ceil(effect.retry_after / SECOND))
    return make_refusal_response(api.refuse(HttpError(status, headers=headers)))


def _cut(exchange: _Exchange, fault: str, decision: Decision) -> None:
    """End the connection without a response."""
    if fault == "reset":
        exchange.connection.reset()
        return
    if fault == "garbage" and decision.chance:
        exchange.connection.write(decision.chance.randbytes(_GARBAGE_SIZE))
    exchange.connection.end()


async def _send_changed(
    response: _Collected, decision: Decision, effect: Effect, exchange: _Exchange
) -> None:
    """Send a response whose body is slow, truncated, or in chunks of which one is malformed."""
    send, body = _add_fields(exchange.send, decision), response.body
    headers, half = response.headers, body[: len(body) // 2]
    is_cut = effect.connection == "malformed-chunk" or effect.truncate == "connection"
    if effect.connection == "malformed-chunk":
        chunked = {"content-length": None, "transfer-encoding": "chunked"}
        headers = _replace(headers, chunked)
    elif effect.truncate == "body" and body:
        headers = _replace(headers, {"content-length": str(len(half))})
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    rest = half if is_cut or effect.truncate else body
    pieces = _divide(rest, decision)
    for n, (pause, piece) in enumerate(pieces, 1):
        await exchange.wait(pause)
        has_more = is_cut or n < len(pieces)
        await send({"type": "http.response.body", "body": piece, "more_body": has_more})
    if effect.connection == "malformed-chunk" and decision.chance:
        exchange.connection.write(b"no-size\r\n" + decision.chance.randbytes(_GARBAGE_SIZE))
    if is_cut:
        exchange.connection.end()


def _divide(body: bytes, decision: Decision) -> list[tuple[int, bytes]]:
    """The pieces of a body, each with the pause before it in microseconds."""
    duration = decision.slow or 0
    if decision.bytes_per_second:
        duration = min(len(body) * SECOND // decision.bytes_per_second, MAX_DELAY)
    number = min(len(body), _MAX_PIECES, ceil(duration / SECOND / _PIECE_SECONDS)) or 1
    ends = [len(body) * n // number for n in range(number + 1)]
    return [(duration // number, body[start:end]) for start, end in pairwise(ends)]
