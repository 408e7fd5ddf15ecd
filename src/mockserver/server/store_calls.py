"""Where the server calls the store: on its event loop, or in threads if the store is a database.

A call to a file takes less than a thread costs. A call to a database waits for the network: in a
thread, so that a database that does not respond stops nothing else.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, NamedTuple, TypeVar

from mockserver.clock import read_monotonic
from mockserver.errors import StoreBusyError
from mockserver.store import BUSY_SECONDS, CONNECTIONS, FileStore, Store, WorldRecord

_PAUSE_SECONDS = 0.002
_SPARE_THREADS = 4
_MOST_TOGETHER = 3_000
"""After so many microseconds, calls that are committed together are."""
_NAPS = 10
_NAP_SECONDS = 0.000_1
"""A pause in which the transaction of another process may end; the event loop's own pauses are of
milliseconds."""

_T = TypeVar("_T")

ReadRecord = Callable[[str], Awaitable[WorldRecord | None]]
"""Reads the record of a sandbox, if there is one of that name."""


class StoreCalls:
    """Calls what uses the store.

    `is_spare` calls, such as those of the readiness, do not wait for those of requests.
    """

    def __init__(self, store: Store) -> None:
        self.is_remote = store.is_remote
        self._writers = _Writers(store) if isinstance(store, FileStore) else None
        self._free = asyncio.Semaphore(CONNECTIONS)
        self._turn = asyncio.Lock()
        self._passed = 0.0
        self._threads = ThreadPoolExecutor(CONNECTIONS, "store")
        self._spare_threads = ThreadPoolExecutor(_SPARE_THREADS, "store-spare")

    async def call(self, function: Callable[[], _T], *, is_spare: bool = False) -> _T:
        """The result of a function. Raises what it raises, and StoreBusyError."""
        if not self.is_remote:
            return function()
        if is_spare:
            return await self.call_in_thread(function)
        loop = asyncio.get_running_loop()
        try:
            await asyncio.wait_for(self._free.acquire(), BUSY_SECONDS)
        except TimeoutError:
            raise StoreBusyError(
                f"All {CONNECTIONS} connections of this process to the store have been in use for "
                f"{BUSY_SECONDS} seconds; try again."
            ) from None
        try:
            return await loop.run_in_executor(self._threads, function)
        finally:
            self._free.release()

    async def call_in_thread(self, function: Callable[[], _T]) -> _T:
        """The result of a function that takes longer than a request. Raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._spare_threads, function)

    async def attempt(
        self, function: Callable[[], _T], *, is_writing: bool = True, is_spare: bool = False
    ) -> _T:
        """Likewise, called again while another transaction has the lock.

        Raises StoreBusyError in time.
        """
        if self._writers is None:
            return await self._attempt_remote(function, is_spare=is_spare)
        if not is_writing:
            try:
                return function()
            except StoreBusyError:  # it has to make the sandbox
                pass
        return await self._writers.call(function)

    async def _attempt_remote(self, function: Callable[[], _T], *, is_spare: bool) -> _T:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            return await self.call(function, is_spare=is_spare)
        except StoreBusyError:
            if loop.time() > began + BUSY_SECONDS:  # the database has waited for the lock itself
                raise
        # One after the other: if all asked again and again, the call that has the lock would hardly
        # get on, and some calls would never have their turn. While others get through, it is not
        # the lock that a call waits for.
        async with self._turn:
            since = max(began, self._passed)
            result = await attempt_again(lambda: self.call(function, is_spare=is_spare), since)
            self._passed = loop.time()
            return result

    def close(self) -> None:
        """Begin no more calls in threads, and wait for those that have begun."""
        for threads in (self._threads, self._spare_threads):
            threads.shutdown(cancel_futures=True)


class _Call(NamedTuple):
    function: Callable[[], Any]
    future: asyncio.Future[Any]
    began: float

    def run(self) -> Any:
        """The result, unless the client has left."""
        return None if self.future.cancelled() else self.function()

    def end(self, result: Any) -> None:
        """Have it return the result, or raise it if it is an error."""
        if self.future.cancelled():
            return
        if isinstance(result, Exception):
            self.future.set_exception(result)
        else:
            self.future.set_result(result)


class _Writers:
    """Calls that write to a file: those that are there at the same time are committed together.

    Each is a part of one transaction, and is undone alone if it raises (ADR 025). To begin and to
    commit takes four tenths of a transaction that adds one document. Another process makes SQLite
    drop what it has read, so that each transaction begins by reading the same pages again.
    """

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self._calls: deque[_Call] = deque()
        self._task: asyncio.Task[None] | None = None

    async def call(self, function: Callable[[], _T]) -> _T:
        """The result of a function, which is committed by then.

        Raises what it raises, and StoreBusyError in time.
        """
        loop = asyncio.get_running_loop()
        in_context = partial(copy_context().run, function)
        call = _Call(in_context, loop.create_future(), loop.time())
        self._calls.append(call)
        if not self._task or self._task.done():
            self._task = loop.create_task(self._run())
        result: _T = await call.future
        return result

    async def _run(self) -> None:
        naps, passed = 0, 0.0
        while self._calls:
            results: list[Any] = []
            try:
                if len(self._calls) == 1:  # it is a transaction of its own
                    results.append(self._calls[0].run())
                else:
                    with self._store.commit_together():
                        results += self._run_some()
            except StoreBusyError as error:
                self._refuse(error, passed)
                if naps < _NAPS:
                    naps += 1
                    time.sleep(_NAP_SECONDS)
                    await asyncio.sleep(0)
                else:
                    await asyncio.sleep(_PAUSE_SECONDS)
                continue
            except Exception as error:  # nothing is committed
                results = [error] * max(len(results), 1)
            for result in results:
                self._calls.popleft().end(result)
            naps, passed = 0, asyncio.get_running_loop().time()
            await asyncio.sleep(0)

    def _run_some(self) -> Iterator[Any]:
        """The results of the first calls, or their errors."""
        end = read_monotonic() + _MOST_TOGETHER
        for call in self._calls:
            try:
                yield call.run()
            except Exception as error:
                yield error
            if read_monotonic() > end:
                return

    def _refuse(self, error: StoreBusyError, passed: float) -> None:
        """End the calls that have waited too long, since `passed` if others had the lock then."""
        latest = asyncio.get_running_loop().time() - BUSY_SECONDS
        while self._calls and max(self._calls[0].began, passed) < latest:
            self._calls.popleft().end(error)


async def attempt_again(attempt: Callable[[], Awaitable[_T]], since: float | None = None) -> _T:
    """Try again while another transaction has the lock, `since` a time of the event loop.

    Raises StoreBusyError in time.
    """
    loop = asyncio.get_running_loop()
    end = (loop.time() if since is None else since) + BUSY_SECONDS
    while True:
        try:
            return await attempt()
        except StoreBusyError:
            if loop.time() > end:
                raise
        await asyncio.sleep(_PAUSE_SECONDS)
