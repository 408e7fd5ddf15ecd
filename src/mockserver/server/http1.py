"""HTTP/1.1 on one connection, with a limit for everything that a client can send."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from mockserver.memo import Memo
from mockserver.server.forwarded import send_message

MAX_FRAMING = 256 * 1024
"""The maximum size of a message without its body: request line, fields, chunk sizes, trailers."""
MAX_FIELDS = 500
"""The maximum number of header fields."""
HEAD_SECONDS = 20.0
"""How long a client may take for the head of a request, from its first byte or the connection."""
BODY_SECONDS = 60.0
"""How long it may take for the body."""
MAX_HELD = 512 * 1024 * 1024
"""The maximum size of all requests of a process that have no response yet, in bytes."""
_ALWAYS_HELD = 64 * 1024
"""A request of this size is served all the same."""
SEND_SECONDS = 60.0
"""How long a client may take to read a part of a response."""
STOP_SECONDS = 0.5
"""How long a scenario may be loaded on when the server ends."""
LINGER_SECONDS = 2.0
"""How long a refused body is read on, so that the client sees the response and no reset."""
_MAX_URL = 65_535
"""The maximum size of a URL that the parser reads."""
_SLICE = 1024
"""How many bytes are parsed at a time: a request that waits takes a hundred times its bytes."""
_LARGE = 64 * 1024
"""A body of more bytes is not copied, to be sent with the head."""
_SENT_PART = 64 * 1024
"""How much of a response a client has to read in that time, in bytes."""
SHUTDOWN_SECONDS = 4.0
"""How long a request may go on when the server ends; uvicorn would cancel it after 5 seconds."""
_MAX_REFUSED = 32
"""How many connections beyond the limit are read on, which takes a descriptor for each."""
_OWN_FILES = 64
"""Descriptors for the store, the threads' connections to it, and the event loop."""
_FRAMING_PER_BYTE = 16
"""A chunk may be one byte, and its size stands on a line of its own."""
CONNECTION = "mockserver.connection"
"""The key of the connection of a request in the extensions of an ASGI scope."""
# Do not send on what is left when a socket is closed: the other side gets a reset.
_LINGER_NOT = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class _Held:
    """The size of all requests that have no response yet.

    It is no attribute of the class of connections: whenever one is set, Python forgets what it has
    learnt of the class, and a request costs 12 microseconds more.
    """

    size = 0


_held = _Held()


_Field = tuple[bytes, bytes]


def _read_anew(field: _Field) -> _Field:
    name, value = field
    return name.lower(), value.rstrip(b" \t")


_read_field = Memo(_read_anew, lambda field: len(field[0]) + len(field[1]), most=1_024, longest=256)
"""A header field as it is read. Requests repeat them, and the journal holds a thousand requests."""


