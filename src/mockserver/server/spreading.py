"""Spreads new connections evenly over the worker processes of a server (ADR 025).

All workers listen on one socket, and the system decides which of them gets a connection. So each
worker publishes how many connections it has. One that has clearly more than another stops listening
for a moment, so that the other gets the next connection.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from typing import Any
from weakref import WeakSet

import uvloop

from mockserver.server.http1 import Http1Protocol

_TOLERATED = 2
"""How many connections more than another a worker may have.

Clients that open a connection for each request change the numbers all the time; with a smaller
difference, such a request costs more.
"""
_NAP_SECONDS = 0.001
_MOST_NAPS = 10
"""How often a worker leaves a waiting connection to others before it accepts it: they may hang."""
_NOT_LISTENING = -1

_MakeProtocol = Callable[[], asyncio.BaseProtocol]


class ConnectionCounts:
    """How many connections each worker has, in memory that the processes share.

    There is no lock, which a process could hold when it is killed: the parent alone writes which
    workers there are, and each worker its own count.
    """

    def __init__(self, workers: int) -> None:
        context = get_context("spawn")
        self._pids: Any = context.RawArray("i", workers)
        self._counts: Any = context.RawArray("i", [_NOT_LISTENING] * workers)

    def assign(self, pids: Sequence[int | None]) -> None:
        """Note which workers there are: one that replaces another gets its place."""
        for place, pid in enumerate(pids):
            if self._pids[place] != pid:
                self._counts[place] = _NOT_LISTENING
                self._pids[place] = pid

    def publish(self, count: int | None) -> None:
        """Tell the other workers how many connections this one has; None if it does not listen."""
        pid = os.getpid()
        for place, known in enumerate(self._pids):
            if known == pid:
                self._counts[place] = _NOT_LISTENING if count is None else count

    def has_fewer(self, count: int) -> bool:
        """Whether a worker that listens has clearly fewer connections than so many."""
        return any(0 <= other < count - _TOLERATED for other in self._counts)


class SpreadingLoop(uvloop.Loop):
    """The event loop of a worker, whose servers leave connections to other workers."""

    def __init__(self, counts: ConnectionCounts) -> None:
        super().__init__()
        self._counts = counts
        # Weak: a connection whose TLS handshake fails ends without a call of its protocol.
        self._connections: WeakSet[asyncio.BaseProtocol] = WeakSet()
        self._listening = 0

    async def create_server(  # type: ignore[override]
        self, protocol_factory: _MakeProtocol, *, sock: socket.socket, **options: Any
    ) -> SpreadingServer:
        """Listen on a socket that other workers listen on, too."""

        async def listen(make: _MakeProtocol) -> asyncio.AbstractServer:
            # uvloop closes the socket that it was given when it stops listening.
            return await super(SpreadingLoop, self).create_server(make, sock=sock.dup(), **options)

        server = SpreadingServer(self, protocol_factory, sock, listen)
        await server.open()
        self._listening += 1
        self._publish()
        return server

    def end_listening(self) -> None:
        """The other workers do not leave connections to this one any more."""
        self._listening -= 1
        self._publish()

    def add(self, connection: asyncio.BaseProtocol) -> None:
        self._connections.add(connection)
        self._publish()

    def discard(self, connection: asyncio.BaseProtocol) -> None:
        self._connections.discard(connection)
        self._publish()

    def has_more_connections(self) -> bool:
        """Whether this worker has clearly more connections than another one."""
        return self._counts.has_fewer(len(self._connections))

    def _publish(self) -> None:
        self._counts.publish(len(self._connections) if self._listening else None)


class CountedProtocol(Http1Protocol):
    """A connection that counts until it is closed."""

    loop: SpreadingLoop

    def connection_lost(self, exc: Exception | None) -> None:
        """The client, or this side, has closed the connection."""
        super().connection_lost(exc)
        self.loop.discard(self)


class SpreadingServer:
    """Listens on a socket, but for the time in which another worker is to get the connections."""

    def __init__(
        self,
        loop: SpreadingLoop,
        protocol_factory: _MakeProtocol,
        listener: socket.socket,
        listen: Callable[[_MakeProtocol], Any],
    ) -> None:
        self._loop = loop
        self._make_protocol = protocol_factory
        self._listener = listener
        self._listen = listen
        self._server: asyncio.AbstractServer | None = None
        self._is_closed = False
        self._timer: asyncio.Handle | None = None
        self._opening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Listen. Raises OSError."""
        if not self._is_closed:
            self._server = await self._listen(self._make_counted)

    def close(self) -> None:
        """Stop listening, for ever."""
        self._is_closed = True
        if self._timer:
            self._timer.cancel()
        if self._server:
            self._server.close()
        self._loop.remove_reader(self._listener)
        self._loop.end_listening()

    async def wait_closed(self) -> None:
        """Nothing is left to wait for: uvicorn waits for the connections."""

    def _make_counted(self) -> asyncio.BaseProtocol:
        protocol = self._make_protocol()
        self._loop.add(protocol)
        if self._loop.has_more_connections():
            self._loop.call_soon(self._pause)  # the connection is not accepted yet
        return protocol

    def _pause(self) -> None:
        if self._server and not self._is_closed:
            self._server.close()
            self._server = None
            self._loop.add_reader(self._listener, self._note_client)

    def _note_client(self) -> None:
        """A client waits to be accepted."""
        self._loop.remove_reader(self._listener)
        self._look(0)

    def _look(self, naps: int) -> None:
        if naps < _MOST_NAPS and self._loop.has_more_connections():
            self._timer = self._loop.call_later(_NAP_SECONDS, self._look, naps + 1)
        else:
            self._opening = self._loop.create_task(self._reopen())

    async def _reopen(self) -> None:
        try:
            await self.open()
        except OSError:  # no descriptor is free
            self._timer = self._loop.call_later(_NAP_SECONDS, self._look, _MOST_NAPS)
