"""How a response is delivered when something goes wrong: late, slowly, changed, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from hashlib import blake2b
from itertools import pairwise
from math import ceil
from tempfile import SpooledTemporaryFile

import orjson
from msgspec import Struct
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.clock import SECOND
from mockserver.errors import HttpError
from mockserver.fault import MAX_DELAY, Decision, Effect
from mockserver.server.http1 import CONNECTION, Http1Protocol
from mockserver.server.middleware.dispatch import FAULTS_DECIDED
from mockserver.server.middleware.request_guard import receive_first
from mockserver.server.preference import get_preference
from mockserver.server.responses import ErrorResponses, send_response

_MAX_PIECES = 600
"""In so many pieces a slow body is sent at most."""
_PIECE_SECONDS = 0.1
_GARBAGE_SIZE = 256
_LOOK_SECONDS = 0.5
"""How often it is looked whether the rule of a delay is still there."""


IN_MEMORY = 1024 * 1024
"""So much of a body that is held is in the memory, and the rest in a file."""
_PART = 64 * 1024
_MAX_COLLECTED = 64 * 1024 * 1024

Body = bytes | SpooledTemporaryFile[bytes]
"""The body of a request: as it is, or as it was held."""


async def hold_body(scope: Scope, receive: Receive, file: SpooledTemporaryFile[bytes]) -> bool:
    """Read a body of any length, which `receive` has not read yet; False if the client leaves."""
    connection: Http1Protocol | None = scope.get("extensions", {}).get(CONNECTION)
    has_more = True
    while has_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        file.write(message.get("body", b""))
        has_more = message.get("more_body", False)
        if connection:
            connection.forget_body()
    return True


def _replay(body: Body) -> Iterator[Message]:
    """The messages of a request with this body."""
    if isinstance(body, bytes):
        yield {"type": "http.request", "body": body, "more_body": False}
        return
    body.seek(0)
    while part := body.read(_PART):
        yield {"type": "http.request", "body": part, "more_body": True}
    yield {"type": "http.request", "body": b"", "more_body": False}


class Collected(Struct):
    """A response as ASGI has it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def encode(self) -> bytes:
        fields = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in self.headers]
        return orjson.dumps([self.status, fields]) + b"\n" + self.body

    @classmethod
    def decode(cls, data: bytes) -> Collected:
        head, _, body = data.partition(b"\n")
        status, fields = orjson.loads(head)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        return cls(status, headers, body)


class Exchange(Struct):
    """A request whose body has been read, and the way to its response.

    `holds` says whether the rules for which its client waits are still there.
    """

    app: ASGIApp
    problems: ErrorResponses
    scope: Scope
    body: Body
    receive: Receive
    send: Send
    holds: Callable[[], Awaitable[bool]] | None = None
    is_released: bool = False

    @property
    def connection(self) -> Http1Protocol:
        connection: Http1Protocol | None = self.scope["extensions"].get(CONNECTION)
        if connection is None:
            raise HttpError(500, "This server has no connection that a fault could cut")
        return connection

    def digest(self) -> str:
        """A text that is the same for the same operation, parameters and body."""
        parts = (self.scope["method"].encode(), self.scope["raw_path"], self.scope["query_string"])
        digest = blake2b(b"\0".join((*parts, b"")), digest_size=16)
        for message in _replay(self.body):
            digest.update(message["body"])
        return digest.hexdigest()

    def make_send(self, decision: Decision) -> Send:
        """A `send` that adds what the faults say to the head of a response."""
        fields: dict[str, str | None] = {**decision.describe()}
        if decision.content_type:
            fields["content-type"] = decision.content_type
        preference = get_preference(self.scope)
        applied = [name for name in ("delay", "fault") if getattr(preference, name)]

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = _replace(message["headers"], fields)
                if applied:  # beside others, which the response may have
                    value = preference.format_applied(*applied)
                    headers.append((b"preference-applied", value.encode()))
                message = {**message, "headers": headers}
            await self.send(message)

        return send

    async def wait(self, delay: int) -> None:
        """Wait so many microseconds.

        It ends sooner if the client leaves, the server ends, or the rules do not hold any more.
        """
        if not delay:
            return
        loop = asyncio.get_running_loop()
        end = loop.time() + delay / SECOND
        left = asyncio.ensure_future(self.receive())
        try:
            while not self.is_released and (rest := end - loop.time()) > 0:
                done, _ = await asyncio.wait({left}, timeout=min(rest, _LOOK_SECONDS))
                self.is_released = bool(done) or (
                    rest > _LOOK_SECONDS and self.holds is not None and not await self.holds()
                )
        finally:
            left.cancel()

    async def handle(self, send: Send) -> None:
        """Let the request be handled."""
        receive = receive_first(_replay(self.body), self.receive)
        await self.app({**self.scope, FAULTS_DECIDED: True}, receive, send)

    async def collect(self) -> Collected:
        """The response, which is not sent."""
        response = Collected(0, [], b"")
        parts: list[bytes] = []
        size = 0

        async def take(message: Message) -> None:
            nonlocal size
            if message["type"] == "http.response.start":
                response.status, response.headers = message["status"], list(message["headers"])
                return
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > _MAX_COLLECTED:  # the mock's own are shorter
                sentence = f"longer than {_MAX_COLLECTED} bytes, so that no fault can change it"
                raise HttpError(502, f"The response of the upstream is {sentence}")

        try:
            await self.handle(take)
        except HttpError as error:
            made = self.problems.make_response(self.scope["path"], error)
            await send_response(made, take)
        response.body = b"".join(parts)
        return response

    async def pass_on(self, decision: Decision) -> None:
        """Send the response as it comes, late. An error is late, too."""
        inner = self.make_send(decision)

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


def _replace(
    headers: list[tuple[bytes, bytes]], fields: Mapping[str, str | None]
) -> list[tuple[bytes, bytes]]:
    """Header fields, of which some are replaced, or removed for None."""
    names = {name.encode() for name in fields}
    kept = [(name, value) for name, value in headers if name.lower() not in names]
    return [*kept, *((name.encode(), value.encode()) for name, value in fields.items() if value)]


def cut_connection(exchange: Exchange, fault: str, decision: Decision) -> None:
    """End the connection without a response."""
    if fault == "reset":
        exchange.connection.reset()
        return
    if fault == "garbage" and decision.chance:
        exchange.connection.write(decision.chance.randbytes(_GARBAGE_SIZE))
    exchange.connection.end()


async def send_changed_response(
    response: Collected, decision: Decision, effect: Effect, exchange: Exchange
) -> None:
    """Send a response whose body is slow, truncated, or in chunks of which one is malformed."""
    send, body = exchange.make_send(decision), response.body
    headers, half = response.headers, body[: len(body) // 2]
    is_cut = effect.connection == "malformed-chunk" or effect.truncate == "connection"
    if is_cut and exchange.connection.is_head:
        # It is complete without a body: the client would miss the end in its next request.
        effect, is_cut = Effect(), False
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
