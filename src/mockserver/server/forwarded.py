"""Sends forwarded responses as an upstream has sent them.

uvicorn would write the names of fields in lower case, its own reason, and a second `Date`.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from starlette.types import Message
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

REASON = "reason"
"""The key of the reason in the start of a response; only a forwarded response has one."""
TRAILERS = "trailers"
"""The key of the trailer fields in the last part of its body."""


def send_message(cycle: RequestResponseCycle, message: Any) -> Coroutine[Any, Any, None]:
    """Send a message of a response; one that is forwarded in its own way."""
    if REASON in message:
        cycle.forwarded = _ForwardedResponse(cycle)  # type: ignore[attr-defined]
    forwarded: _ForwardedResponse | None = getattr(cycle, "forwarded", None)
    # What follows the start belongs to it.
    return forwarded.send(message) if forwarded else RequestResponseCycle.send(cycle, message)


class _ForwardedResponse:
    """A response on its way to the client."""

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._is_chunked = False
        self._rest: int | None = None

    async def send(self, message: Message) -> None:
        cycle = self._cycle
        if cycle.flow.write_paused and not cycle.disconnected:
            await cycle.flow.drain()
        if cycle.disconnected:
            return
        if message["type"] == "http.response.start":
            self._begin(message)
        else:
            self._go_on(message)

    def _begin(self, message: Message) -> None:
        cycle, status, fields = self._cycle, message["status"], list(message["headers"])
        cycle.response_started = True
        if cycle.waiting_for_100_continue:
            # The client may send the body or not: only the end of the connection is clear.
            cycle.waiting_for_100_continue = cycle.keep_alive = False
        known = {name.lower(): value for name, value in fields}
        # RFC 9110, section 6.6.1: a response without a date gets one.
        own = [field for field in cycle.default_headers if field[0].lower() not in known]
        if cycle.scope["method"] == "HEAD" or status in (204, 304):
            self._rest = 0
        elif length := known.get(b"content-length"):
            self._rest = int(length)
        elif cycle.scope["http_version"] == "1.1":
            self._is_chunked = True
            own.append((b"transfer-encoding", b"chunked"))
        else:  # HTTP/1.0 has no chunks: the body ends with the connection
            cycle.keep_alive = False
        if not cycle.keep_alive:
            own.append((b"connection", b"close"))
        line = b"HTTP/1.1 %d %s\r\n" % (status, message[REASON])
        head = b"".join(b"%s: %s\r\n" % field for field in (*fields, *own))
        cycle.transport.write(b"%s%s\r\n" % (line, head))

    def _go_on(self, message: Message) -> None:
        cycle, body = self._cycle, message.get("body", b"")
        has_more = message.get("more_body", False)
        if self._rest is not None:
            body = body[: self._rest]
            self._rest -= len(body)
        if body and self._is_chunked:
            cycle.transport.write(b"%x\r\n%s\r\n" % (len(body), body))
        elif body:
            cycle.transport.write(body)
        if has_more:
            return
        if self._is_chunked:
            trailers = b"".join(b"%s: %s\r\n" % field for field in message.get(TRAILERS, ()))
            cycle.transport.write(b"0\r\n%s\r\n" % trailers)
        cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive or self._rest:
            cycle.transport.close()
        cycle.on_response()
