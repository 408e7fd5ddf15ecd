"""HTTP/1.1 connections to upstreams, which are kept open and bounded in time.

h11 parses what an upstream sends and frames what it gets. httpx has no place for interim responses,
trailers, an early response and a request that waits for 100 (ADR 042).
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast
from urllib.parse import urlsplit

import h11

from mockserver.errors import HttpError

MAX_HEAD = 256 * 1024
"""The maximum size of the head of a response."""
PART = 64 * 1024
"""How much of a body is read at a time."""
_MAX_IDLE = 64
"""How many connections to upstreams are kept open without a request."""
_IDLE_SECONDS = 20.0
_SURE_SECONDS = 1.0
"""A connection that was idle for longer may just have been closed by the upstream."""

Fields = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Origin:
    """Where an upstream is, and how long it may take for each step."""

    url: str
    timeout: float = field(compare=False)

    @cached_property
    def address(self) -> tuple[str, int, bool]:
        """Its host, its port, and whether it speaks TLS."""
        parts = urlsplit(self.url)
        is_encrypted = parts.scheme == "https"
        port = parts.port or (443 if is_encrypted else 80)
        return parts.hostname or "", port, is_encrypted

    @property
    def authority(self) -> bytes:
        """What stands in `Host`."""
        return urlsplit(self.url).netloc.encode()

    @property
    def path(self) -> bytes:
        """The path that stands before those of the contract."""
        return urlsplit(self.url).path.encode()


class ClosedEarly(Exception):
    """A connection was closed before the first byte of a response."""


class Connection:
    """A connection to an upstream, with one request at a time."""

    def __init__(
        self, origin: Origin, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.origin = origin
        self.is_reused = False
        self.idle_since = 0.0
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        self._timer: asyncio.Timeout | None = None
        self._is_sent = self._has_begun = False

    async def send_head(self, method: str, target: bytes, fields: Fields) -> None:
        """Send the head of a request. Raises ClosedEarly."""
        self._is_sent = self._has_begun = False
        self._send(h11.Request(method=method.encode(), target=target, headers=fields))
        try:
            await self._drain()
        except OSError as error:
            raise ClosedEarly from error

    async def send_part(self, part: bytes) -> None:
        """Send a part of the body. Raises OSError if the upstream has closed the connection."""
        if part:
            self._send(h11.Data(data=part))
            await self._drain()

    def end_request(self) -> None:
        """The request is complete: from now on, the upstream has to respond in time."""
        self._send(h11.EndOfMessage())
        self._is_sent = True
        if self._timer:
            self._timer.reschedule(asyncio.get_running_loop().time() + self.origin.timeout)

    def _send(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            self._writer.write(data)

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(self.origin.timeout):
                await self._writer.drain()
        except TimeoutError:
            raise self._fail(504, "does not read the request") from None

    async def receive(self) -> h11.Event:
        """The next event of the response. Raises HttpError, and ClosedEarly before the first."""
        try:
            while True:
                event = self._http.next_event()
                if event is h11.PAUSED:  # it sends more than a response
                    raise h11.RemoteProtocolError("something follows the response")
                if event is not h11.NEED_DATA:
                    return cast(h11.Event, event)
                self._http.receive_data(await self._read())
        except h11.ProtocolError as error:
            raise self._fail(502, f"sends what is not valid HTTP/1.1: {error}") from error

    async def _read(self) -> bytes:
        try:
            async with asyncio.timeout(self.origin.timeout if self._is_sent else None) as timer:
                self._timer = timer
                data = await self._reader.read(PART)
        except TimeoutError:
            raise self._fail(504, "does not respond") from None
        except OSError as error:
            if not self._has_begun:
                raise ClosedEarly from error
            raise self._fail(502, "has reset the connection") from error
        finally:
            self._timer = None
        if not data and not self._has_begun:
            raise ClosedEarly
        self._has_begun = True
        return data

    def _fail(self, status: int, sentence: str) -> HttpError:
        return make_upstream_error(self.origin, status, sentence)

    @property
    def is_usable(self) -> bool:
        """Whether the upstream has left an idle connection as it was."""
        return not (self._reader.at_eof() or self._writer.is_closing())

    def prepare(self) -> bool:
        """Prepare for another request; False if there cannot be one."""
        if (self._http.our_state, self._http.their_state) != (h11.DONE, h11.DONE):
            return False
        if self._http.trailing_data[0]:
            return False
        self._http.start_next_cycle()
        self.is_reused = True
        return self.is_usable

    def close(self) -> None:
        """Close the connection at once, whatever is on its way."""
        self._writer.transport.abort()


def make_upstream_error(origin: Origin, status: int, sentence: str) -> HttpError:
    """The error that an upstream does something; 504 for what takes too long."""
    within = f" within {origin.timeout:g} seconds" if status == 504 else ""
    return HttpError(status, f"The upstream '{origin.url}' {sentence}{within}")


class Pool:
    """The connections of a process to upstreams."""

    def __init__(self, make_tls: Callable[[], ssl.SSLContext]) -> None:
        self._make_tls = make_tls
        self._idle: deque[Connection] = deque()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._make_tls()

    async def open(self, origin: Origin, *, is_repeatable: bool) -> Connection:
        """A connection, an idle one if there is one. Raises HttpError.

        A request that is not repeatable gets one that the upstream has surely not closed: it could
        not be sent again (RFC 9110, section 9.2.2).
        """
        now = asyncio.get_running_loop().time()
        seconds = _IDLE_SECONDS if is_repeatable else _SURE_SECONDS
        for connection in reversed(self._idle):
            if connection.origin == origin and now <= connection.idle_since + seconds:
                self._idle.remove(connection)
                if connection.is_usable:
                    connection.origin = origin
                    return connection
                connection.close()
                break
        return await self.open_new(origin)

    async def open_new(self, origin: Origin) -> Connection:
        """A new connection. Raises HttpError."""
        host, port, is_encrypted = origin.address
        try:
            async with asyncio.timeout(origin.timeout):
                reader, writer = await asyncio.open_connection(
                    host, port, limit=PART, ssl=self._tls if is_encrypted else None
                )
        except TimeoutError:
            raise make_upstream_error(origin, 504, "accepts no connection") from None
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise make_upstream_error(origin, 502, f"cannot be reached: {reason}") from error
        return Connection(origin, reader, writer)

    def keep(self, connection: Connection) -> None:
        """Keep a connection open for another request, if there can be one."""
        if not connection.prepare():
            connection.close()
            return
        now = connection.idle_since = asyncio.get_running_loop().time()
        self._idle.append(connection)
        while self._idle and (
            len(self._idle) > _MAX_IDLE or self._idle[0].idle_since < now - _IDLE_SECONDS
        ):
            self._idle.popleft().close()

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()