class _Refusal(Exception):
    """A request that is refused while it is parsed."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Http1Protocol(HttpToolsProtocol):
    """HTTP/1.1 only, and bounded.

    An `Upgrade` header is ignored, as RFC 9110 allows (ADR 021). Trailer fields are discarded:
    nothing has checked them when the request is already served by its header fields.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._own_transport = _LingeringTransport(transport, self)
        super().connection_made(self._own_transport)  # type: ignore[arg-type]
        # TLS hides how much of what it was given is not sent yet; so the system has to watch it.
        if transport.get_extra_info("sslcontext") and hasattr(socket, "TCP_USER_TIMEOUT"):
            transport.get_extra_info("socket").setsockopt(
                socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(SEND_SECONDS * 1000)
            )
        # uvicorn would refuse requests on the connections that are within the limit, too.
        limit, self.limit_concurrency = self.limit_concurrency, None
        self._is_offer = self._is_ending = False
        self._unparsed: bytes | memoryview = b""
        self._unsent, self._unsent_since = 0, 0.0
        self._size = 0
        self._sizes: deque[int] = deque()
        self._is_refused = False
        self._serving: RequestResponseCycle | None = None
        self._begin_message()
        self._deadline: float | None = self.loop.time() + HEAD_SECONDS
        self._timer = self.loop.call_at(self._deadline, self._check_time)
        if limit is not None and len(self.connections) > limit:
            if len(self.connections) > limit + _MAX_REFUSED:
                self._deadline = None
            self._refuse(503, "The server has too many connections.")

    def connection_lost(self, exc: Exception | None) -> None:
        """The client, or this side, has closed the connection."""
        self._timer.cancel()
        self._release(self._size + sum(self._sizes))
        self._size = 0
        self._sizes.clear()
        self._leave()  # uvicorn tells only the last request that was read
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self.scope["extensions"] = {CONNECTION: self}  # type: ignore[dict-item]

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._serving = cycle
        cycle.send = partial(self._send, cycle)  # type: ignore[method-assign]
        super()._start_asgi_task(cycle, app)

    def _send(self, cycle: RequestResponseCycle, message: Any) -> Coroutine[Any, Any, None]:
        if message["type"] == "http.response.start":
            self._own_transport.hold()
        return send_message(cycle, message)

    @property
    def is_head(self) -> bool:
        """Whether the request that is being served wants a head alone."""
        return self._serving is not None and self._serving.scope["method"] == "HEAD"

    @property
    def can_interim(self) -> bool:
        """Whether the client knows interim responses, and one may be sent now."""
        cycle = self._serving
        if cycle is None or cycle.response_started or self.transport.is_closing():
            return False
        return cycle.scope["http_version"] == "1.1"

    def stop_clock(self) -> None:
        """The client need not hurry: what it has sent is still being passed on."""
        self._deadline = None

    def forget_body(self) -> None:
        """What has been read of the request that is served was passed on: it is not held any more.

        The client may take its time again for the rest.
        """
        if self._sizes:
            self._release(self._sizes[0])
            self._sizes[0] = 0
            return
        self._release(self._size)
        self._size = 0
        self._deadline = self.loop.time() + BODY_SECONDS

    def write(self, data: bytes) -> None:
        """Write bytes as they are, in the place of a response or behind a part of one."""
        self.transport.write(data)

    def end(self) -> None:
        """End the connection without a response, or in the middle of one."""
        self._leave()
        self.transport.close()

    def reset(self) -> None:
        """End the connection with a reset, and discard what was not sent yet."""
        self._leave()
        own: socket.socket = self.transport.get_extra_info("socket")
        with suppress(OSError, ValueError):  # the client has closed it: the socket is gone
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.transport.abort()

    def _leave(self) -> None:
        """Tell the request that is being served that its client does not wait for it any more."""
        if self._serving and not self._serving.response_complete:
            self._serving.disconnected = True
            self._serving.message_event.set()

    def data_received(self, data: bytes) -> None:
        """Parse what the client has sent, or discard it once the connection is closing."""
        if self._is_ending or self.transport.is_closing():
            return
        if self._unparsed:
            data = b"".join((self._unparsed, data))
        self._unparsed = memoryview(data) if len(data) > _SLICE else data
        self._parse()

    def on_response_complete(self) -> None:
        """A response is complete: the next request is served, and another one may wait."""
        if not self._sizes:  # a refusal does not wait for the body
            self._is_refused = True
            self._end_message()
        self._release(self._sizes.popleft())
        super().on_response_complete()
        if self._unparsed and not (self._is_ending or self.transport.is_closing()):
            self._parse()
            self.flow.read_paused = True
            self.flow.resume_reading()

    @property
    def can_read(self) -> bool:
        """Whether all that has been read is parsed."""
        return not self._unparsed

    def _parse(self) -> None:
        """Parse what has been read, up to a request that waits for the responses before its own."""
        self._unset_keepalive_if_required()
        if self._deadline is None:
            seconds = BODY_SECONDS if self._is_head_complete else HEAD_SECONDS
            self._deadline = self.loop.time() + seconds
        try:
            while self._unparsed and not self.pipeline:
                part, self._unparsed = self._unparsed[:_SLICE], self._unparsed[_SLICE:]
                self._framing += len(part)
                self._hold(len(part))
                while part:
                    part = self._feed(part)
        except _Refusal as refusal:
            self._refuse(refusal.status, str(refusal))
        except httptools.HttpParserError as error:
            cause = error.__context__
            if isinstance(cause, _Refusal):
                self._refuse(cause.status, str(cause))
            else:
                self._refuse(400, "The request is not valid HTTP/1.1.")
        if self._framing > MAX_FRAMING:
            self._refuse(431, "The header fields of the request are too large.")
        if self._unparsed:
            self._deadline = None  # the client does not take its time, but the responses before
            self.transport.pause_reading()

    def _hold(self, size: int) -> None:
        if self._is_refused:
            return
        self._size += size
        _held.size += size
        if _held.size > MAX_HELD and self._size > _ALWAYS_HELD:
            raise _Refusal(503, "The server holds too many requests without a response.")

    def _release(self, size: int) -> None:
        _held.size -= size

    def _end_message(self) -> None:
        self._sizes.append(self._size)
        self._size = 0

    def _feed(self, data: bytes | memoryview) -> bytes | memoryview:
        """What is left to parse. Raises HttpParserError."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._is_offer:
                self._parse_without_offer()
                return data[upgrade.args[0] :]
            self.cycle.keep_alive = False  # after CONNECT the parser reads no more
        return b""

    def _parse_without_offer(self) -> None:
        """Parse the head again, without `Upgrade`, at which the parser left out the body."""
        self._is_offer = False
        version = self.parser.get_http_version().encode()
        head = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)]
        head += [b"%s: %s" % field for field in self.headers if field[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.parser.feed_data(b"\r\n".join([*head, b"", b""]))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header field, or a trailer field."""
        if self._is_head_complete:
            return
        if len(self.headers) == MAX_FIELDS:
            raise _Refusal(431, "The request has too many header fields.")
        # As uvicorn's method, but for the white space that the parser leaves (RFC 9110, 5.5); to
        # call that one would cost a call more for each field.
        field = _read_field((name, value))
        if field[0] == b"expect" and field[1].lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append(field)

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._check_head(self.parser.get_http_version())
        if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            self._is_offer = True
            return
        self._is_head_complete = True
        self._deadline = self.loop.time() + BODY_SECONDS
        super().on_headers_complete()

    def _check_head(self, version: str) -> None:
        hosts = [value.lower() for name, value in self.headers if name == b"host"]
        if version not in ("1.0", "1.1"):
            raise _Refusal(505, "The server speaks HTTP/1.1.")
        if len(hosts) > 1 or (not hosts and version == "1.1"):
            raise _Refusal(400, "The request must have one Host header.")  # RFC 9112, section 3.2
        if len(self.url) > _MAX_URL:
            raise _Refusal(414, "The URL of the request is too long.")
        if self.url[:1] != b"/" and hosts and _get_authority(self.url) not in (b"", hosts[0]):
            raise _Refusal(400, "The URL of the request names another host than its Host header.")
        if version == "1.0":
            self.expect_100_continue = False  # RFC 9110, section 15.2

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._framing -= len(body) * (1 + _FRAMING_PER_BYTE)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        if not self._is_offer:
            if not self._is_refused:
                self._end_message()
            self._is_refused = False
            self._begin_message()
            self._deadline = None
            super().on_message_complete()

    def _begin_message(self) -> None:
        self._framing = 0
        self._is_head_complete = False

    @property
    def is_receiving(self) -> bool:
        """Whether the client may still send something."""
        return self._is_ending or self._deadline is not None or bool(self._unparsed)

    def resume_writing(self) -> None:
        """The client has read nearly all of what was sent."""
        super().resume_writing()
        self._unsent = 0

    def shutdown(self) -> None:
        """The server ends: a request that is not complete by then is given up."""
        super().shutdown()
        for cycle in filter(None, (self.cycle, self._serving)):
            # Who waits for the client to leave is told to stop, sooner.
            self.loop.call_later(STOP_SECONDS, cycle.message_event.set)
        self.loop.call_later(SHUTDOWN_SECONDS, self.transport.abort)

    def _check_time(self) -> None:
        """Refuse a request that takes too long, or end a connection that is not read.

        One timer serves all requests of a connection.
        """
        now = self.loop.time()
        if self._deadline is not None and self._deadline <= now:
            self._refuse(408, "The request took too long.")
            self._deadline = None
        if self._is_unread(now):
            self.transport.abort()
        else:
            at = min(self._deadline or now + HEAD_SECONDS, now + SEND_SECONDS)
            self._timer = self.loop.call_at(at, self._check_time)

    def _is_unread(self, now: float) -> bool:
        """Whether the client has read too little of what is sent, for too long."""
        unsent = self.transport.get_write_buffer_size()
        if not self._unsent or unsent <= self._unsent - _SENT_PART:
            self._unsent, self._unsent_since = unsent, now
        return unsent > 0 and now >= self._unsent_since + SEND_SECONDS

    def _refuse(self, status: int, message: str) -> None:
        self._unparsed = b""
        if self.transport.is_closing():
            return
        if self.cycle and not self.cycle.response_complete and not self._is_head_complete:
            # The responses to the requests before it come first, and then the connection closes.
            self.cycle.keep_alive = False
            self._is_ending = True
            return
        # The sentence is for everybody, so any browser app may read it.
        fields = b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\n"
        fields += b"access-control-allow-origin: *\r\n"
        body = message.encode()
        length = b"content-length: %d\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[status] + fields + length + body)
        self.transport.close()


class _LingeringTransport:
    """A transport that sends a head with what follows it, and reads on when it is closed.

    A connection that is closed with unread bytes is reset, and the client may lose the response; so
    a request that is not complete is read on for a moment.
    """

    def __init__(self, transport: asyncio.Transport, protocol: Http1Protocol) -> None:
        self._transport = transport
        self._protocol = protocol
        self._is_closing = False
        self._head = b""
        self._sending: asyncio.Handle | None = None
        self.write: Callable[[bytes], None] = transport.write

    def hold(self) -> None:
        """Let what is written next wait for what follows it, at most until the loop goes on.

        To write twice costs a call of the system more, and may wake the client twice.
        """
        self._send_head()
        if not self._is_closing:
            self.write = self._write_head

    def _write_head(self, head: bytes) -> None:
        self._head = head
        self._sending = self._protocol.loop.call_soon(self._send_head)
        self.write = self._write_with_head

    def _write_with_head(self, data: bytes) -> None:
        if len(data) > _LARGE:
            self._send_head()
            self.write(data)
        else:
            self._head += data
            self._send_head()

    def _send_head(self) -> None:
        if self._sending:
            self._sending.cancel()
            self._sending = None
            self.write = self._transport.write
            self.write(self._head)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        return self._is_closing or self._transport.is_closing()

    def resume_reading(self) -> None:
        if self._protocol.can_read:
            self._transport.resume_reading()

    def close(self) -> None:
        if self._is_closing:
            return
        self._is_closing = True
        self._send_head()
        self.write = _discard
        if not self._protocol.is_receiving:
            self._transport.close()
            return
        if self._transport.can_write_eof():  # TLS cannot
            self._transport.write_eof()
        self._transport.resume_reading()
        self._protocol.loop.call_later(LINGER_SECONDS, self._transport.close)


def _get_authority(url: bytes) -> bytes:
    """The host and the port in a URL, or nothing."""
    return url.partition(b"://")[2].partition(b"/")[0].partition(b"?")[0].lower()


def _discard(_data: bytes) -> None:
    """Nothing is written after the end."""


def find_connection_limit() -> int | None:
    """How many connections the process has descriptors for, beside its own files."""
    if sys.platform == "win32":  # there is no such limit
        return None
    import resource

    return max(resource.getrlimit(resource.RLIMIT_NOFILE)[0] - _OWN_FILES, _OWN_FILES)
